/* Notifications: what the program, or a person, has to tell others.
 *
 *   unread ──read──▶ read ──unread──▶ unread
 *
 * One with a user is that user's alone. One without is everybody's: a shared
 * inbox, in which read means handled, and read_by by whom.
 *
 * Never: a read one without who read it and when; an unread one with them. */
#include "domain/system/internal.h"
#include "model/query.h"

#define MESSAGE_MAX 1000
#define SWEEP_BATCH 200 /* read in one transaction: a few milliseconds */
#define SWEEP_ARENA ((size_t)64 << 20)

static const Choice types[] = {[NOTIFY_INFO] = {"info"}, [NOTIFY_WARNING] = {"warning"}, [NOTIFY_ERROR] = {"error"}, {0}};

static const Field fields[] = {
    {"message", &T_LONG_TEXT, F_REQUIRED, .max_length = MESSAGE_MAX, .example = "\"The dye house is closed on Friday.\""},
    {"type", &T_ENUM, F_FILTER, .choices = types, .fallback = "info"},
    {"kind", &T_TEXT, F_FILTER, .max_length = 64, .example = "\"announcement\"",
     .help = "what programs know it by, such as low_stock, overdue or expiring"},
    {"user_id", &T_REF, F_FILTER | F_CREATE_ONLY, .ref = "users", .help = "whom it is for; null: everybody"},
    {"resource", &T_TEXT, F_READONLY | F_FILTER | F_UNINDEXED, .max_length = 64, .help = "what it is about, with record_id"},
    {"record_id", &T_INT, F_READONLY | F_FILTER | F_UNINDEXED},
    {"about_date", &T_DATE, F_READONLY | F_FILTER | F_UNINDEXED, .help = "when that was due, or expires"},
    {"read", &T_BOOL, F_FILTER, .fallback = "false"},
    {"read_at", &T_TIME, F_READONLY},
    {"read_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users", .help = "who handled it"},
};

static bool is_code(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_')) return false;
    return true;
}

static void reader_set(Ctx *c, Change *ch) {
    bool read = row_get(ch->row, "read").i != 0;
    change_set(ch, "read_at", read ? value_text((Str){c->now_text, TIME_TEXT - 1}) : VALUE_NULL);
    change_set(ch, "read_by", read && c->user_id ? value_int(c->user_id) : VALUE_NULL);
    ch->row->names[model_field(ch->model, "read_by")->index] = read ? c->username : STR_NONE;
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    if (!is_code(row_get(ch->row, "kind").s))
        error_issue(&c->err, S("kind"), "format", "may hold the letters a to z, digits and _ only");
    if (change_altered(ch, "read")) reader_set(c, ch);
    return true;
}

/* --- marking --- */

/* Who may mark may change this much, of all records or their own. */
static const Rights *rights_to_mark(Ctx *c, const Call *call) {
    const Model *m = call->view->model;
    size_t n = (size_t)c->app->registry->n;
    uint64_t mark = (uint64_t)1 << m->action_permission[call->action - m->resource->actions];
    uint64_t update = (uint64_t)1 << MAY_UPDATE;
    Rights *rights = ARENA_ARRAY(c->arena, Rights, n);
    memcpy(rights, c->rights, sizeof(Rights) * n);
    Rights *r = &rights[m->index];
    r->all = (r->all & ~update) | (r->all & mark ? update : 0);
    r->own = (r->own & ~update) | (r->own & mark ? update : 0);
    return rights;
}

static bool record_mark(Ctx *c, const Model *m, int64_t id, bool read, Row *out) {
    Input in = patch_new(c, m);
    patch_give(&in, "read", value_int(read));
    return record_update(c, m, id, &in, out);
}

static bool mark(Ctx *c, Call *call, bool read) {
    Row row;
    const Rights *before = c->rights;
    c->rights = rights_to_mark(c, call);
    bool ok = record_mark(c, call->view->model, call->id, read, &row);
    c->rights = before;
    if (ok) row_write(c, call->view, &row);
    return ok;
}

static bool read_one(Ctx *c, Call *call) { return mark(c, call, true); }
static bool unread_one(Ctx *c, Call *call) { return mark(c, call, false); }

/* Marking all goes through them by id, one batch a transaction: it neither
 * holds up other writers nor needs more memory the more there are. */
typedef struct {
    const Model *model;
    bool all;        /* also everybody's; else the caller's own only */
    int64_t last;    /* id of the last one marked */
    int64_t updated;
    int found;       /* in this batch */
} Sweep;

