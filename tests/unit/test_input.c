/* Reading bodies: every wrong member is named by its path, all at once, and
 * what is right becomes typed values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "model/write.h"

static const Field organization_fields[] = {{"name", &T_TEXT, F_REQUIRED}};
static const Resource organizations = {.name = "organizations", .singular = "organization",
                                       .flags = R_TENANT, FIELDS(organization_fields)};
static const Field user_fields[] = {{"username", &T_TEXT, F_REQUIRED}};
static const Resource users = {.name = "users", .singular = "user", .display = "username",
                               FIELDS(user_fields)};
static const Field product_fields[] = {{"sku", &T_TEXT, F_REQUIRED}, {"name", &T_TEXT, 0}};
static const Resource products = {.name = "products", .singular = "product", .display = "name",
                                  .key = "sku", FIELDS(product_fields)};
static const Field customer_fields[] = {{"name", &T_TEXT, F_REQUIRED}};
static const Resource customers = {.name = "customers", .singular = "customer",
                                   .display = "name", FIELDS(customer_fields)};

static const Choice states[] = {{"draft"}, {"confirmed"}, {0}};
static const Field line_fields[] = {
    {"product_id", &T_REF, 0, .ref = "products"},
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001"},
    {"amount", &T_MONEY, F_READONLY, .fallback = "0"},
};
static const Lines lines = {"line_items", "lines", "order_lines", "order_id",
                            LINE_FIELDS(line_fields), .max = 3};
static const Field order_fields[] = {
    {"number", &T_NUMBER, F_REQUIRED, .series = "SO-{seq:6}"},
    {"customer_id", &T_REF, 0, .ref = "customers", .also = "client,buyer"},
    {"customer_label", &T_TEXT, F_REQUIRED, .snapshot_of = "customer_id"},
    {"kind", &T_TEXT, F_REQUIRED | F_CREATE_ONLY},
    {"order_date", &T_DATE, F_REQUIRED, .min = "2000-01-01"},
    {"tax_rate", &T_PERCENT, 0, .fallback = "0", .min = "0", .max = "100"},
    {"notes", &T_LONG_TEXT, 0},
    {"total", &T_MONEY, F_READONLY, .fallback = "0"},
    {"secret_hash", &T_TEXT, F_READONLY | F_HIDDEN},
    {"status", &T_ENUM, F_READONLY, .choices = states, .fallback = "draft"},
};
static const Rename renames[] = {{"order_date", "placed_on"}};
static const Alias aliases[] = {{"orders-old", RENAMES(renames)}};

static const Field call_fields[] = {
    {"amount", &T_MONEY, F_REQUIRED, .min = "0.01"},
    {"product_id", &T_REF, 0, .ref = "products"},
    {"reason", &T_TEXT, 0, .also = "note", .max_length = 5},
};
static bool nothing(Ctx *c, Call *call) {
    (void)c, (void)call;
    return true;
}
static const Action actions[] = {{"refund", INPUT(call_fields), .run = nothing}};
static const Resource orders = {.name = "orders", .singular = "order", .lines = &lines,
                                FIELDS(order_fields), ALIASES(aliases), ACTIONS(actions),
                                .open_states = IN(0)};

static const Resource *const resources[] = {&organizations, &users, &products, &customers, &orders};

typedef struct {
    Registry *registry;
    App app;
    Arena arena;
    Ctx c;
    json_t *body;
    Input in;
} Made;

static int set_up(void **state) {
    Made *m = calloc(1, sizeof *m);
    Buf report = {0};
    m->registry = registry_new(resources, sizeof resources / sizeof *resources, &report);
    if (!m->registry) print_error("%s", buf_c_str(&report));
    assert_non_null(m->registry);
    buf_free(&report);
    m->app.registry = m->registry;
    arena_init(&m->arena, (size_t)16 << 20);
    ctx_init(&m->c, &m->app, &m->arena, NULL);
    *state = m;
    return 0;
}

static int tear_down(void **state) {
    Made *m = *state;
    json_decref(m->body);
    arena_free(&m->arena);
    registry_free(m->registry);
    free(m);
    return 0;
}

static const json_t *body(Made *m, const char *text) {
    json_decref(m->body);
    m->body = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!m->body) print_error("the test's own JSON is wrong: %s\n", text);
    assert_non_null(m->body);
    return m->body;
}

static bool read_as(Made *m, const char *path, InputKind kind, const char *text) {
    const View *v = registry_view(m->registry, str_of(path));
    error_clear(&m->c.err);
    bool ok = input_read(&m->c, v, body(m, text), kind, &m->in);
    assert_int_equal(ok, m->c.err.kind == E_NONE);
    return ok;
}

/* All issues as "path code", a line each, in order. */
static Str issues(Made *m) {
    Str all = S("");
    for (const Issue *i = m->c.err.issues; i; i = i->next)
        all = arena_fmt(&m->arena, "%.*s%.*s %s\n", STR_ARG(all), STR_ARG(i->field), i->code);
    return all;
}

