/* Seals the journal where many write at once (model/journal.h): a thread that
 * chains what was committed within a second. Every node has one; whoever has an
 * organization's lock seals it. */
#ifndef APP_SEALER_H
#define APP_SEALER_H

#include "model/ctx.h"

typedef struct Sealer Sealer;

/* NULL where the one writer chains its rows itself. */
Sealer *sealer_start(const App *app);
void sealer_stop(Sealer *s); /* seals what there is; NULL is fine */

#endif
