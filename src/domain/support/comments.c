/* Comments on issues. Internal ones are among staff; the others are for the
 * issue's customer too, who is named in them: what a customer's users see is
 * where their customer stands, so an internal one never reaches them. */
#include "domain/support/internal.h"

static const Field fields[] = {
    {"issue_id", &T_REF, F_REQUIRED | F_FILTER | F_CREATE_ONLY, .ref = "issues"},
    {"content", &T_LONG_TEXT, F_REQUIRED | F_SEARCH, .also = "comment", .example = "\"We are looking into it.\""},
    {"internal", &T_BOOL, F_FILTER | F_CREATE_ONLY, .fallback = "false", .also = "is_internal", .help = "among staff only"},
    {"by_customer", &T_BOOL, F_READONLY | F_FILTER | F_UNINDEXED, .fallback = "false", .help = "written by the customer's own user"},
    {"customer_id", &T_REF, F_READONLY | F_FILTER, .ref = "customers", .help = "who may read it beside staff: the issue's; null when internal"},
};

/* Of who answers, customers are told that they are staff. */
static const char *const client_hides[] = {"created_by", "customer_id", NULL};
static const char *const client_offers[] = {"list", "get", NULL};
static const Alias aliases[] = {
    {.path = "client/issue-comments", .hides = client_hides, .offers = client_offers, .client = true},
};

const Resource issue_comments = {
    .name = "issue-comments",
    .area = "support",
    .singular = "comment",
    .summary = "What was said about issues; made at /issues/{id}/comment.",
    .flags = R_NO_CREATE | R_TRACKED,
    .client = "customer_id",
    FIELDS(fields),
    ALIASES(aliases),
};

const Field issue_comment_input[ISSUE_COMMENT_INPUTS] = {
    {"content", &T_LONG_TEXT, F_REQUIRED, .also = "comment,text", .example = "\"We are looking into it.\""},
    {"internal", &T_BOOL, 0, .also = "is_internal", .help = "among staff only; false when left out"},
};

const Field issue_comment_answer[ISSUE_COMMENT_ANSWERS] = {
    {"id", &T_ID, F_REQUIRED, .help = "of the comment"},
    {"issue_id", &T_ID, F_REQUIRED},
    {"content", &T_LONG_TEXT, F_REQUIRED, .example = "\"We are looking into it.\""},
    {"internal", &T_BOOL, F_REQUIRED},
    {"by_customer", &T_BOOL, F_REQUIRED},
    {"created_at", &T_TIME, F_REQUIRED},
};

static void give(Input *in, const char *field, Value v) {
    int at = model_field(in->row.model, field)->index;
    in->row.values[at] = v;
    set_add(&in->given, at);
}

static bool comment_create(Ctx *c, const Call *call, const Row *issue, Row *out) {
    const Model *m = ctx_model(c, "issue-comments");
    bool internal = call_value(call, "internal").i != 0;
    Input in = {.row = row_new(c->arena, m), .status = -1};
    if (internal && c->client_id) return error_issue(&c->err, S("internal"), "not_allowed", "is for staff");
    give(&in, "issue_id", row_get(issue, "id"));
    give(&in, "content", call_value(call, "content"));
    give(&in, "internal", value_int(internal));
    give(&in, "by_customer", value_int(c->client_id != 0));
    give(&in, "customer_id", internal ? VALUE_NULL : row_get(issue, "customer_id"));
    Lent lent = ctx_lend(c);
    bool ok = record_create(c, m, &in, out);
    ctx_return(c, &lent);
    return ok;
}

static bool response_note(Ctx *c, const Row *issue) {
    Row row;
    Input in = {.row = row_new(c->arena, issue->model), .status = -1};
    give(&in, "first_responded_at", now_value(c));
    Lent lent = ctx_lend(c);
    bool ok = record_update(c, issue->model, row_get(issue, "id").i, &in, &row);
    ctx_return(c, &lent);
    return ok;
}

bool issue_comment(Ctx *c, Call *call) {
    Row issue, made;
    if (!record_of_call(c, call, &issue) || !comment_create(c, call, &issue, &made)) return false;
    bool answers = !c->client_id && !row_get(&made, "internal").i && row_get(&issue, "first_responded_at").kind == V_NULL;
    if (answers && !response_note(c, &issue)) return false;
    row_write(c, ctx_view(c, made.model), &made);
    return true;
}

static bool comment_follow(Ctx *c, const Change *issue, const Row *comment) {
    Row row = row_copy(c->arena, comment);
    if (!issue->row) return record_take(c, comment);
    if (row_get(comment, "internal").i) return true;
    row_set(&row, "customer_id", row_get(issue->row, "customer_id"));
    return record_put(c, comment, &row);
}

bool issue_comments_follow(Ctx *c, const Change *issue) {
    const Model *m = ctx_model(c, "issue-comments");
    Value at[] = {row_get(issue->before, "id"), value_int(0)};
    Row comment;
    while (record_seek(c, m, &(Seek){"issue_id = ?2 AND id > ?3 ORDER BY id LIMIT 1", at, 2}, &comment)) {
        at[1] = row_get(&comment, "id");
        if (!comment_follow(c, issue, &comment)) return false;
    }
    return c->err.kind == E_NONE;
}
