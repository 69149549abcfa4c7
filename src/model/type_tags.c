/* Several short texts in one field, such as a customer's tags: a set in the
 * order it was given, kept as the text of a JSON array. Tags are lower-case
 * (in ASCII) and have no quotes, commas or backslashes, so that the text of
 * one stands in it as it is.
 *
 * The search table has one word for each tag of an organization besides: lists
 * by tag come from there. */
#include "base/words.h"
#include "model/ctx.h"

#define TAGS_MAX    20
#define TAG_LENGTH  40
#define TAG_REFUSED "\"\\,"

/* The next tag of a stored text, p NULL at the end. */
static Str tag_next(Str *rest) {
    Str tag;
    str_cut(*rest, '"', rest);
    if (!rest->p) return STR_NONE;
    tag = str_cut(*rest, '"', rest);
    return tag;
}

static bool tag_in(Str text, Str tag) {
    for (Str at = tag_next(&text); at.p; at = tag_next(&text))
        if (str_eq(at, tag)) return true;
    return false;
}

typedef struct {
    Ctx *c;
    Problem *problem;
    Buf text; /* a JSON array, as yet without its end */
    int n;
} Tags;

static bool tag_refused(Tags *t, Str tag) {
    bool plain = tag.n > 0;
    for (size_t i = 0; i < tag.n; i++) {
        unsigned char u = (unsigned char)tag.p[i];
        bool c1 = u == 0xc2 && i + 1 < tag.n && (unsigned char)tag.p[i + 1] < 0xa0;
        plain = plain && u >= 0x20 && u != 0x7f && !c1 && !strchr(TAG_REFUSED, u);
    }
    if (!str_utf8_valid(tag)) return !problem_set(t->c, t->problem, "encoding", "is not valid UTF-8");
    if (!plain)
        return !problem_set(t->c, t->problem, "characters",
                            "must have tags without quotes, commas, backslashes and control characters");
    if (str_utf8_length(tag) > TAG_LENGTH)
        return !problem_set(t->c, t->problem, "max_length", "must have tags of at most %d characters", TAG_LENGTH);
    return false;
}

static bool tag_add(Tags *t, Str given) {
    Str tag = str_trim(given);
    if (tag_refused(t, tag)) return false;
    char *lower = arena_c_str(t->c->arena, tag);
    for (size_t i = 0; i < tag.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] | 0x20);
    tag.p = lower;
    if (tag_in(buf_view(&t->text), tag)) return true;
    if (++t->n > TAGS_MAX) return problem_set(t->c, t->problem, "max_items", "must have at most %d tags", TAGS_MAX);
    buf_fmt(&t->text, "%s\"%.*s\"", t->n == 1 ? "[" : ",", STR_ARG(tag));
    return true;
}

static bool tags_end(Tags *t, bool ok, Value *out) {
    buf_char(&t->text, ']');
    *out = ok && t->n ? value_text(arena_str(t->c->arena, buf_view(&t->text))) : VALUE_NULL;
    buf_free(&t->text);
    return ok;
}

static bool tags_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    Tags t = {.c = c, .problem = p};
    bool ok = true;
    for (Str rest = str_trim(in); ok && rest.n;) ok = tag_add(&t, str_cut(rest, ',', &rest));
    return tags_end(&t, ok, out);
}

static bool tags_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    if (json_is_string(in)) return type_from_json_string(c, f, in, out, p);
    if (!json_is_array(in)) return problem_set(c, p, "type", "must be an array of texts");
    Tags t = {.c = c, .problem = p};
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(in); i++) {
        const json_t *tag = json_array_get(in, i);
        ok = json_is_string(tag) ? tag_add(&t, (Str){json_string_value(tag), json_string_length(tag)})
                                 : problem_set(c, p, "type", "must be an array of texts");
    }
    return tags_end(&t, ok, out);
}

static void tags_to_json(Json *j, const Value *v) { js_raw(j, v->kind == V_NULL ? S("[]") : v->s); }

static void tags_to_text(Buf *b, const Value *v) {
    size_t from = b->n;
    Str rest = v->kind == V_NULL ? STR_NONE : v->s;
    for (Str tag = tag_next(&rest); tag.p; tag = tag_next(&rest)) {
        if (b->n > from) buf_char(b, ',');
        buf_str(b, tag);
    }
}

static bool tags_have(const Value *stored, const Value *asked) {
    Str rest = asked->s;
    for (Str tag = tag_next(&rest); tag.p; tag = tag_next(&rest))
        if (!tag_in(stored->s, tag)) return false;
    return true;
}

static void tags_words(Buf *b, int64_t organization_id, const Value *v, const char *between) {
    size_t from = b->n;
    Str rest = v->s;
    for (Str tag = tag_next(&rest); tag.p; tag = tag_next(&rest)) {
        if (b->n > from) buf_c(b, between);
        buf_fmt(b, SEARCH_WHOLE "%lldx", (long long)organization_id);
        for (size_t i = 0; i < tag.n; i++) buf_fmt(b, "%02x", (unsigned)(unsigned char)tag.p[i]);
    }
}

static void tags_parts(const Value *v, void (*each)(void *arg, Str part), void *arg) {
    Str rest = v->s;
    for (Str tag = tag_next(&rest); tag.p; tag = tag_next(&rest)) each(arg, (Str){tag.p - 1, tag.n + 2});
}

const FieldType T_TAGS = {
    .name = "tags", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_MANY,
    .from_json = tags_from_json, .from_text = tags_from_text,
    .to_json = tags_to_json, .to_text = tags_to_text,
    .has = tags_have, .words = tags_words,
    .words_sql = "(SELECT group_concat('" SEARCH_WHOLE "' || organization_id || 'x' || lower(hex(value)), ' ') FROM json_each(?))",
    .parts = tags_parts,
    .schema = "\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":40},\"maxItems\":20",
    .example = "[\"key account\",\"export\"]", .widget = "tags",
};
