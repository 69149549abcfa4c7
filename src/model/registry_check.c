/* The self-check of the resource tables: what the compiler cannot see. Ids are
 * stable: R001 name, R002 field twice, R004 choices, R009 states, R010 status,
 * R012 rename, R014 shared column, R015 sum, R016 index, R017 name clash,
 * R018 action, R019 lines, R020 follower (registry.c),
 * R021 singleton, R022 personal, R023 scanned, R024 folded field (registry.c),
 * R025 alike, R026 whole table (registry_whole.c). */
#include "model/registry_build.h"

static bool kebab(const char *s) {
    for (const char *p = s; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-')) return false;
    return *s && *s != '-';
}

static bool snake(const char *s) {
    for (const char *p = s; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')) return false;
    return *s >= 'a' && *s <= 'z';
}

static const ModelField *by_column(const Model *m, Str column) {
    for (int i = 0; i < m->n; i++)
        if (str_eq(m->fields[i].column, column)) return &m->fields[i];
    return NULL;
}

static void check_fields(Build *b, const Model *m) {
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!snake(f->name.p)) build_report(b, "R002", m->name.p, "a field name is not snake_case");
        for (int k = 0; k < i; k++)
            if (str_eq(f->name, m->fields[k].name)) build_report(b, "R002", m->name.p, f->name.p);
        if ((f->type == &T_ENUM) != (f->decl->choices != NULL))
            build_report(b, "R004", f->name.p, "an enumeration and its choices go together");
        if (f->type == &T_ENUM && f->decl->choices && choice_count(f) > 32)
            build_report(b, "R004", f->name.p, "has more than 32 choices");
        if ((f->type == &T_REF) != (f->decl->ref != NULL))
            build_report(b, "R003", f->name.p, "a reference and its resource go together");
        bool found = f->type->sqlite && str_is(str_of(f->type->sqlite), "TEXT") && (f->flags & (F_UNIQUE | F_FILTER));
        if ((f->flags & F_SCAN) && (!found || (f->flags & F_UNINDEXED) || m->display < 0 || m->parent))
            build_report(b, "R023", f->name.p, "what is scanned is an indexed text of a record that has a display name");
        if ((f->flags & F_SUM) && f->type != &T_MONEY && f->type != &T_QUANTITY)
            build_report(b, "R015", f->name.p, "only amounts and quantities are summed");
    }
}

static void check_columns(Build *b, const Model *m, const char *const *lists) {
    for (; lists && *lists; lists++) {
        Str rest = str_of(*lists);
        while (rest.n)
            if (!by_column(m, str_cut(rest, ',', &rest)))
                build_report(b, "R016", m->name.p, "an index names an unknown column");
    }
}

static void check_action(Build *b, const Model *m, const Action *a) {
    const char *where = m->name.p;
    if ((a->from != 0) + (a->run != NULL) + (a->list_of != NULL) + (a->narrow != NULL) != 1) {
        build_report(b, "R018", where, "an action is either a transition, a call or a list");
        return;
    }
    if (a->lines && a->lines->max <= 0) build_report(b, "R019", where, "an action's lines have no limit");
    if (!a->from) return;
    if (m->status < 0) {
        build_report(b, "R010", where, "a transition needs a status field");
        return;
    }
    int states = choice_count(&m->fields[m->status]);
    uint64_t known = ((uint64_t)1 << states) - 1;
    if ((a->to >= states && a->to != STAY) || (a->from & ~known)) build_report(b, "R009", where, a->name);
}

static void check_aliases(Build *b, const Model *m) {
    for (size_t i = 0; i < m->resource->n_aliases; i++) {
        const Alias *alias = &m->resource->aliases[i];
        for (size_t k = 0; k < alias->n_renames; k++) {
            bool found = false;
            for (int f = 0; f < m->n; f++)
                found = found || str_is(m->fields[f].name, alias->renames[k].name);
            if (!found) build_report(b, "R012", m->name.p, alias->renames[k].name);
        }
    }
}

