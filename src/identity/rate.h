/* Token buckets, as many as fit in a fixed table. A bucket is one number: the
 * monotonic time at which it is full again (the generic cell rate algorithm),
 * so that an unused bucket and none at all are the same. When its part of the
 * table is full, the fullest bucket there is forgotten. With rate_table_share
 * the buckets are in Redis, where other nodes spend from them too, and the
 * table is what remains while Redis does not answer. */
#ifndef IDENTITY_RATE_H
#define IDENTITY_RATE_H

#include "base/str.h"

#define RATE_WINDOW_S 60

typedef struct RateTable RateTable;
struct RateRedis;

typedef enum { RATE_PEEK, RATE_TAKE, RATE_SPEND } RateUse;

/* Who spends from which bucket. */
typedef struct {
    char kind;  /* a letter per sort of bucket */
    int64_t id; /* a session or key; 0 when a network or text says who */
    uint64_t network;
    Str text; /* a login name */
} RateKey;

typedef struct {
    int remaining;   /* whole requests left */
    int reset;       /* seconds until the bucket is full */
    int retry_after; /* seconds until one request is there; 0 when it is */
} RateLevel;

RateTable *rate_table_new(void);
/* Before the first use; the table frees it. */
void rate_table_share(RateTable *t, struct RateRedis *redis);
void rate_table_free(RateTable *t);
/* Spends one of `limit` per window; false, and nothing spent, when there is
 * none. */
bool rate_take(RateTable *t, const RateKey *key, int limit, int64_t now_us, RateLevel *out);
/* The same question without spending. */
bool rate_peek(RateTable *t, const RateKey *key, int limit, int64_t now_us, RateLevel *out);
/* Spends one also when none is left (down to twice the limit). */
void rate_spend(RateTable *t, const RateKey *key, int limit, int64_t now_us);
/* An IPv4 address, or the first 64 bits of an IPv6 address; 0 when unreadable. */
uint64_t rate_network(Str ip);

#endif
