/* Compiling the const resource tables into models: field lists with the
 * implicit fields, references, views (the native path and the aliases) and
 * permissions. Every mistake in a table is reported with its stable id; see
 * registry_check.c for the rules that need no compiling. */
#include <assert.h>

#include "model/registry_build.h"

static const Field id_field = {"id", &T_ID, F_READONLY};
static const Field common_fields[] = {
    {"version", &T_INT, F_READONLY, .fallback = "1"},
    {"created_by", &T_REF, F_READONLY, .ref = "users", .fallback = "me"},
    {"created_at", &T_TIME, F_READONLY | F_SORT, .fallback = "now"},
    {"updated_at", &T_TIME, F_READONLY, .fallback = "now"},
};
#define N_COMMON (sizeof(common_fields) / sizeof(*common_fields))

bool build_report(Build *b, const char *rule, const char *where, const char *what) {
    b->problems++;
    buf_fmt(b->report, "%s %s: %s\n", rule, where, what);
    return false;
}

static Str underscored(Arena *a, Str name) {
    char *p = arena_c_str(a, name);
    for (size_t i = 0; i < name.n; i++)
        if (p[i] == '-') p[i] = '_';
    return (Str){p, name.n};
}

static Fallback fallback_kind(const char *text) {
    if (!text) return FALLBACK_NONE;
    if (!strcmp(text, "today")) return FALLBACK_TODAY;
    if (!strcmp(text, "now")) return FALLBACK_NOW;
    if (!strcmp(text, "me")) return FALLBACK_ME;
    return FALLBACK_VALUE;
}

static void field_compile(Build *b, Model *m, const Field *decl) {
    ModelField *f = &m->fields[m->n];
    *f = (ModelField){.decl = decl, .type = decl->type, .model = m, .index = m->n++};
    f->flags = decl->flags;
    f->name = str_of(decl->name);
    f->column = str_of(decl->column ? decl->column : decl->name);
    f->key = arena_fmt(b->arena, "\"%s\":", decl->name);
    f->fallback = fallback_kind(decl->fallback);
    f->max_length = decl->max_length;
    f->not_null = decl == &id_field || (decl->flags & F_REQUIRED) || decl->series ||
                  (decl->fallback && f->fallback != FALLBACK_ME);
}

static bool has_common_fields(const Resource *r) {
    return !(r->flags & (R_INTERNAL | R_APPEND_ONLY | R_GLOBAL | R_VIRTUAL));
}

static void fields_compile(Build *b, Model *m, const Field *fields, size_t n, bool common) {
    m->fields = ARENA_ARRAY(b->arena, ModelField, n + 1 + N_COMMON);
    field_compile(b, m, &id_field);
    for (size_t i = 0; i < n; i++) field_compile(b, m, &fields[i]);
    for (size_t i = 0; common && i < N_COMMON; i++) field_compile(b, m, &common_fields[i]);
    if (m->n > FIELDS_MAX) build_report(b, "R011", m->name.p, "has too many fields");
}

static int field_at(const Model *m, const char *name) {
    for (int i = 0; name && i < m->n; i++)
        if (str_is(m->fields[i].name, name)) return i;
    return -1;
}

static int field_named(Build *b, const Model *m, const char *what, const char *name) {
    int at = field_at(m, name);
    if (name && at < 0)
        build_report(b, "R007", m->name.p, arena_fmt(b->arena, "%s %s is no field", what, name).p);
    return at;
}

/* Without states that mean something, and transitions between them, a field
 * called status is a choice like any other. */
static bool has_life_cycle(const Resource *r) {
    if (r->open_states || r->done_states) return true;
    for (size_t i = 0; i < r->n_actions; i++)
        if (r->actions[i].from) return true;
    return false;
}

static void model_roles(Build *b, Model *m) {
    const Resource *r = m->resource;
    m->id = 0;
    m->version = field_at(m, "version");
    m->created_by = field_at(m, "created_by");
    m->created_at = field_at(m, "created_at");
    m->updated_at = field_at(m, "updated_at");
    m->status = has_life_cycle(r) ? field_at(m, "status") : -1;
    m->number = -1;
    for (int i = 0; i < m->n; i++) {
        if (m->fields[i].decl->series) m->number = i;
        if (m->fields[i].flags & F_SEARCH || m->fields[i].type->has) m->searchable = true;
    }
    m->display = field_named(b, m, "display", m->parent ? NULL : r->display);
    m->owner = field_named(b, m, "owner", m->parent ? NULL : r->owner);
    m->due = field_named(b, m, "due", m->parent ? NULL : r->due);
    m->subject_resource = field_named(b, m, "subject", m->parent ? NULL : r->subject.resource);
    m->subject_id = field_named(b, m, "subject", m->parent ? NULL : r->subject.id);
    m->client = field_named(b, m, "client", m->parent ? NULL : r->client);
    m->kind = -1;
    if (m->parent) m->searchable = false, m->status = -1;
}

