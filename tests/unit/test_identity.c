/* Who may do what, end to end below HTTP: real database, writer, tokens. Each
 * test opens an organization of its own in one shared program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is in base/error.h */

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "identity/identity.h"
#include "identity/resources.h"
#include "model/journal.h"
#include "model/query.h"
#include "model/schema.h"
#include "model/tally.h"
#include "model/write.h"

/* A business resource with a transition, to hold rights against. */
static const Choice states[] = {{"draft"}, {"done"}, {0}};
static const Field job_fields[] = {
    {"name", &T_TEXT, F_REQUIRED},
    {"status", &T_ENUM, F_READONLY, .choices = states, .fallback = "draft"},
};
static const Action job_actions[] = {{"finish", .from = IN(0), .to = 1}};
static const Resource jobs = {
    .name = "chores", .singular = "chore", .display = "name", FIELDS(job_fields), ACTIONS(job_actions)};

/* Whose users may be. */
static const Field customer_fields[] = {{"name", &T_TEXT, F_REQUIRED}};
static const Resource customers = {.name = "customers", .singular = "customer", .display = "name", FIELDS(customer_fields)};

static const Resource *const resources[] = {
    &resource_organizations,  &resource_accounts,    &resource_memberships, &resource_roles,
    &resource_users,          &resource_invitations, &resource_api_keys,    &resource_sessions,
    &resource_refresh_tokens, &resource_auth,        &audit_logs,           &jobs,
    &resource_access_tokens,
    &customers,
};

static struct {
    char folder[64], url[128];
    App app;
    WriteSide side;
    Registry *registry;
    Db *reader;
    int n_organizations;
} program;

/* --- the program --- */

static void schema_load(Db *db) {
    Buf sql = {0};
    schema_write(program.registry, &db->driver->dialect, &sql);
    if (!db_exec(db, buf_c_str(&sql))) print_error("%s\n", db->error.message);
    assert_false(db_failed(db));
    buf_free(&sql);
}

static void identity_start(bool rate_limit_off) {
    IdentityConfig config = {
        .registry = program.registry, .data_dir = program.folder, .rate_limit_off = rate_limit_off};
    program.app.identity = identity_new(&config);
    assert_non_null(program.app.identity);
}

static int setup(void **state) {
    (void)state;
    Buf report = {0};
    DbError error;
    assert_true(hash_init());
    snprintf(program.folder, sizeof program.folder, "/tmp/millwright-identity-XXXXXX");
    assert_non_null(mkdtemp(program.folder));
    snprintf(program.url, sizeof program.url, "sqlite:%s/test.db", program.folder);
    program.registry = registry_new(resources, sizeof resources / sizeof *resources, &report);
    if (!program.registry) print_error("%s", buf_c_str(&report));
    assert_non_null(program.registry);
    DbConfig db = {.url = program.url};
    Db *writing = db_open(&db, DB_WRITE, &error);
    schema_load(writing);
    program.reader = db_open(&db, DB_READ, &error);
    Tallies *tallies = tallies_new();
    program.side = (WriteSide){journal_heads_new(), tallies};
    program.app = (App){.registry = program.registry,
                        .side = &program.side,
                        .tallies = tallies,
                        .dialect = &writing->driver->dialect,
                        .database_url = program.url};
    WriterConfig writer = {.before_commit = write_side_before_commit,
                           .after_commit = write_side_after_commit,
                           .rolled_back = write_side_rolled_back,
                           .kept = write_side_kept,
                           .user = &program.side};
    program.app.writer = writer_start(writing, &writer);
    identity_start(true);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    writer_stop(program.app.writer);
    db_close(program.reader);
    identity_free(program.app.identity);
    journal_heads_free(program.side.heads);
    tallies_free(program.side.tallies);
    registry_free(program.registry);
    char path[128];
    static const char *const files[] = {"test.db", "test.db-wal", "test.db-shm", "secret"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", program.folder, files[i]);
        unlink(path);
    }
    return rmdir(program.folder);
}

/* --- requests --- */

typedef struct {
    Ctx c;
    Arena arena;
    Buf body;
    json_t *sent, *answer;
    const Action *action;
    Call call;
    const Model *model;
    InputKind kind;
    int64_t id;
} Request;

static char authorization[8192]; /* of the requests to come */

static void as(const char *token) {
    snprintf(authorization, sizeof authorization, "%s%s", *token ? "Bearer " : "", token);
}

static void request_end(Request *r) {
    json_decref(r->sent);
    json_decref(r->answer);
    buf_free(&r->body);
    arena_free(&r->arena);
    free(r);
}

static Request *request_begin(const char *resource, const char *body, Db *db) {
    Request *r = calloc(1, sizeof *r);
    arena_init(&r->arena, (size_t)64 << 20);
    ctx_init(&r->c, &program.app, &r->arena, &r->body);
    r->c.db = db;
    r->c.ip = S("10.1.2.3");
    r->model = registry_model(program.registry, resource);
    r->sent = body ? json_loads(body, 0, NULL) : NULL;
    if (body) assert_non_null(r->sent);
    return r;
}

static void request_answer(Request *r) {
    if (r->c.err.kind == E_NONE && r->body.n)
        r->answer = json_loadb(r->body.p, r->body.n, JSON_DECODE_ANY, NULL);
    if (r->c.err.kind == E_NONE && r->body.n && !r->answer)
        print_error("no JSON: %.*s\n", (int)r->body.n, r->body.p);
    assert_true(r->c.err.kind != E_NONE || r->answer);
}

static bool run_action(Ctx *c, void *arg) {
    Request *r = arg;
    return r->action->run(c, &r->call);
}

static const Action *find_action(const Model *m, const char *name, uint32_t method, int *at) {
    const uint32_t methods = ACTION_GET | ACTION_PATCH | ACTION_DELETE;
    for (size_t i = 0; i < m->resource->n_actions; i++) {
        const Action *a = &m->resource->actions[i];
        if (strcmp(a->name, name) || (a->flags & methods) != method) continue;
        *at = (int)i;
        return a;
    }
    assert_true(false);
    return NULL;
}

