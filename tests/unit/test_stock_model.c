/* Stock against a model of it (stock_model.h): random operations through the
 * calls that other areas and clients use; after each, what was refused, levels,
 * product, values and balances are those of the model.
 *
 * MILLWRIGHT_SEED=… begins another series, MILLWRIGHT_OPERATIONS=… makes it
 * longer or shorter. A difference prints what was done to its product. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include "app/modules.h"
#include "domain/stock/stock.h"
#include "model/planner.h"
#include "model/single.h"
#include "stage.h"
#include "stock_model.h"

#define PRODUCTS 6         /* at a time */
#define LINES    5
#define START    1772323200 /* 2026-03-01 */
#define DONE_LOG 40

static const char *const kinds[] = {"receipt", "delivery", "transfer", "adjustment", "scrap", "return",
                                    "vendor_return", "production_in", "production_out"};
enum { RECEIPT, DELIVERY, TRANSFER, ADJUSTMENT, SCRAP, RETURN, VENDOR_RETURN, PRODUCE, CONSUME, N_KINDS };
static const struct {
    int from, to; /* places; STOCK: any of ours */
} routes[] = {{VENDORS, STOCK}, {STOCK, CUSTOMERS}, {STOCK, STOCK},   {LOST, STOCK},     {STOCK, LOST},
              {CUSTOMERS, STOCK}, {STOCK, VENDORS}, {PRODUCING, STOCK}, {STOCK, PRODUCING}};
static const char *const place_usages[] = {"internal", "internal", "internal", "transit",
                                           "vendor", "customer", "production", "inventory_loss"};
static const char *const statuses[] = {"ok", "quarantined", "damaged"};

typedef enum { POST, RESERVE, TAKE_BACK, REFUND, MOVE, COUNT, SET_QUANTITY, SET_COST, N_WHATS } What;

/* One operation, as the engine and as the model is asked to do it. */
typedef struct {
    What what;
    int kind, from, to, lot, status, to_status, line;
    int64_t quantity, value; /* of one unit in a MOVE or COUNT */
    bool has_value, reserved;
    int64_t at;              /* 0: now */
    Event *event;            /* that is taken back */
} Act;

typedef struct {
    Simple model;
    int64_t id, lots[N_LOTS];
    bool by_lot, narrow; /* narrow: all in one place */
    int lives; /* events until another takes its place */
    Act done[DONE_LOG];
    int n_done;
} Product;

typedef struct {
    Stage *s;
    bool fifo, negative;
    int64_t places[N_PLACES], now, closed;
    Product products[PRODUCTS];
    int n_products;
    int64_t last_move, operation, refused, dated_back, costs_set, postings;
    uint64_t state;
    Kept kept;
} Trial;

/* --- chance --- */

static int64_t draw(Trial *t, int64_t n) {
    t->state ^= t->state << 13;
    t->state ^= t->state >> 7;
    t->state ^= t->state << 17;
    return (int64_t)((t->state * 0x2545f4914f6cdd1du >> 16) % (uint64_t)n);
}

static bool chance(Trial *t, int percent) { return draw(t, 100) < percent; }

