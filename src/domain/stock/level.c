/* Levels: loading and storing what there is of a product at one location, of
 * one lot and status. The guard that stock never falls below zero is here. */
#include "domain/stock/internal.h"

static void level_read(Level *out) {
    const Row *row = &out->before;
    out->id = row_get(row, "id").i;
    out->on_hand = row_get(row, "on_hand").i;
    out->value = row_get(row, "value").i;
    out->reserved = row_get(row, "reserved").i;
    Str at = row_get(row, "front_at").s;
    out->front = (Layer){.order = row_get(row, "front_order").i,
                         .quantity = row_get(row, "front_quantity").i,
                         .value = row_get(row, "front_value").i};
    if (at.n == TIME_TEXT - 1) memcpy(out->front.at, at.p, at.n);
}

static void level_begin(Ctx *c, const LevelKey *key, const Place *place, Level *out) {
    out->before = row_fresh(c, ctx_model(c, "stock-levels"));
    Row *row = &out->before;
    row_set(row, "product_id", value_int(key->product_id));
    row_set(row, "location_id", value_int(place->id));
    row_set(row, "usage", value_text(str_of(usages[place->usage].name)));
    row_set(row, "lot_id", key->lot_id ? value_int(key->lot_id) : VALUE_NULL);
    row_set(row, "lot_key", value_int(key->lot_id));
    row_set(row, "stock_status", value_text(key->status));
}

bool level_load(Ctx *c, const LevelKey *key, const Place *place, Level *out) {
    const Value by[] = {value_int(key->product_id), value_int(place->id), value_int(key->lot_id),
                        value_text(key->status)};
    const Seek seek = {"product_id = ?2 AND location_id = ?3 AND lot_key = ?4 AND stock_status = ?5", by, 4};
    *out = (Level){.place = *place};
    if (record_seek(c, ctx_model(c, "stock-levels"), &seek, &out->before)) {
        level_read(out);
    } else {
        if (c->err.kind != E_NONE) return false;
        level_begin(c, key, place, out);
    }
    out->row = row_copy(c->arena, &out->before);
    return true;
}

bool level_load_id(Ctx *c, int64_t id, Level *out) {
    const Value by = value_int(id);
    *out = (Level){0};
    if (!record_seek(c, ctx_model(c, "stock-levels"), &(Seek){"id = ?2", &by, 1}, &out->before))
        return c->err.kind == E_NONE ? fail(c, E_INTERNAL, "a stock level is missing") : false;
    level_read(out);
    out->row = row_copy(c->arena, &out->before);
    return place_load(c, row_get(&out->row, "location_id").i, &out->place);
}

static Str quantity_text(Ctx *c, const Row *product, Decimal q) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(q, text);
    return arena_fmt(c->arena, "%s %.*s", text, STR_ARG(row_get(product, "unit").s));
}

static bool short_of(Ctx *c, const Row *product, const Level *level) {
    Decimal there = row_get(&level->before, "on_hand").i, free = there - level->reserved;
    Str which = quantity_text(c, product, free > 0 ? free : 0), held = quantity_text(c, product, level->reserved);
    return fail(c, E_CONFLICT, "only %.*s of %.*s are available at %.*s%s%.*s%s", STR_ARG(which),
                STR_ARG(row_get(product, "sku").s), STR_ARG(level->place.path),
                level->reserved ? " (" : "", STR_ARG(level->reserved ? held : STR_NONE),
                level->reserved ? " there are reserved)" : "");
}

bool level_store(Ctx *c, const Row *product, bool negative_ok, Level *level) {
    Row *row = &level->row;
    bool ok = str_is(row_get(row, "stock_status").s, STATUS_OK), may = level->place.may_be_negative || negative_ok;
    Decimal fell = level->on_hand - row_get(&level->before, "on_hand").i;
    if (fell < 0 && !may && level->on_hand < level->reserved) return short_of(c, product, level);
    row_set(row, "on_hand", value_int(level->on_hand));
    row_set(row, "value", value_int(level->value));
    row_set(row, "reserved", value_int(level->reserved));
    row_set(row, "available", value_int(ok ? level->on_hand - level->reserved : 0));
    row_set(row, "front_at", level->front.at[0] ? value_text(arena_str(c->arena, str_of(level->front.at))) : VALUE_NULL);
    row_set(row, "front_order", value_int(level->front.order));
    row_set(row, "front_quantity", value_int(level->front.quantity));
    row_set(row, "front_value", value_int(level->front.value));
    if (!record_put(c, level->id ? &level->before : NULL, row)) return false;
    level->id = row_get(row, "id").i;
    level->before = row_copy(c->arena, row);
    return true;
}
