/* Answers of GET /meta that were made before, by all that they are made of: so
 * that nothing needs to be told when a role, a user or an organization changes,
 * and nothing old is ever found. A bounded number of them; all threads share it. */
#ifndef API_META_KEPT_H
#define API_META_KEPT_H

#include "base/hash.h"
#include "http/http.h"

typedef struct MetaKept MetaKept;

MetaKept *meta_kept_new(void);
void meta_kept_free(MetaKept *k);
/* Gives the body of the key into *body, packed when `gzip`, and its digest as
 * text; false when it is not there. */
bool meta_kept_get(MetaKept *k, const Hash *key, bool gzip, Buf *body, char digest[HASH_HEX]);
/* Copies the body; what was asked for the longest time ago makes room. */
void meta_kept_put(MetaKept *k, const Hash *key, Str body, const char *digest);

#endif
