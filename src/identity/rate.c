/* The table of token buckets; see rate.h. Sets of WAYS buckets chosen by a
 * keyed hash, so that nobody can aim at another's set; LOCKS mutexes share the
 * sets among them. */
#include "identity/rate.h"
#include "identity/rate_redis.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>

#include "base/log.h"

#define SETS      4096
#define WAYS      16 /* 65,536 buckets, 1 MiB */
#define LOCKS     16
#define WINDOW_US ((int64_t)RATE_WINDOW_S * 1000000)

typedef struct {
    uint64_t key;
    int64_t full_at; /* monotonic, µs */
} Bucket;

struct RateTable {
    unsigned char secret[crypto_shorthash_KEYBYTES];
    pthread_mutex_t locks[LOCKS];
    RateRedis *redis; /* NULL: not shared */
    Bucket sets[SETS][WAYS];
};

typedef struct {
    RateUse mode;
    int limit;
    int64_t now;
} Use;

RateTable *rate_table_new(void) {
    RateTable *t = calloc(1, sizeof *t);
    if (!t) log_fatal("identity", "out of memory");
    randombytes_buf(t->secret, sizeof t->secret);
    for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&t->locks[i], NULL);
    return t;
}

void rate_table_share(RateTable *t, RateRedis *redis) { t->redis = redis; }

void rate_table_free(RateTable *t) {
    if (t) rate_redis_free(t->redis);
    for (int i = 0; t && i < LOCKS; i++) pthread_mutex_destroy(&t->locks[i]);
    free(t);
}

static uint64_t key_hash(const RateTable *t, const RateKey *key) {
    uint64_t text = 0, hash = 0;
    if (key->text.n > 0)
        crypto_shorthash((unsigned char *)&text, (const unsigned char *)key->text.p, key->text.n, t->secret);
    uint64_t parts[4] = {(unsigned char)key->kind, (uint64_t)key->id, key->network, text};
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)parts, sizeof parts, t->secret);
    return hash ? hash : 1;
}

/* The key's bucket, or the fullest of its set, forgotten for it. */
static Bucket *bucket_of(Bucket *set, uint64_t key) {
    Bucket *fullest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (set[i].full_at < fullest->full_at) fullest = &set[i];
    }
    return fullest;
}

static int seconds_up(int64_t us) { return us <= 0 ? 0 : (int)((us + 999999) / 1000000); }

static void level(int64_t debt, int64_t cost, RateLevel *out) {
    int64_t left = WINDOW_US - debt;
    out->remaining = left > 0 ? (int)(left / cost) : 0;
    out->reset = seconds_up(debt);
    out->retry_after = seconds_up(cost - left);
}

static RateAnswer table_use(RateTable *t, const RateKey *who, Use use) {
    int64_t now = use.now;
    uint64_t key = key_hash(t, who);
    Bucket *set = t->sets[key % SETS];
    pthread_mutex_t *lock = &t->locks[key % LOCKS];
    int64_t cost = WINDOW_US / use.limit;
    pthread_mutex_lock(lock);
    Bucket *b = bucket_of(set, key);
    int64_t full_at = b->key == key && b->full_at > now ? b->full_at : now;
    bool there = full_at + cost - now <= WINDOW_US;
    bool room = use.mode == RATE_SPEND && full_at + cost - now <= 2 * WINDOW_US;
    if (use.mode != RATE_PEEK && (there || room)) {
        full_at += cost;
        *b = (Bucket){key, full_at};
    }
    pthread_mutex_unlock(lock);
    return (RateAnswer){there, full_at - now};
}

static bool bucket_use(RateTable *t, const RateKey *who, Use use, RateLevel *out) {
    int64_t cost = WINDOW_US / use.limit;
    RateAnswer answer;
    if (!t->redis || !rate_redis_use(t->redis, who, use.mode, cost, &answer)) answer = table_use(t, who, use);
    level(answer.debt_us, cost, out);
    return answer.there;
}

bool rate_take(RateTable *t, const RateKey *key, int limit, int64_t now_us, RateLevel *out) {
    return bucket_use(t, key, (Use){RATE_TAKE, limit, now_us}, out);
}

bool rate_peek(RateTable *t, const RateKey *key, int limit, int64_t now_us, RateLevel *out) {
    return bucket_use(t, key, (Use){RATE_PEEK, limit, now_us}, out);
}

void rate_spend(RateTable *t, const RateKey *key, int limit, int64_t now_us) {
    RateLevel ignored;
    bucket_use(t, key, (Use){RATE_SPEND, limit, now_us}, &ignored);
}

uint64_t rate_network(Str ip) {
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    uint64_t network = 0;
    if (ip.n >= sizeof text) return 0;
    memcpy(text, ip.p ? ip.p : "", ip.n);
    text[ip.n] = '\0';
    if (inet_pton(AF_INET, text, address) == 1) {
        memcpy((char *)&network + 4, address, 4); /* no IPv6 network in use begins with 32 zero bits */
    } else if (inet_pton(AF_INET6, text, address) == 1) {
        bool v4 = memcmp(address, mapped, sizeof mapped) == 0;
        if (v4)
            memcpy((char *)&network + 4, address + 12, 4);
        else
            memcpy(&network, address, 8);
    }
    return network;
}
