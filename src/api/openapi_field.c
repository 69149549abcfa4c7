/* Fields as JSON Schema: everything a field's row in its table says. */
#include "api/openapi.h"

/* --- who may give what --- */

static bool is_status(const ModelField *f) { return f->model && f->index == f->model->status; }

bool openapi_has_lines(const Model *m, Side side) {
    return m->lines && (side != SIDE_UPDATE || m->resource->open_states != NEVER_OPEN);
}

bool openapi_writable(const ModelField *f, Side side) {
    if (is_status(f)) return true; /* naming it asks for the transitions to it */
    if (f->flags & F_READONLY) return false;
    return side == SIDE_CREATE || !(f->flags & F_CREATE_ONLY);
}

bool openapi_required(const ModelField *f, Side side) {
    if (!(f->flags & F_REQUIRED) || !openapi_writable(f, side)) return false;
    return !f->decl->series && !f->decl->fallback && !f->snapshot_of && !(f->flags & F_FILLED);
}

/* --- type --- */

/* A type's schema begins with its "type" member. */
#define TYPE_KEY       "\"type\":"
#define MAX_LENGTH_KEY ",\"maxLength\":"
#define TEXT_LENGTH    255 /* where neither field nor type says */

/* Splits `"type":"string","format":"date"` behind the value of type. */
static Str type_names(const ModelField *f, Str *rest) {
    Str s = str_of(f->type->schema);
    s.p += sizeof TYPE_KEY - 1;
    s.n -= sizeof TYPE_KEY - 1;
    char last = s.p[0] == '[' ? ']' : '"';
    size_t n = 1;
    while (s.p[n] != last) n++;
    *rest = (Str){s.p + n + 1, s.n - n - 1};
    return s.p[0] == '[' ? (Str){s.p + 1, n - 1} : (Str){s.p, n + 1};
}

/* What may be sent instead: a number beyond a double's digits as text, a
 * record by its key. */
static bool also_text(const ModelField *f, Str names, Side side) {
    if (side == SIDE_READ) return false;
    return str_eq(names, S("\"number\"")) || (f->ref && f->ref->resource->key);
}

static void type_write(Json *j, const ModelField *f, Side side, Str *rest) {
    Str names = type_names(f, rest);
    bool text = also_text(f, names, side), many = memchr(names.p, ',', names.n) != NULL;
    bool array = text || many || !f->not_null;
    Buf b = {0};
    if (array) buf_char(&b, '[');
    buf_str(&b, names);
    if (text) buf_c(&b, ",\"string\"");
    if (!f->not_null) buf_c(&b, ",\"null\"");
    if (array) buf_char(&b, ']');
    js_key(j, S("type"));
    js_raw(j, buf_view(&b));
    buf_free(&b);
}

/* In characters; 0 where the type's schema says it, or there is none. */
static int length_limit(const ModelField *f, Str rest) {
    if (f->max_length) return f->max_length;
    if (f->type->max_length) return f->type->max_length;
    bool text = (f->type->operators & OPS_TEXT) && !(rest.n && strstr(rest.p, MAX_LENGTH_KEY));
    return text ? TEXT_LENGTH : 0;
}

/* The type's other members; its length gives way to the field's own. */
static void rest_write(OpenApi *o, const ModelField *f, Str rest) {
    int limit = length_limit(f, rest);
    char *text = arena_c_str(o->arena, rest);
    char *at = limit ? strstr(text, MAX_LENGTH_KEY) : NULL;
    if (at) {
        const char *behind = strchr(at + 1, ',');
        size_t n = behind ? strlen(behind) : 0;
        if (n) memmove(at, behind, n);
        at[n] = '\0';
    }
    if (*text) js_raw(&o->json, str_of(text + 1)); /* without the comma */
    if (limit) js_field_int(&o->json, "maxLength", limit);
}

static void limits_write(Json *j, const ModelField *f, Str rest) {
    bool has_minimum = rest.n && strstr(rest.p, "\"minimum\"");
    if (f->min.kind == V_INT && !has_minimum) {
        js_key(j, S("minimum"));
        f->type->to_json(j, &f->min);
    }
    if (f->max.kind == V_INT) {
        js_key(j, S("maximum"));
        f->type->to_json(j, &f->max);
    }
}

static void choices_write(Json *j, const ModelField *f) {
    if (!f->decl->choices) return;
    js_key(j, S("enum"));
    js_begin_array(j);
    for (const Choice *c = f->decl->choices; c->name; c++) js_c(j, c->name);
    if (!f->not_null) js_null(j);
    js_end_array(j);
}

int openapi_length(const ModelField *f) {
    Str rest;
    type_names(f, &rest);
    return length_limit(f, rest);
}

void openapi_type(OpenApi *o, const ModelField *f, Side side) {
    Str rest;
    type_write(&o->json, f, side, &rest);
    rest_write(o, f, rest);
    limits_write(&o->json, f, rest);
    choices_write(&o->json, f);
}

/* --- description --- */

