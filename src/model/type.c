/* The field types whose values are text: free text, document numbers, e-mail
 * addresses, choices, time zones, dates and instants; and what all types share.
 * Numbers are in type_number.c, JSON in type_json.c.
 *
 * Text is valid UTF-8, trimmed and free of control characters; what is empty
 * then is null. Dates and instants are kept as canonical text, so that text
 * order is time order. Values point into the input where nothing had to be
 * changed. */
#include "model/ctx.h"

#define TEXT_MAX 255
#define LONG_TEXT_MAX 10000
#define NUMBER_MAX 64
#define EMAIL_LOCAL_MAX 64
#define ZONE_MAX 64

bool problem_set(Ctx *c, Problem *p, const char *code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *p = (Problem){code, arena_vfmt(c->arena, format, args)};
    va_end(args);
    return false;
}

bool type_from_json_string(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    if (!json_is_string(in)) return problem_set(c, p, "type", "must be a text");
    Str text = {json_string_value(in), json_string_length(in)};
    return f->type->from_text(c, f, text, out, p);
}

void type_text_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_str(j, v->s);
}

void type_text_to_text(Buf *b, const Value *v) {
    if (v->kind != V_NULL) buf_str(b, v->s);
}

/* For what the program itself wrote: canonical choices, dates, zones. */
static void plain_to_json(Json *j, const Value *v) {
    if (v->kind == V_NULL)
        js_null(j);
    else
        js_plain(j, v->s);
}

/* Where the first control character is (C0, DEL, C1), s.n when there is none. */
static size_t control_at(Str s, bool lines) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char u = (unsigned char)s.p[i];
        if (u >= 0x20 && u < 0x7f) continue;
        if (lines && (u == '\n' || u == '\t')) continue;
        bool c1 = u == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0;
        if (u < 0x80 || c1) return i;
    }
    return s.n;
}

/* Windows line ends become plain ones; a lone carriage return stays, and is
 * refused as the control character it is. */
static Str unix_lines(Arena *a, Str s) {
    if (s.n == 0 || !memchr(s.p, '\r', s.n)) return s;
    char *p = arena_c_str(a, s);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n') p[n++] = s.p[i];
    return (Str){p, n};
}

static bool text_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    bool lines = f->type->multiline;
    Str s = str_trim(in);
    if (lines) s = unix_lines(c->arena, s);
    if (s.n == 0) {
        *out = VALUE_NULL;
        if (f->flags & F_REQUIRED) return problem_set(c, p, "required", "must not be empty");
        return true;
    }
    if (!str_utf8_valid(s)) return problem_set(c, p, "encoding", "is not valid UTF-8");
    if (control_at(s, lines) < s.n)
        return problem_set(c, p, "characters", "must not contain control characters%s",
                           lines ? " other than tabs and line breaks" : "");
    int by_type = f->type->max_length > 0 ? f->type->max_length : TEXT_MAX;
    size_t max = (size_t)(f->max_length > 0 ? f->max_length : by_type);
    if (s.n > max && str_utf8_length(s) > max)
        return problem_set(c, p, "max_length", "must have at most %zu characters", max);
    *out = value_text(s);
    return true;
}

/* Labels of letters, digits and hyphens (or beyond ASCII), at least two. */
static bool domain_sane(Str domain) {
    int labels = 0;
    while (domain.p) {
        Str label = str_cut(domain, '.', &domain);
        if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-') return false;
        for (size_t i = 0; i < label.n; i++) {
            unsigned char u = (unsigned char)label.p[i], letter = u | 0x20;
            bool ok = u >= 0x80 || u == '-' || (u >= '0' && u <= '9') ||
                      (letter >= 'a' && letter <= 'z');
            if (!ok) return false;
        }
        labels++;
    }
    return labels >= 2;
}

static bool local_sane(Str local) {
    if (local.n == 0 || local.n > EMAIL_LOCAL_MAX) return false;
    if (local.p[0] == '.' || local.p[local.n - 1] == '.') return false;
    for (size_t i = 0; i < local.n; i++)
        if (strchr(" \"(),:;<>[\\]", local.p[i])) return false;
    return true;
}

static bool email_sane(Str s) {
    Str domain, local = str_cut(s, '@', &domain);
    return domain.n > 0 && local_sane(local) && domain_sane(domain);
}

static Str lowered(Arena *a, Str s) {
    size_t i = 0;
    while (i < s.n && !(s.p[i] >= 'A' && s.p[i] <= 'Z')) i++;
    if (i == s.n) return s;
    char *p = arena_c_str(a, s);
    for (; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] | 0x20);
    return (Str){p, s.n};
}

static bool email_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    if (!text_from_text(c, f, in, out, p)) return false;
    if (out->kind == V_NULL) return true;
    if (!email_sane(out->s))
        return problem_set(c, p, "email", "must be an e-mail address like ann@example.com");
    out->s = lowered(c->arena, out->s);
    return true;
}

