/* Followers: what another area does when a record is stored, in the same
 * transaction and with a say in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include "stage.h"
#include "tiny.h"

static Buf seen; /* what the followers were told, in order */

static bool note(const char *who, const Change *ch) {
    const Row *row = ch->row ? ch->row : ch->before;
    Str name = row_get(row, "name").s;
    buf_fmt(&seen, "%s %s %.*s; ", who, ch->verb, STR_ARG(name));
    return true;
}

static bool own_saved(Ctx *c, Change *ch) {
    (void)c;
    return note("own", ch);
}

static bool first(Ctx *c, Change *ch) {
    (void)c;
    return note("first", ch);
}

static bool second(Ctx *c, Change *ch) {
    note("second", ch);
    bool bad = ch->row && str_is(row_get(ch->row, "name").s, "Bad");
    return !bad || fail(c, E_CONFLICT, "no such vendor is wanted");
}

static const Resource vendors = {.name = "vendors",
                                 .singular = "vendor",
                                 .display = "name",
                                 FIELDS(tiny_vendor_fields),
                                 .saved = own_saved};
static const Resource *const resources[] = {&tiny_organizations, &tiny_accounts, &tiny_users, &vendors,
                                            &audit_logs};
static const Follower both[] = {{"vendors", first}, {"vendors", second}, {0}};

static int stage_begin(void **state) {
    Stage *s = stage_open(resources, sizeof resources / sizeof *resources, both);
    stage_exec(s, "INSERT INTO organizations (id, name, version, created_at, updated_at) VALUES"
                  " (1, 'Acme', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')");
    *state = s;
    return 0;
}

static int stage_end(void **state) {
    stage_close(*state);
    buf_free(&seen);
    seen = (Buf){0};
    return 0;
}

static Input named(Stage *s, const char *name) {
    Input in = stage_input(s, registry_model(s->registry, "vendors"));
    stage_give(s, &in, "name", name);
    return in;
}

static void are_told_of_every_change_behind_the_owner(void **state) {
    Stage *s = *state;
    const Model *m = registry_model(s->registry, "vendors");
    Row row;
    Input made = named(s, "Kiran"), renamed = named(s, "Kiran Yarns"), same = named(s, "Kiran Yarns");
    assert_true(record_create(&s->c, m, &made, &row));
    int64_t id = row.values[m->id].i;
    assert_true(record_update(&s->c, m, id, &renamed, &row));
    assert_true(record_update(&s->c, m, id, &same, &row)); /* nothing is stored, nobody is told */
    assert_true(record_delete(&s->c, m, id));
    assert_string_equal(buf_c_str(&seen),
                        "own create Kiran; first create Kiran; second create Kiran; "
                        "own update Kiran Yarns; first update Kiran Yarns; second update Kiran Yarns; "
                        "own delete Kiran Yarns; first delete Kiran Yarns; second delete Kiran Yarns; ");
}

static void refuse_a_change_with_their_own_words(void **state) {
    Stage *s = *state;
    Row row;
    Input bad = named(s, "Bad");
    assert_false(record_create(&s->c, registry_model(s->registry, "vendors"), &bad, &row));
    assert_int_equal(s->c.err.kind, E_CONFLICT);
    assert_int_equal(stage_int(s, "SELECT count(*) FROM journal"), 0); /* it is journaled after they agreed */
}

static void of_what_is_not_there_are_refused_at_the_start(void **state) {
    (void)state;
    static const Follower unknown[] = {{"vendors", first}, {"sailors", first}, {0}};
    static Follower many[FOLLOWERS_MAX + 2];
    for (size_t i = 0; i <= FOLLOWERS_MAX; i++) many[i] = (Follower){"vendors", first};
    const Follower *const lists[] = {unknown, many};
    static const char *const problems[] = {"R020 sailors: is followed and unknown\n",
                                           "R020 vendors: has too many followers\n"};
    for (size_t i = 0; i < 2; i++) {
        Buf report = {0};
        Registry *r = tiny_registry(NULL);
        assert_false(registry_follow(r, lists[i], &report));
        assert_string_equal(buf_c_str(&report), problems[i]);
        buf_free(&report);
        registry_free(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(are_told_of_every_change_behind_the_owner, stage_begin, stage_end),
        cmocka_unit_test_setup_teardown(refuse_a_change_with_their_own_words, stage_begin, stage_end),
        cmocka_unit_test(of_what_is_not_there_are_refused_at_the_start),
    };
    return cmocka_run_group_tests_name("followers", tests, NULL, NULL);
}
