/* What the journal tells of a window of days: statistics, and the entries day
 * by day. A day is the organization's. Only what lies in the window is read,
 * through an index, however long the journal is. */
#include "model/journal.h"
#include "model/plan.h"

#define DEFAULT_DAYS 30
#define WINDOW_DAYS  366
#define DAY_S        86400
#define TOP_USERS    10
#define ENTRIES_MAX  500

typedef struct {
    char from[DATE_TEXT], to[DATE_TEXT]; /* both days belong to it */
    char start[TIME_TEXT], end[TIME_TEXT];
} Window;

static void date_put(char out[DATE_TEXT], Str date) {
    memcpy(out, date.p, DATE_TEXT - 1);
    out[DATE_TEXT - 1] = '\0';
}

static bool window_fits(Ctx *c, const Window *w) {
    char longest[DATE_TEXT];
    if (strcmp(w->from, w->to) > 0)
        return fail(c, E_BAD_QUERY, "from must not be later than to (%s)", w->to);
    if (!date_add_days(str_of(w->from), WINDOW_DAYS - 1, longest) || strcmp(w->to, longest) <= 0) return true;
    return fail(c, E_BAD_QUERY, "from and to may span at most %d days", WINDOW_DAYS);
}

static bool window_read(Ctx *c, const Call *call, Window *w) {
    Str from = call_text(call, "from"), to = call_text(call, "to");
    char next[DATE_TEXT];
    date_put(w->to, to.n ? to : str_of(c->today));
    date_put(w->from, str_of(w->to));
    if (from.n)
        date_put(w->from, from);
    else
        date_add_days(str_of(w->to), 1 - DEFAULT_DAYS, w->from);
    if (!window_fits(c, w)) return false;
    time_format(date_start(str_of(w->from), c->zone), w->start);
    bool last = !date_add_days(str_of(w->to), 1, next);
    time_format(last ? INT64_MAX : date_start(str_of(next), c->zone), w->end);
    return true;
}

/* No entry is anybody's own, so who may read only those reads none. */
static bool may_see(Ctx *c, const Call *call) {
    return ctx_may(c, call->view->model, MAY_READ) == MAY_ALL ||
           fail(c, E_FORBIDDEN, "this needs the permission audit-logs:read on all records");
}

/* --- statistics --- */

/* The entries are read once and grouped by what the three lists are made of. */
static const char groups_sql[] =
    "WITH g AS MATERIALIZED (SELECT action, resource, user_id, count(*) AS n FROM journal "
    "WHERE organization_id = ?1 AND at >= ?2 AND at < ?3 GROUP BY action, resource, user_id) "
    "SELECT 0 AS list, action AS name, CAST(NULL AS bigint) AS user_id, CAST(sum(n) AS bigint) AS total FROM g GROUP BY action "
    "UNION ALL SELECT 1, resource, NULL, CAST(sum(n) AS bigint) FROM g GROUP BY resource "
    "UNION ALL SELECT 2, coalesce((SELECT u.username FROM users u WHERE u.organization_id = ?1 "
    "AND u.id = g.user_id), 'system'), user_id, CAST(sum(n) AS bigint) FROM g GROUP BY user_id "
    "ORDER BY 1, 4 DESC, 2, 3";

typedef struct {
    int64_t total;
    int users, list;
} Groups;

static void list_begin(Json *j, int list) {
    static const char *const names[] = {"by_action", "by_resource", "by_user"};
    js_key(j, str_of(names[list]));
    if (list == 2)
        js_begin_array(j);
    else
        js_begin_object(j);
}

static void lists_up_to(Json *j, Groups *g, int list) {
    while (g->list < list) {
        if (g->list >= 0) js_end_object(j);
        list_begin(j, ++g->list);
    }
}

static void user_group(Json *j, Groups *g, Stmt *st) {
    if (g->users++ == TOP_USERS) g->users = TOP_USERS + 1;
    if (g->users > TOP_USERS) return;
    Value user = stmt_value(st, 2);
    js_begin_object(j);
    js_key(j, S("user_id"));
    T_INT.to_json(j, &user);
    js_field_str(j, "username", stmt_text(st, 1));
    js_field_int(j, "count", stmt_int(st, 3));
    js_end_object(j);
}

static void group_write(Json *j, Groups *g, Stmt *st) {
    int list = (int)stmt_int(st, 0);
    lists_up_to(j, g, list);
    if (list == 2) {
        user_group(j, g, st);
        return;
    }
    js_key(j, stmt_text(st, 1));
    js_int(j, stmt_int(st, 3));
    if (list == 0) g->total += stmt_int(st, 3);
}