/* As dispatch does it: who, rights, body, lane. */
static bool action_run(Request *r, int at) {
    uint32_t flags = r->action->flags;
    if (!(flags & ACTION_PUBLIC) && !identity_authenticate(&r->c, str_of(authorization))) return false;
    if (!(flags & (ACTION_PUBLIC | ACTION_SELF)) &&
        !ctx_require(&r->c, r->model, r->model->action_permission[at]))
        return false;
    if (!input_read_call(&r->c, r->sent, &r->call)) return false;
    if (flags & (ACTION_GET | ACTION_POOL)) return r->action->run(&r->c, &r->call);
    return ctx_write(&r->c, run_action, r);
}

typedef struct {
    const char *resource, *name, *body, *rest;
    uint32_t method;
    int64_t id;
    Db *db;
} Doing;

static Request *do_action(const Doing *d) {
    int at = 0;
    Request *r = request_begin(d->resource, d->body, d->db ? d->db : program.reader);
    r->action = find_action(r->model, d->name, d->method, &at);
    r->call =
        (Call){.view = &r->model->views[0], .action = r->action, .id = d->id, .path_rest = str_of(d->rest)};
    bool ok = action_run(r, at);
    assert_int_equal(ok, r->c.err.kind == E_NONE);
    request_answer(r);
    return r;
}

static Request *post_auth(const char *name, const char *body) {
    return do_action(&(Doing){"auth", name, body});
}

static ErrorKind outcome(Request *r) {
    ErrorKind kind = r->c.err.kind;
    request_end(r);
    return kind;
}

static bool run_record(Ctx *c, void *arg) {
    Request *r = arg;
    Input in;
    Row row;
    if (!input_read(c, &r->model->views[0], r->sent, r->kind, &in)) return false;
    bool ok = r->kind == INPUT_CREATE ? record_create(c, r->model, &in, &row)
                                      : record_update(c, r->model, r->id, &in, &row);
    if (ok) row_write(c, &r->model->views[0], &row);
    return ok;
}

static Request *change(const char *resource, int64_t id, const char *body) {
    Request *r = request_begin(resource, body, program.reader);
    r->kind = id ? INPUT_PATCH : INPUT_CREATE;
    r->id = id;
    int permission = id ? MAY_UPDATE : MAY_CREATE;
    if (identity_authenticate(&r->c, str_of(authorization)) && ctx_require(&r->c, r->model, permission))
        ctx_write(&r->c, run_record, r);
    request_answer(r);
    return r;
}

static bool run_delete(Ctx *c, void *arg) {
    Request *r = arg;
    return record_delete(c, r->model, r->id);
}

static ErrorKind erase(const char *resource, int64_t id) {
    Request *r = request_begin(resource, NULL, program.reader);
    r->id = id;
    if (identity_authenticate(&r->c, str_of(authorization)) && ctx_require(&r->c, r->model, MAY_DELETE))
        ctx_write(&r->c, run_delete, r);
    return outcome(r);
}

/* Whether the current token is good, and for what. */
static ErrorKind knock(void) {
    Request *r = request_begin("chores", NULL, program.reader);
    identity_authenticate(&r->c, str_of(authorization));
    return outcome(r);
}

static May may(const char *resource, int permission) {
    Request *r = request_begin(resource, NULL, program.reader);
    assert_true(identity_authenticate(&r->c, str_of(authorization)));
    May found = ctx_may(&r->c, r->model, permission);
    request_end(r);
    return found;
}

static const char *text_of(const json_t *o, const char *name) {
    const char *s = json_string_value(json_object_get(o, name));
    assert_non_null(s);
    return s;
}

static int64_t number_of(const json_t *o, const char *name) {
    return json_integer_value(json_object_get(o, name));
}

static char *fmt(char *out, size_t n, const char *format, const char *value) {
    snprintf(out, n, "%.*s%s%s", (int)(strchr(format, '$') - format), format, value, strchr(format, '$') + 1);
    return out;
}

#define FMT(format, value) fmt((char[4096]){0}, 4096, format, value)

/* --- people --- */

typedef struct {
    char name[32], access[1024], refresh[64], organization_name[32];
    int64_t id, organization, session;
} Person;

static void keep_tokens(Person *p, const json_t *answer) {
    snprintf(p->access, sizeof p->access, "%s", text_of(answer, "access_token"));
    snprintf(p->refresh, sizeof p->refresh, "%s", text_of(answer, "refresh_token"));
    const json_t *user = json_object_get(answer, "user");
    p->id = number_of(user, "id");
    p->organization = number_of(user, "organization_id");
}

static void sign_in(Person *p) {
    Request *r = post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", p->name));
    assert_int_equal(r->c.err.kind, E_NONE);
    keep_tokens(p, r->answer);
    request_end(r);
    as(p->access);
}

/* A new organization with its administrator, signed in. */
static Person boss(void) {
    Person p = {0};
    snprintf(p.name, sizeof p.name, "boss%d", ++program.n_organizations);
    program.app.open_registration = true;
    char body[512];
    snprintf(body, sizeof body,
             "{\"email\":\"%s@example.com\",\"username\":\"%s\",\"password\":\"secret word\","
             "\"organization_name\":\"Org %d\"}",
             p.name, p.name, program.n_organizations);
    Request *r = post_auth("register", body);
    assert_int_equal(r->c.err.kind, E_NONE);
    request_end(r);
    program.app.open_registration = false;
    sign_in(&p);
    return p;
}

/* A user made by the caller, then signed in. */
static Person colleague(const char *role) {
    static int n;
    Person p = {0};
    snprintf(p.name, sizeof p.name, "user%d", ++n);
    char body[512];
    snprintf(body, sizeof body,
             "{\"email\":\"%s@example.com\",\"username\":\"%s\",\"password\":\"secret word\","
             "\"role\":\"%s\"}",
             p.name, p.name, role);
    Request *r = change("users", 0, body);
    assert_int_equal(r->c.err.kind, E_NONE);
    request_end(r);
    sign_in(&p);
    return p;
}