static void permissions_compile(Build *b, Model *m) {
    static const char *const verbs[] = {"read", "create", "update", "delete", "export", "import"};
    const Resource *r = m->resource;
    for (size_t i = 0; i < MAY_ACTIONS; i++) m->permissions[m->n_permissions++] = str_of(verbs[i]);
    m->action_permission = ARENA_ARRAY(b->arena, int, r->n_actions + 1);
    for (size_t i = 0; i < r->n_actions; i++) {
        const Action *a = &r->actions[i];
        Str name = str_of(a->permission ? a->permission : *a->name ? a->name : "create");
        int at = 0;
        while (at < m->n_permissions && !str_eq(m->permissions[at], name)) at++;
        if (at == PERMISSIONS_MAX) {
            build_report(b, "R011", m->name.p, "has too many permissions");
            return;
        }
        if (at == m->n_permissions) m->permissions[m->n_permissions++] = name;
        m->action_permission[i] = at;
    }
}

static void lines_compile(Build *b, Model *m) {
    const Lines *l = m->resource->lines;
    if (!l) return;
    Model *lines = ARENA_NEW(b->arena, Model);
    lines->resource = m->resource;
    lines->parent = m;
    lines->lines_decl = l;
    lines->index = -1;
    lines->name = arena_fmt(b->arena, "%s.%s", m->name.p, l->name);
    lines->table = str_of(l->table);
    lines->tenant = S("organization_id");
    fields_compile(b, lines, l->fields, l->n_fields, false);
    model_roles(b, lines);
    m->lines = lines;
    m->lines_decl = l;
    m->lines_key = arena_fmt(b->arena, "\"%s\":", l->name);
}

static void model_compile(Build *b, Model *m, const Resource *r) {
    m->resource = r;
    m->name = str_of(r->name);
    m->table = r->table ? str_of(r->table) : underscored(b->arena, m->name);
    m->tenant = r->flags & R_TENANT ? S("id") : r->flags & R_GLOBAL ? STR_NONE : S("organization_id");
    fields_compile(b, m, r->fields, r->n_fields, has_common_fields(r));
    model_roles(b, m);
    permissions_compile(b, m);
    lines_compile(b, m);
}

/* "customer" for customer_id. */
static Str object_name(const ModelField *f) {
    return f->name.n > 3 && str_ends(f->name, S("_id")) ? (Str){f->name.p, f->name.n - 3} : STR_NONE;
}

static void reference_compile(Build *b, Model *m, ModelField *f) {
    const Model *ref = map_get(&b->registry->by_name, str_of(f->decl->ref));
    if (!ref) {
        build_report(b, "R003", f->name.p, "refers to an unknown resource");
        return;
    }
    f->ref = ref;
    f->object_name = object_name(f);
    Str base = f->object_name.p ? f->object_name : f->name;
    Str shown = arena_fmt(b->arena, "%.*s_name", STR_ARG(base));
    bool internal = ref->resource->flags & (R_INTERNAL | R_TENANT);
    if (ref->resource->display && !internal && !(f->flags & (F_HIDDEN | F_NO_COLUMN)) && field_at(m, shown.p) < 0)
        f->name_key = arena_fmt(b->arena, "\"%s\":", shown.p);
}

static void fields_link(Build *b, Model *m) {
    for (int i = 0; i < m->n; i++) {
        ModelField *f = &m->fields[i];
        if (f->decl->ref) reference_compile(b, m, f);
        int source = field_named(b, m, "snapshot_of", f->decl->snapshot_of);
        int finder = field_named(b, m, "found_by", f->decl->found_by);
        int folded = field_named(b, m, "folds", f->decl->folds);
        if (source >= 0) f->snapshot_of = &m->fields[source];
        if (finder >= 0) f->found_by = &m->fields[finder];
        if (folded >= 0) f->folds = &m->fields[folded];
        if (folded >= 0 && !f->decl->fold) build_report(b, "R024", f->name.p, "folds a field and does not say how");
        if (f->snapshot_of && !f->snapshot_of->decl->ref)
            build_report(b, "R008", f->name.p, "is a snapshot of no reference");
        if (f->found_by && (!f->ref || !f->ref->resource->key))
            build_report(b, "R008", f->name.p, "is found by a key that is not there");
    }
}

