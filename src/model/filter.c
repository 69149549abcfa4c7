/* Filters: from a parameter (`due_date__lt=2026-01-31`) to a typed condition,
 * from that to SQL, and the same answer for a row in memory, which the live
 * counts need. filter_sql and filter_holds must agree on every row:
 * tests/unit/filter.c compares them. */
#include <assert.h>

#include "model/plan.h"

static const struct {
    const char *name;
    Op op;
    unsigned group; /* which of the type's operators it belongs to */
} operators[] = {
    {"eq", OP_EQ, OPS_EQUAL | OPS_MANY},
    {"ne", OP_NE, OPS_EQUAL},
    {"in", OP_IN, OPS_EQUAL | OPS_MANY},
    {"isnull", OP_ISNULL, OPS_EQUAL | OPS_MANY},
    {"gt", OP_GT, OPS_RANGE},
    {"gte", OP_GTE, OPS_RANGE},
    {"lt", OP_LT, OPS_RANGE},
    {"lte", OP_LTE, OPS_RANGE},
    {"contains", OP_CONTAINS, OPS_TEXT},
    {"startswith", OP_STARTSWITH, OPS_TEXT},
};
#define N_OPERATORS (sizeof operators / sizeof *operators)

static bool one_of(const ModelField *f, const int *indexes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (f->index == indexes[i]) return true;
    return false;
}

bool field_filterable(const ModelField *f) {
    const Model *m = f->model;
    const int always[] = {m->id, m->status, m->created_at, m->updated_at, m->created_by};
    return field_shown(f) && ((f->flags & F_FILTER) || one_of(f, always, 5));
}

bool field_sortable(const ModelField *f) {
    const Model *m = f->model;
    const int always[] = {m->id, m->created_at, m->updated_at};
    return field_shown(f) && ((f->flags & F_SORT) || one_of(f, always, 3));
}

/* --- reading --- */

bool filter_add(FilterReader *r, const Filter *f) {
    r->n_values += f->n;
    if (r->n_values > FILTER_VALUES_MAX)
        return fail(r->c, E_BAD_QUERY, "the filters have more than %d values", FILTER_VALUES_MAX);
    if (r->q->n_filters == FILTERS_READ_MAX)
        return fail(r->c, E_BAD_QUERY, "there are more than %d filters", FILTERS_READ_MAX);
    r->q->filters[r->q->n_filters++] = *f;
    return true;
}

static bool value_read(FilterReader *r, const ModelField *f, const Param *param, Str text, Value *out) {
    Problem problem = {0};
    *out = VALUE_NULL;
    if (f->type->from_text(r->c, f, text, out, &problem)) return true;
    return fail(r->c, E_BAD_QUERY, "%.*s %.*s", STR_ARG(param->name), STR_ARG(problem.message));
}

/* Adds to the filter that an earlier parameter of the same name made. */
static bool merged(FilterReader *r, const Filter *f) {
    for (int i = 0; i < r->q->n_filters; i++) {
        Filter *g = &r->q->filters[i];
        if (g->field != f->field || !r->plain[i]) continue;
        Value *values = ARENA_ARRAY(r->c->arena, Value, (size_t)g->n + 1);
        memcpy(values, g->values, sizeof(Value) * (size_t)g->n);
        values[g->n] = f->values[0];
        *g = (Filter){g->field, OP_IN, values, g->n + 1};
        r->n_values++;
        return true;
    }
    return false;
}

/* An empty text is how a client asks for records where the field is empty. */
static void null_to_isnull(Filter *f) {
    if (f->values[0].kind != V_NULL || (f->op != OP_EQ && f->op != OP_NE)) return;
    f->values[0] = value_int(f->op == OP_EQ);
    f->op = OP_ISNULL;
}

static bool list_read(FilterReader *r, Filter *f, const Param *param) {
    size_t n = 1;
    for (size_t i = 0; i < param->value.n; i++) n += param->value.p[i] == ',';
    if (n > FILTER_VALUES_MAX)
        return fail(r->c, E_BAD_QUERY, "%.*s has more than %d values", STR_ARG(param->name),
                    FILTER_VALUES_MAX);
    f->values = ARENA_ARRAY(r->c->arena, Value, n);
    Str rest = param->value;
    do {
        Value *v = &f->values[f->n++];
        if (!value_read(r, f->field, param, str_cut(rest, ',', &rest), v)) return false;
        if (v->kind == V_NULL)
            return fail(r->c, E_BAD_QUERY, "%.*s has an empty value", STR_ARG(param->name));
    } while (rest.p);
    return true;
}

