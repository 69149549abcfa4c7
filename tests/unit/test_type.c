/* Field types: which values each accepts, how it stores and prints them, and
 * what it says about the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "model/ctx.h"

static Arena arena;
static Ctx ctx;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, (size_t)16 << 20);
    ctx = (Ctx){.arena = &arena};
    error_init(&ctx.err, &arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const Choice states[] = {{"draft"}, {"in_progress"}, {"done", "finished"}, {0}};
static const Resource products = {.name = "products", .singular = "product", .key = "sku"};
static const Resource users = {.name = "users", .singular = "user"};
static const Model product_model = {.resource = &products}, user_model = {.resource = &users};

static const Field decl = {"field", NULL, 0, .choices = states};

static ModelField field(const FieldType *type) {
    return (ModelField){.decl = &decl, .type = type, .name = str_of("field")};
}

static json_t *parsed(const char *json) {
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    if (!value) print_error("the test's own JSON is wrong: %s\n", json);
    assert_non_null(value);
    return value;
}

static void assert_printed(const ModelField *f, const Value *v, const char *json) {
    Buf out = {0};
    Json j = js_to(&out);
    f->type->to_json(&j, v);
    assert_string_equal(buf_c_str(&out), json);
    buf_free(&out);
}

static void accepts(const ModelField *f, const char *in, const char *out) {
    json_t *value = parsed(in);
    Problem problem = {0};
    Value v = {0};
    if (!f->type->from_json(&ctx, f, value, &v, &problem))
        print_error("%s: %.*s\n", in, STR_ARG(problem.message));
    assert_null(problem.code);
    assert_printed(f, &v, out);
    json_decref(value);
}

static void refuses(const ModelField *f, const char *in, const char *code) {
    json_t *value = parsed(in);
    Problem problem = {0};
    Value v = {0};
    if (f->type->from_json(&ctx, f, value, &v, &problem)) print_error("accepted: %s\n", in);
    assert_non_null(problem.code);
    assert_string_equal(problem.code, code);
    assert_true(problem.message.n > 0);
    json_decref(value);
}

static void reads(const ModelField *f, const char *in, const char *out) {
    Problem problem = {0};
    Value v = {0};
    Buf text = {0};
    if (!f->type->from_text(&ctx, f, str_of(in), &v, &problem))
        print_error("%s: %.*s\n", in, STR_ARG(problem.message));
    assert_null(problem.code);
    f->type->to_text(&text, &v);
    assert_string_equal(buf_c_str(&text), out);
    buf_free(&text);
}

static void misreads(const ModelField *f, const char *in, const char *code) {
    Problem problem = {0};
    Value v = {0};
    if (f->type->from_text(&ctx, f, str_of(in), &v, &problem)) print_error("accepted: %s\n", in);
    assert_non_null(problem.code);
    assert_string_equal(problem.code, code);
}

static void text_is_trimmed_and_free_of_control_characters(void **state) {
    (void)state;
    ModelField f = field(&T_TEXT);
    accepts(&f, "\"  Blue cotton \"", "\"Blue cotton\"");
    accepts(&f, "\"Größe 38 – 中\"", "\"Größe 38 – 中\"");
    accepts(&f, "\"\"", "null");
    accepts(&f, "\" \\t\"", "null");
    refuses(&f, "\"a\\nb\"", "characters");
    refuses(&f, "\"a\\u0001b\"", "characters");
    refuses(&f, "\"a\\u007fb\"", "characters");
    refuses(&f, "\"a\\u0085b\"", "characters");
    accepts(&f, "\"a\\u00a0b\"", "\"a\u00a0b\"");
    refuses(&f, "12", "type");
    refuses(&f, "[\"a\"]", "type");
    misreads(&f, "\xff\xfe", "encoding");
    misreads(&f, "a\xc2", "encoding");
    f.flags = F_REQUIRED;
    refuses(&f, "\"  \"", "required");
}

static void text_length_counts_characters(void **state) {
    (void)state;
    ModelField f = field(&T_TEXT);
    char text[600];
    f.max_length = 3;
    accepts(&f, "\"äöü\"", "\"äöü\"");
    refuses(&f, "\"äöüa\"", "max_length");
    f.max_length = 0;
    memset(text, 'x', sizeof text);
    text[255] = '\0';
    reads(&f, text, text);
    text[255] = 'x';
    text[256] = '\0';
    misreads(&f, text, "max_length");
    ModelField number = field(&T_NUMBER);
    text[65] = '\0';
    misreads(&number, text, "max_length");
    text[64] = '\0';
    reads(&number, text, text);
}

static void long_text_keeps_its_lines(void **state) {
    (void)state;
    ModelField f = field(&T_LONG_TEXT);
    accepts(&f, "\"one\\n\\ttwo\\n\"", "\"one\\n\\ttwo\"");
    accepts(&f, "\"one\\r\\ntwo\"", "\"one\\ntwo\"");
    refuses(&f, "\"one\\rtwo\"", "characters");
    refuses(&f, "\"one\\u000btwo\"", "characters");
}

static void an_address_is_lower_case_and_plausible(void **state) {
    (void)state;
    ModelField f = field(&T_EMAIL);
    accepts(&f, "\" Ann.Lee+po@Example.COM \"", "\"ann.lee+po@example.com\"");
    accepts(&f, "\"ann@bücher.example\"", "\"ann@bücher.example\"");
    accepts(&f, "\"\"", "null");
    static const char *const bad[] = {
        "\"ann\"", "\"ann@\"", "\"@example.com\"", "\"ann@example\"", "\"a b@example.com\"",
        "\"a@b@example.com\"", "\"ann@example..com\"", "\"ann@-example.com\"", "\"ann@.com\"",
        "\"<ann@example.com>\"", "\"ann@example.com,bob@example.com\"", "\".ann@example.com\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuses(&f, bad[i], "email");
    refuses(&f, "\"ann\\n@example.com\"", "characters");
    refuses(&f, "7", "type");
}

static void a_choice_is_taken_in_any_spelling_and_printed_in_one(void **state) {
    (void)state;
    ModelField f = field(&T_ENUM);
    accepts(&f, "\"draft\"", "\"draft\"");
    accepts(&f, "\"In Progress\"", "\"in_progress\"");
    accepts(&f, "\"IN-PROGRESS\"", "\"in_progress\"");
    accepts(&f, "\"Finished\"", "\"done\"");
    refuses(&f, "\"open\"", "choice");
    refuses(&f, "\"\"", "choice");
    refuses(&f, "1", "choice");
    Problem problem = {0};
    Value v;
    T_ENUM.from_text(&ctx, &f, S("open"), &v, &problem);
    assert_string_equal(problem.message.p, "must be one of draft, in_progress, done");
}

static void ids_are_whole_numbers_above_zero(void **state) {
    (void)state;
    ModelField f = field(&T_ID);
    accepts(&f, "7", "7");
    accepts(&f, "9223372036854775807", "9223372036854775807");
    static const char *const bad[] = {"0", "-1", "7.0", "\"7\"", "true", "{}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuses(&f, bad[i], "type");
    reads(&f, " 7 ", "7");
    static const char *const bad_text[] = {"", "0", "-7", "7a", "9223372036854775808"};
    for (size_t i = 0; i < sizeof bad_text / sizeof *bad_text; i++)
        misreads(&f, bad_text[i], "type");
}

static void a_reference_takes_a_key_where_there_is_one(void **state) {
    (void)state;
    ModelField f = field(&T_REF);
    f.ref = &product_model;
    json_t *key = parsed("\" COT-20 \""), *zeros = parsed("\"0815\"");
    Problem problem = {0};
    Value v;
    accepts(&f, "7", "7");
    accepts(&f, "\"7\"", "7");
    assert_true(T_REF.from_json(&ctx, &f, key, &v, &problem));
    assert_int_equal(v.kind, V_TEXT);
    assert_true(str_is(v.s, "COT-20"));
    assert_true(T_REF.from_json(&ctx, &f, zeros, &v, &problem));
    assert_int_equal(v.kind, V_TEXT);
    refuses(&f, "\"\"", "type");
    refuses(&f, "-7", "type");
    misreads(&f, "COT-20", "type"); /* a filter wants the id */
    f.ref = &user_model;
    accepts(&f, "\"7\"", "7");
    refuses(&f, "\"ann\"", "type");
    json_decref(key);
    json_decref(zeros);
}

