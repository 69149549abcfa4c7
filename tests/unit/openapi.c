/* The OpenAPI document says what the tables say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "api/api.h"
#include "api/request.h"

static const Field organization_fields[] = {{"name", &T_TEXT, F_REQUIRED}};
static const Resource organizations = {.name = "organizations",
                                       .singular = "organization",
                                       .flags = R_TENANT | R_SYSTEM | R_NO_CREATE,
                                       .display = "name",
                                       FIELDS(organization_fields)};

static const Field secret_fields[] = {{"word", &T_TEXT, F_REQUIRED}};
static const Resource secrets = {.name = "secrets", .flags = R_INTERNAL, FIELDS(secret_fields)};

static const Field user_fields[] = {{"username", &T_TEXT, F_REQUIRED | F_UNIQUE, .example = "maria"}};
static const Resource users = {.name = "users",
                               .singular = "user",
                               .flags = R_READ_ONLY,
                               .display = "username",
                               .key = "username",
                               FIELDS(user_fields)};

static const Choice states[] = {{"draft"}, {"sent"}, {"paid", "settled"}, {0}};
static const Field bill_fields[] = {
    {"number", &T_NUMBER, F_UNIQUE | F_SORT | F_FILTER | F_CREATE_ONLY, .series = "B-{year}-{seq:4}"},
    {"user_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "users"},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "draft"},
    {"amount", &T_MONEY, F_REQUIRED | F_SUM, .min = "200.5", .also = "sum,value"},
    {"short_name", &T_TEXT, F_SEARCH, .max_length = 6, .help = "for lists"},
    {"due_date", &T_DATE, F_FILTER | F_SORT},
    {"paid_at", &T_TIME, F_READONLY},
    {"pin_hash", &T_TEXT, F_HIDDEN | F_SECRET | F_READONLY},
};
static const Field line_fields[] = {{"quantity", &T_QUANTITY, F_REQUIRED, .example = "3"}};
static const Lines lines = {"lines", NULL, "bill_lines", "bill_id", LINE_FIELDS(line_fields), .max = 9};
static const Field pay_input[] = {{"reference", &T_TEXT, F_REQUIRED, .example = "\"T-1\""}};
static bool nothing(Ctx *c, Call *call) { return c && call; }
static const Action bill_actions[] = {
    {"send", 0, "Send it", IN(0), 1},
    {"pay", 0, "Note its payment", IN(0) | IN(1), 2, .permission = "settle", INPUT(pay_input)},
    {"open", ACTION_COLLECTION | ACTION_GET | ACTION_PUBLIC, "What anybody may see", .run = nothing},
    {"drop", ACTION_COLLECTION | ACTION_DELETE | ACTION_SELF | ACTION_ITEM, "Drop mine", .run = nothing},
};
static const Rename renames[] = {{"number", "invoice_no"}};
static const Alias aliases[] = {{.path = "invoices", RENAMES(renames)}, {.path = "notes"}};
static const Resource bills = {.name = "bills",
                               .singular = "bill",
                               .summary = "What is owed.",
                               .display = "number",
                               .lines = &lines,
                               .due = "due_date",
                               FIELDS(bill_fields),
                               ACTIONS(bill_actions),
                               ALIASES(aliases)};

static const Resource *const resources[] = {&organizations, &secrets, &users, &bills};

typedef struct {
    Registry *registry;
    Buf text;
    json_t *document;
} Made;

static int set_up(void **state) {
    Made *m = calloc(1, sizeof *m);
    Buf report = {0};
    json_error_t e;
    m->registry = registry_new(resources, 4, &report);
    if (!m->registry) print_error("%s", buf_c_str(&report));
    assert_non_null(m->registry);
    buf_free(&report);
    api_openapi(m->registry, &m->text);
    m->document = json_loadb(m->text.p, m->text.n, JSON_REJECT_DUPLICATES, &e);
    if (!m->document) print_error("%s at %d\n", e.text, e.position);
    assert_non_null(m->document);
    *state = m;
    return 0;
}

static int tear_down(void **state) {
    Made *m = *state;
    json_decref(m->document);
    registry_free(m->registry);
    buf_free(&m->text);
    free(m);
    return 0;
}

/* What is at "paths >/bills >get"; the separator is " >". */
static json_t *at(void **state, const char *path) {
    Made *m = *state;
    json_t *node = m->document;
    Str rest = str_of(path);
    while (rest.p && node) {
        Str name = str_trim(str_cut(rest, '>', &rest));
        char key[128];
        snprintf(key, sizeof key, "%.*s", STR_ARG(name));
        node =
            json_is_array(node) ? json_array_get(node, strtoul(key, NULL, 10)) : json_object_get(node, key);
    }
    return node;
}