static bool isnull_read(FilterReader *r, const Param *param, Value *out) {
    bool yes = str_ieq(param->value, S("true")) || str_eq(param->value, S("1"));
    bool no = str_ieq(param->value, S("false")) || str_eq(param->value, S("0"));
    *out = value_int(yes);
    return yes || no || fail(r->c, E_BAD_QUERY, "%.*s must be true or false", STR_ARG(param->name));
}

static bool part_read(FilterReader *r, const Param *param, Value *out) {
    *out = value_text(param->value);
    if (param->value.n > 0 && str_utf8_length(param->value) <= FILTER_TEXT_MAX) return true;
    return fail(r->c, E_BAD_QUERY, "%.*s must have 1 to %d characters", STR_ARG(param->name),
                FILTER_TEXT_MAX);
}

static bool operand_read(FilterReader *r, Filter *f, const Param *param) {
    if (f->op == OP_IN) return list_read(r, f, param);
    f->values = ARENA_ARRAY(r->c->arena, Value, 1);
    f->n = 1;
    if (f->op == OP_ISNULL) return isnull_read(r, param, f->values);
    if (f->op == OP_CONTAINS || f->op == OP_STARTSWITH) return part_read(r, param, f->values);
    if (!value_read(r, f->field, param, param->value, f->values)) return false;
    null_to_isnull(f);
    if (f->values[0].kind != V_NULL) return true;
    return fail(r->c, E_BAD_QUERY, "%.*s must not be empty", STR_ARG(param->name));
}

/* A field of the record, or else of its lines ("product_id", "lines.product_id"):
 * then records are found that have such a line. */
static const ModelField *filter_field(const Query *q, Str name) {
    const Model *lines = q->model->lines;
    const ModelField *f = map_get(&q->view->by_name, name), *g = NULL;
    if ((f && field_filterable(f)) || !lines) return f;
    Str rest, outer = str_cut(name, '.', &rest);
    bool named = rest.p && (str_is(outer, lines->lines_decl->name) || str_is(outer, "lines"));
    if (named || !rest.p) g = map_get(&lines->views[0].by_name, named ? rest : name);
    return g && field_filterable(g) ? g : f;
}

bool filter_of_lines(const Filter *f, const Model *m) { return f->field && f->field->model == m->lines && m->lines; }

bool query_of_lines(const Query *q) {
    for (int i = 0; i < q->n_filters; i++)
        if (filter_of_lines(&q->filters[i], q->model)) return true;
    return false;
}

/* Splits "due_date__lt"; a name without an operator means equality. */
static bool name_split(FilterReader *r, Str name, const ModelField **field, Str *op) {
    *op = STR_NONE;
    *field = filter_field(r->q, name);
    for (size_t i = name.n; !*field && i > 2; i--) {
        if (name.p[i - 1] != '_' || name.p[i - 2] != '_') continue;
        *field = filter_field(r->q, (Str){name.p, i - 2});
        *op = (Str){name.p + i, name.n - i};
        break;
    }
    return *field && field_filterable(*field);
}

static bool operator_read(FilterReader *r, const ModelField *field, const Param *param, Str op, Op *out) {
    Buf allowed = {0};
    for (size_t i = 0; i < N_OPERATORS; i++) {
        if (!(field->type->operators & operators[i].group)) continue;
        if (str_is(op, operators[i].name)) {
            *out = operators[i].op;
            buf_free(&allowed);
            return true;
        }
        buf_fmt(&allowed, "%s%s", allowed.n ? ", " : "", operators[i].name);
    }
    fail(r->c, E_BAD_QUERY, "%.*s: this field's operators are %.*s", STR_ARG(param->name),
         STR_ARG(buf_view(&allowed)));
    buf_free(&allowed);
    return false;
}

bool filter_read(FilterReader *r, const Param *param, bool *known) {
    Str op;
    Filter f = {.op = OP_EQ};
    *known = name_split(r, param->name, &f.field, &op);
    if (!*known) return false;
    if (op.p && !operator_read(r, f.field, param, op, &f.op)) return false;
    if (!op.p && !(f.field->type->operators & (OPS_EQUAL | OPS_MANY)))
        return operator_read(r, f.field, param, S("eq"), &f.op);
    bool plain = !op.p;
    if (!operand_read(r, &f, param)) return false;
    plain = plain && f.op == OP_EQ;
    if (plain && merged(r, &f)) return true;
    if (!filter_add(r, &f)) return false;
    r->plain[r->q->n_filters - 1] = plain;
    return true;
}

