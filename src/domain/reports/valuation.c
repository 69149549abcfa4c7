/* What the stock is worth: by product, category and location, now or at a past
 * moment. All of it adds up the values of levels that are ours (internal and in
 * transit), so it agrees with them to the last digit.
 *
 * Each part is one statement, all in one snapshot. */
#include "domain/reports/reports.h"
#include "model/query.h"
#include "model/sums.h"
#include "model/type.h"
#include "model/write.h"

#define PAGE_DEFAULT 50
typedef struct {
    Str moment;  /* n 0: now */
    Value location, category;
    int64_t page, size;
} Valuation;

/* ?2 a past moment, ?3 a category, ?4 a location with all that lies in it. */
static Str levels_sql(Ctx *c, const Valuation *v, const char *what) {
    const Resource *levels = ctx_model(c, "stock-levels")->resource;
    const char *here = "WITH RECURSIVE here(id) AS (SELECT CAST(?4 AS bigint) UNION SELECT k.id FROM locations k JOIN here "
                       "ON k.parent_id = here.id WHERE k.organization_id = ?1), ";
    const char *high = sum_part(c->arena, c->db, "value", true, SUM_HIGH).p;
    const char *low = sum_part(c->arena, c->db, "value", true, SUM_LOW).p;
    Str products = ctx_fmt(c, "product AS (SELECT product_id, sum(on_hand) AS quantity, %s AS high, %s AS low "
                              "FROM level GROUP BY product_id HAVING sum(on_hand) <> 0 OR %s <> 0 OR %s <> 0) ", high, low, high, low);
    bool place = v->location.kind == V_INT;
    return ctx_fmt(c, "%slevel AS (SELECT t.product_id, t.location_id, t.on_hand, t.value FROM %s%s%s t "
                      "WHERE t.organization_id = ?1 AND t.usage IN ('internal', 'transit') "
                      "AND (t.on_hand <> 0 OR t.value <> 0)%s%s), "
                      "%s%s",
                   place ? here : "WITH ", v->moment.n ? "(" : "", v->moment.n ? levels->as_of.rows : "stock_levels",
                   v->moment.n ? ")" : "", v->moment.n ? "" : " AND CAST(?2 AS text) IS NULL",
                   place ? " AND t.location_id IN (SELECT id FROM here)" : " AND CAST(?4 AS bigint) IS NULL", products.p, what);
}

#define WITH_PRODUCT "JOIN products p ON p.organization_id = ?1 AND p.id = x.product_id "
#define IN_CATEGORY  "(p.category = ?3 OR ?3 IS NULL) "

static Stmt *valuation_statement(Ctx *c, const Valuation *v, const char *what) {
    Stmt *st = db_prepare(c->db, levels_sql(c, v, what));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, v->moment.n ? value_text(v->moment) : VALUE_NULL);
    stmt_bind(st, 3, v->category);
    stmt_bind(st, 4, v->location);
    return st;
}

/* Null when it is more than can be said. */
static Value value_read(Stmt *st, int column) {
    int64_t sum;
    return sum_read(st, column, &sum) ? value_int(sum) : VALUE_NULL;
}

static void decimal_write(Json *j, const char *name, Value d) {
    js_key(j, str_of(name));
    if (d.kind == V_INT)
        js_decimal(j, d.i);
    else
        js_null(j);
}

/* Of one unit, half up; none where nothing is there. */
static Value cost_of(Decimal quantity, Value value) {
    if (quantity <= 0 || value.kind != V_INT || value.i < 0) return VALUE_NULL;
    __int128 cost = (2 * (__int128)value.i * DECIMAL_SCALE + quantity) / (2 * (__int128)quantity);
    return cost > INT64_MAX ? VALUE_NULL : value_int((int64_t)cost);
}

static void product_write(Json *j, Stmt *st) {
    Value value = value_read(st, 6);
    js_begin_object(j);
    js_field_int(j, "product_id", stmt_int(st, 0));
    js_field_str(j, "sku", stmt_text(st, 1));
    js_field_str(j, "name", stmt_text(st, 2));
    js_field_str(j, "category", stmt_text(st, 3));
    js_field_str(j, "unit", stmt_text(st, 4));
    decimal_write(j, "quantity", value_int(stmt_int(st, 5)));
    decimal_write(j, "value", value);
    decimal_write(j, "cost", cost_of(stmt_int(st, 5), value));
    js_end_object(j);
}

static void products_write(Ctx *c, const Valuation *v) {
    Stmt *st = valuation_statement(c, v, "SELECT p.id, p.sku, p.name, p.category, p.unit, x.quantity, x.high, x.low "
                                         "FROM product x " WITH_PRODUCT "WHERE " IN_CATEGORY
                                         "ORDER BY p.sku LIMIT ?5 OFFSET ?6");
    stmt_bind_int(st, 5, v->size);
    stmt_bind_int(st, 6, (v->page - 1) * v->size);
    js_key(&c->out, S("items"));
    js_begin_array(&c->out);
    while (stmt_step(st)) product_write(&c->out, st);
    js_end_array(&c->out);
    stmt_reset(st);
}

