/* Cursors: where a page ended, as an opaque text, and the condition that finds
 * the rows behind it by seeking instead of counting.
 *
 * The text is base64url of a hash of model and order (a cursor of another list
 * is refused) and the values of the last row's sort keys: n for null, i42; for
 * an integer, t5:cloth for a text. It names no tenant: the tenant is bound by
 * the query that uses it.
 *
 * Null is the smallest value: first ascending, last descending. */
#include "base/hash.h"
#include "model/plan.h"

#define HASH_TEXT  16
#define CURSOR_MAX 6144 /* as text; a request line is 8 KiB at most */

static void order_hash(const Query *q, char out[HASH_TEXT + 1]) {
    Buf b = {0};
    buf_str(&b, q->model->name);
    for (int i = 0; i < q->n_sort; i++) {
        buf_char(&b, q->sort[i].descending ? '-' : '+');
        buf_str(&b, q->sort[i].field->name);
    }
    snprintf(out, HASH_TEXT + 1, "%016llx", (unsigned long long)str_hash(buf_view(&b)));
    buf_free(&b);
}

void values_pack(const Value *values, int n, Buf *b) {
    for (int i = 0; i < n; i++) {
        const Value *v = &values[i];
        if (v->kind == V_NULL)
            buf_char(b, 'n');
        else if (v->kind == V_INT)
            buf_fmt(b, "i%lld;", (long long)v->i);
        else
            buf_fmt(b, "t%zu:%.*s", v->s.n, STR_ARG(v->s));
    }
}

Str cursor_encode(Ctx *c, const Query *q, Str packed) {
    char hash[HASH_TEXT + 1];
    Buf b;
    buf_init(&b, 128, 0);
    order_hash(q, hash);
    buf_add(&b, hash, HASH_TEXT);
    buf_str(&b, packed);
    size_t size = b.n * 4 / 3 + 4;
    char *text = arena_alloc(c->arena, size);
    size_t n = base64url_encode(buf_view(&b), text, size);
    buf_free(&b);
    return (Str){text, n};
}

static bool value_decode(Str *rest, Value *out) {
    if (rest->n == 0) return false;
    char kind = rest->p[0];
    *rest = (Str){rest->p + 1, rest->n - 1};
    *out = VALUE_NULL;
    if (kind == 'n') return true;
    if (kind != 'i' && kind != 't') return false;
    int64_t number;
    if (!str_to_int(str_cut(*rest, kind == 'i' ? ';' : ':', rest), &number) || !rest->p) return false;
    if (kind == 'i') {
        *out = value_int(number);
        return true;
    }
    if (number < 0 || (uint64_t)number > rest->n) return false;
    *out = value_text((Str){rest->p, (size_t)number});
    *rest = (Str){rest->p + number, rest->n - (size_t)number};
    return str_utf8_valid(out->s);
}

/* A value that the key's column can hold. */
static bool value_fits(const SortKey *k, const Value *v) {
    if (v->kind == V_NULL) return sort_nullable(k);
    return (v->kind == V_INT) == str_is(str_of(k->field->type->sqlite), "INTEGER");
}

bool cursor_unpack(Query *q, Str rest) {
    for (int i = 0; i < q->n_sort; i++)
        if (!value_decode(&rest, &q->cursor[i]) || !value_fits(&q->sort[i], &q->cursor[i])) return false;
    q->has_cursor = rest.n == 0;
    return q->has_cursor;
}

bool cursor_decode(Ctx *c, Query *q, Str text) {
    char hash[HASH_TEXT + 1];
    char *bytes = arena_alloc(c->arena, CURSOR_MAX);
    size_t n = text.n <= CURSOR_MAX ? base64url_decode(text, bytes, CURSOR_MAX) : 0;
    if (n < HASH_TEXT) return fail(c, E_BAD_QUERY, "cursor is not one this server gave");
    order_hash(q, hash);
    if (memcmp(bytes, hash, HASH_TEXT))
        return fail(c, E_BAD_QUERY, "cursor belongs to another list or order; begin without it");
    return cursor_unpack(q, (Str){bytes + HASH_TEXT, n - HASH_TEXT}) ||
           fail(c, E_BAD_QUERY, "cursor is not one this server gave");
}

/* --- conditions --- */

static bool one_nullable_key(const Query *q) {
    return q->n_sort == 2 && sort_nullable(&q->sort[0]) && q->sort[0].descending == q->sort[1].descending;
}