/* --- the form in which equal filters are equal --- */

/* As the database orders what a column can hold: integers, then text by bytes. */
static int value_order(const Value *a, const Value *b) {
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->kind != V_TEXT) return (a->i > b->i) - (a->i < b->i);
    size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;
    int order = n ? memcmp(a->s.p, b->s.p, n) : 0;
    return order ? order : (a->s.n > b->s.n) - (a->s.n < b->s.n);
}

static int value_sort_order(const void *a, const void *b) { return value_order(a, b); }

static int filter_sort_order(const void *a, const void *b) {
    const Filter *f = a, *g = b;
    int fi = f->field ? f->field->index : -1, gi = g->field ? g->field->index : -1;
    if (fi != gi) return fi - gi;
    if (f->op != g->op) return (int)f->op - (int)g->op;
    for (int i = 0; i < f->n && i < g->n; i++) {
        int order = value_order(&f->values[i], &g->values[i]);
        if (order) return order;
    }
    return f->n - g->n;
}

static void list_settle(Filter *f) {
    int kept = 1;
    qsort(f->values, (size_t)f->n, sizeof(Value), value_sort_order);
    for (int i = 1; i < f->n; i++)
        if (value_order(&f->values[kept - 1], &f->values[i])) f->values[kept++] = f->values[i];
    f->n = kept;
    if (kept == 1) f->op = OP_EQ;
}

void filters_settle(Query *q) {
    int kept = 0;
    for (int i = 0; i < q->n_filters; i++)
        if (q->filters[i].op == OP_IN) list_settle(&q->filters[i]);
    qsort(q->filters, (size_t)q->n_filters, sizeof(Filter), filter_sort_order);
    for (int i = 0; i < q->n_filters; i++)
        if (!kept || filter_sort_order(&q->filters[kept - 1], &q->filters[i]))
            q->filters[kept++] = q->filters[i];
    q->n_filters = kept;
}

/* --- SQL --- */

static void own_sql(Sql *s, const Model *m, Value user) {
    const int columns[] = {m->created_by, m->owner};
    Str word = S("(");
    for (size_t i = 0; i < 2; i++) {
        if (columns[i] < 0) continue;
        sql_add(s, word);
        sql_column(s, m->fields[columns[i]].column);
        sql_add(s, S(" = "));
        sql_bind(s, user);
        word = S(" OR ");
    }
    /* Nothing says whose such a record is: it is nobody's. */
    sql_add(s, word.p[0] == '(' ? S("1 = 0") : S(")"));
}

static void personal_sql(Sql *s, const Model *m, Value user) {
    Str owner = m->fields[m->owner].column;
    sql_add(s, S("("));
    sql_column(s, owner);
    sql_add(s, S(" IS NULL OR "));
    sql_column(s, owner);
    sql_add(s, S(" = "));
    sql_bind(s, user);
    sql_add(s, S(")"));
}

static Value like_pattern(Ctx *c, Str text, bool anywhere) {
    char *pattern = arena_alloc(c->arena, text.n * 2 + 2);
    size_t n = 0;
    if (anywhere) pattern[n++] = '%';
    for (size_t i = 0; i < text.n; i++) {
        char byte = text.p[i];
        if (byte == '%' || byte == '_' || byte == '\\') pattern[n++] = '\\';
        pattern[n++] = byte;
    }
    pattern[n++] = '%';
    return value_text((Str){pattern, n});
}

static void like_sql(Sql *s, Str text, bool anywhere) {
    sql_add(s, S(" "));
    sql_add(s, str_of(s->c->db->driver->dialect.like));
    sql_add(s, S(" "));
    sql_bind(s, like_pattern(s->c, text, anywhere));
    sql_add(s, S(" ESCAPE '\\'"));
}

typedef struct {
    Sql *sql;
    const ModelField *field;
    const char *word;
} Parts;

static void part_sql(void *arg, Str part) {
    Parts *p = arg;
    sql_add(p->sql, str_of(p->word));
    sql_column(p->sql, p->field->column);
    like_sql(p->sql, part, true);
    p->word = " AND ";
}

/* Any of the values, each with all of its parts. */
static void has_sql(Sql *s, const Filter *f) {
    Parts p = {s, f->field, "(("};
    for (int i = 0; i < f->n; i++) {
        f->field->type->parts(&f->values[i], part_sql, &p);
        p.word = ") OR (";
    }
    sql_add(s, S("))"));
}

bool filter_by_words(const Filter *f) {
    return f->field && f->field->type->has && (f->op == OP_EQ || f->op == OP_IN);
}

