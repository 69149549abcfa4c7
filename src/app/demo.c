/* The demo company: a year of a textile mill that also sells at a counter, made
 * through the same functions that requests end in, day by day with the clock of
 * that day: in one transaction, but in one for four weeks in PostgreSQL, which keeps
 * every older version of a row until the transaction that made it ends, and goes
 * through them. The company has its name when it is complete. Everything is derived from
 * positions in tables, so that each demo is the same but for its dates, which
 * end today. Here is what was there on the first day; demo_trade.c and
 * demo_work.c tell what happened since. */
#include "app/demo.h"

#include "app/demo_act.h"

#define UNFINISHED    DEMO_ORGANIZATION " (unfinished)"
#define OPENING_STOCK 2500 /* of what is made and sold */
#define ARENA_MOST ((size_t)1 << 30) /* some 20 KiB for each of 5,000 actions, given back at once */

const char demo_logins[] = "admin, manager, sales, stock, staff, operator or viewer";

/* --- people --- */

static bool users_make(Demo *d) {
    for (size_t i = 0; i < demo_users_n; i++) {
        const KnownLogin *u = &demo_users[i];
        NewUser user = {.organization = S(UNFINISHED),
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
    const Model *users = ctx_model(c, "users");
    for (size_t i = 0; i < demo_users_n; i++)
        d->users[i] = record_find(c, users, "username", value_text(str_of(demo_users[i].username)));
    return c->err.kind == E_NONE;
}

/* Takes the object over. */
static bool organization_change(Demo *d, json_t *object) {
    const Model *m = ctx_model(d->c, "organizations");
    Input in;
    Row row;
    bool ok = input_read(d->c, &m->views[0], object, INPUT_PATCH, &in) &&
              record_update(d->c, m, d->c->organization_id, &in, &row);
    json_decref(object);
    return ok;
}

static bool organization_describe(Demo *d) {
    return organization_change(d, json_pack("{s:s, s:s, s:s, s:s}", "currency", "INR", "time_zone", DEMO_ZONE, "email",
                                            "office@demo-textiles.example", "address", "12 Mill Road, Ichalkaranji"));
}

static bool employees_make(Demo *d) {
    for (size_t i = 0; i < demo_employees_n; i++) {
        const DemoEmployee *e = &demo_employees[i];
        json_t *object = json_pack("{s:s, s:s, s:s, s:o}", "name", e->name, "department", e->department, "job_title", e->job,
                                   "hire_date", demo_day(d, -demo_pick((int)i, 90, 3200)));
        if (i < demo_users_n) json_object_set_new(object, "user_id", json_integer(d->users[i]));
        if (!demo_create(d, "employees", object)) return false;
    }
    return true;
}

/* --- whom it trades with --- */

static Str address_of(Demo *d, const DemoParty *p) {
    char *name = arena_c_str(d->c->arena, str_of(p->name));
    size_t n = 0;
    for (char *at = name; *at; at++)
        if ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') name[n++] = (char)(*at | 0x20);
    return ctx_fmt(d->c, "office@%.*s.example", (int)n, name);
}

static json_t *party_of(Demo *d, const DemoParty *p) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "name", p->name, "city", p->city, "contact_person", p->contact, "phone",
                     p->phone, "email", address_of(d, p).p, "payment_terms_days", p->terms_days);
}

static bool parties_make(Demo *d) {
    for (size_t i = 0; i < demo_vendors_n; i++) {
        json_t *object = party_of(d, &demo_vendors[i]);
        json_object_set_new(object, "vendor_type", json_string(demo_vendors[i].type));
        json_object_set_new(object, "lead_time_days", json_integer(demo_pick((int)i, 3, 20)));
        d->vendors[i] = demo_create(d, "vendors", object);
        if (!d->vendors[i]) return false;
    }
    for (size_t i = 0; i < demo_customers_n; i++) {
        const DemoParty *p = &demo_customers[i];
        json_t *object = party_of(d, p);
        json_object_set_new(object, "customer_type", json_string(p->type));
        json_object_set_new(object, "assigned_to", json_integer(demo_user(d, "sales")));
        d->customers[i] = demo_create(d, "customers", object);
        if (!d->customers[i]) return false;
        if (strcmp(p->type, "business") != 0) continue;
        if (!demo_create(d, "contacts", json_pack("{s:s, s:s, s:I, s:b}", "name", p->contact, "role", "Purchasing", "customer_id",
                                                  (json_int_t)d->customers[i], "is_primary", 1)))
            return false;
    }
    return true;
}

/* --- what it trades --- */

static bool products_make(Demo *d) {
    for (size_t i = 0; i < demo_products_n; i++) {
        const DemoProduct *p = &demo_products[i];
        bool bought = i < demo_materials_n, dye = strcmp(p->category, "Dyes") == 0;
        json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "sku", p->sku, "name", p->name, "unit", p->unit,
                                   "category", p->category, "price", demo_amount(p->price), "cost", demo_amount(p->cost),
                                   "low_stock_threshold", demo_amount(p->low_stock), "barcode",
                                   json_sprintf("890103%07d", 1000 + (int)i), "tracking", dye ? "lot" : "none");
        if (bought) {
            json_object_set_new(object, "reorder_minimum", demo_amount(p->low_stock));
            json_object_set_new(object, "reorder_maximum", demo_amount(p->low_stock * 3));
            json_object_set_new(object, "preferred_vendor_id", json_integer(d->vendors[i % 7]));
        } else {
            json_object_set_new(object, "quantity", json_integer(OPENING_STOCK));
        }
        d->products[i] = demo_create(d, "products", object);
        if (!d->products[i]) return false;
    }
    return true;
}

