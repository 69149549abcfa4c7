/* The tokenizer `words` of SQLite's full-text tables, and the same words looked for
 * in a row: the words of base/words,
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

/* --- has_words(asked, text, …): whether the texts have every word that is asked for --- */

#define ASKED_MAX 64

typedef struct {
    Str words[ASKED_MAX]; /* "cotton", or with a star behind it a beginning */
    int n;
    Buf word; /* of a text */
} Asked;

static bool is_asked(Str asked, Str word) {
    if (asked.p[asked.n - 1] == '*') return str_starts(word, (Str){asked.p, asked.n - 1});
    return str_eq(asked, word);
}

/* Takes away what this word answers. */
static void word_answer(Asked *a, Str word) {
    for (int i = a->n; i-- > 0;)
        if (is_asked(a->words[i], word)) a->words[i] = a->words[--a->n];
}

static void text_answer(Asked *a, Str text) {
    while (text.n && a->n) {
        Str piece = str_cut(text, ' ', &text);
        if (str_starts(piece, S(SEARCH_WHOLE))) continue; /* no word that somebody types */
        while (a->n && (buf_reset(&a->word), word_next(&piece, &a->word))) word_answer(a, buf_view(&a->word));
    }
}

static Str argument(sqlite3_value *v) {
    const char *p = (const char *)sqlite3_value_text(v);
    return p ? (Str){p, (size_t)sqlite3_value_bytes(v)} : STR_NONE;
}

static void has_words(sqlite3_context *context, int n, sqlite3_value **values) {
    Asked a = {.n = 0};
    Str rest = argument(values[0]);
    while (rest.n && a.n < ASKED_MAX) a.words[a.n++] = str_cut(rest, ' ', &rest);
    buf_init(&a.word, 2 * WORD_BYTES_MAX, 0);
    for (int i = 1; i < n && a.n; i++) text_answer(&a, argument(values[i]));
    buf_free(&a.word);
    sqlite3_result_int(context, a.n == 0 && !rest.n);
}

bool sqlite_words_register(sqlite3 *handle) {
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    fts5_tokenizer words = {tokenizer_create, tokenizer_delete, tokenize};
    fts5_api *api = api_of(handle);
    return api && api->xCreateTokenizer(api, "words", NULL, &words, NULL) == SQLITE_OK &&
           sqlite3_create_function_v2(handle, "has_words", -1, flags, NULL, has_words, NULL, NULL, NULL) == SQLITE_OK;
}
