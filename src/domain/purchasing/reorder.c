/* Reorder proposals: what should be ordered, worked out when it is asked for.
 *
 * A product is proposed when what is available and what is on order (approved
 * and not here yet) together are below its reorder_minimum. The quantity fills
 * up to reorder_maximum (else the minimum), in whole multiples. What stands in
 * drafts and in orders that wait for approval is not on order; but ordering all
 * proposals leaves out what those cover, so that asking twice does not order
 * twice.
 *
 * Only products marked below_minimum are read, and the open orders once. */
#include <jansson.h>

#include "domain/catalog/catalog.h"
#include "domain/orders/orders.h"
#include "domain/purchasing/purchasing.h"

#define PAGE_DEFAULT   50
#define PROPOSALS_MAX  5000 /* ordered by one call */

/* --- finding them --- */

/* What orders have of each product: ?1 the organization. */
#define OPEN_ORDERS                                                                                          \
    "WITH open AS MATERIALIZED (SELECT l.product_id, "                                                       \
    "sum(l.quantity - l.received_quantity) FILTER (WHERE o.status = 'approved' "                             \
    "AND l.received_quantity < l.quantity) AS ordered, "                                                     \
    "sum(l.quantity) FILTER (WHERE o.status <> 'approved') AS drafted "                                      \
    "FROM orders o CROSS JOIN order_lines l WHERE l.organization_id = o.organization_id AND l.order_id = o.id " \
    "AND o.organization_id = ?1 AND o.order_type = 'purchase' "                                            \
    "AND o.status IN ('draft', 'pending', 'approved') AND l.product_id IS NOT NULL GROUP BY l.product_id) "

/* ?2 a vendor, or null; ?3 a JSON object with product ids as keys, or null; ?4 whether what
 * drafts cover counts as ordered. */
#define PROPOSED                                                                                             \
    "FROM products p LEFT JOIN open b ON b.product_id = p.id "                                               \
    "LEFT JOIN vendors v ON v.organization_id = p.organization_id AND v.id = p.preferred_vendor_id "         \
    "WHERE p.organization_id = ?1 AND p.below_minimum = true "                                                  \
    "AND p.available + coalesce(b.ordered, 0) < p.reorder_minimum "                                          \
    "AND (?4 = 0 OR p.available + coalesce(b.ordered, 0) + coalesce(b.drafted, 0) < p.reorder_minimum) "     \
    "AND (p.preferred_vendor_id = ?2 OR ?2 IS NULL) "                                                        \
    "AND (p.id IN (SELECT CAST(key AS bigint) FROM json_each(?3)) OR ?3 IS NULL) "

static const char page_sql[] =
    OPEN_ORDERS
    "SELECT p.id, p.sku, p.name, p.unit, p.available, coalesce(b.ordered, 0), coalesce(b.drafted, 0), "
    "p.reorder_minimum, p.reorder_maximum, p.reorder_multiple, p.cost, v.id, v.name, "
    "coalesce(p.lead_time_days, v.lead_time_days), v.status " PROPOSED
    "ORDER BY v.name IS NULL, v.name, v.id, p.sku LIMIT ?5 OFFSET ?6";
static const char count_sql[] = OPEN_ORDERS "SELECT count(*) " PROPOSED;

typedef struct {
    Value vendor; /* of these only, or null */
    Value ids;    /* JSON text, or null */
    bool undrafted; /* not what drafts cover already */
    int64_t size, skip;
} Wanted;

typedef struct {
    int64_t product_id, vendor_id;
    Str sku, name, unit, vendor_name, vendor_status;
    Decimal available, ordered, drafted, minimum, cost, quantity;
    Value maximum, multiple, lead_days;
} Proposal;

/* Up to the maximum, in whole multiples; false when it cannot be stored. */
static bool quantity_fill(Proposal *p) {
    __int128 target = p->maximum.kind == V_INT ? p->maximum.i : p->minimum;
    __int128 need = target - p->available - p->ordered;
    if (p->multiple.kind == V_INT && p->multiple.i > 0)
        need = (need + p->multiple.i - 1) / p->multiple.i * p->multiple.i;
    p->quantity = (Decimal)need;
    return need > 0 && need <= INT64_MAX;
}