static Value total_add(Value total, Value more) {
    bool fits = total.kind == V_INT && more.kind == V_INT && !__builtin_add_overflow(total.i, more.i, &total.i);
    return fits ? total : VALUE_NULL;
}

/* And what all of them together are. */
static void categories_write(Ctx *c, const Valuation *v) {
    Json *j = &c->out;
    int64_t products = 0;
    Value all = value_int(0);
    Str sums = ctx_fmt(c, "%s, %s", sum_again(c->arena, "high").p, sum_again(c->arena, "low").p);
    Stmt *st = valuation_statement(c, v, ctx_fmt(c, "SELECT p.category, count(*), %s FROM product x " WITH_PRODUCT
                                                 "WHERE " IN_CATEGORY "GROUP BY p.category ORDER BY p.category NULLS FIRST", sums.p).p);
    js_key(j, S("by_category"));
    js_begin_array(j);
    while (stmt_step(st)) {
        Value value = value_read(st, 2);
        js_begin_object(j);
        js_field_str(j, "category", stmt_text(st, 0));
        js_field_int(j, "products", stmt_int(st, 1));
        decimal_write(j, "value", value);
        js_end_object(j);
        products += stmt_int(st, 1);
        all = total_add(all, value);
    }
    js_end_array(j);
    stmt_reset(st);
    js_field_int(j, "total", products);
    js_field_int(j, "page", v->page);
    js_field_int(j, "page_size", v->size);
    js_field_int(j, "pages", (products + v->size - 1) / v->size);
    decimal_write(j, "total_value", all);
}

static void locations_write(Ctx *c, const Valuation *v) {
    Json *j = &c->out;
    Stmt *st = valuation_statement(
        c, v, ctx_fmt(c, "SELECT k.id, k.path, count(DISTINCT x.product_id), %s "
                      "FROM level x " WITH_PRODUCT "JOIN locations k ON k.organization_id = ?1 AND k.id = x.location_id "
                      "WHERE " IN_CATEGORY "GROUP BY k.id, k.path ORDER BY k.path, k.id",
                      sum_parts(c->arena, c->db, "x.value", true).p).p);
    js_key(j, S("by_location"));
    js_begin_array(j);
    while (stmt_step(st)) {
        js_begin_object(j);
        js_field_int(j, "location_id", stmt_int(st, 0));
        js_field_str(j, "location", stmt_text(st, 1));
        js_field_int(j, "products", stmt_int(st, 2));
        decimal_write(j, "value", value_read(st, 3));
        js_end_object(j);
    }
    js_end_array(j);
    stmt_reset(st);
}

static int64_t or_else(Value v, int64_t otherwise) { return v.kind == V_INT ? v.i : otherwise; }

static bool valuation(Ctx *c, Call *call) {
    Valuation v = {.location = call_value(call, "location_id"), .category = call_value(call, "category"),
                   .page = or_else(call_value(call, "page"), 1), .size = or_else(call_value(call, "page_size"), PAGE_DEFAULT)};
    Str as_of = call_text(call, "as_of");
    if (call_value(call, "as_of").kind != V_NULL && !query_moment(c, as_of, &v.moment)) return false;
    if (!db_begin_read(c->db)) return db_fail(c->db, &c->err);
    js_begin_object(&c->out);
    js_field_str(&c->out, "as_of", v.moment.n ? v.moment : str_of(c->now_text));
    products_write(c, &v);
    categories_write(c, &v);
    locations_write(c, &v);
    js_end_object(&c->out);
    db_end_read(c->db);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static const Field input[] = {
    {"as_of", &T_TEXT, 0, .max_length = 32, .example = "\"2026-01-15\"",
     .help = "a date, through its end in the organization's time zone, or an instant; now when left out"},
    {"location_id", &T_REF, 0, .ref = "locations", .help = "and all that lies in it"},
    {"category", &T_TEXT, 0, .max_length = 100},
    {"page", &T_INT, 0, .min = "1", .max = "1000000"},
    {"page_size", &T_INT, 0, .min = "1", .max = "1000", .help = "products on a page, 50 when left out"},
};

static const Field answer[] = {
    {"as_of", &T_TIME, 0},
    {"items", &T_JSON, 0, .help = "product_id, sku, name, category, unit, quantity, value and cost of each product that has "
     "any, by SKU"},
    {"total", &T_INT, 0, .help = "products"},
    {"page", &T_INT, 0}, {"page_size", &T_INT, 0}, {"pages", &T_INT, 0},
    {"total_value", &T_MONEY, 0, .help = "of all products, not only of this page"},
    {"by_category", &T_JSON, 0, .help = "category, products and value"},
    {"by_location", &T_JSON, 0, .help = "location_id, location, products and value"},
};

static const Action actions[] = {
    {"stock-valuation", ACTION_COLLECTION | ACTION_GET | ACTION_POOL,
     "What the stock is worth, by product, category and location, now or at a past moment", INPUT(input), ANSWER(answer),
     .run = valuation},
};

const Resource reports = {
    .name = "reports",
    .area = "reports",
    .summary = "Figures of the whole business.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
