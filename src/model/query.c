/* Reading list parameters into a Query. Each parameter is a row of a table, a
 * filter, or a mistake: whatever is unknown or impossible is a 400 that names
 * it, and the closest name that would have been right. */
#include <assert.h>

#include "base/fold.h"
#include "model/plan.h"

#define OFFSET_MAX       ((int64_t)1 << 53) /* what a JSON number holds exactly */
#define SEARCH_MAX       100
#define SEARCH_WORDS_MAX 8
#define NAME_COMPARED    40 /* bytes: longer names are not compared, and are cut in messages */

typedef struct {
    Ctx *c;
    Query *q;
    FilterReader filters;
    Str sort_by, order, ordering, cursor;
    int64_t skip;
    bool page_given, skip_given, limit_given;
    bool lines_by_default; /* unless fields= says otherwise */
    const char *default_order;
    int permission;
} Reader;

/* --- names --- */

typedef struct {
    Str name, best;
    int distance;
} Closest;

static void closest_try(Closest *closest, Str candidate) {
    if (closest->name.n > NAME_COMPARED || candidate.n > NAME_COMPARED) return;
    int d = fold_distance(closest->name, candidate, closest->distance - 1);
    if (d >= closest->distance) return;
    closest->distance = d;
    closest->best = candidate;
}

/* Whatever a client sends comes back in the message only up to here. */
static Str shown(Str name) {
    if (name.n <= NAME_COMPARED) return name;
    size_t n = NAME_COMPARED;
    while (n > 0 && ((unsigned char)name.p[n] & 0xC0) == 0x80) n--;
    return (Str){name.p, n};
}

static bool unknown_name(Reader *r, const char *what, const Closest *closest) {
    if (!closest->best.p)
        return fail(r->c, E_UNKNOWN_FIELD, "%s \"%.*s\"", what, STR_ARG(shown(closest->name)));
    return fail(r->c, E_UNKNOWN_FIELD, "%s \"%.*s\"; did you mean \"%.*s\"?", what,
                STR_ARG(shown(closest->name)), STR_ARG(closest->best));
}

static Closest closest_to(Str name) {
    return (Closest){.name = name, .distance = name.n > 5 ? 4 : (int)(name.n / 2) + 1};
}

/* Of all names the view knows its fields by. */
static void closest_fields(Reader *r, Closest *closest, bool (*fits)(const ModelField *)) {
    const Map *names = &r->q->view->by_name;
    for (size_t i = 0; i < names->cap; i++)
        if (names->slots[i].key.p && fits(names->slots[i].value)) closest_try(closest, names->slots[i].key);
}

static bool unknown_field(Reader *r, const char *what, Str name, bool (*fits)(const ModelField *)) {
    Closest closest = closest_to(name);
    closest_fields(r, &closest, fits);
    return unknown_name(r, what, &closest);
}

/* The next non-empty part of a comma-separated list. */
static bool next_name(Str *rest, Str *name) {
    while (rest->p) {
        *name = str_trim(str_cut(*rest, ',', rest));
        if (name->n) return true;
    }
    return false;
}

/* --- paging --- */

static bool number_read(Reader *r, const char *name, Str text, const int64_t range[2], int64_t *out) {
    if (str_to_int(text, out) && *out >= range[0] && *out <= range[1]) return true;
    return fail(r->c, E_BAD_QUERY, "%s must be a whole number from %lld to %lld", name, (long long)range[0],
                (long long)range[1]);
}

static bool read_page(Reader *r, Str value) {
    r->page_given = true;
    return number_read(r, "page", value, (int64_t[]){1, OFFSET_MAX / PAGE_SIZE_MAX}, &r->q->page);
}

static bool read_page_size(Reader *r, Str value) {
    return number_read(r, "page_size", value, (int64_t[]){1, PAGE_SIZE_MAX}, &r->q->size);
}

static bool read_limit(Reader *r, Str value) {
    r->limit_given = true;
    return number_read(r, "limit", value, (int64_t[]){1, PAGE_SIZE_MAX}, &r->q->size);
}

