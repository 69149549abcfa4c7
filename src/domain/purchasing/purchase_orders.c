/* Purchase orders: what was ordered from a vendor.
 *
 *   draft ──submit──▶ pending ──approve──▶ approved ──receive──▶ received
 *     └───────────approve──────────────────▶┘
 *   draft, pending, approved ──cancel──▶ cancelled ──reopen──▶ draft
 *
 * Invariants: total = subtotal − discount + tax; due_date ≥ po_date; once
 * approved only notes and due_date change; numbers are given once. */
#include "domain/orders/orders.h"
#include "domain/purchasing/purchasing.h"

enum { DRAFT, PENDING, APPROVED, RECEIVED, CANCELLED };
static const Choice states[] = {
    {"draft"}, {"pending"}, {"approved"}, {"received"}, {"cancelled", "canceled"}, {0},
};

static const Field fields[] = {
    {"po_number", &T_NUMBER, F_UNIQUE | F_SEARCH | F_SORT | F_FILTER | F_CREATE_ONLY, .column = "number",
     .series = "PO-{seq:6}", .also = "number", .example = "\"PO-000001\""},
    {"supplier_id", &T_REF, F_FILTER | F_OPEN_REF, .column = "vendor_id", .ref = "vendors",
     .also = "vendor_id,vendor", .help = "an unknown id with a supplier_name finds or creates the vendor"},
    {"supplier_name", &T_TEXT, F_SEARCH | F_FILTER | F_SORT, .column = "party_name", .snapshot_of = "supplier_id",
     .also = "vendor_name", .help = "as it stands on the document", .example = "\"Kiran Yarns\""},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = states, .fallback = "draft"},
    {"po_date", &T_DATE, F_SORT | F_FILTER, .column = "order_date", .fallback = "today", .also = "order_date"},
    {"due_date", &T_DATE, F_SORT | F_FILTER | F_LATE, .example = "\"2026-12-31\""},
    ORDER_AMOUNTS,
};

static const Field line_fields[] = {ORDER_LINE("material_code", "material_name")};

static const Lines lines = {
    .name = "line_items",
    .also = "lines",
    .table = "order_lines",
    .parent = "order_id",
    LINE_FIELDS(line_fields),
    .max = ORDER_LINES_MAX,
};

static bool check(Ctx *c, Change *ch) {
    return order_party(c, ch, "supplier_id", "supplier_name") && order_complete(c, ch, "po_date");
}

/* An order without lines orders nothing. */
static bool has_lines(Ctx *c, const Change *ch) {
    return ch->row->n_lines > 0 || fail(c, E_STATE, "a purchase order without lines cannot be approved");
}

static const Action actions[] = {
    {"submit", 0, "Ask for approval", IN(DRAFT), PENDING},
    {"approve", 0, "Approve the order", IN(DRAFT) | IN(PENDING), APPROVED, .guard = has_lines},
    {"receive", 0, "Note that everything has arrived", IN(APPROVED), RECEIVED},
    {"cancel", 0, "Cancel the order", IN(DRAFT) | IN(PENDING) | IN(APPROVED), CANCELLED},
    {"reopen", 0, "Take a cancelled order back to draft", IN(CANCELLED), DRAFT},
};

static const char *const indexes[] = {"status,due_date", NULL};

const Resource purchase_orders = {
    .name = "purchase-orders",
    .singular = "purchase order",
    .summary = "Orders to vendors.",
    .table = "orders",
    .only = {"order_type", "purchase"},
    .display = "po_number",
    .key = "po_number",
    FIELDS(fields),
    .lines = &lines,
    .indexes = indexes,
    .checks = order_checks,
    ACTIONS(actions),
    .open_states = IN(DRAFT) | IN(PENDING),
    .done_states = IN(RECEIVED) | IN(CANCELLED),
    .due = "due_date",
    .check = check,
    .prove = order_prove,
};
