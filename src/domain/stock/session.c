/* Posting one move: its value, its two postings, its two levels, its product,
 * all in the caller's transaction. A move that is dated before others of its
 * product is put in its place and everything behind it is worked out again. */
#include "domain/stock/internal.h"

#define ONE DECIMAL_SCALE /* the quantity 1 */

bool wrong(Str *problem, Str what) {
    *problem = what;
    return false;
}

/* --- products --- */

Session *session_new(Ctx *c) {
    Session *s = ARENA_NEW(c->arena, Session);
    return settings_get(c, &s->settings) ? s : NULL;
}

bool session_place(Ctx *c, Session *s, int64_t id, Usage usage, Place *out) {
    for (int i = 0; i < s->n_places; i++) {
        const Place *known = &s->places[i];
        if (id ? known->id != id : !(known->first && known->usage == usage)) continue;
        *out = *known;
        return true;
    }
    if (!(id ? place_load(c, id, out) : place_of_usage(c, usage, out))) return false;
    out->first = id == 0;
    if (s->n_places < (int)(sizeof s->places / sizeof *s->places)) s->places[s->n_places++] = *out;
    return true;
}

bool item_load(Ctx *c, int64_t product_id, Item *out) {
    const Value id = value_int(product_id);
    if (!out->session) return false;
    if (out->callers || out->loaded)
        out->before = row_copy(c->arena, out->callers ? out->callers : out->loaded);
    else if (!record_seek(c, ctx_model(c, "products"), &(Seek){"id = ?2", &id, 1}, &out->before))
        return c->err.kind == E_NONE ? error_issue(&c->err, S("product_id"), "unknown_reference",
                                                   "refers to no existing product")
                                     : false;
    if (!product_is_goods(&out->before))
        return fail(c, E_CONFLICT, "%.*s is a service, which is never in stock", STR_ARG(row_get(&out->before, "sku").s));
    out->row = row_copy(c->arena, &out->before);
    out->total = (Total){.quantity = row_get(&out->row, "quantity").i,
                         .value = row_get(&out->row, "stock_value").i,
                         .cost = row_get(&out->row, "cost").i,
                         .fifo = out->session->settings.fifo};
    return true;
}

static bool low_notify(Ctx *c, const Row *product) {
    char left[DECIMAL_TEXT_MAX], threshold[DECIMAL_TEXT_MAX];
    decimal_format(row_get(product, "available").i, left);
    decimal_format(row_get(product, "low_stock_threshold").i, threshold);
    const Notification n = {
        .type = NOTIFY_WARNING,
        .kind = "low_stock",
        .message = arena_fmt(c->arena, "%.*s (%.*s) is low: %s %.*s available, threshold %s",
                             STR_ARG(row_get(product, "name").s), STR_ARG(row_get(product, "sku").s), left,
                             STR_ARG(row_get(product, "unit").s), threshold),
        .resource = "products",
        .record_id = row_get(product, "id").i,
    };
    return notification_add(c, &n);
}

/* Available is what ok levels have, so it is kept by differences. */
bool item_store(Ctx *c, Item *item) {
    Row *row = &item->row;
    bool was_low = row_get(&item->before, "low_stock").i, low = product_is_low(row);
    row_set(row, "quantity", value_int(item->total.quantity));
    row_set(row, "stock_value", value_int(item->total.value));
    row_set(row, "cost", value_int(item->total.cost));
    product_mark(row);
    bool stored = item->callers ? record_amend(c, &item->before, row) : record_put(c, &item->before, row);
    if (!stored) return false;
    Row *given = item->callers ? item->callers : item->loaded;
    if (given) memcpy(given->values, row->values, sizeof(Value) * (size_t)row->model->n);
    item->before = row_copy(c->arena, row);
    return was_low || !low || low_notify(c, row);
}

static void item_add(Item *item, const char *field, Decimal difference) {
    row_set(&item->row, field, value_int(row_get(&item->row, field).i + difference));
}

bool level_settle(Ctx *c, Item *item, Level *level) {
    Decimal available = row_get(&level->before, "available").i, reserved = row_get(&level->before, "reserved").i;
    if (!level_store(c, &item->row, item->session->settings.negative_stock, level)) return false;
    if (level->place.usage != INTERNAL) return true;
    item_add(item, "available", row_get(&level->row, "available").i - available);
    item_add(item, "reserved", level->reserved - reserved);
    return true;
}

/* --- rules --- */

Row move_new(Ctx *c, const char *kind, int64_t product_id, Decimal quantity) {
    Row row = row_fresh(c, ctx_model(c, "stock-moves"));
    row_set(&row, "kind", value_text(str_of(kind)));
    row_set(&row, "product_id", value_int(product_id));
    row_set(&row, "quantity", value_int(quantity));
    return row;
}

