/* Appending to the journal. The head of each organization's chain (sequence
 * and hash) is kept in memory by the writer, undone with a job's savepoint and
 * forgotten when a commit fails. Another process may append too (the command
 * line): then the sequence collides, and the head is read again.
 *
 * Where many write at once nobody waits for a head: a row is stored unsealed,
 * and numbered and chained afterwards (journal_seal.c). */
#include "model/journal.h"

#include <assert.h>
#include <sodium.h>

#include "model/store.h"
#include "model/tally.h"

static const Field fields[] = {
    {"sequence", &T_INT, F_REQUIRED | F_SORT | F_FILTER | F_UNIQUE},
    {"at", &T_TIME, F_REQUIRED | F_SORT | F_FILTER, .also = "timestamp,created_at"},
    {"user_id", &T_INT, F_FILTER | F_UNINDEXED, .also = "user", .help = "who did it; null for the program itself"},
    {"username", &T_TEXT, F_REQUIRED},
    {"origin", &T_TEXT, F_REQUIRED, .help = "api, key, cli, import, job or demo"},
    {"ip", &T_TEXT, 0},
    {"request_id", &T_TEXT, 0},
    {"resource", &T_TEXT, F_REQUIRED | F_FILTER | F_UNINDEXED, .also = "resource_type"},
    {"record_id", &T_INT, F_FILTER | F_UNINDEXED, .also = "resource_id"},
    {"action", &T_TEXT, F_REQUIRED | F_FILTER | F_UNINDEXED},
    {"changes", &T_JSON, F_REQUIRED, .help = "{field: [before, after]}, or {field: value}"},
    {"hash", &T_TEXT, F_REQUIRED, .help = "SHA-256 over this row and the hash before it"},
};

static const char *const indexes[] = {"resource,record_id", "resource,at", "user_id,at", NULL};

#define WINDOW                                                                                              \
    {"from", &T_DATE, 0, .help = "30 days to `to` when left out"}, {                                        \
        "to", &T_DATE, 0, .help = "today when left out, at most 366 days from `from`"                       \
    }
static const Field stats_input[] = {WINDOW};
static const Field timeline_input[] = {
    WINDOW,
    {"resource", &T_TEXT, 0, .also = "resource_type", .example = "products"},
    {"record_id", &T_INT, 0, .also = "resource_id", .min = "1", .help = "with `resource`", .example = "7"},
};
static const Field stats_answer[] = {
    {"from", &T_DATE, F_REQUIRED},
    {"to", &T_DATE, F_REQUIRED},
    {"by_action", &T_JSON, F_REQUIRED, .example = "{\"create\": 12, \"update\": 7}"},
    {"by_resource", &T_JSON, F_REQUIRED, .example = "{\"products\": 19}"},
    {"by_user", &T_JSON, F_REQUIRED, .help = "the ten with the most",
     .example = "[{\"user_id\": 1, \"username\": \"maria\", \"count\": 19}]"},
    {"total_logs", &T_INT, F_REQUIRED, .example = "19"},
    {"recent_activity_24h", &T_INT, F_REQUIRED, .help = "whatever the window", .example = "3"},
};

static const Action actions[] = {
    {"stats", ACTION_COLLECTION | ACTION_GET | ACTION_POOL, "What was done in some days, and by whom",
     .permission = "read", INPUT(stats_input), ANSWER(stats_answer), .run = journal_stats},
    {"timeline", ACTION_COLLECTION | ACTION_GET,
     "The newest 500 entries of some days, as {\"2026-01-15\": [entry, …]}", .permission = "read",
     INPUT(timeline_input), .run = journal_timeline},
};

const Resource audit_logs = {
    .name = "audit-logs",
    .singular = "audit log entry",
    .summary = "The journal: every committed change, who made it, and its proof.",
    .flags = R_READ_ONLY | R_APPEND_ONLY | R_SYSTEM,
    .table = "journal",
    .display = "action",
    .default_order = "-at,-id",
    FIELDS(fields),
    .indexes = indexes,
    .fresh = journal_fresh,
    ACTIONS(actions),
};

typedef JournalMark Head;

struct JournalHeads {
    Head *heads; /* open addressing by organization; 0 = free */
    size_t n, cap;
    Head *undo; /* heads as they were before this job touched them */
    size_t n_undo, undo_cap;
};

