/* The field types whose values are integers: ids and references, whole
 * numbers, booleans, and exact decimals scaled by 10^4. */
#include <math.h>

#include "model/ctx.h"

#define KEY_MAX 255
#define DOUBLE_DIGITS 15
/* Up to here 15 digits reach to the fourth decimal place. */
#define FOUR_PLACES_BELOW 1e11
#define EXACT_DOUBLE 9007199254740992.0 /* 2^53 */

static void int_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_int(j, v->i);
}

static void int_to_text(Buf *b, const Value *v) {
    if (v->kind != V_NULL) buf_int(b, v->i);
}

static bool id_problem(Ctx *c, Problem *p) {
    return problem_set(c, p, "type", "must be an id: a whole number above 0");
}

static bool id_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    int64_t id;
    if (!str_to_int(str_trim(in), &id) || id <= 0) return id_problem(c, p);
    *out = value_int(id);
    return true;
}

static bool id_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    (void)f;
    if (!json_is_integer(in) || json_integer_value(in) <= 0) return id_problem(c, p);
    *out = value_int(json_integer_value(in));
    return true;
}

/* A sign or a leading zero makes no number of a key: "007" is the key of
 * something, and so is a number beyond every id. */
static bool looks_like_id(Str s) {
    int64_t id;
    return s.n > 0 && s.p[0] != '0' && str_to_int(s, &id) && id > 0;
}

bool type_ref_from_key(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    Str s = str_trim(in);
    if (looks_like_id(s) || !f->ref || !f->ref->resource->key)
        return f->type->from_text(c, f, s, out, p);
    const char *singular = f->ref->resource->singular;
    if (s.n == 0 || s.n > KEY_MAX || !str_utf8_valid(s))
        return problem_set(c, p, "type", "must be the id or the %s of a %s",
                           f->ref->resource->key, singular ? singular : "record");
    *out = value_text(s);
    return true;
}

static bool ref_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    if (!json_is_string(in)) return id_from_json(c, f, in, out, p);
    return type_ref_from_key(c, f, (Str){json_string_value(in), json_string_length(in)}, out, p);
}

static bool int_problem(Ctx *c, Problem *p) {
    return problem_set(c, p, "type", "must be a whole number");
}

static bool int_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    int64_t v;
    if (!str_to_int(str_trim(in), &v)) return int_problem(c, p);
    *out = value_int(v);
    return true;
}

/* 5.0 is a whole number to JSON Schema, and what some languages print for 5. */
static bool int_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    (void)f;
    if (json_is_integer(in)) {
        *out = value_int(json_integer_value(in));
        return true;
    }
    double v = json_is_real(in) ? json_real_value(in) : 0.5;
    if (v != floor(v) || fabs(v) > EXACT_DOUBLE) return int_problem(c, p);
    *out = value_int((int64_t)v);
    return true;
}

static bool bool_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true}, {"false", false}, {"1", true},
                 {"0", false},   {"yes", true},    {"no", false}};
    Str s = str_trim(in);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_ieq(s, str_of(words[i].word))) continue;
        *out = value_int(words[i].value);
        return true;
    }
    return problem_set(c, p, "type", "must be true or false");
}

static bool bool_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    (void)f;
    if (!json_is_boolean(in)) return problem_set(c, p, "type", "must be true or false");
    *out = value_int(json_is_true(in));
    return true;
}

static void bool_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_bool(j, v->i != 0);
}

static void bool_to_text(Buf *b, const Value *v) {
    if (v->kind != V_NULL) buf_c(b, v->i != 0 ? "true" : "false");
}

static bool decimal_set(Ctx *c, DecimalStatus status, Value *out, Problem *p) {
    switch (status) {
    case DECIMAL_OK: out->kind = V_INT; out->s = STR_NONE; return true;
    case DECIMAL_TOO_PRECISE:
        return problem_set(c, p, "too_precise", "has more than %d decimals", DECIMAL_PLACES);
    case DECIMAL_RANGE:
        return problem_set(c, p, "range", "must lie between -922337203685477.5807 and "
                                          "922337203685477.5807");
    case DECIMAL_SYNTAX: break;
    }
    return problem_set(c, p, "type", "must be a number like 12.5");
}

