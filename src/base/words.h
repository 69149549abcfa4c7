/* The words of a text as search knows them: runs of letters and digits without
 * case and accents. The same ones for every database, for what is stored and
 * for what is asked. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/str.h"

/* A longer word is its beginning. */
#define WORD_BYTES_MAX 64

/* Adds the next word of *rest to out, and leaves what is behind it; false when
 * there is none. */
bool word_next(Str *rest, Buf *out);

/* Private-use characters of the texts that search tables are given, which are no
 * part of a word: a text begins with the first and its organization's id; a word
 * that begins with the second was not typed, and counts as it stands. */
#define SEARCH_TENANT "\xee\x80\x80"
#define SEARCH_WHOLE  "\xee\x80\x81"

#endif
