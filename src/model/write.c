/* The write path. Every change goes the same way: load, apply, resolve
 * references, walk transitions, check, number, store, saved, journal, count.
 * The order matters: what can refuse comes before what was given away. */
#include "model/write.h"

#include <assert.h>

#include "model/journal.h"
#include "model/number.h"
#include "model/read.h"
#include "model/store.h"
#include "model/tally.h"
#include "model/touched.h"

#define PATH_MAX_STEPS 8
/* A client's own number may lie ahead of the series; the series steps over it. */
#define NUMBER_TRIES 1000

Value row_get(const Row *row, const char *field) {
    return row->values[model_field(row->model, field)->index];
}

void change_set(Change *ch, const char *field, Value v) {
    int i = model_field(ch->model, field)->index;
    ch->row->values[i] = v;
    set_add(&ch->given, i);
}

void row_set(Row *row, const char *field, Value v) { row->values[model_field(row->model, field)->index] = v; }

Input patch_new(Ctx *c, const Model *m) { return (Input){.row = row_new(c->arena, m), .status = -1}; }

void patch_give(Input *in, const char *field, Value v) {
    int at = model_field(in->row.model, field)->index;
    in->row.values[at] = v;
    set_add(&in->given, at);
}

Value change_asked(const Change *ch, const char *field) {
    return ch->asked ? ch->asked[model_field(ch->model, field)->index] : VALUE_NULL;
}

Row *change_line(Ctx *c, Change *ch, int i) {
    Row *row = ch->row;
    if (!ch->lines_altered && !ch->lines_given) { /* still the rows of `before` */
        Row *own = ARENA_ARRAY(c->arena, Row, (size_t)row->n_lines);
        for (int k = 0; k < row->n_lines; k++) own[k] = row_copy(c->arena, &row->lines[k]);
        row->lines = own;
        ch->lines_altered = true;
    }
    return &row->lines[i];
}

bool change_altered(const Change *ch, const char *field) {
    int i = model_field(ch->model, field)->index;
    return !ch->before || !value_equal(&ch->before->values[i], &ch->row->values[i]);
}

static Value fallback_value(const Ctx *c, const ModelField *f) {
    switch (f->fallback) {
    case FALLBACK_VALUE: return f->fallback_value;
    case FALLBACK_TODAY: return value_text(str_of(c->today));
    case FALLBACK_NOW: return value_text((Str){c->now_text, TIME_TEXT - 1});
    case FALLBACK_ME: return c->user_id ? value_int(c->user_id) : VALUE_NULL;
    case FALLBACK_NONE: break;
    }
    return VALUE_NULL;
}

static void fallbacks_fill(const Ctx *c, Row *row, const FieldSet *given) {
    for (int i = 1; i < row->model->n; i++)
        if (!set_has(given, i)) row->values[i] = fallback_value(c, &row->model->fields[i]);
}

Row row_fresh(Ctx *c, const Model *m) {
    Row row = row_new(c->arena, m);
    fallbacks_fill(c, &row, &(FieldSet){{0, 0}});
    return row;
}

/* Derived fields stay as they are; what was given for them is for the hooks. */
static void derived_take(Ctx *c, Change *ch) {
    const Model *m = ch->model;
    for (int i = 1; i < m->n; i++) {
        if (!(m->fields[i].flags & F_DERIVED) || !set_has(&ch->given, i)) continue;
        if (!ch->asked) ch->asked = ARENA_ARRAY(c->arena, Value, (size_t)m->n);
        ch->asked[i] = ch->row->values[i];
        ch->row->values[i] = ch->before ? ch->before->values[i] : fallback_value(c, &m->fields[i]);
        set_drop(&ch->given, i);
    }
}

/* A snapshot takes the display name of its reference unless it was given. */
static void snapshots_fill(Row *row, const FieldSet *given) {
    for (int i = 0; i < row->model->n; i++) {
        const ModelField *f = &row->model->fields[i];
        if (!f->snapshot_of || (set_has(given, i) && row->values[i].kind != V_NULL)) continue;
        int ref = f->snapshot_of->index;
        if (set_has(given, ref) && row->names[ref].p) row->values[i] = value_text(row->names[ref]);
    }
}

