/* Comparing two schemas by the texts SQLite keeps of them. A table's text is
 * taken apart into its columns and constraints, so that neither white space
 * nor the order of columns nor the DEFAULT that ADD COLUMN leaves behind makes
 * a difference.
 *
 * What ALTER TABLE can express is altered; anything else is the rebuild that
 * sqlite.org/lang_altertable.html#otheralter describes: new table, copy, drop,
 * rename. The caller turns foreign keys off and checks them afterwards. */
#include "model/schema_diff.h"

#include "model/schema.h"

typedef struct {
    Str name, type;
    Str raw;        /* as written, on one line */
    Str normal;     /* for comparing: no DEFAULT, single spaces */
    bool constraint, not_null, has_default, refers;
} Element;

typedef struct {
    Element *list;
    int n;
    Str end; /* behind the closing parenthesis: STRICT */
} Elements;

typedef struct {
    Str kind, name, table, sql; /* kind: table, search, index or trigger */
    Elements elements;          /* of a table */
} Object;

typedef struct {
    Object *list;
    int n;
} Objects;

typedef struct {
    Arena arena;
    const Registry *registry;
    Objects from, to;
    Buf *out;
} Diff;

/* --- taking a CREATE TABLE apart --- */

/* The next token, STR_NONE at the end: a quoted text, a parenthesis, a comma,
 * or what stands between those and white space. */
static Str token_next(Str *rest) {
    Str s = str_trim(*rest);
    size_t n = 1;
    if (!s.n) return STR_NONE;
    if (s.p[0] == '\'' || s.p[0] == '"') {
        while (n < s.n && s.p[n] != s.p[0]) n++;
        if (n < s.n) n++;
    } else if (!memchr("(),", s.p[0], 3)) {
        while (n < s.n && !memchr("(),'\" \t\r\n", s.p[n], 9)) n++;
    }
    *rest = (Str){s.p + n, s.n - n};
    return (Str){s.p, n};
}

static Str unquoted(Str token) {
    return token.n > 1 && token.p[0] == '"' ? (Str){token.p + 1, token.n - 2} : token;
}

static Str join_tokens(Arena *a, Str text, bool without_default) {
    Buf b = {0};
    for (Str token = token_next(&text); token.p; token = token_next(&text)) {
        if (without_default && str_ieq(token, S("DEFAULT"))) {
            token_next(&text);
            continue;
        }
        if (b.n) buf_char(&b, ' ');
        buf_str(&b, token);
    }
    Str joined = arena_str(a, buf_view(&b));
    buf_free(&b);
    return joined;
}

static bool begins_constraint(Str word) {
    static const char *const words[] = {"CONSTRAINT", "CHECK", "UNIQUE", "FOREIGN", "PRIMARY"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(word, str_of(words[i]))) return true;
    return false;
}

static Element element_parse(Arena *a, Str text) {
    Str rest = text;
    Element e = {.name = unquoted(token_next(&rest)), .raw = join_tokens(a, text, false)};
    e.constraint = begins_constraint(e.name);
    e.normal = join_tokens(a, text, !e.constraint);
    e.type = token_next(&rest);
    for (Str t = token_next(&rest), last = STR_NONE; t.p; last = t, t = token_next(&rest)) {
        if (str_ieq(t, S("NULL")) && str_ieq(last, S("NOT"))) e.not_null = true;
        if (str_ieq(t, S("DEFAULT"))) e.has_default = true;
        if (str_ieq(t, S("REFERENCES"))) e.refers = true;
    }
    return e;
}

/* Length of what stands before the comma or parenthesis that ends an element. */
static size_t element_length(Str s) {
    int depth = 0;
    Str rest = s;
    for (Str t = token_next(&rest); t.p; t = token_next(&rest)) {
        if (depth == 0 && (t.p[0] == ',' || t.p[0] == ')')) return (size_t)(t.p - s.p);
        if (t.p[0] == '(') depth++;
        if (t.p[0] == ')') depth--;
    }
    return s.n;
}