static void condition_sql(Sql *s, const Model *m, const Filter *f) {
    static const char *const compare[] = {
        [OP_EQ] = " = ", [OP_GT] = " > ",   [OP_GTE] = " >= ",
        [OP_LT] = " < ", [OP_LTE] = " <= ", [OP_NE] = " IS DISTINCT FROM ",
    };
    if (f->op == OP_OWN) {
        own_sql(s, m, f->values[0]);
        return;
    }
    if (f->op == OP_PERSONAL) {
        personal_sql(s, m, f->values[0]);
        return;
    }
    if (filter_by_words(f)) {
        has_sql(s, f);
        return;
    }
    sql_column(s, f->field->column);
    if (f->op == OP_IN) {
        sql_add(s, S(" IN "));
        sql_list(s, f->values, f->n);
    } else if (f->op == OP_ISNULL) {
        sql_add(s, f->values[0].i ? S(" IS NULL") : S(" IS NOT NULL"));
    } else if (f->op == OP_CONTAINS || f->op == OP_STARTSWITH) {
        like_sql(s, f->values[0].s, f->op == OP_CONTAINS);
    } else {
        sql_add(s, str_of(compare[f->op]));
        sql_bind(s, f->values[0]);
    }
}

/* `t` is the line inside. */
void filter_sql(Sql *s, const Model *m, const Filter *f) {
    if (!filter_of_lines(f, m)) {
        condition_sql(s, m, f);
        return;
    }
    sql_add(s, S("t.id IN (SELECT t."));
    sql_add(s, str_of(m->lines_decl->parent));
    sql_add(s, S(" FROM "));
    sql_add(s, m->lines->table);
    sql_add(s, S(" t WHERE t.organization_id = ?1 AND "));
    condition_sql(s, m->lines, f);
    sql_add(s, S(")"));
}

/* Where nothing is a client's, nothing is found. */
Filter scope_own(const Ctx *c, const Model *m, Value *operand) {
    *operand = value_int(c->client_id ? c->client_id : c->user_id);
    if (!c->client_id) return (Filter){NULL, OP_OWN, operand, 1};
    if (m->client >= 0) return (Filter){&m->fields[m->client], OP_EQ, operand, 1};
    *operand = value_int(0);
    return (Filter){&m->fields[m->id], OP_EQ, operand, 1};
}

/* --- the same in memory --- */

static bool any_equal(const Filter *f, const Value *v) {
    bool (*has)(const Value *, const Value *) = f->field->type->has;
    for (int i = 0; i < f->n; i++)
        if (has ? has(v, &f->values[i]) : value_equal(&f->values[i], v)) return true;
    return false;
}

static bool contains(Str text, Str part) {
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (str_ieq((Str){text.p + i, part.n}, part)) return true;
    return false;
}

static bool owned(const Model *m, const Value *values, const Value *user) {
    return (m->created_by >= 0 && value_equal(&values[m->created_by], user)) ||
           (m->owner >= 0 && value_equal(&values[m->owner], user));
}

static bool personal(const Model *m, const Value *values, const Value *user) {
    const Value *owner = &values[m->owner];
    return owner->kind == V_NULL || value_equal(owner, user);
}

bool filter_holds(const Filter *f, const Model *m, const Value *values) {
    if (f->op == OP_OWN) return owned(m, values, &f->values[0]);
    assert(!filter_of_lines(f, m));
    if (f->op == OP_PERSONAL) return personal(m, values, &f->values[0]);
    const Value *v = &values[f->field->index], *operand = &f->values[0];
    if (f->op == OP_ISNULL) return (v->kind == V_NULL) == (operand->i != 0);
    if (f->op == OP_NE) return !value_equal(v, operand);
    if (v->kind == V_NULL) return false;
    switch (f->op) {
    case OP_EQ:
    case OP_IN: return any_equal(f, v);
    case OP_GT: return value_order(v, operand) > 0;
    case OP_GTE: return value_order(v, operand) >= 0;
    case OP_LT: return value_order(v, operand) < 0;
    case OP_LTE: return value_order(v, operand) <= 0;
    case OP_CONTAINS: return contains(v->s, operand->s);
    case OP_STARTSWITH: return v->s.n >= operand->s.n && str_ieq((Str){v->s.p, operand->s.n}, operand->s);
    case OP_NE:
    case OP_ISNULL:
    case OP_OWN:
    case OP_PERSONAL: break;
    }
    assert(!"an operator");
    return false;
}
