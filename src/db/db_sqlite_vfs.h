/* The file layer that SQLite's connections are opened with. */
#ifndef DB_DB_SQLITE_VFS_H
#define DB_DB_SQLITE_VFS_H

/* Its name, for sqlite3_open_v2; registered at the first call. */
const char *sqlite_vfs(void);

#endif