static bool bound_parse(Build *b, const ModelField *f, const char *text, Value *out) {
    Problem problem = {0};
    if (!text || f->type->from_text(b->ctx, f, str_of(text), out, &problem)) return true;
    const char *rule = text == f->decl->fallback ? "R005" : "R006";
    return build_report(b, rule, f->name.p, arena_fmt(b->arena, "\"%s\" is no value of it", text).p);
}

static void fields_bounds(Build *b, Model *m) {
    for (int i = 0; i < m->n; i++) {
        ModelField *f = &m->fields[i];
        bound_parse(b, f, f->decl->min, &f->min);
        bound_parse(b, f, f->decl->max, &f->max);
        if (f->fallback == FALLBACK_VALUE) bound_parse(b, f, f->decl->fallback, &f->fallback_value);
    }
    if (m->status >= 0 && m->fields[m->status].fallback == FALLBACK_VALUE) {
        int initial = choice_index(&m->fields[m->status], m->fields[m->status].fallback_value.s);
        m->initial = initial < 0 ? 0 : (uint8_t)initial;
    }
}

static Str renamed(const Alias *alias, Str name) {
    for (size_t i = 0; alias && i < alias->n_renames; i++)
        if (str_is(name, alias->renames[i].name)) return str_of(alias->renames[i].as);
    return name;
}

static void view_name(View *v, Str name, const ModelField *f) {
    if (name.p) map_put(&v->by_name, name, f); /* the first owner of a name keeps it */
}

static void view_compile(Build *b, const Model *m, View *v, const Alias *alias) {
    v->path = alias ? str_of(alias->path) : m->name;
    v->model = m;
    v->client = alias && alias->client;
    v->offers = alias ? alias->offers : NULL;
    for (const char *const *h = alias ? alias->hides : NULL; h && *h; h++) {
        int at = field_named(b, m, "hides", *h);
        if (at >= 0) set_add(&v->hidden, at);
    }
    v->keys = ARENA_ARRAY(b->arena, Str, (size_t)m->n);
    v->names = ARENA_ARRAY(b->arena, Str, (size_t)m->n);
    map_init(&v->by_name, b->arena, (size_t)m->n * 4);
    for (int i = 0; i < m->n; i++) {
        v->names[i] = renamed(alias, m->fields[i].name);
        v->keys[i] = arena_fmt(b->arena, "\"%s\":", v->names[i].p);
        if (!set_has(&v->hidden, i)) view_name(v, v->names[i], &m->fields[i]);
    }
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (set_has(&v->hidden, i)) continue;
        view_name(v, f->name, f);
        view_name(v, f->object_name, f);
        Str rest = str_of(f->decl->also ? f->decl->also : "");
        while (rest.n) view_name(v, arena_str(b->arena, str_cut(rest, ',', &rest)), f);
    }
}

static void views_compile(Build *b, Model *m) {
    const Resource *r = m->resource;
    size_t aliases = m->parent ? 0 : r->n_aliases;
    m->views = ARENA_ARRAY(b->arena, View, aliases + 1);
    m->n_views = (int)aliases + 1;
    for (size_t i = 0; i <= aliases; i++) {
        view_compile(b, m, &m->views[i], i ? &r->aliases[i - 1] : NULL);
        bool routed = !m->parent && !(r->flags & R_INTERNAL);
        if (routed && !map_put(&b->registry->by_path, m->views[i].path, &m->views[i]))
            build_report(b, "R013", m->name.p, "its path or an alias is taken");
    }
}

/* Where a name's address has its place in `literals`, or the ones behind it. */
static size_t literal_place(const Model *m, const char *name, size_t after) {
    size_t first = (uintptr_t)name * 0x9e3779b97f4a7c15u >> (64 - m->literal_bits);
    return (first + after) & (((size_t)1 << m->literal_bits) - 1);
}

static void literals_compile(Build *b, Model *m) {
    m->literal_bits = 3;
    while (1 << m->literal_bits < 4 * m->n) m->literal_bits++;
    m->literals = ARENA_ARRAY(b->arena, uint8_t, (size_t)1 << m->literal_bits);
    for (int i = 0; i < m->n; i++) {
        size_t after = 0;
        while (m->literals[literal_place(m, m->fields[i].name.p, after)]) after++;
        m->literals[literal_place(m, m->fields[i].name.p, after)] = (uint8_t)(i + 1);
    }
}

static void model_link(Build *b, Model *m) {
    fields_link(b, m);
    fields_bounds(b, m);
    /* The lines model is written only here, while the registry is made. */
    if (m->lines) model_link(b, (Model *)(uintptr_t)m->lines);
    views_compile(b, m);
    literals_compile(b, m);
    sql_compile(b->arena, m);
}

