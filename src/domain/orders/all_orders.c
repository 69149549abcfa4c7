/* Orders of every type in one list: those of the resources that have a type of
 * their own (purchase orders, sales orders, counter sales), each with its own
 * number, to be changed there; and those made here, for services and the like.
 *
 *   draft ──submit──▶ pending ──approve──▶ approved ──start──▶ in_progress ──complete──▶ completed
 *   any of these ──complete──▶ completed; ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Invariants: total = subtotal − discount + tax; one party at most, a customer
 * or a vendor; once approved only notes, due_date and assigned_to change. */
#include "domain/orders/orders.h"
#include "model/query.h"
#include "model/type.h"

static const Choice types[] = {
    {"purchase"}, {"sale"}, {"pos", "counter_sale"}, {"service"}, {"subscription"}, {"maintenance"}, {"other"}, {0},
};

/* Of all types; the first group are those of the orders made here. */
enum { DRAFT, PENDING, APPROVED, IN_PROGRESS, COMPLETED, CANCELLED, CONFIRMED, SHIPPED, DELIVERED, RECEIVED, REFUNDED };
static const Choice states[] = {
    {"draft"}, {"pending", "active"}, {"approved"}, {"in_progress", "processing"}, {"completed"}, {"cancelled", "canceled"},
    {"confirmed"}, {"shipped"}, {"delivered"}, {"received"}, {"refunded"}, {0},
};

static const Field fields[] = {
    {"order_number", &T_NUMBER, F_SEARCH | F_SORT | F_FILTER | F_READONLY, .column = "number", .series = "ORD-{year}-{seq:4}",
     .also = "number,code", .example = "\"ORD-2026-0001\""},
    {"order_type", &T_ENUM, F_FILTER | F_UNINDEXED | F_CREATE_ONLY, .choices = types, .fallback = "service", .also = "type,kind",
     .help = "purchase, sale and pos are made at /purchase-orders, /sales-orders and /sales"},
    {"title", &T_TEXT, F_SEARCH, .help = "required of orders made here", .example = "\"Yearly service of the looms\""},
    {"description", &T_LONG_TEXT, F_SEARCH},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"order_date", &T_DATE, F_SORT | F_FILTER, .fallback = "today"},
    {"due_date", &T_DATE, F_FILTER | F_LATE, .also = "expected_delivery,delivery_date",
     .example = "\"2030-12-31\""},
    {"delivered_date", &T_DATE, F_LATE, .also = "actual_delivery", .help = "the day it was completed when left out"},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers", .help = "who ordered it"},
    {"vendor_id", &T_REF, F_FILTER, .ref = "vendors", .also = "supplier_id", .help = "or from whom it was ordered"},
    {"party_name", &T_TEXT, F_SEARCH | F_READONLY, .help = "the customer or vendor, as it stands on the document"},
    {"assigned_to", &T_REF, F_FILTER | F_LATE, .ref = "users"},
    {"terms_and_conditions", &T_LONG_TEXT, 0, .also = "terms"},
    ORDER_AMOUNTS,
};

static const Field line_fields[] = {
    {"product_name", &T_TEXT, F_REQUIRED, .column = "name", .also = "item_name,name", .example = "\"Belt change\""},
    {"sku", &T_TEXT, 0, .column = "code", .fallback = "", .max_length = 64, .also = "code", .example = "\"BELT\""},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "1"},
    {"unit_price", &T_MONEY, F_REQUIRED, .min = "0", .example = "250"},
    {"amount", &T_MONEY, F_READONLY, .fallback = "0", .help = "quantity × unit_price, rounded half-up to the minor unit", .example = "250"},
    {"product_id", &T_REF, F_READONLY | F_FILTER, .ref = "products", .found_by = "sku", .help = "the product whose SKU it is"},
};

static const Lines lines = {
    .name = "items",
    .also = "line_items,lines",
    .table = "order_lines",
    .parent = "order_id",
    LINE_FIELDS(line_fields),
    .max = ORDER_LINES_MAX,
};

static Str party_of(Ctx *c, const Row *row, const char *field) {
    const ModelField *f = model_field(row->model, field);
    Value id = row->values[f->index];
    Row party;
    if (row->names[f->index].p || id.kind != V_INT) return row->names[f->index];
    return record_seek(c, f->ref, &(Seek){"id = ?2", &id, 1}, &party) ? row_get(&party, "name").s : STR_NONE;
}

