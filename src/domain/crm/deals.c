/* Deals: what may be sold, to whom, and how far that has come.
 *
 *   open ──mark_won──▶ won ──reopen──▶ open
 *   open ──mark_lost──▶ lost ──reopen──▶ open
 *
 * An open deal stands in a stage of its pipeline that is neither won nor lost,
 * and moves between those; a closed one stands in the pipeline's won or lost
 * stage, where it has such. Moving it there closes it. The stages it was in are
 * kept (deal-stage-entries), and each stage knows the sum of its deals.
 *
 * Invariants: expected_revenue = value × probability / 100 exactly (amounts have
 * two decimals, percents none); won needs a value and a customer, lost a reason;
 * closed_at is set if and only if won or lost; the stage entries of a deal join
 * up, and only the last one is open-ended, in the deal's stage. */
#include "domain/crm/deals.h"
#include "model/timeline.h"
#include "model/type.h"

enum { OPEN, WON, LOST };
static const Choice states[] = {{"open", "active"}, {"won"}, {"lost"}, {0}};
static const Choice priorities[] = {{"low"}, {"medium"}, {"high"}, {"urgent"}, {0}};

#define TITLE_MIN 3

static const Field fields[] = {
    {"title", &T_TEXT, F_REQUIRED | F_SEARCH | F_SORT, .also = "name", .example = "\"Uniforms for the night shift\"", .help = "at least 3 characters"},
    {"customer_id", &T_REF, F_FILTER | F_TYPICAL, .ref = "customers", .example = "1", .help = "this or lead_id is needed"},
    {"lead_id", &T_REF, F_FILTER, .ref = "leads"},
    {"pipeline_id", &T_REF, F_FILTER, .ref = "pipelines", .help = "the stage's, or the default one, when left out"},
    {"stage_id", &T_REF, F_FILTER, .ref = "pipeline-stages", .help = "the pipeline's first one when left out"},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "open"},
    {"priority", &T_ENUM, F_FILTER, .choices = priorities, .fallback = "medium"},
    {"value", &T_MONEY, F_SUM | F_SORT, .fallback = "0", .min = "0", .also = "amount", .example = "12500", .help = "with at most two decimals"},
    {"probability", &T_INT, 0, .min = "0", .max = "100", .example = "50", .help = "percent; the stage's when left out"},
    {"expected_revenue", &T_MONEY, F_READONLY, .fallback = "0", .help = "value × probability / 100"},
    {"expected_close_date", &T_DATE, F_FILTER | F_SORT, .example = "\"2099-12-31\"", .help = "not in the past when the deal is made"},
    {"assigned_to", &T_REF, F_FILTER | F_LATE, .ref = "users", .help = "the salesperson"},
    {"lost_reason", &T_TEXT, F_SPECIAL, .help = "of a lost deal"},
    {"is_won", &T_BOOL, F_READONLY | F_FILTER, .fallback = "false"},
    {"is_lost", &T_BOOL, F_READONLY | F_FILTER, .fallback = "false"},
    {"closed_at", &T_TIME, F_READONLY | F_FILTER | F_SORT, .help = "when it was won or lost"},
    {"notes", &T_LONG_TEXT, F_LATE | F_SEARCH, .also = "description"},
};

/* For the forecast, what is overdue, and the lists of what closes next. */
static const char *const indexes[] = {"status,expected_close_date", BY_TIME, NULL};
static const char *const checks[] = {
    "value >= 0 AND value % {0.01} = 0", "probability >= 0 AND probability <= 100",
    "expected_revenue = value / 100 * probability", "(status = 'open') = (closed_at IS NULL)",
    "status <> 'lost' OR lost_reason IS NOT NULL", "status <> 'won' OR (value > 0 AND customer_id IS NOT NULL)", NULL,
};

static bool is(const Row *row, int state) { return str_is(row_get(row, "status").s, states[state].name); }

/* --- stage --- */

