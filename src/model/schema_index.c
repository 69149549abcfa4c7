/* The indexes of a table: those its resources' fields ask for, those that are
 * listed, and none twice. */
#include "model/schema_parts.h"

#include <assert.h>

#define INDEX_COLUMNS_MAX 8
#define KINDS_MAX         8

typedef struct {
    Str columns[INDEX_COLUMNS_MAX];
    int n, named_from; /* the name leaves out the tenant and constant columns */
    bool unique, partial;
    bool whole; /* over all parts of the table */
    const Model *kinds[KINDS_MAX]; /* whose rows it is for; others need no entry */
    int n_kinds;
} Index;

typedef struct {
    Index *list;
    int n;
} Indexes;

/* What an index begins with. */
enum { BY_TENANT = 1, BY_ONLY = 2 };

static Index *index_begin(Indexes *all, const Model *m, unsigned head) {
    Index *x = &all->list[all->n++];
    *x = (Index){0};
    if ((head & BY_TENANT) && has_tenant(m)) x->columns[x->n++] = S("organization_id");
    if ((head & BY_ONLY) && model_only(m)) {
        x->columns[x->n++] = str_of(model_only(m));
        x->kinds[x->n_kinds++] = m;
    }
    x->named_from = x->n;
    x->whole = m->kind >= 0;
    return x;
}

static void index_column(Index *x, Str column) {
    assert(x->n < INDEX_COLUMNS_MAX);
    x->columns[x->n++] = column;
}

/* What is only filtered by is looked up by a value: rows without one need no
 * entry. (Those are found by __isnull in the default order.) */
static bool index_partial(const Table *t, const ModelField *f) {
    return !(f->flags & F_SORT) && !column_required(t, column_find(t, f->column));
}

/* When the record a reference points to is deleted, the reference is looked up
 * by the foreign key's columns: its index begins with those and no others. */
static void field_indexes(Indexes *all, const Table *t, const ModelField *f) {
    const Model *m = f->model;
    if (f->flags & F_UNIQUE) {
        Index *x = index_begin(all, m, f->flags & F_GLOBAL ? BY_ONLY : BY_TENANT | BY_ONLY);
        index_column(x, f->column);
        x->unique = true;
    }
    if (!field_indexed(f)) return;
    Index *x = index_begin(all, m, !f->ref ? BY_TENANT | BY_ONLY : plain_reference(f) ? 0 : BY_TENANT);
    index_column(x, f->column);
    x->partial = index_partial(t, f);
}

static void listed_indexes(Schema *s, Indexes *all, const Model *m, const char *const *lists, bool unique) {
    for (; lists && *lists; lists++) {
        Index *index = index_begin(all, m, BY_TENANT | BY_ONLY);
        Str rest = str_of(*lists);
        while (rest.n) index_column(index, arena_str(&s->arena, str_cut(rest, ',', &rest)));
        index->unique = unique;
    }
}

static void model_indexes(Schema *s, Indexes *all, const Table *t, const Model *m) {
    if (m->parent) index_column(index_begin(all, m, BY_TENANT), str_of(m->lines_decl->parent));
    if (model_has(m, R_SINGLETON)) index_begin(all, m, BY_TENANT)->unique = true;
    for (int i = 0; i < m->n; i++)
        if (field_stored(&m->fields[i]) && field_declared(&m->fields[i])) field_indexes(all, t, &m->fields[i]);
    if (m->parent) return;
    listed_indexes(s, all, m, m->resource->uniques, true);
    listed_indexes(s, all, m, m->resource->indexes, false);
}

/* A longer index does not stand in for a shorter one: behind its columns each
 * has the id, in which order a filtered list is read. */
static bool index_covers(const Index *wide, const Index *x) {
    if (wide->n != x->n || (wide->partial && !x->partial)) return false;
    for (int i = 0; i < x->n; i++)
        if (!str_eq(wide->columns[i], x->columns[i])) return false;
    return true;
}

