/* Search words until the end of a batch; see search_words.h. */
#include "model/search_words.h"

#include <assert.h>

#include "base/log.h"
#include "model/search_dialect.h"

#define BYTES_KEPT ((size_t)1 << 20) /* more is given back after a batch */

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

bool words_write(Words *w, Db *db) {
    bool ok = true;
    for (size_t i = 0; ok && i < w->n_kept; i++) {
        const Entry *e = &w->list[i];
        ok = e->given ? words_insert(db, e->model, 0, e->id, (Str){w->texts.p + e->at, e->n})
                      : words_delete(db, e->model, 0, e->id);
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
