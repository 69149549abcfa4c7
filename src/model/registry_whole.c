/* Resources that are the whole of a table which others have parts of: whose a
 * row is, and how a row of a part looks as one of the whole. */
#include "model/registry_build.h"

static bool is_whole(const Model *m) { return m->resource->only.column && !m->resource->only.value; }

static bool is_part_of(const Model *m, const Model *whole) {
    return m != whole && model_only(m) && str_eq(m->table, whole->table);
}

static int index_of_column(const Model *m, Str column) {
    for (int i = 0; i < m->n; i++)
        if (str_eq(m->fields[i].column, column) && !(m->fields[i].flags & F_NO_COLUMN)) return i;
    return WHOLE_NONE;
}

/* What a part has no column for is null in its rows: a fallback would be the
 * database's then, and the live counts of the whole would not know of it. */
static void part_link(Build *b, Model *m, const Model *whole) {
    m->whole = whole;
    m->whole_from = ARENA_ARRAY(b->arena, int, (size_t)whole->n);
    for (int i = 0; i < whole->n; i++) {
        const ModelField *f = &whole->fields[i];
        m->whole_from[i] = i == whole->kind ? WHOLE_KIND : index_of_column(m, f->column);
        bool counts = (f->flags & (F_FILTER | F_SUM)) && !(f->flags & F_NO_COLUMN) && f->fallback == FALLBACK_VALUE;
        if (m->whole_from[i] == WHOLE_NONE && counts)
            build_report(b, "R026", f->name.p, "has a fallback, and is no field of a part of the table");
    }
    if (choice_index(&whole->fields[whole->kind], str_of(m->resource->only.value)) < 0)
        build_report(b, "R026", whole->name.p, "does not know the kind of a part of its table");
}

void registry_link_wholes(Build *b) {
    Registry *r = b->registry;
    for (int i = 0; i < r->n; i++) {
        Model *whole = &r->models[i];
        if (!is_whole(whole)) continue;
        whole->kind = index_of_column(whole, str_of(whole->resource->only.column));
        if (whole->kind < 0 || !whole->fields[whole->kind].decl->choices) {
            build_report(b, "R026", whole->name.p, "is the whole of a table without a field for its kinds");
            continue;
        }
        for (int k = 0; k < r->n; k++)
            if (is_part_of(&r->models[k], whole)) part_link(b, &r->models[k], whole);
    }
}

const Model *model_part(const Registry *r, const Model *whole, Str kind) {
    if (whole->kind < 0) return whole;
    for (int i = 0; i < r->n; i++)
        if (r->models[i].whole == whole && str_is(kind, r->models[i].resource->only.value)) return &r->models[i];
    return whole;
}

void model_rows_sql(const Registry *r, const Model *m, Buf *out) {
    const char *word = " NOT IN (";
    if (model_only(m)) buf_fmt(out, " AND t.%s = '%s'", model_only(m), m->resource->only.value);
    if (m->kind < 0) return;
    buf_fmt(out, " AND t.%s", m->resource->only.column);
    for (int i = 0; i < r->n; i++) {
        if (r->models[i].whole != m) continue;
        buf_fmt(out, "%s'%s'", word, r->models[i].resource->only.value);
        word = ", ";
    }
    buf_c(out, *word == ',' ? ")" : " IS NOT NULL");
}