JournalHeads *journal_heads_new(void) {
    JournalHeads *h = calloc(1, sizeof *h);
    assert(h);
    h->cap = 64;
    h->heads = calloc(h->cap, sizeof(Head));
    assert(h->heads);
    return h;
}

void journal_heads_free(JournalHeads *h) {
    free(h->heads);
    free(h->undo);
    free(h);
}

static Head *head_slot(JournalHeads *h, int64_t organization_id) {
    size_t i = (size_t)organization_id * 0x9e3779b97f4a7c15u >> 20 & (h->cap - 1);
    while (h->heads[i].organization_id && h->heads[i].organization_id != organization_id)
        i = (i + 1) & (h->cap - 1);
    return &h->heads[i];
}

static void heads_grow(JournalHeads *h) {
    Head *old = h->heads;
    size_t old_cap = h->cap;
    h->cap *= 2;
    h->heads = calloc(h->cap, sizeof(Head));
    assert(h->heads);
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].organization_id) *head_slot(h, old[i].organization_id) = old[i];
    free(old);
}

static void undo_push(JournalHeads *h, Head head) {
    for (size_t i = 0; i < h->n_undo; i++)
        if (h->undo[i].organization_id == head.organization_id) return;
    if (h->n_undo == h->undo_cap) {
        h->undo_cap = h->undo_cap ? h->undo_cap * 2 : 8;
        h->undo = realloc(h->undo, h->undo_cap * sizeof(Head));
        assert(h->undo);
    }
    h->undo[h->n_undo++] = head;
}

void journal_heads_keep(JournalHeads *h) { h->n_undo = 0; }

void journal_heads_drop(JournalHeads *h) {
    for (size_t i = 0; i < h->n_undo; i++) *head_slot(h, h->undo[i].organization_id) = h->undo[i];
    h->n_undo = 0;
}

void journal_heads_forget(JournalHeads *h) {
    memset(h->heads, 0, h->cap * sizeof(Head));
    h->n = h->n_undo = 0;
}

static bool head_read(Ctx *c, Head *head) {
    Stmt *st = db_prepare(c->db, S("SELECT sequence, hash FROM journal WHERE organization_id = ?1 "
                                   "ORDER BY sequence DESC LIMIT 1"));
    stmt_bind_int(st, 1, c->organization_id);
    *head = (Head){.organization_id = c->organization_id};
    if (stmt_step(st)) {
        head->sequence = stmt_int(st, 0);
        if (!hash_from_hex(stmt_text(st, 1), &head->hash)) memset(&head->hash, 0, sizeof head->hash);
    }
    stmt_reset(st);
    return !db_failed(c->db);
}

void journal_entry_read(Stmt *st, JournalEntry *e) {
    e->organization_id = 0;
    e->sequence = stmt_int(st, 0);
    e->at = stmt_text(st, 1);
    e->user_id = stmt_int(st, 2);
    e->username = stmt_text(st, 3);
    e->origin = stmt_text(st, 4);
    e->ip = stmt_text(st, 5);
    e->request_id = stmt_text(st, 6);
    e->resource = stmt_text(st, 7);
    e->record_id = stmt_int(st, 8);
    e->action = stmt_text(st, 9);
    e->changes = stmt_text(st, 10);
}

void journal_hash(const JournalEntry *e, const Hash *previous, Hash *out) {
    char numbers[4][24];
    Str parts[13];
    int64_t values[4] = {e->organization_id, e->sequence, e->user_id, e->record_id};
    for (int i = 0; i < 4; i++) snprintf(numbers[i], sizeof numbers[i], "%lld", (long long)values[i]);
    parts[0] = (Str){(const char *)previous->b, HASH_BYTES};
    parts[1] = str_of(numbers[0]);
    parts[2] = str_of(numbers[1]);
    parts[3] = e->at;
    parts[4] = str_of(numbers[2]);
    parts[5] = e->username;
    parts[6] = e->origin;
    parts[7] = e->ip;
    parts[8] = e->request_id;
    parts[9] = e->resource;
    parts[10] = str_of(numbers[3]);
    parts[11] = e->action;
    parts[12] = e->changes;
    hash_parts(parts, 13, out);
}

static void bind_id(Stmt *st, int i, int64_t id) {
    stmt_bind(st, i, id ? value_int(id) : VALUE_NULL);
}

