/* Values that rows of a dry run have; see import_seen.h. */
#include "app/import_seen.h"

#include <stdlib.h>

#include "base/log.h"

static uint64_t hash_of(const ModelField *f, const Value *v) {
    uint64_t h = v->kind == V_TEXT ? str_hash(v->s) : (uint64_t)v->i * 0x9e3779b97f4a7c15u;
    h = (h ^ (uint64_t)f->index) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
    return h ? h : 1;
}

static size_t slot_of(const ImportSeen *s, uint64_t h) {
    size_t i = h & (s->cap - 1);
    while (s->slots[i] && s->slots[i] != h) i = (i + 1) & (s->cap - 1);
    return i;
}

static void put(ImportSeen *s, uint64_t h) {
    if (s->n * 2 >= s->cap) {
        ImportSeen more = {.cap = s->cap ? s->cap * 2 : 4096};
        more.slots = calloc(more.cap, sizeof *more.slots);
        if (!more.slots) log_fatal("import", "out of memory");
        for (size_t i = 0; i < s->cap; i++)
            if (s->slots[i]) more.slots[slot_of(&more, s->slots[i])] = s->slots[i], more.n++;
        free(s->slots);
        *s = more;
    }
    size_t at = slot_of(s, h);
    s->n += !s->slots[at];
    s->slots[at] = h;
}

static bool has(const ImportSeen *s, const ModelField *f, const Value *v) {
    return s->cap && v->kind != V_NULL && s->slots[slot_of(s, hash_of(f, v))] != 0;
}

void import_seen_free(ImportSeen *s) { free(s->slots); }

bool import_seen_key(const ImportSeen *s, const ModelField *key, const Value *v) { return key && has(s, key, v); }

bool import_seen_check(Ctx *c, const ImportSeen *s, const Row *row) {
    bool ok = true;
    for (int i = 0; i < row->model->n; i++) {
        const ModelField *f = &row->model->fields[i];
        if (!(f->flags & F_UNIQUE) || !has(s, f, &row->values[i])) continue;
        ok = error_issue(&c->err, f->name, "duplicate", "is taken by an earlier row");
    }
    return ok;
}

void import_seen_add(ImportSeen *s, const Row *row, const ModelField *key) {
    for (int i = 0; i < row->model->n; i++) {
        const ModelField *f = &row->model->fields[i];
        bool tells = (f->flags & F_UNIQUE) || f == key;
        if (tells && i != row->model->id && row->values[i].kind != V_NULL) put(s, hash_of(f, &row->values[i]));
    }
}