static bool groups_write(Ctx *c, const Window *w) {
    Json *j = &c->out;
    Groups g = {.list = -1};
    Stmt *st = db_prepare(c->db, str_of(groups_sql));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(w->start));
    stmt_bind_text(st, 3, str_of(w->end));
    while (stmt_step(st)) group_write(j, &g, st);
    stmt_reset(st);
    lists_up_to(j, &g, 2);
    js_end_array(j);
    js_field_int(j, "total_logs", g.total);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool recent_write(Ctx *c) {
    char since[TIME_TEXT];
    time_format(c->now - DAY_S, since);
    Stmt *st = db_prepare(c->db, S("SELECT count(*) FROM journal WHERE organization_id = ?1 AND at > ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(since));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    js_field_int(&c->out, "recent_activity_24h", n);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

bool journal_stats(Ctx *c, Call *call) {
    Window w;
    if (!may_see(c, call) || !window_read(c, call, &w)) return false;
    js_begin_object(&c->out);
    js_field_c(&c->out, "from", w.from);
    js_field_c(&c->out, "to", w.to);
    bool ok = groups_write(c, &w) && recent_write(c);
    js_end_object(&c->out);
    return ok;
}

/* --- timeline --- */

/* A record's entries are few: they are taken out first, so that no plan walks
 * through the window for them. */
static void record_sql(Sql *s, const Model *m, const Call *call) {
    sql_add(s, S("WITH r AS MATERIALIZED (SELECT t.*"));
    sql_from(s, m);
    sql_add(s, S(" AND t.resource = "));
    sql_bind(s, call_value(call, "resource"));
    sql_add(s, S(" AND t.record_id = "));
    sql_bind(s, call_value(call, "record_id"));
    sql_add(s, S(") "));
}

static void bound_sql(Sql *s, const char *condition, const char *time) {
    sql_add(s, str_of(condition));
    sql_bind(s, value_text(str_of(time)));
}

static Stmt *timeline_sql(Ctx *c, const Call *call, const Window *w, const Plan *plan) {
    Sql s;
    bool record = call_value(call, "record_id").kind != V_NULL;
    sql_begin(&s, c);
    if (record) record_sql(&s, plan->model, call);
    sql_add(&s, S("SELECT "));
    plan_select(&s, plan);
    if (record)
        sql_add(&s, S(" FROM r t WHERE t.organization_id = ?1"));
    else
        sql_from(&s, plan->model);
    if (!record && call_text(call, "resource").n) {
        sql_add(&s, S(" AND t.resource = "));
        sql_bind(&s, call_value(call, "resource"));
    }
    bound_sql(&s, " AND t.at >= ", w->start);
    bound_sql(&s, " AND t.at < ", w->end);
    buf_fmt(&s.text, " ORDER BY t.at DESC, t.id DESC LIMIT %d", ENTRIES_MAX);
    return sql_prepare(&s);
}

static void entry_write(Ctx *c, const Plan *plan, Stmt *st, char day[DATE_TEXT]) {
    Json *j = &c->out;
    char here[DATE_TEXT];
    int64_t at = 0;
    int column = plan->column_of[model_field(plan->model, "at")->index];
    time_parse(stmt_text(st, column), &at);
    date_in_zone(at, c->zone, here);
    if (strcmp(here, day) != 0) {
        if (*day) js_end_array(j);
        js_key(j, str_of(here));
        js_begin_array(j);
        memcpy(day, here, DATE_TEXT);
    }
    js_begin_object(j);
    plan_write(j, plan, st, NULL);
    js_end_object(j);
}

bool journal_timeline(Ctx *c, Call *call) {
    Window w;
    Plan plan;
    char day[DATE_TEXT] = "";
    if (!may_see(c, call) || !window_read(c, call, &w)) return false;
    if (call_value(call, "record_id").kind != V_NULL && !call_text(call, "resource").n)
        return fail(c, E_BAD_QUERY, "record_id needs a resource beside it");
    plan_make(c, &plan, call->view, set_all(), (FieldSet){{0, 0}});
    Stmt *st = timeline_sql(c, call, &w, &plan);
    js_begin_object(&c->out);
    while (stmt_step(st)) entry_write(c, &plan, st, day);
    stmt_reset(st);
    if (*day) js_end_array(&c->out);
    js_end_object(&c->out);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