static bool when_check(Ctx *c, const Item *item, const Row *move) {
    Str at = row_get(move, "effective_at").s, closed = item->session->settings.period_close_date;
    char date[DATE_TEXT];
    int64_t t;
    if (memcmp(at.p, c->now_text, TIME_TEXT - 1) > 0)
        return error_issue(&c->err, S("effective_at"), "max", "must not lie in the future");
    if (!closed.n) return true;
    time_parse(at, &t);
    date_in_zone(t, c->zone, date);
    if (memcmp(date, closed.p, DATE_TEXT - 1) > 0) return true;
    return fail(c, E_CONFLICT, "the period up to %.*s is closed: nothing can be posted on %s", STR_ARG(closed), date);
}

static bool lot_check(Ctx *c, const Item *item, const Posting *p) {
    Str tracking = row_get(&item->row, "tracking").s;
    Decimal q = row_get(p->move, "quantity").i;
    bool none = str_is(tracking, "none");
    if (p->basis == BASIS_COST_SET) return true; /* of the product, whatever its lots */
    if (none == (p->key.lot_id == 0)) {
        if (!str_is(tracking, "serial") || q == ONE || q == 0) return true;
        return fail(c, E_CONFLICT, "%.*s is kept by serial number: each move is of exactly 1",
                    STR_ARG(row_get(&item->row, "sku").s));
    }
    return fail(c, E_CONFLICT, none ? "%.*s is not kept by lot" : "%.*s is kept by lot: name the lot",
                STR_ARG(row_get(&item->row, "sku").s));
}

static bool ends_check(Ctx *c, const Posting *p) {
    if (p->from.id != p->to.id || !str_eq(p->key.status, p->to_status)) return true;
    return error_issue(&c->err, S("to_location_id"), "same", "must be another place than where it comes from");
}

/* --- postings --- */

static bool posting_append(Ctx *c, const Item *item, const Posting *p, const Level *level, Decimal sign) {
    Row row = row_fresh(c, ctx_model(c, "stock-ledger"));
    row_set(&row, "move_id", row_get(p->move, "id"));
    row_set(&row, "kind", row_get(p->move, "kind"));
    row_set(&row, "product_id", value_int(p->key.product_id));
    row_set(&row, "level_id", value_int(level->id));
    row_set(&row, "location_id", value_int(level->place.id));
    row_set(&row, "usage", value_text(str_of(usages[level->place.usage].name)));
    row_set(&row, "lot_id", p->key.lot_id ? value_int(p->key.lot_id) : VALUE_NULL);
    row_set(&row, "stock_status", value_text(sign < 0 ? p->key.status : p->to_status));
    row_set(&row, "quantity", value_int(sign * row_get(p->move, "quantity").i));
    row_set(&row, "value", value_int(sign * p->value));
    row_set(&row, "level_quantity", value_int(level->on_hand));
    row_set(&row, "level_value", value_int(level->value));
    row_set(&row, "product_quantity", value_int(item->total.quantity));
    row_set(&row, "product_value", value_int(item->total.value));
    row_set(&row, "product_cost", value_int(item->total.cost));
    row_set(&row, "basis", value_text(str_of(bases[p->basis].name)));
    row_set(&row, "effective_at", row_get(p->move, "effective_at"));
    Value corrects = row_get(p->move, "reverses_id");
    row_set(&row, "order_id", p->basis == BASIS_TRUE_UP ? corrects : row_get(p->move, "id"));
    return record_put(c, NULL, &row);
}

/* A move that was inserted already is part of a change; another is new. */
static bool move_store(Ctx *c, Posting *p) {
    Row before = *p->move;
    if (row_get(p->move, "id").kind == V_NULL) {
        row_set(p->move, "value", value_int(p->value));
        row_set(p->move, "from_location_id", value_int(p->from.id));
        row_set(p->move, "to_location_id", value_int(p->to.id));
        row_set(p->move, "lot_id", p->key.lot_id ? value_int(p->key.lot_id) : VALUE_NULL);
        row_set(p->move, "stock_status", value_text(p->key.status));
        if (!str_eq(p->to_status, p->key.status)) row_set(p->move, "to_stock_status", value_text(p->to_status));
        return record_put(c, NULL, p->move);
    }
    Row now = row_copy(c->arena, p->move);
    row_set(&now, "value", value_int(p->value));
    if (!record_amend(c, &before, &now)) return false;
    row_set(p->move, "value", value_int(p->value));
    return true;
}

typedef struct {
    Level from, to;
} Ends;

static bool ends_load(Ctx *c, const Posting *p, Ends *ends) {
    LevelKey to = p->key;
    to.status = p->to_status;
    if (p->level)
        ends->from = *p->level;
    else if (!level_load(c, &p->key, &p->from, &ends->from))
        return false;
    return level_load(c, &to, &p->to, &ends->to);
}

