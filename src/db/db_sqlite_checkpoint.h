/* Checkpoints beside the writer: a thread with a connection of its own copies
 * the log into the database while commits go on. Only for db_sqlite.c. */
#ifndef DB_DB_SQLITE_CHECKPOINT_H
#define DB_DB_SQLITE_CHECKPOINT_H

#include <sqlite3.h>
#include <stdbool.h>

typedef struct Checkpointer Checkpointer;

/* One checkpoint of a connection: SQLite's code, and if wanted how many frames
 * the log has and how many of them are in the database now. It may fail (busy, no
 * space): the log still has everything. Only after a failed fsync is nothing
 * certain any more, and the process stops. */
int checkpoint_run(sqlite3 *handle, int mode, int *frames, int *done);

/* NULL when it cannot start: the caller makes its checkpoints itself. */
Checkpointer *checkpointer_start(const char *path, const char *vfs);
/* Begins a round, unless one is under way. */
void checkpointer_ask(Checkpointer *cp);
/* Whether a round that was asked for has ended since; true once. */
bool checkpointer_finished(Checkpointer *cp);
/* After the round under way. NULL does nothing. */
void checkpointer_stop(Checkpointer *cp);

#endif
