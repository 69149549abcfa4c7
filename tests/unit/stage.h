/* The write path without a server: an organization in a database in memory,
 * and a context that may do everything, as if on the writer. */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include <assert.h>

#include "base/hash.h"
#include "model/journal.h"
#include "model/schema.h"
#include "model/tally.h"

typedef struct {
    Registry *registry;
    Db *db;
    Arena arena;
    WriteSide side;
    App app;
    Rights rights[64];
    Ctx c;
} Stage;

static inline void stage_exec(Stage *s, const char *sql) {
    if (!db_exec(s->db, sql)) fprintf(stderr, "%s\n", s->db->error.message);
    assert(!db_failed(s->db));
}

static inline int64_t stage_int(Stage *s, const char *sql) {
    Stmt *st = db_prepare(s->db, str_of(sql));
    int64_t n = stmt_step(st) ? stmt_int(st, 0) : -1;
    stmt_reset(st);
    assert(!db_failed(s->db));
    return n;
}

static inline Stage *stage_open(const Resource *const *resources, size_t n, const Follower *following) {
    Stage *s = calloc(1, sizeof *s);
    Buf report = {0}, schema = {0};
    DbError error;
    assert(s && hash_init() && n <= 64);
    s->registry = registry_new(resources, n, &report);
    if (!s->registry || !registry_follow(s->registry, following, &report)) fputs(buf_c_str(&report), stderr);
    assert(report.n == 0);
    s->db = db_open(&(DbConfig){"sqlite::memory:", 0}, DB_WRITE, &error);
    schema_write(s->registry, &s->db->driver->dialect, &schema);
    stage_exec(s, buf_c_str(&schema));
    s->side = (WriteSide){journal_heads_new(), tallies_new()};
    s->app = (App){.registry = s->registry, .side = &s->side, .tallies = s->side.tallies};
    arena_init(&s->arena, (size_t)8 << 20);
    ctx_init(&s->c, &s->app, &s->arena, NULL);
    memset(s->rights, 0xff, sizeof s->rights);
    s->c.rights = s->rights;
    s->c.organization_id = 1;
    s->c.db = s->db;
    s->c.writing = true;
    buf_free(&schema);
    buf_free(&report);
    return s;
}

static inline void stage_close(Stage *s) {
    write_side_kept(&s->side);
    write_side_before_commit(&s->side, s->db);
    write_side_after_commit(&s->side, true);
    journal_heads_free(s->side.heads);
    tallies_free(s->side.tallies);
    db_close(s->db);
    registry_free(s->registry);
    arena_free(&s->arena);
    free(s);
}

/* A change of some fields, given as texts the way tables say them. */
static inline void stage_give(Stage *s, Input *in, const char *field, const char *text) {
    const ModelField *f = model_field(in->row.model, field);
    Problem problem = {0};
    bool good = f->type->from_text(&s->c, f, str_of(text), &in->row.values[f->index], &problem);
    assert(good);
    (void)good;
    set_add(&in->given, f->index);
}

static inline Input stage_input(Stage *s, const Model *m) {
    return (Input){.row = row_new(&s->arena, m), .status = -1};
}

#endif
