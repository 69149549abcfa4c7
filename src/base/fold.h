/* Texts brought to a form in which the same thing is the same bytes, and how
 * far two such forms are apart. For finding duplicates, never for display. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/str.h"

/* The words of a name without case, accents and punctuation, in alphabetical
 * order with single spaces. Legal forms (Ltd, GmbH, …) are left out unless
 * nothing else is there. */
void fold_name(Buf *out, Str name);
/* The last nine digits of a telephone number: what its ways of writing share,
 * with or without a country code, 0 or 00 before it. */
void fold_phone(Buf *out, Str phone);
/* Edits that turn a into b, by bytes; `limit` + 1 when there are more, or when
 * one is longer than FOLD_COMPARED bytes. */
#define FOLD_COMPARED 128
int fold_distance(Str a, Str b, int limit);

#endif