static bool complete_check(Ctx *c, const Change *ch, const Stages *s) {
    bool won = stages_first(s, "is_won"), lost = stages_first(s, "is_lost");
    Str name = ch->row->names[model_field(ch->model, "pipeline_id")->index];
    if (!stages_first(s, NULL))
        return fail(c, E_CONFLICT, "the pipeline %.*s has no stage for open deals: add one to it first", STR_ARG(name));
    if (won == lost) return true;
    return fail(c, E_CONFLICT, "the pipeline %.*s has a %s stage and no %s one: add that, or take it away", STR_ARG(name),
                won ? "won" : "lost", won ? "lost" : "won");
}

/* A change that leaves them out, or says null, leaves them. */
static void place_keep(Change *ch) {
    static const char *const kept[] = {"pipeline_id", "stage_id"};
    for (int i = 0; ch->before && i < 2; i++) {
        if (!is_null(ch->row, kept[i])) continue;
        int at = model_field(ch->model, kept[i])->index;
        ch->row->values[at] = ch->before->values[at];
        ch->row->names[at] = ch->before->names[at];
        set_drop(&ch->given, at);
    }
}

static bool is_moving(const Change *ch) {
    return !ch->before || change_altered(ch, "pipeline_id") || change_altered(ch, "stage_id") || change_altered(ch, "status");
}

/* Which pipeline: as given, else the given stage's, else as before or the default. */
static bool pipeline_settle(Ctx *c, Change *ch) {
    const Value stage = row_get(ch->row, "stage_id");
    bool given = change_gave(ch, "pipeline_id") && !is_null(ch->row, "pipeline_id");
    Row row;
    int64_t id;
    if (!given && change_gave(ch, "stage_id") && stage.kind != V_NULL) {
        if (!record_seek(c, ctx_model(c, "pipeline-stages"), &(Seek){"id = ?2", &stage, 1}, &row)) return false;
        change_set(ch, "pipeline_id", row_get(&row, "pipeline_id"));
    } else if (is_null(ch->row, "pipeline_id")) {
        if (!pipeline_default(c, &id)) return false;
        change_set(ch, "pipeline_id", value_int(id));
    }
    const Value pipeline = row_get(ch->row, "pipeline_id");
    if (ch->before && !change_altered(ch, "pipeline_id")) return true;
    if (!record_seek(c, ctx_model(c, "pipelines"), &(Seek){"id = ?2", &pipeline, 1}, &row)) return false;
    ch->row->names[model_field(ch->model, "pipeline_id")->index] = row_get(&row, "name").s;
    if (row_get(&row, "is_active").i) return true;
    return error_issue(&c->err, S("pipeline_id"), "inactive", "must be an active pipeline");
}

