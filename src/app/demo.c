/* The demo company: a year of orders and work, made on the writer in one
 * transaction through the same functions that requests end in. Everything is
 * derived from positions in tables, so that each demo is the same but for its
 * dates, which end today. */
#include "app/demo.h"

#include "app/demo_names.h"
#include "base/log.h"
#include "model/write.h"

#define ZONE "Asia/Kolkata"
#define PURCHASES 40
#define SALES 40
#define OPENING_STOCK 3000 /* of what is made and sold: enough for what the orders ship */
#define WORKS 60

const char demo_logins[] = "admin, manager, sales, stock, staff, operator or viewer";

typedef struct {
    Ctx *c;
    int64_t users[16], vendors[32], customers[32], products[64];
} Demo;

/* --- helpers --- */

/* Creates a record from its JSON form, which it takes over; 0 on failure. */
static int64_t create(Demo *d, const char *resource, json_t *object) {
    Ctx *c = d->c;
    const Model *m = ctx_model(c, resource);
    Input in;
    Row row;
    bool ok = object && input_read(c, &m->views[0], object, INPUT_CREATE, &in) &&
              record_create(c, m, &in, &row);
    int64_t id = ok ? row.values[m->id].i : 0;
    if (!ok && c->err.issues)
        log_event("demo", LOG_ERROR, "%s: %.*s %.*s", resource, STR_ARG(c->err.issues->field),
                  STR_ARG(c->err.issues->message));
    json_decref(object);
    return id;
}

static void act_as(Demo *d, const char *username) {
    for (size_t i = 0; i < demo_users_n; i++)
        if (strcmp(demo_users[i].username, username) == 0) d->c->user_id = d->users[i];
    d->c->username = str_of(username);
}

static int64_t user_id(const Demo *d, const char *username) {
    for (size_t i = 0; i < demo_users_n; i++)
        if (strcmp(demo_users[i].username, username) == 0) return d->users[i];
    return 0;
}

/* A date so many days from today. */
static json_t *day(const Demo *d, int days) {
    char text[DATE_TEXT];
    date_add_days((Str){d->c->today, DATE_TEXT - 1}, days, text);
    return json_string(text);
}

/* Amounts go as text, which is exact. */
static json_t *amount(double v) {
    char text[32];
    snprintf(text, sizeof text, "%.2f", v);
    return json_string(text);
}

/* Whole numbers that look irregular and are the same every time. */
static int pick(int seed, int from, int to) {
    uint32_t h = (uint32_t)seed * 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return from + (int)(h % (uint32_t)(to - from + 1));
}

/* Days since document i of n: over a year, closer together the newer it is. */
static int age_of(int i, int n) {
    int back = n - 1 - i;
    return back * back * 360 / ((n - 1) * (n - 1)) + pick(i + n, 0, 3);
}

/* --- people --- */

static bool users_make(Demo *d) {
    for (size_t i = 0; i < demo_users_n; i++) {
        const KnownLogin *u = &demo_users[i];
        NewUser user = {.organization = S(DEMO_ORGANIZATION),
                        .username = str_of(u->username),
                        .email = ctx_fmt(d->c, "%s@demo-textiles.example", u->username),
                        .full_name = str_of(u->full_name),
                        .role = str_of(u->role),
                        .password = S(DEMO_PASSWORD)};
        if (!identity_cli_add(d->c, &user)) return false;
    }
    return true;
}

static bool organization_enter(Demo *d) {
    Ctx *c = d->c;
    Stmt *st = db_prepare(c->db, S("SELECT id FROM organizations ORDER BY id LIMIT 1"));
    c->organization_id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    Rights *rights = ARENA_ARRAY(c->arena, Rights, (size_t)c->app->registry->n);
    for (int i = 0; i < c->app->registry->n; i++) rights[i].all = UINT64_MAX;
    c->rights = rights;
    ctx_set_zone(c, ZONE);
    const Model *users = ctx_model(c, "users");
    for (size_t i = 0; i < demo_users_n; i++)
        d->users[i] = record_find(c, users, "username", value_text(str_of(demo_users[i].username)));
    return c->err.kind == E_NONE;
}