static bool party_set(Ctx *c, Change *ch) {
    bool customer = row_get(ch->row, "customer_id").kind != V_NULL, vendor = row_get(ch->row, "vendor_id").kind != V_NULL;
    if (customer && vendor) return error_issue(&c->err, S("vendor_id"), "duplicate", "give a customer or a vendor, not both");
    if (!change_altered(ch, "customer_id") && !change_altered(ch, "vendor_id")) return true;
    Str name = party_of(c, ch->row, vendor ? "vendor_id" : "customer_id");
    change_set(ch, "party_name", name.p ? value_text(name) : VALUE_NULL);
    return true;
}

/* The code that lines of goods must have, a service need not. */
static void codes_fill(Change *ch) {
    for (int i = 0; (ch->lines_given || !ch->before) && i < ch->row->n_lines; i++)
        if (row_get(&ch->row->lines[i], "sku").kind == V_NULL) row_set(&ch->row->lines[i], "sku", value_text(S("")));
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    codes_fill(ch);
    if (row_get(ch->row, "title").kind == V_NULL) error_issue(&c->err, S("title"), "required", "is required");
    party_set(c, ch);
    return order_complete(c, ch, "order_date");
}

static bool complete(Ctx *c, Change *ch) {
    if (row_get(ch->row, "delivered_date").kind == V_NULL) change_set(ch, "delivered_date", value_text(str_of(c->today)));
    return true;
}

/* --- statistics --- */

static bool revenue(Ctx *c, const Query *all, int64_t *sum) {
    Query q = *all;
    int64_t n;
    return query_narrow(c, &q, "vendor_id", OP_ISNULL, value_int(true)) &&
           query_narrow(c, &q, "status", OP_NE, value_text(str_of(states[CANCELLED].name))) &&
           query_sum(c, &q, "total_amount", &n, sum);
}

static bool stats(Ctx *c, Call *call) {
    static const Choice again[] = {{"in_progress", "processing"}, {0}};
    int64_t n, amount, sold;
    if (!query_sum(c, call->query, "total_amount", &n, &amount) || !revenue(c, call->query, &sold)) return false;
    js_begin_object(&c->out);
    js_field_int(&c->out, "total", n);
    js_key(&c->out, S("total_amount"));
    js_decimal(&c->out, amount);
    js_key(&c->out, S("total_revenue"));
    js_decimal(&c->out, sold);
    if (!query_counts_write(c, call->query, "by_status", "status", again) ||
        !query_counts_write(c, call->query, "by_type", "order_type", NULL) ||
        !query_counts_write(c, call->query, "by_payment_status", "payment_status", NULL))
        return false;
    js_end_object(&c->out);
    return true;
}

static const Field stats_answer[] = {
    {"total", &T_INT, F_REQUIRED},
    {"total_amount", &T_MONEY, F_REQUIRED, .example = "1062"},
    {"total_revenue", &T_MONEY, F_REQUIRED, .example = "1062", .help = "of all that is not from a vendor and not cancelled"},
    {"by_status", &T_JSON, F_REQUIRED, .example = "{\"pending\": 1, \"in_progress\": 0, \"processing\": 0}",
     .help = "processing is in_progress again"},
    {"by_type", &T_JSON, F_REQUIRED, .example = "{\"purchase\": 1, \"sale\": 0, \"service\": 0}"},
    {"by_payment_status", &T_JSON, F_REQUIRED, .example = "{\"none\": 1, \"partial\": 0, \"paid\": 0}"},
};

#define OPEN_STATES (IN(DRAFT) | IN(PENDING) | IN(APPROVED) | IN(IN_PROGRESS))

static const Action actions[] = {
    {"submit", 0, "Ask for approval", IN(DRAFT), PENDING},
    {"approve", 0, "Approve the order", IN(DRAFT) | IN(PENDING), APPROVED},
    {"start", 0, "Work on it has begun", IN(DRAFT) | IN(PENDING) | IN(APPROVED), IN_PROGRESS},
    {"complete", 0, "It is done", OPEN_STATES, COMPLETED, .effect = complete},
    {"cancel", 0, "Cancel the order", OPEN_STATES, CANCELLED},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT},
    {"stats", ACTION_COLLECTION | ACTION_GET | ACTION_FILTERED, "Statistics of orders of every type", .permission = "read",
     ANSWER(stats_answer), .run = stats},
};

const Resource orders = {
    .name = "orders",
    .area = "sales",
    .singular = "order",
    .summary = "Orders of every type; makes those for services, subscriptions and maintenance.",
    .only = {"order_type", NULL},
    .display = "order_number",
    .key = "order_number",
    .owner = "assigned_to",
    .client = "customer_id",
    FIELDS(fields),
    .lines = &lines,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = IN(DRAFT) | IN(PENDING),
    .done_states = IN(COMPLETED) | IN(CANCELLED) | IN(DELIVERED) | IN(RECEIVED) | IN(REFUNDED),
    .due = "due_date",
    .check = check,
    .prove = order_prove,
};