static void finds(Made *m, InputKind kind, const char *text, const char *expected) {
    assert_false(read_as(m, "orders", kind, text));
    assert_int_equal(m->c.err.kind, E_INVALID);
    assert_string_equal(issues(m).p, expected);
}

static Value got(Made *m, const char *name) {
    return m->in.row.values[model_field(m->in.row.model, name)->index];
}

static bool given(Made *m, const char *name) {
    return set_has(&m->in.given, model_field(m->in.row.model, name)->index);
}

#define LEAST "\"customer\": 4, \"kind\": \"shop\", \"order_date\": \"2026-01-15\""

static void a_good_body_becomes_values(void **state) {
    Made *m = *state;
    assert_true(read_as(m, "orders", INPUT_CREATE,
                        "{" LEAST ", \"tax_rate\": 18, \"notes\": null, \"status\": \"Confirmed\","
                        "\"lines\": [{\"product\": \"COT-20\", \"quantity\": 2.5},"
                        "            {\"product_id\": 7, \"quantity\": \"1\"}]}"));
    assert_int_equal(got(m, "customer_id").i, 4);
    assert_int_equal(got(m, "tax_rate").i, 180000);
    assert_true(str_is(got(m, "order_date").s, "2026-01-15"));
    assert_true(given(m, "notes") && got(m, "notes").kind == V_NULL);
    assert_false(given(m, "number") || given(m, "total"));
    assert_int_equal(m->in.status, 1);
    assert_true(given(m, "status"));
    assert_true(m->in.lines_given);
    assert_int_equal(m->in.row.n_lines, 2);
    const Row *line = m->in.row.lines;
    assert_true(str_is(line[0].values[model_field(line->model, "product_id")->index].s, "COT-20"));
    assert_int_equal(line[1].values[model_field(line->model, "product_id")->index].i, 7);
    assert_int_equal(line[1].values[model_field(line->model, "quantity")->index].i, 10000);
}

static void every_wrong_member_is_named(void **state) {
    Made *m = *state;
    finds(m, INPUT_CREATE,
          "{\"customer\": \"Ann\", \"kind\": \" \", \"order_date\": \"1999-12-31\","
          " \"tax_rate\": 100.5, \"total\": 5, \"colour\": 1, \"status\": \"lost\", \"id\": 3,"
          " \"line_items\": [{\"quantity\": 0}, 5, {\"amount\": 2, \"x\": 1}]}",
          "customer type\nkind required\norder_date min\ntax_rate max\ntotal read_only\n"
          "colour unknown_field\nstatus choice\nid read_only\nline_items[0].quantity min\n"
          "line_items[1] type\nline_items[2].amount read_only\nline_items[2].x unknown_field\n"
          "line_items[2].quantity required\n");
    assert_string_equal(m->c.err.issues->next->next->message.p, "must be at least 2000-01-01");
}

