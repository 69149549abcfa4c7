/* Live counts; the protocol is in tally.h.
 *
 * A slot stands for one or more (organization, model) pairs: it holds their
 * buckets of tallies, and is `busy` while the running batch has noted a change
 * in it. All of Tallies is under its lock but for what the writer alone uses:
 * its lists, and the `batch` cells of each tally. The writer walks the tallies
 * of a busy slot without the lock: nobody adds to or removes from a busy slot.
 *
 * What the running job changes is a list of steps, so that a part of it can be
 * taken back; a kept job's steps are added up in the batch's cells. */
#include "model/tally.h"

#include <assert.h>
#include <pthread.h>

#include "base/log.h"

#define SLOTS 1024          /* a power of two */
#define BUCKET_TALLIES 64   /* of one organization and model */
#define TALLIES_MAX 4096
#define KEY_VALUES_MAX 64   /* with more values or text a key is not worth keeping */
#define KEY_TEXT_MAX 1024
#define STEPS_KEPT 16384    /* a longer list is given back after its job */

typedef struct Tally Tally;
typedef struct Bucket Bucket;

typedef struct {
    int64_t count, sum;
} Cell;

struct Tally {
    Tally *next;             /* in its bucket */
    Tally *newer, *older;    /* by last use, over all buckets */
    Tally *next_of_batch;
    Bucket *bucket;
    uint64_t hash, used;     /* used: grows with each use of any */
    const ModelField *group, *sum;
    const Filter *filters;   /* in canonical order */
    int n_filters, n_groups;
    bool broken;             /* its sum overflowed */
    bool spoiled;            /* the same, as the writer will say after the commit */
    bool of_batch;
    Cell *now, *batch;       /* n_groups each */
    char snapshot[SNAPSHOT_MAX];
};

struct Bucket {
    Bucket *next; /* in its slot */
    int64_t organization_id;
    const Model *model;
    Tally *tallies;
    int n, slot;
};

/* One row came into a group of a tally, or left it. */
typedef struct {
    Tally *tally;
    int64_t amount;
    int group;
    bool gone;
} Step;

typedef struct {
    Bucket *buckets;
    uint64_t touched; /* the version that applied the last change here */
    bool busy;
} Slot;

struct Tallies {
    pthread_mutex_t lock;
    Slot slots[SLOTS];
    Tally *newest, *oldest;
    int n;
    uint64_t version, uses;

    /* The writer's: busy slots, those of kept jobs first; the running job's
     * steps; the tallies that kept ones change; and the bucket of the last
     * change, as most changes repeat it. */
    int busy[SLOTS], n_busy, n_busy_kept;
    Step *steps;
    size_t n_steps, cap_steps;
    Tally *batch;
    Bucket *last;
    const Model *last_model;
    int64_t last_organization_id;
};

/* What a TallyKey looks like whatever order its filters came in. */
typedef struct {
    const TallyKey *key;
    const Filter *filters[FILTERS_MAX];
    uint64_t hash;
} Canonical;

