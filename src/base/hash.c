/* Digests and their text forms; see hash.h. */
#include "base/hash.h"

#include <assert.h>
#include <nettle/sha2.h>
#include <sodium.h>

#define TOKEN_BYTES_MAX 128

static_assert(HASH_BYTES == SHA256_DIGEST_SIZE, "SHA-256");
static_assert(HASH_BYTES == crypto_auth_hmacsha256_BYTES, "HMAC-SHA-256");

static const unsigned char *bytes(Str s) { return (const unsigned char *)s.p; }

bool hash_init(void) { return sodium_init() >= 0; }

/* By Nettle, which uses the processor's own SHA-256: a quarter of libsodium's
 * time for a journal row, and each change and each row that is proved has one. */
void hash_sha256(Str data, Hash *out) {
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, data.n, bytes(data));
    sha256_digest(&state, sizeof out->b, out->b);
}

void hash_parts(const Str *parts, size_t n, Hash *out) {
    struct sha256_ctx state;
    sha256_init(&state);
    for (size_t i = 0; i < n; i++) {
        unsigned char length[8];
        for (size_t k = 0; k < sizeof length; k++)
            length[k] = (unsigned char)((uint64_t)parts[i].n >> (56 - 8 * k));
        sha256_update(&state, sizeof length, length);
        if (parts[i].n > 0) sha256_update(&state, parts[i].n, bytes(parts[i]));
    }
    sha256_digest(&state, sizeof out->b, out->b);
}

void hash_hmac_sha256(Str key, Str data, Hash *out) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(key), key.n);
    crypto_auth_hmacsha256_update(&state, bytes(data), data.n);
    crypto_auth_hmacsha256_final(&state, out->b);
    sodium_memzero(&state, sizeof state);
}

bool hash_equal(const Hash *a, const Hash *b) { return sodium_memcmp(a->b, b->b, sizeof a->b) == 0; }

void hash_hex(const Hash *h, char out[HASH_HEX]) { sodium_bin2hex(out, HASH_HEX, h->b, sizeof h->b); }

void random_bytes(void *out, size_t n) { randombytes_buf(out, n); }

void random_token(size_t n, char *out, size_t out_size) {
    unsigned char raw[TOKEN_BYTES_MAX];
    assert(n > 0 && n <= sizeof raw);
    randombytes_buf(raw, n);
    size_t length = base64url_encode((Str){(const char *)raw, n}, out, out_size);
    assert(length > 0);
    (void)length;
    sodium_memzero(raw, sizeof raw);
}

size_t base64url_encode(Str data, char *out, size_t out_size) {
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t need; /* with the NUL */
    if (out_size == 0 || __builtin_mul_overflow(data.n, 4, &need) || (need = (need + 2) / 3 + 1) > out_size) {
        if (out_size > 0) out[0] = '\0';
        return 0;
    }
    sodium_bin2base64(out, out_size, bytes(data), data.n, variant);
    return need - 1;
}

size_t base64url_decode(Str text, void *out, size_t out_size) {
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t length = 0;
    /* No characters to skip, and no end pointer: all of the text must be
     * base64, and libsodium refuses bits left over that are not zero. */
    if (text.n == 0 || sodium_base642bin(out, out_size, text.p, text.n, NULL, &length, NULL, variant) != 0)
        return 0;
    return length;
}

bool hash_from_hex(Str hex, Hash *out) {
    if (hex.n != 2 * HASH_BYTES) return false;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        char pair[3] = {hex.p[2 * i], hex.p[2 * i + 1], 0};
        char *end;
        out->b[i] = (unsigned char)strtoul(pair, &end, 16);
        if (*end) return false;
    }
    return true;
}
