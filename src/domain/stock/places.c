/* Warehouses, and the tree of locations. A location's usage says what being
 * there means: internal and transit stock is ours; vendors, customers,
 * production and losses are the other side of every posting. Every
 * organization has one location of each usage from its first day. */
#include "domain/stock/internal.h"

#define DEPTH_MAX 16

const Choice usages[] = {
    {"internal", "stock"}, {"transit"}, {"vendor", "supplier"}, {"customer"}, {"production"},
    {"inventory_loss", "loss"}, {0},
};

static const Field warehouse_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_UNIQUE | F_SORT | F_SEARCH | F_FILTER, .example = "\"Finished goods\""},
    {"code", &T_TEXT, F_REQUIRED | F_UNIQUE | F_FILTER | F_SEARCH | F_SCAN, .max_length = 32, .example = "\"FG\""},
    {"address", &T_LONG_TEXT, 0, .max_length = 1000},
    {"is_active", &T_BOOL, F_FILTER, .fallback = "true"},
};

const Resource warehouses = {
    .name = "warehouses",
    .area = "stock",
    .singular = "warehouse",
    .summary = "Buildings and yards in which stock is kept.",
    .display = "name",
    .key = "code",
    .default_order = "id",
    FIELDS(warehouse_fields),
};

static const Field location_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Shelf A3\""},
    {"code", &T_TEXT, F_REQUIRED | F_UNIQUE | F_FILTER | F_SEARCH | F_SCAN, .max_length = 64, .example = "\"WH-A3\"",
     .help = "also what its barcode says"},
    {"usage", &T_ENUM, F_FILTER | F_CREATE_ONLY, .choices = usages, .fallback = "internal",
     .help = "internal and transit stock is ours; the rest is the other side of moves"},
    {"warehouse_id", &T_REF, F_FILTER, .ref = "warehouses"},
    {"parent_id", &T_REF, F_FILTER, .ref = "locations", .help = "the location it is part of"},
    {"path", &T_TEXT, F_READONLY | F_SORT, .max_length = 1000, .example = "\"Stock / Shelf A3\"",
     .help = "its name behind those it is part of"},
    {"allow_negative", &T_BOOL, 0, .fallback = "false", .help = "more may leave than is there"},
    {"is_active", &T_BOOL, F_FILTER, .fallback = "true"},
};

/* The names above it; refuses a circle. */
static bool path_find(Ctx *c, const Row *row, Str *path) {
    int64_t own = row_get(row, "id").kind == V_INT ? row_get(row, "id").i : 0;
    int64_t at = row_get(row, "parent_id").i;
    *path = row_get(row, "name").s;
    for (int depth = 0; at; depth++) {
        if (depth == DEPTH_MAX || at == own)
            return error_issue(&c->err, S("parent_id"), "circle", depth == DEPTH_MAX
                               ? "is nested too deeply" : "makes the location a part of itself");
        const Value id = value_int(at);
        Row parent;
        if (!record_seek(c, row->model, &(Seek){"id = ?2", &id, 1}, &parent)) return false;
        *path = arena_fmt(c->arena, "%.*s / %.*s", STR_ARG(row_get(&parent, "name").s), STR_ARG(*path));
        at = row_get(&parent, "parent_id").i;
    }
    return path->n <= 1000 || error_issue(&c->err, S("name"), "max_length", "makes its path too long");
}

static bool location_check(Ctx *c, Change *ch) {
    Str path;
    if (!ch->row || c->err.kind != E_NONE) return true;
    if (!path_find(c, ch->row, &path)) return false;
    row_set(ch->row, "path", value_text(path));
    return true;
}

/* What is below a location is called after it. */
static bool location_saved(Ctx *c, Change *ch) {
    if (!ch->before || !ch->row || !change_altered(ch, "path")) return true;
    Stmt *st = db_prepare(c->db, S("SELECT id FROM locations WHERE organization_id = ?1 AND parent_id = ?2"));
    int64_t ids[1000];
    int n = 0;
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, row_get(ch->row, "id"));
    while (n < 1000 && stmt_step(st)) ids[n++] = stmt_int(st, 0);
    bool more = n == 1000 && stmt_step(st);
    stmt_reset(st);
    if (more) return fail(c, E_CONFLICT, "more than 1000 locations lie in it: rename those first");
    for (int i = 0; i < n; i++) {
        Row child, before;
        if (!record_load(c, ch->model, ids[i], &before)) return false;
        child = row_copy(c->arena, &before);
        Change renamed = {.model = ch->model, .verb = "update", .before = &before, .row = &child};
        if (!location_check(c, &renamed) || !record_put(c, &before, &child) || !location_saved(c, &renamed))
            return false;
    }
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static const Action location_actions[] = {
    {"stock-levels", .summary = "What is there", LIST_OF("stock-levels", "location_id")},
};