/* Whether the rows behind the cursor lie in both parts, nulls and not. */
int cursor_segments(const Query *q) {
    if (!q->has_cursor || !one_nullable_key(q)) return 1;
    bool at_null = q->cursor[0].kind == V_NULL;
    return at_null != q->sort[0].descending ? 2 : 1;
}

/* (t.a, t.id) > (?, ?): all keys in one direction, none of them null. */
static void tuple_sql(Sql *s, const Query *q) {
    for (int i = 0; i < q->n_sort; i++) {
        sql_add(s, i ? S(", ") : S("("));
        sort_column(s, q, &q->sort[i]);
    }
    sql_add(s, q->sort[0].descending ? S(") < ") : S(") > "));
    sql_list(s, q->cursor, q->n_sort);
}

static void id_sql(Sql *s, const Query *q) {
    const SortKey *k = &q->sort[q->n_sort - 1];
    sort_column(s, q, k);
    sql_add(s, k->descending ? S(" < ") : S(" > "));
    sql_bind(s, q->cursor[q->n_sort - 1]);
}

static void nullable_sql(Sql *s, const Query *q, int segment) {
    const SortKey *k = &q->sort[0];
    bool at_null = q->cursor[0].kind == V_NULL;
    if (segment == 0 && !at_null) {
        tuple_sql(s, q);
        return;
    }
    sort_column(s, q, k);
    if (segment == 1) {
        sql_add(s, at_null ? S(" IS NOT NULL") : S(" IS NULL"));
        return;
    }
    sql_add(s, S(" IS NULL AND "));
    id_sql(s, q);
}

static bool one_direction(const Query *q) {
    for (int i = 0; i < q->n_sort; i++)
        if (q->sort[i].descending != q->sort[0].descending || sort_nullable(&q->sort[i])) return false;
    return true;
}

/* What comes behind `v` in this key's direction; false when nothing does. */
static bool behind(const SortKey *k, const Value *v) { return !k->descending || v->kind != V_NULL; }

static void behind_sql(Sql *s, const Query *q, int i) {
    const SortKey *k = &q->sort[i];
    Value v = q->cursor[i];
    if (v.kind == V_NULL) {
        sort_column(s, q, k);
        sql_add(s, S(" IS NOT NULL"));
        return;
    }
    bool nulls_too = k->descending && sort_nullable(k);
    if (nulls_too) sql_add(s, S("("));
    sort_column(s, q, k);
    sql_add(s, k->descending ? S(" < ") : S(" > "));
    sql_bind(s, v);
    if (!nulls_too) return;
    sql_add(s, S(" OR "));
    sort_column(s, q, k);
    sql_add(s, S(" IS NULL)"));
}

/* (a behind) OR (a same AND b behind) OR …: right for any mix of directions
 * and nulls. The id closes every order, so the last term is never empty. */
static void general_sql(Sql *s, const Query *q) {
    bool first = true;
    sql_add(s, S("("));
    for (int i = 0; i < q->n_sort; i++) {
        if (!behind(&q->sort[i], &q->cursor[i])) continue;
        sql_add(s, first ? S("(") : S(" OR ("));
        first = false;
        for (int k = 0; k < i; k++) {
            sort_column(s, q, &q->sort[k]);
            sql_add(s, S(" IS NOT DISTINCT FROM "));
            sql_bind(s, q->cursor[k]);
            sql_add(s, S(" AND "));
        }
        behind_sql(s, q, i);
        sql_add(s, S(")"));
    }
    sql_add(s, S(")"));
    const SortKey *k = &q->sort[0];
    if (q->cursor[0].kind == V_NULL || (k->descending && sort_nullable(k))) return;
    /* Says nothing new, but lets the database seek to where the page begins. */
    sql_add(s, S(" AND "));
    sort_column(s, q, k);
    sql_add(s, k->descending ? S(" <= ") : S(" >= "));
    sql_bind(s, q->cursor[0]);
}

void cursor_sql(Sql *s, const Query *q, int segment) {
    if (!q->has_cursor) return;
    sql_add(s, S(" AND "));
    if (q->n_sort == 1)
        id_sql(s, q);
    else if (one_nullable_key(q))
        nullable_sql(s, q, segment);
    else if (one_direction(q))
        tuple_sql(s, q);
    else
        general_sql(s, q);
}