static bool read_skip(Reader *r, Str value) {
    r->skip_given = true;
    return number_read(r, "skip", value, (int64_t[]){0, OFFSET_MAX}, &r->skip);
}

static bool read_count(Reader *r, Str value) {
    r->q->count = str_eq(value, S("exact"));
    return r->q->count || str_eq(value, S("none")) || fail(r->c, E_BAD_QUERY, "count must be exact or none");
}

static bool read_cursor(Reader *r, Str value) {
    r->cursor = value;
    return value.n > 0 || fail(r->c, E_BAD_QUERY, "cursor must not be empty");
}

static bool paging_settle(Reader *r) {
    Query *q = r->q;
    if (r->page_given && r->skip_given) return fail(r->c, E_BAD_QUERY, "give page or skip, not both");
    if (r->cursor.p && (q->page > 1 || r->skip > 0))
        return fail(r->c, E_BAD_QUERY, "a cursor says where its page begins: leave out page and skip");
    q->by_offset = r->skip_given || (r->limit_given && !r->page_given);
    q->offset = q->by_offset ? r->skip : (q->page - 1) * q->size;
    q->page = q->offset / q->size + 1;
    return !r->cursor.p || cursor_decode(r->c, q, r->cursor);
}

/* --- search --- */

static bool read_search(Reader *r, Str value) {
    int words = 0;
    Str rest = value;
    r->q->search = str_trim(value);
    if (r->q->search.n == 0) return true;
    if (!r->q->model->searchable)
        return fail(r->c, E_BAD_QUERY, "%s cannot be searched", r->q->model->name.p);
    while (search_word(&rest).p) words++;
    if (str_utf8_length(value) > SEARCH_MAX || words > SEARCH_WORDS_MAX)
        return fail(r->c, E_BAD_QUERY, "search may have %d characters and %d words", SEARCH_MAX,
                    SEARCH_WORDS_MAX);
    return words > 0 || fail(r->c, E_BAD_QUERY, "search needs at least one letter or digit");
}

/* --- order --- */

static bool sort_has(const Query *q, const ModelField *f) {
    for (int i = 0; i < q->n_sort; i++)
        if (q->sort[i].field == f) return true;
    return false;
}

/* Behind the id, which is unique, further keys would change nothing. */
static bool sort_add(Reader *r, const ModelField *f, bool descending) {
    Query *q = r->q;
    const ModelField *id = &q->model->fields[q->model->id];
    if (sort_has(q, f) || sort_has(q, id)) return true;
    if (q->n_sort == SORT_KEYS_MAX)
        return fail(r->c, E_BAD_QUERY, "at most %d fields to sort by", SORT_KEYS_MAX);
    q->sort[q->n_sort++] = (SortKey){f, descending};
    return true;
}

static bool sort_read(Reader *r, Str list, bool descending) {
    Str name;
    while (next_name(&list, &name)) {
        bool minus = name.p[0] == '-';
        if (minus || name.p[0] == '+') name = (Str){name.p + 1, name.n - 1};
        const ModelField *f = map_get(&r->q->view->by_name, name);
        if (!f || !field_sortable(f)) return unknown_field(r, "cannot sort by", name, field_sortable);
        if (!sort_add(r, f, minus != descending)) return false;
    }
    return true;
}

static bool sort_default(Reader *r) {
    const Model *m = r->q->model;
    Str list = str_of(r->default_order), name;
    while (next_name(&list, &name)) {
        bool minus = name.p[0] == '-';
        if (minus) name = (Str){name.p + 1, name.n - 1};
        bool descending = r->order.p ? str_ieq(r->order, S("desc")) : minus;
        if (!sort_add(r, model_field(m, arena_c_str(r->c->arena, name)), descending)) return false;
    }
    return true;
}

