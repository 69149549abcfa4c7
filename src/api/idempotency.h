/* Idempotency-Key: a write that is sent again is answered as it was the first time. */
#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H

#include "api/request.h"

extern const Resource idempotency_keys;

/* On the writer: true when the key is new or absent, or when the stored answer
 * was replayed (r->replayed). */
bool idempotency_begin(ApiRequest *r);
bool idempotency_store(ApiRequest *r);

#endif