static Str copied(Ctx *c, Str s) { return s.p ? arena_str(c->arena, s) : STR_NONE; }

static bool proposal_read(Ctx *c, Stmt *st, Proposal *p) {
    *p = (Proposal){.product_id = stmt_int(st, 0), .sku = copied(c, stmt_text(st, 1)), .name = copied(c, stmt_text(st, 2)),
                    .unit = copied(c, stmt_text(st, 3)), .available = stmt_int(st, 4), .ordered = stmt_int(st, 5),
                    .drafted = stmt_int(st, 6), .minimum = stmt_int(st, 7), .maximum = stmt_value(st, 8),
                    .multiple = stmt_value(st, 9), .cost = stmt_int(st, 10), .vendor_id = stmt_int(st, 11),
                    .vendor_name = copied(c, stmt_text(st, 12)), .lead_days = stmt_value(st, 13),
                    .vendor_status = copied(c, stmt_text(st, 14))};
    return quantity_fill(p);
}

static Stmt *wanted_bind(Ctx *c, const char *sql, const Wanted *w) {
    Stmt *st = db_prepare(c->db, str_of(sql));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, w->vendor);
    stmt_bind(st, 3, w->ids);
    stmt_bind_int(st, 4, w->undrafted);
    return st;
}

static Stmt *page_statement(Ctx *c, const Wanted *w) {
    Stmt *st = wanted_bind(c, page_sql, w);
    stmt_bind_int(st, 5, w->size);
    stmt_bind_int(st, 6, w->skip);
    return st;
}

/* --- showing them --- */

static void decimal_field(Json *j, const char *name, Value d) {
    js_key(j, str_of(name));
    if (d.kind == V_INT)
        js_decimal(j, d.i);
    else
        js_null(j);
}

/* It is below its minimum already, so the day to order is today. */
static void dates_write(Ctx *c, const Proposal *p) {
    char expected[DATE_TEXT];
    bool known = p->lead_days.kind == V_INT && date_add_days(str_of(c->today), (int)p->lead_days.i, expected);
    js_key(&c->out, S("lead_time_days"));
    if (p->lead_days.kind == V_INT)
        js_int(&c->out, p->lead_days.i);
    else
        js_null(&c->out);
    js_field_str(&c->out, "order_by_date", str_of(c->today));
    js_field_str(&c->out, "expected_date", known ? str_of(expected) : STR_NONE);
}

static void proposal_write(Ctx *c, const Proposal *p) {
    Json *j = &c->out;
    js_begin_object(j);
    js_field_int(j, "product_id", p->product_id);
    js_field_str(j, "sku", p->sku);
    js_field_str(j, "name", p->name);
    js_field_str(j, "unit", p->unit);
    decimal_field(j, "available", value_int(p->available));
    decimal_field(j, "on_order", value_int(p->ordered));
    decimal_field(j, "in_draft", value_int(p->drafted));
    decimal_field(j, "reorder_minimum", value_int(p->minimum));
    decimal_field(j, "reorder_maximum", p->maximum);
    decimal_field(j, "reorder_multiple", p->multiple);
    decimal_field(j, "proposed_quantity", value_int(p->quantity));
    decimal_field(j, "last_cost", value_int(p->cost));
    js_key(j, S("vendor_id"));
    if (p->vendor_id)
        js_int(j, p->vendor_id);
    else
        js_null(j);
    js_field_str(j, "vendor_name", p->vendor_name);
    dates_write(c, p);
    js_end_object(j);
}

