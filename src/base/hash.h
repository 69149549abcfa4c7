/* Digests, random bytes and their text forms, over libsodium and Nettle. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

#define HASH_BYTES 32
#define HASH_HEX   65 /* with NUL */

typedef struct {
    unsigned char b[HASH_BYTES];
} Hash;

bool hash_init(void); /* once, before anything else here */
void hash_sha256(Str data, Hash *out);
/* SHA-256 over the parts, each prefixed with its length as 8 bytes big-endian
 * (so that bytes cannot move between neighbours). */
void hash_parts(const Str *parts, size_t n, Hash *out);
void hash_hmac_sha256(Str key, Str data, Hash *out);
bool hash_equal(const Hash *a, const Hash *b); /* constant time */
void hash_hex(const Hash *h, char out[HASH_HEX]);
bool hash_from_hex(Str hex, Hash *out); /* false when it is none */
void random_bytes(void *out, size_t n);
/* n random bytes as unpadded base64url into out, which holds ≥ 4n/3 + 2. */
void random_token(size_t n, char *out, size_t out_size);
/* Unpadded base64url, strict; lengths returned, 0 on malformed input. */
size_t base64url_encode(Str data, char *out, size_t out_size);
size_t base64url_decode(Str text, void *out, size_t out_size);

#endif