/* A line is always written whole: what it has not is what was left out. */
static void line_fallbacks_fill(const Ctx *c, Row *line) {
    for (int i = 1; i < line->model->n; i++)
        if (line->values[i].kind == V_NULL) line->values[i] = fallback_value(c, &line->model->fields[i]);
}

static bool lines_complete(Ctx *c, Row *row) {
    FieldSet all = set_all();
    bool ok = true;
    for (int i = 0; i < row->n_lines; i++) {
        Str prefix = arena_fmt(c->arena, "%s[%d].", row->model->lines_decl->name, i);
        line_fallbacks_fill(c, &row->lines[i]);
        ok = references_resolve(c, &row->lines[i], &all, prefix) && ok;
        snapshots_fill(&row->lines[i], &all);
    }
    return ok;
}

static bool is_own(const Ctx *c, const Row *row) {
    Value operand;
    Filter own = scope_own(c, row->model, &operand);
    return filter_holds(&own, row->model, row->values);
}

static bool is_somebody_elses(const Ctx *c, const Row *row) {
    if (!(row->model->resource->flags & R_PERSONAL)) return false;
    const Value *owner = &row->values[row->model->owner];
    return owner->kind != V_NULL && owner->i != c->user_id;
}

/* The row scope: a right on one's own records only. */
bool row_may(const Ctx *c, const Row *row, int permission) {
    May may = ctx_may(c, row->model, permission);
    return !is_somebody_elses(c, row) && (may == MAY_ALL || (may == MAY_OWN && is_own(c, row)));
}

/* What the caller may not even read is, for them, not there. */
static bool may_touch(Ctx *c, const Row *row, int permission) {
    if (row_may(c, row, permission)) return true;
    if (is_somebody_elses(c, row)) return fail(c, E_NOT_FOUND, NULL);
    if (ctx_may(c, row->model, MAY_READ) != MAY_ALL) return fail(c, E_NOT_FOUND, NULL);
    return fail(c, E_FORBIDDEN, "you may %s only your own %s", row->model->permissions[permission].p,
                row->model->name.p);
}

/* A row of a whole table is changed where its kind is at home. */
static bool at_home(Ctx *c, const Row *row) {
    const Model *m = row->model;
    if (m->kind < 0) return true;
    const Model *part = model_part(c->app->registry, m, row->values[m->kind].s);
    return part == m || fail(c, E_STATE, "this is a %s: change it at /%s/%lld", part->resource->singular,
                             part->name.p, (long long)row->values[m->id].i);
}

static bool kind_check(Ctx *c, const Row *row) {
    const Model *m = row->model;
    if (m->kind < 0) return true;
    const Model *part = model_part(c->app->registry, m, row->values[m->kind].s);
    return part == m || error_issue(&c->err, m->fields[m->kind].name, "choice", "a %s is made at /%s",
                                    part->resource->singular, part->name.p);
}

static bool version_check(Ctx *c, const Row *row) {
    int at = row->model->version;
    if (c->if_match < 0 || at < 0 || row->values[at].i == c->if_match) return true;
    return fail(c, E_STALE, "the record is at version %lld by now", (long long)row->values[at].i);
}

bool record_visible(const Ctx *c, const Row *row) {
    May may = ctx_may(c, row->model, MAY_READ);
    return !is_somebody_elses(c, row) && (may == MAY_ALL || (may == MAY_OWN && is_own(c, row)));
}

bool record_claim(Ctx *c, const Model *m, int64_t id, int permission, Row *out) {
    return record_load(c, m, id, out) && may_touch(c, out, permission) && version_check(c, out);
}

static bool step_take(Ctx *c, Change *ch, const Action *a, int permission) {
    May may = ctx_may(c, ch->model, permission);
    if (may == MAY_NOT || (may == MAY_OWN && ch->before && !is_own(c, ch->before)))
        return fail(c, E_FORBIDDEN, "you need the permission %s:%s", ch->model->name.p,
                    ch->model->permissions[permission].p);
    if (a->guard && !a->guard(c, ch)) return false;
    const ModelField *status = &ch->model->fields[ch->model->status];
    if (a->to != STAY) {
        ch->row->values[status->index] = value_text(str_of(status->decl->choices[a->to].name));
        set_add(&ch->given, status->index);
    }
    return !a->effect || a->effect(c, ch);
}

/* The way to a named status: the shortest path of transitions. */
typedef struct {
    int steps[PATH_MAX_STEPS], n;
} Walk;

