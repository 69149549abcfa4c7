/* Shared by the files of verify; nothing else includes it. */
#ifndef MODEL_VERIFY_PARTS_H
#define MODEL_VERIFY_PARTS_H

#include "model/verify.h"

/* Reports the first wrong row; always false. */
bool verify_wrong(Verify *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* True when the database can still be read. */
bool verify_readable(Verify *v);

/* The journal of one organization, and what is missing at the end of all. */
bool verify_journal(Verify *v, int64_t organization_id);
bool verify_journal_end(Verify *v);
/* The number series of one organization. */
bool verify_numbers(Verify *v, int64_t organization_id);

#endif
