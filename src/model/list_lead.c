/* By which index a filtered list in an order of its own is read; see list_lead.h.
 *
 * SQLite plans by numbers that are told it once (planner.h) and knows nothing of
 * the values that are asked for. Of a status that three records have, it would
 * pass over a million others in the order of their names; of the city where most
 * customers live, it would sort them all. The live counts know better. */
#include "model/list_lead.h"

#define SORTED_FEW 4096 /* rows, where it is not known how many there are in all */

/* Whether an index finds these rows. */
static bool is_indexed(const Filter *f) {
    return f->field && (f->op == OP_EQ || f->op == OP_IN) && field_indexed(f->field);
}

static bool listed(const Model *m, const ModelField *f) {
    for (const char *const *x = m->resource->indexes; x && *x; x++) {
        Str rest;
        if (str_eq(str_cut(str_of(*x), ',', &rest), f->column)) return true;
    }
    return false;
}

static bool is_ordered(const Model *m, const ModelField *f) { return field_indexed(f) || listed(m, f); }

static bool is_open(const Ctx *c, const Query *q) {
    if (!*c->db->driver->dialect.no_index || q->n_sort == 1 || query_searched(q) || !rows_tracked(c, q)) return false;
    if (!is_ordered(q->model, q->sort[0].field)) return false;
    for (int i = 0; i < q->n_filters; i++)
        if (is_indexed(&q->filters[i]) && q->filters[i].field != q->sort[0].field) return true;
    return false;
}

static bool all_known(Ctx *c, const Query *q, int64_t *rows) {
    Query all = *q;
    all.n_filters = 0;
    return query_total_known(c, &all, rows);
}

Lead list_lead(Ctx *c, const Query *q) {
    int64_t found, rows;
    if (!is_open(c, q)) return LEAD_PLANNER;
    if (!query_total_known(c, q, &found) && !(q->count && query_total(c, q, &found))) return LEAD_PLANNER;
    if (found == 0) return LEAD_FILTERS;
    if (!all_known(c, q, &rows)) return found <= SORTED_FEW ? LEAD_FILTERS : LEAD_PLANNER;
    int64_t passed = (q->offset + q->size) * (rows / found + 1);
    return found <= passed ? LEAD_FILTERS : LEAD_ORDER;
}