static Stmt *unread_find(Ctx *c, const Sweep *s) {
    Stmt *st = db_prepare(
        c->db, S("SELECT id FROM notifications WHERE organization_id = ?1 AND read = false AND id > ?2"
                 " AND (user_id = ?3 OR (user_id IS NULL AND (?4 OR created_by = ?3))) ORDER BY id LIMIT ?5"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, s->last);
    stmt_bind_int(st, 3, c->user_id);
    stmt_bind_int(st, 4, s->all);
    stmt_bind_int(st, 5, SWEEP_BATCH);
    return st;
}

static bool sweep_marks(Ctx *c, Sweep *s) {
    int64_t ids[SWEEP_BATCH];
    Row row;
    Stmt *st = unread_find(c, s);
    for (s->found = 0; stmt_step(st); s->found++) ids[s->found] = stmt_int(st, 0);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    for (int i = 0; i < s->found; i++)
        if (!record_mark(c, s->model, ids[i], true, &row)) return false;
    if (s->found) s->last = ids[s->found - 1];
    return true;
}

static bool sweep_batch(Ctx *c, void *arg) {
    Arena batch, *request = c->arena;
    arena_init(&batch, SWEEP_ARENA);
    c->arena = &batch;
    bool ok = sweep_marks(c, arg);
    c->arena = request;
    arena_free(&batch);
    return ok;
}

static bool read_all(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    int permission = m->action_permission[call->action - m->resource->actions];
    Sweep s = {.model = m, .all = ctx_may(c, m, permission) == MAY_ALL};
    const Rights *before = c->rights;
    c->rights = rights_to_mark(c, call);
    c->if_match = -1;
    bool ok = true;
    do {
        ok = ctx_write(c, sweep_batch, &s);
        s.updated += ok ? s.found : 0;
    } while (ok && s.found == SWEEP_BATCH);
    c->rights = before;
    if (!ok) return false;
    js_begin_object(&c->out);
    js_field_int(&c->out, "updated", s.updated);
    js_end_object(&c->out);
    return true;
}

static const Field swept[] = {{"updated", &T_INT, F_REQUIRED, .example = "3", .help = "how many were unread"}};

static const Action actions[] = {
    {"read", ACTION_RECORD, "Mark as read; everybody's then counts as handled", .permission = "mark", .run = read_one},
    {"unread", ACTION_RECORD, "Take back that it was read", .permission = "mark", .run = unread_one},
    {"read-all", ACTION_COLLECTION | ACTION_POOL, "Mark all that one sees as read", .permission = "mark", .run = read_all,
     ANSWER(swept)},
};

/* What a job looks for before it says something again. */
static const char *const indexes[] = {"resource,record_id,kind,about_date", NULL};

const Resource notifications = {
    .name = "notifications",
    .singular = "notification",
    .summary = "What the program and its people have to tell each other.",
    .flags = R_PERSONAL | R_SYSTEM,
    .owner = "user_id",
    FIELDS(fields),
    .indexes = indexes,
    ACTIONS(actions),
    .check = check,
};

/* --- for other areas --- */

static Str message_cut(Str s) {
    size_t n = 0;
    for (int characters = 0; n < s.n; n++)
        if (((unsigned char)s.p[n] & 0xc0) != 0x80 && ++characters > MESSAGE_MAX) break;
    return (Str){s.p, n};
}

static void about_give(Input *in, const Notification *n) {
    patch_give(in, "message", value_text(message_cut(n->message)));
    patch_give(in, "type", value_text(str_of(types[n->type].name)));
    patch_give(in, "kind", value_text(str_of(n->kind)));
    if (n->user_id) patch_give(in, "user_id", value_int(n->user_id));
    if (n->about_date.n) patch_give(in, "about_date", value_text(n->about_date));
    if (!n->resource) return;
    patch_give(in, "resource", value_text(str_of(n->resource)));
    patch_give(in, "record_id", value_int(n->record_id));
}

bool notification_add(Ctx *c, const Notification *n) {
    const Model *m = ctx_model(c, "notifications");
    int64_t user_id = c->user_id;
    Str username = c->username;
    Input in = patch_new(c, m);
    Row row;
    about_give(&in, n);
    c->user_id = 0; /* nobody wrote it */
    c->username = STR_NONE;
    bool ok = record_create(c, m, &in, &row);
    c->user_id = user_id;
    c->username = username;
    return ok;
}