static bool organization_describe(Demo *d) {
    const Model *m = ctx_model(d->c, "organizations");
    json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "currency", "INR", "time_zone", ZONE, "email",
                               "office@demo-textiles.example", "address", "12 Mill Road, Ichalkaranji");
    Input in;
    Row row;
    bool ok = input_read(d->c, &m->views[0], object, INPUT_PATCH, &in) &&
              record_update(d->c, m, d->c->organization_id, &in, &row);
    json_decref(object);
    return ok;
}

/* --- masters --- */

static Str address_of(Demo *d, const DemoParty *p) {
    char *name = arena_c_str(d->c->arena, str_of(p->name));
    size_t n = 0;
    for (char *at = name; *at; at++)
        if ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') name[n++] = (char)(*at | 0x20);
    return ctx_fmt(d->c, "office@%.*s.example", (int)n, name);
}

static bool parties_make(Demo *d) {
    for (size_t i = 0; i < demo_vendors_n; i++) {
        const DemoParty *p = &demo_vendors[i];
        d->vendors[i] = create(
            d, "vendors",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "name", p->name, "vendor_type",
                      p->type, "city", p->city, "contact_person", p->contact, "phone", p->phone,
                      "email", address_of(d, p).p, "payment_terms_days", p->terms_days,
                      "lead_time_days", pick((int)i, 3, 30)));
        if (!d->vendors[i]) return false;
    }
    for (size_t i = 0; i < demo_customers_n; i++) {
        const DemoParty *p = &demo_customers[i];
        d->customers[i] = create(
            d, "customers",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "name", p->name, "customer_type",
                      p->type, "city", p->city, "contact_person", p->contact, "phone", p->phone,
                      "email", address_of(d, p).p, "payment_terms_days", p->terms_days,
                      "assigned_to", (json_int_t)user_id(d, "sales")));
        if (!d->customers[i]) return false;
    }
    return true;
}

static bool products_make(Demo *d) {
    for (size_t i = 0; i < demo_products_n; i++) {
        const DemoProduct *p = &demo_products[i];
        d->products[i] = create(
            d, "products",
            json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:i}", "sku", p->sku, "name", p->name, "unit",
                      p->unit, "category", p->category, "price", amount(p->price), "cost",
                      amount(p->cost), "low_stock_threshold", amount(p->low_stock), "quantity",
                      i < demo_materials_n ? 0 : OPENING_STOCK));
        if (!d->products[i]) return false;
    }
    return true;
}

/* --- documents --- */

/* Two to four lines of neighbouring products out of [first, first + n). */
static json_t *lines_of(int seed, size_t first, size_t n, bool buying) {
    json_t *lines = json_array();
    int count = pick(seed, 2, 4);
    for (int k = 0; k < count; k++) {
        size_t at = first + (size_t)(pick(seed, 0, (int)n - 1) + k) % n;
        const DemoProduct *p = &demo_products[at];
        json_array_append_new(
            lines, json_pack("{s:s, s:s, s:i, s:o}", buying ? "material_code" : "product_code", p->sku,
                             buying ? "material_name" : "product_name", p->name, "quantity",
                             pick(seed + k, 2, 40) * 10, "unit_price",
                             amount(buying ? p->cost : p->price)));
    }
    return lines;
}

/* What has become of the order that is `age` days old. */
static const char *state_by_age(const char *const states[5], int seed, int age) {
    if (seed % 11 == 7) return states[4];
    if (age > 60) return states[3];
    return states[age > 30 ? pick(seed, 2, 3) : age > 12 ? pick(seed, 1, 2) : pick(seed, 0, 1)];
}

