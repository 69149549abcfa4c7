/* The write-ahead log's file; only for db_sqlite_vfs.c. */
#ifndef DB_DB_SQLITE_WAL_H
#define DB_DB_SQLITE_WAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* As a vfs's xOpen; `file` has wal_file_size() bytes. */
int wal_open(sqlite3_vfs *real, sqlite3_filename name, sqlite3_file *file, int flags, int *got);
int wal_file_size(const sqlite3_vfs *real);

#endif