static bool sort_settle(Reader *r) {
    Query *q = r->q;
    bool descending = r->order.p && str_ieq(r->order, S("desc"));
    if (r->sort_by.p && r->ordering.p) return fail(r->c, E_BAD_QUERY, "give sort_by or ordering, not both");
    if (r->ordering.p && !sort_read(r, r->ordering, false)) return false;
    if (r->sort_by.p && !sort_read(r, r->sort_by, descending)) return false;
    if (q->n_sort == 0 && !sort_default(r)) return false;
    const ModelField *id = &q->model->fields[q->model->id];
    if (!sort_has(q, id)) {
        bool last = q->sort[q->n_sort - 1].descending;
        q->sort[q->n_sort++] = (SortKey){id, last};
    }
    return true;
}

static bool read_sort_by(Reader *r, Str value) {
    r->sort_by = value;
    return true;
}

static bool read_ordering(Reader *r, Str value) {
    r->ordering = value;
    return true;
}

static bool filter_or_unknown(Reader *r, const Param *param);

/* Also what a reference to an order is filtered by: order=7. */
static bool read_order(Reader *r, Str value) {
    const ModelField *f = map_get(&r->q->view->by_name, S("order"));
    if (str_ieq(value, S("asc")) || str_ieq(value, S("desc"))) {
        r->order = value;
        return true;
    }
    if (f && field_filterable(f)) return filter_or_unknown(r, &(Param){S("order"), value});
    return fail(r->c, E_BAD_QUERY, "order must be asc or desc");
}

/* --- a past moment --- */

bool query_moment(Ctx *c, Str text, Str *instant) {
    bool day = date_valid(text);
    int64_t at = day ? date_end_in_zone(text, c->zone) : 0;
    if (!day && !time_parse(text, &at))
        return fail(c, E_BAD_QUERY, "as_of must be a date like 2026-03-31 or a time like 2026-03-31T18:00:00Z");
    if (str_eq(text, str_of(c->today))) at = c->now;
    if (at > c->now) return fail(c, E_BAD_QUERY, "as_of must not lie in the future");
    char *out = arena_alloc(c->arena, TIME_TEXT);
    time_format(at, out);
    *instant = str_of(out);
    return true;
}

static bool read_as_of(Reader *r, Str value) {
    if (!r->q->model->resource->as_of.rows) return filter_or_unknown(r, &(Param){S("as_of"), value});
    return query_moment(r->c, value, &r->q->as_of);
}

static bool read_include_empty(Reader *r, Str value) {
    Query *q = r->q;
    if (!q->model->resource->as_of.empty) return filter_or_unknown(r, &(Param){S("include_empty"), value});
    q->include_empty = str_eq(value, S("true"));
    return q->include_empty || str_eq(value, S("false")) ||
           fail(r->c, E_BAD_QUERY, "include_empty must be true or false");
}

/* --- fields and expand --- */

static bool is_lines_name(const Model *m, Str name) {
    if (!m->lines) return false;
    const char *also = m->lines_decl->also;
    return str_is(name, m->lines_decl->name) || str_eq(name, S("lines")) || (also && str_is(name, also));
}

/* The reference that prints its record's name under this key. */
static const ModelField *by_shown_name(const View *v, Str name) {
    const Model *m = v->model;
    for (int i = 0; i < m->n; i++) {
        if (set_has(&v->hidden, i)) continue;
        Str key = m->fields[i].name_key; /* with quotes and a colon */
        if (key.p && key.n == name.n + 3 && !memcmp(key.p + 1, name.p, name.n)) return &m->fields[i];
    }
    return NULL;
}

static bool read_fields(Reader *r, Str value) {
    Query *q = r->q;
    Str name;
    bool lines = false;
    q->fields = (FieldSet){{0, 0}};
    r->lines_by_default = false;
    while (next_name(&value, &name)) {
        const ModelField *f = map_get(&q->view->by_name, name);
        if (!f) f = by_shown_name(q->view, name);
        if (f && field_shown(f))
            set_add(&q->fields, f->index);
        else if (is_lines_name(q->model, name))
            lines = q->expand_lines = true;
        else
            return unknown_field(r, "unknown field", name, field_shown);
    }
    if (!set_empty(&q->fields) || lines) return true;
    return fail(r->c, E_BAD_QUERY, "fields names no field");
}

