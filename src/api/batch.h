/* Many records in one transaction: what POST /bulk and POST /import share. */
#ifndef API_BATCH_H
#define API_BATCH_H

#include "api/request.h"

typedef struct {
    int64_t id; /* 0: create */
    Value key;  /* import: the value of the upsert field, V_NULL: none */
    Input input;
    bool bad;   /* its input could not be read: `error` says why */
    Error error;
} BatchItem;

typedef struct {
    BatchItem *items;
    int n;
    bool atomic;
    const ModelField *upsert; /* import: an existing record with this value is updated */
    int created, updated, failed;
} Batch;

/* Before each item: false (413) when the call's items have taken so much
 * memory that the request could outgrow its arena. */
bool batch_fits(ApiRequest *r);
/* Takes what reading an item found wrong out of the request's error. */
void batch_note_error(ApiRequest *r, BatchItem *item);
/* Runs the items. An atomic batch stops at the first that fails and keeps
 * nothing; otherwise each stands for itself. Writes the answer. */
bool batch_run(ApiRequest *r, Batch *b);

#endif
