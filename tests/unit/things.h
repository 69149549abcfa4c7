/* A resource with a field of every kind that lists can filter and sort by, in
 * a database in memory, for tests of the reading half of the model floor. */
#ifndef TEST_THINGS_H
#define TEST_THINGS_H

#include "base/words.h"
#include "model/planner.h"
#include "model/query.h"
#include "model/read.h"
#include "model/schema.h"
#include "model/tally.h"
#include "tiny.h"

static const Choice thing_kinds[] = {{"raw"}, {"half_done"}, {"done"}, {"lost"}, {0}};
static const Choice thing_states[] = {{"draft"}, {"open"}, {"closed"}, {0}};
static const Field thing_fields[] = {
    {"number", &T_NUMBER, F_UNIQUE | F_SORT | F_FILTER | F_SEARCH, .series = "T-{seq:4}"},
    {"name", &T_TEXT, F_SORT | F_FILTER | F_SEARCH, .also = "title"},
    {"status", &T_ENUM, F_FILTER | F_SORT, .choices = thing_states, .fallback = "draft"},
    {"kind", &T_ENUM, F_FILTER, .choices = thing_kinds},
    {"price", &T_MONEY, F_FILTER | F_SORT | F_SUM},
    {"pieces", &T_INT, F_FILTER | F_SORT, .fallback = "0"},
    {"fragile", &T_BOOL, F_FILTER, .fallback = "false"},
    {"due_date", &T_DATE, F_FILTER | F_SORT},
    {"vendor_id", &T_REF, F_FILTER, .ref = "vendors"},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users"},
    {"notes", &T_LONG_TEXT, 0},
    {"code_hash", &T_TEXT, F_HIDDEN},
    {"tags", &T_TAGS, F_FILTER, .also = "tag"},
};
static const Field thing_line_fields[] = {
    {"vendor_id", &T_REF, 0, .ref = "vendors"},
    {"quantity", &T_QUANTITY, F_REQUIRED},
};
static const Lines thing_lines = {"parts",  NULL, "thing_parts", "thing_id", LINE_FIELDS(thing_line_fields),
                                  .max = 10};
static const Rename thing_renames[] = {{"number", "thing_no"}};
static const Alias thing_aliases[] = {{.path = "stuff", RENAMES(thing_renames)}};
static const Resource things = {
    .name = "things",
    .singular = "thing",
    .display = "number",
    .owner = "assigned_to",
    FIELDS(thing_fields),
    .lines = &thing_lines,
    ALIASES(thing_aliases),
    .done_states = IN(2),
    .due = "due_date",
};

typedef struct {
    Registry *registry;
    const Model *model;
    Db *db;
    App app;
    Arena arena;
    Buf body;
    Rights rights[16];
    Ctx c;
} World;

static inline uint32_t draw(uint32_t n) {
    static uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)(state >> 8) * n) >> 24);
}

/* A fresh request of user 1 in organization 1 (or another). */
static inline Ctx *world_ask(World *w) {
    arena_reset(&w->arena);
    buf_reset(&w->body);
    ctx_init(&w->c, &w->app, &w->arena, &w->body);
    w->c.organization_id = 1;
    w->c.user_id = 1;
    w->c.rights = w->rights;
    w->c.db = w->db;
    return &w->c;
}

static inline void world_exec(World *w, const char *sql) {
    if (!db_exec(w->db, sql)) fprintf(stderr, "%s\n", w->db->error.message);
    assert(!db_failed(w->db));
}

static inline void world_open(World *w) {
    static const Resource *const list[] = {&tiny_organizations, &tiny_accounts, &tiny_users,
                                           &tiny_vendors,       &things,        &tiny_purchases};
    Buf report = {0}, schema = {0};
    DbError error;
    *w = (World){0};
    w->registry = registry_new(list, 6, &report);
    if (!w->registry) fputs(buf_c_str(&report), stderr);
    assert(w->registry);
    w->model = registry_model(w->registry, "things");
    w->app = (App){.registry = w->registry};
    w->db = db_open(&(DbConfig){"sqlite::memory:", 0}, DB_WRITE, &error);
    assert(w->db);
    schema_write(w->registry, &w->db->driver->dialect, &schema);
    world_exec(w, buf_c_str(&schema));
    buf_free(&schema);
    buf_free(&report);
    assert(planner_teach(w->db, w->registry));
    arena_init(&w->arena, (size_t)64 << 20);
    buf_init(&w->body, 0, (size_t)8 << 20);
    for (size_t i = 0; i < 16; i++) w->rights[i].all = ~(uint64_t)0;
    world_exec(w, "INSERT INTO organizations (id, name, version, created_at, updated_at) VALUES"
                  " (1, 'Acme', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),"
                  " (2, 'Other', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');"
                  "INSERT INTO accounts (id, email) VALUES (1, 'ann@example.com');"
                  "INSERT INTO users (organization_id, id, account_id, username, version, created_at,"
                  " updated_at) SELECT 1 + (id > 3), id, 1, 'user' || id, 1, '2026-01-01T00:00:00Z',"
                  " '2026-01-01T00:00:00Z' FROM (SELECT 1 id UNION SELECT 2 UNION SELECT 3 UNION SELECT 4);"
                  "INSERT INTO vendors (organization_id, id, name, version, created_at, updated_at)"
                  " SELECT 1 + (id > 3), id, 'Vendor ' || id, 1, '2026-01-01T00:00:00Z',"
                  " '2026-01-01T00:00:00Z' FROM (SELECT 1 id UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)");
}

