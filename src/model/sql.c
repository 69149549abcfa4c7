/* Writing the SQL of a read: a text and the values bound to it, the part that
 * every statement over a model's rows begins with, and search. Identifiers
 * come from descriptors, everything else is bound. */
#include <assert.h>

#include "base/words.h"
#include "model/plan.h"
#include "model/search_dialect.h"

#define SQL_HINT 2048
#define SQL_MAX  ((size_t)256 << 10)

void sql_begin(Sql *s, Ctx *c) {
    *s = (Sql){.c = c, .cap = 32};
    buf_init(&s->text, SQL_HINT, SQL_MAX);
    s->values = ARENA_ARRAY(c->arena, Value, (size_t)s->cap);
    s->values[s->n++] = value_int(c->organization_id);
}

void sql_column(Sql *s, Str column) {
    if (s->no_index) sql_add(s, str_of(s->c->db->driver->dialect.no_index));
    sql_add(s, S("t."));
    sql_add(s, column);
}

static void value_push(Sql *s, Value v) {
    if (s->n == s->cap) {
        Value *more = ARENA_ARRAY(s->c->arena, Value, (size_t)s->cap * 2);
        memcpy(more, s->values, sizeof(Value) * (size_t)s->n);
        s->values = more;
        s->cap *= 2;
    }
    s->values[s->n++] = v;
}

void sql_bind(Sql *s, Value v) {
    value_push(s, v);
    buf_char(&s->text, '?');
    buf_int(&s->text, s->n);
}

void sql_list(Sql *s, const Value *values, int n) {
    for (int i = 0; i < n; i++) {
        sql_add(s, i ? S(", ") : S("("));
        sql_bind(s, values[i]);
    }
    sql_add(s, S(")"));
}

void sql_scope(Sql *s, const Model *m) {
    assert(m->tenant.p);
    sql_column(s, m->tenant);
    sql_add(s, S(" = ?1"));
    if (!model_only(m)) return;
    sql_add(s, S(" AND "));
    sql_column(s, str_of(model_only(m)));
    sql_add(s, S(" = '"));
    sql_add(s, str_of(m->resource->only.value));
    sql_add(s, S("'"));
}

void sql_from(Sql *s, const Model *m) {
    sql_add(s, S(" FROM "));
    sql_add(s, m->table);
    sql_add(s, S(" t WHERE "));
    sql_scope(s, m);
}

