/* A believable small textile company, for `serve --demo`. */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "app/program.h"

#define DEMO_ORGANIZATION "Demo Textiles"
#define DEMO_PASSWORD "millwright"
#define DEMO_ZONE "Asia/Kolkata"
#define DEMO_ZONE_S 19800 /* east of Greenwich, all the year */

/* The demo logins, separated by ", ". */
extern const char demo_logins[];
extern const KnownLogin demo_users[]; /* ends with {0} */

/* Fills an empty database through the same actions that clients use; does
 * nothing when there is an organization. False with c->err set. */
bool demo_fill(Ctx *c);

#endif