static void says(void **state, const char *path, const char *expected) {
    json_t *node = at(state, path), *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
    assert_non_null(wanted);
    if (!node) print_error("nothing at %s\n", path);
    assert_non_null(node);
    char *found = json_dumps(node, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!json_equal(node, wanted)) print_error("%s: %s, not %s\n", path, found, expected);
    assert_true(json_equal(node, wanted));
    free(found);
    json_decref(wanted);
}

static void speaks_of(void **state, const char *path, const char *words) {
    const char *text = json_string_value(at(state, path));
    if (!text || !strstr(text, words)) print_error("%s: %s\n", path, text ? text : "nothing");
    assert_true(text && strstr(text, words));
}

static json_t *follow(json_t *document, const char *ref) {
    Str rest = str_of(ref + 2);
    json_t *node = document;
    while (rest.p && node) {
        Str name = str_cut(rest, '/', &rest);
        char key[128];
        snprintf(key, sizeof key, "%.*s", STR_ARG(name));
        node = json_object_get(node, key);
    }
    return node;
}

static int references(json_t *document, json_t *node) {
    int n = 0;
    const char *key;
    json_t *value;
    size_t i;
    json_object_foreach(node, key, value) {
        if (strcmp(key, "$ref")) {
            n += references(document, value);
            continue;
        }
        if (!follow(document, json_string_value(value)))
            print_error("%s leads nowhere\n", json_string_value(value));
        assert_non_null(follow(document, json_string_value(value)));
        n++;
    }
    json_array_foreach(node, i, value) n += references(document, value);
    return n;
}

static void every_reference_leads_somewhere(void **state) {
    Made *m = *state;
    assert_true(references(m->document, m->document) > 100);
}

static void what_is_internal_is_not_in_it(void **state) {
    Made *m = *state;
    assert_null(strstr(buf_c_str(&m->text), "secrets"));
    assert_null(strstr(buf_c_str(&m->text), "pin_hash"));
}

static void each_kind_of_resource_has_its_verbs(void **state) {
    assert_non_null(at(state, "paths > /bills > post"));
    assert_non_null(at(state, "paths > /bills/{id} > put"));
    assert_non_null(at(state, "paths > /bills/bulk > post"));
    assert_null(at(state, "paths > /users > post"));
    assert_null(at(state, "components > schemas > UserCreate"));
    assert_null(at(state, "paths > /organizations > post"));
    assert_non_null(at(state, "paths > /organizations/{id} > patch"));
}

static void permissions_and_states_are_told(void **state) {
    says(state, "paths > /bills > get > x-permission", "\"bills:read\"");
    says(state, "paths > /bills/{id}/pay > post > x-permission", "\"bills:settle\"");
    speaks_of(state, "paths > /bills/{id}/pay > post > description", "From `draft`, `sent` to `paid`");
    says(state, "paths > /bills/open > get > security", "[]");
    assert_null(at(state, "paths > /bills/open > get > x-permission"));
    assert_non_null(at(state, "paths > /bills/drop/{id} > delete"));
}

static void an_alias_has_its_own_names_or_shares_the_schemas(void **state) {
    speaks_of(state, "paths > /invoices/{id}/pay > post > summary", "Alias of /bills/{id}/pay");
    assert_non_null(at(state, "components > schemas > Invoice > properties > invoice_no"));
    assert_null(at(state, "components > schemas > Invoice > properties > number"));
    says(state, "paths > /notes/{id} > get > responses > 200 > content > application/json > schema",
         "{\"$ref\": \"#/components/schemas/Bill\"}");
}

