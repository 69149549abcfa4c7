/* Works on imports that wait: one thread that finds them in the table `jobs`,
 * a few at a time and in turn, so that a large one does not hold up the rest.
 * What was running when the program ended goes on where it was. */
#ifndef APP_IMPORTER_H
#define APP_IMPORTER_H

#include "model/ctx.h"

typedef struct Importer Importer;

/* NULL when the database cannot be read (logged). */
Importer *importer_start(const App *app);
/* Waits for a step that is running. Before the writer stops. NULL is fine. */
void importer_stop(Importer *im);

#endif