static inline void world_close(World *w) {
    if (w->app.tallies) tallies_free(w->app.tallies);
    db_close(w->db);
    registry_free(w->registry);
    arena_free(&w->arena);
    buf_free(&w->body);
}

static inline Value drawn_text(void) {
    static const char *const texts[] = {"bolt",  "Bolt",  "BOLTS", "bo_lt", "bo%lt",  "b\\olt",
                                        "élan",  "ÉLAN",  "ß",     "日本",  "O'Neil", "a \"b\"",
                                        "boltz", "abolt", "%",     "_",     "\\",     "bolt é"};
    return value_text(str_of(texts[draw(sizeof texts / sizeof *texts)]));
}

static inline Value drawn_date(void) {
    static const char *const dates[] = {"2025-12-31", "2026-01-01", "2026-01-02", "2026-02-28",
                                        "2026-03-01", "2027-01-01", "0001-01-01", "9999-12-31"};
    return value_text(str_of(dates[draw(sizeof dates / sizeof *dates)]));
}

static inline Value drawn_tags(void) {
    static const char *const tags[] = {"[\"a\"]", "[\"b\"]", "[\"b\",\"a\"]", "[\"ab\"]", "[\"a b\",\"%\"]", "[\"élan\",\"a\",\"_\"]"};
    return value_text(str_of(tags[draw(sizeof tags / sizeof *tags)]));
}

/* A value the field's column can hold; null now and then where it may be. */
static inline Value drawn_value(const ModelField *f, bool null_too) {
    if (null_too && !f->not_null && draw(4) == 0) return VALUE_NULL;
    if (f->decl->choices) return value_text(str_of(f->decl->choices[draw((uint32_t)choice_count(f))].name));
    if (f->ref) return value_int(1 + draw(3));
    if (f->type == &T_BOOL) return value_int(draw(2));
    if (f->type == &T_TAGS) return drawn_tags();
    if (f->type == &T_TIME) return value_text(S("2026-01-01T00:00:00Z"));
    if (f->type == &T_DATE) return drawn_date();
    if (f->type == &T_MONEY) return value_int((int64_t)draw(9) * 12500 - 25000);
    if (f->type == &T_INT) return value_int((int64_t)draw(7) - 2);
    return drawn_text();
}

static inline void bind_next(Stmt *st, int *at, Value v) { stmt_bind(st, (*at)++, v); }

/* Things of random values; organization 2 has as many of its own. */
static inline void world_fill(World *w, int n) {
    world_exec(w, "PRAGMA foreign_keys = OFF");
    const Model *m = w->model;
    char number[16];
    for (int i = 0; i < 2 * n; i++) {
        int at = 1;
        Stmt *st = db_prepare(w->db, m->insert_sql);
        bind_next(st, &at, value_int(1 + i % 2));
        for (int k = 1; k < m->n; k++) {
            const ModelField *f = &m->fields[k];
            Value v = drawn_value(f, true);
            if (f->type == &T_NUMBER) {
                snprintf(number, sizeof number, "T-%04d", i / 2 + 1);
                v = value_text(str_of(number));
            }
            bind_next(st, &at, v);
        }
        stmt_run(st);
        assert(!db_failed(w->db));
    }
    world_exec(w, "INSERT INTO things_search (rowid, words) SELECT id, '" SEARCH_TENANT "' || organization_id ||"
                  " ' ' || number || ' ' || coalesce(name, '') || ' ' || coalesce((SELECT group_concat("
                  "'" SEARCH_WHOLE "' || organization_id || 'x' || lower(hex(value)), ' ') FROM json_each(tags)), '') FROM things;"
                  "INSERT INTO thing_parts (organization_id, thing_id, position, vendor_id, quantity)"
                  " SELECT organization_id, id, p, CASE WHEN p < 3 THEN p END, p * 10000 FROM things,"
                  " (SELECT 1 p UNION SELECT 2 UNION SELECT 3) WHERE id / 2 % 4 >= p");
}

/* "status=open&name=a b" as parameters; not decoded. */
static inline int params_of(World *w, const char *text, Param *out) {
    int n = 0;
    Str rest = text && *text ? arena_str(&w->arena, str_of(text)) : STR_NONE;
    while (rest.p) {
        Str pair = str_cut(rest, '&', &rest), value;
        Str name = str_cut(pair, '=', &value);
        out[n++] = (Param){name, value.p ? value : S("")};
    }
    return n;
}

static inline bool world_read(World *w, const char *params, Query *q) {
    Param list[64];
    Ctx *c = world_ask(w);
    int n = params_of(w, params, list);
    return query_read(c, &w->model->views[0], (Params){list, n}, MAY_READ, q);
}

#endif
