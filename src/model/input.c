/* Reading what a client wants stored: the members of a JSON object, or the
 * texts of a CSV row, become typed values of a model's fields in one walk.
 * Nothing is skipped silently: what is unknown, read-only, given twice or of
 * the wrong type is an issue named by its path, and all are found at once.
 * Values point into the JSON or the texts, which the caller keeps. */
#include <assert.h>

#include "model/write.h"

#define UNKNOWN_NAME_MAX 100 /* bytes of a client's own name that are repeated to it */

typedef struct {
    Ctx *c;
    const View *view;         /* NULL for an action's body */
    const Lines *action_lines; /* of an action's body; NULL: none */
    const ModelField *fields;
    int n;
    InputKind kind;
    Str lines;                /* paths are `lines[line].` if in a line, then the name */
    int line;
    Input *out;
    FieldSet seen;            /* fields named, also with a wrong value */
    bool ok;
} Reader;

static void issue(Reader *r, Str name, const char *code, const char *message) {
    Arena *a = r->c->arena;
    Str path = r->line < 0
                   ? arena_str(a, name)
                   : arena_fmt(a, "%.*s[%d].%.*s", STR_ARG(r->lines), r->line, STR_ARG(name));
    error_issue(&r->c->err, path, code, "%s", message);
    r->ok = false;
}

static void issue_problem(Reader *r, Str name, const Problem *p) {
    issue(r, name, p->code, arena_c_str(r->c->arena, p->message));
}

/* The display name that is printed beside a reference, as `"customer_name":`. */
static bool is_display_name(const Reader *r, Str name) {
    for (int i = 0; r->view && i < r->n; i++) {
        Str key = r->fields[i].name_key;
        if (key.p && key.n == name.n + 3 && !memcmp(key.p + 1, name.p, name.n)) return true;
    }
    return false;
}

static Str shown(Str name) {
    if (name.n <= UNKNOWN_NAME_MAX) return name;
    name.n = UNKNOWN_NAME_MAX;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0) == 0x80) name.n--;
    return name;
}

static void issue_unknown(Reader *r, Str name) {
    if (is_display_name(r, name)) {
        issue(r, name, "read_only", "is set by the server: change the reference instead");
        return;
    }
    issue(r, shown(name), "unknown_field", "is not a field here");
}

static int compare(const Value *a, const Value *b) {
    if (a->kind == V_INT) return (a->i > b->i) - (a->i < b->i);
    size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;
    int order = n > 0 ? memcmp(a->s.p, b->s.p, n) : 0;
    return order ? order : (a->s.n > b->s.n) - (a->s.n < b->s.n);
}

static bool bound_problem(Ctx *c, const ModelField *f, bool lower, Problem *p) {
    Buf bound = {0};
    f->type->to_text(&bound, lower ? &f->min : &f->max);
    problem_set(c, p, lower ? "min" : "max", "must be at %s %.*s", lower ? "least" : "most",
                STR_ARG(buf_view(&bound)));
    buf_free(&bound);
    return false;
}

static bool in_range(Ctx *c, const ModelField *f, const Value *v, Problem *p) {
    if (f->min.kind == v->kind && compare(v, &f->min) < 0) return bound_problem(c, f, true, p);
    if (f->max.kind == v->kind && compare(v, &f->max) > 0) return bound_problem(c, f, false, p);
    return true;
}

static bool is_status(const Reader *r, const ModelField *f) {
    return r->view && f->index == r->view->model->status;
}

/* Whether the client may name this field now, and has not done so before. */
static bool may_give(Reader *r, const ModelField *f, Str name) {
    if (set_has(&r->seen, f->index)) {
        issue(r, name, "duplicate", "is another name of a field that is given already");
        return false;
    }
    set_add(&r->seen, f->index);
    if (is_status(r, f)) return true;
    if (f->flags & F_READONLY) {
        if (f->flags & F_HIDDEN)
            issue_unknown(r, name);
        else
            issue(r, name, "read_only", "is set by the server");
        return false;
    }
    if ((f->flags & F_CREATE_ONLY) && r->kind != INPUT_CREATE) {
        issue(r, name, "read_only", "can be set only when creating");
        return false;
    }
    return true;
}

static void give(Reader *r, const ModelField *f, Str name, Value v) {
    Problem problem = {0};
    if (v.kind == V_NULL && f->not_null) {
        issue(r, name, "required", "must not be empty");
        return;
    }
    if (v.kind != V_NULL && !in_range(r->c, f, &v, &problem)) {
        issue_problem(r, name, &problem);
        return;
    }
    r->out->row.values[f->index] = v;
    set_add(&r->out->given, f->index);
    if (is_status(r, f) && v.kind == V_TEXT) r->out->status = choice_index(f, v.s);
}

static void field_read(Reader *r, const ModelField *f, Str name, const json_t *in) {
    Problem problem = {0};
    Value v = VALUE_NULL;
    if (!may_give(r, f, name)) return;
    if (json_is_null(in) || f->type->from_json(r->c, f, in, &v, &problem))
        give(r, f, name, v);
    else
        issue_problem(r, name, &problem);
}

