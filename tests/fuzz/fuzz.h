/* For programs that libFuzzer feeds with bytes (`make fuzz`). */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must always hold; unlike assert it is never compiled out. */
static inline void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "not true: %s\n", what);
    abort();
}

static inline Str fuzz_text(const uint8_t *data, size_t n) {
    return (Str){n ? (const char *)data : "", n};
}

#endif