static int64_t number_of(const char *name, int64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

/* --- telling --- */

static const char *const whats[] = {"post", "reserve", "take back", "refund", "move", "count", "set quantity", "set cost"};

static void act_print(const Act *o) {
    fprintf(stderr, "  %s %s from %d to %d lot %d status %d→%d line %d quantity %lld", whats[o->what], kinds[o->kind], o->from,
            o->to, o->lot, o->status, o->to_status, o->line, (long long)o->quantity);
    if (o->has_value) fprintf(stderr, " value %lld", (long long)o->value);
    if (o->reserved) fprintf(stderr, " reserved");
    if (o->at) fprintf(stderr, " at %lld", (long long)(o->at - START));
    if (o->event) fprintf(stderr, " of event %lld", (long long)o->event->seq);
    fprintf(stderr, "\n");
}

static void differs(Trial *t, Product *p, const char *format, ...) __attribute__((format(printf, 3, 4), noreturn));

static void differs(Trial *t, Product *p, const char *format, ...) {
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    fprintf(stderr, "operation %lld, product %lld, now %lld: the last operations on it were\n", (long long)t->operation,
            (long long)p->id, (long long)(t->now - START));
    for (int i = p->n_done > DONE_LOG ? p->n_done - DONE_LOG : 0; i < p->n_done; i++) act_print(&p->done[i % DONE_LOG]);
    const Error *e = &t->s->c.err;
    fprintf(stderr, "%s; error of the engine: %d %.*s\n", what, (int)e->kind, STR_ARG(e->detail));
    for (const Issue *issue = e->issues; issue; issue = issue->next)
        fprintf(stderr, "  %.*s %.*s\n", STR_ARG(issue->field), STR_ARG(issue->message));
    _fail(__FILE__, __LINE__);
    abort();
}

/* --- the model's side --- */

static Event event_of(const Act *o, int64_t now) {
    return (Event){.at = o->at ? o->at : now, .kind = o->kind, .quantity = o->quantity, .line = o->line,
                   .from = level_of(o->from, o->lot, o->status), .to = level_of(o->to, o->lot, o->to_status)};
}

static bool may_have_lot(const Product *p, int lot) { return p->by_lot == (lot != 0); }

static bool when_good(const Trial *t, const Event *e) { return e->at <= t->now && e->at > t->closed; }

static bool event_add(Trial *t, Product *p, Event *e) {
    return when_good(t, e) && may_have_lot(p, lot_in(e->from)) && model_add(&p->model, e);
}

/* In which order levels are emptied: the preferred place, what expires first, the oldest level. */
static bool level_sooner(const Product *p, int a, int b, int preferred) {
    static const int expires[N_LOTS] = {9, 2, 1, 9};
    bool far_a = place_in(a) != preferred, far_b = place_in(b) != preferred;
    if (far_a != far_b) return far_b;
    if (expires[lot_in(a)] != expires[lot_in(b)]) return expires[lot_in(a)] < expires[lot_in(b)];
    return p->model.born[a] < p->model.born[b];
}

typedef struct {
    int level;
    int64_t quantity;
} Part;

static int parts_available(const Product *p, const Act *o, int preferred, Part *parts) {
    const Simple *m = &p->model;
    int64_t rest = o->quantity;
    bool used[N_LEVELS] = {0};
    int n = 0;
    while (rest > 0) {
        int best = -1;
        for (int i = 0; i < N_LEVELS; i++) {
            bool fit = !used[i] && is_internal(place_in(i)) && status_in(i) == o->status && (!o->lot || lot_in(i) == o->lot);
            if (fit && available_at(m, i) > 0 && (best < 0 || level_sooner(p, i, best, preferred))) best = i;
        }
        if (best < 0) break;
        int64_t there = available_at(m, best);
        used[best] = true;
        parts[n++] = (Part){best, there < rest ? there : rest};
        rest -= parts[n - 1].quantity;
    }
    return n;
}

static int parts_reserved(const Product *p, const Act *o, Part *parts) {
    const Simple *m = &p->model;
    int64_t rest = o->quantity;
    int n = 0;
    for (int i = 0; i < m->n_held && rest > 0; i++) {
        const Held *h = &m->held[i];
        bool fit = h->line == o->line && (o->from < 0 || place_in(h->level) == o->from) && (!o->lot || lot_in(h->level) == o->lot);
        if (!fit) continue;
        parts[n++] = (Part){h->level, h->quantity < rest ? h->quantity : rest};
        rest -= parts[n - 1].quantity;
    }
    return n;
}

static void held_use(Simple *m, int line, Part part) {
    for (int i = 0; i < m->n_held && part.quantity > 0;) {
        Held h = m->held[i];
        bool fit = h.line == line && lot_in(h.level) == lot_in(part.level) && place_in(h.level) == place_in(part.level);
        int64_t used = !fit ? 0 : h.quantity < part.quantity ? h.quantity : part.quantity;
        part.quantity -= used;
        held_lessen(m, i, used);
        i += used < h.quantity;
    }
}

static bool model_leave(Trial *t, Product *p, const Act *o) {
    Part parts[HELD_MAX + N_LEVELS];
    int preferred = o->from < 0 ? STOCK : o->from, n;
    n = o->reserved ? parts_reserved(p, o, parts) : parts_available(p, o, preferred, parts);
    int64_t found = 0;
    for (int i = 0; i < n; i++) found += parts[i].quantity;
    if (found < o->quantity && (o->reserved || p->by_lot || !(t->negative || is_loose(preferred)))) return false;
    if (found < o->quantity) parts[n++] = (Part){level_of(preferred, o->lot, o->status), o->quantity - found};
    for (int i = 0; i < n; i++) {
        Event e = event_of(o, t->now);
        e.from = parts[i].level;
        e.to = level_of(o->to, lot_in(e.from), status_in(e.from));
        e.quantity = parts[i].quantity;
        e.how = AT_COST;
        if (o->reserved) held_use(&p->model, o->line, parts[i]);
        if (!event_add(t, p, &e)) return false;
    }
    return true;
}

static bool model_post(Trial *t, Product *p, const Act *o) {
    if (is_ours(routes[o->kind].from)) return model_leave(t, p, o);
    Event e = event_of(o, t->now);
    e.given = o->value;
    return (o->has_value || priced(o->quantity, p->model.cost, &e.given)) && event_add(t, p, &e);
}

static bool model_reserve(Product *p, const Act *o) {
    Simple *m = &p->model;
    Part parts[N_LEVELS];
    int64_t now = held_for(m, o->line);
    for (int i = m->n_held - 1; i >= 0 && now > o->quantity; i--) {
        if (m->held[i].line != o->line) continue;
        int64_t less = m->held[i].quantity < now - o->quantity ? m->held[i].quantity : now - o->quantity;
        now -= less;
        held_lessen(m, i, less);
    }
    Act more = *o;
    more.quantity -= now;
    int n = parts_available(p, &more, o->from, parts);
    for (int i = 0; i < n; i++) m->held[m->n_held++] = (Held){parts[i].level, o->line, parts[i].quantity};
    assert(m->n_held <= HELD_MAX - N_LEVELS);
    return true;
}

static bool model_take_back(Trial *t, Product *p, Event *original, int64_t q, int as) {
    if (q > original->quantity - original->taken || q == 0) return false;
    bool inside = is_ours(place_in(original->from)) && is_ours(place_in(original->to));
    Event e = {.at = t->now, .kind = as, .quantity = q, .line = original->line, .original = original,
               .taken_before = original->taken, .from = original->to, .to = original->from,
               .how = inside ? AT_COST : TAKES_BACK};
    return event_add(t, p, &e);
}

static int kind_opposite(int kind) { return kind == DELIVERY ? RETURN : kind == RECEIPT ? VENDOR_RETURN : kind; }

static bool model_refund(Trial *t, Product *p, const Act *o) {
    int64_t rest = o->quantity;
    for (;;) {
        Event *newest = NULL;
        if (o->quantity && rest == 0) return true;
        for (int i = 0; i < p->model.n; i++) {
            Event *e = p->model.events[i];
            bool fit = e->line == o->line && e->kind == DELIVERY && !e->original && e->taken < e->quantity;
            if (fit && (!newest || e->seq > newest->seq)) newest = e;
        }
        if (!newest) return rest == 0;
        int64_t left = newest->quantity - newest->taken, q = o->quantity && rest < left ? rest : left;
        if (!model_take_back(t, p, newest, q, RETURN)) return false;
        if (o->quantity) rest -= q;
    }
}

static bool model_move(Trial *t, Product *p, const Act *o, int64_t quantity) {
    Event e = event_of(o, t->now);
    e.quantity = quantity;
    e.how = is_ours(o->from) ? AT_COST : GIVEN;
    int64_t each = o->has_value ? o->value : p->model.cost;
    return (e.how == AT_COST || priced(quantity, each, &e.given)) && event_add(t, p, &e);
}

static bool model_count(Trial *t, Product *p, Act o) {
    int level = level_of(o.to, o.lot, o.status);
    int64_t there = 0, at = o.at ? o.at : t->now;
    for (int i = 0; i < p->model.n && p->model.events[i]->at <= at; i++) {
        const Event *e = p->model.events[i];
        if (e->how == COST_SET) continue;
        if (e->from == level) there = e->out.level_quantity;
        if (e->to == level) there = e->in.level_quantity;
    }
    if (o.quantity >= there) return model_move(t, p, &o, o.quantity - there);
    o.from = o.to;
    o.to = LOST;
    return model_move(t, p, &o, there - o.quantity);
}

static bool model_set_quantity(Trial *t, Product *p, Act o) {
    int64_t now = p->model.quantity;
    if (o.quantity == now) return true;
    if (p->by_lot) return false;
    o.kind = ADJUSTMENT;
    o.from = o.quantity > now ? LOST : STOCK;
    o.to = o.quantity > now ? STOCK : LOST;
    o.has_value = false;
    return model_move(t, p, &o, o.quantity > now ? o.quantity - now : now - o.quantity);
}

static bool model_set_cost(Trial *t, Product *p, const Act *o) {
    if (o->value == p->model.cost) return true;
    if (p->model.quantity != 0) return false;
    if (p->model.n == 0) {
        p->model.first_cost = o->value;
        return model_work_out(&p->model);
    }
    t->costs_set++;
    Event e = {.at = t->now, .how = COST_SET, .given = o->value, .kind = -1};
    return model_add(&p->model, &e);
}

static bool model_do(Trial *t, Product *p, const Act *o) {
    switch (o->what) {
    case POST: return model_post(t, p, o);
    case RESERVE: return model_reserve(p, o);
    case TAKE_BACK:
        return model_take_back(t, p, o->event, o->quantity ? o->quantity : o->event->quantity - o->event->taken,
                               kind_opposite(o->kind));
    case REFUND: return model_refund(t, p, o);
    case MOVE: return model_move(t, p, o, o->quantity);
    case COUNT: return model_count(t, p, *o);
    case SET_QUANTITY: return model_set_quantity(t, p, *o);
    case SET_COST: return model_set_cost(t, p, o);
    default: return false;
    }
}

/* --- the engine's side --- */

static void give(Input *in, const char *field, Value v) {
    int at = model_field(in->row.model, field)->index;
    in->row.values[at] = v;
    set_add(&in->given, at);
}

static Str time_text(Trial *t, int64_t at) {
    char text[TIME_TEXT];
    if (!at) return STR_NONE;
    time_format(at, text);
    return arena_str(&t->s->arena, str_of(text));
}

static StockSource source_of(const Product *p, int line) {
    return line ? (StockSource){"sales-orders", p->id, line} : (StockSource){0};
}

static bool engine_post(Trial *t, Product *p, const Act *o) {
    bool leaves = is_ours(routes[o->kind].from);
    StockMove m = {.kind = kinds[o->kind], .product_id = p->id, .quantity = o->quantity, .lot_id = p->lots[o->lot],
                   .to = t->places[o->to], .status = str_of(statuses[o->status]), .has_value = o->has_value,
                   .value = o->value, .effective_at = time_text(t, o->at), .source = source_of(p, o->line),
                   .reserved = o->reserved};
    if (leaves && o->from >= 0) m.from = t->places[o->from];
    Row row;
    const Value id = value_int(p->id);
    if (o->line && record_seek(&t->s->c, registry_model(t->s->registry, "products"), &(Seek){"id = ?2", &id, 1}, &row))
        m.product = &row; /* as orders do */
    if (!stock_post(&t->s->c, &m, 1)) return false;
    if (m.product && row_get(&row, "stock_value").i != p->model.value) differs(t, p, "the caller's row is old");
    return true;
}

static bool engine_reserve(Trial *t, Product *p, const Act *o) {
    const StockDemand d = {p->id, source_of(p, o->line), o->from < 0 ? 0 : t->places[o->from]};
    Decimal reserved;
    if (!stock_reserve(&t->s->c, &d, o->quantity, &reserved)) return false;
    if (reserved != held_for(&p->model, o->line)) differs(t, p, "%lld are said to be reserved", (long long)reserved);
    return true;
}

static bool engine_reverse(Trial *t, Product *p, const Act *o) {
    StockReversal r = {.as = kinds[kind_opposite(o->kind)], .quantity = o->quantity};
    if (o->what == TAKE_BACK) r.move_id = o->event->move_id;
    if (o->what == REFUND) r.source = source_of(p, o->line);
    if (o->what == REFUND) r.kind = kinds[DELIVERY];
    return stock_reverse(&t->s->c, &r);
}

static bool engine_move(Trial *t, Product *p, const Act *o) {
    const Model *m = registry_model(t->s->registry, "stock-moves");
    Input in = stage_input(t->s, m);
    Row row;
    give(&in, "kind", value_text(str_of(kinds[o->kind])));
    give(&in, "product_id", value_int(p->id));
    give(&in, o->what == COUNT ? "counted_quantity" : "quantity", value_int(o->quantity));
    if (o->what == MOVE) give(&in, "from_location_id", value_int(t->places[o->from]));
    if (o->what == MOVE && !(o->kind == ADJUSTMENT && o->to == LOST)) give(&in, "to_location_id", value_int(t->places[o->to]));
    if (o->what == COUNT) give(&in, "location_id", value_int(t->places[o->to]));
    if (o->lot) give(&in, "lot_id", value_int(p->lots[o->lot]));
    give(&in, "stock_status", value_text(str_of(statuses[o->status])));
    if (o->to_status != o->status) give(&in, "to_stock_status", value_text(str_of(statuses[o->to_status])));
    if (o->has_value) give(&in, "unit_cost", value_int(o->value));
    if (o->at) give(&in, "effective_at", value_text(time_text(t, o->at)));
    return record_create(&t->s->c, m, &in, &row);
}

static bool engine_set(Trial *t, Product *p, const char *field, int64_t value) {
    const Model *m = registry_model(t->s->registry, "products");
    Input in = stage_input(t->s, m);
    Row row;
    give(&in, field, value_int(value));
    return record_update(&t->s->c, m, p->id, &in, &row);
}

static bool engine_do(Trial *t, Product *p, const Act *o) {
    switch (o->what) {
    case POST: return engine_post(t, p, o);
    case RESERVE: return engine_reserve(t, p, o);
    case TAKE_BACK:
    case REFUND: return engine_reverse(t, p, o);
    case MOVE:
    case COUNT: return engine_move(t, p, o);
    case SET_QUANTITY: return engine_set(t, p, "quantity", o->quantity);
    case SET_COST: return engine_set(t, p, "cost", o->value);
    default: return false;
    }
}

/* --- comparing --- */

static Stmt *ask(Trial *t, const Product *p, const char *sql) {
    Stmt *st = db_prepare(t->s->db, str_of(sql));
    stmt_bind_int(st, 1, p->id);
    return st;
}

static int place_of_id(const Trial *t, int64_t id) {
    int place = 0;
    while (place < N_PLACES - 1 && t->places[place] != id) place++;
    return place;
}

static int level_in_row(const Trial *t, const Product *p, Stmt *st, int at) {
    int lot = 0, status = 0;
    while (p->lots[lot] != stmt_int(st, at + 1)) lot++;
    while (!str_is(stmt_text(st, at + 2), statuses[status])) status++;
    return level_of(place_of_id(t, stmt_int(st, at)), lot, status);
}

static void same(Trial *t, Product *p, const char *what, int64_t is, int64_t wanted) {
    if (is != wanted) differs(t, p, "%s is %lld, not %lld", what, (long long)is, (long long)wanted);
}

static void levels_compare(Trial *t, Product *p) {
    const Simple *m = &p->model;
    bool seen[N_LEVELS] = {0};
    Stmt *st = ask(t, p, "SELECT location_id, lot_key, stock_status, on_hand, value, reserved, available FROM stock_levels "
                         "WHERE organization_id = 1 AND product_id = ?1");
    while (stmt_step(st)) {
        int i = level_in_row(t, p, st, 0);
        int64_t wanted[] = {m->levels[i].quantity, m->levels[i].value, held_at(m, i), available_at(m, i)};
        static const char *const names[] = {"on_hand", "value", "reserved", "available"};
        seen[i] = true;
        for (int k = 0; k < 4; k++)
            if (stmt_int(st, 3 + k) != wanted[k])
                differs(t, p, "%s at place %d, lot %d, status %d is %lld, not %lld", names[k], place_in(i), lot_in(i),
                        status_in(i), (long long)stmt_int(st, 3 + k), (long long)wanted[k]);
    }
    stmt_reset(st);
    for (int i = 0; i < N_LEVELS; i++)
        if (!seen[i] && (m->levels[i].quantity || m->levels[i].value)) differs(t, p, "level %d is missing", i);
}

static void product_compare(Trial *t, Product *p) {
    const Simple *m = &p->model;
    int64_t reserved = 0, available = 0;
    for (int i = 0; i < level_of(YARD + 1, 0, 0); i++) {
        reserved += held_at(m, i);
        available += available_at(m, i);
    }
    Stmt *st = ask(t, p, "SELECT quantity, reserved, available, stock_value, cost FROM products WHERE id = ?1");
    bool found = stmt_step(st);
    assert_true(found);
    same(t, p, "the product's quantity", stmt_int(st, 0), m->quantity);
    same(t, p, "the product's reserved", stmt_int(st, 1), reserved);
    same(t, p, "the product's available", stmt_int(st, 2), available);
    same(t, p, "the product's value", stmt_int(st, 3), m->value);
    same(t, p, "the product's cost", stmt_int(st, 4), m->cost);
    stmt_reset(st);
}

static void posting_compare(Trial *t, Product *p, Stmt *st, const Event *e, int side) {
    bool up = side > 1, in = side % 2;
    const Balance *b = up ? (in ? &e->up_in : &e->up_out) : in ? &e->in : &e->out;
    int level = up ? (in ? level_of(LOST, lot_in(e->to), status_in(e->to)) : e->to) : in ? e->to : e->from;
    int64_t value = up ? e->true_up : e->value, quantity = up ? 0 : e->quantity;
    const int64_t wanted[] = {in ? quantity : -quantity, in ? value : -value, b->level_quantity, b->level_value,
                              b->product_quantity, b->product_value, b->cost};
    static const char *const names[] = {"quantity",         "value",         "level_quantity", "level_value",
                                        "product_quantity", "product_value", "product_cost"};
    if (!stmt_step(st)) differs(t, p, "event %lld has no posting", (long long)e->seq);
    if (level_in_row(t, p, st, 7) != level) differs(t, p, "event %lld is posted elsewhere", (long long)e->seq);
    for (int k = 0; k < 7; k++)
        if (stmt_int(st, k) != wanted[k])
            differs(t, p, "%s of event %lld, posting %d is %lld, not %lld", names[k], (long long)e->seq, side,
                    (long long)stmt_int(st, k), (long long)wanted[k]);
    t->postings++;
}

/* Every posting. Revaluations that came to nothing stay, and change nothing. */
static void ledger_compare(Trial *t, Product *p) {
    Stmt *st = ask(t, p, "SELECT g.quantity, g.value, g.level_quantity, g.level_value, g.product_quantity, g.product_value,"
                         " g.product_cost, g.location_id, coalesce(g.lot_id, 0), g.stock_status FROM stock_ledger g"
                         " WHERE g.organization_id = 1 AND g.product_id = ?1 AND (g.quantity <> 0 OR g.value <> 0 OR g.basis = 'given')"
                         " ORDER BY g.effective_at, g.order_id, g.id");
    for (int i = 0; i < p->model.n; i++) {
        const Event *e = p->model.events[i];
        if (e->how == COST_SET || (e->how != GIVEN && !e->quantity)) continue;
        posting_compare(t, p, st, e, 0);
        posting_compare(t, p, st, e, 1);
        if (!e->true_up) continue;
        posting_compare(t, p, st, e, 2);
        posting_compare(t, p, st, e, 3);
    }
    if (stmt_step(st)) differs(t, p, "there are more postings");
    stmt_reset(st);
}

/* The moves of an operation, in the order in which it made its events. */
static void moves_match(Trial *t, Product *p) {
    Stmt *st = db_prepare(t->s->db, S("SELECT id FROM stock_moves WHERE id > ?1 AND kind <> 'revaluation' ORDER BY id"));
    stmt_bind_int(st, 1, t->last_move);
    for (int64_t seq = t->kept.seq + 1; seq <= p->model.seq; seq++) {
        Event *e = NULL;
        for (int i = p->model.n - 1; !e && i >= 0; i--)
            if (p->model.events[i]->seq == seq) e = p->model.events[i];
        if (e->how == COST_SET) continue;
        if (!stmt_step(st)) differs(t, p, "a move is missing");
        e->move_id = stmt_int(st, 0);
    }
    if (stmt_step(st)) differs(t, p, "there are more moves");
    stmt_reset(st);
    t->last_move = stage_int(t->s, "SELECT coalesce(max(id), 0) FROM stock_moves");
}

static void product_prove(Trial *t, Product *p) {
    const Value id = value_int(p->id);
    Row row;
    Str problem = STR_NONE;
    Ctx *c = &t->s->c;
    assert_true(record_seek(c, registry_model(t->s->registry, "products"), &(Seek){"id = ?2", &id, 1}, &row));
    if (!stock_prove_product(c, &row, &problem)) differs(t, p, "its proof fails: %.*s", STR_ARG(problem));
    Stmt *st = ask(t, p, "SELECT sum(quantity), sum(value) FROM stock_ledger WHERE organization_id = 1 AND product_id = ?1");
    bool zero = stmt_step(st) && stmt_int(st, 0) == 0 && stmt_int(st, 1) == 0;
    stmt_reset(st);
    if (!zero) differs(t, p, "its postings do not sum to zero");
    st = ask(t, p, "SELECT m.id FROM stock_ledger g JOIN stock_moves m ON m.organization_id = 1 AND m.id = g.move_id"
                   " WHERE g.organization_id = 1 AND g.product_id = ?1"
                   " AND (abs(g.quantity) <> m.quantity OR abs(g.value) <> abs(m.value)) LIMIT 1");
    if (stmt_step(st)) differs(t, p, "move %lld has another value than its postings", (long long)stmt_int(st, 0));
    stmt_reset(st);
}

/* --- what is asked for --- */

static int place_draw(Trial *t, const Product *p) {
    static const int often[] = {STOCK, STOCK, STOCK, STOCK, SHELF, SHELF, SHELF, YARD, YARD, ON_THE_WAY};
    return often[draw(t, p->narrow ? 2 : 10)];
}

static int64_t quantity_draw(Trial *t, int64_t there) {
    if (there > 0 && chance(t, 60)) return 1 + draw(t, there);
    if (there > 0 && chance(t, 40)) return there;
    int64_t which = draw(t, 20);
    if (which < 3) return 1 + draw(t, 9);
    if (which < 10) return ONE_UNIT * (1 + draw(t, 20));
    return which < 19 ? 1 + draw(t, 50000) : 1 + draw(t, 100000000);
}

static int64_t value_draw(Trial *t) {
    int64_t which = draw(t, 20);
    if (which == 0) return 0;
    if (which < 4) return draw(t, 10);
    return which < 19 ? draw(t, 2000000) : draw(t, 1000000000);
}

static int lot_draw(Trial *t, const Product *p) { return p->by_lot ? 1 + (int)draw(t, p->narrow ? 1 : N_LOTS - 1) : 0; }

static int status_draw(Trial *t, const Product *p) { return p->narrow ? OK : (int)draw(t, N_STATUSES); }

/* Mostly the last of a product's history is touched, now and then all of it. */
static int64_t past_draw(Trial *t, const Product *p) {
    if (chance(t, 2)) return t->now + 1;
    if (p->model.n == 0 || chance(t, 2)) return START - draw(t, 40 * 86400);
    int64_t depth = chance(t, 8) ? p->model.n : p->model.n < 12 ? p->model.n : 12;
    return p->model.events[p->model.n - 1 - draw(t, depth)]->at - draw(t, 2);
}

static int64_t there_for(const Product *p, const Act *o) {
    return o->from >= 0 ? p->model.levels[level_of(o->from, o->lot, o->status)].quantity : p->model.quantity / 2;
}

static Act post_draw(Trial *t, const Product *p, int kind) {
    Act o = {.what = POST, .kind = kind, .from = routes[kind].from, .to = routes[kind].to};
    o.lot = chance(t, 2) ? (int)draw(t, 2) : lot_draw(t, p);
    o.status = o.to_status = chance(t, 88) ? OK : status_draw(t, p);
    if (is_ours(o.to)) o.to = place_draw(t, p);
    bool leaves = is_ours(o.from);
    if (leaves) o.from = chance(t, 30) ? -1 : place_draw(t, p);
    if (leaves && chance(t, 50)) o.lot = 0;
    o.quantity = quantity_draw(t, leaves ? there_for(p, &o) : 0);
    o.has_value = !leaves && chance(t, 80);
    if (o.has_value) o.value = value_draw(t);
    if (chance(t, 3)) o.at = past_draw(t, p);
    if (kind == DELIVERY && chance(t, 20) && p->model.quantity > 0) o.quantity = p->model.quantity; /* all of it */
    if (kind == DELIVERY && chance(t, 40)) o.line = 1 + (int)draw(t, LINES - 1);
    return o;
}

static Act move_draw(Trial *t, const Product *p, int kind) {
    Act o = post_draw(t, p, kind);
    o.what = MOVE;
    o.line = 0;
    if (!o.lot && !chance(t, 5)) o.lot = lot_draw(t, p);
    if (o.from < 0) o.from = place_draw(t, p);
    if (kind == ADJUSTMENT && chance(t, 40)) {
        o.from = place_draw(t, p);
        o.to = LOST;
    }
    if (kind == TRANSFER && chance(t, 30)) o.to_status = status_draw(t, p);
    if (is_ours(o.from)) o.quantity = quantity_draw(t, there_for(p, &o));
    o.has_value = !is_ours(o.from) && chance(t, 80);
    o.value = o.has_value ? value_draw(t) / 10 : 0;
    return o;
}

static Act count_draw(Trial *t, const Product *p) {
    Act o = move_draw(t, p, ADJUSTMENT);
    o.what = COUNT;
    o.from = LOST;
    o.to = place_draw(t, p);
    o.has_value = chance(t, 30);
    o.value = o.has_value ? value_draw(t) / 10 : 0;
    o.quantity = p->model.levels[level_of(o.to, o.lot, o.status)].quantity + draw(t, 30000) - 15000;
    if (o.quantity < 0) o.quantity = 0;
    return o;
}

static Act line_draw(Trial *t, const Product *p, What what) {
    Act o = {.what = what, .kind = DELIVERY, .from = chance(t, 50) ? -1 : place_draw(t, p), .to = CUSTOMERS};
    o.line = 1 + (int)draw(t, LINES - 1);
    int64_t held = held_for(&p->model, o.line);
    o.reserved = what == POST;
    if (o.reserved) o.from = chance(t, 80) ? -1 : o.from;
    o.quantity = what == POST ? quantity_draw(t, held) : quantity_draw(t, p->model.quantity / 4);
    if (what != POST && chance(t, p->narrow ? 70 : 25)) o.quantity = 0;
    if (what == POST && chance(t, 2)) o.at = past_draw(t, p);
    return o;
}

static Act take_back_draw(Trial *t, const Product *p) {
    for (int tries = 0; tries < 20 && p->model.n > 0; tries++) {
        int64_t depth = chance(t, 20) || p->model.n < 10 ? p->model.n : 10;
        Event *e = p->model.events[p->model.n - 1 - draw(t, depth)];
        if (e->how == COST_SET || e->original) continue;
        int64_t left = e->quantity - e->taken;
        return (Act){.what = TAKE_BACK, .kind = e->kind, .event = e,
                    .quantity = chance(t, 40) || !left ? 0 : 1 + draw(t, left + (left == 1))};
    }
    return count_draw(t, p);
}

static int64_t set_draw(Trial *t, const Product *p) { return chance(t, 40) ? 0 : quantity_draw(t, p->model.quantity); }

static Act cost_draw(Trial *t) {
    return (Act){.what = SET_COST, .kind = ADJUSTMENT, .has_value = true, .value = value_draw(t)};
}

static Act act_draw(Trial *t, const Product *p) {
    int64_t which = draw(t, 100);
    if (p->model.quantity == 0 && p->model.n > 0 && chance(t, 30)) return cost_draw(t);
    if (which < 20) return post_draw(t, p, RECEIPT);
    if (which < 32) return post_draw(t, p, DELIVERY);
    if (which < 41) return line_draw(t, p, RESERVE);
    if (which < 51) return line_draw(t, p, POST);
    if (which < 56) return line_draw(t, p, REFUND);
    if (which < 62) return count_draw(t, p);
    if (which < 70) return move_draw(t, p, TRANSFER);
    if (which < 76) return post_draw(t, p, (int)draw(t, N_KINDS));
    if (which < 82) return move_draw(t, p, (int)draw(t, N_KINDS));
    if (which < 89) return take_back_draw(t, p);
    if (which < 92) return (Act){.what = SET_QUANTITY, .kind = ADJUSTMENT, .quantity = set_draw(t, p)};
    if (which < 94) return cost_draw(t);
    Act o = chance(t, 20) ? count_draw(t, p) : move_draw(t, p, (int)draw(t, N_KINDS));
    o.at = past_draw(t, p);
    return o;
}

/* --- running --- */

static void request_begin(Trial *t) {
    Stage *s = t->s;
    arena_reset(&s->arena);
    ctx_init(&s->c, &s->app, &s->arena, NULL);
    s->c.rights = s->rights;
    s->c.organization_id = 1;
    s->c.db = s->db;
    s->c.writing = true;
    s->c.now = t->now;
    time_format(t->now, s->c.now_text);
}

static int64_t record_make(Trial *t, const char *resource, const char *const (*given)[2], int n) {
    const Model *m = registry_model(t->s->registry, resource);
    Input in = stage_input(t->s, m);
    Row row;
    for (int i = 0; i < n; i++) stage_give(t->s, &in, given[i][0], given[i][1]);
    assert_true(record_create(&t->s->c, m, &in, &row));
    write_side_kept(&t->s->side);
    return row_get(&row, "id").i;
}

static void product_begin(Trial *t, Product *p) {
    static const char *const best_before[] = {NULL, "2027-06-30", "2027-01-31", NULL};
    char sku[32], id[32], name[2] = "A";
    *p = (Product){.model = {.fifo = t->fifo, .negative_ok = t->negative}, .by_lot = chance(t, 30), .narrow = chance(t, 30)};
    p->lives = (int)(chance(t, 6) ? 1500 : 150 + draw(t, 400));
    snprintf(sku, sizeof sku, "P-%d", ++t->n_products);
    const char *const given[][2] = {{"sku", sku}, {"name", "Thing"}, {"tracking", p->by_lot ? "lot" : "none"}};
    p->id = record_make(t, "products", given, 3);
    snprintf(id, sizeof id, "%lld", (long long)p->id);
    for (int i = 1; i < N_LOTS; i++, name[0]++) {
        const char *const lot[][2] = {{"product_id", id}, {"name", name}, {"best_before", best_before[i]}};
        p->lots[i] = p->by_lot ? record_make(t, "lots", lot, best_before[i] ? 3 : 2) : t->n_products + 1000000;
    }
}

static void product_end(Trial *t, Product *p) {
    request_begin(t);
    ledger_compare(t, p);
    product_prove(t, p);
    model_free(&p->model);
}

static void result_check(Trial *t, Product *p, bool model, bool engine) {
    const Error *e = &t->s->c.err;
    if (!engine && e->kind != E_CONFLICT && e->kind != E_INVALID) differs(t, p, "the engine failed");
    if (model && !engine) differs(t, p, "it was refused");
    if (!model && engine) differs(t, p, "it was not refused");
}

static void operation_run(Trial *t, Product *p) {
    WriteSide *side = &t->s->side;
    request_begin(t);
    model_keep(&p->model, &t->kept);
    Act o = act_draw(t, p);
    p->done[p->n_done++ % DONE_LOG] = o;
    bool model = model_do(t, p, &o);
    assert_true(db_control(t->s->db, S("SAVEPOINT operation")));
    bool engine = engine_do(t, p, &o);
    result_check(t, p, model, engine);
    if (engine) moves_match(t, p);
    if (!engine) db_control(t->s->db, S("ROLLBACK TO operation"));
    db_control(t->s->db, S("RELEASE operation"));
    (engine ? write_side_kept : write_side_rolled_back)(side);
    if (!model) model_return(&p->model, &t->kept);
    t->refused += !engine;
    t->dated_back += engine && o.at;
    levels_compare(t, p);
    product_compare(t, p);
    if (o.at || chance(t, 1)) ledger_compare(t, p);
}

static void commit(Trial *t, bool again) {
    write_side_before_commit(&t->s->side, t->s->db);
    assert_true(db_control(t->s->db, S("COMMIT")));
    write_side_after_commit(&t->s->side, true);
    if (again) assert_true(db_control(t->s->db, S("BEGIN")));
}

static void trial_run(Trial *t, int64_t operations) {
    assert_true(db_control(t->s->db, S("BEGIN")));
    for (int i = 0; i < PRODUCTS; i++) product_begin(t, &t->products[i]);
    for (t->operation = 1; t->operation <= operations; t->operation++) {
        Product *p = &t->products[draw(t, PRODUCTS)];
        t->now += chance(t, 1) ? 3600 : draw(t, 3);
        operation_run(t, p);
        if (p->model.n >= p->lives) {
            product_end(t, p);
            request_begin(t);
            product_begin(t, p);
        }
        if (t->operation % 25 == 0) commit(t, true);
    }
    for (int i = 0; i < PRODUCTS; i++) product_end(t, &t->products[i]);
    commit(t, false);
}

static void places_make(Trial *t) {
    for (int i = 0; i < N_PLACES; i++) {
        char name[8];
        snprintf(name, sizeof name, "L%d", i);
        const char *const given[][2] = {{"name", name}, {"code", name}, {"usage", place_usages[i]},
                                        {"allow_negative", is_loose(i) ? "true" : "false"}};
        t->places[i] = record_make(t, "locations", given, 4);
    }
}

static void trial_begin(Trial *t, bool fifo, bool negative) {
    Row row;
    *t = (Trial){.s = stage_open(modules, modules_n, followers), .fifo = fifo, .negative = negative, .now = START};
    t->state = (uint64_t)number_of("MILLWRIGHT_SEED", 20260301) * 0x9e3779b97f4a7c15u + 1;
    stage_exec(t->s, "INSERT INTO organizations (id, name, currency, time_zone, version, created_at, updated_at)"
                     " VALUES (1, 'Acme', 'USD', 'UTC', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')");
    assert_true(planner_teach(t->s->db, t->s->registry));
    request_begin(t);
    const Model *m = registry_model(t->s->registry, "system-settings");
    Input in = stage_input(t->s, m);
    stage_give(t->s, &in, "valuation_method", fifo ? "fifo" : "moving_average");
    stage_give(t->s, &in, "negative_stock", negative ? "true" : "false");
    stage_give(t->s, &in, "period_close_date", "2026-01-31");
    assert_true(single_update(&t->s->c, m, &in, &row));
    t->closed = date_end_in_zone(S("2026-01-31"), "UTC");
    places_make(t);
}

static void trial(bool fifo, bool negative, int64_t operations) {
    static Trial t;
    trial_begin(&t, fifo, negative);
    operations = number_of("MILLWRIGHT_OPERATIONS", operations);
    trial_run(&t, operations);
    print_message("%lld operations with seed %lld: %lld refused, %lld dated back, %lld costs set, "
                  "%lld products, %lld postings compared\n",
                  (long long)operations, (long long)number_of("MILLWRIGHT_SEED", 20260301), (long long)t.refused,
                  (long long)t.dated_back, (long long)t.costs_set, (long long)t.n_products, (long long)t.postings);
    assert_true(t.refused < operations / 2);
    stage_close(t.s);
}

static int64_t scaled(int64_t n) {
    const char *kind = getenv("MILLWRIGHT_KIND");
    return kind && strcmp(kind, "release") != 0 ? n / 8 : n;
}

static void is_what_the_model_says_with_a_moving_average(void **state) {
    (void)state;
    trial(false, false, scaled(50000));
}

static void is_what_the_model_says_with_first_in_first_out(void **state) {
    (void)state;
    trial(true, false, scaled(50000));
}

static void is_what_the_model_says_where_it_may_fall_below_zero(void **state) {
    (void)state;
    trial(false, true, scaled(7500));
    trial(true, true, scaled(7500));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_the_model_says_with_a_moving_average),
        cmocka_unit_test(is_what_the_model_says_with_first_in_first_out),
        cmocka_unit_test(is_what_the_model_says_where_it_may_fall_below_zero),
    };
    return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