/* An action's body has few fields, known only by their declarations. */
static bool input_named(const Field *decl, Str name) {
    if (str_is(name, decl->name) || str_listed(decl->also, name)) return true;
    Str own = str_of(decl->name);
    return decl->ref && own.n == name.n + 3 && str_starts(own, name) && str_ends(own, S("_id"));
}

static const ModelField *field_find(const Reader *r, Str name) {
    if (r->view) return map_get(&r->view->by_name, name);
    for (int i = 0; i < r->n; i++)
        if (input_named(r->fields[i].decl, name)) return &r->fields[i];
    return NULL;
}

static const Lines *lines_find(const Reader *r, Str name) {
    const Lines *l = r->view && r->view->model->lines ? r->view->model->lines_decl : r->action_lines;
    return l && (str_is(name, l->name) || str_listed(l->also, name)) ? l : NULL;
}

static bool required_now(const Reader *r, const ModelField *f) {
    if (!(f->flags & F_REQUIRED) || (f->flags & F_READONLY)) return false;
    if (f->decl->series || f->decl->fallback || (f->flags & F_FILLED)) return false;
    if (f->snapshot_of && set_has(&r->seen, f->snapshot_of->index)) return false;
    return r->kind == INPUT_CREATE || !(f->flags & F_CREATE_ONLY);
}

static void check_missing(Reader *r) {
    if (r->kind == INPUT_PATCH) return;
    for (int i = 0; i < r->n; i++) {
        const ModelField *f = &r->fields[i];
        if (!set_has(&r->seen, i) && required_now(r, f))
            issue(r, r->view ? r->view->names[i] : f->name, "required", "is required");
    }
}

static Reader reader_new(Ctx *c, const View *v, InputKind kind, Input *out) {
    *out = (Input){.row = row_new(c->arena, v->model), .status = -1, .kind = kind};
    return (Reader){.c = c, .view = v, .fields = v->model->fields, .n = v->model->n,
                    .kind = kind, .line = -1, .out = out, .ok = true};
}

static void lines_read(Reader *r, const Lines *l, Str name, const json_t *in);

static void object_read(Reader *r, const json_t *in) {
    /* jansson's iterator takes no const, but changes nothing. */
    json_t *object = (json_t *)(uintptr_t)in;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        Str name = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const ModelField *f = field_find(r, name);
        const Lines *l = f ? NULL : lines_find(r, name);
        if (f)
            field_read(r, f, name, json_object_iter_value(at));
        else if (l)
            lines_read(r, l, name, json_object_iter_value(at));
        else
            issue_unknown(r, name);
    }
    check_missing(r);
}

static Reader action_reader(Ctx *c, const Field *decls, size_t n, Input *out);

static void line_read(Reader *r, Str name, int i, const json_t *in, Row *out) {
    Input line;
    const Lines *l = r->action_lines;
    Reader sub = r->view ? reader_new(r->c, &r->view->model->lines->views[0], INPUT_CREATE, &line)
                         : action_reader(r->c, l->fields, l->n_fields, &line);
    sub.lines = name;
    sub.line = i;
    *out = line.row;
    if (json_is_object(in)) {
        object_read(&sub, in);
        r->ok = r->ok && sub.ok;
        return;
    }
    issue(r, arena_fmt(r->c->arena, "%.*s[%d]", STR_ARG(name), i), "type", "must be an object");
}

static void lines_read(Reader *r, const Lines *l, Str name, const json_t *in) {
    Input *out = r->out;
    if (out->lines_given) {
        issue(r, name, "duplicate", "is another name of a member that is given already");
        return;
    }
    out->lines_given = true;
    if (!json_is_array(in)) {
        issue(r, name, "type", "must be an array of objects");
        return;
    }
    size_t n = json_array_size(in);
    if (n > (size_t)l->max) {
        Str message = arena_fmt(r->c->arena, "must have at most %d items", l->max);
        issue(r, name, "max_items", message.p);
        return;
    }
    out->row.lines = ARENA_ARRAY(r->c->arena, Row, n);
    out->row.n_lines = (int)n;
    for (size_t i = 0; i < n; i++)
        line_read(r, name, (int)i, json_array_get(in, i), &out->row.lines[i]);
}

Input input_new(Ctx *c, const Model *m) { return (Input){.row = row_new(c->arena, m), .status = -1}; }

void input_set(Input *in, const char *field, Value v) {
    const ModelField *f = model_field(in->row.model, field);
    in->row.values[f->index] = v;
    set_add(&in->given, f->index);
    if (f->index == in->row.model->status && v.kind == V_TEXT) in->status = choice_index(f, v.s);
}

bool input_read(Ctx *c, const View *v, const json_t *object, InputKind kind, Input *out) {
    Reader r = reader_new(c, v, kind, out);
    if (!json_is_object(object)) return fail(c, E_INVALID, "a record must be a JSON object");
    object_read(&r, object);
    return r.ok;
}