static bool choice_problem(Ctx *c, const ModelField *f, Problem *p) {
    Buf names = {0};
    for (const Choice *choice = f->decl->choices; choice->name; choice++) {
        if (names.n > 0) buf_str(&names, S(", "));
        buf_c(&names, choice->name);
    }
    problem_set(c, p, "choice", "must be one of %.*s", STR_ARG(buf_view(&names)));
    buf_free(&names);
    return false;
}

static bool enum_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    int i = choice_parse(f, str_trim(in));
    if (i < 0) return choice_problem(c, f, p);
    *out = value_text(str_of(f->decl->choices[i].name));
    return true;
}

static bool enum_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    if (!json_is_string(in)) return choice_problem(c, f, p);
    return type_from_json_string(c, f, in, out, p);
}

static bool zone_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    if (!text_from_text(c, f, in, out, p)) return false;
    if (out->kind == V_NULL) return true;
    if (out->s.n <= ZONE_MAX && zone_valid(arena_c_str(c->arena, out->s))) return true;
    return problem_set(c, p, "zone", "must be a time zone like Europe/Berlin or UTC");
}

static bool date_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    Str s = str_trim(in);
    if (!date_valid(s)) return problem_set(c, p, "type", "must be a date like 2026-01-15");
    *out = value_text(s);
    return true;
}

static bool date_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    if (json_is_string(in)) return type_from_json_string(c, f, in, out, p);
    return problem_set(c, p, "type", "must be a date like \"2026-01-15\"");
}

static bool instant_set(Ctx *c, int64_t t, Value *out) {
    char text[TIME_TEXT];
    time_format(t, text);
    *out = value_text(arena_str(c->arena, (Str){text, TIME_TEXT - 1}));
    return true;
}

/* In filters and files a plain date stands for its first second, in UTC. */
static bool time_from_text(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p) {
    (void)f;
    Str s = str_trim(in);
    int64_t t;
    if (date_valid(s)) s = arena_fmt(c->arena, "%.*sT00:00:00Z", STR_ARG(s));
    if (time_parse(s, &t)) return instant_set(c, t, out);
    return problem_set(c, p, "type", "must be a time like 2026-01-15T08:30:00Z");
}

static bool time_from_json(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p) {
    (void)f;
    int64_t t;
    if (json_is_string(in)) {
        Str s = {json_string_value(in), json_string_length(in)};
        if (time_parse(str_trim(s), &t)) return instant_set(c, t, out);
    }
    return problem_set(c, p, "type", "must be a time like \"2026-01-15T08:30:00Z\"");
}

const FieldType T_TEXT = {
    .name = "text", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = text_from_text,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\"", .example = "\"Cotton twill\"", .widget = "text",
};

const FieldType T_LONG_TEXT = {
    .name = "long_text", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = text_from_text, .max_length = LONG_TEXT_MAX, .multiline = true,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\"", .example = "\"Deliver to gate 2.\"", .widget = "textarea",
};

const FieldType T_NUMBER = {
    .name = "number", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = text_from_text, .max_length = NUMBER_MAX,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\"", .example = "\"PO-000042\"", .widget = "text",
};

const FieldType T_EMAIL = {
    .name = "email", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL | OPS_TEXT,
    .from_json = type_from_json_string, .from_text = email_from_text,
    .to_json = type_text_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"format\":\"email\"",
    .example = "\"ann@example.com\"", .widget = "email",
};

const FieldType T_ENUM = {
    .name = "enum", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL,
    .from_json = enum_from_json, .from_text = enum_from_text,
    .to_json = plain_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\"", .example = "\"draft\"", .widget = "select",
};

const FieldType T_ZONE = {
    .name = "zone", .sqlite = "TEXT", .postgres = "text COLLATE \"C\"",
    .operators = OPS_EQUAL,
    .from_json = type_from_json_string, .from_text = zone_from_text,
    .to_json = plain_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\"", .example = "\"Europe/Berlin\"", .widget = "zone",
};

const FieldType T_DATE = {
    .name = "date", .sqlite = "TEXT", .postgres = "date",
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = date_from_json, .from_text = date_from_text,
    .to_json = plain_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"format\":\"date\"",
    .example = "\"2026-01-15\"", .widget = "date",
};

const FieldType T_TIME = {
    .name = "time", .sqlite = "TEXT", .postgres = "timestamptz",
    .operators = OPS_EQUAL | OPS_RANGE,
    .from_json = time_from_json, .from_text = time_from_text,
    .to_json = plain_to_json, .to_text = type_text_to_text,
    .schema = "\"type\":\"string\",\"format\":\"date-time\"",
    .example = "\"2026-01-15T08:30:00Z\"", .widget = "datetime",
};

bool field_in_words(const ModelField *f) { return (f->flags & F_SEARCH) || f->type->words; }
