/* Tells of issues whose response or resolution is late: once for each, to who
 * has the issue, or to everybody. What was due more than a month ago is no news;
 * that and the index on next_due keep a run to what is late. */
#include "domain/support/internal.h"

#define BACK_S  ((int64_t)30 * 24 * 3600)
#define AT_ONCE 200 /* notifications of one run */

typedef struct {
    int64_t id, user_id; /* user_id 0: everybody */
    Str number, due;
    bool answered;
} Late;

static const char late_sql[] =
    "SELECT t.id, t.number, t.next_due, u.id, t.first_responded_at IS NOT NULL FROM issues t"
    " LEFT JOIN users u ON u.organization_id = t.organization_id AND u.id = t.assigned_to AND u.is_active"
    " WHERE t.organization_id = ?1 AND t.next_due >= ?2 AND t.next_due < ?3 AND NOT EXISTS"
    " (SELECT 1 FROM notifications n WHERE n.organization_id = ?1 AND n.resource = 'issues' AND n.record_id = t.id"
    " AND n.kind = CASE WHEN t.first_responded_at IS NULL THEN 'response_late' ELSE 'resolution_late' END"
    " AND CAST(n.about_date AS text) = substr(CAST(t.next_due AS text), 1, 10)) LIMIT ?4";

static int late_find(Ctx *c, Late *late) {
    char from[TIME_TEXT];
    int n = 0;
    time_format(c->now - BACK_S, from);
    Stmt *st = db_prepare(c->db, str_of(late_sql));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, str_of(from));
    stmt_bind_text(st, 3, str_of(c->now_text));
    stmt_bind_int(st, 4, AT_ONCE);
    while (n < AT_ONCE && stmt_step(st))
        late[n++] = (Late){stmt_int(st, 0), stmt_int(st, 3), arena_str(c->arena, stmt_text(st, 1)),
                           arena_str(c->arena, stmt_text(st, 2)), stmt_int(st, 4) != 0};
    stmt_reset(st);
    return n;
}

static bool late_tell(Ctx *c, const Late *late) {
    const char *what = late->answered ? "to be solved" : "to be answered";
    Notification n = {.type = NOTIFY_WARNING,
                      .kind = late->answered ? "resolution_late" : "response_late",
                      .message = ctx_fmt(c, "Issue %.*s was %s by %.*s", STR_ARG(late->number), what, STR_ARG(late->due)),
                      .user_id = late->user_id,
                      .resource = "issues",
                      .record_id = late->id,
                      .about_date = {late->due.p, DATE_TEXT - 1}};
    return notification_add(c, &n);
}

bool issue_breaches_run(Ctx *c) {
    Late late[AT_ONCE];
    int n = late_find(c, late);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    for (int i = 0; i < n; i++)
        if (!late_tell(c, &late[i])) return false;
    return true;
}
