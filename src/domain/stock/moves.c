/* Stock moves: each says once what went from where to where, and is never
 * changed: a mistake is reversed by an opposite move that names it.
 *
 * POST makes one of any kind. What comes in from outside is worth unit_cost, or
 * the product's cost; what leaves is worth what the costing says (cost.c). A
 * count gives counted_quantity: the difference to what was there at
 * effective_at is posted at that moment, so that what was sold since then stays
 * sold. */
#include "domain/stock/internal.h"
#include "model/query.h"

static const Field fields[] = {
    {"kind", &T_ENUM, F_REQUIRED | F_FILTER | F_UNINDEXED, .choices = move_kinds, .example = "\"receipt\""},
    {"product_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "products", .example = "1"},
    {"quantity", &T_QUANTITY, 0, .fallback = "0", .min = "0.0001", .example = "100",
     .help = "in the product's unit unless `unit` says otherwise; left out for a count"},
    {"unit", &T_TEXT, F_NO_COLUMN, .max_length = 32, .example = "",
     .help = "of the quantity: a unit of measure"},
    {"counted_quantity", &T_QUANTITY, 0, .min = "0", .example = "", .help = "adjustment: what was counted"},
    {"location_id", &T_REF, F_NO_COLUMN, .ref = "locations", .help = "the internal one of from and to"},
    {"from_location_id", &T_REF, F_FILTER | F_UNINDEXED, .ref = "locations"},
    {"to_location_id", &T_REF, F_FILTER | F_UNINDEXED, .ref = "locations"},
    {"lot_id", &T_REF, F_FILTER, .ref = "lots"},
    {"lot", &T_TEXT, F_NO_COLUMN, .max_length = 64, .also = "serial_number", .example = "",
     .help = "lot or serial number by name; what arrives under a new one makes it"},
    {"best_before", &T_DATE, F_NO_COLUMN, .example = "", .help = "of a lot that is made"},
    {"stock_status", &T_ENUM, F_FILTER | F_UNINDEXED, .choices = stock_statuses, .fallback = STATUS_OK},
    {"to_stock_status", &T_ENUM, 0, .choices = stock_statuses, .example = "", .help = "transfer: what it becomes"},
    {"unit_cost", &T_MONEY, 0, .min = "0", .example = "9.5", .help = "of what comes in from outside"},
    {"value", &T_MONEY, F_READONLY | F_DERIVED | F_SUM, .fallback = "0"},
    {"effective_at", &T_TIME, F_SORT | F_FILTER, .fallback = "now", .also = "date",
     .help = "when it happened: now, or before in an open period"},
    {"reason", &T_TEXT, 0, .also = "notes,reference", .example = "\"delivery note 4711\""},
    {"source", &T_TEXT, F_READONLY | F_FILTER | F_UNINDEXED, .max_length = 64, .help = "resource of its document"},
    {"source_id", &T_INT, F_READONLY | F_FILTER | F_UNINDEXED},
    {"source_line_id", &T_INT, F_READONLY},
    {"reverses_id", &T_REF, F_READONLY | F_FILTER, .ref = "stock-moves"},
    {"reversed_before", &T_QUANTITY, F_READONLY | F_HIDDEN, .fallback = "0"},
    {"reversed_quantity", &T_QUANTITY, F_READONLY | F_DERIVED, .fallback = "0", .help = "what was taken back of it"},
    {"created_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users", .fallback = "me"},
    {"created_at", &T_TIME, F_READONLY, .fallback = "now"},
};

static const char *const indexes[] = {"source,source_id,source_line_id", NULL};
static const char *const checks[] = {"quantity >= 0", "reversed_quantity <= quantity", NULL};

/* Between which usages a kind moves. */
typedef struct {
    Usage from, to;
    bool gives_value; /* it may come with a unit_cost */
} Route;
static const Route routes[] = {
    {VENDOR, INTERNAL, true},   {INTERNAL, CUSTOMER, false}, {INTERNAL, INTERNAL, false},
    {LOSS, INTERNAL, true},     {INTERNAL, LOSS, false},     {CUSTOMER, INTERNAL, true},
    {INTERNAL, VENDOR, false},  {PRODUCTION, INTERNAL, true}, {INTERNAL, PRODUCTION, false},
};
enum { ADJUSTMENT = 3, TRANSFER = 2, REVALUATION = 9 };

static int kind_of(const Row *row) { return choice_index(model_field(row->model, "kind"), row_get(row, "kind").s); }

static bool bad(Ctx *c, const char *field, const char *code, const char *message) {
    return error_issue(&c->err, str_of(field), code, "%s", message);
}

/* --- reading one --- */

/* An adjustment takes away when it says from where. */
static Route route_of(const Row *row) {
    int kind = kind_of(row);
    Route r = routes[kind];
    bool takes = row_get(row, "from_location_id").kind == V_INT && row_get(row, "to_location_id").kind == V_NULL;
    if (kind == ADJUSTMENT && takes) r = (Route){INTERNAL, LOSS, false};
    return r;
}

static bool end_fill(Ctx *c, Row *row, const char *field, Usage usage) {
    Place place;
    Value id = row_get(row, field), here = row_get(row, "location_id");
    if (id.kind == V_NULL && usage == INTERNAL && here.kind == V_INT) id = here;
    if (id.kind == V_NULL) {
        if (!place_of_usage(c, usage, &place)) return false;
    } else {
        if (!place_load(c, id.i, &place)) return false;
        bool fits = place.usage == usage || (usage == INTERNAL && place.usage == TRANSIT);
        if (!fits)
            return error_issue(&c->err, str_of(field), "usage", "must be a location whose usage is %s", usages[usage].name);
    }
    row_set(row, field, value_int(place.id));
    row->names[model_field(row->model, field)->index] = place.path;
    return true;
}

static bool ends_fill(Ctx *c, Row *row) {
    Route r = route_of(row);
    bool both = row_get(row, "from_location_id").kind == V_INT && row_get(row, "to_location_id").kind == V_INT;
    bool changes = row_get(row, "to_stock_status").kind == V_TEXT;
    if (kind_of(row) == TRANSFER && changes && row_get(row, "to_location_id").kind == V_NULL)
        row_set(row, "to_location_id", row_get(row, row_get(row, "location_id").kind == V_INT ? "location_id" : "from_location_id"));
    else if (kind_of(row) == TRANSFER && !both)
        return bad(c, "to_location_id", "required", "a transfer says from_location_id and to_location_id, or to_stock_status");
    return end_fill(c, row, "from_location_id", r.from) && end_fill(c, row, "to_location_id", r.to);
}

/* By id or name; what comes in from outside may bring a new one. */
static bool lot_fill(Ctx *c, Row *row, const Row *product) {
    Value id = row_get(row, "lot_id"), name = row_get(row, "lot");
    bool tracked = !str_is(row_get(product, "tracking").s, "none");
    if (!tracked && (id.kind == V_INT || name.kind == V_TEXT))
        return bad(c, "lot", "untracked", "the product is not kept by lot or serial number");
    if (!tracked) return true;
    if (id.kind == V_NULL && name.kind == V_NULL) return bad(c, "lot", "required", "is required: the product is kept by it");
    const StockLot named = {row_get(row, "product_id").i, name.s, row_get(row, "best_before"),
                            !usage_costed(route_of(row).from)};
    int64_t lot = id.i;
    if (id.kind == V_NULL && !stock_lot(c, &named, &lot)) return false;
    if (!lot) return bad(c, "lot", "unknown_reference", "is no lot of the product");
    row_set(row, "lot_id", value_int(lot));
    return true;
}

/* --- counting --- */

static bool level_at(Ctx *c, const Row *row, Decimal *out) {
    Stmt *st = db_prepare(
        c->db, S("SELECT g.level_quantity FROM stock_levels v JOIN stock_ledger g "
                 "ON g.organization_id = v.organization_id AND g.level_id = v.id "
                 "WHERE v.organization_id = ?1 AND v.product_id = ?2 AND v.location_id = ?3 AND v.lot_key = ?4 "
                 "AND v.stock_status = ?5 AND g.effective_at <= ?6 "
                 "ORDER BY g.effective_at DESC, g.order_id DESC, g.id DESC LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(row, "product_id"));
    stmt_bind(st, 3, row_get(row, "to_location_id"));
    stmt_bind_int(st, 4, row_get(row, "lot_id").kind == V_INT ? row_get(row, "lot_id").i : 0);
    stmt_bind(st, 5, row_get(row, "stock_status"));
    stmt_bind(st, 6, row_get(row, "effective_at"));
    *out = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static void ends_swap(Row *row) {
    int a = model_field(row->model, "from_location_id")->index, b = model_field(row->model, "to_location_id")->index;
    Value v = row->values[a];
    Str name = row->names[a];
    row->values[a] = row->values[b];
    row->names[a] = row->names[b];
    row->values[b] = v;
    row->names[b] = name;
}

/* The difference becomes the quantity; less than there was turns it round. */
static bool count_fill(Ctx *c, Row *row) {
    Value counted = row_get(row, "counted_quantity");
    Decimal there;
    if (counted.kind == V_NULL) return true;
    if (!level_at(c, row, &there)) return false;
    if (counted.i < there) ends_swap(row);
    row_set(row, "quantity", value_int(counted.i < there ? there - counted.i : counted.i - there));
    return true;
}

static bool quantity_fill(Ctx *c, Row *row, const Row *product) {
    Decimal q = row_get(row, "quantity").i;
    bool counts = row_get(row, "counted_quantity").kind == V_INT;
    if (counts && kind_of(row) != ADJUSTMENT) return bad(c, "counted_quantity", "kind", "is for adjustments only");
    if (counts && q) return bad(c, "quantity", "duplicate", "must be left out where counted_quantity is given");
    if (!counts && !q) return bad(c, "quantity", "required", "is required");
    const char *field = counts ? "counted_quantity" : "quantity";
    Decimal base;
    const UnitQuantity given = {counts ? row_get(row, field).i : q, row_get(row, "unit").s, str_of(field)};
    if (given.quantity && !unit_convert(c, &given, row_get(product, "unit").s, &base)) return false;
    if (given.quantity) row_set(row, field, value_int(base));
    return true;
}

static bool product_find(Ctx *c, const Row *row, Row *product) {
    const Value id = row_get(row, "product_id");
    return record_seek(c, ctx_model(c, "products"), &(Seek){"id = ?2", &id, 1}, product);
}

static bool status_check(Ctx *c, const Row *row) {
    if (row_get(row, "to_stock_status").kind == V_NULL || kind_of(row) == TRANSFER) return true;
    return bad(c, "to_stock_status", "kind", "is for transfers only");
}

static bool check(Ctx *c, Change *ch) {
    Row *row = ch->row, product;
    if (!row || c->err.kind != E_NONE) return true;
    if (kind_of(row) == REVALUATION) return bad(c, "kind", "read_only", "is made by the server only");
    if (!product_find(c, row, &product)) return false;
    if (!product_is_goods(&product)) return bad(c, "product_id", "service", "is a service, which is never in stock");
    if (!quantity_fill(c, row, &product) || !status_check(c, row)) return false;
    bool counts = row_get(row, "counted_quantity").kind == V_INT;
    if (counts && row_get(row, "from_location_id").kind == V_INT)
        return bad(c, "from_location_id", "kind", "a count says location_id, where it counted");
    if (!lot_fill(c, row, &product) || !ends_fill(c, row)) return false;
    if (row_get(row, "unit_cost").kind == V_INT && !route_of(row).gives_value)
        return bad(c, "unit_cost", "kind", "is for what comes in from outside; what leaves is worth its cost");
    return count_fill(c, row);
}

/* --- posting it --- */

static bool posting_of_move(Ctx *c, Row *row, Posting *p) {
    *p = (Posting){.move = row, .key = {row_get(row, "product_id").i, row_get(row, "lot_id").kind == V_INT ? row_get(row, "lot_id").i : 0,
                                        row_get(row, "stock_status").s}};
    Str to = row_get(row, "to_stock_status").s;
    p->to_status = to.n ? to : p->key.status;
    return place_load(c, row_get(row, "from_location_id").i, &p->from) &&
           place_load(c, row_get(row, "to_location_id").i, &p->to);
}

static bool value_given(Ctx *c, const Item *item, const Row *row, Posting *p) {
    Value cost = row_get(row, "unit_cost");
    p->basis = usage_costed(p->from.usage) ? BASIS_COST : BASIS_GIVEN;
    if (p->basis == BASIS_COST) return true;
    Decimal each = cost.kind == V_INT ? cost.i : item->total.cost;
    return decimal_mul(row_get(row, "quantity").i, each, DECIMAL_PLACES, &p->value) ||
           fail(c, E_CONFLICT, "the value would be more than can be stored");
}

static bool saved(Ctx *c, Change *ch) {
    Item item = {0};
    Posting p;
    if (!ch->row) return true;
    item.session = session_new(c);
    if (!item_load(c, row_get(ch->row, "product_id").i, &item) || !posting_of_move(c, ch->row, &p)) return false;
    return value_given(c, &item, ch->row, &p) && posting_make(c, &item, &p) && item_store(c, &item);
}

/* --- reversing it --- */

static const Field reverse_input[] = {
    {"quantity", &T_QUANTITY, 0, .min = "0.0001", .help = "all that was not taken back yet when left out"},
    {"reason", &T_TEXT, 0, .example = "\"entered twice\""},
};

static bool reverse(Ctx *c, Call *call) {
    Row original, opposite;
    const Model *m = call->view->model;
    if (!record_load(c, m, call->id, &original)) return false;
    int kind = kind_of(&original);
    if (row_get(&original, "reverses_id").kind == V_INT || kind == REVALUATION)
        return fail(c, E_STATE, "a %s is not reversed: make the move again", kind == REVALUATION ? "revaluation" : "reversal");
    Str source = row_get(&original, "source").s;
    if (source.n)
        return fail(c, E_STATE, "it belongs to %.*s %lld: take it back there", STR_ARG(source),
                    (long long)row_get(&original, "source_id").i);
    const StockReversal r = {.move_id = call->id, .as = move_kinds[kind].name,
                             .quantity = call_value(call, "quantity").i, .reason = call_text(call, "reason")};
    if (!stock_reverse(c, &r)) return false;
    const Value by = value_int(call->id);
    if (!record_seek(c, m, &(Seek){"reverses_id = ?2 ORDER BY id DESC LIMIT 1", &by, 1}, &opposite)) return false;
    if (!record_load(c, m, row_get(&opposite, "id").i, &opposite)) return false;
    Str changes = arena_fmt(c->arena, "{\"reversed_by\":%lld}", (long long)row_get(&opposite, "id").i);
    if (!journal_append(c, m->name, call->id, S("reverse"), changes)) return false;
    row_write(c, call->view, &opposite);
    return true;
}

static const Action actions[] = {
    {"postings", .summary = "Its two postings", LIST_OF("stock-ledger", "move_id")},
    {"reverse", ACTION_CREATES | ACTION_MOVES, "Take it back by an opposite move at the value it had", INPUT(reverse_input), .run = reverse},
};

const Resource stock_moves = {
    .name = "stock-moves",
    .area = "stock",
    .singular = "stock move",
    .summary = "What went from where to where: receipts, deliveries, transfers, counts, scrap, returns.",
    .flags = R_APPEND_ONLY | R_NO_DELETE | R_MOVES,
    .display = "kind",
    FIELDS(fields),
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .check = check,
    .saved = saved,
};
