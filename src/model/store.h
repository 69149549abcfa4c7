/* Rows to SQL: the statements of the write path, without its rules. Internal
 * to the model floor. */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "model/write.h"

/* Whether any stored value does (lines apart). */
bool row_differs(const Row *a, const Row *b);

/* Inserts the row (and its lines) and sets its id. */
bool store_insert(Ctx *c, Row *row);
/* Updates the columns that differ; false also when the version has moved on. */
bool store_update(Ctx *c, const Change *change);
/* Replaces the lines of row by those it has now. */
bool store_lines(Ctx *c, Row *row);
/* Updates what differs in lines that stayed (Change.lines_altered). */
bool store_line_changes(Ctx *c, const Change *change);
/* Deletes; a reference from elsewhere is E_REFERENCED naming the resource. */
bool store_delete(Ctx *c, const Row *row);
/* Keeps the words of ?search= true to the row; before and after may be NULL. */
bool store_words(Ctx *c, const Row *before, const Row *after);
/* What the search table of c->db keeps of a row. */
void store_words_text(const Ctx *c, const Row *row, Buf *b);
/* Many changes leave the index of a search table in parts, in each of which a search
 * looks: brings some of them together, writing so many pages of 1 KB. Below 0: in this
 * call and those that follow all of them. *more is false when nothing is left to do. */
bool store_words_merge(Ctx *c, const Model *m, int64_t pages, bool *more);

/* Replaces keys by ids and learns display names of the given references;
 * every one that does not exist is an issue. `prefix` names lines. */
bool references_resolve(Ctx *c, Row *row, const FieldSet *which, Str prefix);

/* subject.c: what a record is about (Resource.subject) exists in its
 * organization, an issue when not; and nothing is about a record that goes. */
bool subject_resolve(Ctx *c, Row *row, const FieldSet *which);
bool subject_free(Ctx *c, const Row *row);

/* The shortest way of transitions from `from` to `to`, at most `max` steps, in
 * the order they are taken; -1 when there is none, 0 when they are the same.
 * It never leads through a finished state: naming "pending" for an approved
 * order must not cancel and reopen it. */
int transition_path(const Model *m, int from, int to, int *steps, int max);
/* "approve, cancel": what can be done in a state, for messages. */
Str transition_names(Ctx *c, const Model *m, int from);
int row_state(const Row *row); /* choice index of its status */

#endif
