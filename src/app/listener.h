/* Hears what other programs on the same database change of what this one
 * remembers: users, roles, sessions and keys. Whenever something may have been
 * missed, all of that is forgotten. */
#ifndef APP_LISTENER_H
#define APP_LISTENER_H

#include "model/ctx.h"

typedef struct Listener Listener;

/* NULL where no other program can write to the database. */
Listener *listener_start(const App *app);
void listener_stop(Listener *l);

#endif
