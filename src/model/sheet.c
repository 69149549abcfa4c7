/* CSV columns to fields; see sheet.h. */
#include "model/sheet.h"

#include "model/query.h"

#define TITLE_SHOWN 100

/* Columns an export has but a client may not set are passed over. */
static bool passed_over(const Sheet *s, Str title, const ModelField *f) {
    const Model *m = s->view->model;
    if (str_is(title, SHEET_ROW) || str_is(title, SHEET_ERROR)) return true;
    if (f) return (f->flags & F_READONLY) && f->index != m->status;
    for (int i = 0; i < m->n; i++) {
        Str key = m->fields[i].name_key; /* "customer_name": */
        if (key.p && str_eq(title, (Str){key.p + 1, key.n - 3})) return true;
    }
    return false;
}

/* "Contact Person" and "contact-person" are contact_person. */
static Str as_name(Ctx *c, Str title) {
    char *p = arena_c_str(c->arena, title);
    for (size_t i = 0; i < title.n; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] | 0x20);
        if (p[i] == ' ' || p[i] == '-') p[i] = '_';
    }
    return (Str){p, title.n};
}

/* The next "title:field"; the title may have colons itself. */
static bool map_next(Str *rest, Str *title, Str *field) {
    while (rest->p) {
        Str pair = str_cut(*rest, ',', rest);
        if (!str_trim(pair).n) continue;
        size_t colon = pair.n;
        while (colon > 0 && pair.p[colon - 1] != ':') colon--;
        *title = str_trim(colon ? (Str){pair.p, colon - 1} : pair);
        *field = colon ? str_trim((Str){pair.p + colon, pair.n - colon}) : STR_NONE;
        return true;
    }
    return false;
}

static Str mapped(const Sheet *s, Str title) {
    Str rest = s->map, from, to;
    while (map_next(&rest, &from, &to))
        if (str_eq(from, title)) return to;
    return STR_NONE;
}

static Str shown(Str title) {
    if (title.n > TITLE_SHOWN) title.n = TITLE_SHOWN;
    while (title.n > 0 && title.n == TITLE_SHOWN && ((unsigned char)title.p[title.n] & 0xc0) == 0x80) title.n--;
    return title;
}

static void column_field(Sheet *s, int i, const ModelField *f, Str name) {
    for (int k = 0; k < i; k++)
        if (f && s->fields[k] == f)
            error_issue(&s->c->err, shown(s->titles[i]), "duplicate", "is a second column for %s, after \"%.*s\"",
                        f->name.p, STR_ARG(shown(s->titles[k])));
    s->fields[i] = f;
    s->names[i] = name;
}

static void column_read(Sheet *s, int i) {
    Str title = s->titles[i], to = mapped(s, title);
    if (str_is(to, "-")) return;
    Str name = to.p ? to : title;
    const ModelField *f = map_get(&s->view->by_name, name);
    if (!f && !to.p) f = map_get(&s->view->by_name, name = as_name(s->c, title));
    if (!to.p && passed_over(s, name, f)) return;
    if (f || !title.n)
        column_field(s, i, f, name);
    else if (to.p)
        error_issue(&s->c->err, shown(title), "unknown_field", "is mapped to \"%.*s\", which is not a field here",
                    STR_ARG(shown(to)));
    else
        error_issue(&s->c->err, shown(title), "unknown_field",
                    "is not a field here: rename the column, map it (\"%.*s:name\"), or leave it out (\"%.*s:-\")",
                    STR_ARG(shown(title)), STR_ARG(shown(title)));
}

static void map_check(const Sheet *s) {
    Str rest = s->map, from, to;
    while (map_next(&rest, &from, &to)) {
        bool there = false;
        for (int i = 0; i < s->n && !there; i++) there = str_eq(s->titles[i], from);
        if (!to.n)
            error_issue(&s->c->err, S("map"), "format", "needs pairs such as Company:name, not \"%.*s\"",
                        STR_ARG(shown(from)));
        else if (!there)
            error_issue(&s->c->err, S("map"), "unknown_column", "names \"%.*s\", which is not a column of the file",
                        STR_ARG(shown(from)));
    }
}

bool sheet_head(Sheet *s, const CsvRow *heading) {
    Ctx *c = s->c;
    if (heading->n > heading->max)
        return fail(c, E_BAD_REQUEST, "the heading has %d columns; at most %d are read", heading->n, heading->max);
    s->n = heading->n;
    s->titles = ARENA_ARRAY(c->arena, Str, (size_t)s->n);
    s->names = ARENA_ARRAY(c->arena, Str, (size_t)s->n);
    s->fields = ARENA_ARRAY(c->arena, const ModelField *, (size_t)s->n);
    for (int i = 0; i < s->n; i++) {
        s->titles[i] = arena_str(c->arena, str_trim(csv_unguarded(heading->cells[i])));
        if (!str_utf8_valid(s->titles[i]))
            return fail(c, E_BAD_REQUEST, "column %d of the heading is not UTF-8: save the file as \"CSV UTF-8\"", i + 1);
    }
    for (int i = 0; i < s->n; i++) column_read(s, i);
    map_check(s);
    return c->err.kind == E_NONE;
}

bool sheet_row(const Sheet *s, Ctx *c, const CsvRow *row, Input *out) {
    Str names[FIELDS_MAX], texts[FIELDS_MAX];
    const ModelField *fields[FIELDS_MAX];
    int n = 0;
    if (row->n != s->n)
        return error_issue(&c->err, S("row"), "columns", "has %d columns, the heading has %d", row->n, s->n);
    for (int i = 0; i < s->n; i++) {
        if (!s->names[i].p) continue;
        names[n] = s->names[i];
        fields[n] = s->fields[i];
        texts[n++] = csv_unguarded(row->cells[i]);
    }
    return input_read_texts(c, s->view, &(TextRow){names, texts, fields, n}, out);
}

const ModelField *sheet_key(Ctx *c, const View *v, Str key) {
    const ModelField *f = map_get(&v->by_name, key);
    bool plain = f && !f->ref && !f->decl->choices && field_shown(f);
    if (plain && ((f->flags & F_UNIQUE) || ((f->flags & F_FILTER) && (f->type->operators & OPS_TEXT)))) return f;
    const char *own = v->model->resource->key;
    fail(c, E_BAD_QUERY, "key must name a field that tells records apart and can be looked up, such as %s",
         own ? own : "a number or an e-mail address");
    return NULL;
}