static void whole_numbers_are_whole(void **state) {
    (void)state;
    ModelField f = field(&T_INT);
    accepts(&f, "-5", "-5");
    accepts(&f, "5.0", "5");
    refuses(&f, "5.5", "type");
    refuses(&f, "1e300", "type");
    refuses(&f, "\"5\"", "type");
    refuses(&f, "true", "type");
    reads(&f, "-5", "-5");
    misreads(&f, "5.0", "type");
}

static void truth_has_its_words(void **state) {
    (void)state;
    ModelField f = field(&T_BOOL);
    accepts(&f, "true", "true");
    accepts(&f, "false", "false");
    refuses(&f, "1", "type");
    refuses(&f, "\"true\"", "type");
    reads(&f, "Yes", "true");
    reads(&f, "0", "false");
    misreads(&f, "on", "type");
}

static void decimals_are_exact_or_refused(void **state) {
    (void)state;
    ModelField f = field(&T_MONEY);
    accepts(&f, "12.5", "12.5");
    accepts(&f, "\"12.5000\"", "12.5");
    accepts(&f, "0.1", "0.1");
    accepts(&f, "100", "100");
    accepts(&f, "-0.0001", "-0.0001");
    accepts(&f, "\"922337203685477.5807\"", "922337203685477.5807");
    refuses(&f, "0.00001", "too_precise");
    refuses(&f, "\"0.00001\"", "too_precise");
    refuses(&f, "922337203685478", "range");
    refuses(&f, "1e30", "range");
    refuses(&f, "\"12,50\"", "type");
    refuses(&f, "\"\"", "type");
    refuses(&f, "true", "type");
    reads(&f, "149.90", "149.9");
    misreads(&f, "1e3", "type");
}

