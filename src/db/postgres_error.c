/* PostgreSQL's SQLSTATEs as DbStatus, with the names of what was violated as
 * the floors above explain them. */
#include "db/postgres.h"

#include <ctype.h>

static const struct {
    const char *state; /* or its first two characters, the class */
    DbStatus status;
    bool again;
} states[] = {
    {"23505", DB_UNIQUE, false},
    {"23503", DB_FOREIGN_KEY, false},
    {"23502", DB_NOT_NULL, false},
    {"23514", DB_CHECK, false},
    {"23P01", DB_CHECK, false},
    {"23", DB_FOREIGN_KEY, false},
    {"P0001", DB_CHECK, false}, /* RAISE EXCEPTION in a trigger: its message is the name */
    {"40001", DB_BUSY, true},
    {"40P01", DB_BUSY, true},
    {"40003", DB_UNKNOWN, false},
    {"55P03", DB_BUSY, false}, /* lock_timeout */
    {"57014", DB_BUSY, false}, /* statement_timeout */
    {"53100", DB_FULL, false},
    {"53200", DB_BUSY, false}, /* out of memory */
    {"53", DB_DOWN, false},
    {"08", DB_DOWN, false},
    {"57", DB_DOWN, false},    /* shutting down, starting up, terminated */
    {"58", DB_DOWN, false},    /* I/O error */
    {"25P03", DB_DOWN, false}, /* idle in a transaction for too long: terminated */
    {"28", DB_DOWN, false},    /* not let in */
    {"3D000", DB_DOWN, false}, /* no such database */
    {"XX001", DB_DOWN, false}, /* corrupted */
    {"XX002", DB_DOWN, false},
};

void pg_error_text(DbError *e, DbStatus status, const char *format, ...) {
    if (e->status != DB_OK) return;
    va_list args;
    *e = (DbError){.status = status};
    va_start(args, format);
    vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    /* libpq's texts have several lines; a log line is one. */
    size_t n = strlen(e->message);
    while (n && isspace((unsigned char)e->message[n - 1])) e->message[--n] = '\0';
    for (char *p = e->message; *p; p++)
        if (*p == '\n' || *p == '\t') *p = ' ';
}

/* "Key (organization_id, code)=(1, a) already exists." -> "part.organization_id, part.code" */
static bool name_key(char *out, size_t room, const char *table, const char *detail) {
    const char *begin = detail ? strchr(detail, '(') : NULL, *end = begin ? strstr(begin, ")=(") : NULL;
    if (!end) return false;
    Str rest = {begin + 1, (size_t)(end - begin - 1)};
    size_t n = 0;
    while (rest.n && n < room) {
        Str column = str_trim(str_cut(rest, ',', &rest));
        int wrote = snprintf(out + n, room - n, "%s%s.%.*s", n ? ", " : "", table, STR_ARG(column));
        n += (size_t)wrote;
    }
    return true;
}

/* With row-level security the server keeps the detail back: it could tell of
 * rows that are not the caller's. */
static const char *columns_of(const PgDb *db, const char *index) {
    for (int i = 0; db->uniques && i < PQntuples(db->uniques); i++)
        if (strcmp(PQgetvalue(db->uniques, i, 0), index) == 0) return PQgetvalue(db->uniques, i, 1);
    return NULL;
}

static const char *field(const PGresult *r, int code) {
    const char *text = PQresultErrorField(r, code);
    return text ? text : "";
}

static void name_violated(const PgDb *db, DbError *e, const PGresult *r) {
    const char *table = field(r, PG_DIAG_TABLE_NAME), *constraint = field(r, PG_DIAG_CONSTRAINT_NAME);
    const char *known = e->status == DB_UNIQUE ? columns_of(db, constraint) : NULL;
    if (e->status == DB_NOT_NULL)
        snprintf(e->columns, sizeof e->columns, "%s.%s", table, field(r, PG_DIAG_COLUMN_NAME));
    else if (e->status == DB_CHECK)
        snprintf(e->columns, sizeof e->columns, "%s", *constraint ? constraint : field(r, PG_DIAG_MESSAGE_PRIMARY));
    else if (known)
        snprintf(e->columns, sizeof e->columns, "%s", known);
    else if (e->status == DB_UNIQUE && !name_key(e->columns, sizeof e->columns, table, PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL)))
        snprintf(e->columns, sizeof e->columns, "%s", constraint);
}

void pg_error(PgDb *db, const PGresult *r) {
    DbError *e = &db->base.error;
    const char *state = field(r, PG_DIAG_SQLSTATE);
    DbStatus status = DB_BUG;
    bool again = false;
    if (e->status != DB_OK) return;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strncmp(states[i].state, state, strlen(states[i].state)) != 0) continue;
        status = states[i].status;
        again = states[i].again;
        break;
    }
    /* What was the primary is a standby now, and the primary another host of the URL. */
    if (db->mode == DB_WRITE && strcmp(state, "25006") == 0) status = DB_DOWN;
    const char *message = field(r, PG_DIAG_MESSAGE_PRIMARY), *constraint = field(r, PG_DIAG_CONSTRAINT_NAME);
    pg_error_text(e, status, "%s (%s%s%s)", *message ? message : PQresultErrorMessage(r), *state ? state : "no SQLSTATE",
                  *constraint ? ", " : "", constraint);
    e->again = again;
    name_violated(db, e, r);
}
