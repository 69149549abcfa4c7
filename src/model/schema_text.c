/* Comparing two printed schemas statement by statement, and tables line by
 * line: schema_write puts one column or constraint on a line. */
#include "model/schema_text.h"

#include "model/schema.h"

typedef struct {
    Str text;        /* without its semicolon */
    Str kind, name;  /* "TABLE", "orders" */
    Str table;       /* that it goes with; its own name of a table */
} Statement;

typedef struct {
    Statement *list;
    int n;
} Statements;

typedef struct {
    const Registry *registry;
    Arena arena;
    Statements from, to;
    Buf *out;
} Diff;

/* --- reading --- */

static Str word_next(Str *rest) {
    Str s = str_trim(*rest);
    size_t n = 0;
    while (n < s.n && !strchr(" (\n", s.p[n])) n++;
    *rest = (Str){s.p + n, s.n - n};
    return (Str){s.p, n};
}

static Str word_behind(Str text, const char *word) {
    Str rest = text;
    for (Str w = word_next(&rest); w.n; w = word_next(&rest)) {
        if (str_is(w, word)) return word_next(&rest);
        if (!rest.n || rest.p[0] == '(') break;
    }
    return STR_NONE;
}

/* Longer than the words before a parenthesis: "… BEFORE UPDATE OF a, b ON t". */
static Str table_of(Str text) {
    Str rest = text;
    for (Str w = word_next(&rest); w.n; w = word_next(&rest))
        if (str_is(w, "ON")) return word_next(&rest);
    return STR_NONE;
}

static void statement_name(Statement *s) {
    Str rest = s->text, first = word_next(&rest);
    if (str_is(first, "ALTER")) { /* TABLE t ADD CONSTRAINT c, or row-level security */
        word_next(&rest);
        s->table = word_next(&rest);
        s->name = word_behind(s->text, "CONSTRAINT");
        s->kind = s->name.p ? S("CONSTRAINT") : S("SECURITY");
        if (!s->name.p) s->name = s->table;
        return;
    }
    s->kind = word_next(&rest);
    if (str_is(s->kind, "UNIQUE")) s->kind = word_next(&rest);
    s->name = word_next(&rest);
    s->table = str_is(s->kind, "TABLE") ? s->name : str_is(s->kind, "FUNCTION") ? STR_NONE : table_of(s->text);
}

/* Where a statement ends; what stands between $$ is a function's body. */
static size_t statement_length(Str s) {
    bool body = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '$') body = !body, i++;
        if (s.p[i] == ';' && !body) return i;
    }
    return s.n;
}

static Statements statements_read(Arena *a, Str text) {
    size_t most = 1;
    for (size_t i = 0; i < text.n; i++) most += text.p[i] == ';';
    Statements all = {.list = ARENA_ARRAY(a, Statement, most)};
    for (text = str_trim(text); text.n; text = str_trim(text)) {
        size_t n = statement_length(text);
        all.list[all.n] = (Statement){.text = {text.p, n}};
        statement_name(&all.list[all.n++]);
        text = n < text.n ? (Str){text.p + n + 1, text.n - n - 1} : STR_NONE;
    }
    return all;
}

static const Statement *statement_like(const Statements *all, const Statement *like) {
    for (int i = 0; i < all->n; i++) {
        const Statement *s = &all->list[i];
        if (str_eq(s->kind, like->kind) && str_eq(s->name, like->name) && str_eq(s->table, like->table)) return s;
    }
    return NULL;
}

static bool has_table(const Statements *all, Str name) {
    return statement_like(all, &(Statement){.kind = S("TABLE"), .name = name, .table = name}) != NULL;
}

static bool is_table(const Statement *s) { return str_is(s->kind, "TABLE"); }

/* --- tables --- */

/* The next line of a table's body, without its comma; n = 0 at the end. */
static Str element_next(Str *rest) {
    Str line = str_trim(str_cut(*rest, '\n', rest));
    if (str_is(line, ")")) return STR_NONE;
    return str_ends(line, S(",")) ? (Str){line.p, line.n - 1} : line;
}