const Resource locations = {
    .name = "locations",
    .area = "stock",
    .singular = "location",
    .summary = "Places where stock is, and the other side of its moves.",
    .display = "path",
    .key = "code",
    .default_order = "id",
    FIELDS(location_fields),
    ACTIONS(location_actions),
    .check = location_check,
    .saved = location_saved,
};

/* --- for the engine --- */

static void place_read(const Row *row, Place *out) {
    const ModelField *usage = model_field(row->model, "usage");
    out->id = row_get(row, "id").i;
    out->usage = (Usage)choice_index(usage, row_get(row, "usage").s);
    out->path = row_get(row, "path").s;
    out->may_be_negative = !usage_costed(out->usage) || row_get(row, "allow_negative").i;
}

bool place_load(Ctx *c, int64_t location_id, Place *out) {
    const Value id = value_int(location_id);
    Row row;
    if (record_seek(c, ctx_model(c, "locations"), &(Seek){"id = ?2", &id, 1}, &row)) {
        place_read(&row, out);
        return true;
    }
    return c->err.kind == E_NONE ? error_issue(&c->err, S("location_id"), "unknown_reference",
                                               "refers to no existing location")
                                 : false;
}

bool place_is(Ctx *c, const Place *place, Usage usage) {
    if (place->usage == usage || (usage == INTERNAL && place->usage == TRANSIT)) return true;
    return error_issue(&c->err, S("location_id"), "usage", "must be a location whose usage is %s", usages[usage].name);
}

typedef struct {
    const char *name, *code;
} Standard;
static const Standard standard[] = {
    [INTERNAL] = {"Stock", "STOCK"},         [TRANSIT] = {"In transit", "TRANSIT"},
    [VENDOR] = {"Vendors", "VENDORS"},       [CUSTOMER] = {"Customers", "CUSTOMERS"},
    [PRODUCTION] = {"Production", "PRODUCTION"}, [LOSS] = {"Inventory loss", "LOSS"},
};

static bool standard_make(Ctx *c, Usage usage, Value warehouse, Row *row) {
    const Model *m = ctx_model(c, "locations");
    Str code = str_of(standard[usage].code);
    /* A location of another usage may be called so. */
    for (int i = 2; record_find(c, m, "code", value_text(code)); i++)
        code = arena_fmt(c->arena, "%s-%d", standard[usage].code, i);
    *row = row_fresh(c, m);
    row_set(row, "name", value_text(str_of(standard[usage].name)));
    row_set(row, "path", value_text(str_of(standard[usage].name)));
    row_set(row, "code", value_text(code));
    row_set(row, "usage", value_text(str_of(usages[usage].name)));
    if (usage == INTERNAL) row_set(row, "warehouse_id", warehouse);
    return c->err.kind == E_NONE && record_put(c, NULL, row);
}

bool place_of_usage(Ctx *c, Usage usage, Place *out) {
    const Value by = value_text(str_of(usages[usage].name));
    Row row;
    bool found = record_seek(c, ctx_model(c, "locations"),
                             &(Seek){"usage = ?2 AND is_active ORDER BY id LIMIT 1", &by, 1}, &row);
    if (!found && (c->err.kind != E_NONE || !standard_make(c, usage, VALUE_NULL, &row))) return false;
    place_read(&row, out);
    return true;
}

bool stock_follow_organization(Ctx *c, Change *ch) {
    if (ch->before || !ch->row) return true;
    Row warehouse = row_fresh(c, ctx_model(c, "warehouses"));
    row_set(&warehouse, "name", value_text(S("Main warehouse")));
    row_set(&warehouse, "code", value_text(S("WH")));
    if (!record_put(c, NULL, &warehouse)) return false;
    for (Usage usage = INTERNAL; usage <= LOSS; usage++) {
        Row row;
        if (!standard_make(c, usage, row_get(&warehouse, "id"), &row)) return false;
    }
    return true;
}