static bool expandable(const ModelField *f) {
    return f->ref && field_shown(f) && f->object_name.p &&
           !(f->ref->resource->flags & (R_INTERNAL | R_VIRTUAL));
}

/* "customer" or "customer_id" of a model or of its lines. */
static bool expand_ref(Reader *r, const Model *m, Str name, FieldSet *set) {
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!expandable(f) || (!str_eq(f->object_name, name) && !str_eq(f->name, name))) continue;
        if (m == r->q->model && set_has(&r->q->view->hidden, i)) continue;
        set_add(set, i);
        return ctx_require(r->c, f->ref, MAY_READ);
    }
    Closest closest = closest_to(name);
    for (int i = 0; i < m->n; i++)
        if (expandable(&m->fields[i])) closest_try(&closest, m->fields[i].object_name);
    return unknown_name(r, "cannot expand", &closest);
}

static bool expand_one(Reader *r, Str name) {
    Query *q = r->q;
    Str inner, outer = str_cut(name, '.', &inner);
    if (!is_lines_name(q->model, outer)) return expand_ref(r, q->model, name, &q->expand);
    q->expand_lines = true;
    return !inner.p || expand_ref(r, q->model->lines, inner, &q->expand_line_refs);
}

static bool read_expand(Reader *r, Str value) {
    Str name;
    while (next_name(&value, &name))
        if (!expand_one(r, name)) return false;
    return true;
}

/* What is expanded is printed, whatever fields= names; the order in which the
 * two parameters come does not matter. */
static void expand_settle(Reader *r) {
    for (int i = 0; i < 2; i++) r->q->fields.w[i] |= r->q->expand.w[i];
    if (r->lines_by_default) r->q->expand_lines = true;
}

/* --- the table --- */

typedef struct {
    const char *name;
    bool one; /* also for a single record */
    bool (*read)(Reader *r, Str value);
} Known;

static const Known known[] = {
    {"page", false, read_page},   {"page_size", false, read_page_size}, {"skip", false, read_skip},
    {"limit", false, read_limit}, {"cursor", false, read_cursor},       {"sort_by", false, read_sort_by},
    {"order", false, read_order}, {"ordering", false, read_ordering},   {"search", false, read_search},
    {"count", false, read_count}, {"fields", true, read_fields},        {"expand", true, read_expand},
    {"as_of", false, read_as_of}, {"include_empty", false, read_include_empty},
};
#define N_KNOWN (sizeof known / sizeof *known)

static const Known *known_find(Str name) {
    for (size_t i = 0; i < N_KNOWN; i++)
        if (str_is(name, known[i].name)) return &known[i];
    return NULL;
}

static bool filter_or_unknown(Reader *r, const Param *param) {
    bool is_filter;
    if (filter_read(&r->filters, param, &is_filter)) return true;
    if (is_filter) return false;
    const ModelField *f = map_get(&r->q->view->by_name, param->name);
    if (f && field_shown(f))
        return fail(r->c, E_UNKNOWN_FIELD, "\"%.*s\" is no field to filter by", STR_ARG(param->name));
    Closest closest = closest_to(param->name);
    for (size_t i = 0; i < N_KNOWN; i++) closest_try(&closest, str_of(known[i].name));
    closest_fields(r, &closest, field_filterable);
    return unknown_name(r, "unknown parameter", &closest);
}

static bool param_read(Reader *r, const Param *param) {
    const Known *k = known_find(param->name);
    return k ? k->read(r, param->value) : filter_or_unknown(r, param);
}

