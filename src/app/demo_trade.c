/* The demo company's trade: what it buys, sells, is paid and sells at its
 * counter, a day at a time. Each document's life is a list of steps, and a
 * step is due so many days after the document began. */
#include "app/demo.h"
#include "app/demo_act.h"

#define FLOAT_IN_TILL 2000

/* --- paying --- */

static bool pay(Demo *d, int64_t order, const char *method, int part) {
    Row row;
    if (!demo_load(d, "orders", order, &row)) return false;
    Decimal owed = row_get(&row, "outstanding_amount").i;
    if (owed <= 0) return true;
    if (part > 1) owed = decimal_round(owed / part, 2);
    int64_t id = demo_create(d, "payments", json_pack("{s:I, s:o, s:s}", "order_id", (json_int_t)order, "amount",
                                                      demo_decimal(owed), "payment_method", method));
    return id && demo_act(d, "payments", id, "process", NULL);
}

/* Two to four lines of neighbouring products out of [first, first + n). */
static json_t *lines_of(int seed, size_t first, size_t n, bool buying) {
    json_t *lines = json_array();
    int count = demo_pick(seed, 2, 4);
    for (int k = 0; k < count; k++) {
        size_t at = first + (size_t)(demo_pick(seed, 0, (int)n - 1) + k) % n;
        const DemoProduct *p = &demo_products[at];
        int quantity = demo_pick(seed + k, 2, 12) * (buying ? 1 + (int)p->low_stock / 20 : 5);
        json_array_append_new(lines, json_pack("{s:s, s:s, s:i, s:o}", buying ? "material_code" : "product_code", p->sku,
                                               buying ? "material_name" : "product_name", p->name, "quantity", quantity,
                                               "unit_price", demo_amount(buying ? p->cost : p->price)));
    }
    return lines;
}

/* --- buying --- */

static bool purchase_make(Demo *d, int i, DemoDoc *doc) {
    demo_act_as(d, "stock");
    doc->id = demo_create(d, "purchase-orders",
                          json_pack("{s:I, s:o, s:i, s:o}", "supplier_id",
                                    (json_int_t)d->vendors[(size_t)demo_pick(i + 100, 0, 99) % demo_vendors_n], "due_date",
                                    demo_day(d, demo_pick(i, 8, 25)), "tax_rate", i % 4 ? 5 : 12, "line_items",
                                    lines_of(i + 200, 0, demo_materials_n, true)));
    return doc->id != 0;
}

/* What has arrived; dyes come in lots that are good for two years. */
static bool purchase_receive(Demo *d, int i, const DemoDoc *doc, bool half) {
    Row row;
    if (!demo_load(d, "purchase-orders", doc->id, &row)) return false;
    json_t *lines = json_array();
    for (int k = 0; k < row.n_lines; k++) {
        const Row *line = &row.lines[k];
        Decimal open = row_get(line, "quantity").i - row_get(line, "received_quantity").i;
        if (half) open = decimal_round(open / 2, 0);
        if (open <= 0) continue;
        json_t *one = json_pack("{s:I, s:o}", "line_id", (json_int_t)row_get(line, "id").i, "quantity", demo_decimal(open));
        if (str_starts(row_get(line, "material_code").s, S("DYE-"))) {
            json_object_set_new(one, "lot", json_string(ctx_fmt(d->c, "%.4s-%03d%c", d->c->today, i, half ? 'A' : 'B').p));
            json_object_set_new(one, "best_before", demo_day(d, 730 - i % 5 * 160));
        }
        json_array_append_new(lines, one);
    }
    return demo_act(d, "purchase-orders", doc->id, "receive", json_pack("{s:o}", "lines", lines));
}

static bool purchase_step(Demo *d, int i, DemoDoc *doc) {
    bool halves = i % 6 == 3;
    switch (doc->step) {
    case 0: return purchase_make(d, i, doc);
    case 1: return demo_act(d, "purchase-orders", doc->id, "submit", NULL);
    case 2:
        demo_act_as(d, "manager");
        if (i % 15 == 7) doc->step = DEMO_OVER;
        return demo_act(d, "purchase-orders", doc->id, i % 15 == 7 ? "cancel" : "approve", NULL);
    case 3:
        demo_act_as(d, "stock");
        if (i % 13 == 4 && d->ago < 40) doc->step = DEMO_OVER; /* late: it never came */
        return doc->step == DEMO_OVER || !halves || purchase_receive(d, i, doc, true);
    case 4: demo_act_as(d, "stock"); return purchase_receive(d, i, doc, false);
    default: demo_act_as(d, "manager"); return pay(d, doc->id, "bank_transfer", 1);
    }
}

/* --- selling --- */