/* A posting refers to its level, which must be there. */
static bool ends_exist(Ctx *c, Item *item, Ends *ends) {
    return (ends->from.id || level_settle(c, item, &ends->from)) && (ends->to.id || level_settle(c, item, &ends->to));
}

static bool value_out(Ctx *c, const Item *item, Posting *p, Level *from) {
    Decimal q = row_get(p->move, "quantity").i;
    if (usage_costed(p->from.usage) && p->basis == BASIS_COST) return cost_out(c, &item->total, from, q, &p->value);
    if (usage_costed(p->from.usage) && p->basis == BASIS_REVERSAL)
        return cost_out_at(c, &item->total, from, q, &p->value);
    return (!__builtin_sub_overflow(from->on_hand, q, &from->on_hand) &&
            !__builtin_sub_overflow(from->value, p->value, &from->value)) ||
           fail(c, E_CONFLICT, "the stock's value would be more than can be stored");
}

static bool too_much(Ctx *c) { return fail(c, E_CONFLICT, "the stock's quantity or value would be more than can be stored"); }

static bool revalue(Ctx *c, Item *item, const Posting *cause, const Level *level, Decimal amount);

/* At the end of the ledger: everything is known. */
static bool posting_last(Ctx *c, Item *item, Posting *p, Ends *ends) {
    Decimal q = row_get(p->move, "quantity").i, true_up = 0;
    if (!value_out(c, item, p, &ends->from) || !move_store(c, p)) return false;
    if (!total_add(&item->total, &p->from, -q, -p->value) || !posting_append(c, item, p, &ends->from, -1))
        return c->err.kind == E_NONE ? too_much(c) : false;
    const Moment when = {row_get(p->move, "effective_at").s, row_get(p->move, "id").i};
    if (!cost_in(&ends->to, &when, q, p->value, &true_up) || !total_add(&item->total, &p->to, q, p->value))
        return too_much(c);
    if (!posting_append(c, item, p, &ends->to, 1)) return false;
    if (!level_settle(c, item, &ends->from)) return false;
    row_set(&item->row, "last_posted_at", row_get(p->move, "effective_at"));
    bool owed = usage_costed(p->to.usage) && true_up != 0;
    return owed ? revalue(c, item, p, &ends->to, true_up) : level_settle(c, item, &ends->to);
}

/* Value that leaves a level without quantity, or comes into it. The level is
 * not stored before: without stock it would still have value. */
static bool revalue(Ctx *c, Item *item, const Posting *cause, const Level *level, Decimal amount) {
    Row move = move_new(c, MOVE_REVALUATION, cause->key.product_id, 0);
    Posting p = {.move = &move, .from = cause->to, .key = cause->key, .to_status = cause->to_status,
                 .basis = BASIS_TRUE_UP, .value = amount};
    Ends ends = {.from = *level};
    p.key.status = cause->to_status;
    row_set(&move, "effective_at", row_get(cause->move, "effective_at"));
    row_set(&move, "reverses_id", row_get(cause->move, "id"));
    row_set(&move, "reason", value_text(S("stock that had left before it came")));
    if (!place_of_usage(c, LOSS, &p.to) || !level_load(c, &p.key, &p.to, &ends.to) || !ends_exist(c, item, &ends))
        return false;
    return posting_last(c, item, &p, &ends);
}

bool posting_blank(Ctx *c, Item *item, Posting *p) {
    Ends ends;
    return ends_load(c, p, &ends) && ends_exist(c, item, &ends) && move_store(c, p) &&
           posting_append(c, item, p, &ends.from, -1) && posting_append(c, item, p, &ends.to, 1);
}

/* In its place among others: the balances come with the replay. */
static bool posting_inserted(Ctx *c, Item *item, Posting *p) {
    if (p->basis == BASIS_COST) p->value = 0;
    if (!posting_blank(c, item, p) || !serial_check(c, item, p->key.lot_id)) return false;
    const Moment when = {row_get(p->move, "effective_at").s, row_get(p->move, "id").i};
    if (!replay_from(c, item, &when)) return false;
    const Value id = row_get(p->move, "id");
    Row now;
    if (!record_seek(c, p->move->model, &(Seek){"id = ?2", &id, 1}, &now)) return false;
    p->value = row_get(&now, "value").i;
    row_set(p->move, "value", value_int(p->value));
    return true;
}

bool posting_make(Ctx *c, Item *item, Posting *p) {
    Ends ends;
    Str last = row_get(&item->row, "last_posted_at").s, at = row_get(p->move, "effective_at").s;
    if (!when_check(c, item, p->move) || !ends_check(c, p) || !lot_check(c, item, p)) return false;
    bool before_others = last.n && memcmp(at.p, last.p, TIME_TEXT - 1) < 0;
    if (before_others) return posting_inserted(c, item, p);
    return ends_load(c, p, &ends) && ends_exist(c, item, &ends) && posting_last(c, item, p, &ends) &&
           serial_check(c, item, p->key.lot_id);
}