static bool units_make(Demo *d) {
    static const struct {
        const char *code, *name, *dimension;
        int factor, places;
    } units[] = {
        {"kg", "Kilogram", "mass", 1, 4}, {"bale", "Bale", "mass", 170, 4},  {"m", "Metre", "length", 1, 4}, {"roll", "Roll", "length", 100, 4},
        {"l", "Litre", "volume", 1, 4},   {"pcs", "Piece", "count", 1, 0},   {"doz", "Dozen", "count", 12, 0},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!demo_create(d, "units-of-measure", json_pack("{s:s, s:s, s:s, s:i, s:i}", "code", units[i].code, "name", units[i].name, "dimension",
                                                          units[i].dimension, "factor", units[i].factor, "decimal_places", units[i].places)))
            return false;
    return true;
}

static bool places_make(Demo *d) {
    static const char *const shelves[][2] = {{"Yarn store", "WH-YARN"}, {"Dye store", "WH-DYE"}, {"Shop floor", "WH-SHOP"}};
    for (int i = 0; i < 3; i++)
        if (!demo_create(d, "locations", json_pack("{s:s, s:s}", "name", shelves[i][0], "code", shelves[i][1]))) return false;
    return true;
}

/* --- the year --- */

static bool begin(Demo *d) {
    Ctx *c = d->c;
    demo_morning(d, DEMO_DAYS);
    if (!users_make(d) || !organization_enter(d)) return false;
    demo_act_as(d, "admin");
    if (!organization_describe(d) || !employees_make(d) || !parties_make(d) || !places_make(d) || !units_make(d) || !products_make(d)) return false;
    d->stages[0] = record_find(c, ctx_model(c, "pipeline-stages"), "name", value_text(S("Proposal")));
    d->stages[1] = record_find(c, ctx_model(c, "pipeline-stages"), "name", value_text(S("Negotiation")));
    return c->err.kind == E_NONE;
}

static bool finish(Demo *d) {
    demo_act_as(d, "admin");
    return organization_change(d, json_pack("{s:s}", "name", DEMO_ORGANIZATION));
}

typedef struct {
    Demo demo;
    int days;  /* that share a transaction */
    bool over;
} Year;

static bool days_pass(Year *y) {
    Demo *d = &y->demo;
    for (int last = d->ago - y->days; d->ago > 0 && d->ago > last;) {
        demo_morning(d, d->ago - 1);
        if (!demo_trade_day(d) || !demo_work_day(d)) return false;
    }
    y->over = d->ago == 0;
    return !y->over || finish(d);
}

static bool go_on(Ctx *c, void *arg) {
    (void)c;
    return days_pass(arg);
}

/* Whether there is an organization; false for one that is not finished, too. */
static bool look(Ctx *c, bool *any) {
    Stmt *st = db_prepare(c->db, S("SELECT name FROM organizations ORDER BY id LIMIT 1"));
    *any = stmt_step(st);
    bool finished = !*any || !str_eq(stmt_text(st, 0), S(UNFINISHED));
    stmt_reset(st);
    return finished || fail(c, E_CONFLICT, "making it was broken off (or goes on elsewhere): begin with an empty database");
}

static bool start(Ctx *c, void *arg) {
    Year *y = arg;
    return look(c, &y->over) && (y->over || (begin(&y->demo) && days_pass(y)));
}

static DemoDoc *docs_new(Ctx *c, int n) { return ARENA_ARRAY(c->arena, DemoDoc, (size_t)n); }

bool demo_fill(Ctx *c) {
    Arena own, *usual = c->arena;
    Buf answers = {0};
    arena_init(&own, ARENA_MOST);
    c->arena = &own;
    c->body = &answers;
    c->out = js_to(&answers);
    Year y = {.demo = {.c = c, .real_now = c->now, .midnight = c->now - (c->now + DEMO_ZONE_S) % 86400},
              .days = c->app->writer ? DEMO_DAYS : 28};
    Demo *d = &y.demo;
    d->purchases = docs_new(c, DEMO_PURCHASES);
    d->sales = docs_new(c, DEMO_SALES);
    d->leads = docs_new(c, DEMO_LEADS);
    d->activities = docs_new(c, DEMO_ACTIVITIES);
    d->issues = docs_new(c, DEMO_ISSUES);
    d->works = docs_new(c, DEMO_WORKS);
    bool ok = ctx_write(c, start, &y);
    while (ok && !y.over) {
        c->after = NULL;
        ok = ctx_write(c, go_on, &y);
    }
    if (c->err.detail.n) c->err.detail = arena_str(usual, c->err.detail);
    c->arena = usual;
    c->body = NULL;
    c->organization_id = c->user_id = 0;
    c->rights = NULL;
    c->after = NULL; /* ran; it lies in what is given back */
    arena_free(&own);
    buf_free(&answers);
    return ok;
}