static void *must_alloc(size_t n) {
    void *p = calloc(1, n);
    if (!p) log_fatal("memory", "no %zu bytes for a tally", n);
    return p;
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static int slot_of(int64_t organization_id, const Model *m) {
    return (int)(mix(mix(0, (uint64_t)organization_id), (uint64_t)m->index) & (SLOTS - 1));
}

static int field_order(const Filter *f) { return f->field ? f->field->index : -1; }

static bool goes_before(const Filter *a, const Filter *b) {
    int x = field_order(a), y = field_order(b);
    return x < y || (x == y && a->op < b->op);
}

static uint64_t filter_hash(uint64_t h, const Filter *f) {
    h = mix(mix(h, (uint64_t)(int64_t)field_order(f)), (uint64_t)f->op);
    for (int i = 0; i < f->n; i++) {
        const Value *v = &f->values[i];
        h = mix(h, (uint64_t)v->kind);
        h = mix(h, v->kind == V_TEXT ? str_hash(v->s) : (uint64_t)v->i);
    }
    return h;
}

static Canonical canonical(const TallyKey *key) {
    assert(key->n_filters <= FILTERS_MAX && key->model->index >= 0);
    Canonical c = {.key = key};
    for (int i = 0; i < key->n_filters; i++) {
        int at = i;
        for (; at > 0 && goes_before(&key->filters[i], c.filters[at - 1]); at--)
            c.filters[at] = c.filters[at - 1];
        c.filters[at] = &key->filters[i];
    }
    c.hash = mix(mix(0, key->group ? (uint64_t)key->group->index + 1 : 0),
                 key->sum ? (uint64_t)key->sum->index + 1 : 0);
    for (int i = 0; i < key->n_filters; i++) c.hash = filter_hash(c.hash, c.filters[i]);
    return c;
}

static bool filter_equal(const Filter *a, const Filter *b) {
    if (a->field != b->field || a->op != b->op || a->n != b->n) return false;
    for (int i = 0; i < a->n; i++)
        if (!value_equal(&a->values[i], &b->values[i])) return false;
    return true;
}

static bool tally_is(const Tally *t, const Canonical *c) {
    const TallyKey *key = c->key;
    if (t->hash != c->hash || t->n_filters != key->n_filters) return false;
    if (t->group != key->group || t->sum != key->sum) return false;
    for (int i = 0; i < t->n_filters; i++)
        if (!filter_equal(&t->filters[i], c->filters[i])) return false;
    return true;
}

static Bucket *bucket_find(Tallies *t, int slot, int64_t organization_id, const Model *m) {
    Bucket *b = t->slots[slot].buckets;
    while (b && (b->organization_id != organization_id || b->model != m)) b = b->next;
    return b;
}

static Tally *tally_of(Bucket *b, const Canonical *c) {
    Tally *y = b ? b->tallies : NULL;
    while (y && !tally_is(y, c)) y = y->next;
    return y;
}

static void use_unlink(Tallies *t, Tally *y) {
    *(y->newer ? &y->newer->older : &t->newest) = y->older;
    *(y->older ? &y->older->newer : &t->oldest) = y->newer;
}

static void use_link(Tallies *t, Tally *y) {
    y->used = ++t->uses;
    y->newer = NULL;
    y->older = t->newest;
    *(t->newest ? &t->newest->newer : &t->oldest) = y;
    t->newest = y;
}

static size_t key_values(const TallyKey *key) {
    size_t n = 0;
    for (int i = 0; i < key->n_filters; i++) n += (size_t)key->filters[i].n;
    return n;
}

static size_t key_text(const TallyKey *key) {
    size_t bytes = 0;
    for (int i = 0; i < key->n_filters; i++)
        for (int k = 0; k < key->filters[i].n; k++) bytes += key->filters[i].values[k].s.n;
    return bytes;
}

static char *value_copy(Value *to, const Value *from, char *text) {
    *to = *from;
    if (from->kind != V_TEXT || from->s.n == 0) return text;
    memcpy(text, from->s.p, from->s.n);
    to->s.p = text;
    return text + from->s.n;
}

/* One block: the tally, its two rows of cells, filters, values, texts. */
static Tally *tally_new(const Canonical *c, int n_groups) {
    const TallyKey *key = c->key;
    size_t groups = (size_t)n_groups, n_filters = (size_t)key->n_filters;
    Tally *y = must_alloc(sizeof *y + 2 * groups * sizeof(Cell) + n_filters * sizeof(Filter) +
                          key_values(key) * sizeof(Value) + key_text(key));
    y->now = (Cell *)(y + 1);
    y->batch = y->now + groups;
    Filter *filters = (Filter *)(y->batch + groups);
    Value *values = (Value *)(filters + n_filters);
    char *text = (char *)(values + key_values(key));
    for (size_t i = 0; i < n_filters; i++) {
        filters[i] = *c->filters[i];
        filters[i].values = values;
        for (int k = 0; k < filters[i].n; k++)
            text = value_copy(values++, &c->filters[i]->values[k], text);
    }
    y->hash = c->hash;
    y->group = key->group;
    y->sum = key->sum;
    y->filters = filters;
    y->n_filters = key->n_filters;
    y->n_groups = n_groups;
    return y;
}

static void bucket_remove(Tallies *t, Bucket *b) {
    Bucket **at = &t->slots[b->slot].buckets;
    while (*at != b) at = &(*at)->next;
    *at = b->next;
    free(b);
}

static void tally_remove(Tallies *t, Tally *y) {
    Bucket *b = y->bucket;
    assert(!t->slots[b->slot].busy && !y->of_batch);
    Tally **at = &b->tallies;
    while (*at != y) at = &(*at)->next;
    *at = y->next;
    use_unlink(t, y);
    free(y);
    t->n--;
    if (--b->n == 0) bucket_remove(t, b);
}

static bool evict_any(Tallies *t) {
    Tally *y = t->oldest;
    while (y && t->slots[y->bucket->slot].busy) y = y->newer;
    if (y) tally_remove(t, y);
    return y != NULL;
}

static void evict_of(Tallies *t, const Bucket *b) {
    Tally *oldest = b->tallies;
    for (Tally *y = oldest; y; y = y->next)
        if (y->used < oldest->used) oldest = y;
    tally_remove(t, oldest);
}

static Bucket *bucket_add(Tallies *t, int slot, const TallyKey *key) {
    Bucket *b = must_alloc(sizeof *b);
    *b = (Bucket){.next = t->slots[slot].buckets, .organization_id = key->organization_id,
                  .model = key->model, .slot = slot};
    t->slots[slot].buckets = b;
    return b;
}

/* NULL when there is room for it nowhere. */
static Tally *tally_add(Tallies *t, int slot, const Canonical *c, int n_groups) {
    const TallyKey *key = c->key;
    if (t->n >= TALLIES_MAX && !evict_any(t)) return NULL;
    Bucket *b = bucket_find(t, slot, key->organization_id, key->model);
    if (!b) b = bucket_add(t, slot, key);
    Tally *y = tally_new(c, n_groups);
    y->bucket = b;
    y->next = b->tallies;
    b->tallies = y;
    b->n++;
    t->n++;
    use_link(t, y);
    if (b->n > BUCKET_TALLIES) evict_of(t, b);
    return y;
}

Tallies *tallies_new(void) {
    Tallies *t = must_alloc(sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void tallies_free(Tallies *t) {
    for (int i = 0; i < SLOTS; i++)
        while (t->slots[i].buckets) {
            Bucket *b = t->slots[i].buckets;
            t->slots[i].buckets = b->next;
            for (Tally *y = b->tallies, *next; y; y = next) {
                next = y->next;
                free(y);
            }
            free(b);
        }
    pthread_mutex_destroy(&t->lock);
    free(t->steps);
    free(t);
}

static void tally_read(const Tally *y, TallyResult *out) {
    out->n_groups = y->n_groups;
    memcpy(out->snapshot, y->snapshot, sizeof out->snapshot);
    for (int i = 0; i < y->n_groups; i++) {
        out->count[i] = y->now[i].count;
        out->sum[i] = y->now[i].sum;
    }
}

bool tally_find(Tallies *t, const TallyKey *key, TallyResult *out) {
    Canonical c = canonical(key);
    int slot = slot_of(key->organization_id, key->model);
    pthread_mutex_lock(&t->lock);
    Tally *y = tally_of(bucket_find(t, slot, key->organization_id, key->model), &c);
    bool found = y && !y->broken;
    if (found) {
        if (y != t->newest) {
            use_unlink(t, y);
            use_link(t, y);
        }
        tally_read(y, out);
    }
    pthread_mutex_unlock(&t->lock);
    return found;
}

uint64_t tally_version(Tallies *t) {
    pthread_mutex_lock(&t->lock);
    uint64_t version = t->version;
    pthread_mutex_unlock(&t->lock);
    return version;
}

uint64_t tally_touched(Tallies *t, int64_t organization_id, const Model *m) {
    const Slot *slot = &t->slots[slot_of(organization_id, m)];
    pthread_mutex_lock(&t->lock);
    uint64_t version = slot->busy ? UINT64_MAX : slot->touched;
    pthread_mutex_unlock(&t->lock);
    return version;
}

void tally_store(Tallies *t, const TallyKey *key, const TallyResult *r, uint64_t version) {
    assert(r->n_groups >= 1 && r->n_groups <= TALLY_GROUPS);
    if (key_values(key) > KEY_VALUES_MAX || key_text(key) > KEY_TEXT_MAX) return;
    Canonical c = canonical(key);
    int slot = slot_of(key->organization_id, key->model);
    pthread_mutex_lock(&t->lock);
    if (!t->slots[slot].busy && t->slots[slot].touched <= version) {
        Tally *y = tally_of(bucket_find(t, slot, key->organization_id, key->model), &c);
        if (!y) y = tally_add(t, slot, &c, r->n_groups);
        for (int i = 0; y && i < y->n_groups; i++) y->now[i] = (Cell){r->count[i], r->sum[i]};
        if (y) memcpy(y->snapshot, r->snapshot, sizeof y->snapshot);
        if (y) y->broken = false;
    }
    pthread_mutex_unlock(&t->lock);
}

/* The tallies a change may concern, none of which come or go from here until
 * the batch is applied. */
static Bucket *bucket_to_note(Tallies *t, int64_t organization_id, const Model *m) {
    if (t->last_model == m && t->last_organization_id == organization_id) return t->last;
    int slot = slot_of(organization_id, m);
    pthread_mutex_lock(&t->lock);
    if (!t->slots[slot].busy) {
        t->slots[slot].busy = true;
        t->busy[t->n_busy++] = slot;
    }
    t->last = bucket_find(t, slot, organization_id, m);
    pthread_mutex_unlock(&t->lock);
    t->last_model = m;
    t->last_organization_id = organization_id;
    return t->last;
}

static bool holds(const Tally *y, const Value *values) {
    for (int i = 0; i < y->n_filters; i++)
        if (!filter_holds(&y->filters[i], y->bucket->model, values)) return false;
    return true;
}

static int group_of(const Tally *y, const Value *values) {
    if (!y->group) return 0;
    const Value *v = &values[y->group->index];
    int i = v->kind == V_TEXT ? choice_index(y->group, v->s) : -1;
    return i >= 0 ? i : y->n_groups - 1;
}

static int64_t amount_of(const Tally *y, const Value *values) {
    return y->sum && values[y->sum->index].kind == V_INT ? values[y->sum->index].i : 0;
}

static void step_add(Tallies *t, Tally *y, const Value *values, bool gone) {
    if (t->n_steps == t->cap_steps) {
        t->cap_steps = t->cap_steps ? t->cap_steps * 2 : 64;
        t->steps = realloc(t->steps, t->cap_steps * sizeof(Step));
        if (!t->steps) log_fatal("memory", "no room for %zu steps of tallies", t->cap_steps);
    }
    t->steps[t->n_steps++] = (Step){y, amount_of(y, values), group_of(y, values), gone};
}

static void note(Tallies *t, int64_t organization_id, const Model *m, const Value *before, const Value *after) {
    Bucket *b = bucket_to_note(t, organization_id, m);
    for (Tally *y = b ? b->tallies : NULL; y; y = y->next) {
        if (before && holds(y, before)) step_add(t, y, before, true);
        if (after && holds(y, after)) step_add(t, y, after, false);
    }
}

/* A row of a part, as the whole of the table has it. */
static const Value *seen_whole(const Model *m, const Value *values, Value *out) {
    for (int i = 0; values && i < m->whole->n; i++) {
        int from = m->whole_from[i];
        out[i] = from >= 0             ? values[from]
                 : from == WHOLE_KIND ? value_text(str_of(m->resource->only.value))
                                      : VALUE_NULL;
    }
    return values ? out : NULL;
}

static void note_whole(Tallies *t, int64_t organization_id, const Model *m, const Value *before, const Value *after) {
    Value was[FIELDS_MAX], is[FIELDS_MAX];
    note(t, organization_id, m->whole, seen_whole(m, before, was), seen_whole(m, after, is));
}

void tally_note(Tallies *t, int64_t organization_id, const Model *m, const Value *before,
                const Value *after) {
    if (!t) return;
    note(t, organization_id, m, before, after);
    if (m->whole) note_whole(t, organization_id, m, before, after);
}

size_t tally_mark(const Tallies *t) { return t ? t->n_steps : 0; }

void tally_return(Tallies *t, size_t mark) {
    if (!t) return;
    assert(mark <= t->n_steps);
    t->n_steps = mark;
}

static void steps_clear(Tallies *t) {
    t->n_steps = 0;
    if (t->cap_steps <= STEPS_KEPT) return;
    free(t->steps);
    t->steps = NULL;
    t->cap_steps = 0;
}

static void step_keep(Tallies *t, const Step *step) {
    Tally *y = step->tally;
    Cell *to = &y->batch[step->group];
    to->count += step->gone ? -1 : 1;
    if (step->gone ? __builtin_sub_overflow(to->sum, step->amount, &to->sum)
                   : __builtin_add_overflow(to->sum, step->amount, &to->sum))
        y->spoiled = true;
    if (y->of_batch) return;
    y->of_batch = true;
    y->next_of_batch = t->batch;
    t->batch = y;
}

void tally_keep(Tallies *t) {
    for (size_t i = 0; i < t->n_steps; i++) step_keep(t, &t->steps[i]);
    steps_clear(t);
    t->n_busy_kept = t->n_busy;
}

void tally_drop(Tallies *t) {
    steps_clear(t);
    if (t->n_busy == t->n_busy_kept) return;
    /* Slots that only this job had noted: as if it had never been. A batch that
     * keeps nothing has no commit that would free them. */
    pthread_mutex_lock(&t->lock);
    while (t->n_busy > t->n_busy_kept) t->slots[t->busy[--t->n_busy]].busy = false;
    pthread_mutex_unlock(&t->lock);
    t->last_model = NULL;
}

static bool cell_add(Cell *to, const Cell *delta) {
    to->count += delta->count;
    return !__builtin_add_overflow(to->sum, delta->sum, &to->sum);
}

static void tally_apply(Tally *y, bool committed) {
    bool ok = !y->spoiled;
    for (int i = 0; committed && i < y->n_groups; i++) ok &= cell_add(&y->now[i], &y->batch[i]);
    if (committed && !ok) y->broken = true;
    y->spoiled = false;
    y->of_batch = false;
    memset(y->batch, 0, sizeof(Cell) * (size_t)y->n_groups);
}

void tally_before_commit(Tallies *t) {
    assert(t->n_steps == 0 && t->n_busy == t->n_busy_kept);
    (void)t;
}

void tally_after_commit(Tallies *t, bool committed) {
    pthread_mutex_lock(&t->lock);
    t->version++;
    for (; t->batch; t->batch = t->batch->next_of_batch) tally_apply(t->batch, committed);
    while (t->n_busy > 0) {
        Slot *slot = &t->slots[t->busy[--t->n_busy]];
        slot->busy = false;
        slot->touched = t->version;
    }
    pthread_mutex_unlock(&t->lock);
    t->n_busy_kept = 0;
    t->last_model = NULL;
}
