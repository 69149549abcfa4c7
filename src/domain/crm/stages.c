/* Pipeline stages: where a deal stands, and how likely it is won from there.
 *
 * Each knows the deals in it: how many, what they are worth, and what is to be
 * expected of the open ones. These sums are kept by the deals, in their
 * transactions; `millwright verify` counts them anew.
 *
 * Invariants: one stage of a pipeline at most is won, at 100 percent; lost ones
 * are at 0; no stage is both. A stage that has or had deals stays. */
#include "domain/crm/internal.h"
#include "model/type.h"

#define KEPT F_READONLY | F_DERIVED

static const Field fields[] = {
    {"pipeline_id", &T_REF, F_REQUIRED | F_CREATE_ONLY | F_FILTER, .ref = "pipelines", .example = "1"},
    {"name", &T_TEXT, F_REQUIRED | F_FILTER | F_SORT | F_SEARCH, .also = "stage_name", .example = "\"Demonstration\""},
    {"position", &T_INT, F_SORT | F_FILTER | F_UNINDEXED, .also = "order", .min = "1", .max = "1000", .example = "3",
     .help = "in the pipeline; the last one when left out"},
    {"probability", &T_INT, 0, .min = "0", .max = "100", .example = "40",
     .help = "percent, of a deal that comes here; 100 of a won stage, 0 when left out"},
    {"is_won", &T_BOOL, F_FILTER | F_UNINDEXED, .fallback = "false", .help = "deals here are won"},
    {"is_lost", &T_BOOL, F_FILTER | F_UNINDEXED, .fallback = "false", .help = "deals here are lost"},
    {"deals_count", &T_INT, KEPT, .fallback = "0", .help = "deals here"},
    {"deals_value", &T_MONEY, KEPT, .fallback = "0", .help = "what they are worth"},
    {"open_count", &T_INT, KEPT, .fallback = "0", .help = "of these the open ones"},
    {"expected_revenue", &T_MONEY, KEPT, .fallback = "0", .help = "value × probability of the open ones"},
};

static const char *const indexes[] = {"pipeline_id,position", NULL};
static const char *const checks[] = {
    "{is_won} + {is_lost} <= 1", "{is_won} = 0 OR probability = 100", "{is_lost} = 0 OR probability = 0",
    "deals_count >= 0 AND deals_value >= 0", "open_count >= 0 AND open_count <= deals_count", "expected_revenue >= 0", NULL,
};

/* --- rules --- */

static bool kind_check(Ctx *c, Change *ch) {
    bool won = row_get(ch->row, "is_won").i, lost = row_get(ch->row, "is_lost").i;
    if (won && lost) return bad(c, "is_lost", "exclusive", "a stage is not won and lost at once");
    int64_t fixed = won ? 100 : 0;
    if (is_null(ch->row, "probability") || (!change_gave(ch, "probability") && (won || lost)))
        change_set(ch, "probability", value_int(fixed));
    if ((won || lost) && row_get(ch->row, "probability").i != fixed)
        return error_issue(&c->err, S("probability"), "closed", "must be %d of a stage that is %s", (int)fixed, won ? "won" : "lost");
    return true;
}

/* What a deal in it is, won or lost, does not change behind its back. */
static bool flags_stay(Ctx *c, const Change *ch) {
    bool altered = change_altered(ch, "is_won") || change_altered(ch, "is_lost");
    int64_t n = row_get(ch->row, "deals_count").i;
    if (!ch->before || !altered || n == 0) return true;
    return fail(c, E_CONFLICT, "is_won and is_lost stay as they are while deals are in the stage: there are %lld, move them first", (long long)n);
}

static bool others_check(Ctx *c, Change *ch) {
    Stages *s = ARENA_NEW(c->arena, Stages);
    int64_t id = ch->before ? row_get(ch->before, "id").i : 0, last = 0;
    if (!stages_load(c, row_get(ch->row, "pipeline_id").i, s)) return false;
    if (!ch->before && s->n == STAGES_MAX)
        return fail(c, E_CONFLICT, "a pipeline has at most %d stages, and this one has them", STAGES_MAX);
    for (int i = 0; i < s->n; i++) {
        const Row *other = &s->rows[i];
        if (row_get(other, "position").i > last) last = row_get(other, "position").i;
        if (row_get(other, "id").i == id || !row_get(other, "is_won").i || !row_get(ch->row, "is_won").i) continue;
        return fail(c, E_CONFLICT, "the pipeline has a won stage already: %.*s", STR_ARG(row_get(other, "name").s));
    }
    if (is_null(ch->row, "position")) change_set(ch, "position", value_int(last + 1));
    return true;
}

