/* The types of free-form settings: a JSON object or array, or an object only,
 * kept as compact text, limited in size and depth. */
#include "model/ctx.h"

#define JSON_MAX ((size_t)16 << 10)
#define JSON_DEPTH_MAX 16
#define REAL_TEXT 32

/* The shortest text that reads back as the same number; jansson itself would
 * print 0.1 as 0.10000000000000001. */
static void real_write(Json *j, double v) {
    char text[REAL_TEXT];
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) break;
    }
    js_raw(j, (Str){text, (size_t)n});
}

static void scalar_write(Json *j, const json_t *in) {
    switch (json_typeof(in)) {
    case JSON_STRING: js_str(j, (Str){json_string_value(in), json_string_length(in)}); break;
    case JSON_INTEGER: js_int(j, json_integer_value(in)); break;
    case JSON_REAL: real_write(j, json_real_value(in)); break;
    case JSON_TRUE:
    case JSON_FALSE: js_bool(j, json_is_true(in)); break;
    default: js_null(j); break;
    }
}

static bool node_write(Json *j, const json_t *in, int depth);

static bool object_write(Json *j, const json_t *in, int depth) {
    /* jansson's iterator takes no const, but changes nothing. */
    json_t *object = (json_t *)(uintptr_t)in;
    bool ok = true;
    js_begin_object(j);
    for (void *at = json_object_iter(object); at && ok; at = json_object_iter_next(object, at)) {
        js_key(j, (Str){json_object_iter_key(at), json_object_iter_key_len(at)});
        ok = node_write(j, json_object_iter_value(at), depth + 1);
    }
    js_end_object(j);
    return ok;
}

static bool array_write(Json *j, const json_t *in, int depth) {
    bool ok = true;
    js_begin_array(j);
    for (size_t i = 0; ok && i < json_array_size(in); i++)
        ok = node_write(j, json_array_get(in, i), depth + 1);
    js_end_array(j);
    return ok;
}

static bool node_write(Json *j, const json_t *in, int depth) {
    if (depth > JSON_DEPTH_MAX) return false;
    if (json_is_object(in)) return object_write(j, in, depth);
    if (json_is_array(in)) return array_write(j, in, depth);
    scalar_write(j, in);
    return true;
}

static bool json_problem(Ctx *c, const ModelField *f, Problem *p) {
    return problem_set(c, p, "type", f->type == &T_OBJECT ? "must be a JSON object" : "must be a JSON object or array");
}

static bool json_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    bool fits = json_is_object(in) || (json_is_array(in) && f->type != &T_OBJECT);
    if (!fits) return json_problem(c, f, p);
    Buf text;
    buf_init(&text, 0, JSON_MAX);
    Json j = js_to(&text);
    bool shallow = node_write(&j, in, 1), small = !text.failed;
    if (shallow && small) *out = value_text(arena_str(c->arena, buf_view(&text)));
    buf_free(&text);
    if (!shallow)
        return problem_set(c, p, "too_deep", "must not be nested deeper than %d", JSON_DEPTH_MAX);
    if (!small) return problem_set(c, p, "too_large", "must be at most %zu bytes", JSON_MAX);
    return true;
}

static bool json_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    if (in.n > JSON_MAX)
        return problem_set(c, p, "too_large", "must be at most %zu bytes", JSON_MAX);
    json_t *parsed = json_loadb(in.n > 0 ? in.p : "", in.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = parsed ? json_from_json(c, f, parsed, out, p) : json_problem(c, f, p);
    json_decref(parsed);
    return ok;
}

static void json_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_raw(j, v->s);
}

const FieldType T_JSON = {
    .name = "json", .sqlite = "TEXT", .postgres = "json",
    .operators = 0,
    .from_json = json_from_json, .from_text = json_from_text,
    .to_json = json_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":[\"object\",\"array\"]", .example = "{}", .widget = "json",
};

const FieldType T_OBJECT = {
    .name = "object", .sqlite = "TEXT", .postgres = "json",
    .operators = 0,
    .from_json = json_from_json, .from_text = json_from_text,
    .to_json = json_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"object\"", .example = "{}", .widget = "json",
};
