/* Access tokens: JWTs (RFC 7519) with HS256, made and read by this program
 * only. The header is one constant, compared byte for byte, so there is no
 * algorithm to choose; the MAC is checked before anything is parsed. */
#ifndef IDENTITY_TOKEN_H
#define IDENTITY_TOKEN_H

#include "base/hash.h"

#define TOKEN_TEXT_MAX 4096 /* longer ones are refused unread */
#define TOKEN_ROOM     640  /* what token_write may need, with a NUL */

typedef struct {
    int64_t account, organization, user, session;
    int64_t epoch;           /* of the account, when the token was made */
    int64_t issued, expires; /* Unix seconds */
} Claims;

/* Length of the text in `out`. */
size_t token_write(const Hash *key, const Claims *claims, char out[TOKEN_ROOM]);
/* False for anything that token_write did not make with this key. The time is
 * the caller's to check. */
bool token_read(const Hash *key, Str text, Claims *out);

#endif