static bool index_needed(const Indexes *all, int at) {
    const Index *x = &all->list[at];
    for (int i = 0; i < all->n; i++) {
        const Index *other = &all->list[i];
        if (i == at || !index_covers(other, x) || (x->unique && !other->unique)) continue;
        bool same = index_covers(x, other) && x->unique == other->unique;
        if (x->unique ? same && i < at : !same || i < at) return false;
    }
    return true;
}

/* The same index that another kind of row in the table wants. */
static void kinds_join(Index *x, const Index *other) {
    for (int i = 0; i < other->n_kinds; i++) {
        bool known = false;
        for (int k = 0; k < x->n_kinds; k++) known |= x->kinds[k] == other->kinds[i];
        if (known) continue;
        assert(x->n_kinds < KINDS_MAX);
        x->kinds[x->n_kinds++] = other->kinds[i];
    }
}

static bool every_kind(const Table *t, const Index *x) {
    int n = 0;
    for (int i = 0; i < t->n_models; i++) n += model_only(t->models[i]) != NULL;
    return x->n_kinds == 0 || x->n_kinds == n;
}

/* Spelled as queries say it of one kind: SQLite knows then that it may be used. */
static void index_kinds(Schema *s, const Index *x) {
    for (int i = 0; i < x->n_kinds; i++)
        buf_fmt(s->out, "%s%s = '%s'", i ? " OR " : " WHERE ", model_only(x->kinds[i]), x->kinds[i]->resource->only.value);
}

/* Lists have what is empty first (sort_sql). */
static bool nulls_first(const Table *t, const Index *x, int i) {
    if (x->unique || x->partial) return false;
    for (int k = 0; k < t->n; k++)
        if (str_eq(t->columns[k].name, x->columns[i])) return !t->columns[k].field->not_null;
    return false;
}

/* SQLite has the id behind the columns of every index; PostgreSQL is told so, and
 * in which order lists read it. */
static void index_write(Schema *s, const Table *t, const Index *x) {
    buf_fmt(s->out, "CREATE %sINDEX %s", x->unique ? "UNIQUE " : "", t->name.p);
    if (x->whole) buf_c(s->out, "_all");
    for (int i = x->named_from; i < x->n; i++) buf_fmt(s->out, "_%s", x->columns[i].p);
    buf_fmt(s->out, "_%s ON %s (", x->unique ? "key" : "idx", t->name.p);
    for (int i = 0; i < x->n; i++)
        buf_fmt(s->out, "%s%s%s", i ? ", " : "", x->columns[i].p, s->words->native && nulls_first(t, x, i) ? " NULLS FIRST" : "");
    buf_c(s->out, s->words->native && !x->unique ? ", id)" : ")");
    if (x->partial)
        buf_fmt(s->out, " WHERE %s IS NOT NULL", x->columns[x->n - 1].p);
    else if (!every_kind(t, x))
        index_kinds(s, x);
    buf_c(s->out, ";\n");
}

static int indexes_most(const Table *t) {
    int most = 0;
    for (int i = 0; i < t->n_models; i++) {
        most += t->models[i]->n * 2 + 1;
        for (const char *const *x = t->models[i]->resource->indexes; x && *x; x++) most++;
        for (const char *const *x = t->models[i]->resource->uniques; x && *x; x++) most++;
    }
    return most;
}

void indexes_write(Schema *s, const Table *t) {
    Indexes all = {.list = ARENA_ARRAY(&s->arena, Index, (size_t)indexes_most(t))};
    for (int i = 0; i < t->n_models; i++) model_indexes(s, &all, t, t->models[i]);
    for (int i = 0; i < all.n; i++)
        for (int k = 0; k < all.n; k++)
            if (index_covers(&all.list[i], &all.list[k])) kinds_join(&all.list[i], &all.list[k]);
    for (int i = 0; i < all.n; i++)
        if (index_needed(&all, i)) index_write(s, t, &all.list[i]);
}