static void what_is_required_must_be_there(void **state) {
    Made *m = *state;
    finds(m, INPUT_CREATE, "{}", "customer_label required\nkind required\norder_date required\n");
    finds(m, INPUT_REPLACE, "{\"customer_id\": 1}", "order_date required\n");
    assert_true(read_as(m, "orders", INPUT_PATCH, "{}"));
    assert_true(set_empty(&m->in.given));
    finds(m, INPUT_PATCH, "{\"order_date\": null, \"tax_rate\": null, \"notes\": null}",
          "order_date required\ntax_rate required\n");
    assert_false(read_as(m, "orders-old", INPUT_CREATE, "{\"customer\": 1, \"kind\": \"a\"}"));
    assert_string_equal(issues(m).p, "placed_on required\n");
}

static void what_is_set_once_stays(void **state) {
    Made *m = *state;
    assert_true(read_as(m, "orders", INPUT_CREATE, "{" LEAST "}"));
    finds(m, INPUT_PATCH, "{\"kind\": \"shop\"}", "kind read_only\n");
    finds(m, INPUT_REPLACE, "{" LEAST "}", "kind read_only\n");
}

static void one_field_under_two_names_is_refused(void **state) {
    Made *m = *state;
    finds(m, INPUT_PATCH, "{\"customer\": 1, \"customer_id\": 1, \"buyer\": 1}",
          "customer_id duplicate\nbuyer duplicate\n");
    finds(m, INPUT_PATCH, "{\"lines\": [], \"line_items\": []}", "line_items duplicate\n");
}

static void hidden_and_derived_members_are_not_taken(void **state) {
    Made *m = *state;
    finds(m, INPUT_PATCH, "{\"secret_hash\": \"x\", \"customer_name\": \"Ann\"}",
          "secret_hash unknown_field\ncustomer_name read_only\n");
    char text[400] = "{\"";
    memset(text + 2, 'x', 101);
    memcpy(text + 2 + 99, "ä\": 1}", sizeof "ä\": 1}");
    assert_false(read_as(m, "orders", INPUT_PATCH, text));
    assert_int_equal(m->c.err.issues->field.n, 99); /* cut, but not within a character */
}

static void lines_are_an_array_within_its_limit(void **state) {
    Made *m = *state;
    finds(m, INPUT_PATCH, "{\"lines\": {}}", "lines type\n");
    finds(m, INPUT_PATCH, "{\"lines\": null}", "lines type\n");
    finds(m, INPUT_PATCH, "{\"lines\": [{}, {}, {}, {}]}", "lines max_items\n");
    assert_true(read_as(m, "orders", INPUT_PATCH, "{\"lines\": []}"));
    assert_true(m->in.lines_given && m->in.row.n_lines == 0);
}

static void a_body_is_an_object(void **state) {
    Made *m = *state;
    assert_false(read_as(m, "orders", INPUT_PATCH, "[]"));
    assert_string_equal(m->c.err.detail.p, "a record must be a JSON object");
    assert_false(read_as(m, "orders", INPUT_PATCH, "{\"lines\": [{}]}"));
    assert_string_equal(issues(m).p, "lines[0].quantity required\n");
}

static void a_row_of_texts_is_read_alike(void **state) {
    Made *m = *state;
    const View *v = registry_view(m->registry, S("orders"));
    const Str names[] = {S("customer"), S("kind"), S("order_date"), S("tax_rate"), S("total")};
    const Str good[] = {S("4"), S("shop"), S("2026-01-15"), S("18.5"), S(" ")};
    const Str bad[] = {S("Ann"), S(""), S("soon"), S("-1"), S("5")};
    const ModelField *fields[5];
    for (int i = 0; i < 5; i++) fields[i] = map_get(&v->by_name, names[i]);
    assert_true(input_read_texts(&m->c, v, &(TextRow){names, good, fields, 5}, &m->in));
    assert_int_equal(got(m, "customer_id").i, 4);
    assert_int_equal(got(m, "tax_rate").i, 185000);
    assert_false(given(m, "total"));
    assert_false(input_read_texts(&m->c, v, &(TextRow){names, bad, fields, 5}, &m->in));
    assert_string_equal(issues(m).p, "customer type\norder_date type\ntax_rate min\n"
                                     "total read_only\nkind required\n");
}