static bool has_word(Str text) {
    Buf b = {0};
    bool found = word_next(&text, &b);
    buf_free(&b);
    return found;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str search_word(Str *rest) {
    while (rest->n) {
        *rest = str_trim(*rest);
        size_t n = 0;
        while (n < rest->n && !is_space(rest->p[n])) n++;
        Str word = {rest->p, n};
        *rest = (Str){rest->p + n, rest->n - n};
        if (has_word(word)) return word;
    }
    return STR_NONE;
}

bool query_searched(const Query *q) {
    bool by_words = q->search.n > 0;
    for (int i = 0; i < q->n_filters; i++) by_words = by_words || filter_by_words(&q->filters[i]);
    return by_words;
}

/* `((a AND b) OR (c))`. */
static void words_of_filter(Buf *b, const Ctx *c, const Filter *f) {
    const SearchWords *words = search_words(c->db);
    if (b->n) buf_c(b, words->and);
    buf_c(b, "(");
    for (int i = 0; i < f->n; i++) {
        buf_fmt(b, "%s(", i ? words->or : "");
        f->field->type->words(b, c->organization_id, &f->values[i], words->and);
        buf_c(b, ")");
    }
    buf_c(b, ")");
}

typedef void WordUse(Buf *b, const Ctx *c, Str word, bool beginning);

/* What stands before a sign, as in "ann.mason", is a word to its end. */
static void typed_words(Buf *b, const Ctx *c, Str search, WordUse *use) {
    Buf word = {0};
    for (Str typed = search_word(&search); typed.p; typed = search_word(&search)) {
        bool more = (buf_reset(&word), word_next(&typed, &word));
        while (more) {
            Str ready = arena_str(c->arena, buf_view(&word));
            more = (buf_reset(&word), word_next(&typed, &word));
            use(b, c, ready, !more);
        }
    }
    buf_free(&word);
}

static void term_add(Buf *b, const Ctx *c, Str word, bool beginning) {
    const SearchWords *words = search_words(c->db);
    if (b->n) buf_c(b, words->and);
    words->term(b, c->organization_id, word, beginning);
}

/* `"(tenant)7 cotton"* AND "(tenant)7 twi"*`. */
static Str search_expression(Ctx *c, const Query *q) {
    Buf b;
    buf_init(&b, 256, SQL_MAX);
    typed_words(&b, c, q->search, term_add);
    for (int i = 0; i < q->n_filters; i++)
        if (filter_by_words(&q->filters[i])) words_of_filter(&b, c, &q->filters[i]);
    Str text = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

static void asked_add(Buf *b, const Ctx *c, Str word, bool beginning) {
    (void)c;
    if (b->n) buf_char(b, ' ');
    buf_str(b, word);
    if (beginning) buf_char(b, '*');
}

/* has_words('cotton* twi*', t.name, …) */
void sql_has_words(Sql *s, const Query *q) {
    const Model *m = q->model;
    Buf b = {0};
    typed_words(&b, s->c, q->search, asked_add);
    sql_add(s, str_of(search_words(s->c->db)->rows));
    sql_add(s, S("("));
    sql_bind(s, value_text(arena_str(s->c->arena, buf_view(&b))));
    buf_free(&b);
    for (int i = 0; i < m->n; i++) {
        if (!(m->fields[i].flags & F_SEARCH)) continue;
        sql_add(s, S(", "));
        sql_column(s, m->fields[i].column);
    }
    sql_add(s, S(")"));
}

/* The table, or what it was at a past moment, which is ?2. */
static void rows_sql(Sql *s, const Query *q) {
    if (!q->as_of.n) {
        sql_add(s, q->model->table);
        return;
    }
    assert(s->n == 1);
    value_push(s, value_text(q->as_of));
    sql_add(s, S("("));
    sql_add(s, str_of(q->model->resource->as_of.rows));
    sql_add(s, S(")"));
}

static void match_sql(Sql *s, const Query *q, const char *alias) {
    const SearchWords *words = search_words(s->c->db);
    words->match(&s->text, alias, q->model->table.p);
    sql_bind(s, value_text(search_expression(s->c, q)));
    sql_add(s, str_of(words->match_end));
}

/* The search index leads and gives its rows by rowid in either direction, so
 * that a page of many finds ends early. (An IN would first collect them all.) */
void sql_words_lead(Sql *s, const Query *q) {
    const Model *m = q->model;
    sql_add(s, S(" FROM "));
    sql_add(s, m->table);
    sql_add(s, S("_search s CROSS JOIN "));
    rows_sql(s, q);
    sql_add(s, S(" t WHERE t.id = s.rowid AND "));
    match_sql(s, q, "s.");
}

/* Its words are the organization's own, so that no row need be looked at. */
void sql_words(Sql *s, const Query *q) {
    buf_fmt(&s->text, " FROM %s_search WHERE ", q->model->table.p);
    match_sql(s, q, "");
    if (search_words(s->c->db)->names_organization) sql_add(s, S(" AND organization_id = ?1"));
}

void sql_counted(Sql *s, const Query *q) {
    if (q->search.n && !q->n_filters && !q->as_of.n && !model_only(q->model))
        sql_words(s, q);
    else
        sql_found(s, q);
}

void sql_found(Sql *s, const Query *q) {
    if (query_searched(q) && q->lead != LEAD_ROWS) {
        sql_words_lead(s, q);
        sql_add(s, S(" AND "));
        sql_scope(s, q->model);
    } else {
        sql_add(s, S(" FROM "));
        rows_sql(s, q);
        sql_add(s, S(" t WHERE "));
        sql_scope(s, q->model);
    }
    const char *empty = q->model->resource->as_of.empty;
    if (q->as_of.n && empty && !q->include_empty) {
        sql_add(s, S(" AND NOT ("));
        sql_add(s, str_of(empty));
        sql_add(s, S(")"));
    }
    for (int i = 0; i < q->n_filters; i++) {
        sql_add(s, S(" AND "));
        s->no_index = q->lead == LEAD_ORDER && q->filters[i].field != q->sort[0].field;
        filter_sql(s, q->model, &q->filters[i]);
    }
    s->no_index = false;
}

void sort_column(Sql *s, const Query *q, const SortKey *k) {
    if (query_searched(q) && q->lead != LEAD_ROWS && k->field->index == q->model->id)
        sql_add(s, S("s.rowid"));
    else
        sql_column(s, k->field->column);
}

void sort_sql(Sql *s, const Query *q) {
    const Dialect *dialect = &s->c->db->driver->dialect;
    for (int i = 0; i < q->n_sort; i++) {
        const SortKey *k = &q->sort[i];
        sql_add(s, i ? S(", ") : S(" ORDER BY "));
        s->no_index = q->lead == LEAD_FILTERS;
        sort_column(s, q, k);
        s->no_index = false;
        if (k->descending) sql_add(s, S(" DESC"));
        const char *nulls = k->descending ? dialect->nulls_last : dialect->nulls_first;
        if (!*nulls || !sort_nullable(k)) continue;
        sql_add(s, S(" "));
        sql_add(s, str_of(nulls));
    }
}

Stmt *sql_prepare(Sql *s) {
    Stmt *st = db_prepare(s->c->db, buf_view(&s->text));
    for (int i = 0; i < s->n; i++) stmt_bind(st, i + 1, s->values[i]);
    buf_free(&s->text);
    return st;
}
