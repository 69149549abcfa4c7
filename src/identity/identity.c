/* What this floor keeps for the whole process, and the secret everything it
 * signs depends on. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "identity/internal.h"

#define MAX_AGE_S  5
#define SECRET_MIN 32 /* characters */
#define SECRET_MAX 1024
#define PATH_ROOM  4096

/* Each use of the secret has a key of its own. */
static void derive(Str secret, Str use, Hash *out) { hash_hmac_sha256(secret, use, out); }

static bool write_all(int fd, Str s) {
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s = (Str){s.p + n, s.n - (size_t)n};
    }
    return true;
}

/* Written beside it and linked into place, so that it is there whole or not at
 * all, and the first of two programs wins. */
static bool secret_create(const char *path) {
    char beside[PATH_ROOM + 32], text[SECRET_TEXT];
    snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid());
    random_token(32, text, sizeof text);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool ok = write_all(fd, str_of(text)) && write_all(fd, S("\n")) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && (link(beside, path) == 0 || errno == EEXIST);
    unlink(beside);
    sodium_memzero(text, sizeof text);
    return ok;
}

static bool secret_open(const char *path, int *fd) {
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT && secret_create(path)) *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd >= 0;
}

static size_t secret_read(const char *data_dir, char out[SECRET_MAX]) {
    char path[PATH_ROOM];
    struct stat info;
    int fd;
    snprintf(path, sizeof path, "%s/secret", data_dir);
    if (!secret_open(path, &fd)) {
        log_event("identity", LOG_ERROR, "%s: %s", path, strerror(errno));
        return 0;
    }
    if (fstat(fd, &info) == 0 && (info.st_mode & 077))
        log_event("identity", LOG_WARNING, "%s can be read by others: chmod 600 it", path);
    ssize_t n = read(fd, out, SECRET_MAX);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

static bool keys_make(const IdentityConfig *config, Identity *identity) {
    char text[SECRET_MAX];
    Str secret = str_trim(str_of(config->secret));
    if (!config->secret) {
        size_t n = secret_read(config->data_dir, text);
        secret = str_trim((Str){text, n});
    }
    bool long_enough = secret.n >= SECRET_MIN;
    if (long_enough) {
        derive(secret, S("millwright access token"), &identity->access_key);
        derive(secret, S("millwright one-time code"), &identity->code_key);
        derive(secret, S("millwright refresh token"), &identity->refresh_key);
    } else {
        log_event("identity", LOG_ERROR, "the secret must have at least %d characters", SECRET_MIN);
    }
    sodium_memzero(text, sizeof text);
    return long_enough;
}

static const Rights *every_right(Identity *identity) {
    const Registry *r = identity->registry;
    Rights *all = rights_new(&identity->arena, r);
    for (int i = 0; i < r->n; i++) all[i] = (Rights){.all = UINT64_MAX};
    return all;
}

Identity *identity_new(const IdentityConfig *config) {
    Identity *identity = calloc(1, sizeof *identity);
    if (!identity) log_fatal("identity", "out of memory");
    if (!keys_make(config, identity)) {
        free(identity);
        return NULL;
    }
    identity->registry = config->registry;
    identity->rate_limit_off = config->rate_limit_off;
    identity->max_age_s = config->max_age_s ? config->max_age_s : MAX_AGE_S;
    arena_init(&identity->arena, (size_t)1 << 20);
    identity->everything = every_right(identity);
    identity->grants = cache_new();
    identity->rates = rate_table_new();
    rate_table_share(identity->rates, config->redis);
    identity->gate = hash_gate_new(config->hash_slots);
    return identity;
}

void identity_free(Identity *identity) {
    if (!identity) return;
    cache_free(identity->grants);
    rate_table_free(identity->rates);
    hash_gate_free(identity->gate);
    arena_free(&identity->arena);
    sodium_memzero(identity, sizeof *identity);
    free(identity);
}