/* Where a deal goes back to that is opened again. */
static const Row *stage_before(Ctx *c, const Change *ch, const Stages *s) {
    const Row *found = NULL;
    Stmt *st = db_prepare(c->db, S("SELECT stage_id FROM deal_stage_entries WHERE organization_id = ?1 AND deal_id = ?2 ORDER BY id DESC"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(ch->row, "id"));
    while (!found && stmt_step(st)) {
        found = stages_of_id(s, stmt_int(st, 0));
        if (found && stage_closes(found)) found = NULL;
    }
    stmt_reset(st);
    return found ? found : stages_first(s, NULL);
}

/* Of an open deal: the stage asked for, or the first one. */
static const Row *stage_open(Ctx *c, const Change *ch, const Stages *s) {
    bool moved = change_gave(ch, "stage_id") && !is_null(ch->row, "stage_id");
    const Row *stage = stages_of_id(s, row_get(ch->row, "stage_id").i);
    if (moved && !stage) {
        bad(c, "stage_id", "pipeline", "must be a stage of the deal's pipeline");
        return NULL;
    }
    if (!moved && ch->before && !is(ch->before, OPEN)) return stage_before(c, ch, s);
    if (!stage) return stages_first(s, NULL);
    if (!stage_closes(stage)) return stage;
    bad(c, "stage_id", "closed", "is where won or lost deals are: use mark_won or mark_lost, or name the status too");
    return NULL;
}

/* Of a closed deal: the pipeline's stage for such, else where it was. */
static const Row *stage_closed(const Change *ch, const Stages *s, const char *flag) {
    const Row *now = stages_of_id(s, row_get(ch->row, "stage_id").i), *to = stages_first(s, flag);
    if (now && row_get(now, flag).i) return now;
    return to ? to : now ? now : stages_first(s, NULL);
}

/* The stage it is in then; NULL when it stays where it was. */
static bool stage_settle(Ctx *c, Change *ch, const Row **out) {
    Stages *s = ARENA_NEW(c->arena, Stages);
    *out = NULL;
    place_keep(ch);
    if (!is_moving(ch) && !is_null(ch->row, "probability")) return true;
    if (!pipeline_settle(c, ch) || !stages_load(c, row_get(ch->row, "pipeline_id").i, s)) return false;
    if (is_moving(ch) && !complete_check(c, ch, s)) return false;
    *out = is(ch->row, WON)    ? stage_closed(ch, s, "is_won")
           : is(ch->row, LOST) ? stage_closed(ch, s, "is_lost")
                               : stage_open(c, ch, s);
    if (!*out) return false;
    change_set(ch, "stage_id", row_get(*out, "id"));
    ch->row->names[model_field(ch->model, "stage_id")->index] = row_get(*out, "name").s;
    return true;
}

/* --- figures --- */

static bool altered_or_new(const Change *ch, const char *field) { return !ch->before || change_altered(ch, field); }

static void figures_settle(Ctx *c, Change *ch, const Row *stage) {
    Row *row = ch->row;
    bool given = change_gave(ch, "probability") && !is_null(row, "probability");
    bool moved = altered_or_new(ch, "stage_id") || altered_or_new(ch, "status");
    if (is(row, WON) || is(row, LOST))
        row_set(row, "probability", value_int(is(row, WON) ? 100 : 0));
    else if (is_null(row, "probability") || (moved && !given))
        row_set(row, "probability", row_get(stage, "probability"));
    row_set(row, "expected_revenue", value_int(row_get(row, "value").i / 100 * row_get(row, "probability").i));
    row_set(row, "is_won", value_int(is(row, WON)));
    row_set(row, "is_lost", value_int(is(row, LOST)));
    if (altered_or_new(ch, "status")) row_set(row, "closed_at", is(row, OPEN) ? VALUE_NULL : now_of(c));
    if (ch->before && is(row, OPEN) && change_altered(ch, "status")) row_set(row, "lost_reason", VALUE_NULL);
}

static bool fields_check(Ctx *c, Change *ch) {
    const Row *row = ch->row;
    int before = c->err.n_issues;
    Str due = row_get(row, "expected_close_date").s;
    if (str_utf8_length(str_trim(row_get(row, "title").s)) < TITLE_MIN) bad(c, "title", "min_length", "must have at least 3 characters");
    if (is_null(row, "customer_id") && is_null(row, "lead_id")) bad(c, "customer_id", "required", "is required, or lead_id");
    if (row_get(row, "value").i % 100) bad(c, "value", "precision", "must have at most two decimals");
    if (!ch->before && due.n && is(row, OPEN) && strncmp(due.p, c->today, DATE_TEXT - 1) < 0)
        error_issue(&c->err, S("expected_close_date"), "past", "must not be in the past: today is %s", c->today);
    if (is(row, LOST) && is_null(row, "lost_reason")) bad(c, "lost_reason", "required", "says why the deal was lost");
    if (is(row, WON) && !is_null(row, "lost_reason")) bad(c, "lost_reason", "status", "is for lost deals");
    if (!ch->before && is(row, OPEN) && !is_null(row, "lost_reason")) bad(c, "lost_reason", "status", "is for lost deals");
    return c->err.n_issues == before;
}

static bool win_check(Ctx *c, const Change *ch) {
    if (!is(ch->row, WON) || !altered_or_new(ch, "status")) return true;
    if (row_get(ch->row, "value").i == 0) return fail(c, E_STATE, "a deal that is won has a value: this one's is 0, set it first");
    return !is_null(ch->row, "customer_id") || fail(c, E_STATE, "a deal that is won has a customer: convert the lead or set customer_id first");
}

static bool check(Ctx *c, Change *ch) {
    const Row *stage;
    if (!ch->row) return stage_entries_drop(c, row_get(ch->before, "id"));
    if (!fields_check(c, ch) || c->err.kind != E_NONE) return true; /* all issues are told */
    if (!win_check(c, ch) || !stage_settle(c, ch, &stage)) return false;
    figures_settle(c, ch, stage);
    return true;
}

/* --- what follows --- */

static StageSum sum_of(const Row *row) {
    if (!row) return (StageSum){0};
    bool open = is(row, OPEN);
    return (StageSum){row_get(row, "stage_id").i, 1, open, row_get(row, "value").i, open ? row_get(row, "expected_revenue").i : 0};
}

static bool saved(Ctx *c, Change *ch) {
    const StageSum from = sum_of(ch->before), to = sum_of(ch->row);
    bool moved = ch->row && from.stage_id != to.stage_id;
    return stage_sums_move(c, &from, &to) &&
           (!moved || stage_entry_add(c, row_get(ch->row, "id"), row_get(ch->row, "stage_id")));
}

/* --- actions --- */

static const Field move_input[] = {
    {"stage_id", &T_ID, F_REQUIRED, .also = "stage", .example = "2", .help = "of the deal's pipeline"},
    {"lost_reason", &T_TEXT, 0, .example = "\"no budget this year\"", .help = "of a deal that is moved to a lost stage"},
};
static const Field lost_input[] = {
    {"lost_reason", &T_TEXT, F_REQUIRED, .also = "reason", .example = "\"no budget this year\""},
};

static bool reason_take(Ctx *c, Change *ch) {
    (void)c;
    Value reason = ch->call ? call_value(ch->call, "lost_reason") : VALUE_NULL;
    if (reason.kind == V_TEXT) change_set(ch, "lost_reason", reason);
    return true;
}

/* To a stage of closed deals: then the deal is. */
static bool move(Ctx *c, Change *ch) {
    const Value id = call_value(ch->call, "stage_id");
    Row stage;
    bool found = record_seek(c, ctx_model(c, "pipeline-stages"), &(Seek){"id = ?2", &id, 1}, &stage);
    if (c->err.kind != E_NONE) return false;
    if (!found || row_get(&stage, "pipeline_id").i != row_get(ch->row, "pipeline_id").i)
        return bad(c, "stage_id", "unknown_reference", "is no stage of the deal's pipeline");
    change_set(ch, "stage_id", id);
    ch->row->names[model_field(ch->model, "stage_id")->index] = row_get(&stage, "name").s;
    bool won = row_get(&stage, "is_won").i, lost = row_get(&stage, "is_lost").i;
    if (won || lost) change_set(ch, "status", value_text(str_of(states[won ? WON : LOST].name)));
    return !lost || reason_take(c, ch);
}

static const Action actions[] = {
    {"move_stage", 0, "Move it to another stage; to a won or lost one closes it", IN(OPEN), STAY, INPUT(move_input), .effect = move},
    {"mark_won", 0, "It was won", IN(OPEN), WON},
    {"mark_lost", 0, "It was lost, and why", IN(OPEN), LOST, INPUT(lost_input), .effect = reason_take},
    {"reopen", 0, "Open it again where it was", IN(WON) | IN(LOST), OPEN},
    {"stages", .summary = "The stages it was in", LIST_OF("deal-stage-entries", "deal_id"), .list_order = "id"},
    {"activities", .summary = "What was and will be done about it", LIST_OF("activities", "deal_id")},
    {"forecast", ACTION_COLLECTION | ACTION_GET | ACTION_POOL, "What is to be expected of open deals, by month and by stage",
     .permission = "read", .input = forecast_input, .n_input = FORECAST_INPUTS, .answer = forecast_answer,
     .n_answer = FORECAST_ANSWERS, .run = deals_forecast},
    TIMELINE,
};

static bool prove(Ctx *c, const Row *row, Str *problem) {
    return stage_entries_prove(c, row, problem);
}

const Resource deals = {
    .name = "deals",
    .area = "crm",
    .singular = "deal",
    .summary = "What may be sold, to whom, and how far that has come.",
    .display = "title",
    .owner = "assigned_to",
    FIELDS(fields),
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .open_states = IN(OPEN),
    .done_states = IN(WON) | IN(LOST),
    .due = "expected_close_date",
    .stats = deals_stats,
    .stats_answer = deals_stats_answer,
    .n_stats_answer = DEALS_STATS,
    .check = check,
    .saved = saved,
    .prove = prove,
};