static Str table_body(const Statement *s) {
    Str body;
    str_cut(s->text, '\n', &body);
    return body;
}

static Str table_head(const Statement *s) {
    Str rest;
    return str_cut(s->text, '\n', &rest);
}

static bool is_constraint(Str element) { return str_starts(element, S("CONSTRAINT ")) || str_starts(element, S("PRIMARY KEY")); }

static Str element_name(Str element) {
    Str rest = element, name = word_next(&rest);
    return is_constraint(element) ? word_next(&rest) : name;
}

static Str element_like(const Statement *table, Str like) {
    Str body = table_body(table);
    for (Str e = element_next(&body); e.n; e = element_next(&body))
        if (is_constraint(e) == is_constraint(like) && str_eq(element_name(e), element_name(like))) return e;
    return STR_NONE;
}

/* "name type NOT NULL DEFAULT x" in its parts. */
typedef struct {
    Str name, type, fallback;
    bool required;
} ColumnParts;

static ColumnParts column_parts(Str element) {
    ColumnParts c = {.name = element_name(element)};
    Str rest = str_trim((Str){element.p + c.name.n, element.n - c.name.n});
    const char *at = memmem(rest.p, rest.n, " DEFAULT ", 9);
    if (at) c.fallback = (Str){at + 9, (size_t)(rest.p + rest.n - at) - 9};
    if (at) rest.n = (size_t)(at - rest.p);
    c.required = str_ends(rest, S(" NOT NULL"));
    if (c.required) rest.n -= strlen(" NOT NULL");
    c.type = rest;
    return c;
}

static void alter(const Diff *d, Str table, Str column) {
    buf_fmt(d->out, "ALTER TABLE %.*s ALTER COLUMN %.*s ", STR_ARG(table), STR_ARG(column));
}

static void column_add(const Diff *d, Str table, Str element) {
    ColumnParts c = column_parts(element);
    bool fill = c.required && !c.fallback.n;
    buf_fmt(d->out, "ALTER TABLE %.*s ADD COLUMN %.*s", STR_ARG(table), STR_ARG(element));
    if (fill) {
        buf_c(d->out, " DEFAULT ");
        schema_native_default(d->registry, table, c.name, d->out);
        buf_c(d->out, ";\n");
        alter(d, table, c.name);
        buf_c(d->out, "DROP DEFAULT");
    }
    buf_c(d->out, ";\n");
}

static void column_change(const Diff *d, Str table, Str before, Str after) {
    ColumnParts a = column_parts(before), b = column_parts(after);
    if (!str_eq(a.type, b.type)) {
        alter(d, table, b.name);
        buf_fmt(d->out, "TYPE %.*s USING CAST(%.*s AS %.*s);\n", STR_ARG(b.type), STR_ARG(b.name),
                (int)(str_starts(b.type, S("text")) ? 4 : b.type.n), b.type.p);
    }
    if (!str_eq(a.fallback, b.fallback)) {
        alter(d, table, b.name);
        buf_fmt(d->out, b.fallback.n ? "SET DEFAULT %.*s;\n" : "DROP DEFAULT%.*s;\n", STR_ARG(b.fallback));
    }
    if (a.required == b.required) return;
    if (b.required) {
        buf_fmt(d->out, "UPDATE %.*s SET %.*s = ", STR_ARG(table), STR_ARG(b.name));
        schema_native_default(d->registry, table, b.name, d->out);
        buf_fmt(d->out, " WHERE %.*s IS NULL;\n", STR_ARG(b.name));
    }
    alter(d, table, b.name);
    buf_c(d->out, b.required ? "SET NOT NULL;\n" : "DROP NOT NULL;\n");
}

