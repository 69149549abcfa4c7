/* Issues: what a customer, or somebody inside, wants solved.
 *
 *   open ──start, assign──▶ in_progress ──resolve──▶ resolved ──close──▶ closed
 *     └──────────resolve, close─────────────▶┘                            │
 *   resolved, closed ──reopen──▶ open
 *   open, in_progress ──hold──▶ the clock stands ──resume──▶ it runs again
 *
 * Invariants: who resolved it and when are set as long as it is resolved or
 * closed, and not otherwise; the first response is stamped once, when staff
 * answer or the status leaves open; next_due is null exactly while nothing is
 * owed. A customer's users see their customer's issues, without what is nobody
 * else's business (client_hides). */
#include "domain/support/internal.h"

enum { OPEN, IN_PROGRESS, RESOLVED, CLOSED };
static const Choice states[] = {{"open"}, {"in_progress"}, {"resolved"}, {"closed"}, {0}};
static const Choice priorities[] = {{"low"}, {"medium"}, {"high"}, {"urgent", "critical"}, {0}};
static const Choice categories[] = {
    {"general"}, {"delivery"}, {"quality"}, {"billing", "payment"}, {"communication"}, {"technical"}, {"other"}, {0},
};
static const Choice sources[] = {{"internal"}, {"client_raised", "client"}, {0}};

static const Field fields[] = {
    {"issue_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_READONLY | F_SCAN, .column = "number",
     .series = "ISS-{year}-{seq:4}", .also = "number,code", .example = "\"ISS-2026-0001\""},
    {"title", &T_TEXT, F_REQUIRED | F_SEARCH, .example = "\"Two rolls arrived wet\""},
    {"description", &T_LONG_TEXT, F_SEARCH, .example = "\"The outer wrapping was torn.\""},
    {"priority", &T_ENUM, F_FILTER | F_SORT, .choices = priorities, .fallback = "medium"},
    {"category", &T_ENUM, F_FILTER, .choices = categories, .fallback = "general"},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "open"},
    {"source", &T_ENUM, F_FILTER | F_CREATE_ONLY, .choices = sources, .fallback = "internal",
     .help = "client_raised: by a customer's own user, or taken down for them"},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .also = "employee_id"},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers", .also = "raised_by_customer", .help = "whom it is about"},
    {"vendor_id", &T_REF, F_FILTER, .ref = "vendors"},
    {"order_id", &T_REF, F_FILTER, .ref = "orders", .help = "of any type"},
    {"resolution_notes", &T_LONG_TEXT, 0},
    {"resolved_at", &T_TIME, F_READONLY | F_FILTER},
    {"resolved_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users"},
    {"closed_at", &T_TIME, F_READONLY},
    {"response_due", &T_TIME, F_READONLY | F_FILTER, .help = "the first answer, in working hours by the priority's target"},
    {"resolution_due", &T_TIME, F_READONLY | F_FILTER | F_SORT, .help = "the solution; later by what it was on hold"},
    {"next_due", &T_TIME, F_READONLY | F_FILTER | F_SORT, .help = "what is owed first; null on hold and when solved"},
    {"first_responded_at", &T_TIME, F_READONLY},
    {"clock_started_at", &T_TIME, F_READONLY, .fallback = "now", .help = "when it was raised, or reopened"},
    {"on_hold_since", &T_TIME, F_READONLY},
    {"paused_seconds", &T_INT, F_READONLY, .fallback = "0", .help = "working time on hold, since the clock started"},
};

/* --- check --- */

static bool assignee_check(Ctx *c, const Change *ch) {
    const Value user = row_get(ch->row, "assigned_to");
    Row row;
    if (user.kind != V_INT || !change_altered(ch, "assigned_to") || c->err.kind != E_NONE) return true;
    if (record_seek(c, ctx_model(c, "users"), &(Seek){"id = ?2 AND is_active AND customer_id IS NULL", &user, 1}, &row)) return true;
    return c->err.kind == E_NONE && error_issue(&c->err, S("assigned_to"), "inactive", "must be an active user of the organization");
}

static void client_check(Ctx *c, Change *ch) {
    if (!c->client_id || ch->before) return;
    change_set(ch, "source", value_text(str_of(sources[1].name)));
    if (row_get(ch->row, "resolution_notes").kind != V_NULL)
        error_issue(&c->err, S("resolution_notes"), "read_only", "are written by who resolves it");
}

static bool is_in(const Row *issue, int state) { return str_is(row_get(issue, "status").s, states[state].name); }

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return issue_comments_follow(c, ch);
    client_check(c, ch);
    if (!assignee_check(c, ch)) return false;
    if (!is_in(ch->row, OPEN) && row_get(ch->row, "first_responded_at").kind == V_NULL)
        change_set(ch, "first_responded_at", now_value(c));
    return issue_targets_set(c, ch);
}