static bool call_read(Made *m, Call *call, const char *text) {
    *call = (Call){.action = &actions[0]};
    error_clear(&m->c.err);
    return input_read_call(&m->c, text ? body(m, text) : NULL, call);
}

static void an_actions_body_is_read_by_its_own_fields(void **state) {
    Made *m = *state;
    Call call;
    assert_true(call_read(m, &call, "{\"amount\": 5, \"note\": \"torn\", \"product\": \"A-1\"}"));
    assert_int_equal(call_value(&call, "amount").i, 50000);
    assert_true(str_is(call_text(&call, "reason"), "torn"));
    assert_true(str_is(call_text(&call, "product_id"), "A-1"));
    assert_false(call_read(m, &call, "{\"amount\": 0, \"reason\": \"faulty\", \"x\": 1}"));
    assert_string_equal(issues(m).p, "amount min\nreason max_length\nx unknown_field\n");
    assert_false(call_read(m, &call, NULL));
    assert_string_equal(issues(m).p, "amount required\n");
    assert_false(call_read(m, &call, "[]"));
    assert_string_equal(m->c.err.detail.p, "the body must be a JSON object");
}

static bool ask(Made *m, Call *call, Params params) {
    *call = (Call){.action = &actions[0]};
    error_clear(&m->c.err);
    return input_read_params(&m->c, params, call);
}

#define PARAMS(...)                                                                                         \
    (Params) {                                                                                              \
        (const Param[]){__VA_ARGS__}, sizeof((const Param[]){__VA_ARGS__}) / sizeof(Param)                  \
    }

static void a_read_takes_its_fields_from_parameters(void **state) {
    Made *m = *state;
    Call call;
    assert_true(ask(m, &call, PARAMS({S("amount"), S("5")}, {S("note"), S("torn")}, {S("product"), S("7")})));
    assert_int_equal(call_value(&call, "amount").i, 50000);
    assert_int_equal(call_value(&call, "product_id").i, 7);
    assert_true(str_is(call_text(&call, "reason"), "torn"));
    static const struct {
        Param param;
        ErrorKind kind;
        const char *detail;
    } wrong[] = {
        {{S("amount"), S("much")}, E_BAD_QUERY, "amount must be a number like 12.5"},
        {{S("amount"), S("0")}, E_BAD_QUERY, "amount must be at least 0.01"},
        {{S("note"), S("faulty")}, E_BAD_QUERY, "note must have at most 5 characters"},
        {{S("x"), S("1")}, E_UNKNOWN_FIELD,
         "there is no parameter \"x\" here; there are: amount, product_id, reason"},
        {{S("reason"), S("torn")}, E_BAD_QUERY, "the parameter amount is needed"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(ask(m, &call, (Params){&wrong[i].param, 1}));
        assert_int_equal(m->c.err.kind, wrong[i].kind);
        assert_string_equal(m->c.err.detail.p, wrong[i].detail);
    }
    assert_false(ask(m, &call, PARAMS({S("reason"), S("a")}, {S("note"), S("b")})));
    assert_string_equal(m->c.err.detail.p, "reason is given more than once");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        EACH(a_good_body_becomes_values),
        EACH(every_wrong_member_is_named),
        EACH(what_is_required_must_be_there),
        EACH(what_is_set_once_stays),
        EACH(one_field_under_two_names_is_refused),
        EACH(hidden_and_derived_members_are_not_taken),
        EACH(lines_are_an_array_within_its_limit),
        EACH(a_body_is_an_object),
        EACH(a_row_of_texts_is_read_alike),
        EACH(an_actions_body_is_read_by_its_own_fields),
        EACH(a_read_takes_its_fields_from_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
