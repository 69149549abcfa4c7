/* What deals add up to: the statistics of their own, and the forecast. Sums come
 * from the live counts and, of all deals, from the records of their stages, so
 * that they cost the same with a million deals. */
#include "domain/crm/deals.h"
#include "model/query.h"
#include "model/read.h"
#include "model/type.h"

#define MONTHS      12
#define MONTHS_MOST "36"

#define STAGE_EXAMPLE                                                                                    \
    "[{\"stage_id\": 1, \"stage_name\": \"Lead\", \"pipeline_id\": 1, \"count\": 2, \"total_value\": 500, \"expected_revenue\": 50}]"

const Field deals_stats_answer[DEALS_STATS] = {
    {"total_deals", &T_INT, F_REQUIRED, .example = "1"},
    {"expected_revenue", &T_MONEY, F_REQUIRED, .example = "6250", .help = "value × probability of the open ones"},
    {"won", &T_INT, F_REQUIRED, .example = "1"},
    {"lost", &T_INT, F_REQUIRED, .example = "0"},
    {"open", &T_INT, F_REQUIRED, .example = "0"},
    {"by_stage", &T_JSON, F_REQUIRED, .example = STAGE_EXAMPLE},
};
const Field forecast_input[FORECAST_INPUTS] = {
    {"months", &T_INT, 0, .min = "1", .max = MONTHS_MOST, .help = "told one by one from this month on; 12 when left out", .example = "6"},
};
#define BUCKET_EXAMPLE "{\"count\": 1, \"expected_revenue\": 250}"
const Field forecast_answer[FORECAST_ANSWERS] = {
    {"count", &T_INT, F_REQUIRED, .example = "1", .help = "of open deals"},
    {"expected_revenue", &T_MONEY, F_REQUIRED, .example = "250"},
    {"by_month", &T_JSON, F_REQUIRED, .example = "[{\"month\": \"2026-01\", \"count\": 1, \"expected_revenue\": 250}]"},
    {"earlier", &T_JSON, F_REQUIRED, .example = BUCKET_EXAMPLE, .help = "was to be closed before this month"},
    {"later", &T_JSON, F_REQUIRED, .example = BUCKET_EXAMPLE},
    {"undated", &T_JSON, F_REQUIRED, .example = BUCKET_EXAMPLE},
    {"by_stage", &T_JSON, F_REQUIRED, .example = STAGE_EXAMPLE},
};

typedef struct {
    int64_t count;
    Decimal value, expected;
} Sums;

static void decimal_field(Json *j, const char *name, Decimal d) {
    js_key(j, str_of(name));
    js_decimal(j, d);
}

/* --- by stage --- */

typedef struct {
    const Query *q;
    bool all;   /* of all deals: as the stages know it */
    bool open;  /* only the open ones, and the stages where such are */
} ByStage;

static bool stage_sums(Ctx *c, const ByStage *by, const Row *stage, Sums *out) {
    if (by->all) {
        *out = (Sums){row_get(stage, by->open ? "open_count" : "deals_count").i, row_get(stage, "deals_value").i,
                      row_get(stage, "expected_revenue").i};
        return true;
    }
    int64_t n;
    Query open, q = *by->q;
    query_where(c, &q, "stage_id", OP_EQ, row_get(stage, "id"));
    open = q;
    query_where(c, &open, "status", OP_EQ, value_text(S("open")));
    return query_sum(c, by->open ? &open : &q, "value", &out->count, &out->value) &&
           query_sum(c, &open, "expected_revenue", &n, &out->expected);
}

static bool stage_write(Ctx *c, const ByStage *by, const Row *stage) {
    Json *j = &c->out;
    Sums s;
    if (!stage_sums(c, by, stage, &s)) return false;
    js_begin_object(j);
    js_field_int(j, "stage_id", row_get(stage, "id").i);
    js_field_str(j, "stage_name", row_get(stage, "name").s);
    js_field_int(j, "pipeline_id", row_get(stage, "pipeline_id").i);
    js_field_int(j, "count", s.count);
    if (!by->open) decimal_field(j, "total_value", s.value);
    decimal_field(j, "expected_revenue", s.expected);
    js_end_object(j);
    return true;
}

