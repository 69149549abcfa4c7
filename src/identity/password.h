/* Password hashing: Argon2id v1.3, 19 MiB, two passes (ASVS 5.0 appendix C).
 * At most one per processor at a time, with a bounded queue, so that a flood
 * of logins costs neither memory nor everybody else's answers. On worker
 * threads or the command line only: it takes some 20 ms. */
#ifndef IDENTITY_PASSWORD_H
#define IDENTITY_PASSWORD_H

#include "model/ctx.h"

#define PASSWORD_MIN   8 /* characters */
#define PASSWORD_MAX   255
#define HASH_QUEUE_MAX 32

typedef struct HashGate HashGate;

HashGate *hash_gate_new(int slots); /* 0 = processors */
void hash_gate_free(HashGate *g);

/* The stored form, in the request's arena; false with E_OVERLOADED when the
 * queue is full. */
bool password_hash(Ctx *c, Str password, Str *out);
/* For checking: enter, password_right, leave. False with E_OVERLOADED when the
 * queue is full. */
bool hash_gate_enter(Ctx *c);
void hash_gate_leave(Ctx *c);
/* A `stored` without text costs the same and is never right. */
bool password_right(Ctx *c, Str stored, Str password);
/* NULL when the length is right, else what to say. */
const char *password_problem(Str password);

#endif
