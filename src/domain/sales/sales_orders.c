/* Sales orders: what a customer ordered.
 *
 *   draft ──submit──▶ pending ──confirm──▶ confirmed ──ship──▶ shipped ──deliver──▶ delivered
 *     └───────────confirm─────────────────▶┘
 *   draft, pending, confirmed ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Invariants: total = subtotal − discount + tax; due_date ≥ order_date; once
 * confirmed only notes and due_date change; numbers are given once. */
#include "domain/orders/orders.h"
#include "domain/sales/sales.h"

enum { DRAFT, PENDING, CONFIRMED, SHIPPED, DELIVERED, CANCELLED };
static const Choice states[] = {
    {"draft"}, {"pending"}, {"confirmed"}, {"shipped"}, {"delivered"}, {"cancelled", "canceled"}, {0},
};

static const Field fields[] = {
    {"so_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_CREATE_ONLY, .column = "number",
     .series = "SO-{seq:6}", .also = "number", .example = "\"SO-000001\""},
    {"customer_id", &T_REF, F_FILTER | F_OPEN_REF, .ref = "customers",
     .help = "an unknown id with a customer_name finds or creates the customer"},
    {"customer_name", &T_TEXT, F_SEARCH | F_FILTER | F_SORT, .column = "party_name", .snapshot_of = "customer_id",
     .help = "as it stands on the document", .example = "\"Meridian Garments Ltd\""},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"order_date", &T_DATE, F_SORT | F_FILTER, .fallback = "today"},
    {"due_date", &T_DATE, F_SORT | F_FILTER | F_LATE, .example = "\"2026-12-31\""},
    {"assigned_to", &T_REF, F_FILTER | F_LATE, .ref = "users", .help = "the salesperson"},
    ORDER_AMOUNTS,
};

static const Field line_fields[] = {ORDER_LINE("product_code", "product_name")};

static const Lines lines = {
    .name = "line_items",
    .also = "lines",
    .table = "order_lines",
    .parent = "order_id",
    LINE_FIELDS(line_fields),
    .max = ORDER_LINES_MAX,
};

static bool check(Ctx *c, Change *ch) {
    return order_party(c, ch, "customer_id", "customer_name") && order_complete(c, ch, "order_date");
}

/* An order without lines promises nothing. */
static bool has_lines(Ctx *c, const Change *ch) {
    return ch->row->n_lines > 0 || fail(c, E_STATE, "a sales order without lines cannot be confirmed");
}

static const Action actions[] = {
    {"submit", 0, "Send the order to the customer", IN(DRAFT), PENDING},
    {"confirm", 0, "The customer has agreed", IN(DRAFT) | IN(PENDING), CONFIRMED, .guard = has_lines},
    {"ship", 0, "The goods have left", IN(CONFIRMED), SHIPPED},
    {"deliver", 0, "The customer has the goods", IN(SHIPPED), DELIVERED},
    {"cancel", 0, "Cancel the order", IN(DRAFT) | IN(PENDING) | IN(CONFIRMED), CANCELLED},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT},
};

static const char *const indexes[] = {"status,due_date", NULL};

const Resource sales_orders = {
    .name = "sales-orders",
    .singular = "sales order",
    .summary = "Orders from customers.",
    .table = "orders",
    .only = {"order_type", "sale"},
    .display = "so_number",
    .key = "so_number",
    .owner = "assigned_to",
    FIELDS(fields),
    .lines = &lines,
    .indexes = indexes,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = IN(DRAFT) | IN(PENDING),
    .done_states = IN(DELIVERED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
    .prove = order_prove,
};