static bool check(Ctx *c, Change *ch) {
    if (ch->row) return c->err.kind != E_NONE || (kind_check(c, ch) && flags_stay(c, ch) && others_check(c, ch));
    int64_t n = row_get(ch->before, "deals_count").i;
    if (n == 0) return true;
    return fail(c, E_REFERENCED, "%lld deal%s in the stage %.*s: move them to another one first", (long long)n,
                n == 1 ? " is" : "s are", STR_ARG(row_get(ch->before, "name").s));
}

/* --- sums --- */

static bool add(Row *row, const char *field, int64_t difference) {
    int64_t sum;
    if (__builtin_add_overflow(row_get(row, field).i, difference, &sum)) return false;
    row_set(row, field, value_int(sum));
    return true;
}

static bool sum_add(Ctx *c, const StageSum *s, int sign) {
    const Value id = value_int(s->stage_id);
    Row before;
    if (!record_seek(c, ctx_model(c, "pipeline-stages"), &(Seek){"id = ?2", &id, 1}, &before))
        return c->err.kind == E_NONE ? fail(c, E_INTERNAL, "a stage is missing") : false;
    Row row = row_copy(c->arena, &before);
    if (!add(&row, "deals_count", sign * s->deals) || !add(&row, "deals_value", sign * s->value) ||
        !add(&row, "open_count", sign * s->open) || !add(&row, "expected_revenue", sign * s->expected))
        return fail(c, E_CONFLICT, "the deals of the stage would be worth more than can be stored");
    return record_put(c, &before, &row);
}

bool stage_sums_move(Ctx *c, const StageSum *from, const StageSum *to) {
    if (from->stage_id != to->stage_id)
        return (!from->stage_id || sum_add(c, from, -1)) && (!to->stage_id || sum_add(c, to, 1));
    const StageSum difference = {to->stage_id, to->deals - from->deals, to->open - from->open,
                                 to->value - from->value, to->expected - from->expected};
    bool same = !difference.deals && !difference.open && !difference.value && !difference.expected;
    return !to->stage_id || same || sum_add(c, &difference, 1);
}

static bool prove(Ctx *c, const Row *row, Str *problem) {
    static const char *const kept[] = {"deals_count", "deals_value", "open_count", "expected_revenue"};
    Stmt *st = db_prepare(
        c->db, S("SELECT count(*), coalesce(sum(value), 0), count(*) FILTER (WHERE status = 'open'), "
                 "coalesce(sum(expected_revenue) FILTER (WHERE status = 'open'), 0) "
                 "FROM deals WHERE organization_id = ?1 AND stage_id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(row, "id"));
    bool any = stmt_step(st), ok = any;
    for (int i = 0; ok && i < 4; i++) {
        ok = stmt_int(st, i) == row_get(row, kept[i]).i;
        if (!ok) *problem = arena_fmt(c->arena, "%s is not what its deals add up to", kept[i]);
    }
    stmt_reset(st);
    return ok;
}

/* --- actions --- */

static const Field reorder_input[] = {
    {"order", &T_INT, F_REQUIRED, .also = "position", .min = "1", .max = "1000", .example = "2", .help = "its place among the pipeline's stages"},
};

static bool place(Ctx *c, const Row *stage, int64_t position) {
    Input in = patch_new(c, stage->model);
    Row row;
    patch_give(&in, "position", value_int(position));
    return record_update(c, stage->model, row_get(stage, "id").i, &in, &row);
}

/* The others keep their order around it. */
static bool reorder(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    Stages *s = ARENA_NEW(c->arena, Stages);
    Row row;
    if (!record_for_call(c, call, &row) || !stages_load(c, row_get(&row, "pipeline_id").i, s)) return false;
    int64_t wanted = call_value(call, "order").i, at = 1;
    if (wanted > s->n) wanted = s->n;
    Lent lent = ctx_lend(c);
    bool ok = place(c, &row, wanted);
    for (int i = 0; ok && i < s->n; i++) {
        if (row_get(&s->rows[i], "id").i == call->id) continue;
        if (at == wanted) at++;
        ok = place(c, &s->rows[i], at++);
    }
    ctx_return(c, &lent);
    if (!ok || !record_load(c, m, call->id, &row)) return false;
    row_write(c, call->view, &row);
    return true;
}

static const Action actions[] = {
    {"deals", .summary = "The deals in it", LIST_OF("deals", "stage_id")},
    {"reorder", ACTION_RECORD, "Move it to another place in its pipeline", INPUT(reorder_input), .run = reorder},
};

const Resource pipeline_stages = {
    .name = "pipeline-stages",
    .area = "crm",
    .singular = "pipeline stage",
    .summary = "Where a deal stands, and how likely it is won from there.",
    .display = "name",
    .default_order = "pipeline_id,position",
    FIELDS(fields),
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .check = check,
    .prove = prove,
};