static void elements_drop(const Diff *d, const Statement *from, const Statement *to) {
    Str body = table_body(from);
    for (Str e = element_next(&body); e.n; e = element_next(&body)) {
        Str other = element_like(to, e), name = element_name(e);
        if (is_constraint(e) && !str_eq(e, other))
            buf_fmt(d->out, "ALTER TABLE %.*s DROP CONSTRAINT %.*s;\n", STR_ARG(to->name), STR_ARG(name));
        if (is_constraint(e) || other.p) continue;
        buf_fmt(d->out,
                "-- The values of %.*s.%.*s are lost here. If it only got another name, write\n"
                "-- ALTER TABLE %.*s RENAME COLUMN … instead.\n"
                "ALTER TABLE %.*s DROP COLUMN %.*s;\n",
                STR_ARG(to->name), STR_ARG(name), STR_ARG(to->name), STR_ARG(to->name), STR_ARG(name));
    }
}

static void table_alter(const Diff *d, const Statement *from, const Statement *to) {
    elements_drop(d, from, to);
    Str body = table_body(to);
    for (Str e = element_next(&body); e.n; e = element_next(&body)) {
        Str before = element_like(from, e);
        if (str_eq(before, e)) continue;
        if (is_constraint(e))
            buf_fmt(d->out, "ALTER TABLE %.*s ADD %.*s;\n", STR_ARG(to->name), STR_ARG(e));
        else if (before.p)
            column_change(d, to->name, before, e);
        else
            column_add(d, to->name, e);
    }
}

/* --- statements --- */

/* A search table whose fields changed, said in its first line, is made anew. */
static bool is_remade(const Diff *d, Str table) {
    const Statement key = {.kind = S("TABLE"), .name = table, .table = table};
    const Statement *from = statement_like(&d->from, &key), *to = statement_like(&d->to, &key);
    return from && to && !str_eq(table_head(from), table_head(to));
}

static bool changed(const Statements *other, const Statement *s) {
    const Statement *same = statement_like(other, s);
    return !same || !str_eq(same->text, s->text);
}

static void statement_drop(const Diff *d, const Statement *s) {
    bool stays = !s->table.p || (has_table(&d->to, s->table) && !is_remade(d, s->table));
    if (is_table(s)) {
        if (!stays) buf_fmt(d->out, "DROP TABLE %.*s CASCADE;\n", STR_ARG(s->name));
        return;
    }
    if (!stays || !changed(&d->to, s) || str_is(s->kind, "SECURITY")) return;
    if (str_is(s->kind, "CONSTRAINT"))
        buf_fmt(d->out, "ALTER TABLE %.*s DROP CONSTRAINT %.*s;\n", STR_ARG(s->table), STR_ARG(s->name));
    else
        buf_fmt(d->out, "DROP %.*s %.*s", STR_ARG(s->kind), STR_ARG(s->name));
    if (str_is(s->kind, "TRIGGER") || str_is(s->kind, "POLICY")) buf_fmt(d->out, " ON %.*s", STR_ARG(s->table));
    if (!str_is(s->kind, "CONSTRAINT")) buf_c(d->out, ";\n");
}

static void statement_create(const Diff *d, const Statement *s) {
    const Statement *from = statement_like(&d->from, s);
    bool anew = s->table.p && (!has_table(&d->from, s->table) || is_remade(d, s->table));
    if (from && !anew && !changed(&d->from, s)) return;
    if (from && !anew && is_table(s))
        table_alter(d, from, s);
    else
        buf_fmt(d->out, "%.*s;\n", STR_ARG(s->text));
}

void schema_text_diff(const Registry *r, Str from, Str to, Buf *out) {
    Diff d = {.registry = r, .out = out};
    arena_init(&d.arena, (size_t)16 << 20);
    d.from = statements_read(&d.arena, from);
    d.to = statements_read(&d.arena, to);
    for (int i = d.from.n - 1; i >= 0; i--) statement_drop(&d, &d.from.list[i]);
    for (int i = 0; i < d.to.n; i++) statement_create(&d, &d.to.list[i]);
    arena_free(&d.arena);
}