/* --- saved --- */

static bool tell(Ctx *c, const Change *ch, int64_t user_id, const char *kind) {
    const Row *row = ch->row;
    Notification n = {.type = NOTIFY_INFO, .kind = kind, .user_id = user_id, .resource = ch->model->name.p,
                      .record_id = row_get(row, "id").i};
    Str number = row_get(row, "issue_number").s, title = row_get(row, "title").s;
    n.message = ctx_fmt(c, "%s: %.*s %.*s", user_id ? "Yours now" : "A customer has raised an issue", STR_ARG(number), STR_ARG(title));
    return notification_add(c, &n);
}

static bool saved(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    const Value user = row_get(ch->row, "assigned_to");
    if (ch->before && change_altered(ch, "customer_id") && !issue_comments_follow(c, ch)) return false;
    if (user.kind == V_INT && user.i != c->user_id && change_altered(ch, "assigned_to"))
        return tell(c, ch, user.i, "issue_assigned");
    return ch->before || !c->client_id || tell(c, ch, 0, "issue_raised");
}

/* --- transitions --- */

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static const Field assign_input[] = {
    {"assigned_to", &T_REF, F_REQUIRED, .ref = "users", .also = "employee_id,user_id", .help = "an active user"},
};

static bool assign(Ctx *c, Change *ch) {
    (void)c;
    if (ch->call) change_set(ch, "assigned_to", input_of(ch, "assigned_to"));
    return true;
}

static const Field resolve_input[] = {
    {"resolution_notes", &T_LONG_TEXT, 0, .also = "notes", .example = "\"Two rolls were sent again.\"",
     .help = "added behind the notes there are"},
};

static void notes_add(Ctx *c, Change *ch) {
    Str more = input_of(ch, "resolution_notes").s, old = row_get(ch->row, "resolution_notes").s;
    if (!more.n) return;
    Str both = old.n ? ctx_fmt(c, "%.*s\n\n%.*s", STR_ARG(old), STR_ARG(more)) : more;
    change_set(ch, "resolution_notes", value_text(both));
}

static bool resolve(Ctx *c, Change *ch) {
    notes_add(c, ch);
    change_set(ch, "resolved_at", now_value(c));
    change_set(ch, "resolved_by", me_value(c));
    return issue_pause_end(c, ch);
}

static bool close_issue(Ctx *c, Change *ch) {
    change_set(ch, "closed_at", now_value(c));
    return row_get(ch->row, "resolved_at").kind != V_NULL || resolve(c, ch);
}

static bool reopen(Ctx *c, Change *ch) {
    static const char *const cleared[] = {"resolved_at", "resolved_by", "closed_at"};
    for (size_t i = 0; i < sizeof cleared / sizeof *cleared; i++) change_set(ch, cleared[i], VALUE_NULL);
    change_set(ch, "clock_started_at", now_value(c));
    change_set(ch, "paused_seconds", value_int(0));
    return true;
}

static bool on_hold(const Change *ch) { return row_get(ch->row, "on_hold_since").kind != V_NULL; }
static bool runs(Ctx *c, const Change *ch) { return !on_hold(ch) || fail(c, E_STATE, "the issue is on hold already: resume it first"); }
static bool stands(Ctx *c, const Change *ch) { return on_hold(ch) || fail(c, E_STATE, "the issue is not on hold"); }

static bool hold(Ctx *c, Change *ch) {
    change_set(ch, "on_hold_since", now_value(c));
    return true;
}

/* --- lists and statistics --- */

#define SOON_S ((int64_t)24 * 3600)

/* To the minute: whoever looks again soon is told from the same count. */
static Value minute(Ctx *c, int64_t t) {
    char text[TIME_TEXT];
    time_format(t - t % 60, text);
    return value_text(arena_str(c->arena, str_of(text)));
}

static bool breached(Ctx *c, Query *q) { return query_narrow(c, q, "next_due", OP_LT, minute(c, c->now)); }

static bool due_soon(Ctx *c, Query *q) {
    return query_narrow(c, q, "next_due", OP_GTE, minute(c, c->now)) &&
           query_narrow(c, q, "next_due", OP_LT, minute(c, c->now + SOON_S));
}

static bool narrowed_write(Ctx *c, const Query *all, const char *key, bool (*narrow)(Ctx *c, Query *q)) {
    Query q = *all;
    int64_t total;
    if (!narrow(c, &q) || !query_total(c, &q, &total)) return false;
    js_key(&c->out, str_of(key));
    js_int(&c->out, total);
    return true;
}