static void text_read(Reader *r, const ModelField *f, Str name, Str text) {
    Problem problem = {0};
    Value v = VALUE_NULL;
    if (!may_give(r, f, name)) return;
    bool ok = f->ref ? type_ref_from_key(r->c, f, text, &v, &problem)
                     : f->type->from_text(r->c, f, text, &v, &problem);
    if (ok)
        give(r, f, name, v);
    else
        issue_problem(r, name, &problem);
}

bool input_read_texts(Ctx *c, const View *v, const TextRow *row, Input *out) {
    Reader r = reader_new(c, v, INPUT_CREATE, out);
    for (int i = 0; i < row->n; i++) {
        if (str_trim(row->texts[i]).n == 0) continue;
        const ModelField *f = row->fields[i];
        if (f)
            text_read(&r, f, row->names[i], row->texts[i]);
        else
            issue_unknown(&r, row->names[i]);
    }
    check_missing(&r);
    return r.ok;
}

/* Bounds are literals of the program: that they parse is asserted. */
static void bound_parse(Ctx *c, const ModelField *f, const char *text, Value *out) {
    Problem problem = {0};
    bool ok = !text || f->type->from_text(c, f, str_of(text), out, &problem);
    assert(ok);
    (void)ok;
}

static ModelField *fields_of_input(Ctx *c, const Field *decls, size_t n) {
    ModelField *fields = ARENA_ARRAY(c->arena, ModelField, n);
    for (size_t i = 0; i < n; i++) {
        const Field *decl = &decls[i];
        ModelField *f = &fields[i];
        *f = (ModelField){.decl = decl, .type = decl->type, .index = (int)i,
                          .flags = decl->flags, .name = str_of(decl->name),
                          .max_length = decl->max_length,
                          .not_null = decl->flags & F_REQUIRED,
                          .ref = decl->ref ? ctx_model(c, decl->ref) : NULL};
        bound_parse(c, f, decl->min, &f->min);
        bound_parse(c, f, decl->max, &f->max);
    }
    return fields;
}

static Reader action_reader(Ctx *c, const Field *decls, size_t n, Input *out) {
    assert(n <= FIELDS_MAX);
    *out = (Input){.row.values = ARENA_ARRAY(c->arena, Value, n), .status = -1};
    return (Reader){.c = c, .fields = fields_of_input(c, decls, n), .n = (int)n, .kind = INPUT_CREATE,
                    .line = -1, .out = out, .ok = true};
}

static Reader call_reader(Ctx *c, const Action *a, Input *in) {
    Reader r = action_reader(c, a->input, a->n_input, in);
    r.action_lines = a->lines;
    return r;
}

bool input_read_call(Ctx *c, const json_t *object_or_null, Call *call) {
    Input in;
    Reader r = call_reader(c, call->action, &in);
    if (object_or_null && !json_is_object(object_or_null))
        return fail(c, E_INVALID, "the body must be a JSON object");
    if (object_or_null)
        object_read(&r, object_or_null);
    else
        check_missing(&r);
    call->input = in.row;
    call->given = in.given;
    call->lines_given = in.lines_given;
    return r.ok;
}

/* --- the parameters of a GET action --- */

static bool param_unknown(const Reader *r, Str name) {
    Buf known = {0};
    for (int i = 0; i < r->n; i++) buf_fmt(&known, "%s%s", i ? ", " : "", r->fields[i].name.p);
    fail(r->c, E_UNKNOWN_FIELD, "there is no parameter \"%.*s\" here%s%.*s", STR_ARG(shown(name)),
         known.n ? "; there are: " : "", STR_ARG(buf_view(&known)));
    buf_free(&known);
    return false;
}

static bool param_read(Reader *r, const Param *param) {
    const ModelField *f = field_find(r, param->name);
    Problem problem = {0};
    Value v = VALUE_NULL;
    if (!f) return param_unknown(r, param->name);
    if (set_has(&r->seen, f->index))
        return fail(r->c, E_BAD_QUERY, "%s is given more than once", f->name.p);
    set_add(&r->seen, f->index);
    if (!f->type->from_text(r->c, f, param->value, &v, &problem) ||
        (v.kind != V_NULL && !in_range(r->c, f, &v, &problem)))
        return fail(r->c, E_BAD_QUERY, "%.*s %.*s", STR_ARG(param->name), STR_ARG(problem.message));
    r->out->row.values[f->index] = v;
    set_add(&r->out->given, f->index);
    return true;
}

bool input_read_params(Ctx *c, Params params, Call *call) {
    Input in;
    Reader r = call_reader(c, call->action, &in);
    for (int i = 0; i < params.n; i++)
        if (!param_read(&r, &params.list[i])) return false;
    for (int i = 0; i < r.n; i++)
        if (r.fields[i].not_null && in.row.values[i].kind == V_NULL)
            return fail(c, E_BAD_QUERY, "the parameter %s is needed", r.fields[i].name.p);
    call->input = in.row;
    call->given = in.given;
    return true;
}