static bool purchases_make(Demo *d) {
    static const char *const states[5] = {"draft", "pending", "approved", "received", "cancelled"};
    act_as(d, "stock");
    for (int i = 0; i < PURCHASES; i++) {
        int age = age_of(i, PURCHASES);
        json_t *order = json_pack(
            "{s:I, s:o, s:o, s:i, s:s, s:o}", "supplier_id",
            (json_int_t)d->vendors[(size_t)pick(i + 100, 0, 99) % demo_vendors_n], "po_date",
            day(d, -age), "due_date", day(d, pick(i, 10, 35) - age), "tax_rate", i % 4 ? 5 : 12,
            "status", state_by_age(states, i, age), "line_items",
            lines_of(i + 200, 0, demo_materials_n, true));
        if (!create(d, "purchase-orders", order)) return false;
    }
    return true;
}

static bool sales_make(Demo *d) {
    static const char *const states[5] = {"draft", "pending", "confirmed", "delivered", "cancelled"};
    act_as(d, "sales");
    for (int i = 0; i < SALES; i++) {
        int age = age_of(i, SALES);
        const char *state = state_by_age(states, i + 5, age);
        if (age > 30 && age < 48) state = "shipped";
        json_t *order = json_pack(
            "{s:I, s:o, s:o, s:i, s:s, s:I, s:o}", "customer_id",
            (json_int_t)d->customers[(size_t)pick(i + 300, 0, 99) % demo_customers_n], "order_date",
            day(d, -age), "due_date", day(d, pick(i, 14, 45) - age), "tax_rate", 5, "status", state,
            "assigned_to", (json_int_t)user_id(d, "sales"), "line_items",
            lines_of(i + 400, demo_materials_n, demo_products_n - demo_materials_n, false));
        if (!create(d, "sales-orders", order)) return false;
    }
    return true;
}

static const char *work_state(int seed, int age) {
    static const char *const recent[] = {"draft", "pending", "ready", "in_progress", "paused"};
    if (seed % 13 == 9) return "cancelled";
    if (age > 45) return "completed";
    return age > 25 && seed % 3 ? "in_progress" : recent[pick(seed, 0, 4)];
}

static bool work_make(Demo *d, int i) {
    static const char *const priorities[] = {"low", "medium", "medium", "high", "urgent"};
    static const char *const people[] = {"operator", "staff", "manager"};
    int age = age_of(i, WORKS);
    size_t made = demo_products_n - demo_materials_n;
    size_t product = demo_materials_n + (size_t)pick(i + 500, 0, 99) % made;
    const char *state = work_state(i, age);
    json_t *work = json_pack(
        "{s:I, s:i, s:s, s:s, s:o, s:I}", "product_id", (json_int_t)d->products[product], "quantity",
        pick(i, 2, 60) * 10, "status", state, "priority", priorities[pick(i, 0, 4)], "due_date",
        day(d, pick(i, 7, 30) - age), "assigned_to", (json_int_t)user_id(d, people[i % 3]));
    if (i % 4)
        json_object_set_new(work, "customer_id",
                            json_integer(d->customers[(size_t)pick(i + 600, 0, 99) % demo_customers_n]));
    if (strcmp(state, "in_progress") == 0 || strcmp(state, "paused") == 0)
        json_object_set_new(work, "progress_percentage", json_integer(pick(i, 1, 18) * 5));
    return create(d, "work-orders", work) != 0;
}

static bool works_make(Demo *d) {
    act_as(d, "manager");
    for (int i = 0; i < WORKS; i++)
        if (!work_make(d, i)) return false;
    return true;
}

static bool is_empty(Ctx *c) {
    Stmt *st = db_prepare(c->db, S("SELECT 1 FROM organizations LIMIT 1"));
    bool any = stmt_step(st);
    stmt_reset(st);
    return !any;
}

static bool fill(Ctx *c, void *arg) {
    Demo *d = arg;
    if (!is_empty(c)) return true;
    if (!users_make(d) || !organization_enter(d)) return false;
    act_as(d, "admin");
    return organization_describe(d) && parties_make(d) && products_make(d) && purchases_make(d) &&
           sales_make(d) && works_make(d);
}

bool demo_fill(Ctx *c) {
    Demo d = {.c = c};
    bool ok = ctx_write(c, fill, &d);
    c->organization_id = c->user_id = 0;
    c->rights = NULL;
    return ok;
}
