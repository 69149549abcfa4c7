/* Work orders: something to be made or mended, for a customer or for stock.
 *
 *   draft ──submit──▶ pending ──release──▶ ready ──start──▶ in_progress ──complete──▶ completed
 *                                                           ▲  │ pause
 *                                                    resume │  ▼
 *                                                           paused
 *   start is possible from draft, pending and ready; complete also from paused;
 *   everything unfinished ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Invariants: progress 0–100, and 100 with an end time once completed; the
 * start time is set by the first start. */
#include "domain/manufacturing/manufacturing.h"
#include "model/type.h"
#include "model/write.h"

enum { DRAFT, PENDING, READY, IN_PROGRESS, PAUSED, COMPLETED, CANCELLED };
static const Choice states[] = {
    {"draft"},  {"pending"},   {"ready", "released"},     {"in_progress"},
    {"paused"}, {"completed"}, {"cancelled", "canceled"}, {0},
};
static const Choice priorities[] = {{"low"}, {"medium", "normal"}, {"high"}, {"urgent"}, {0}};

static const Field fields[] = {
    {"wo_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_CREATE_ONLY | F_SCAN, .column = "number",
     .series = "WO-{seq:6}", .also = "number,work_order_number,order_id", .example = "\"WO-000001\""},
    {"product_id", &T_REF, F_FILTER, .ref = "products"},
    {"product_name", &T_TEXT, F_SEARCH, .snapshot_of = "product_id", .example = "\"Bed sheet 60 × 90\""},
    {"quantity", &T_QUANTITY, 0, .fallback = "1", .min = "0.0001", .example = "250"},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers"},
    {"customer_name", &T_TEXT, F_SEARCH | F_SORT | F_FILTER, .snapshot_of = "customer_id", .also = "client",
     .help = "the customer's name, or any text"},
    {"description", &T_LONG_TEXT, F_SEARCH},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"priority", &T_ENUM, F_FILTER | F_SORT, .choices = priorities, .fallback = "medium"},
    {"due_date", &T_DATE, F_SORT | F_FILTER, .example = "\"2026-12-31\""},
    {"progress_percentage", &T_INT, 0, .fallback = "0", .min = "0", .max = "100", .also = "progress"},
    {"estimated_completion_date", &T_DATE, 0},
    {"started_at", &T_TIME, F_READONLY},
    {"completed_at", &T_TIME, F_READONLY},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users"},
    {"assigned_to_name", &T_TEXT, F_FILTER, .snapshot_of = "assigned_to", .also = "assignee",
     .help = "the user's name, or anybody's"},
    {"notes", &T_LONG_TEXT, 0},
};

static bool started(Ctx *c, Change *ch) {
    if (row_get(ch->row, "started_at").kind == V_NULL)
        change_set(ch, "started_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    return true;
}

static bool completed(Ctx *c, Change *ch) {
    change_set(ch, "progress_percentage", value_int(100));
    change_set(ch, "completed_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    return true;
}

static bool reopened(Ctx *c, Change *ch) {
    (void)c;
    change_set(ch, "completed_at", VALUE_NULL);
    return true;
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    bool named = row_get(ch->row, "product_name").kind != V_NULL;
    if (named || row_get(ch->row, "description").kind != V_NULL) return true;
    return error_issue(&c->err, S("product_name"), "required",
                       "is required, or a product_id or a description");
}

#define UNFINISHED (IN(DRAFT) | IN(PENDING) | IN(READY) | IN(IN_PROGRESS) | IN(PAUSED))

static const Action actions[] = {
    {"submit", 0, "Hand the order to planning", IN(DRAFT), PENDING},
    {"release", 0, "Everything needed is there", IN(DRAFT) | IN(PENDING), READY},
    {"start", 0, "Begin the work", IN(DRAFT) | IN(PENDING) | IN(READY), IN_PROGRESS, .effect = started},
    {"pause", 0, "Interrupt the work", IN(IN_PROGRESS), PAUSED},
    {"resume", 0, "Go on with the work", IN(PAUSED), IN_PROGRESS},
    {"complete", 0, "Finish the work", IN(IN_PROGRESS) | IN(PAUSED), COMPLETED, .effect = completed},
    {"cancel", 0, "Give the order up", UNFINISHED, CANCELLED},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT, .effect = reopened},
};

static const char *const indexes[] = {"status,due_date", NULL};

static const Rename workshop_names[] = {
    {"wo_number", "order_id"},
    {"customer_name", "client"},
    {"assigned_to_name", "assigned_welder"},
};
static const Alias aliases[] = {{.path = "workorders", RENAMES(workshop_names)}};

const Resource work_orders = {
    .name = "work-orders",
    .area = "manufacturing",
    .singular = "work order",
    .summary = "What the shop floor is to make or mend.",
    .display = "wo_number",
    .key = "wo_number",
    .owner = "assigned_to",
    FIELDS(fields),
    .indexes = indexes,
    ALIASES(aliases),
    ACTIONS(actions),
    .done_states = IN(COMPLETED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
};