Registry *registry_new(const Resource *const *resources, size_t n, Buf *report) {
    Registry *r = calloc(1, sizeof *r);
    assert(r);
    arena_init(&r->arena, (size_t)64 << 20);
    r->n = (int)n;
    r->models = ARENA_ARRAY(&r->arena, Model, n);
    map_init(&r->by_path, &r->arena, n * 4);
    map_init(&r->by_name, &r->arena, n);
    Ctx ctx = {.arena = &r->arena};
    error_init(&ctx.err, &r->arena);
    Build b = {.arena = &r->arena, .registry = r, .report = report, .ctx = &ctx};
    for (size_t i = 0; i < n; i++) {
        r->models[i].index = (int)i;
        model_compile(&b, &r->models[i], resources[i]);
        if (!map_put(&r->by_name, r->models[i].name, &r->models[i]))
            build_report(&b, "R001", resources[i]->name, "is declared twice");
    }
    for (int i = 0; i < r->n; i++) registry_check_model(&b, &r->models[i]);
    for (int i = 0; !b.problems && i < r->n; i++) model_link(&b, &r->models[i]);
    if (!b.problems) registry_link_wholes(&b);
    if (!b.problems) registry_check_tables(&b);
    if (!b.problems) return r;
    registry_free(r);
    return NULL;
}

bool registry_follow(Registry *r, const Follower *followers, Buf *report) {
    Build b = {.report = report};
    for (const Follower *f = followers; f->resource; f++) {
        const Model *found = map_get(&r->by_name, str_of(f->resource));
        Model *m = found ? &r->models[found->index] : NULL;
        if (!m)
            build_report(&b, "R020", f->resource, "is followed and unknown");
        else if (m->n_followers == FOLLOWERS_MAX)
            build_report(&b, "R020", f->resource, "has too many followers");
        else
            m->followers[m->n_followers++] = f;
    }
    return b.problems == 0;
}

void registry_free(Registry *r) {
    arena_free(&r->arena);
    free(r);
}

const Model *registry_model(const Registry *r, const char *name) {
    const Model *m = map_get(&r->by_name, str_of(name));
    assert(m);
    return m;
}

const View *registry_view(const Registry *r, Str path) { return map_get(&r->by_path, path); }

/* A field is mostly asked for by the very literal that its table says: linkers
 * keep one copy of equal ones. Where they do not, its letters find it. */
const ModelField *model_field(const Model *m, const char *name) {
    for (size_t after = 0;; after++) {
        int at = m->literals[literal_place(m, name, after)];
        if (!at) break;
        if (m->fields[at - 1].name.p == name) return &m->fields[at - 1];
    }
    const ModelField *f = map_get(&m->views[0].by_name, str_of(name));
    assert(f);
    return f;
}

int choice_count(const ModelField *f) {
    int n = 0;
    while (f->decl->choices && f->decl->choices[n].name) n++;
    return n;
}

int choice_index(const ModelField *f, Str canonical) {
    for (int i = 0; f->decl->choices[i].name; i++)
        if (str_is(canonical, f->decl->choices[i].name)) return i;
    return -1;
}

static char folded(char c) {
    if (c == ' ' || c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_choice(Str text, const char *name) {
    size_t n = name ? strlen(name) : 0;
    if (!name || text.n != n) return false;
    for (size_t i = 0; i < n; i++)
        if (folded(text.p[i]) != folded(name[i])) return false;
    return true;
}

int choice_parse(const ModelField *f, Str text) {
    for (int i = 0; f->decl->choices[i].name; i++) {
        const Choice *choice = &f->decl->choices[i];
        if (same_choice(text, choice->name) || same_choice(text, choice->also)) return i;
    }
    return -1;
}

const Action *model_action(const Model *m, Str name, int *index) {
    for (size_t i = 0; i < m->resource->n_actions; i++) {
        if (!str_is(name, m->resource->actions[i].name)) continue;
        *index = (int)i;
        return &m->resource->actions[i];
    }
    return NULL;
}

bool field_declared(const ModelField *f) {
    const Model *m = f->model;
    const Field *first = m->parent ? m->lines_decl->fields : m->resource->fields;
    size_t n = m->parent ? m->lines_decl->n_fields : m->resource->n_fields;
    return f->decl >= first && f->decl < first + n;
}

/* What a field has is found by the search table. */
bool field_indexed(const ModelField *f) {
    if (!field_declared(f) || f->flags & (F_NO_COLUMN | F_UNINDEXED) || f->type->has) return false;
    return f->ref || f->flags & (F_FILTER | F_SORT);
}
