/* Buckets that several nodes share, kept in Redis: the same rule as in rate.h,
 * with Redis' own clock, so that the nodes' clocks need not agree. Each use is
 * one round trip, with a script that Redis runs as a whole.
 *
 * A Redis that does not answer within 50 ms, nor at a second try, is left alone
 * for five seconds; the caller then counts for itself. */
#ifndef IDENTITY_RATE_REDIS_H
#define IDENTITY_RATE_REDIS_H

#include "base/arena.h"
#include "identity/rate.h"

typedef struct RateRedis RateRedis;

/* redis://[[user]:password@]host[:port][/database]. NULL with a problem when
 * the URL is wrong; does not connect yet. */
RateRedis *rate_redis_new(const char *url, Arena *a, Str *problem);
void rate_redis_free(RateRedis *r);

typedef struct {
    bool there;      /* one of the share was left */
    int64_t debt_us; /* for so long the bucket will not be full */
} RateAnswer;

/* False when Redis does not answer. `cost_us` is the window over the limit. */
bool rate_redis_use(RateRedis *r, const RateKey *key, RateUse use, int64_t cost_us, RateAnswer *out);

#endif