static void bind_optional(Stmt *st, int i, Str s) {
    stmt_bind(st, i, s.n ? value_text(s) : VALUE_NULL);
}

static bool entry_insert(Ctx *c, const JournalEntry *e, Str hash) {
    Stmt *st = db_prepare(
        c->db, S("INSERT INTO journal (organization_id, sequence, at, user_id, username, origin, "
                 "ip, request_id, resource, record_id, action, changes, hash) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
    stmt_bind_int(st, 1, e->organization_id);
    stmt_bind_int(st, 2, e->sequence);
    stmt_bind_text(st, 3, e->at);
    bind_id(st, 4, e->user_id);
    stmt_bind_text(st, 5, e->username);
    stmt_bind_text(st, 6, e->origin);
    bind_optional(st, 7, e->ip);
    bind_optional(st, 8, e->request_id);
    stmt_bind_text(st, 9, e->resource);
    bind_id(st, 10, e->record_id);
    stmt_bind_text(st, 11, e->action);
    stmt_bind_text(st, 12, e->changes);
    stmt_bind_text(st, 13, hash);
    return stmt_run(st);
}

static Head *head_get(Ctx *c) {
    JournalHeads *h = c->app->side->heads;
    Head *head = head_slot(h, c->organization_id);
    if (head->organization_id) return head;
    if (h->n * 2 >= h->cap) {
        heads_grow(h);
        head = head_slot(h, c->organization_id);
    }
    if (!head_read(c, head)) return NULL;
    h->n++;
    return head;
}

bool journal_mark(Ctx *c, JournalMark *out) {
    *out = (JournalMark){0};
    if (!c->app->side) return true;
    const Head *head = head_get(c);
    if (!head) return db_fail(c->db, &c->err);
    *out = *head;
    return true;
}

void journal_return(Ctx *c, const JournalMark *mark) {
    if (!c->app->side) return;
    *head_slot(c->app->side->heads, mark->organization_id) = *mark;
}

/* Until it is sealed its sequence is negative, and no other row's. */
static bool entry_append_unsealed(Ctx *c, JournalEntry *e) {
    uint64_t any;
    randombytes_buf(&any, sizeof any);
    e->sequence = -(int64_t)(any >> 1) - 1;
    return entry_insert(c, e, S(""));
}

static bool entry_append(Ctx *c, JournalEntry *e) {
    if (!c->app->side) return entry_append_unsealed(c, e);
    Head *head = head_get(c);
    if (!head) return false;
    Hash hash;
    char hex[HASH_HEX];
    e->sequence = head->sequence + 1;
    journal_hash(e, &head->hash, &hash);
    hash_hex(&hash, hex);
    if (!entry_insert(c, e, str_of(hex))) return false;
    undo_push(c->app->side->heads, *head);
    head->sequence = e->sequence;
    head->hash = hash;
    return true;
}

bool journal_append(Ctx *c, Str resource, int64_t record_id, Str action, Str changes) {
    JournalEntry e = {.organization_id = c->organization_id,
                      .at = {c->now_text, TIME_TEXT - 1},
                      .user_id = c->user_id,
                      .username = c->username.n ? c->username : S("system"),
                      .origin = str_of(c->origin),
                      .ip = c->ip,
                      .request_id = c->request_id,
                      .resource = resource,
                      .record_id = record_id,
                      .action = action,
                      .changes = changes};
    if (entry_append(c, &e)) return true;
    if (c->app->side && c->db->error.status == DB_UNIQUE) { /* another process appended */
        db_clear_error(c->db);
        Head *head = head_slot(c->app->side->heads, c->organization_id);
        if (head_read(c, head) && entry_append(c, &e)) return true;
    }
    return db_fail(c->db, &c->err);
}

/* The texts of a personal record are its owner's, also from whoever reads the
 * journal. */
static bool is_confidential(const Row *row, const ModelField *f) {
    if (f->flags & F_SECRET) return true;
    const Model *m = row->model;
    bool owned = !m->parent && (m->resource->flags & R_PERSONAL) && row->values[m->owner].kind != V_NULL;
    return owned && (f->type->operators & OPS_TEXT);
}

/* What the journal may say of a cell. */
static void cell_write(Json *j, const Row *row, const ModelField *f) {
    const Value *v = &row->values[f->index];
    if (v->kind != V_NULL && is_confidential(row, f))
        js_c(j, "***");
    else
        f->type->to_json(j, v);
}

static bool worth_noting(const Model *m, const ModelField *f) {
    if (f->flags & (F_HIDDEN | F_NO_COLUMN)) return false;
    int i = f->index;
    return i != m->id && i != m->version && i != m->created_by && i != m->created_at &&
           i != m->updated_at;
}

static void row_note(Json *j, const Row *row) {
    for (int i = 0; i < row->model->n; i++) {
        const ModelField *f = &row->model->fields[i];
        if (!worth_noting(row->model, f) || row->values[i].kind == V_NULL) continue;
        js_raw_key(j, f->key);
        cell_write(j, row, f);
    }
}

static void lines_note(Json *j, const Row *row) {
    js_begin_array(j);
    for (int i = 0; i < row->n_lines; i++) {
        js_begin_object(j);
        row_note(j, &row->lines[i]);
        js_end_object(j);
    }
    js_end_array(j);
}

/* Of a line that stayed: its id and what differs, as before or as after. */
static void line_differences(Json *j, const Row *line, const Row *other) {
    js_begin_object(j);
    js_field_int(j, "id", line->values[line->model->id].i);
    for (int i = 0; i < line->model->n; i++) {
        const ModelField *f = &line->model->fields[i];
        if (!worth_noting(line->model, f) || value_equal(&line->values[i], &other->values[i])) continue;
        js_raw_key(j, f->key);
        cell_write(j, line, f);
    }
    js_end_object(j);
}

static void lines_altered_note(Json *j, const Row *row, const Row *other) {
    js_begin_array(j);
    for (int i = 0; i < row->n_lines; i++)
        if (row_differs(&row->lines[i], &other->lines[i])) line_differences(j, &row->lines[i], &other->lines[i]);
    js_end_array(j);
}

static int lines_differences_note(Json *j, const Change *ch) {
    if (!ch->lines_given && !ch->lines_altered) return 0;
    js_raw_key(j, ch->model->lines_key);
    js_begin_array(j);
    if (ch->lines_given) {
        lines_note(j, ch->before);
        lines_note(j, ch->row);
    } else {
        lines_altered_note(j, ch->before, ch->row);
        lines_altered_note(j, ch->row, ch->before);
    }
    js_end_array(j);
    return 1;
}

static int differences_note(Json *j, const Change *ch) {
    int n = 0;
    for (int i = 0; i < ch->model->n; i++) {
        const ModelField *f = &ch->model->fields[i];
        if (!worth_noting(ch->model, f) || value_equal(&ch->before->values[i], &ch->row->values[i]))
            continue;
        n++;
        js_raw_key(j, f->key);
        js_begin_array(j);
        cell_write(j, ch->before, f);
        cell_write(j, ch->row, f);
        js_end_array(j);
    }
    return n + lines_differences_note(j, ch);
}

static void whole_note(Json *j, const Row *row) {
    row_note(j, row);
    if (!row->model->lines) return;
    js_raw_key(j, row->model->lines_key);
    lines_note(j, row);
}

bool journal_changes(Ctx *c, const Change *ch, Str *out) {
    Buf b;
    buf_init(&b, 512, BUF_DEFAULT_MAX);
    Json j = js_to(&b);
    int n = 1;
    js_begin_object(&j);
    if (ch->before && ch->row)
        n = differences_note(&j, ch);
    else
        whole_note(&j, ch->row ? ch->row : ch->before);
    js_end_object(&j);
    *out = arena_str(c->arena, buf_view(&b));
    buf_free(&b);
    return n > 0;
}

void write_side_kept(void *user) {
    WriteSide *side = user;
    journal_heads_keep(side->heads);
    tally_keep(side->tallies);
    if (side->words) words_keep(side->words);
}

void write_side_rolled_back(void *user) {
    WriteSide *side = user;
    journal_heads_drop(side->heads);
    tally_drop(side->tallies);
    if (side->words) words_drop(side->words);
}

bool write_side_before_commit(void *user, Db *db) {
    WriteSide *side = user;
    tally_before_commit(side->tallies);
    return !side->words || words_write(side->words, db);
}

void write_side_after_commit(void *user, bool committed) {
    WriteSide *side = user;
    if (!committed) journal_heads_forget(side->heads);
    tally_after_commit(side->tallies, committed);
    if (side->words) words_clear(side->words);
}
