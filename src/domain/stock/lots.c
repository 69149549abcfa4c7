/* Lots and serial numbers: stock of a product that is kept apart. Of a product
 * tracked by serial number each is one piece, which is in one place. */
#include "domain/stock/internal.h"

static const Field fields[] = {
    {"product_id", &T_REF, F_REQUIRED | F_CREATE_ONLY | F_FILTER, .ref = "products"},
    {"name", &T_TEXT, F_REQUIRED | F_FILTER | F_SORT | F_SEARCH | F_SCAN, .max_length = 64, .also = "lot,number,serial_number",
     .example = "\"LOT-2026-014\"", .help = "lot or serial number, unique for the product"},
    {"best_before", &T_DATE, F_FILTER | F_SORT, .also = "expiry_date", .example = "\"2027-06-30\""},
    {"notes", &T_LONG_TEXT, 0},
};

static bool check(Ctx *c, Change *ch) {
    if (!ch->row || c->err.kind != E_NONE) return true;
    const Value id = row_get(ch->row, "product_id");
    Row product;
    if (!record_seek(c, ctx_model(c, "products"), &(Seek){"id = ?2", &id, 1}, &product)) return false;
    if (!str_is(row_get(&product, "tracking").s, "none")) return true;
    return error_issue(&c->err, S("product_id"), "untracked", "is not kept by lot or serial number");
}

static const Action actions[] = {
    {"ledger", .summary = "Its stock postings, the oldest first: where it came from and where it went",
     LIST_OF("stock-ledger", "lot_id"), .list_order = "effective_at,order_id"},
    {"stock-levels", .summary = "Where it is", LIST_OF("stock-levels", "lot_id")},
};

static const char *const uniques[] = {"product_id,name", NULL};

const Resource lots = {
    .name = "lots",
    .area = "stock",
    .singular = "lot",
    .summary = "Lots and serial numbers.",
    .display = "name",
    FIELDS(fields),
    ACTIONS(actions),
    .uniques = uniques,
    .check = check,
};

static bool lot_make(Ctx *c, const StockLot *lot, int64_t *id) {
    const Model *m = ctx_model(c, "lots");
    Row row;
    Input in = {.row = row_new(c->arena, m), .status = -1};
    const struct {
        const char *field;
        Value value;
    } given[] = {{"product_id", value_int(lot->product_id)}, {"name", value_text(lot->name)}, {"best_before", lot->best_before}};
    for (size_t i = 0; i < 3; i++) {
        row_set(&in.row, given[i].field, given[i].value);
        set_add(&in.given, model_field(m, given[i].field)->index);
    }
    if (!record_create(c, m, &in, &row)) return false;
    *id = row_get(&row, "id").i;
    return true;
}

bool stock_lot(Ctx *c, const StockLot *lot, int64_t *id) {
    const Value by[] = {value_int(lot->product_id), value_text(lot->name)};
    Row row;
    *id = 0;
    if (record_seek(c, ctx_model(c, "lots"), &(Seek){"product_id = ?2 AND name = ?3", by, 2}, &row)) {
        *id = row_get(&row, "id").i;
        return true;
    }
    if (c->err.kind != E_NONE) return false;
    return !lot->make || lot_make(c, lot, id);
}