static bool scope_add(Reader *r) {
    const Model *m = r->q->model;
    Value *values = ARENA_ARRAY(r->c->arena, Value, 2);
    values[0] = value_int(r->c->user_id);
    bool is_personal = (m->resource->flags & R_PERSONAL) != 0;
    if (is_personal && !filter_add(&r->filters, &(Filter){NULL, OP_PERSONAL, values, 1})) return false;
    if (ctx_may(r->c, m, r->permission) != MAY_OWN) return true;
    Filter own = scope_own(r->c, m, &values[1]);
    return filter_add(&r->filters, &own);
}

static Reader reader_begin(Ctx *c, const View *v, int permission, Query *q) {
    *q = (Query){.view = v, .model = v->model, .page = 1, .size = PAGE_SIZE_DEFAULT, .count = true};
    q->fields = (FieldSet){{~v->hidden.w[0], ~v->hidden.w[1]}};
    const char *order = v->model->resource->default_order;
    return (Reader){.c = c, .q = q, .filters = {.c = c, .q = q}, .permission = permission,
                    .default_order = order ? order : "-id"};
}

static bool list_read(Reader *reader, Params params) {
    Reader r = *reader;
    Query *q = r.q;
    for (int i = 0; i < params.n; i++)
        if (!param_read(&r, &params.list[i])) return false;
    if (q->include_empty && !q->as_of.n) return fail(r.c, E_BAD_QUERY, "include_empty is for as_of");
    if (!scope_add(&r) || !sort_settle(&r) || !paging_settle(&r)) return false;
    filters_settle(q);
    expand_settle(&r);
    return true;
}

bool query_read(Ctx *c, const View *v, Params params, int permission, Query *q) {
    Reader r = reader_begin(c, v, permission, q);
    return list_read(&r, params);
}

bool query_narrow(Ctx *c, Query *q, const char *field, Op op, Value value) {
    Value *operand = ARENA_NEW(c->arena, Value);
    *operand = value;
    if (q->n_filters == FILTERS_MAX) return fail(c, E_BAD_QUERY, "there are more than %d filters", FILTERS_MAX);
    q->filters[q->n_filters++] = (Filter){model_field(q->model, field), op, operand, 1};
    filters_settle(q);
    return true;
}

bool query_month(Ctx *c, Query *q, const char *field, int months, Str *month) {
    char *from = arena_alloc(c->arena, DATE_TEXT), *end = arena_alloc(c->arena, DATE_TEXT);
    month_first(c->today, months, from);
    month_first(c->today, months + 1, end);
    *month = (Str){from, 7};
    return query_narrow(c, q, field, OP_GTE, value_text(str_of(from))) && query_narrow(c, q, field, OP_LT, value_text(str_of(end)));
}

bool query_read_listed(Ctx *c, Params params, const Listed *of, Query *q) {
    Reader r = reader_begin(c, of->view, of->permission, q);
    Value *value = ARENA_NEW(c->arena, Value);
    *value = value_int(of->id);
    if (of->order) r.default_order = of->order;
    if (of->by && !filter_add(&r.filters, &(Filter){of->by, OP_EQ, value, 1})) return false;
    return list_read(&r, params);
}

void query_where(Ctx *c, Query *q, const char *field, Op op, Value value) {
    assert(q->n_filters < FILTERS_MAX);
    Filter *f = &q->filters[q->n_filters++];
    *f = (Filter){model_field(q->model, field), op, ARENA_NEW(c->arena, Value), 1};
    f->values[0] = value;
    filters_settle(q);
}

bool query_read_one(Ctx *c, const View *v, Params params, int permission, Query *q) {
    Reader r = reader_begin(c, v, permission, q);
    r.lines_by_default = v->model->lines != NULL;
    for (int i = 0; i < params.n; i++) {
        const Param *param = &params.list[i];
        const Known *k = known_find(param->name);
        if (!k || !k->one) {
            Closest closest = closest_to(param->name);
            closest_try(&closest, S("fields"));
            closest_try(&closest, S("expand"));
            return unknown_name(&r, "unknown parameter", &closest);
        }
        if (!k->read(&r, param->value)) return false;
    }
    expand_settle(&r);
    return scope_add(&r);
}
