/* Tells people what is overdue: of every resource with a due date and finished
 * states, the unfinished records that were due before today. Once for each
 * record and due date: to its owner, or to everybody where there is none.
 *
 * What was due more than a month ago is no news. That, and an index on status
 * and due date and one on what a notification is about, keep a run from
 * looking at more than what is unfinished and late by a month. */
#include <ctype.h>

#include "domain/system/internal.h"

#define KIND      "overdue"
#define DAYS_BACK (-30)
#define AT_ONCE   200 /* notifications of one run */

typedef struct {
    int64_t id, user_id; /* user_id 0: everybody */
    Str name, due;
} Late;

static bool can_be_late(const Model *m) {
    return m->due >= 0 && m->status >= 0 && m->resource->done_states && !(m->resource->flags & R_VIRTUAL);
}

/* A user who has left is nobody to tell. */
static void owner_join(Buf *b, const Model *m) {
    if (m->owner < 0) return;
    buf_fmt(b, " LEFT JOIN users u ON u.organization_id = t.organization_id AND u.id = t.%s AND u.is_active",
            m->fields[m->owner].column.p);
}

static void states_list(Buf *b, const Model *m) {
    const Choice *choices = m->fields[m->status].decl->choices;
    const char *comma = "";
    for (int i = 0; choices[i].name; i++) {
        if (m->resource->done_states & IN(i)) continue;
        buf_fmt(b, "%s'%s'", comma, choices[i].name);
        comma = ", ";
    }
}

static Str late_sql(Ctx *c, const Model *m) {
    const char *due = m->fields[m->due].column.p;
    Buf b;
    buf_init(&b, 1024, 64 * 1024);
    buf_fmt(&b, "SELECT t.id, t.%s, t.%s, %s FROM %s t", m->fields[m->display < 0 ? m->id : m->display].column.p, due,
            m->owner < 0 ? "0" : "u.id", m->table.p);
    owner_join(&b, m);
    buf_c(&b, " WHERE t.organization_id = ?1");
    model_rows_sql(c->app->registry, m, &b);
    buf_fmt(&b, " AND t.%s IN (", m->fields[m->status].column.p);
    states_list(&b, m);
    buf_fmt(&b, ") AND t.%s >= ?2 AND t.%s < ?3 AND NOT EXISTS (SELECT 1 FROM notifications n"
                " WHERE n.organization_id = ?1 AND n.resource = ?4 AND n.record_id = t.id"
                " AND n.kind = '" KIND "' AND n.about_date = t.%s) LIMIT ?5",
            due, due, due);
    Str sql = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return sql;
}

static Str name_of(Ctx *c, Stmt *st) {
    Value v = stmt_value(st, 1);
    return v.kind == V_TEXT ? arena_str(c->arena, v.s) : ctx_fmt(c, "%lld", (long long)stmt_int(st, 0));
}

/* At most `max` of them, in any order: the rest are found by the next run. */
static int late_find(Ctx *c, const Model *m, Late *late, int max) {
    char from[DATE_TEXT];
    int n = 0;
    if (!date_add_days(str_of(c->today), DAYS_BACK, from)) return 0;
    Stmt *st = db_prepare(c->db, late_sql(c, m));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(from));
    stmt_bind_text(st, 3, str_of(c->today));
    stmt_bind_text(st, 4, m->name);
    stmt_bind_int(st, 5, max);
    while (n < max && stmt_step(st))
        late[n++] = (Late){stmt_int(st, 0), stmt_int(st, 3), name_of(c, st), arena_str(c->arena, stmt_text(st, 2))};
    stmt_reset(st);
    return n;
}

static bool late_tell(Ctx *c, const Model *m, const Late *late) {
    const char *what = m->resource->singular;
    Notification n = {.type = NOTIFY_WARNING,
                      .kind = KIND,
                      .message = ctx_fmt(c, "%c%s %.*s was due on %.*s", toupper((unsigned char)*what), what + 1,
                                         STR_ARG(late->name), STR_ARG(late->due)),
                      .user_id = late->user_id,
                      .resource = m->name.p,
                      .record_id = late->id,
                      .about_date = late->due};
    return notification_add(c, &n);
}

bool overdue_run(Ctx *c) {
    const Registry *r = c->app->registry;
    Late late[AT_ONCE];
    int told = 0;
    for (int i = 0; i < r->n && told < AT_ONCE; i++) {
        const Model *m = &r->models[i];
        int n = can_be_late(m) ? late_find(c, m, late, AT_ONCE - told) : 0;
        if (db_failed(c->db)) return db_fail(c->db, &c->err);
        for (int k = 0; k < n; k++)
            if (!late_tell(c, m, &late[k])) return false;
        told += n;
    }
    return true;
}