#define CREATE "components > schemas > BillCreate > "

static void fields_say_what_may_be_sent(void **state) {
    says(state, CREATE "required", "[\"user_id\", \"amount\"]");
    says(state, CREATE "properties > user_id > type", "[\"integer\", \"string\"]");
    says(state, CREATE "properties > amount > type", "[\"number\", \"string\"]");
    says(state, CREATE "properties > amount > minimum", "200.5");
    says(state, CREATE "properties > short_name > type", "[\"string\", \"null\"]");
    says(state, CREATE "properties > short_name > maxLength", "6");
    says(state, CREATE "properties > status > enum", "[\"draft\", \"sent\", \"paid\"]");
    says(state, CREATE "properties > status > default", "\"draft\"");
    says(state, CREATE "properties > lines > maxItems", "9");
    speaks_of(state, CREATE "properties > amount > description", "Also accepted as `sum`, `value`.");
    speaks_of(state, CREATE "properties > status > description", "`settled` is accepted for `paid`");
    speaks_of(state, CREATE "properties > short_name > description", "For lists.");
    assert_null(at(state, CREATE "properties > paid_at"));
    assert_null(at(state, CREATE "properties > version"));
    assert_null(at(state, "components > schemas > BillUpdate > properties > number"));
    assert_null(at(state, "components > schemas > BillUpdate > required"));
}

static void fields_say_what_is_printed(void **state) {
    says(state, "components > schemas > Bill > properties > amount > type", "\"number\"");
    says(state, "components > schemas > Bill > properties > paid_at > readOnly", "true");
    assert_non_null(at(state, "components > schemas > Bill > properties > user_name"));
    assert_non_null(
        at(state, "components > schemas > BillStats > properties > by_status > properties > paid"));
    assert_non_null(at(state, "components > schemas > BillStats > properties > total_amount"));
    assert_non_null(at(state, "components > schemas > BillStats > properties > overdue"));
}

static void filters_name_their_operators(void **state) {
    speaks_of(state, "components > parameters > Bill.due_date > description", "`due_date__lte`");
    says(state, "components > parameters > Bill.status > schema > items > enum",
         "[\"draft\", \"sent\", \"paid\"]");
    assert_null(at(state, "components > parameters > Bill.amount"));
}

/* The server's own reader takes the examples. */
static void examples_are_bodies_that_are_taken(void **state) {
    Made *m = *state;
    App app = {.registry = m->registry};
    Arena arena;
    Buf body = {0};
    Ctx c;
    Input in;
    arena_init(&arena, 1 << 20);
    ctx_init(&c, &app, &arena, &body);
    const View *v = registry_view(m->registry, S("bills"));
    json_t *create = at(state, "components > examples > BillCreate > value");
    assert_true(input_read(&c, v, create, INPUT_CREATE, &in));
    assert_true(in.lines_given);
    says(state, "components > examples > BillCreate > value > amount", "200.5");
    assert_null(at(state, "components > examples > BillCreate > value > number"));
    says(state, "components > examples > Bill > value > number", "\"B-2026-0042\"");
    says(state, "components > examples > Bill > value > user_name", "\"maria\"");
    says(state, "paths > /bills/{id}/pay > post > requestBody > content > application/json > example",
         "{\"reference\": \"T-1\"}");
    const View *invoices = registry_view(m->registry, S("invoices"));
    assert_true(input_read(&c, invoices, at(state, "components > examples > InvoiceUpdate > value"),
                           INPUT_PATCH, &in));
    arena_free(&arena);
    buf_free(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_reference_leads_somewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_internal_is_not_in_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_kind_of_resource_has_its_verbs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(permissions_and_states_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_alias_has_its_own_names_or_shares_the_schemas, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_say_what_may_be_sent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_say_what_is_printed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(filters_name_their_operators, set_up, tear_down),
        cmocka_unit_test_setup_teardown(examples_are_bodies_that_are_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