static int64_t count(const char *sql) {
    Stmt *st = db_prepare(program.reader, str_of(sql));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    assert_false(db_failed(program.reader));
    return n;
}

/* --- tests --- */

static void the_secret_is_made_once_and_for_the_owner_only(void **state) {
    (void)state;
    char path[128];
    struct stat first, second;
    Identity *again;
    snprintf(path, sizeof path, "%s/secret", program.folder);
    assert_int_equal(stat(path, &first), 0);
    assert_int_equal(first.st_mode & 0777, 0600);
    again = identity_new(&(IdentityConfig){.registry = program.registry, .data_dir = program.folder});
    assert_non_null(again);
    identity_free(again);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_null(identity_new(&(IdentityConfig){.registry = program.registry, .secret = "short"}));
}

static void registration_is_closed_unless_it_was_opened(void **state) {
    (void)state;
    const char *body = "{\"email\":\"First@Example.com\",\"username\":\"First\",\"password\":\"12345678\","
                       "\"full_name\":\"The First\"}";
    assert_int_equal(outcome(post_auth("register", body)), E_FORBIDDEN);
    assert_int_equal(count("SELECT count(*) FROM accounts"), 0);
    program.app.open_registration = true;
    Request *r = post_auth("register", body);
    program.app.open_registration = false;
    assert_int_equal(r->c.err.kind, E_NONE);
    assert_string_equal(text_of(r->answer, "email"), "first@example.com");
    assert_string_equal(text_of(r->answer, "role"), "admin");
    assert_string_equal(text_of(r->answer, "organization_name"), "The First");
    request_end(r);
    int64_t accounts = count("SELECT count(*) FROM accounts");
    assert_int_equal(outcome(post_auth("register", "{\"email\":\"b@example.com\",\"username\":\"second\","
                                                   "\"password\":\"12345678\"}")),
                     E_FORBIDDEN);
    assert_int_equal(count("SELECT count(*) FROM accounts"), accounts);
    assert_int_equal(count("SELECT count(*) FROM roles WHERE builtin"), 8);
    assert_int_equal(count("SELECT count(*) FROM journal WHERE action = 'register'"), 1);
}

static void names_are_taken_in_any_case_and_by_either_field(void **state) {
    (void)state;
    Person p = boss();
    static const char *const taken[] = {
        "{\"role\":\"viewer\",\"password\":\"12345678\",\"email\":\"$@EXAMPLE.com\",\"username\":\"new1\"}",
        "{\"role\":\"viewer\",\"password\":\"12345678\",\"email\":\"new@example.com\",\"username\":\"$\"}",
        "{\"role\":\"staff\",\"password\":\"12345678\",\"email\":\"n@x.io\",\"username\":\"$@example.com\"}",
    };
    static const char *const fields[] = {"email", "username", "username"};
    int64_t before = count("SELECT count(*) FROM accounts");
    p.name[0] = 'B';
    for (int i = 0; i < 3; i++) {
        Request *r = change("users", 0, FMT(taken[i], p.name));
        assert_int_equal(r->c.err.kind, E_DUPLICATE);
        assert_true(str_is(r->c.err.issues->field, fields[i]));
        request_end(r);
    }
    assert_int_equal(count("SELECT count(*) FROM accounts"), before);
}

static void signs_in_by_name_or_address_in_any_case(void **state) {
    (void)state;
    Person p = boss();
    p.name[0] = 'B';
    assert_int_equal(
        outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", p.name))),
        E_NONE);
    assert_int_equal(outcome(post_auth(
                         "login", FMT("{\"email\":\"$@Example.com\",\"password\":\"secret word\"}", p.name))),
                     E_NONE);
    assert_int_equal(outcome(post_auth("login", "{\"password\":\"secret word\"}")), E_INVALID);
}

static void a_wrong_password_and_a_wrong_name_look_the_same(void **state) {
    (void)state;
    Person admin = boss(), off = colleague("viewer");
    as(admin.access);
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)off.id);
    assert_int_equal(outcome(change("users", off.id, "{\"is_active\":false}")), E_NONE);
    const char *bodies[] = {
        FMT("{\"username\":\"$\",\"password\":\"wrong word\"}", admin.name),
        "{\"username\":\"nobody at all\",\"password\":\"wrong word\"}",
        FMT("{\"username\":\"$\",\"password\":\"secret word\"}", off.name),
        FMT("{\"username\":\"$\",\"password\":\"secret word \"}", admin.name),
        FMT("{\"username\":\"$\",\"password\":\"\"}", admin.name),
    };
    char first[128] = "";
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        Request *r = post_auth("login", bodies[i]);
        assert_int_equal(r->c.err.kind, E_BAD_CREDENTIALS);
        if (!*first) snprintf(first, sizeof first, "%.*s", STR_ARG(r->c.err.detail));
        assert_true(str_is(r->c.err.detail, first));
        request_end(r);
    }
}

static void anything_but_a_good_token_is_refused_with_one_text(void **state) {
    (void)state;
    Person p = boss();
    char mutant[1200];
    snprintf(mutant, sizeof mutant, "%sA", p.access);
    const char *bad[] = {"",       "Bearer",        "Bearer ",    "Basic Ym9zczpib3Nz",  "Bearer x.y.z",
                         p.access, "Bearer mw_1_x", "Bearer mw_", "Bearer mw_99999_abc", "Token "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Request *r = request_begin("chores", NULL, program.reader);
        assert_false(identity_authenticate(&r->c, str_of(bad[i])));
        assert_int_equal(r->c.err.kind, E_UNAUTHENTICATED);
        assert_true(str_starts(r->c.err.detail, S("sign in first")));
        assert_int_equal(r->c.organization_id + r->c.user_id + r->c.account_id, 0);
        assert_null(r->c.rights);
        request_end(r);
    }
    as(mutant);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    as(p.refresh);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    snprintf(authorization, sizeof authorization, "tOkEn   %s ", p.access);
    assert_int_equal(knock(), E_NONE);
}