static bool walk_find(Ctx *c, const Row *row, int target, Walk *walk) {
    const Model *m = row->model;
    int from = row_state(row);
    walk->n = target < 0 ? 0 : transition_path(m, from, target, walk->steps, PATH_MAX_STEPS);
    if (walk->n >= 0) return true;
    const Choice *choices = m->fields[m->status].decl->choices;
    return fail(c, E_STATE, "a %s that is %s cannot become %s; possible: %.*s", m->resource->singular,
                choices[from].name, choices[target].name, STR_ARG(transition_names(c, m, from)));
}

static bool walk_take(Ctx *c, Change *ch, const Walk *walk) {
    const Model *m = ch->model;
    for (int i = 0; i < walk->n; i++)
        if (!step_take(c, ch, &m->resource->actions[walk->steps[i]], m->action_permission[walk->steps[i]]))
            return false;
    return true;
}

static bool walk_needs_record(const Model *m, const Walk *walk) {
    for (int i = 0; i < walk->n; i++)
        if (m->resource->actions[walk->steps[i]].flags & ACTION_STORED) return true;
    return false;
}

static void fold_fill(Ctx *c, Row *row, const ModelField *f) {
    const Value *source = &row->values[f->folds->index];
    Buf b;
    buf_init(&b, 64, BUF_DEFAULT_MAX);
    if (source->kind == V_TEXT) f->decl->fold(&b, source->s);
    row->values[f->index] = b.n ? value_text(arena_str(c->arena, buf_view(&b))) : VALUE_NULL;
    buf_free(&b);
}

static void folds_fill(Ctx *c, Row *row) {
    for (int i = 0; i < row->model->n; i++)
        if (row->model->fields[i].folds) fold_fill(c, row, &row->model->fields[i]);
}

static bool change_check(Ctx *c, Change *ch) {
    const Resource *r = ch->model->resource;
    if (r->check && !r->check(c, ch)) return false;
    if (ch->row) folds_fill(c, ch->row);
    return c->err.kind == E_NONE; /* issues found on the way */
}

/* For whoever keeps counts of these rows. */
static void count_note(Ctx *c, const Model *m, const Row *before, const Row *after) {
    if (c->app->side)
        tally_note(c->app->tallies, c->organization_id, m, before ? before->values : NULL, after ? after->values : NULL);
    else
        touched_note(c, m);
}

/* After the row is stored: those who follow, journal, live counts. */
static bool change_publish(Ctx *c, Change *ch) {
    const Model *m = ch->model;
    for (int i = 0; i < m->n_followers; i++)
        if (m->followers[i]->saved && !m->followers[i]->saved(c, ch)) return false;
    const Row *row = ch->row ? ch->row : ch->before;
    Str changes;
    if (journal_changes(c, ch, &changes) &&
        !journal_append(c, m->name, row->values[m->id].i, str_of(ch->verb), changes))
        return false;
    count_note(c, m, ch->before, ch->row);
    return true;
}

static bool change_finish(Ctx *c, Change *ch) {
    const Resource *r = ch->model->resource;
    return (!r->saved || r->saved(c, ch)) && change_publish(c, ch);
}

static bool number_is_free(Ctx *c, const ModelField *f, Value number) {
    return record_find(c, f->model, f->name.p, number) == 0 && c->err.kind == E_NONE;
}

static bool number_fill(Ctx *c, Row *row) {
    const Model *m = row->model;
    if (m->number < 0 || row->values[m->number].kind != V_NULL) return true;
    return number_take(c, &m->fields[m->number], &row->values[m->number]);
}

/* When the series meets a number that a client chose itself, take the next. */
static bool insert_numbered(Ctx *c, Row *row) {
    const Model *m = row->model;
    bool ours = m->number >= 0 && row->values[m->number].kind == V_NULL;
    if (!number_fill(c, row)) return false;
    if (store_insert(c, row)) return true;
    if (!ours || c->err.kind != E_DUPLICATE || !c->err.issues ||
        !str_eq(c->err.issues->field, m->fields[m->number].name))
        return false;
    error_clear(&c->err);
    for (int i = 0; i < NUMBER_TRIES; i++) {
        if (!number_take(c, &m->fields[m->number], &row->values[m->number])) return false;
        if (number_is_free(c, &m->fields[m->number], row->values[m->number]))
            return store_insert(c, row);
    }
    return fail(c, E_CONFLICT, "the next %d numbers of the series are taken: raise its next number",
                NUMBER_TRIES);
}