/* It is made of its fallbacks, and has no id that an action could name. */
static void check_singleton(Build *b, const Model *m) {
    const Resource *r = m->resource;
    if (!(r->flags & R_SINGLETON)) return;
    if (m->lines || (r->flags & (R_GLOBAL | R_TENANT | R_VIRTUAL | R_INTERNAL | R_APPEND_ONLY)))
        build_report(b, "R021", r->name, "a singleton is a plain record of each organization");
    for (int i = 0; i < m->n; i++)
        if ((m->fields[i].flags & F_REQUIRED) && !m->fields[i].decl->fallback)
            build_report(b, "R021", m->fields[i].name.p, "a field that a singleton requires needs a fallback");
    for (size_t i = 0; i < r->n_actions; i++)
        if (!(r->actions[i].flags & ACTION_COLLECTION))
            build_report(b, "R021", r->name, "an action of a singleton belongs to the collection");
}

static void check_alike(Build *b, const Model *m) {
    for (const Alike *a = m->resource->alike; a && a->key; a++) {
        const ModelField *f = NULL;
        for (int i = 0; i < m->n; i++)
            if (str_is(m->fields[i].name, a->key)) f = &m->fields[i];
        if (!f || !(f->flags & F_FILTER) || (a->similar && !(f->decl->fold && m->searchable)))
            build_report(b, "R025", m->name.p, "is alike by what is no indexed field");
    }
}

/* What others must not see they must not run into either. */
static void check_personal(Build *b, const Model *m) {
    if (!(m->resource->flags & R_PERSONAL)) return;
    if (m->owner < 0) build_report(b, "R022", m->name.p, "a personal resource needs an owner");
    for (int i = 0; i < m->n; i++)
        if (m->fields[i].flags & F_UNIQUE)
            build_report(b, "R022", m->fields[i].name.p, "a unique field tells of others' personal records");
}

void registry_check_model(Build *b, const Model *m) {
    const Resource *r = m->resource;
    if (!kebab(r->name)) build_report(b, "R001", r->name, "is not kebab-case");
    if (!r->singular && !(r->flags & (R_INTERNAL | R_VIRTUAL)))
        build_report(b, "R001", r->name, "has no singular name");
    check_fields(b, m);
    if (m->lines) check_fields(b, m->lines);
    if (m->lines && m->lines_decl->max <= 0)
        build_report(b, "R019", r->name, "its lines have no limit");
    check_columns(b, m, r->indexes);
    check_columns(b, m, r->uniques);
    check_aliases(b, m);
    check_singleton(b, m);
    check_personal(b, m);
    check_alike(b, m);
    for (size_t i = 0; i < r->n_actions; i++) check_action(b, m, &r->actions[i]);
}

static void check_shared(Build *b, const Model *m, const Model *other) {
    if (!m->resource->only.column || !other->resource->only.column)
        build_report(b, "R014", m->name.p, "shares a table but has no constant column");
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i], *g = by_column(other, f->column);
        if (g && g->type != f->type) build_report(b, "R014", m->name.p, f->column.p);
    }
}

static void check_references(Build *b, const Model *m) {
    for (int i = 0; i < m->n; i++)
        if (m->fields[i].ref && (m->fields[i].ref->resource->flags & R_PERSONAL))
            build_report(b, "R022", m->fields[i].name.p, "refers to a personal resource");
    if (m->lines) check_references(b, m->lines);
}

void registry_check_tables(Build *b) {
    const Registry *r = b->registry;
    for (int i = 0; i < r->n; i++) check_references(b, &r->models[i]);
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < i; k++)
            if (!(r->models[i].resource->flags & R_VIRTUAL) &&
                str_eq(r->models[i].table, r->models[k].table))
                check_shared(b, &r->models[i], &r->models[k]);
}