static void sentence(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void sentence(Buf *b, const char *format, ...) {
    va_list args;
    if (b->n) buf_char(b, ' ');
    size_t start = b->n;
    va_start(args, format);
    buf_vfmt(b, format, args);
    va_end(args);
    if (b->n == start) return;
    size_t word = start;
    while (word < b->n && b->p[word] >= 'a' && b->p[word] <= 'z') word++;
    bool name = word < b->n && b->p[word] == '_'; /* of a field: as it is */
    if (word > start && !name) b->p[start] = (char)(b->p[start] - 32);
    if (!strchr(".!?", b->p[b->n - 1])) buf_char(b, '.');
}

static void describe_reference(Buf *b, const ModelField *f, Side side) {
    if (!f->ref || (f->ref->resource->flags & R_INTERNAL)) return;
    if (f->ref->resource->key && side != SIDE_READ)
        sentence(b, "Refers to `/%s`, by id or %s", f->ref->name.p, f->ref->resource->key);
    else
        sentence(b, "Refers to `/%s`", f->ref->name.p);
}

static void describe_left_out(Buf *b, const ModelField *f) {
    if (f->decl->series) sentence(b, "Left out, the next number like `%s` is given", f->decl->series);
    if (f->fallback == FALLBACK_TODAY) sentence(b, "Left out, it is today");
    if (f->fallback == FALLBACK_NOW) sentence(b, "Left out, it is the time of the request");
    if (f->fallback == FALLBACK_ME) sentence(b, "Left out, it is the caller");
    if (f->snapshot_of) sentence(b, "Left out, it is copied from the record of `%s`", f->snapshot_of->name.p);
}

static void describe_choices(Buf *b, const ModelField *f) {
    for (const Choice *c = f->decl->choices; c && c->name; c++)
        if (c->also) sentence(b, "`%s` is accepted for `%s`", c->also, c->name);
}

static void describe_bounds(Buf *b, const ModelField *f) {
    if (f->min.kind == V_TEXT) sentence(b, "At least %s", f->decl->min);
    if (f->max.kind == V_TEXT) sentence(b, "At most %s", f->decl->max);
}

static void describe_names(Buf *b, const ModelField *f, Str name) {
    bool first = true;
    Str rest = str_of(f->decl->also);
    while (rest.p) {
        Str other = str_cut(rest, ',', &rest);
        if (str_eq(other, name)) continue;
        if (first)
            sentence(b, "Also accepted as `%.*s`", STR_ARG(other));
        else
            b->n--, buf_fmt(b, ", `%.*s`.", STR_ARG(other));
        first = false;
    }
}

static void describe(Buf *b, const ModelField *f, Side side, Str name) {
    if (f->decl->help && *f->decl->help) sentence(b, "%s", f->decl->help);
    describe_reference(b, f, side);
    if (f->flags & F_UNIQUE) sentence(b, "Unique in the organization");
    if (side == SIDE_READ) return;
    if (is_status(f)) sentence(b, "A record is taken to the state named here through its transitions");
    if (side == SIDE_CREATE) describe_left_out(b, f);
    if (side == SIDE_CREATE && (f->flags & F_CREATE_ONLY)) sentence(b, "Cannot be changed later");
    describe_choices(b, f);
    describe_bounds(b, f);
    describe_names(b, f, name);
}

/* --- the whole --- */

void openapi_field(OpenApi *o, const ModelField *f, Side side, Str name) {
    Json *j = &o->json;
    js_begin_object(j);
    openapi_type(o, f, side);
    bool single = f->model && (f->model->resource->flags & R_SINGLETON); /* made by the first change */
    if ((side == SIDE_CREATE || (single && side == SIDE_UPDATE)) && f->fallback == FALLBACK_VALUE) {
        js_key(j, S("default"));
        f->type->to_json(j, &f->fallback_value);
    }
    if (side == SIDE_READ && (f->flags & F_READONLY)) js_field_bool(j, "readOnly", true);
    Buf b = {0};
    describe(&b, f, side, name);
    if (b.n) js_field_str(j, "description", buf_view(&b));
    buf_free(&b);
    js_key(j, S("examples"));
    js_begin_array(j);
    js_raw(j, openapi_example(o, f));
    js_end_array(j);
    js_end_object(j);
}

static void bound_read(OpenApi *o, const ModelField *f, const char *text, Value *out) {
    Problem problem = {0};
    if (text) f->type->from_text(o->ctx, f, str_of(text), out, &problem);
}

ModelField openapi_input_field(OpenApi *o, const Field *decl, int index) {
    ModelField f = {.decl = decl, .type = decl->type, .index = index, .flags = decl->flags};
    f.name = str_of(decl->name);
    f.max_length = decl->max_length;
    f.not_null = decl->flags & F_REQUIRED;
    f.ref = decl->ref ? registry_model(o->registry, decl->ref) : NULL;
    bound_read(o, &f, decl->min, &f.min);
    bound_read(o, &f, decl->max, &f.max);
    return f;
}