static void a_token_ends_after_half_an_hour_also_when_it_is_remembered(void **state) {
    (void)state;
    Person p = boss();
    assert_int_equal(knock(), E_NONE);
    program.app.clock.offset += 1795;
    assert_int_equal(knock(), E_NONE);
    program.app.clock.offset += 10;
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    program.app.clock.offset -= 1805;
    (void)p;
}

static void a_request_learns_who_asks(void **state) {
    (void)state;
    Person p = boss();
    assert_int_equal(
        outcome(change("organizations", p.organization, "{\"time_zone\":\"Pacific/Kiritimati\"}")), E_NONE);
    for (int i = 0; i < 2; i++) { /* read, then remembered */
        Request *r = request_begin("chores", NULL, program.reader);
        assert_true(identity_authenticate(&r->c, str_of(authorization)));
        assert_int_equal(r->c.user_id, p.id);
        assert_int_equal(r->c.organization_id, p.organization);
        assert_true(str_is(r->c.username, p.name));
        assert_string_equal(r->c.zone, "Pacific/Kiritimati");
        assert_string_equal(r->c.origin, "api");
        assert_true(r->c.session_id > 0 && r->c.account_id > 0);
        request_end(r);
    }
}

static Request *refresh(const Person *p) {
    return post_auth("refresh", FMT("{\"refresh_token\":\"$\"}", p->refresh));
}

static void a_refresh_token_works_once_and_its_copy_ends_the_session(void **state) {
    (void)state;
    Person p = boss(), old = p;
    for (int i = 0; i < 3; i++) {
        Request *r = refresh(&p);
        assert_int_equal(r->c.err.kind, E_NONE);
        keep_tokens(&p, r->answer);
        request_end(r);
    }
    as(p.access);
    assert_int_equal(knock(), E_NONE);
    assert_int_equal(outcome(refresh(&old)), E_UNAUTHENTICATED);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(outcome(refresh(&p)), E_UNAUTHENTICATED);
    assert_int_equal(count("SELECT count(*) FROM journal WHERE action = 'token_reuse'"), 1);
    assert_int_equal(outcome(post_auth("refresh", "{\"refresh_token\":\"nonsense\"}")), E_UNAUTHENTICATED);
    assert_int_equal(outcome(post_auth("refresh", FMT("{\"refresh_token\":\"$\"}", p.access))),
                     E_UNAUTHENTICATED);
}

static void a_refresh_token_ends_after_a_week(void **state) {
    (void)state;
    Person p = boss();
    program.app.clock.offset += REFRESH_TOKEN_S + 1;
    assert_int_equal(outcome(refresh(&p)), E_UNAUTHENTICATED);
    program.app.clock.offset -= REFRESH_TOKEN_S + 1;
    assert_int_equal(outcome(refresh(&p)), E_NONE);
}

typedef struct {
    const Person *person;
    int good;
} Racer;

static void *race(void *arg) {
    Racer *racer = arg;
    DbError error;
    DbConfig config = {.url = program.url};
    Db *db = db_open(&config, DB_READ, &error);
    Doing d = {"auth", "refresh", FMT("{\"refresh_token\":\"$\"}", racer->person->refresh), .db = db};
    racer->good = outcome(do_action(&d)) == E_NONE;
    db_close(db);
    return NULL;
}