static bool change_rows_store(Ctx *c, const Change *ch) {
    if (row_differs(ch->before, ch->row) && !store_update(c, ch)) return false;
    if (ch->lines_given) return store_lines(c, ch->row);
    return !ch->lines_altered || store_line_changes(c, ch);
}

/* Stored first, then taken to its status as an update would, in one change. */
static bool create_and_walk(Ctx *c, Change *ch, const Walk *walk) {
    if (!change_check(c, ch) || !insert_numbered(c, ch->row)) return false;
    Row stored = *ch->row;
    *ch->row = row_copy(c->arena, &stored);
    Change further = {.model = ch->model, .verb = ch->verb, .before = &stored, .row = ch->row};
    return walk_take(c, &further, walk) && change_check(c, &further) && change_rows_store(c, &further) &&
           store_words(c, &stored, ch->row) && change_finish(c, ch);
}

bool record_create(Ctx *c, const Model *m, Input *in, Row *out) {
    Walk walk;
    *out = in->row;
    fallbacks_fill(c, out, &in->given);
    if (m->status >= 0)
        out->values[m->status] = value_text(str_of(m->fields[m->status].decl->choices[m->initial].name));
    Change ch = {.model = m, .verb = "create", .row = out, .given = in->given,
                 .lines_given = in->lines_given};
    derived_take(c, &ch);
    if (c->client_id && m->client > 0) change_set(&ch, m->fields[m->client].name.p, value_int(c->client_id));
    kind_check(c, out);
    FieldSet all = set_all();
    /* Issues do not stop here: a client sees them together with the check's. */
    if (!references_resolve(c, out, &all, STR_NONE) && c->err.kind != E_INVALID) return false;
    snapshots_fill(out, &all);
    if (!lines_complete(c, out) && c->err.kind != E_INVALID) return false;
    if (!walk_find(c, out, in->status, &walk)) return false;
    if (walk_needs_record(m, &walk)) return create_and_walk(c, &ch, &walk);
    if (!walk_take(c, &ch, &walk) || !change_check(c, &ch)) return false;
    return insert_numbered(c, out) && change_finish(c, &ch);
}

bool record_put(Ctx *c, const Row *before, Row *row) {
    assert(row->model->kind < 0 || model_part(c->app->registry, row->model, row->values[row->model->kind].s) == row->model);
    const Change ch = {.model = row->model, .before = before, .row = row};
    if (before ? row_differs(before, row) && !store_update(c, &ch) : !store_insert(c, row)) return false;
    count_note(c, row->model, before, row);
    return true;
}

bool record_amend(Ctx *c, const Row *before, Row *row) {
    const Change ch = {.model = row->model, .before = before, .row = row};
    return !row_differs(before, row) || store_update(c, &ch);
}

bool record_take(Ctx *c, const Row *row) {
    if (!store_delete(c, row)) return false;
    count_note(c, row->model, row, NULL);
    return true;
}

static bool same_row(const Change *ch) {
    return !row_differs(ch->before, ch->row) && !ch->lines_given && !ch->lines_altered && !ch->asked;
}

static bool version_store(Ctx *c, Change *ch) {
    const Model *m = ch->model;
    if (m->version >= 0) ch->row->values[m->version].i++;
    if (m->updated_at >= 0) ch->row->values[m->updated_at] = value_text((Str){c->now_text, TIME_TEXT - 1});
    return change_rows_store(c, ch);
}

static bool change_store(Ctx *c, Change *ch) {
    return same_row(ch) || (version_store(c, ch) && store_words(c, ch->before, ch->row) && change_finish(c, ch));
}

bool change_keep(Ctx *c, Change *ch) {
    folds_fill(c, ch->row);
    return version_store(c, ch) && store_words(c, ch->before, ch->row) && change_publish(c, ch);
}

