/* `millwright verify`; see verify.h. The parts wait in one list, and each thread
 * takes the next one. When one is wrong, those before it are still proved, so
 * that the complaint is always of the first. */
#include "model/verify.h"

#include <pthread.h>

#include "model/verify_parts.h"

typedef struct {
    Verify *v;
    Parts parts;
    pthread_mutex_t lock; /* of all below, and of v's counts and report */
    int next, wrong;      /* places in the list; wrong: of the first that is, n when none is */
    const char *said;
} Proof;

/* --- for the parts --- */

bool verify_wrong(Prover *p, const char *format, ...) {
    va_list args;
    if (p->report.n) return false;
    va_start(args, format);
    buf_vfmt(&p->report, format, args);
    va_end(args);
    buf_char(&p->report, '\n');
    return false;
}

bool verify_readable(Prover *p) {
    if (!db_failed(p->db)) return true;
    return verify_wrong(p, "the database cannot be read: %s", p->db->error.message);
}

void part_add(Parts *parts, Part part) {
    if (parts->n == parts->cap) {
        int cap = parts->cap ? parts->cap * 2 : 256;
        Part *wider = ARENA_ARRAY(&parts->arena, Part, (size_t)cap);
        if (parts->n) memcpy(wider, parts->list, sizeof(Part) * (size_t)parts->n);
        parts->list = wider;
        parts->cap = cap;
    }
    parts->list[parts->n++] = part;
}

/* --- what there is to prove --- */

static void plan_organization(Prover *p, Parts *parts, int64_t id) {
    static const char *const what = "the journal, numbers and documents";
    const Registry *r = p->app->registry;
    part_add(parts, (Part){.what = what, .prove = verify_journal, .organization_id = id});
    part_add(parts, (Part){.what = what, .prove = verify_numbers, .organization_id = id});
    for (int i = 0; i < r->n; i++)
        if (verify_has_documents(&r->models[i]))
            part_add(parts, (Part){.what = what, .prove = verify_documents, .organization_id = id, .model = &r->models[i]});
}

static void plan_organizations(Prover *p, Verify *v, Parts *parts) {
    Stmt *st = db_prepare(p->db, S("SELECT id FROM organizations ORDER BY id"));
    for (; stmt_step(st); v->organizations++) plan_organization(p, parts, stmt_int(st, 0));
    stmt_reset(st);
}

static bool plan(Verify *v, Prover *p, Parts *parts) {
    db_scope(p->db, 0);
    if (!db_begin_read(p->db)) return verify_readable(p);
    verify_plan_rules(p, parts);
    verify_plan_references(p, parts);
    plan_organizations(p, v, parts);
    part_add(parts, (Part){.what = "the end of the journal", .prove = verify_journal_end});
    verify_plan_file(p, parts);
    db_end_read(p->db);
    return verify_readable(p);
}

/* --- proving it --- */

/* The next part that is still of interest, or NULL. */
static const Part *part_take(Proof *proof) {
    const Part *part = NULL;
    pthread_mutex_lock(&proof->lock);
    if (proof->next < proof->wrong) {
        part = &proof->parts.list[proof->next++];
        bool news = part->what != proof->said && proof->v->progress;
        proof->said = part->what;
        if (news) proof->v->progress(part->what);
    }
    pthread_mutex_unlock(&proof->lock);
    return part;
}

static void part_wrong(Proof *proof, const Part *part, const Buf *report) {
    int at = (int)(part - proof->parts.list);
    pthread_mutex_lock(&proof->lock);
    if (at < proof->wrong) {
        proof->wrong = at;
        buf_reset(proof->v->report);
        buf_str(proof->v->report, buf_view(report));
    }
    pthread_mutex_unlock(&proof->lock);
}

static bool part_prove(Prover *p, const Part *part) {
    db_scope(p->db, 0);
    if (!db_begin_read(p->db)) return verify_readable(p);
    bool ok = part->prove(p, part);
    db_end_read(p->db);
    return ok;
}

static void parts_prove(Proof *proof, Db *db) {
    Prover p = {.app = proof->v->app, .db = db, .wanted = proof->v->wanted, .wanted_sql = proof->v->wanted_sql};
    for (const Part *part; (part = part_take(proof));) {
        buf_reset(&p.report);
        if (!part_prove(&p, part)) part_wrong(proof, part, &p.report);
    }
    buf_free(&p.report);
    pthread_mutex_lock(&proof->lock);
    proof->v->journal_rows += p.journal_rows;
    proof->v->documents += p.documents;
    proof->v->unsealed += p.unsealed;
    pthread_mutex_unlock(&proof->lock);
}

typedef struct {
    Proof *proof;
    Db *db;
    pthread_t thread;
    bool started;
} Helper;

static void *helper_run(void *arg) {
    Helper *h = arg;
    parts_prove(h->proof, h->db);
    return NULL;
}

/* A thread that cannot be had is done without. */
static void prove_together(Proof *proof) {
    const Verify *v = proof->v;
    Helper *helpers = ARENA_ARRAY(&proof->parts.arena, Helper, (size_t)v->n_dbs);
    for (int i = 1; i < v->n_dbs; i++) {
        helpers[i] = (Helper){.proof = proof, .db = v->dbs[i]};
        helpers[i].started = pthread_create(&helpers[i].thread, NULL, helper_run, &helpers[i]) == 0;
    }
    parts_prove(proof, v->dbs[0]);
    for (int i = 1; i < v->n_dbs; i++)
        if (helpers[i].started) pthread_join(helpers[i].thread, NULL);
}

bool verify_all(Verify *v) {
    Proof proof = {.v = v};
    Prover planner = {.app = v->app, .db = v->dbs[0]};
    pthread_mutex_init(&proof.lock, NULL);
    arena_init(&proof.parts.arena, (size_t)1 << 30);
    bool ok = plan(v, &planner, &proof.parts);
    if (!ok) buf_str(v->report, buf_view(&planner.report));
    buf_free(&planner.report);
    proof.wrong = proof.parts.n;
    if (ok) prove_together(&proof);
    ok = ok && proof.wrong == proof.parts.n;
    arena_free(&proof.parts.arena);
    pthread_mutex_destroy(&proof.lock);
    return ok;
}
