/* What a service manager that started us (systemd, Type=notify) is told: that
 * we serve, that we stop, and, where it has a watchdog, that writes still get
 * through. Started by hand, all of it does nothing. */
#ifndef APP_SUPERVISED_H
#define APP_SUPERVISED_H

#include "model/ctx.h"

typedef struct Supervised Supervised;

/* Says READY. The watchdog is fed by the writer's thread, at half its time: a
 * database that hangs makes the manager start us again. Where there is no writer
 * of our own, because the database is elsewhere, a thread feeds it that runs. */
Supervised *supervised_ready(const App *app);
/* Says STOPPING; NULL is nothing. Before the writer stops. */
void supervised_stopping(Supervised *s);

#endif