/* New lines get their ids first: what a transition moves is for a line. */
static bool update_and_walk(Ctx *c, Change *ch, const Walk *walk) {
    if (!change_check(c, ch) || !version_store(c, ch)) return false;
    Row stored = *ch->row;
    *ch->row = row_copy(c->arena, &stored);
    Change further = {.model = ch->model, .verb = ch->verb, .before = &stored, .row = ch->row};
    return walk_take(c, &further, walk) && change_check(c, &further) && change_rows_store(c, &further) &&
           store_words(c, ch->before, ch->row) && change_finish(c, ch);
}

/* PUT: what is left out and could have been given goes back to its fallback. */
static void replace_rest(const Ctx *c, Change *ch) {
    const uint32_t kept = F_READONLY | F_CREATE_ONLY | F_HIDDEN | F_NO_COLUMN | F_DERIVED;
    for (int i = 1; i < ch->model->n; i++) {
        const ModelField *f = &ch->model->fields[i];
        if (set_has(&ch->given, i) || (f->flags & kept) || i == ch->model->status || f->decl->series)
            continue;
        ch->row->values[i] = fallback_value(c, f);
        set_add(&ch->given, i);
    }
}

static bool frozen_check(Ctx *c, const Change *ch) {
    const Model *m = ch->model;
    uint32_t open = m->resource->open_states;
    int state = row_state(ch->before);
    if (!open || open >> state & 1) return true;
    const char *name = m->fields[m->status].decl->choices[state].name;
    for (int i = 1; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (i == m->status || (f->flags & F_LATE) || !set_has(&ch->given, i)) continue;
        if (!value_equal(&ch->before->values[i], &ch->row->values[i]))
            return fail(c, E_STATE, "%s cannot change: the %s is %s", f->name.p,
                        m->resource->singular, name);
    }
    if (ch->lines_given)
        return fail(c, E_STATE, "%s cannot change: the %s is %s", m->lines_decl->name,
                    m->resource->singular, name);
    return true;
}

/* The record as it will be: before, with what was given laid over it. */
static void input_apply(Ctx *c, const Input *in, Change *ch) {
    const Model *m = ch->model;
    for (int i = 1; i < m->n; i++) {
        if (!set_has(&in->given, i) || i == m->status) continue;
        ch->row->values[i] = in->row.values[i];
        ch->row->names[i] = STR_NONE;
    }
    if (in->lines_given) {
        ch->row->lines = in->row.lines;
        ch->row->n_lines = in->row.n_lines;
    }
    if (in->kind == INPUT_REPLACE) replace_rest(c, ch);
}

bool record_update(Ctx *c, const Model *m, int64_t id, Input *in, Row *out) {
    Row before;
    if (m->resource->flags & R_APPEND_ONLY)
        return fail(c, E_CONFLICT, "%s are never changed", m->name.p);
    if (!record_load(c, m, id, &before)) return false;
    if (!may_touch(c, &before, MAY_UPDATE) || !at_home(c, &before) || !version_check(c, &before)) return false;
    *out = row_copy(c->arena, &before);
    Change ch = {.model = m, .verb = "update", .before = &before, .row = out, .given = in->given,
                 .lines_given = in->lines_given};
    input_apply(c, in, &ch);
    derived_take(c, &ch);
    if (!references_resolve(c, out, &ch.given, STR_NONE) && c->err.kind != E_INVALID) return false;
    snapshots_fill(out, &ch.given);
    if (ch.lines_given && !lines_complete(c, out) && c->err.kind != E_INVALID) return false;
    Walk walk;
    if (!frozen_check(c, &ch) || !walk_find(c, out, in->status, &walk)) return false;
    if (ch.lines_given && walk_needs_record(m, &walk)) return update_and_walk(c, &ch, &walk);
    return walk_take(c, &ch, &walk) && change_check(c, &ch) && change_store(c, &ch);
}

/* The references that an effect has set are looked up like given ones, unless
 * it has set their names as well. */
static FieldSet effect_references(Change *ch) {
    FieldSet open = ch->given;
    for (int i = 1; i < ch->model->n; i++) {
        if (!set_has(&open, i) || !ch->model->fields[i].ref) continue;
        bool named = ch->row->names[i].p != ch->before->names[i].p;
        if (named || value_equal(&ch->before->values[i], &ch->row->values[i]))
            set_drop(&open, i);
        else
            ch->row->names[i] = STR_NONE;
    }
    return open;
}

