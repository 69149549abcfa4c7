/* Words for ?search= that wait for the end of the writer's batch. Written inside
 * a job's savepoint, FTS5 would make each job's words a segment of its index of
 * their own; written together, just before the commit, they are one. What is
 * found by a search is so the state of the last commit, as for every reader. */
#ifndef MODEL_SEARCH_WORDS_H
#define MODEL_SEARCH_WORDS_H

#include "model/registry.h"

typedef struct Words Words;
Words *words_new(void);
void words_free(Words *w);

/* A row's words go out of its table's index, or come in. */
void words_take(Words *w, const Model *m, int64_t id);
void words_give(Words *w, const Model *m, int64_t id, Str words);

void words_keep(Words *w); /* the job's changes stay */
void words_drop(Words *w); /* the job was rolled back */
size_t words_mark(const Words *w);
void words_return(Words *w, size_t mark);

/* Writes what was kept, in its order; false when the database failed. */
bool words_write(Words *w, Db *db);
void words_clear(Words *w); /* the batch has ended */

/* One such change, at once. */
bool words_delete(Db *db, const Model *m, int64_t organization_id, int64_t id);
bool words_insert(Db *db, const Model *m, int64_t organization_id, int64_t id, Str words);

#endif
