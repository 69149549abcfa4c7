/* Argon2id behind a gate of a few slots; see password.h. */
#include "identity/password.h"

#include <pthread.h>
#include <sodium.h>
#include <unistd.h>

#include "base/log.h"
#include "identity/internal.h"

#define PASSES 2
#define MEMORY ((size_t)19456 * 1024)

/* The hash of 32 random bytes that nobody kept: for names that do not exist. */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$a+on2pEPu9PGSu0qVZyowg$"
                             "EMLurgWaVOtLKUpCguJEQF1o9WG7mbnbIiK+dY5PBEU";

struct HashGate {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int slots, running, waiting;
};

HashGate *hash_gate_new(int slots) {
    HashGate *g = calloc(1, sizeof *g);
    if (!g) log_fatal("identity", "out of memory");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    g->slots = slots > 0 ? slots : processors > 0 ? (int)processors : 1;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->freed, NULL);
    return g;
}

void hash_gate_free(HashGate *g) {
    if (!g) return;
    pthread_cond_destroy(&g->freed);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

bool hash_gate_enter(Ctx *c) {
    HashGate *g = c->app->identity->gate;
    pthread_mutex_lock(&g->lock);
    bool in = g->running < g->slots || g->waiting < HASH_QUEUE_MAX;
    if (in) {
        g->waiting++;
        while (g->running >= g->slots) pthread_cond_wait(&g->freed, &g->lock);
        g->waiting--;
        g->running++;
    }
    pthread_mutex_unlock(&g->lock);
    if (in) return true;
    if (c->err.kind == E_NONE) c->err.retry_after = 1;
    return fail(c, E_OVERLOADED, "too many passwords are being checked, try again");
}

void hash_gate_leave(Ctx *c) {
    HashGate *g = c->app->identity->gate;
    pthread_mutex_lock(&g->lock);
    g->running--;
    pthread_cond_signal(&g->freed);
    pthread_mutex_unlock(&g->lock);
}

bool password_hash(Ctx *c, Str password, Str *out) {
    char text[crypto_pwhash_STRBYTES];
    if (!hash_gate_enter(c)) return false;
    int rc =
        crypto_pwhash_str_alg(text, password.p, password.n, PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13);
    hash_gate_leave(c);
    if (rc != 0) log_fatal("identity", "no memory to hash a password");
    *out = arena_str(c->arena, str_of(text));
    return true;
}

bool password_right(Ctx *c, Str stored, Str password) {
    bool known = stored.n > 0 && stored.n < crypto_pwhash_STRBYTES;
    const char *hash = known ? arena_c_str(c->arena, stored) : NOBODY;
    return crypto_pwhash_str_verify(hash, password.p, password.n) == 0 && known;
}

const char *password_problem(Str password) {
    size_t n = str_utf8_length(password);
    if (n < PASSWORD_MIN) return "must have at least 8 characters";
    if (n > PASSWORD_MAX) return "must have at most 255 characters";
    return NULL;
}