bool record_act(Ctx *c, const Model *m, const Call *call, Row *out) {
    const Action *a = call->action;
    int64_t id = call->id;
    int at = (int)(a - m->resource->actions);
    Row before;
    if (!record_load(c, m, id, &before)) return false;
    if (!may_touch(c, &before, m->action_permission[at]) || !at_home(c, &before) || !version_check(c, &before)) return false;
    int state = row_state(&before);
    bool may_start = a->from >> state & 1;
    if (!may_start && a->refuse) return a->refuse(c, &before);
    if (!may_start)
        return fail(c, E_STATE, "cannot %s a %s that is %s; possible: %.*s", a->name,
                    m->resource->singular, m->fields[m->status].decl->choices[state].name,
                    STR_ARG(transition_names(c, m, state)));
    *out = row_copy(c->arena, &before);
    Change ch = {.model = m, .verb = a->name, .before = &before, .row = out, .call = call};
    if (!step_take(c, &ch, a, m->action_permission[at])) return false;
    FieldSet open = effect_references(&ch);
    if (!references_resolve(c, out, &open, STR_NONE) && c->err.kind != E_INVALID) return false;
    return change_check(c, &ch) && change_store(c, &ch);
}

bool record_delete(Ctx *c, const Model *m, int64_t id) {
    Row before;
    if (!record_load(c, m, id, &before)) return false;
    if (!may_touch(c, &before, MAY_DELETE) || !at_home(c, &before) || !version_check(c, &before)) return false;
    uint32_t open = m->resource->open_states;
    int state = row_state(&before);
    if (open && !(open >> state & 1))
        return fail(c, E_STATE, "a %s that is %s cannot be deleted; possible: %.*s",
                    m->resource->singular, m->fields[m->status].decl->choices[state].name,
                    STR_ARG(transition_names(c, m, state)));
    Change ch = {.model = m, .verb = "delete", .before = &before};
    return change_check(c, &ch) && subject_free(c, &before) && store_delete(c, &before) && change_finish(c, &ch);
}

bool record_of_call(Ctx *c, const Call *call, Row *out) {
    const Model *m = call->view->model;
    return record_load(c, m, call->id, out) &&
           may_touch(c, out, m->action_permission[call->action - m->resource->actions]) && version_check(c, out);
}

bool record_allowed(Ctx *c, const Model *m, int64_t id, int permission) {
    Row row;
    return record_load(c, m, id, &row) && may_touch(c, &row, permission);
}

bool record_load(Ctx *c, const Model *m, int64_t id, Row *out) {
    Stmt *st = db_prepare(c->db, m->select_sql);
    if (m->tenant.p) stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    if (!stmt_step(st)) {
        if (db_failed(c->db)) return db_fail(c->db, &c->err);
        return fail(c, E_NOT_FOUND, NULL);
    }
    bool ok = row_from_stmt(c, m, st, out);
    stmt_reset(st);
    return ok && (!m->lines || lines_load(c, m, id, out));
}

bool record_for_call(Ctx *c, const Call *call, Row *out) {
    const Model *m = call->view->model;
    return record_load(c, m, call->id, out) &&
           may_touch(c, out, m->action_permission[call->action - m->resource->actions]) && version_check(c, out);
}

bool record_seek(Ctx *c, const Model *m, const Seek *seek, Row *out) {
    Stmt *st = db_prepare(c->db, arena_join(c->arena, m->seek_sql, str_of(seek->where)));
    if (m->tenant.p) stmt_bind_int(st, 1, c->organization_id);
    for (int i = 0; i < seek->n; i++) stmt_bind(st, i + 2, seek->values[i]);
    bool found = stmt_step(st) && row_bare_from_stmt(c, m, st, out);
    stmt_reset(st);
    return db_failed(c->db) ? db_fail(c->db, &c->err) : found;
}

int64_t record_find(Ctx *c, const Model *m, const char *field, Value value) {
    const char *only = model_only(m);
    Str sql = arena_fmt(c->arena, "SELECT id FROM %s WHERE %s = ?1 AND %s%s%s%s%s = ?2 ORDER BY id LIMIT 1",
                        m->table.p, m->tenant.p, only ? only : "", only ? " = '" : "",
                        only ? m->resource->only.value : "", only ? "' AND " : "",
                        model_field(m, field)->column.p);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, value);
    int64_t id = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    if (db_failed(c->db)) db_fail(c->db, &c->err);
    return id;
}
