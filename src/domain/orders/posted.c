/* Proofs that the lines of an order have come as far as they say. Of goods the
 * stock moves tell. Behind services and lines of free text stand none, but each
 * change of an order has its row in the journal, which hashes chain: what the
 * rows of the order add up to is what its lines must say. */
#include <jansson.h>

#include "domain/orders/orders.h"

#define PROGRESS_MAX 2 /* what was done, and what of it went back */

/* What the journal says of a line's fields: the last value, and all increases. */
typedef struct {
    Decimal last[PROGRESS_MAX], risen[PROGRESS_MAX];
} LinePast;

typedef struct {
    Ctx *c;
    const Row *order;
    const OrderPosted *posted;
    LinePast *past; /* by line; NULL: not read yet */
    bool unreadable; /* a number in it that is no exact decimal */
    Str *problem;
} Proof;

/* --- the journal --- */

static Decimal decimal_of(Proof *p, const json_t *v) {
    Decimal d = 0;
    DecimalStatus status = DECIMAL_OK;
    if (json_is_integer(v)) status = decimal_from_int(json_integer_value(v), &d);
    if (json_is_real(v)) status = decimal_from_double(json_real_value(v), &d);
    if (json_is_string(v)) status = decimal_parse(str_of(json_string_value(v)), &d);
    if (status != DECIMAL_OK) p->unreadable = true;
    return d;
}

static void line_passed(Proof *p, LinePast *past, const json_t *before, const json_t *after) {
    for (int k = 0; p->posted[k].field; k++) {
        const json_t *now = json_object_get(after, p->posted[k].field);
        if (!now) continue;
        Decimal was = decimal_of(p, json_object_get(before, p->posted[k].field));
        past->last[k] = decimal_of(p, now);
        if (past->last[k] > was) past->risen[k] += past->last[k] - was;
    }
}

static int line_at(const Row *order, int64_t id) {
    for (int i = 0; i < order->n_lines; i++)
        if (row_get(&order->lines[i], "id").i == id) return i;
    return -1;
}

/* All lines anew, in their order: the rows do not say their ids. */
static void lines_made(Proof *p, const json_t *list) {
    for (int i = 0; i < p->order->n_lines; i++) {
        p->past[i] = (LinePast){0};
        line_passed(p, &p->past[i], NULL, json_array_get(list, (size_t)i));
    }
}

static void lines_changed(Proof *p, const json_t *before, const json_t *after) {
    if (!json_object_get(json_array_get(after, 0), "id")) {
        lines_made(p, after);
        return;
    }
    for (size_t i = 0; i < json_array_size(after); i++) {
        const json_t *line = json_array_get(after, i);
        int at = line_at(p->order, json_integer_value(json_object_get(line, "id")));
        if (at >= 0) line_passed(p, &p->past[at], json_array_get(before, i), line);
    }
}

static void change_passed(Proof *p, Str changes) {
    json_t *all = json_loadb(changes.n ? changes.p : "", changes.n, 0, NULL);
    const json_t *list = json_object_get(all, p->order->model->lines_decl->name);
    bool both = json_is_array(json_array_get(list, 0)); /* [before, after] */
    if (both)
        lines_changed(p, json_array_get(list, 0), json_array_get(list, 1));
    else if (list)
        lines_made(p, list);
    json_decref(all);
}

static void past_read(Proof *p) {
    Ctx *c = p->c;
    p->past = ARENA_ARRAY(c->arena, LinePast, (size_t)p->order->n_lines + 1);
    Stmt *st = db_prepare(c->db, S("SELECT changes FROM journal WHERE organization_id = ?1 AND resource = ?2 "
                                   "AND record_id = ?3 ORDER BY id"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, p->order->model->name);
    stmt_bind(st, 3, row_get(p->order, "id"));
    while (stmt_step(st)) change_passed(p, stmt_text(st, 0));
    stmt_reset(st);
}

/* What was done is all that ever rose, less what went back: once it did not
 * fall by that itself. */
static bool past_says(Proof *p, int line, int k, Decimal said) {
    if (!p->past) past_read(p);
    const LinePast *past = &p->past[line];
    Decimal expected = past->last[k];
    if (p->posted[k].less) expected = past->risen[k] - past->last[k + 1];
    return p->unreadable || said == expected;
}

/* --- the moves --- */

static bool moves_sum(Proof *p, const Row *line, const OrderPosted *posted, Decimal *sum) {
    Ctx *c = p->c;
    Stmt *st = db_prepare(
        c->db, S("SELECT coalesce(sum(CASE kind WHEN ?5 THEN quantity ELSE -quantity END), 0), count(*) FROM stock_moves "
                 "WHERE organization_id = ?1 AND source = ?2 AND source_id = ?3 AND source_line_id = ?4 AND kind IN (?5, ?6)"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, p->order->model->name);
    stmt_bind(st, 3, row_get(p->order, "id"));
    stmt_bind(st, 4, row_get(line, "id"));
    stmt_bind_text(st, 5, str_of(posted->kind));
    stmt_bind_text(st, 6, str_of(posted->less ? posted->less : posted->kind));
    bool any = stmt_step(st) && stmt_int(st, 1) > 0;
    *sum = stmt_int(st, 0);
    stmt_reset(st);
    return any;
}

static bool line_prove(Proof *p, int i, int k) {
    Row *line = &p->order->lines[i];
    const OrderPosted *posted = &p->posted[k];
    OrderStep step = {.line = line};
    Decimal sum, said = row_get(line, posted->field).i;
    bool any = moves_sum(p, line, posted, &sum);
    if (any ? sum == said : order_step_product(p->c, &step) && step.goods && said == 0) return true;
    bool goods = any || step.goods;
    if (!goods && past_says(p, i, k, said)) return true;
    *p->problem = arena_fmt(p->c->arena, "line %d: %s is not %s", i + 1, posted->field,
                            goods ? "the sum of its moves" : "what the journal says");
    return false;
}

bool order_posted_prove(Ctx *c, const Row *order, const OrderPosted *posted, Str *problem) {
    Proof p = {.c = c, .order = order, .posted = posted, .problem = problem};
    Str status = row_get(order, "status").s;
    if (str_is(status, "draft") || str_is(status, "pending")) return true;
    for (int i = 0; i < order->n_lines; i++)
        for (int k = 0; posted[k].field; k++)
            if (!line_prove(&p, i, k)) return false;
    return true;
}