static bool stats(Ctx *c, Call *call) {
    static const Choice also_urgent[] = {{"urgent", "critical"}, {0}}, also_billing[] = {{"billing", "payment"}, {0}};
    const Query *q = call->query;
    int64_t total;
    if (!query_total(c, q, &total)) return false;
    js_begin_object(&c->out);
    js_field_int(&c->out, "total", total);
    if (!query_counts_write(c, q, "by_status", "status", NULL) || !query_counts_write(c, q, "by_priority", "priority", also_urgent) ||
        !query_counts_write(c, q, "by_category", "category", also_billing))
        return false;
    if (!call->view->client && (!query_counts_write(c, q, "by_source", "source", NULL) || !narrowed_write(c, q, "breached", breached) ||
                                !narrowed_write(c, q, "due_soon", due_soon)))
        return false;
    js_end_object(&c->out);
    return true;
}

static const Field stats_answer[] = {
    {"total", &T_INT, F_REQUIRED},
    {"by_status", &T_JSON, F_REQUIRED, .example = "{\"open\": 1, \"in_progress\": 0, \"resolved\": 0, \"closed\": 0}"},
    {"by_priority", &T_JSON, F_REQUIRED, .example = "{\"low\": 0, \"medium\": 1, \"high\": 0, \"urgent\": 0, \"critical\": 0}",
     .help = "critical is urgent again"},
    {"by_category", &T_JSON, F_REQUIRED, .example = "{\"delivery\": 1, \"billing\": 0, \"payment\": 0}", .help = "payment is billing again"},
    {"by_source", &T_JSON, 0, .example = "{\"internal\": 1, \"client_raised\": 0}", .help = "for staff"},
    {"breached", &T_INT, 0, .help = "late by their targets; for staff"},
    {"due_soon", &T_INT, 0, .help = "within the next 24 hours; for staff"},
};

static const Action actions[] = {
    {"start", 0, "Somebody works on it", IN(OPEN), IN_PROGRESS},
    {"assign", 0, "Give it to somebody, who is told; an open one is then in progress", IN(OPEN) | IN(IN_PROGRESS), IN_PROGRESS,
     INPUT(assign_input), .effect = assign},
    {"resolve", 0, "It is solved", IN(OPEN) | IN(IN_PROGRESS), RESOLVED, INPUT(resolve_input), .effect = resolve},
    {"close", 0, "Nothing more will be done", IN(OPEN) | IN(IN_PROGRESS) | IN(RESOLVED), CLOSED, INPUT(resolve_input),
     .effect = close_issue},
    {"reopen", 0, "It is not solved after all: the clock starts again, the notes stay", IN(RESOLVED) | IN(CLOSED), OPEN, .effect = reopen},
    {"hold", 0, "Wait for somebody else: the clock stands", IN(OPEN) | IN(IN_PROGRESS), STAY, .guard = runs, .effect = hold},
    {"resume", 0, "The wait is over", IN(OPEN) | IN(IN_PROGRESS), STAY, .permission = "hold", .guard = stands, .effect = issue_pause_end},
    {"comment", ACTION_CREATES, "Say something about it; the first answer by staff is its response", .input = issue_comment_input,
     .n_input = ISSUE_COMMENT_INPUTS, .answer = issue_comment_answer, .n_answer = ISSUE_COMMENT_ANSWERS, .run = issue_comment},
    {"comments", .summary = "What was said about it, oldest first", LIST_OF("issue-comments", "issue_id"), .list_order = "id"},
    TIMELINE,
    {"breached", ACTION_COLLECTION, "Whose response or resolution is late", .permission = "read", .narrow = breached},
    {"due-soon", ACTION_COLLECTION, "Whose response or resolution is due within 24 hours", .permission = "read", .narrow = due_soon},
    {"stats", ACTION_COLLECTION | ACTION_GET | ACTION_FILTERED, "Statistics of issues", .permission = "read", ANSWER(stats_answer),
     .run = stats},
};

static const char *const client_hides[] = {
    "source", "assigned_to", "customer_id", "vendor_id", "resolved_by", "closed_at", "response_due", "resolution_due", "next_due",
    "first_responded_at", "clock_started_at", "on_hold_since", "paused_seconds", "created_by", NULL,
};
static const char *const client_offers[] = {"list", "create", "get", "export", "comment", "comments", "timeline", "stats", NULL};
static const Alias aliases[] = {{.path = "client/issues", .hides = client_hides, .offers = client_offers, .client = true}};

static const char *const checks[] = {"(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", NULL};

const Resource issues = {
    .name = "issues",
    .area = "support",
    .singular = "issue",
    .summary = "What a customer, or somebody inside, wants solved.",
    .display = "issue_number",
    .key = "issue_number",
    .owner = "assigned_to",
    .client = "customer_id",
    FIELDS(fields),
    .checks = checks,
    ALIASES(aliases),
    ACTIONS(actions),
    .done_states = IN(RESOLVED) | IN(CLOSED),
    .check = check,
    .saved = saved,
};
