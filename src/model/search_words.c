/* Search words until the end of a batch; see search_words.h. */
#include "model/search_words.h"

#include <assert.h>

#include "base/log.h"
#include "model/search_dialect.h"

#define BYTES_KEPT ((size_t)1 << 20) /* more is given back after a batch */

/* So many rows of a table make one part of its index, and are not merged with
 * others each time: who writes many batches of them merges at the end. */
#define MANY            1000
#define HASH_MANY       (4 << 20)  /* bytes; more would not stay in the processor's cache */
#define HASH_USUAL      (1 << 20)  /* FTS5's own */
#define AUTOMERGE_USUAL 4          /* FTS5's own */

typedef struct {
    const Model *model;
    int64_t id;
    size_t at, n; /* in texts */
    bool given;
} Entry;

struct Words {
    Entry *list;
    size_t n, cap, n_kept;
    Buf texts;
};

Words *words_new(void) {
    Words *w = calloc(1, sizeof *w);
    if (!w) log_fatal("memory", "no %zu bytes for words", sizeof *w);
    buf_init(&w->texts, 0, SIZE_MAX / 4);
    return w;
}

void words_free(Words *w) {
    buf_free(&w->texts);
    free(w->list);
    free(w);
}

static void entry_add(Words *w, Entry entry) {
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 64;
        w->list = realloc(w->list, w->cap * sizeof *w->list);
        if (!w->list) log_fatal("memory", "no room for the words of %zu rows", w->cap);
    }
    w->list[w->n++] = entry;
}

void words_take(Words *w, const Model *m, int64_t id) { entry_add(w, (Entry){.model = m, .id = id}); }

void words_give(Words *w, const Model *m, int64_t id, Str words) {
    entry_add(w, (Entry){m, id, w->texts.n, words.n, true});
    buf_str(&w->texts, words);
}

void words_keep(Words *w) { w->n_kept = w->n; }
void words_drop(Words *w) { words_return(w, w->n_kept); }
size_t words_mark(const Words *w) { return w->n; }

void words_return(Words *w, size_t mark) {
    assert(mark <= w->n);
    while (w->n > mark) {
        const Entry *last = &w->list[--w->n];
        if (last->given) w->texts.n = last->at;
    }
}

bool words_delete(Db *db, const Model *m, int64_t organization_id, int64_t id) {
    const SearchWords *words = search_words(db);
    Buf sql = {0};
    buf_fmt(&sql, "DELETE FROM %s_search%s", m->table.p, words->remove);
    Stmt *st = db_prepare(db, buf_view(&sql));
    buf_free(&sql);
    stmt_bind_int(st, 1, id);
    if (words->names_organization) stmt_bind_int(st, 2, organization_id);
    return stmt_run(st);
}

bool words_insert(Db *db, const Model *m, int64_t organization_id, int64_t id, Str text) {
    const SearchWords *words = search_words(db);
    Buf sql = {0};
    buf_fmt(&sql, "INSERT INTO %s_search%s", m->table.p, words->insert);
    Stmt *st = db_prepare(db, buf_view(&sql));
    buf_free(&sql);
    stmt_bind_int(st, 1, id);
    stmt_bind_text(st, 2, text);
    if (words->names_organization) stmt_bind_int(st, 3, organization_id);
    return stmt_run(st);
}

/* A setting of FTS5 is stored, but in this transaction, which puts it back. */
static bool setting_put(Db *db, const Model *m, const char *name, int64_t value) {
    Buf sql = {0};
    buf_fmt(&sql, "INSERT INTO %s_search (%s_search, rank) VALUES (?1, ?2)", m->table.p, m->table.p);
    Stmt *st = db_prepare(db, buf_view(&sql));
    buf_free(&sql);
    stmt_bind_text(st, 1, str_of(name));
    stmt_bind_int(st, 2, value);
    return stmt_run(st);
}

static bool many_begin(Db *db, const Model *m) {
    return setting_put(db, m, "hashsize", HASH_MANY) && setting_put(db, m, "automerge", 0);
}

static bool many_end(Db *db, const Model *m) {
    return setting_put(db, m, "flush", 0) && setting_put(db, m, "hashsize", HASH_USUAL) &&
           setting_put(db, m, "automerge", AUTOMERGE_USUAL);
}

static bool entry_write(const Words *w, Db *db, const Entry *e) {
    if (!e->given) return words_delete(db, e->model, 0, e->id);
    return words_insert(db, e->model, 0, e->id, (Str){w->texts.p + e->at, e->n});
}

/* Entries from `at` on that are of one table. */
static size_t same_table(const Words *w, size_t at) {
    size_t n = 1;
    while (at + n < w->n_kept && w->list[at + n].model == w->list[at].model) n++;
    return n;
}

bool words_write(Words *w, Db *db) {
    bool ok = true;
    for (size_t i = 0, n; ok && i < w->n_kept; i += n) {
        const Model *m = w->list[i].model;
        n = same_table(w, i);
        bool many = n >= MANY && search_words(db)->merges;
        ok = !many || many_begin(db, m);
        for (size_t k = 0; ok && k < n; k++) ok = entry_write(w, db, &w->list[i + k]);
        ok = ok && (!many || many_end(db, m));
    }
    return ok;
}

void words_clear(Words *w) {
    w->n = w->n_kept = 0;
    if (w->texts.cap > BYTES_KEPT)
        buf_free(&w->texts);
    else
        w->texts.n = 0;
    if (w->cap * sizeof *w->list <= BYTES_KEPT) return;
    free(w->list);
    w->list = NULL;
    w->cap = 0;
}