static void of_many_who_refresh_at_once_one_succeeds(void **state) {
    (void)state;
    Person p = boss();
    Racer racers[16];
    pthread_t threads[16];
    int good = 0;
    for (int i = 0; i < 16; i++) {
        racers[i] = (Racer){&p, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL), good += racers[i].good;
    assert_int_equal(good, 1);
}

static void signing_out_ends_this_session_only(void **state) {
    (void)state;
    Person here = boss(), there = here;
    sign_in(&there);
    as(here.access);
    assert_int_equal(outcome(post_auth("logout", NULL)), E_NONE);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(outcome(refresh(&here)), E_UNAUTHENTICATED);
    as(there.access);
    assert_int_equal(knock(), E_NONE);
}

static void a_new_password_ends_all_other_sessions_and_old_tokens(void **state) {
    (void)state;
    Person here = boss(), there = here;
    sign_in(&there);
    as(here.access);
    assert_int_equal(outcome(post_auth("change-password", "{\"current_password\":\"wrong word\","
                                                          "\"new_password\":\"another word\"}")),
                     E_BAD_CREDENTIALS);
    assert_int_equal(outcome(post_auth("change-password", "{\"current_password\":\"secret word\","
                                                          "\"new_password\":\"short\"}")),
                     E_INVALID);
    assert_int_equal(knock(), E_NONE);
    Request *r = post_auth("change-password", "{\"current_password\":\"secret word\","
                                              "\"new_password\":\"another word\"}");
    assert_int_equal(r->c.err.kind, E_NONE);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    as(there.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(outcome(refresh(&there)), E_UNAUTHENTICATED);
    keep_tokens(&here, r->answer);
    request_end(r);
    as(here.access);
    assert_int_equal(knock(), E_NONE);
    assert_int_equal(outcome(refresh(&here)), E_NONE);
    assert_int_equal(
        outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", here.name))),
        E_BAD_CREDENTIALS);
}

static void a_changed_role_counts_at_the_next_request(void **state) {
    (void)state;
    Person admin = boss(), p = colleague("viewer");
    assert_int_equal(may("chores", MAY_READ), MAY_ALL);
    assert_int_equal(may("chores", MAY_CREATE), MAY_NOT);
    as(admin.access);
    assert_int_equal(outcome(change("users", p.id, "{\"role\":\"operator\"}")), E_NONE);
    as(p.access);
    assert_int_equal(may("chores", MAY_CREATE), MAY_ALL);
    assert_int_equal(may("chores", MAY_UPDATE), MAY_OWN);
    as(admin.access);
    assert_int_equal(outcome(change("users", p.id, "{\"is_active\":false}")), E_NONE);
    as(p.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(outcome(refresh(&p)), E_UNAUTHENTICATED);
    as(admin.access);
    assert_int_equal(outcome(change("users", p.id, "{\"is_active\":true}")), E_NONE);
    as(p.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    sign_in(&p);
}

static void built_in_roles_may_what_they_are_for(void **state) {
    (void)state;
    static const struct {
        const char *role;
        May read, create, update, erase, finish, export, users, audit;
    } rows[] = {
        {"admin", MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL},
        {"manager", MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL, MAY_ALL},
        {"operator", MAY_ALL, MAY_ALL, MAY_OWN, MAY_NOT, MAY_OWN, MAY_ALL, MAY_NOT, MAY_NOT},
        {"staff", MAY_ALL, MAY_ALL, MAY_OWN, MAY_NOT, MAY_OWN, MAY_ALL, MAY_NOT, MAY_NOT},
        {"salesperson", MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT},
        {"inventory_manager", MAY_ALL, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_ALL, MAY_NOT, MAY_NOT},
        {"viewer", MAY_ALL, MAY_NOT, MAY_NOT, MAY_NOT, MAY_NOT, MAY_ALL, MAY_NOT, MAY_NOT},
    };
    Person admin = boss();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        as(admin.access);
        colleague(rows[i].role);
        assert_int_equal(may("chores", MAY_READ), rows[i].read);
        assert_int_equal(may("chores", MAY_CREATE), rows[i].create);
        assert_int_equal(may("chores", MAY_IMPORT), rows[i].create);
        assert_int_equal(may("chores", MAY_UPDATE), rows[i].update);
        assert_int_equal(may("chores", MAY_DELETE), rows[i].erase);
        assert_int_equal(may("chores", MAY_ACTIONS), rows[i].finish);
        assert_int_equal(may("chores", MAY_EXPORT), rows[i].export);
        assert_int_equal(may("users", MAY_READ), rows[i].users);
        assert_int_equal(may("audit-logs", MAY_READ), rows[i].audit);
        May administer = strcmp(rows[i].role, "admin") ? MAY_NOT : MAY_ALL;
        assert_int_equal(may("users", MAY_CREATE), administer);
        assert_int_equal(may("roles", MAY_UPDATE), administer);
        assert_int_equal(may("api-keys", MAY_CREATE), administer);
        assert_int_equal(may("organizations", MAY_UPDATE), administer);
    }
}

static void the_last_administrator_stays(void **state) {
    (void)state;
    Person admin = boss();
    assert_int_equal(outcome(change("users", admin.id, "{\"role\":\"viewer\"}")), E_LAST_ADMIN);
    assert_int_equal(outcome(change("users", admin.id, "{\"is_active\":false}")), E_LAST_ADMIN);
    Person second = colleague("admin");
    assert_int_equal(outcome(change("users", admin.id, "{\"is_active\":false}")), E_NONE);
    assert_int_equal(outcome(change("users", second.id, "{\"role\":\"manager\"}")), E_LAST_ADMIN);
}

static void own_roles_are_checked_and_never_wider_than_their_author(void **state) {
    (void)state;
    Person admin = boss();
    Request *r = change("roles", 0,
                        "{\"name\":\"hr\",\"permissions\":["
                        "{\"resource\":\"users\",\"action\":\"*\"},"
                        "{\"resource\":\"roles\",\"action\":\"*\"},"
                        "{\"resource\":\"chores\",\"action\":\"finish\",\"scope\":\"own\"}]}");
    assert_int_equal(r->c.err.kind, E_NONE);
    request_end(r);
    r = change("roles", 0,
               "{\"name\":\"bad\",\"permissions\":[{\"resource\":\"chores\",\"action\":\"fly\"},"
               "{\"resource\":\"birds\",\"action\":\"read\"},"
               "{\"resource\":\"accounts\",\"action\":\"read\"}]}");
    assert_int_equal(r->c.err.kind, E_INVALID);
    assert_int_equal(r->c.err.n_issues, 3);
    assert_true(str_is(r->c.err.issues->field, "permissions[0].action"));
    request_end(r);
    Person hr = colleague("hr");
    assert_int_equal(may("chores", MAY_ACTIONS), MAY_OWN);
    assert_int_equal(outcome(change("roles", 0,
                                    "{\"name\":\"wide\",\"permissions\":["
                                    "{\"resource\":\"chores\",\"action\":\"finish\"}]}")),
                     E_FORBIDDEN);
    assert_int_equal(outcome(change("roles", 0,
                                    "{\"name\":\"wide\",\"permissions\":["
                                    "{\"resource\":\"*\",\"action\":\"*\"}]}")),
                     E_FORBIDDEN);
    assert_int_equal(outcome(change("roles", 0,
                                    "{\"name\":\"same\",\"permissions\":["
                                    "{\"resource\":\"chores\",\"action\":\"finish\",\"scope\":\"own\"}]}")),
                     E_NONE);
    assert_int_equal(outcome(change("users", hr.id, "{\"role\":\"admin\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", admin.id, "{\"full_name\":\"Hacked\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", admin.id, "{\"password\":\"hacked it\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", 0,
                                    "{\"email\":\"x@example.com\",\"username\":\"xxx\","
                                    "\"password\":\"secret word\",\"role\":\"manager\"}")),
                     E_FORBIDDEN);
    assert_int_equal(outcome(change("users", 0,
                                    "{\"email\":\"x@example.com\",\"username\":\"xxx\","
                                    "\"password\":\"secret word\",\"role\":\"same\"}")),
                     E_NONE);
}

static int64_t role_id(const char *name, int64_t organization) {
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT id FROM roles WHERE name = '%s' AND organization_id = %lld", name,
             (long long)organization);
    return count(sql);
}

static void built_in_roles_cannot_be_changed(void **state) {
    (void)state;
    Person admin = boss();
    int64_t viewer = role_id("viewer", admin.organization);
    assert_int_equal(outcome(change("roles", viewer, "{\"name\":\"looker\"}")), E_CONFLICT);
    assert_int_equal(
        outcome(change("roles", viewer, "{\"permissions\":[{\"resource\":\"*\",\"action\":\"*\"}]}")),
        E_CONFLICT);
    assert_int_equal(erase("roles", viewer), E_CONFLICT);
    assert_int_equal(outcome(change("roles", 0, "{\"name\":\"mine\",\"builtin\":true}")), E_INVALID);
    assert_int_equal(outcome(change("roles", 0,
                                    "{\"name\":\"mine\",\"permissions\":["
                                    "{\"resource\":\"chores\",\"action\":\"read\"}]}")),
                     E_NONE);
    Person p = colleague("mine");
    as(admin.access);
    int64_t mine = role_id("mine", admin.organization);
    assert_int_equal(erase("roles", mine), E_REFERENCED);
    assert_int_equal(outcome(change("roles", mine, "{\"permissions\":[]}")), E_NONE);
    as(p.access);
    assert_int_equal(may("chores", MAY_READ), MAY_NOT);
    as(admin.access);
    assert_int_equal(outcome(change("users", p.id, "{\"role\":\"viewer\"}")), E_NONE);
    assert_int_equal(erase("roles", mine), E_NONE);
}

static Request *invite(const char *body) { return do_action(&(Doing){"invitations", "", body}); }

static void an_invitation_lets_one_person_in_once(void **state) {
    (void)state;
    Person admin = boss();
    Request *r = invite("{\"email\":\"joe@example.com\",\"role\":\"operator\"}");
    assert_int_equal(r->c.err.kind, E_NONE);
    char token[64], body[512];
    snprintf(token, sizeof token, "%s", text_of(r->answer, "token"));
    assert_string_equal(text_of(r->answer, "email"), "joe@example.com");
    assert_null(json_object_get(r->answer, "token_hash"));
    request_end(r);
    assert_int_equal(outcome(post_auth("register", FMT("{\"username\":\"joe\",\"password\":\"12345678\","
                                                       "\"email\":\"eve@example.com\",\"invitation\":\"$\"}",
                                                       token))),
                     E_NOT_FOUND);
    token[3] ^= 1;
    assert_int_equal(outcome(post_auth("register", FMT("{\"username\":\"joe\",\"password\":\"12345678\","
                                                       "\"invitation\":\"$\"}",
                                                       token))),
                     E_NOT_FOUND);
    token[3] ^= 1;
    snprintf(body, sizeof body, "{\"username\":\"joe\",\"password\":\"12345678\",\"invitation\":\"%s\"}",
             token);
    r = post_auth("register", body);
    assert_int_equal(r->c.err.kind, E_NONE);
    assert_string_equal(text_of(r->answer, "role"), "operator");
    assert_int_equal(number_of(r->answer, "organization_id"), admin.organization);
    request_end(r);
    assert_int_equal(outcome(post_auth("register", FMT("{\"username\":\"joe2\",\"password\":\"12345678\","
                                                       "\"invitation\":\"$\"}",
                                                       token))),
                     E_NOT_FOUND);
    assert_int_equal(outcome(invite("{\"email\":\"joe@example.com\",\"role\":\"viewer\"}")), E_DUPLICATE);
    assert_int_equal(outcome(invite("{\"email\":\"z@example.com\",\"role\":\"pilot\"}")), E_INVALID);
    assert_int_equal(outcome(invite("{\"email\":\"z@example.com\",\"role\":\"viewer\","
                                    "\"expires_at\":\"2001-01-01T00:00:00Z\"}")),
                     E_INVALID);
    colleague("manager");
    assert_int_equal(outcome(invite("{\"email\":\"z@example.com\",\"role\":\"viewer\"}")), E_FORBIDDEN);
}

static void one_person_in_two_organizations(void **state) {
    (void)state;
    Person other = boss(), p = boss();
    int64_t home = p.organization;
    as(other.access);
    Request *r = invite("{\"email\":\"anybody@example.com\",\"role\":\"viewer\"}");
    char token[64], id[32];
    snprintf(token, sizeof token, "%s", text_of(r->answer, "token"));
    request_end(r);
    as(p.access);
    snprintf(id, sizeof id, "%lld", (long long)other.organization);
    assert_int_equal(outcome(post_auth("switch-organization", FMT("{\"organization_id\":$}", id))),
                     E_NOT_FOUND);
    assert_int_equal(outcome(post_auth("accept-invitation", FMT("{\"invitation\":\"$\"}", token))), E_NONE);
    assert_int_equal(outcome(post_auth("accept-invitation", FMT("{\"invitation\":\"$\"}", token))),
                     E_NOT_FOUND);
    r = post_auth("switch-organization", FMT("{\"organization_id\":$}", id));
    assert_int_equal(r->c.err.kind, E_NONE);
    keep_tokens(&p, r->answer);
    request_end(r);
    as(p.access);
    assert_int_equal(p.organization, other.organization);
    assert_int_equal(may("chores", MAY_CREATE), MAY_NOT);
    r = do_action(&(Doing){"auth", "me", .method = ACTION_GET});
    assert_int_equal(json_array_size(json_object_get(r->answer, "organizations")), 2);
    assert_string_equal(text_of(r->answer, "role"), "viewer");
    request_end(r);

    /* Neither administrator may rename somebody who is also elsewhere. */
    as(other.access);
    assert_int_equal(outcome(change("users", p.id, "{\"email\":\"stolen@example.com\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", p.id, "{\"password\":\"stolen word\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", p.id, "{\"role\":\"staff\"}")), E_NONE);
    as(p.access);
    r = do_action(&(Doing){"auth", "me", "{\"full_name\":\"Renamed Everywhere\"}", .method = ACTION_PATCH});
    assert_int_equal(r->c.err.kind, E_NONE);
    request_end(r);
    assert_int_equal(count("SELECT count(*) FROM users WHERE full_name = 'Renamed Everywhere'"), 2);
    assert_int_equal(count("SELECT count(DISTINCT organization_id) FROM journal WHERE resource = 'users' "
                           "AND changes LIKE '%Renamed Everywhere%'"),
                     2);
    as(other.access);
    assert_int_equal(outcome(change("users", p.id, "{\"is_active\":false}")), E_NONE);
    as(p.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    sign_in(&p);
    assert_int_equal(p.organization, home);
}

static void an_api_key_has_its_scopes_and_ends_at_once(void **state) {
    (void)state;
    boss();
    char admin[8192], key[128];
    memcpy(admin, authorization, sizeof admin);
    assert_int_equal(
        outcome(do_action(&(Doing){"api-keys", "", "{\"name\":\"k\",\"scopes\":[\"birds:read\"]}"})),
        E_INVALID);
    assert_int_equal(outcome(do_action(&(Doing){"api-keys", "", "{\"name\":\"k\",\"scopes\":[]}"})),
                     E_INVALID);
    assert_int_equal(outcome(do_action(&(Doing){"api-keys", "",
                                                "{\"name\":\"k\",\"expires_at\":\"2001-01-01T00:00:00Z\"}"})),
                     E_INVALID);
    Request *r =
        do_action(&(Doing){"api-keys", "", "{\"name\":\"Shop\",\"scopes\":[\"chores:read\",\"chores:create\"]}"});
    assert_int_equal(r->c.err.kind, E_NONE);
    snprintf(key, sizeof key, "%s", text_of(r->answer, "key"));
    int64_t id = number_of(r->answer, "id");
    assert_null(json_object_get(r->answer, "key_hash"));
    request_end(r);
    as(key);
    assert_int_equal(may("chores", MAY_READ), MAY_ALL);
    assert_int_equal(may("chores", MAY_UPDATE), MAY_NOT);
    assert_int_equal(may("users", MAY_READ), MAY_NOT);
    assert_int_equal(outcome(change("chores", 0, "{\"name\":\"by key\"}")), E_NONE);
    assert_int_equal(count("SELECT count(*) FROM journal WHERE origin = 'key'"), 1);
    assert_int_equal(
        outcome(do_action(&(Doing){"auth", "me", "{\"full_name\":\"X\"}", .method = ACTION_PATCH})),
        E_FORBIDDEN);
    assert_int_equal(outcome(post_auth("logout", NULL)), E_FORBIDDEN);
    assert_int_equal(outcome(do_action(&(Doing){"auth", "me", .method = ACTION_GET})), E_NONE);
    key[strlen(key) - 1] ^= 1;
    as(key);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    key[strlen(key) - 1] ^= 1;
    as(key);
    assert_int_equal(knock(), E_NONE);
    char good[8192];
    memcpy(good, authorization, sizeof good);
    memcpy(authorization, admin, sizeof admin);
    assert_int_equal(outcome(do_action(&(Doing){"api-keys", "revoke", .id = id})), E_NONE);
    memcpy(authorization, good, sizeof good);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(count("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"), 1);
}

static void sessions_can_be_seen_and_ended(void **state) {
    (void)state;
    Person here = boss(), there = here, stranger;
    sign_in(&there);
    as(here.access);
    Request *r = do_action(&(Doing){"auth", "sessions", .method = ACTION_GET});
    assert_int_equal(number_of(r->answer, "total"), 2);
    const json_t *items = json_object_get(r->answer, "items");
    int64_t other = 0;
    for (size_t i = 0; i < json_array_size(items); i++)
        if (!json_is_true(json_object_get(json_array_get(items, i), "current")))
            other = number_of(json_array_get(items, i), "id");
    request_end(r);
    char rest[32];
    snprintf(rest, sizeof rest, "%lld", (long long)other);
    stranger = boss();
    assert_int_equal(outcome(do_action(&(Doing){"auth", "sessions", .rest = rest, .method = ACTION_DELETE})),
                     E_NOT_FOUND);
    as(here.access);
    assert_int_equal(outcome(do_action(&(Doing){"auth", "sessions", .rest = "x", .method = ACTION_DELETE})),
                     E_NOT_FOUND);
    assert_int_equal(outcome(do_action(&(Doing){"auth", "sessions", .rest = rest, .method = ACTION_DELETE})),
                     E_NONE);
    as(there.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    as(here.access);
    assert_int_equal(knock(), E_NONE);
    (void)stranger;
}

static void an_administrator_sets_a_password(void **state) {
    (void)state;
    Person admin = boss(), p = colleague("viewer");
    as(admin.access);
    assert_int_equal(outcome(change("users", p.id, "{\"password\":\"brand new word\"}")), E_NONE);
    as(p.access);
    assert_int_equal(knock(), E_UNAUTHENTICATED);
    assert_int_equal(outcome(refresh(&p)), E_UNAUTHENTICATED);
    assert_int_equal(
        outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", p.name))),
        E_BAD_CREDENTIALS);
    assert_int_equal(
        outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"brand new word\"}", p.name))),
        E_NONE);
    as(admin.access);
    assert_int_equal(outcome(change("users", admin.id, "{\"password\":\"brand new word\"}")), E_FORBIDDEN);
    assert_int_equal(outcome(change("users", 0,
                                    "{\"email\":\"n@example.com\",\"username\":\"nopass\","
                                    "\"role\":\"viewer\"}")),
                     E_INVALID);
}

static void no_secret_is_stored_or_journaled_in_the_clear(void **state) {
    (void)state;
    assert_int_equal(count("SELECT count(*) FROM journal WHERE changes LIKE '%argon2%' "
                           "OR changes LIKE '%secret word%' OR changes LIKE '%_hash%'"),
                     0);
    assert_int_equal(count("SELECT count(*) FROM accounts WHERE password_hash NOT LIKE "
                           "'$argon2id$v=19$m=19456,t=2,p=1$%'"),
                     0);
    assert_int_equal(count("SELECT count(*) FROM refresh_tokens WHERE length(token_hash) <> 64"), 0);
}

static bool cli_all(Ctx *c, void *arg) {
    (void)arg;
    NewUser u = {S("Cli Org"), S("clive"), S("Clive@Example.com"), S("Clive"), S("admin"), S("typed word")};
    NewUser second = u, bad = u;
    second.username = S("cleo");
    second.email = S("cleo@example.com");
    Buf out = {0};
    if (!identity_cli_add(c, &u) || !identity_cli_add(c, &second)) return false;
    if (!identity_cli_passwd(c, S("CLEO@example.com"), S("other word"))) return false;
    if (!identity_cli_disable(c, S("clive")) || !identity_cli_list(c, &out)) return false;
    assert_non_null(strstr(buf_c_str(&out), "Cli Org"));
    assert_non_null(strstr(buf_c_str(&out), "clive@example.com"));
    buf_free(&out);
    bad.role = S("pilot");
    bad.username = S("carl");
    bad.email = S("carl@example.com");
    assert_false(identity_cli_add(c, &bad));
    assert_int_equal(c->err.kind, E_INVALID);
    error_clear(&c->err);
    return true;
}

static void the_command_line_manages_users(void **state) {
    (void)state;
    Request *r = request_begin("users", NULL, NULL);
    r->c.origin = "cli";
    assert_true(ctx_write(&r->c, cli_all, NULL));
    request_end(r);
    assert_int_equal(outcome(post_auth("login", "{\"username\":\"clive\",\"password\":\"typed word\"}")),
                     E_BAD_CREDENTIALS);
    assert_int_equal(outcome(post_auth("login", "{\"username\":\"cleo\",\"password\":\"typed word\"}")),
                     E_BAD_CREDENTIALS);
    assert_int_equal(outcome(post_auth("login", "{\"username\":\"cleo\",\"password\":\"other word\"}")),
                     E_NONE);
}

static void failed_logins_are_counted_per_name_and_network(void **state) {
    (void)state;
    Person p = boss(), q = boss();
    Identity *before = program.app.identity;
    identity_start(false);
    for (int i = 0; i < 20; i++) /* good ones cost nothing */
        assert_int_equal(
            outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", p.name))),
            E_NONE);
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"wrong word\"}", p.name))),
            E_BAD_CREDENTIALS);
    p.name[0] = 'B';
    Request *r = post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", p.name));
    assert_int_equal(r->c.err.kind, E_RATE_LIMITED);
    assert_in_range(r->c.err.retry_after, 1, 12);
    request_end(r);
    assert_int_equal(
        outcome(post_auth("login", FMT("{\"username\":\"$\",\"password\":\"secret word\"}", q.name))),
        E_NONE);
    identity_free(program.app.identity);
    program.app.identity = before;
}

