/* See meta_kept.h. A body has some 200 KB and packed a tenth of that, so this
 * holds at most some 14 MB; looking through so few keys costs nothing. */
#include "api/meta_kept.h"

#include "base/log.h"
#include "http/gzip.h"
#include <pthread.h>
#include <stdlib.h>

#define MOST 64

typedef struct {
    Hash key;
    Buf plain, packed;
    char digest[HASH_HEX];
    uint64_t used; /* 0: nothing is here */
} Entry;

struct MetaKept {
    pthread_mutex_t lock;
    uint64_t clock; /* counts what is asked */
    Entry entries[MOST];
};

MetaKept *meta_kept_new(void) {
    MetaKept *k = calloc(1, sizeof *k);
    if (!k) log_fatal("api", "out of memory");
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

void meta_kept_free(MetaKept *k) {
    for (int i = 0; i < MOST; i++) {
        buf_free(&k->entries[i].plain);
        buf_free(&k->entries[i].packed);
    }
    pthread_mutex_destroy(&k->lock);
    free(k);
}

static Entry *find(MetaKept *k, const Hash *key) {
    for (int i = 0; i < MOST; i++)
        if (k->entries[i].used && memcmp(key, &k->entries[i].key, sizeof *key) == 0) return &k->entries[i];
    return NULL;
}

static Entry *oldest(MetaKept *k) {
    Entry *found = &k->entries[0];
    for (int i = 1; i < MOST; i++)
        if (k->entries[i].used < found->used) found = &k->entries[i];
    return found;
}

bool meta_kept_get(MetaKept *k, const Hash *key, bool gzip, Buf *body, char digest[HASH_HEX]) {
    pthread_mutex_lock(&k->lock);
    Entry *e = find(k, key);
    if (e) {
        e->used = ++k->clock;
        buf_reset(body);
        buf_str(body, buf_view(gzip ? &e->packed : &e->plain));
        memcpy(digest, e->digest, HASH_HEX);
    }
    pthread_mutex_unlock(&k->lock);
    return e != NULL;
}

void meta_kept_put(MetaKept *k, const Hash *key, Str body, const char *digest) {
    Buf packed = {0};
    gzip_pack_once(body, &packed);
    pthread_mutex_lock(&k->lock);
    Entry *e = find(k, key);
    if (!e) e = oldest(k);
    buf_reset(&e->plain);
    buf_str(&e->plain, body);
    buf_free(&e->packed);
    e->packed = packed;
    e->key = *key;
    memcpy(e->digest, digest, HASH_HEX);
    e->used = ++k->clock;
    pthread_mutex_unlock(&k->lock);
}
