/* What a dry run has created and taken back: later rows of the file meet it as
 * they would meet stored records. Values are kept as 64-bit hashes. */
#ifndef APP_IMPORT_SEEN_H
#define APP_IMPORT_SEEN_H

#include "model/write.h"

typedef struct {
    uint64_t *slots; /* 0 = free */
    size_t n, cap;   /* cap is a power of two, at most half full */
} ImportSeen;

void import_seen_free(ImportSeen *s);
bool import_seen_key(const ImportSeen *s, const ModelField *key, const Value *v);
/* Every unique value that an earlier row has is an issue. */
bool import_seen_check(Ctx *c, const ImportSeen *s, const Row *row);
/* The row's unique values and its key (NULL: none). */
void import_seen_add(ImportSeen *s, const Row *row, const ModelField *key);

#endif