static bool decimal_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    return decimal_set(c, decimal_parse(str_trim(in), &out->i), out, p);
}

static bool decimal_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out,
                              Problem *p) {
    if (json_is_string(in)) return type_from_json_string(c, f, in, out, p);
    if (json_is_integer(in))
        return decimal_set(c, decimal_from_int(json_integer_value(in), &out->i), out, p);
    if (!json_is_real(in)) return decimal_set(c, DECIMAL_SYNTAX, out, p);
    double v = json_real_value(in);
    DecimalStatus status = decimal_from_double(v, &out->i);
    if (status == DECIMAL_TOO_PRECISE && fabs(v) >= FOUR_PLACES_BELOW)
        return problem_set(c, p, "too_precise",
                           "has more than %d digits; write it as a string: \"123456789012.5\"",
                           DOUBLE_DIGITS);
    return decimal_set(c, status, out, p);
}

static void decimal_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_decimal(j, v->i);
}

static void decimal_to_text(Buf *b, const Value *v) {
    char text[DECIMAL_TEXT_MAX];
    if (v->kind != V_NULL) buf_add(b, text, decimal_format(v->i, text));
}

#define ID_SCHEMA "\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1"
#define DECIMAL_SCHEMA "\"type\":\"number\",\"format\":\"decimal\""

const FieldType T_ID = {
    .name = "id", .sqlite = "INTEGER", .postgres = "bigint",
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = id_from_json, .from_text = id_from_text,
    .to_json = int_to_json, .to_text = int_to_text,
    .schema = ID_SCHEMA, .example = "7", .widget = "id",
};

const FieldType T_REF = {
    .name = "reference", .sqlite = "INTEGER", .postgres = "bigint",
    .operators = OPS_EQUAL,
    .from_json = ref_from_json, .from_text = id_from_text,
    .to_json = int_to_json, .to_text = int_to_text,
    .schema = ID_SCHEMA, .example = "3", .widget = "reference",
};

const FieldType T_INT = {
    .name = "integer", .sqlite = "INTEGER", .postgres = "bigint",
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = int_from_json, .from_text = int_from_text,
    .to_json = int_to_json, .to_text = int_to_text,
    .schema = "\"type\":\"integer\",\"format\":\"int64\"", .example = "10", .widget = "integer",
};

const FieldType T_BOOL = {
    .name = "boolean", .sqlite = "INTEGER", .postgres = "boolean",
    .operators = OPS_EQUAL,
    .from_json = bool_from_json, .from_text = bool_from_text,
    .to_json = bool_to_json, .to_text = bool_to_text,
    .schema = "\"type\":\"boolean\"", .example = "true", .widget = "checkbox",
};

const FieldType T_MONEY = {
    .name = "money", .sqlite = "INTEGER", .postgres = "numeric(19,4)", .decimal = true,
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = decimal_from_json, .from_text = decimal_from_text,
    .to_json = decimal_to_json, .to_text = decimal_to_text,
    .schema = DECIMAL_SCHEMA, .example = "149.9", .widget = "money",
};

const FieldType T_QUANTITY = {
    .name = "quantity", .sqlite = "INTEGER", .postgres = "numeric(19,4)", .decimal = true,
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = decimal_from_json, .from_text = decimal_from_text,
    .to_json = decimal_to_json, .to_text = decimal_to_text,
    .schema = DECIMAL_SCHEMA, .example = "12.5", .widget = "quantity",
};

const FieldType T_PERCENT = {
    .name = "percent", .sqlite = "INTEGER", .postgres = "numeric(19,4)", .decimal = true,
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = decimal_from_json, .from_text = decimal_from_text,
    .to_json = decimal_to_json, .to_text = decimal_to_text,
    .schema = DECIMAL_SCHEMA, .example = "18", .widget = "percent",
};