static bool total_write(Ctx *c, const Wanted *w) {
    Stmt *st = wanted_bind(c, count_sql, w);
    int64_t total = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    js_field_int(&c->out, "total", total);
    js_field_int(&c->out, "page", w->skip / w->size + 1);
    js_field_int(&c->out, "page_size", w->size);
    js_field_int(&c->out, "pages", (total + w->size - 1) / w->size);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool list(Ctx *c, Call *call) {
    Proposal p;
    Value page = call_value(call, "page"), size = call_value(call, "page_size");
    Wanted w = {.vendor = call_value(call, "vendor_id"), .size = size.kind == V_INT ? size.i : PAGE_DEFAULT};
    w.skip = page.kind == V_INT ? (page.i - 1) * w.size : 0;
    Stmt *st = page_statement(c, &w);
    js_begin_object(&c->out);
    js_key(&c->out, S("items"));
    js_begin_array(&c->out);
    while (stmt_step(st))
        if (proposal_read(c, st, &p)) proposal_write(c, &p);
    js_end_array(&c->out);
    stmt_reset(st);
    if (!total_write(c, &w)) return false;
    js_end_object(&c->out);
    return true;
}

/* --- ordering them --- */

typedef struct {
    Proposal *list;
    int n;
    bool more; /* than are ordered by one call */
} Proposals;

/* "[12,7]" becomes {"12":0,"7":0}: of an object every database's json_each tells the keys. */
static bool ids_read(Ctx *c, Value *ids) {
    if (ids->kind != V_TEXT) return true;
    json_t *id, *list = json_loadb(ids->s.p, ids->s.n, 0, NULL);
    size_t i;
    Buf keys = {0};
    bool good = json_is_array(list) && json_array_size(list) <= PROPOSALS_MAX;
    json_array_foreach(list, i, id) {
        good = good && json_is_integer(id);
        buf_fmt(&keys, "%s\"%lld\":0", i ? "," : "{", (long long)json_integer_value(id));
    }
    buf_c(&keys, keys.n ? "}" : "{}");
    ids->s = arena_str(c->arena, buf_view(&keys));
    buf_free(&keys);
    json_decref(list);
    return good || error_issue(&c->err, S("product_ids"), "type", "must be a list of at most %d product ids", PROPOSALS_MAX);
}

/* Why it is not ordered; NULL: it is. */
static const char *skip_reason(const Proposal *p) {
    if (!p->vendor_id) return "no_vendor";
    bool off = str_is(p->vendor_status, "inactive") || str_is(p->vendor_status, "blacklisted");
    return off ? "vendor_not_active" : NULL;
}

static bool vendor_override(Ctx *c, const Call *call, Proposals *all) {
    Value id = call_value(call, "vendor_id");
    Row vendor;
    if (id.kind == V_NULL) return true;
    if (!record_seek(c, ctx_model(c, "vendors"), &(Seek){"id = ?2", &id, 1}, &vendor))
        return c->err.kind == E_NONE && error_issue(&c->err, S("vendor_id"), "unknown_reference", "refers to no existing vendor");
    for (int i = 0; i < all->n; i++) {
        Proposal *p = &all->list[i];
        p->vendor_id = id.i;
        p->vendor_name = row_get(&vendor, "name").s;
        p->vendor_status = row_get(&vendor, "status").s;
    }
    return true;
}

static bool proposals_read(Ctx *c, const Call *call, Proposals *all) {
    Value ids = call_value(call, "product_ids");
    if (!ids_read(c, &ids)) return false;
    const Wanted w = {.ids = ids, .undrafted = ids.kind == V_NULL, .size = PROPOSALS_MAX + 1};
    *all = (Proposals){.list = ARENA_ARRAY(c->arena, Proposal, PROPOSALS_MAX)};
    Stmt *st = page_statement(c, &w);
    while (all->n < PROPOSALS_MAX && stmt_step(st)) all->n += proposal_read(c, st, &all->list[all->n]);
    all->more = all->n == PROPOSALS_MAX && stmt_step(st);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    return vendor_override(c, call, all);
}

static void give(Input *in, const char *field, Value v) {
    row_set(&in->row, field, v);
    set_add(&in->given, model_field(in->row.model, field)->index);
}

static Row line_of(Ctx *c, const Model *m, const Proposal *p) {
    Row line = row_new(c->arena, m->lines);
    row_set(&line, "material_code", value_text(p->sku));
    row_set(&line, "material_name", value_text(p->name));
    row_set(&line, "quantity", value_int(p->quantity));
    row_set(&line, "unit_price", value_int(p->cost));
    return line;
}

/* One order of the proposals from *at on that go to the same vendor. */
static bool order_make(Ctx *c, const Proposals *all, int *at) {
    const Model *m = ctx_model(c, "purchase-orders");
    const Proposal *first = &all->list[*at];
    Input in = {.row = row_new(c->arena, m), .lines_given = true, .status = -1, .kind = INPUT_CREATE};
    char due[DATE_TEXT];
    int64_t days = -1;
    in.row.lines = ARENA_ARRAY(c->arena, Row, ORDER_LINES_MAX);
    for (; *at < all->n && in.row.n_lines < ORDER_LINES_MAX; ++*at) {
        const Proposal *p = &all->list[*at];
        if (p->vendor_id != first->vendor_id) break;
        in.row.lines[in.row.n_lines++] = line_of(c, m, p);
        if (p->lead_days.kind == V_INT && p->lead_days.i > days) days = p->lead_days.i;
    }
    give(&in, "supplier_id", value_int(first->vendor_id));
    if (days >= 0 && date_add_days(str_of(c->today), (int)days, due))
        give(&in, "due_date", value_text(arena_str(c->arena, str_of(due))));
    give(&in, "notes", value_text(arena_fmt(c->arena, "Reorder proposals of %s", c->today)));
    Row made;
    if (!record_create(c, m, &in, &made)) return false;
    row_write(c, &m->views[0], &made);
    return true;
}

static void skipped_write(Ctx *c, const Proposals *all) {
    js_key(&c->out, S("skipped"));
    js_begin_array(&c->out);
    for (int i = 0; i < all->n; i++) {
        const char *reason = skip_reason(&all->list[i]);
        if (!reason) continue;
        js_begin_object(&c->out);
        js_field_int(&c->out, "product_id", all->list[i].product_id);
        js_field_str(&c->out, "sku", all->list[i].sku);
        js_field_c(&c->out, "reason", reason);
        js_end_object(&c->out);
    }
    js_end_array(&c->out);
}

/* They are sorted by vendor; with an override there is only one. */
static bool order(Ctx *c, Call *call) {
    Proposals all;
    if (!ctx_require(c, ctx_model(c, "purchase-orders"), MAY_CREATE) || !proposals_read(c, call, &all)) return false;
    js_begin_object(&c->out);
    js_key(&c->out, S("orders"));
    js_begin_array(&c->out);
    for (int i = 0; i < all.n;) {
        if (skip_reason(&all.list[i]))
            i++;
        else if (!order_make(c, &all, &i))
            return false;
    }
    js_end_array(&c->out);
    skipped_write(c, &all);
    js_field_bool(&c->out, "more", all.more);
    js_end_object(&c->out);
    return true;
}

static const Field list_input[] = {
    {"vendor_id", &T_REF, 0, .ref = "vendors", .help = "whose products"},
    {"page", &T_INT, 0, .min = "1", .max = "1000000"},
    {"page_size", &T_INT, 0, .min = "1", .max = "1000", .help = "50 when left out"},
};
static const Field list_answer[] = {
    {"items", &T_JSON, 0, .help = "product_id, sku, name, unit, available, on_order (approved, not here yet), in_draft, "
     "reorder_minimum, reorder_maximum, reorder_multiple, proposed_quantity, last_cost, vendor_id, vendor_name, "
     "lead_time_days, order_by_date and expected_date of each"},
    {"total", &T_INT, 0}, {"page", &T_INT, 0}, {"page_size", &T_INT, 0}, {"pages", &T_INT, 0},
};
static const Field order_input[] = {
    {"product_ids", &T_JSON, 0, .help = "a list; all that is proposed when left out, but for what drafts cover already"},
    {"vendor_id", &T_REF, 0, .ref = "vendors", .help = "who gets the order, instead of each product's preferred vendor"},
};
static const Field order_answer[] = {
    {"orders", &T_JSON, 0, .help = "the purchase orders that were made"},
    {"skipped", &T_JSON, 0, .help = "proposals that were not ordered: product_id, sku and reason (no_vendor, "
     "vendor_not_active)"},
    {"more", &T_BOOL, 0, .help = "whether there are more than one call orders: call again"},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_POOL, "What should be ordered, by vendor", .permission = "read",
     INPUT(list_input), ANSWER(list_answer), .run = list},
    {"order", ACTION_COLLECTION, "Draft purchase orders of the proposals, one for each vendor",
     INPUT(order_input), ANSWER(order_answer), .run = order},
};

const Resource reorder_proposals = {
    .name = "reorder-proposals",
    .area = "purchasing",
    .summary = "What is below its reorder minimum, and how much of it to order from whom.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
