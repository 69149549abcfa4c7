/* SHA-256 with the SHA extensions of x86-64 (FIPS 180-4; the schedule and
 * rounds as Intel's paper "Intel SHA Extensions" gives them). */
#include "base/sha256.h"

#include <assert.h>

#if defined(__x86_64__) && !defined(__clang__)

#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define BLOCK    64

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* The state as the instructions want it: a, b, e, f and c, d, g, h. */
typedef struct {
    __m128i abef, cdgh;
} State;

static inline const __m128i *vector(const void *p) { return (const __m128i *)p; }

WITH_SHA static void blocks_add(State *s, const unsigned char *p, size_t n) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    for (; n > 0; n--, p += BLOCK) {
        State before = *s;
        __m128i w[4];
        for (int i = 0; i < 16; i++) { /* four rounds each */
            __m128i *at = &w[i & 3], last = w[(i + 3) & 3];
            if (i < 4) {
                *at = _mm_shuffle_epi8(_mm_loadu_si128(vector(p + 16 * i)), big_endian);
            } else {
                __m128i sum = _mm_sha256msg1_epu32(*at, w[(i + 1) & 3]);
                sum = _mm_add_epi32(sum, _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
                *at = _mm_sha256msg2_epu32(sum, last);
            }
            __m128i k = _mm_add_epi32(*at, _mm_loadu_si128(vector(constants + 4 * i)));
            s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, k);
            s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(k, 0x0e));
        }
        s->abef = _mm_add_epi32(s->abef, before.abef);
        s->cdgh = _mm_add_epi32(s->cdgh, before.cdgh);
    }
}

/* What is left of the data, a one bit, zeros, and the length in bits. */
static size_t end_pad(Str data, unsigned char end[2 * BLOCK]) {
    size_t rest = data.n % BLOCK, n = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    memset(end, 0, 2 * BLOCK);
    if (rest) memcpy(end, data.p + data.n - rest, rest);
    end[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) end[n - 1 - i] = (unsigned char)((uint64_t)data.n * 8 >> 8 * i);
    return n / BLOCK;
}

WITH_SHA void sha256_fast(Str data, unsigned char out[32]) {
    unsigned char end[2 * BLOCK];
    /* 6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19 */
    State s = {_mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
               _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
    size_t n_end = end_pad(data, end);
    blocks_add(&s, (const unsigned char *)data.p, data.n / BLOCK);
    blocks_add(&s, end, n_end);
    uint32_t abef[4], cdgh[4];
    memcpy(abef, &s.abef, sizeof abef);
    memcpy(cdgh, &s.cdgh, sizeof cdgh);
    const uint32_t words[8] = {abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0]};
    for (int i = 0; i < 32; i++) out[i] = (unsigned char)(words[i / 4] >> (24 - 8 * (i % 4)));
}

bool sha256_is_fast(void) { return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1"); }

#else

bool sha256_is_fast(void) { return false; }

void sha256_fast(Str data, unsigned char out[32]) {
    (void)data, (void)out;
    assert(!"a processor that has the instructions");
}

#endif