static void requests_are_counted_per_session(void **state) {
    (void)state;
    Person p = boss();
    Identity *before = program.app.identity;
    identity_start(false);
    int good[3] = {0};
    for (int i = 0; i < 3 * 700; i++) {
        RateState told;
        Request *r = request_begin("chores", NULL, program.reader);
        if (i % 3) assert_true(identity_authenticate(&r->c, str_of(authorization)));
        if (i % 3 == 2) r->c.web_session = true, r->c.session_id += 1000000;
        good[i % 3] += rate_check(program.app.identity, &r->c, RATE_GENERAL, &told);
        assert_string_equal(told.policy, "general");
        assert_int_equal(told.limit, i % 3 == 2 ? 600 : 100);
        if (r->c.err.kind) assert_int_equal(r->c.err.kind, E_RATE_LIMITED);
        request_end(r);
    }
    /* The test itself takes a moment, in which some come back. */
    assert_in_range(good[0], 100, 110);
    assert_in_range(good[1], 100, 110);
    assert_in_range(good[2], 600, 640);
    identity_free(program.app.identity);
    program.app.identity = before;
    (void)p;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_secret_is_made_once_and_for_the_owner_only),
        cmocka_unit_test(registration_is_closed_unless_it_was_opened),
        cmocka_unit_test(names_are_taken_in_any_case_and_by_either_field),
        cmocka_unit_test(signs_in_by_name_or_address_in_any_case),
        cmocka_unit_test(a_wrong_password_and_a_wrong_name_look_the_same),
        cmocka_unit_test(anything_but_a_good_token_is_refused_with_one_text),
        cmocka_unit_test(a_token_ends_after_half_an_hour_also_when_it_is_remembered),
        cmocka_unit_test(a_request_learns_who_asks),
        cmocka_unit_test(a_refresh_token_works_once_and_its_copy_ends_the_session),
        cmocka_unit_test(a_refresh_token_ends_after_a_week),
        cmocka_unit_test(of_many_who_refresh_at_once_one_succeeds),
        cmocka_unit_test(signing_out_ends_this_session_only),
        cmocka_unit_test(a_new_password_ends_all_other_sessions_and_old_tokens),
        cmocka_unit_test(a_changed_role_counts_at_the_next_request),
        cmocka_unit_test(built_in_roles_may_what_they_are_for),
        cmocka_unit_test(the_last_administrator_stays),
        cmocka_unit_test(own_roles_are_checked_and_never_wider_than_their_author),
        cmocka_unit_test(built_in_roles_cannot_be_changed),
        cmocka_unit_test(an_invitation_lets_one_person_in_once),
        cmocka_unit_test(one_person_in_two_organizations),
        cmocka_unit_test(an_api_key_has_its_scopes_and_ends_at_once),
        cmocka_unit_test(sessions_can_be_seen_and_ended),
        cmocka_unit_test(an_administrator_sets_a_password),
        cmocka_unit_test(no_secret_is_stored_or_journaled_in_the_clear),
        cmocka_unit_test(the_command_line_manages_users),
        cmocka_unit_test(failed_logins_are_counted_per_name_and_network),
        cmocka_unit_test(requests_are_counted_per_session),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