static bool sale_make(Demo *d, int i, DemoDoc *doc) {
    size_t made = demo_products_n - demo_materials_n;
    demo_act_as(d, "sales");
    doc->id = demo_create(d, "sales-orders",
                          json_pack("{s:I, s:o, s:i, s:I, s:o}", "customer_id",
                                    (json_int_t)d->customers[(size_t)demo_pick(i + 300, 0, 99) % demo_customers_n], "due_date",
                                    demo_day(d, demo_pick(i, 10, 25)), "tax_rate", 5, "assigned_to",
                                    (json_int_t)demo_user(d, "sales"), "line_items", lines_of(i + 400, demo_materials_n, made, false)));
    return doc->id != 0;
}

static bool sale_step(Demo *d, int i, DemoDoc *doc) {
    static const char *const ways[] = {"bank_transfer", "bank_transfer", "check", "card"};
    bool cancelled = i % 17 == 9, stuck = i % 23 == 5 && d->ago < 60;
    switch (doc->step) {
    case 0: return sale_make(d, i, doc);
    case 1: return demo_act(d, "sales-orders", doc->id, "submit", NULL);
    case 2:
        demo_act_as(d, "sales");
        if (cancelled) doc->step = DEMO_OVER;
        return demo_act(d, "sales-orders", doc->id, cancelled ? "cancel" : "confirm", NULL);
    case 3:
        demo_act_as(d, "stock");
        if (stuck) doc->step = DEMO_OVER;
        return stuck || demo_act(d, "sales-orders", doc->id, "ship", NULL);
    case 4: demo_act_as(d, "stock"); return demo_act(d, "sales-orders", doc->id, "deliver", NULL);
    case 5: demo_act_as(d, "manager"); return i % 9 == 4 || pay(d, doc->id, ways[i % 4], i % 5 == 0 ? 2 : 1);
    default: demo_act_as(d, "manager"); return i % 9 == 4 || i % 10 == 0 || pay(d, doc->id, ways[i % 4], 1);
    }
}

/* --- at the counter --- */

static bool till_open(Demo *d) {
    demo_act_as(d, "staff");
    d->cash = 0;
    d->till = demo_create(d, "till-sessions", json_pack("{s:s, s:i}", "register", "Counter 1", "opening_float", FLOAT_IN_TILL));
    return d->till != 0;
}

static bool counter_sale(Demo *d) {
    static const char *const ways[] = {"cash", "cash", "card", "mobile_money"};
    int i = d->n_counter++;
    size_t made = demo_products_n - demo_materials_n;
    json_t *lines = json_array();
    for (int k = demo_pick(i, 1, 3); k > 0; k--) {
        const DemoProduct *p = &demo_products[demo_materials_n + (size_t)demo_pick(i * 5 + k, 0, 999) % made];
        json_array_append_new(lines, json_pack("{s:s, s:i}", "product_code", p->sku, "quantity", demo_pick(i + k, 1, 4)));
    }
    const char *way = ways[demo_pick(i + 70, 0, 3)];
    bool is_cash = strcmp(way, "cash") == 0;
    Row row;
    json_t *sale = json_pack("{s:s, s:s, s:o}", "register", "Counter 1", "payment_method", way, "lines", lines);
    if (i % 6 == 0) json_object_set_new(sale, "customer_id", json_integer(d->customers[demo_customers_n - 1 - (size_t)(i / 6) % DEMO_PERSONS]));
    if (!demo_make(d, "sales", sale, &row)) return false;
    Decimal total = row_get(&row, "total_amount").i;
    bool back = i % 31 == 12;
    if (back && !demo_act(d, "sales", row_get(&row, "id").i, "refund", json_pack("{s:s}", "reason", "Not the colour they wanted")))
        return false;
    if (is_cash && !back) d->cash += total;
    return true;
}

static bool till_close(Demo *d) {
    Decimal drawer = FLOAT_IN_TILL * DECIMAL_SCALE + d->cash;
    if (d->ago % 29 == 3) drawer -= 10 * DECIMAL_SCALE; /* somebody gave too much back */
    int64_t id = d->till;
    d->till = 0;
    return demo_act(d, "till-sessions", id, "close", json_pack("{s:o}", "counted_amount", demo_decimal(drawer)));
}

/* Six days a week, busier before the holidays and from one year to the next. */
static bool counter_day(Demo *d) {
    if (d->ago % 7 == 0 && d->ago) return true;
    int customers = demo_pick(d->ago, 1, 3) + (d->ago < 60) + (d->ago % 90 < 12);
    if (!till_open(d)) return false;
    while (customers--)
        if (!counter_sale(d)) return false;
    return d->ago == 0 || till_close(d); /* today it is open */
}

/* --- a day --- */

bool demo_trade_day(Demo *d) {
    static const int buying[] = {0, 0, 1, 9, 14, 34, -1}, selling[] = {0, 0, 1, 4, 7, 24, 45, -1};
    const DemoLives purchases = {purchase_step, d->purchases, DEMO_PURCHASES, buying};
    const DemoLives sales = {sale_step, d->sales, DEMO_SALES, selling};
    return demo_live(d, &purchases) && demo_live(d, &sales) && counter_day(d);
}