static Elements elements_parse(Arena *a, Str sql) {
    size_t most = 1;
    for (size_t i = 0; i < sql.n; i++) most += sql.p[i] == ',';
    Elements e = {.list = ARENA_ARRAY(a, Element, most)};
    Str rest;
    str_cut(sql, '(', &rest);
    while (rest.n) {
        size_t n = element_length(rest);
        e.list[e.n++] = element_parse(a, (Str){rest.p, n});
        bool last = n >= rest.n || rest.p[n] == ')';
        rest = n < rest.n ? (Str){rest.p + n + 1, rest.n - n - 1} : STR_NONE;
        if (last) break;
    }
    e.end = join_tokens(a, rest, false);
    return e;
}

static const Element *column_named(const Elements *e, Str name) {
    for (int i = 0; i < e->n; i++)
        if (!e->list[i].constraint && str_eq(e->list[i].name, name)) return &e->list[i];
    return NULL;
}

static bool constraint_among(const Elements *e, Str normal) {
    for (int i = 0; i < e->n; i++)
        if (e->list[i].constraint && str_eq(e->list[i].normal, normal)) return true;
    return false;
}

static bool constraints_within(const Elements *a, const Elements *b) {
    for (int i = 0; i < a->n; i++)
        if (a->list[i].constraint && !constraint_among(b, a->list[i].normal)) return false;
    return true;
}

/* --- reading a schema --- */

#define OBJECTS_SQL                                                                                \
    S("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL "                 \
      "AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'schema_migrations' "                       \
      "AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY rowid")

static bool objects_read(Arena *a, Db *db, Objects *out) {
    int n = 0;
    Stmt *st = db_prepare(db, OBJECTS_SQL);
    while (stmt_step(st)) n++;
    out->list = ARENA_ARRAY(a, Object, (size_t)n + 1);
    st = db_prepare(db, OBJECTS_SQL);
    while (stmt_step(st) && out->n < n) {
        Object *o = &out->list[out->n++];
        o->kind = arena_str(a, stmt_text(st, 0));
        o->name = arena_str(a, stmt_text(st, 1));
        o->table = arena_str(a, stmt_text(st, 2));
        o->sql = arena_str(a, stmt_text(st, 3));
        if (str_starts(o->sql, S("CREATE VIRTUAL"))) o->kind = S("search");
        if (str_is(o->kind, "table")) o->elements = elements_parse(a, o->sql);
    }
    stmt_reset(st);
    return !db_failed(db);
}

static const Object *object_find(const Objects *all, const Object *like) {
    for (int i = 0; i < all->n; i++)
        if (str_eq(all->list[i].kind, like->kind) && str_eq(all->list[i].name, like->name))
            return &all->list[i];
    return NULL;
}

static bool has_table(const Objects *all, Str name) {
    return object_find(all, &(Object){.kind = S("table"), .name = name}) != NULL;
}

/* --- what has to be done to a table --- */

static bool can_drop(const Element *e) { return !e->refers; }

static bool can_add(const Element *e) { return !(e->refers && e->not_null); }

static bool needs_rebuild(const Object *from, const Object *to) {
    const Elements *a = &from->elements, *b = &to->elements;
    if (!str_eq(a->end, b->end)) return true;
    if (!constraints_within(a, b) || !constraints_within(b, a)) return true;
    for (int i = 0; i < a->n; i++) {
        const Element *e = &a->list[i], *other = column_named(b, e->name);
        if (e->constraint) continue;
        if (other ? !str_eq(e->normal, other->normal) : !can_drop(e)) return true;
    }
    for (int i = 0; i < b->n; i++) {
        const Element *e = &b->list[i];
        if (!e->constraint && !column_named(a, e->name) && !can_add(e)) return true;
    }
    return false;
}

static bool is_rebuilt(const Diff *d, Str table) {
    const Object key = {.kind = S("table"), .name = table};
    const Object *from = object_find(&d->from, &key), *to = object_find(&d->to, &key);
    return from && to && needs_rebuild(from, to);
}

static bool same_object(const Object *a, const Object *b) {
    if (!str_is(a->kind, "table")) return str_eq(a->sql, b->sql);
    const Elements *x = &a->elements, *y = &b->elements;
    if (needs_rebuild(a, b)) return false;
    for (int i = 0; i < x->n; i++)
        if (!x->list[i].constraint && !column_named(y, x->list[i].name)) return false;
    for (int i = 0; i < y->n; i++)
        if (!y->list[i].constraint && !column_named(x, y->list[i].name)) return false;
    return true;
}

