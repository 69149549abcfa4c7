/* The tokenizer `words` of SQLite's full-text tables: the words of base/words,
 * each behind its organization, so that the index of a table is one of each
 * organization's own.
 *
 * A text begins with SEARCH_TENANT, the organization's id and a space; both
 * what is stored and each word that is asked for. An organization is written
 * in digits of a fixed number, as FTS5 indexes beginnings by their length. A
 * word that begins with SEARCH_WHOLE and has no text of a person's behind it
 * is taken as it stands, up to the next space. */
#include "db/db_sqlite_words.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/words.h"

#define TENANT_DIGITS 6 /* as many as the lengths in prefix='…' have more than letters */

typedef int Each(void *user, int flags, const char *token, int n, int start, int end);

typedef struct {
    Buf token;
} Tokenizer;

static int tokenizer_create(void *user, const char **args, int n, Fts5Tokenizer **out) {
    (void)user, (void)args, (void)n;
    Tokenizer *t = calloc(1, sizeof *t);
    if (!t) log_fatal("db", "out of memory");
    buf_init(&t->token, 2 * WORD_BYTES_MAX, 0);
    *out = (Fts5Tokenizer *)t;
    return SQLITE_OK;
}

static void tokenizer_delete(Fts5Tokenizer *base) {
    Tokenizer *t = (Tokenizer *)base;
    buf_free(&t->token);
    free(t);
}

/* Digits of base 36; what more than two thousand million organizations share is
 * told apart by their rows. */
static void organization_add(Buf *out, Str *text) {
    char digits[TENANT_DIGITS];
    uint64_t id = 0;
    if (!str_starts(*text, S(SEARCH_TENANT))) return;
    *text = (Str){text->p + strlen(SEARCH_TENANT), text->n - strlen(SEARCH_TENANT)};
    for (; text->n && *text->p >= '0' && *text->p <= '9'; text->p++, text->n--) id = id * 10 + (uint64_t)(*text->p - '0');
    for (int i = TENANT_DIGITS; i > 0; i--, id /= 36) digits[i - 1] = "0123456789abcdefghijklmnopqrstuvwxyz"[id % 36];
    buf_add(out, digits, sizeof digits);
}

#define TEXT_GIVEN const char *p, int n /* what FTS5 gives is more than five parameters */
static int tokenize(Fts5Tokenizer *base, void *user, int flags, TEXT_GIVEN, Each *each) {
    Buf *b = &((Tokenizer *)base)->token;
    Str rest = {p, (size_t)n};
    (void)flags;
    buf_reset(b);
    organization_add(b, &rest);
    size_t tenant = b->n;
    while (rest.n) {
        Str piece = str_cut(rest, ' ', &rest);
        int end = (int)(piece.p + piece.n - p), rc = SQLITE_OK;
        bool whole = str_starts(piece, S(SEARCH_WHOLE));
        if (whole) rc = each(user, 0, piece.p, (int)piece.n, end - (int)piece.n, end);
        while (!whole && rc == SQLITE_OK && (b->n = tenant, word_next(&piece, b)))
            rc = each(user, 0, b->p, (int)b->n, end > 0 ? end - 1 : 0, end);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

static fts5_api *api_of(sqlite3 *handle) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &st, NULL) != SQLITE_OK) return NULL;
    sqlite3_bind_pointer(st, 1, (void *)&api, "fts5_api_ptr", NULL);
    sqlite3_step(st);
    sqlite3_finalize(st);
    return api;
}

bool sqlite_words_register(sqlite3 *handle) {
    fts5_tokenizer words = {tokenizer_create, tokenizer_delete, tokenize};
    fts5_api *api = api_of(handle);
    return api && api->xCreateTokenizer(api, "words", NULL, &words, NULL) == SQLITE_OK;
}
