/* How SQLite's full-text tables (FTS5) take texts apart; for db_sqlite.c. */
#ifndef DB_DB_SQLITE_WORDS_H
#define DB_DB_SQLITE_WORDS_H

#include <sqlite3.h>
#include <stdbool.h>

/* Makes tokenize='words' and the function has_words known to a connection: whether
 * texts have all words of the first, 'cotton mil*'. */
bool sqlite_words_register(sqlite3 *handle);

#endif
