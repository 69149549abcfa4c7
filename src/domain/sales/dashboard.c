/* GET /dashboard-stats: the figures a shop looks at first. Everybody sees what
 * they may read, of all or of their own; the rest is null. Totals come from the
 * live counts, so the page costs the same however much was sold. */
#include "domain/sales/internal.h"

#define LOW_MAX 200 /* low products told by name; lowStockCount tells how many there are */

static bool read_all(Ctx *c, const char *resource, Params params, Query *q, bool *may) {
    const Model *m = ctx_model(c, resource);
    *may = ctx_may(c, m, MAY_READ) != MAY_NOT;
    return !*may || query_read(c, &m->views[0], params, MAY_READ, q);
}

static bool count_write(Ctx *c, Str key, const char *resource, Params params) {
    Query q;
    bool may;
    int64_t total = 0;
    if (!read_all(c, resource, params, &q, &may) || (may && !query_total(c, &q, &total))) return false;
    js_key(&c->out, key);
    if (may)
        js_int(&c->out, total);
    else
        js_null(&c->out);
    return true;
}

static bool revenue_write(Ctx *c) {
    Query q;
    bool may;
    int64_t n = 0, sold = 0, back = 0;
    if (!read_all(c, "sales", (Params){0}, &q, &may)) return false;
    if (may && (!query_sum(c, &q, "total_amount", &n, &sold) || !query_sum(c, &q, "refunded_amount", &n, &back))) return false;
    js_key(&c->out, S("totalSales"));
    if (may)
        js_int(&c->out, n);
    else
        js_null(&c->out);
    js_key(&c->out, S("totalRevenue"));
    if (may)
        js_decimal(&c->out, sold - back);
    else
        js_null(&c->out);
    return true;
}

#define MONTHS 12

typedef struct {
    const char *member, *resource, *date, *taken_back; /* taken_back: NULL or a sum to take away */
    const Param *of;                                   /* NULL: all */
} Income;

/* What came in by one way in a month: a live count, so what has gone by is not
 * read again. Null to those who may not see it. */
static bool income_write(Ctx *c, const Income *in, int back, Str *month) {
    Query q;
    bool may;
    int64_t n, sum = 0, less = 0;
    if (!read_all(c, in->resource, (Params){in->of, in->of ? 1 : 0}, &q, &may)) return false;
    if (may && (!query_month(c, &q, in->date, -back, month) || !query_sum(c, &q, "total_amount", &n, &sum) ||
                (in->taken_back && !query_sum(c, &q, in->taken_back, &n, &less))))
        return false;
    js_key(&c->out, str_of(in->member));
    if (may)
        js_decimal(&c->out, sum - less);
    else
        js_null(&c->out);
    return true;
}

static bool months_write(Ctx *c) {
    static const Param ordered = {{"status__in", 10}, {"confirmed,shipped,delivered", 27}};
    static const Income ways[] = {{"sales", "sales", "sale_date", "refunded_amount", NULL},
                                  {"orders", "sales-orders", "order_date", NULL, &ordered}};
    js_key(&c->out, S("revenueByMonth"));
    js_begin_array(&c->out);
    for (int back = MONTHS - 1; back >= 0; back--) {
        char first[DATE_TEXT];
        month_first(c->today, -back, first);
        Str month = {first, 7};
        js_begin_object(&c->out);
        js_field_str(&c->out, "month", month);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
            if (!income_write(c, &ways[i], back, &month)) return false;
        js_end_object(&c->out);
    }
    js_end_array(&c->out);
    return true;
}

static bool personnel_write(Ctx *c) {
    Param active[] = {{S("is_active"), S("true")}, {S("role_id"), STR_NONE}};
    int64_t role = record_find(c, ctx_model(c, "roles"), "name", value_text(S("salesperson")));
    active[1].value = arena_fmt(c->arena, "%lld", (long long)role);
    return c->err.kind == E_NONE && count_write(c, S("activeSalesPersonnel"), "users", (Params){active, 2});
}

static bool low_item(Ctx *c, const Row *product, void *arg) {
    int *left = arg;
    Json *j = &c->out;
    js_begin_object(j);
    js_field_int(j, "id", row_get(product, "id").i);
    js_field_str(j, "name", row_get(product, "name").s);
    js_key(j, S("quantity"));
    js_decimal(j, row_get(product, "quantity").i);
    js_field_str(j, "sku", row_get(product, "sku").s);
    js_end_object(j);
    return --*left > 0;
}

static bool low_write(Ctx *c) {
    const Param low[] = {{S("low_stock"), S("true")}};
    Query q;
    bool may;
    int left = LOW_MAX;
    if (!count_write(c, S("lowStockCount"), "products", (Params){low, 1})) return false;
    if (!read_all(c, "products", (Params){low, 1}, &q, &may)) return false;
    js_key(&c->out, S("lowStockItems"));
    js_begin_array(&c->out);
    if (may) query_each(c, &q, low_item, &left);
    js_end_array(&c->out);
    return c->err.kind == E_NONE;
}

static bool stats(Ctx *c, Call *call) {
    (void)call;
    js_begin_object(&c->out);
    if (!count_write(c, S("totalItems"), "products", (Params){0}) || !revenue_write(c) || !months_write(c) || !personnel_write(c) ||
        !low_write(c))
        return false;
    js_end_object(&c->out);
    return true;
}

static const Field answer[] = {
    {"totalItems", &T_INT, 0, .help = "products"},
    {"totalSales", &T_INT, 0},
    {"totalRevenue", &T_MONEY, 0, .help = "of all sales, less what was refunded"},
    {"revenueByMonth", &T_JSON, 0, .example = "[{\"month\": \"2026-01\", \"sales\": 1062, \"orders\": 59}]",
     .help = "the last 12 months: sales at the counter by sale_date, less what was refunded, and sales orders by order_date once they are confirmed"},
    {"activeSalesPersonnel", &T_INT, 0},
    {"lowStockCount", &T_INT, 0},
    {"lowStockItems", &T_JSON, 0, .example = "[{\"id\": 1, \"name\": \"Cotton yarn 40s\", \"quantity\": 4, \"sku\": \"YARN-40S\"}]",
     .help = "the first 200 of them"},
};

static const Action actions[] = {
    {"", ACTION_COLLECTION | ACTION_GET | ACTION_SELF | ACTION_POOL, "The figures of the shop", ANSWER(answer), .run = stats},
};

const Resource dashboard_stats = {
    .name = "dashboard-stats",
    .area = "reports",
    .summary = "The figures a shop looks at first.",
    .flags = R_VIRTUAL,
    ACTIONS(actions),
};