/* --- statements --- */

static void default_of(const Diff *d, const Object *table, const Element *e) {
    const char *unknown = str_ieq(e->type, S("TEXT")) ? "''" : "0";
    schema_default(d->registry, table->name, e->name, unknown, d->out);
}

static void warn_lost(const Diff *d, const Object *from, const Object *to) {
    for (int i = 0; i < from->elements.n; i++) {
        const Element *e = &from->elements.list[i];
        if (e->constraint || column_named(&to->elements, e->name)) continue;
        buf_fmt(d->out,
                "-- The values of %.*s.%.*s are lost here. If it only got another name, write\n"
                "-- ALTER TABLE %.*s RENAME COLUMN … instead.\n",
                STR_ARG(from->name), STR_ARG(e->name), STR_ARG(from->name));
    }
}

static void table_alter(const Diff *d, const Object *from, const Object *to) {
    for (int i = 0; i < to->elements.n; i++) {
        const Element *e = &to->elements.list[i];
        if (e->constraint || column_named(&from->elements, e->name)) continue;
        buf_fmt(d->out, "ALTER TABLE %.*s ADD COLUMN %.*s", STR_ARG(to->name), STR_ARG(e->raw));
        if (e->not_null && !e->has_default) {
            buf_c(d->out, " DEFAULT ");
            default_of(d, to, e);
        }
        buf_c(d->out, ";\n");
    }
    for (int i = 0; i < from->elements.n; i++) {
        const Element *e = &from->elements.list[i];
        if (!e->constraint && !column_named(&to->elements, e->name))
            buf_fmt(d->out, "ALTER TABLE %.*s DROP COLUMN %.*s;\n", STR_ARG(to->name),
                    STR_ARG(e->name));
    }
}

/* What a column of the new table is filled with; false: with its default. */
static bool copied(const Element *e, const Element *old) {
    return old || (e->not_null && !e->has_default);
}

static void copy_column(const Diff *d, const Object *to, const Element *e, const Element *old) {
    if (!old) {
        default_of(d, to, e);
        return;
    }
    bool fill = e->not_null && !old->not_null, cast = !str_ieq(e->type, old->type);
    if (fill) buf_c(d->out, "coalesce(");
    if (cast)
        buf_fmt(d->out, "CAST(%.*s AS %.*s)", STR_ARG(e->name), STR_ARG(e->type));
    else
        buf_str(d->out, e->name);
    if (!fill) return;
    buf_c(d->out, ", ");
    default_of(d, to, e);
    buf_char(d->out, ')');
}

static void copy_rows(const Diff *d, const Object *from, const Object *to) {
    int n = 0;
    buf_fmt(d->out, "INSERT INTO new_%.*s (", STR_ARG(to->name));
    for (int i = 0; i < to->elements.n; i++) {
        const Element *e = &to->elements.list[i];
        if (!e->constraint && copied(e, column_named(&from->elements, e->name)))
            buf_fmt(d->out, "%s%.*s", n++ ? ", " : "", STR_ARG(e->name));
    }
    n = 0;
    buf_c(d->out, ")\n  SELECT ");
    for (int i = 0; i < to->elements.n; i++) {
        const Element *e = &to->elements.list[i];
        const Element *old = column_named(&from->elements, e->name);
        if (e->constraint || !copied(e, old)) continue;
        if (n++) buf_c(d->out, ", ");
        copy_column(d, to, e, old);
    }
    buf_fmt(d->out, "\n  FROM %.*s;\n", STR_ARG(from->name));
}

static bool counts_ids(const Object *table) {
    return column_named(&table->elements, S("id")) &&
           str_ends(column_named(&table->elements, S("id"))->normal, S("AUTOINCREMENT"));
}

static void table_rebuild(const Diff *d, const Object *from, const Object *to) {
    Str body;
    str_cut(to->sql, '(', &body);
    buf_fmt(d->out, "CREATE TABLE new_%.*s (%.*s;\n", STR_ARG(to->name), STR_ARG(body));
    copy_rows(d, from, to);
    /* Ids of deleted rows must not come back. */
    if (counts_ids(from) && counts_ids(to))
        buf_fmt(d->out,
                "DELETE FROM sqlite_sequence WHERE name = 'new_%.*s';\n"
                "INSERT INTO sqlite_sequence (name, seq)\n"
                "  SELECT 'new_%.*s', seq FROM sqlite_sequence WHERE name = '%.*s';\n",
                STR_ARG(to->name), STR_ARG(to->name), STR_ARG(to->name));
    buf_fmt(d->out, "DROP TABLE %.*s;\nALTER TABLE new_%.*s RENAME TO %.*s;\n", STR_ARG(to->name),
            STR_ARG(to->name), STR_ARG(to->name));
}