static void a_number_that_json_blurs_is_wanted_as_a_string(void **state) {
    (void)state;
    ModelField f = field(&T_QUANTITY);
    json_t *blurred = parsed("123456789012345.67"), *fine = parsed("1.23456");
    Problem problem = {0};
    Value v;
    assert_false(T_QUANTITY.from_json(&ctx, &f, blurred, &v, &problem));
    assert_string_equal(problem.code, "too_precise");
    assert_non_null(strstr(problem.message.p, "write it as a string"));
    assert_false(T_QUANTITY.from_json(&ctx, &f, fine, &v, &problem));
    assert_string_equal(problem.message.p, "has more than 4 decimals");
    json_decref(blurred);
    json_decref(fine);
}

static void dates_exist(void **state) {
    (void)state;
    ModelField f = field(&T_DATE);
    accepts(&f, "\"2024-02-29\"", "\"2024-02-29\"");
    static const char *const bad[] = {"\"2026-02-29\"", "\"2026-1-5\"", "\"15.01.2026\"", "\"\"",
                                      "\"2026-01-15T08:30:00Z\"", "20260115"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuses(&f, bad[i], "type");
}

static void instants_are_kept_in_utc(void **state) {
    (void)state;
    ModelField f = field(&T_TIME);
    accepts(&f, "\"2026-01-15T08:30:00Z\"", "\"2026-01-15T08:30:00Z\"");
    accepts(&f, "\"2026-01-15T08:30:00.250+02:00\"", "\"2026-01-15T06:30:00Z\"");
    refuses(&f, "\"2026-01-15\"", "type");
    refuses(&f, "\"2026-01-15T25:00:00Z\"", "type");
    refuses(&f, "1768465800", "type");
    reads(&f, "2026-01-15", "2026-01-15T00:00:00Z");
    misreads(&f, "yesterday", "type");
}

static void settings_are_kept_as_compact_json(void **state) {
    (void)state;
    ModelField f = field(&T_JSON);
    accepts(&f, "{ \"b\": [1, 0.1, -2.5e-7, true, null, \"ä\\n\\\"\"], \"a\": {} }",
            "{\"b\":[1,0.1,-2.5e-07,true,null,\"ä\\n\\\"\"],\"a\":{}}");
    accepts(&f, "[]", "[]");
    accepts(&f, "[0.30000000000000004]", "[0.30000000000000004]");
    refuses(&f, "\"{}\"", "type");
    refuses(&f, "3", "type");
    accepts(&f, "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]");
    refuses(&f, "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "too_deep");
    reads(&f, "{\"a\": 1}", "{\"a\":1}");
    misreads(&f, "{\"a\": 1, \"a\": 2}", "type");
    misreads(&f, "{a}", "type");
    char text[17000];
    memset(text, ' ', sizeof text);
    memset(text + 1, 'x', sizeof text - 4);
    text[0] = '"', text[sizeof text - 3] = '"', text[sizeof text - 2] = '\0';
    json_t *large = json_pack("[o]", parsed(text));
    Problem problem = {0};
    Value v;
    assert_false(T_JSON.from_json(&ctx, &f, large, &v, &problem));
    assert_string_equal(problem.code, "too_large");
    json_decref(large);
}

static void zones_are_those_of_the_tz_database(void **state) {
    (void)state;
    ModelField f = field(&T_ZONE);
    accepts(&f, "\"Europe/Berlin\"", "\"Europe/Berlin\"");
    accepts(&f, "\"UTC\"", "\"UTC\"");
    refuses(&f, "\"Europe/Atlantis\"", "zone");
    refuses(&f, "\"../../etc/passwd\"", "zone");
    refuses(&f, "5", "type");
}

static void nothing_prints_as_null(void **state) {
    (void)state;
    static const FieldType *const types[] = {
        &T_ID,    &T_REF,      &T_TEXT,    &T_LONG_TEXT, &T_NUMBER, &T_EMAIL, &T_INT,  &T_BOOL,
        &T_MONEY, &T_QUANTITY, &T_PERCENT, &T_DATE,      &T_TIME,   &T_ENUM,  &T_JSON, &T_ZONE,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        ModelField f = field(types[i]);
        Buf text = {0};
        Value v = VALUE_NULL;
        assert_printed(&f, &v, "null");
        f.type->to_text(&text, &v);
        assert_int_equal(text.n, 0);
        buf_free(&text);
    }
}

/* What documentation shows as an example is a value of the type. */
static void examples_are_accepted(void **state) {
    (void)state;
    static const FieldType *const types[] = {
        &T_ID,      &T_REF,  &T_TEXT, &T_LONG_TEXT, &T_NUMBER,   &T_EMAIL, &T_INT,
        &T_BOOL,    &T_DATE, &T_TIME, &T_ENUM,      &T_QUANTITY, &T_MONEY, &T_PERCENT,
        &T_JSON,    &T_ZONE,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        ModelField f = field(types[i]);
        accepts(&f, types[i]->example, types[i]->example);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        EACH(text_is_trimmed_and_free_of_control_characters),
        EACH(text_length_counts_characters),
        EACH(long_text_keeps_its_lines),
        EACH(an_address_is_lower_case_and_plausible),
        EACH(a_choice_is_taken_in_any_spelling_and_printed_in_one),
        EACH(ids_are_whole_numbers_above_zero),
        EACH(a_reference_takes_a_key_where_there_is_one),
        EACH(whole_numbers_are_whole),
        EACH(truth_has_its_words),
        EACH(decimals_are_exact_or_refused),
        EACH(a_number_that_json_blurs_is_wanted_as_a_string),
        EACH(dates_exist),
        EACH(instants_are_kept_in_utc),
        EACH(settings_are_kept_as_compact_json),
        EACH(zones_are_those_of_the_tz_database),
        EACH(nothing_prints_as_null),
        EACH(examples_are_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
