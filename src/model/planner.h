/* What SQLite's query planner is told about the tables: how many rows share a
 * value of each index, worked out from the descriptors instead of measured.
 *
 * Without any such numbers it takes an index that gives the order over one
 * that finds the few rows asked for (a customer's orders by due date would
 * walk everybody's orders). Measured ones (ANALYZE) go stale, differ between
 * connections, and change plans behind a user's back; these are the same on
 * every installation and every day. */
#ifndef MODEL_PLANNER_H
#define MODEL_PLANNER_H

#include "model/registry.h"

/* Writes the numbers where they differ. On the writer's connection, after
 * migrations and before any other connection is opened: they are read when a
 * connection opens. Does nothing on other databases. False on a failed db. */
bool planner_teach(Db *db, const Registry *r);

#endif