static void tables_write(const Diff *d) {
    for (int i = 0; i < d->to.n; i++) {
        const Object *to = &d->to.list[i], *from = object_find(&d->from, to);
        if (!str_is(to->kind, "table")) continue;
        if (!from) {
            buf_fmt(d->out, "CREATE TABLE %.*s %s;\n", STR_ARG(to->name),
                    strchr(to->sql.p, '('));
            continue;
        }
        warn_lost(d, from, to);
        if (needs_rebuild(from, to))
            table_rebuild(d, from, to);
        else
            table_alter(d, from, to);
    }
}

/* Indexes and triggers of a table that is dropped or rebuilt go by themselves. */
static bool goes(const Diff *d, const Object *o) {
    const Object *to = object_find(&d->to, o);
    if (str_is(o->kind, "table")) return !to;
    if (to && same_object(o, to)) return false;
    return str_is(o->kind, "search") || (has_table(&d->to, o->table) && !is_rebuilt(d, o->table));
}

static bool comes(const Diff *d, const Object *o) {
    const Object *from = object_find(&d->from, o);
    return !from || !same_object(from, o) ||
           (!str_is(o->kind, "search") && is_rebuilt(d, o->table));
}

static void drop_kind(const Diff *d, const char *kind, const char *word) {
    for (int i = d->from.n - 1; i >= 0; i--) {
        const Object *o = &d->from.list[i];
        if (str_is(o->kind, kind) && goes(d, o))
            buf_fmt(d->out, "DROP %s %.*s;\n", word, STR_ARG(o->name));
    }
}

static void create_kind(const Diff *d, const char *kind) {
    for (int i = 0; i < d->to.n; i++)
        if (str_is(d->to.list[i].kind, kind) && comes(d, &d->to.list[i]))
            buf_fmt(d->out, "%.*s;\n", STR_ARG(d->to.list[i].sql));
}

static void create_search(const Diff *d) {
    for (int i = 0; i < d->to.n; i++) {
        const Object *o = &d->to.list[i];
        if (!str_is(o->kind, "search") || !comes(d, o)) continue;
        buf_fmt(d->out, "%.*s;\n", STR_ARG(o->sql));
        schema_settle_search(o->name, d->out);
        if (has_table(&d->from, (Str){o->name.p, o->name.n - strlen("_search")}))
            schema_fill_search(d->registry, o->sql, d->out);
    }
}

static bool diff_open(Diff *d, Db *from, Db *to) {
    arena_init(&d->arena, (size_t)64 << 20);
    return objects_read(&d->arena, from, &d->from) && objects_read(&d->arena, to, &d->to);
}

bool schema_diff(Db *from, Db *to, const Registry *r, Buf *out) {
    Diff d = {.registry = r, .out = out};
    bool ok = diff_open(&d, from, to);
    if (ok) {
        drop_kind(&d, "trigger", "TRIGGER");
        drop_kind(&d, "index", "INDEX");
        drop_kind(&d, "search", "TABLE");
        drop_kind(&d, "table", "TABLE");
        tables_write(&d);
        create_kind(&d, "index");
        create_search(&d);
        create_kind(&d, "trigger");
    }
    arena_free(&d.arena);
    return ok;
}

bool schema_missing(Db *db, Db *wanted, Buf *out) {
    Diff d = {.out = out};
    bool ok = diff_open(&d, db, wanted);
    for (int i = 0; ok && i < d.to.n; i++) {
        const Object *o = &d.to.list[i], *have = object_find(&d.from, o);
        bool only_fast = str_starts(o->sql, S("CREATE INDEX"));
        if (only_fast || (have && same_object(have, o))) continue;
        buf_fmt(out, "%.*s %.*s\n", STR_ARG(o->kind), STR_ARG(o->name));
    }
    arena_free(&d.arena);
    return ok;
}
