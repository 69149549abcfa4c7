/* What the files of this folder share. */
#ifndef DOMAIN_SYSTEM_INTERNAL_H
#define DOMAIN_SYSTEM_INTERNAL_H

#include "domain/system/system.h"
#include "model/type.h"
#include "model/write.h"

/* --- currency.c --- */
Str currency_sign(Str code);            /* "€" of "EUR"; the code itself where none is usual */

/* --- targets.c --- */
bool issue_targets_check(Ctx *c, const Change *settings);

/* --- hours.c --- */
/* Every mistake in the JSON text of working hours is an issue of `field`. */
bool working_hours_check(Ctx *c, const char *field, Str json);

#endif
