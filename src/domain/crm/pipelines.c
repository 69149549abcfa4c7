/* Pipelines: the ways a deal can go, each a row of stages. One is the
 * organization's default; a new organization has "Sales Pipeline".
 *
 * Never: two defaults, or none where there are pipelines; a pipeline that goes
 * while deals are in it. Its stages go with it. */
#include "domain/crm/internal.h"
#include "model/read.h"
#include "model/type.h"

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_UNIQUE | F_SORT | F_FILTER | F_SEARCH, .example = "\"Key accounts\""},
    {"code", &T_TEXT, F_UNIQUE | F_FILTER, .max_length = 32, .example = "\"KEY\""},
    {"description", &T_LONG_TEXT, F_SEARCH},
    {"is_active", &T_BOOL, F_FILTER, .fallback = "true", .also = "active,active_only", .help = "false: takes no new deals"},
    {"is_default", &T_BOOL, F_READONLY | F_FILTER, .fallback = "false", .help = "where a deal goes that names none: set_default"},
};

/* --- stages of one --- */

bool stages_load(Ctx *c, int64_t pipeline_id, Stages *out) {
    const Model *m = ctx_model(c, "pipeline-stages");
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "%.*spipeline_id = ?2 ORDER BY position, id", STR_ARG(m->seek_sql)));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, pipeline_id);
    for (out->n = 0; out->n < STAGES_MAX && stmt_step(st); out->n++)
        if (!row_bare_from_stmt(c, m, st, &out->rows[out->n])) break;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

const Row *stages_of_id(const Stages *s, int64_t id) {
    for (int i = 0; i < s->n; i++)
        if (row_get(&s->rows[i], "id").i == id) return &s->rows[i];
    return NULL;
}

bool stage_closes(const Row *stage) { return row_get(stage, "is_won").i || row_get(stage, "is_lost").i; }

const Row *stages_first(const Stages *s, const char *flag) {
    for (int i = 0; i < s->n; i++)
        if (flag ? row_get(&s->rows[i], flag).i : !stage_closes(&s->rows[i])) return &s->rows[i];
    return NULL;
}

/* --- the default --- */

static bool default_find(Ctx *c, Row *out) {
    return record_seek(c, ctx_model(c, "pipelines"), &(Seek){"is_default = true LIMIT 1", NULL, 0}, out);
}

static bool standard_make(Ctx *c, Row *pipeline) {
    static const struct {
        const char *name;
        int probability, won, lost;
    } stages[] = {
        {"Lead", 10, 0, 0},        {"Qualified", 25, 0, 0},    {"Proposal", 50, 0, 0},
        {"Negotiation", 75, 0, 0}, {"Closed Won", 100, 1, 0}, {"Closed Lost", 0, 0, 1},
    };
    *pipeline = row_fresh(c, ctx_model(c, "pipelines"));
    row_set(pipeline, "name", value_text(S("Sales Pipeline")));
    row_set(pipeline, "code", value_text(S("SALES")));
    row_set(pipeline, "is_default", value_int(1));
    if (!record_put(c, NULL, pipeline)) return false;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        Row row = row_fresh(c, ctx_model(c, "pipeline-stages"));
        row_set(&row, "pipeline_id", row_get(pipeline, "id"));
        row_set(&row, "name", value_text(str_of(stages[i].name)));
        row_set(&row, "position", value_int((int64_t)i + 1));
        row_set(&row, "probability", value_int(stages[i].probability));
        row_set(&row, "is_won", value_int(stages[i].won));
        row_set(&row, "is_lost", value_int(stages[i].lost));
        if (!record_put(c, NULL, &row)) return false;
    }
    return true;
}

bool pipeline_default(Ctx *c, int64_t *id) {
    Row row;
    if (!default_find(c, &row) && (c->err.kind != E_NONE || !standard_make(c, &row))) return false;
    *id = row_get(&row, "id").i;
    return true;
}

bool pipelines_follow_organization(Ctx *c, Change *ch) {
    Row row;
    return ch->before || !ch->row || standard_make(c, &row);
}

bool pipelines_run(Ctx *c) {
    int64_t id;
    return pipeline_default(c, &id);
}

static bool default_change(Ctx *c, int64_t id, bool is) {
    const Model *m = ctx_model(c, "pipelines");
    Input in = patch_new(c, m);
    Row row;
    patch_give(&in, "is_default", value_int(is));
    Lent lent = ctx_lend(c);
    bool ok = record_update(c, m, id, &in, &row);
    ctx_return(c, &lent);
    return ok;
}

/* --- rules --- */

