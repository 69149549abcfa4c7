/* Followers: what another area does when a record is stored, in the same
 * transaction and with a say in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include "model/journal.h"
#include "model/schema.h"
#include "model/tally.h"
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

typedef struct {
    Registry *registry;
    Db *db;
    Arena arena;
    WriteSide side;
    App app;
    Rights rights[8];
    Ctx c;
} Stage;

static int stage_begin(void **state) {
    Stage *s = calloc(1, sizeof *s);
    Buf report = {0}, schema = {0};
    DbError error;
    assert_true(hash_init());
    s->registry = registry_new(resources, sizeof resources / sizeof *resources, &report);
    assert_non_null(s->registry);
    assert_true(registry_follow(s->registry, both, &report));
    assert_int_equal(report.n, 0);
    s->db = db_open(&(DbConfig){"sqlite::memory:", 0}, DB_WRITE, &error);
    schema_write(s->registry, &s->db->driver->dialect, &schema);
    assert_true(db_exec(s->db, buf_c_str(&schema)));
    assert_true(db_exec(s->db, "INSERT INTO organizations (id, name, version, created_at, updated_at) VALUES"
                               " (1, 'Acme', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')"));
    s->side = (WriteSide){journal_heads_new(), tallies_new()};
    s->app = (App){.registry = s->registry, .side = &s->side, .tallies = s->side.tallies};
    arena_init(&s->arena, (size_t)8 << 20);
    ctx_init(&s->c, &s->app, &s->arena, NULL);
    for (size_t i = 0; i < 8; i++) s->rights[i].all = ~(uint64_t)0;
    s->c.rights = s->rights;
    s->c.organization_id = 1;
    s->c.db = s->db;
    s->c.writing = true;
    buf_free(&schema);
    buf_free(&report);
    *state = s;
    return 0;
}

static int stage_end(void **state) {
    Stage *s = *state;
    write_side_kept(&s->side);
    write_side_before_commit(&s->side);
    write_side_after_commit(&s->side, true);
    journal_heads_free(s->side.heads);
    tallies_free(s->side.tallies);
    db_close(s->db);
    registry_free(s->registry);
    arena_free(&s->arena);
    buf_free(&seen);
    seen = (Buf){0};
    free(s);
    return 0;
}

static Input named(Stage *s, const char *name) {
    const Model *m = registry_model(s->registry, "vendors");
    Input in = {.row = row_new(&s->arena, m), .status = -1};
    int at = model_field(m, "name")->index;
    in.row.values[at] = value_text(str_of(name));
    set_add(&in.given, at);
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
    Stmt *st = db_prepare(s->db, S("SELECT count(*) FROM journal"));
    assert_true(stmt_step(st));
    assert_int_equal(stmt_int(st, 0), 0); /* it is journaled after they agreed */
    stmt_reset(st);
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
