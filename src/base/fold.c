/* Folding names and telephone numbers; see the header. */
#include "base/fold.h"

/* glib.h pulls in galloca.h, which names the banned alloca. */
#define __G_ALLOCA_H__
#include <glib.h>
#include <stdlib.h>

#define WORDS_MAX    16
#define PHONE_DIGITS 9

/* --- names --- */

/* "GmbH & Co. KG" is three words. */
static const char *const legal_forms[] = {
    "ab",  "ag",  "aps",  "as",      "bhd",     "bv",  "co",  "company", "corp", "corporation", "cv", "eg", "ev",
    "gbr", "gmbh", "inc", "incorporated", "kft", "kg", "kk", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv",
    "ohg", "oy",  "oyj",  "plc",     "private", "pte", "pty", "pvt",     "sa",   "sarl",        "sas", "sdn", "se", "sl",
    "spa", "spol", "sro",  "srl", "ug",      "zoo",
};
#define N_LEGAL_FORMS (sizeof legal_forms / sizeof *legal_forms)

static bool is_legal_form(Str word) {
    for (size_t i = 0; i < N_LEGAL_FORMS; i++)
        if (str_is(word, legal_forms[i])) return true;
    return false;
}

/* "S.A." and "O'Neil" are one word each. */
static bool is_inside_words(gunichar u) { return u == '.' || u == '\'' || u == 0x2019 || u == '`'; }

/* Letters and digits, a space for each run of others. */
static void letters_add(Buf *out, const char *text) {
    for (const char *p = text; *p; p = g_utf8_find_next_char(p, NULL)) {
        gunichar u = g_utf8_get_char(p);
        char bytes[6];
        if (g_unichar_ismark(u) || is_inside_words(u)) continue;
        if (g_unichar_isalnum(u))
            buf_add(out, bytes, (size_t)g_unichar_to_utf8(u, bytes));
        else if (out->n && out->p[out->n - 1] != ' ')
            buf_char(out, ' ');
    }
}

static int word_order(const void *a, const void *b) {
    const Str *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->p, y->p, n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static int words_split(Str text, Str *words, bool with_forms) {
    int n = 0;
    while (text.n && n < WORDS_MAX) {
        Str word = str_cut(text, ' ', &text);
        if (word.n && (with_forms || !is_legal_form(word))) words[n++] = word;
    }
    return n;
}

static void words_join(Buf *out, Str text) {
    Str words[WORDS_MAX];
    int n = words_split(text, words, false);
    if (!n) n = words_split(text, words, true);
    qsort(words, (size_t)n, sizeof *words, word_order);
    for (int i = 0; i < n; i++) {
        if (i) buf_char(out, ' ');
        buf_str(out, words[i]);
    }
}

void fold_name(Buf *out, Str name) {
    char *plain = g_utf8_normalize(name.n ? name.p : "", (gssize)name.n, G_NORMALIZE_ALL);
    if (!plain) return; /* not UTF-8: no name of ours */
    char *folded = g_utf8_casefold(plain, -1);
    Buf letters;
    buf_init(&letters, name.n, BUF_DEFAULT_MAX);
    letters_add(&letters, folded);
    words_join(out, buf_view(&letters));
    buf_free(&letters);
    g_free(folded);
    g_free(plain);
}

/* --- telephone numbers --- */

void fold_phone(Buf *out, Str phone) {
    size_t from = phone.n, digits = 0;
    while (from > 0 && digits < PHONE_DIGITS) {
        from--;
        digits += phone.p[from] >= '0' && phone.p[from] <= '9';
    }
    for (size_t i = from; i < phone.n; i++)
        if (phone.p[i] >= '0' && phone.p[i] <= '9') buf_char(out, phone.p[i]);
}

/* --- distance --- */

int fold_distance(Str a, Str b, int limit) {
    int row[FOLD_COMPARED + 1];
    size_t longer = a.n > b.n ? a.n : b.n, shorter = a.n + b.n - longer;
    if (longer > FOLD_COMPARED || longer - shorter > (size_t)limit) return limit + 1;
    for (size_t k = 0; k <= b.n; k++) row[k] = (int)k;
    for (size_t i = 0; i < a.n; i++) {
        int diagonal = row[0];
        row[0] = (int)i + 1;
        for (size_t k = 0; k < b.n; k++) {
            int change = diagonal + (a.p[i] != b.p[k]);
            diagonal = row[k + 1];
            int least = row[k] < diagonal ? row[k] + 1 : diagonal + 1;
            row[k + 1] = change < least ? change : least;
        }
    }
    return row[b.n] <= limit ? row[b.n] : limit + 1;
}
