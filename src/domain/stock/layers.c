/* The layers of a level that is valued first-in first-out: the receipts that
 * are still there, the oldest first. The first one may be used up in part; those
 * that follow it in the ledger are whole (see cost.c). */
#include "domain/stock/internal.h"
#include "model/query.h"

static void layer_write(Json *j, Str at, int64_t move_id, const Layer *layer) {
    __int128 cost = (2 * (__int128)layer->value * DECIMAL_SCALE + layer->quantity) / (2 * (__int128)layer->quantity);
    js_begin_object(j);
    js_field_str(j, "effective_at", at);
    js_field_int(j, "move_id", move_id);
    js_key(j, S("quantity"));
    js_decimal(j, layer->quantity);
    js_key(j, S("value"));
    js_decimal(j, layer->value);
    js_key(j, S("unit_cost"));
    js_decimal(j, cost > INT64_MAX ? INT64_MAX : (Decimal)cost);
    js_end_object(j);
}

static void later_write(Ctx *c, const Level *level) {
    Stmt *st = db_prepare(
        c->db, S("SELECT effective_at, move_id, quantity, value FROM stock_ledger "
                 "WHERE organization_id = ?1 AND level_id = ?2 AND (effective_at, order_id) > (?3, ?4) "
                 "AND quantity > 0 ORDER BY effective_at, order_id, id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, level->id);
    stmt_bind_text(st, 3, str_of(level->front.at));
    stmt_bind_int(st, 4, level->front.order);
    while (stmt_step(st)) {
        const Layer layer = {.quantity = stmt_int(st, 2), .value = stmt_int(st, 3)};
        layer_write(&c->out, stmt_text(st, 0), stmt_int(st, 1), &layer);
    }
    stmt_reset(st);
}

bool layers_show(Ctx *c, Call *call) {
    Settings settings;
    Level level;
    if (!settings_get(c, &settings) || !record_allowed(c, call->view->model, call->id, MAY_READ) || !level_load_id(c, call->id, &level))
        return false;
    if (!settings.fifo) return fail(c, E_CONFLICT, "layers are kept with the valuation method fifo only");
    if (!usage_costed(level.place.usage))
        return fail(c, E_CONFLICT, "only stock of one's own has layers, not what is with %ss", usages[level.place.usage].name);
    js_begin_array(&c->out);
    /* The order of a posting is the id of its move. */
    if (level.on_hand > 0 && level.front.quantity > 0)
        layer_write(&c->out, str_of(level.front.at), level.front.order, &level.front);
    if (level.on_hand > 0) later_write(c, &level);
    js_end_array(&c->out);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}
