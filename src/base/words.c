/* Words for search; see words.h. What Unicode calls a letter, number or mark
 * is part of a word; combining accents are as if they were not there. */
#include "base/words.h"

/* glib.h pulls in galloca.h, which names the banned alloca. */
#define __G_ALLOCA_H__
#include <glib.h>

#define PARTS_MAX 18 /* of one character: G_UNICHAR_MAX_DECOMPOSITION_LENGTH */

static bool is_accent(gunichar u) { return u >= 0x300 && u <= 0x36f; }

/* A letter with accents is that letter; others stay whole. */
static gunichar without_accents(gunichar u) {
    gunichar parts[PARTS_MAX];
    gsize n = g_unichar_fully_decompose(u, FALSE, parts, PARTS_MAX);
    for (gsize i = 1; i < n; i++)
        if (!is_accent(parts[i])) return u;
    return parts[0];
}

static void bytes_add(Buf *out, size_t from, const char *bytes, size_t n) {
    if (out->n - from + n <= WORD_BYTES_MAX) buf_add(out, bytes, n);
}

/* Whether the character is part of a word. */
static bool letter_add(Buf *out, size_t from, gunichar u) {
    char bytes[6];
    if (is_accent(u)) return true;
    if (!g_unichar_isalnum(u) && !g_unichar_ismark(u)) return false;
    bytes_add(out, from, bytes, (size_t)g_unichar_to_utf8(g_unichar_tolower(without_accents(u)), bytes));
    return true;
}

static bool ascii_add(Buf *out, size_t from, char c) {
    if (c >= 'A' && c <= 'Z') c = (char)(c | 0x20);
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) return false;
    bytes_add(out, from, &c, 1);
    return true;
}

bool word_next(Str *rest, Buf *out) {
    size_t from = out->n;
    bool in_word = true;
    while (rest->n && (in_word || out->n == from)) {
        size_t used = 1;
        if (!((unsigned char)*rest->p & 0x80)) {
            in_word = ascii_add(out, from, *rest->p);
        } else {
            gunichar u = g_utf8_get_char_validated(rest->p, (gssize)rest->n);
            bool broken = u >= (gunichar)-2; /* not UTF-8: between words */
            if (!broken) used = (size_t)g_utf8_skip[(unsigned char)*rest->p];
            in_word = !broken && letter_add(out, from, u);
        }
        *rest = (Str){rest->p + used, rest->n - used};
    }
    return out->n > from;
}
