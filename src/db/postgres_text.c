/* Texts on their way to and from PostgreSQL: parameters ?1 as $1, bound values
 * in the form of the parameter's type, columns as values. */
#include "db/postgres.h"

#include <ctype.h>

#include "base/decimal.h"
#include "base/log.h"

/* --- ?1 as $1 --- */

/* Behind a quoted text or name, or a comment, that begins at `at`; else at. */
static size_t skip_quoted(Str s, size_t at) {
    char c = s.p[at];
    if (c == '\'' || c == '"') {
        const char *end = memchr(s.p + at + 1, c, s.n - at - 1);
        return end ? (size_t)(end - s.p) + 1 : s.n; /* a doubled quote begins another one */
    }
    if (c == '-' && at + 1 < s.n && s.p[at + 1] == '-') {
        const char *end = memchr(s.p + at, '\n', s.n - at);
        return end ? (size_t)(end - s.p) : s.n;
    }
    if (c == '/' && at + 1 < s.n && s.p[at + 1] == '*') {
        const char *end = memmem(s.p + at + 2, s.n - at - 2, "*/", 2);
        return end ? (size_t)(end - s.p) + 2 : s.n;
    }
    return at;
}

char *pg_translate(Str sql) {
    char *text = malloc(sql.n + 1);
    if (!text) log_fatal("db", "out of memory");
    memcpy(text, sql.p, sql.n);
    text[sql.n] = '\0';
    for (size_t i = 0; i < sql.n;) {
        size_t behind = skip_quoted(sql, i);
        if (behind == i && text[i] == '?' && isdigit((unsigned char)text[i + 1])) text[i] = '$';
        i = behind > i ? behind : i + 1;
    }
    return text;
}

/* --- parameters --- */

static bool is_plain_text(Oid type) {
    return type == PG_TEXT || type == PG_VARCHAR || type == PG_BPCHAR || type == PG_JSON;
}

size_t pg_number_text(Oid type, int64_t v, char out[PG_NUMBER_TEXT]) {
    if (type == PG_NUMERIC) return decimal_format(v, out);
    if (type != PG_BOOL) return int_format(v, out);
    memcpy(out, v ? "t" : "f", 2);
    return 1;
}

/* Texts of most types are given as they are, in the "binary" form that has a
 * length; the other types' texts have to end with a NUL. */
PgParams pg_params(PgDb *db, const PgStmt *st) {
    size_t n = (size_t)st->n_params, room = 0;
    PgParams p = {0};
    if (!n) return p;
    p.texts = calloc(n, sizeof *p.texts + 2 * sizeof(int));
    if (!p.texts) log_fatal("db", "out of memory");
    p.lengths = (int *)(p.texts + n);
    p.formats = p.lengths + n;
    for (size_t i = 0; i < n; i++) room += st->values[i].kind == V_TEXT ? st->values[i].s.n + 1 : PG_NUMBER_TEXT;
    buf_reset(&db->scratch);
    char *at = buf_room(&db->scratch, room);
    for (size_t i = 0; at && i < n; i++) {
        const Value *v = &st->values[i];
        if (v->kind == V_NULL) continue;
        if (v->kind == V_TEXT && is_plain_text(st->types[i])) {
            p.texts[i] = v->s.p ? v->s.p : "";
            p.lengths[i] = (int)v->s.n;
            p.formats[i] = 1;
            continue;
        }
        p.texts[i] = at;
        if (v->kind == V_INT) {
            at += pg_number_text(st->types[i], v->i, at) + 1;
        } else {
            if (v->s.n) memcpy(at, v->s.p, v->s.n);
            at[v->s.n] = '\0';
            at += v->s.n + 1;
        }
    }
    if (db->scratch.failed) pg_error_text(&db->base.error, DB_BUG, "parameters too long");
    return p;
}

void pg_params_free(PgParams *p) { free(p->texts); }

/* --- columns --- */

/* "2026-01-15 08:30:00.5+00" -> "2026-01-15T08:30:00Z", as base/time.h has it. */
static bool time_text(Str s, char out[32], Str *text) {
    bool good = s.n >= 22 && s.n < 32 && s.p[4] == '-' && s.p[10] == ' ' && s.p[13] == ':' && str_ends(s, S("+00"));
    if (!good) return false;
    memcpy(out, s.p, 19);
    out[10] = 'T';
    out[19] = 'Z';
    out[20] = '\0';
    *text = (Str){out, 20};
    return true;
}

static bool integer(Str s, Value *out) {
    *out = value_int(0);
    return str_to_int(s, &out->i);
}

bool pg_column(PgDb *db, PgStmt *st, int index, Value *out) {
    const PGresult *r = st->result;
    *out = VALUE_NULL;
    if (index < 0 || index >= PQnfields(r) || PQgetisnull(r, st->row, index)) return true;
    Str s = {PQgetvalue(r, st->row, index), (size_t)PQgetlength(r, st->row, index)};
    bool good = true;
    switch (PQftype(r, index)) {
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID: good = integer(s, out); break;
    case PG_BOOL: *out = value_int(s.n && s.p[0] == 't'); break;
    case PG_NUMERIC:
        *out = value_int(0);
        good = decimal_parse(s, &out->i) == DECIMAL_OK;
        break;
    case PG_TIMESTAMPTZ:
        *out = value_text(STR_NONE);
        good = time_text(s, st->times[index], &out->s);
        break;
    default: *out = value_text(s);
    }
    if (good) return true;
    *out = VALUE_NULL;
    pg_error_text(&db->base.error, DB_BUG, "column \"%s\" has a value that has no place here: %.*s",
                  PQfname(r, index), (int)(s.n > 60 ? 60 : s.n), s.p);
    return false;
}