/* Each stage says itself whether it can go. */
static bool stages_delete(Ctx *c, int64_t id) {
    const Model *m = ctx_model(c, "pipeline-stages");
    Stages *s = ARENA_NEW(c->arena, Stages);
    if (!stages_load(c, id, s)) return false;
    Lent lent = ctx_lend(c);
    bool ok = true;
    for (int i = 0; ok && i < s->n; i++) ok = record_delete(c, m, row_get(&s->rows[i], "id").i);
    ctx_return(c, &lent);
    return ok;
}

static bool check(Ctx *c, Change *ch) {
    Row other;
    if (!ch->row && row_get(ch->before, "is_default").i)
        return fail(c, E_STATE, "the default pipeline stays: make another one the default first (set_default)");
    if (!ch->row) return stages_delete(c, row_get(ch->before, "id").i);
    bool is_default = row_get(ch->row, "is_default").i;
    if (is_default && !row_get(ch->row, "is_active").i)
        return bad(c, "is_active", "default", "stays true for the default pipeline: make another one the default first");
    if (ch->before || default_find(c, &other)) return true;
    if (c->err.kind == E_NONE) change_set(ch, "is_default", value_int(1)); /* the first one is */
    return c->err.kind == E_NONE;
}

static bool prove(Ctx *c, const Row *row, Str *problem) {
    Stmt *st = db_prepare(c->db, S("SELECT count(*) FROM pipelines WHERE organization_id = ?1 AND is_default = true"));
    (void)row;
    stmt_bind_int(st, 1, c->organization_id);
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    if (n != 1) *problem = S("its organization does not have one default pipeline");
    return n == 1;
}

/* --- actions --- */

static bool set_default(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    Row row, now;
    if (!record_for_call(c, call, &row)) return false;
    if (!row_get(&row, "is_active").i) return fail(c, E_STATE, "a pipeline that is not active cannot be the default: activate it first");
    bool any = default_find(c, &now);
    if (c->err.kind != E_NONE) return false;
    if (!any || row_get(&now, "id").i != call->id) {
        if (any && !default_change(c, row_get(&now, "id").i, false)) return false;
        if (!default_change(c, call->id, true) || !record_load(c, m, call->id, &row)) return false;
    }
    row_write(c, call->view, &row);
    return true;
}

static const Field reorder_lines[] = {
    {"id", &T_ID, F_REQUIRED, .also = "stage_id", .help = "of a stage of the pipeline"},
    {"order", &T_INT, F_REQUIRED, .also = "position", .min = "1", .max = "1000", .example = "1"},
};
static const Lines reorder_list = {.name = "stages", LINE_FIELDS(reorder_lines), .max = STAGES_MAX};

static bool reorder(Ctx *c, Call *call) {
    const Model *m = ctx_model(c, "pipeline-stages");
    Stages *s = ARENA_NEW(c->arena, Stages);
    Row row;
    if (!record_for_call(c, call, &row) || !stages_load(c, call->id, s)) return false;
    if (!call->lines_given) return bad(c, "stages", "required", "names the stages and their order");
    Lent lent = ctx_lend(c);
    bool ok = true;
    for (int i = 0; ok && i < call->input.n_lines; i++) {
        Value id = call_line_value(call, i, "id");
        if (!stages_of_id(s, id.i)) {
            error_issue(&c->err, arena_fmt(c->arena, "stages[%d].id", i), "unknown_reference", "is no stage of this pipeline");
            continue;
        }
        Input in = patch_new(c, m);
        Row stage;
        patch_give(&in, "position", call_line_value(call, i, "order"));
        ok = c->err.kind == E_NONE && record_update(c, m, id.i, &in, &stage);
    }
    ctx_return(c, &lent);
    if (!ok || c->err.kind != E_NONE) return false;
    row_write(c, call->view, &row);
    return true;
}

static const Action actions[] = {
    {"stages", .summary = "Its stages", LIST_OF("pipeline-stages", "pipeline_id"), .list_order = "position"},
    {"deals", .summary = "The deals in it", LIST_OF("deals", "pipeline_id")},
    {"set_default", ACTION_RECORD, "Where deals go that name no pipeline", .run = set_default},
    {"reorder", ACTION_RECORD, "Put its stages in another order", .lines = &reorder_list, .run = reorder},
};

const Resource pipelines = {
    .name = "pipelines",
    .area = "crm",
    .singular = "pipeline",
    .summary = "The ways a deal can go, stage by stage.",
    .display = "name",
    .key = "name",
    .default_order = "id",
    FIELDS(fields),
    ACTIONS(actions),
    .check = check,
    .prove = prove,
};