/* The stages first: the sums of each are further statements. */
static bool by_stage_write(Ctx *c, const ByStage *by) {
    const Model *m = ctx_model(c, "pipeline-stages");
    size_t n = 0, room = STAGES_MAX;
    Row *rows = ARENA_ARRAY(c->arena, Row, room);
    Stmt *st = db_prepare(c->db, arena_fmt(c->arena, "%.*s1 = 1 ORDER BY pipeline_id, position, id", STR_ARG(m->seek_sql)));
    stmt_bind_int(st, 1, c->organization_id);
    while (stmt_step(st)) {
        if (n == room) {
            Row *more = ARENA_ARRAY(c->arena, Row, room * 2);
            memcpy(more, rows, sizeof *rows * room);
            rows = more;
            room *= 2;
        }
        if (!row_bare_from_stmt(c, m, st, &rows[n++])) break;
    }
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    js_key(&c->out, S("by_stage"));
    js_begin_array(&c->out);
    for (size_t i = 0; i < n; i++) {
        bool closes = stage_closes(&rows[i]);
        if (!(by->open && closes) && !stage_write(c, by, &rows[i])) return false;
    }
    js_end_array(&c->out);
    return true;
}

/* --- statistics --- */

bool deals_stats(Ctx *c, const Query *q) {
    int64_t status[3], n;
    Decimal expected;
    Query open = *q;
    const ByStage by = {q, q->n_filters == 0 && q->search.n == 0, false};
    query_where(c, &open, "status", OP_EQ, value_text(S("open")));
    if (!query_by_choice(c, q, "status", status) || !query_sum(c, &open, "expected_revenue", &n, &expected)) return false;
    js_field_int(&c->out, "total_deals", status[0] + status[1] + status[2]);
    decimal_field(&c->out, "expected_revenue", expected);
    js_field_int(&c->out, "won", status[1]);
    js_field_int(&c->out, "lost", status[2]);
    js_field_int(&c->out, "open", status[0]);
    return by_stage_write(c, &by);
}

/* --- forecast --- */

static bool sums_write(Ctx *c, const Query *q) {
    int64_t n;
    Decimal expected;
    if (!query_sum(c, q, "expected_revenue", &n, &expected)) return false;
    js_field_int(&c->out, "count", n);
    decimal_field(&c->out, "expected_revenue", expected);
    return true;
}

/* Of open deals, those to be closed from one month until before another. */
static bool bucket_write(Ctx *c, const Query *open, const char *from, const char *before) {
    Query q = *open;
    if (from) query_where(c, &q, "expected_close_date", OP_GTE, value_text(arena_str(c->arena, str_of(from))));
    if (before) query_where(c, &q, "expected_close_date", OP_LT, value_text(arena_str(c->arena, str_of(before))));
    if (!from && !before) query_where(c, &q, "expected_close_date", OP_ISNULL, value_int(1));
    return sums_write(c, &q);
}

static bool bucket_named(Ctx *c, const Query *open, const char *name, const char *const range[2]) {
    js_key(&c->out, str_of(name));
    js_begin_object(&c->out);
    bool ok = bucket_write(c, open, range[0], range[1]);
    js_end_object(&c->out);
    return ok;
}

static bool months_write(Ctx *c, const Query *open, int months) {
    Json *j = &c->out;
    char from[DATE_TEXT], before[DATE_TEXT];
    js_key(j, S("by_month"));
    js_begin_array(j);
    for (int i = 0; i < months; i++) {
        month_first(c->today, i, from);
        month_first(c->today, i + 1, before);
        js_begin_object(j);
        const Str month = {from, 7};
        js_field_str(j, "month", month);
        if (!bucket_write(c, open, from, before)) return false;
        js_end_object(j);
    }
    js_end_array(j);
    return true;
}

bool deals_forecast(Ctx *c, Call *call) {
    Value given = call_value(call, "months");
    int months = given.kind == V_INT ? (int)given.i : MONTHS;
    char from[DATE_TEXT], end[DATE_TEXT];
    Query all, open;
    if (!query_read(c, &call->view->model->views[0], (Params){0}, MAY_READ, &all)) return false;
    const ByStage by = {&all, all.n_filters == 0, true};
    open = all;
    query_where(c, &open, "status", OP_EQ, value_text(S("open")));
    month_first(c->today, 0, from);
    month_first(c->today, months, end);
    js_begin_object(&c->out);
    bool ok = sums_write(c, &open) && months_write(c, &open, months) &&
              bucket_named(c, &open, "earlier", (const char *const[]){NULL, from}) &&
              bucket_named(c, &open, "later", (const char *const[]){end, NULL}) &&
              bucket_named(c, &open, "undated", (const char *const[]){NULL, NULL}) && by_stage_write(c, &by);
    js_end_object(&c->out);
    return ok;
}
