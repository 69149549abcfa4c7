/* The stages that deals were in: one entry each time a deal comes to one, ended
 * when it moves on. Written by deals only.
 *
 * Invariant: the entries of a deal join up; only the last has no left_at, and
 * it is of the stage that the deal is in. */
#include "domain/crm/deals.h"
#include "model/type.h"

static const Field fields[] = {
    {"deal_id", &T_REF, F_READONLY | F_REQUIRED | F_FILTER, .ref = "deals"},
    {"stage_id", &T_REF, F_READONLY | F_REQUIRED | F_FILTER, .ref = "pipeline-stages"},
    {"entered_at", &T_TIME, F_READONLY | F_FILTER | F_SORT, .fallback = "now"},
    {"left_at", &T_TIME, F_READONLY, .help = "null: it is still there"},
};

static const char *const checks[] = {"left_at IS NULL OR left_at >= entered_at", NULL};

const Resource deal_stage_entries = {
    .name = "deal-stage-entries",
    .area = "crm",
    .singular = "deal stage entry",
    .summary = "Which stages deals were in, and when.",
    .flags = R_READ_ONLY | R_TRACKED,
    FIELDS(fields),
    .checks = checks,
};

bool stage_entry_add(Ctx *c, Value deal_id, Value stage_id) {
    const Model *m = ctx_model(c, "deal-stage-entries");
    Row last, row = row_fresh(c, m);
    if (record_seek(c, m, &(Seek){"deal_id = ?2 ORDER BY id DESC LIMIT 1", &deal_id, 1}, &last)) {
        Row left = row_copy(c->arena, &last);
        Str entered = row_get(&last, "entered_at").s; /* a clock may have been set back */
        Value now = now_of(c);
        row_set(&left, "left_at", strncmp(now.s.p, entered.p, now.s.n) < 0 ? value_text(entered) : now);
        row_set(&row, "entered_at", row_get(&left, "left_at"));
        if (!record_put(c, &last, &left)) return false;
    }
    if (c->err.kind != E_NONE) return false;
    row_set(&row, "deal_id", deal_id);
    row_set(&row, "stage_id", stage_id);
    return record_put(c, NULL, &row);
}

bool stage_entries_drop(Ctx *c, Value deal_id) {
    const Model *m = ctx_model(c, "deal-stage-entries");
    Row row;
    while (record_seek(c, m, &(Seek){"deal_id = ?2 ORDER BY id DESC LIMIT 1", &deal_id, 1}, &row))
        if (!record_take(c, &row)) return false;
    return c->err.kind == E_NONE;
}

bool stage_entries_prove(Ctx *c, const Row *deal, Str *problem) {
    Stmt *st = db_prepare(
        c->db, S("SELECT count(*), count(*) FILTER (WHERE left_at IS DISTINCT FROM coming), "
                 "max(stage_id) FILTER (WHERE coming IS NULL) FROM (SELECT stage_id, left_at, "
                 "lead(entered_at) OVER (ORDER BY id) AS coming FROM deal_stage_entries "
                 "WHERE organization_id = ?1 AND deal_id = ?2) e"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(deal, "id"));
    bool any = stmt_step(st) && stmt_int(st, 0) > 0, joined = any && stmt_int(st, 1) == 0;
    bool there = any && stmt_int(st, 2) == row_get(deal, "stage_id").i;
    stmt_reset(st);
    if (!any) *problem = S("it has no stage entries");
    else if (!joined) *problem = S("its stage entries do not join up");
    else if (!there) *problem = S("its last stage entry is not of its stage");
    return joined && there;
}
