/* Files that are part of the program: tools/embed puts them in at build time. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include "base/str.h"

typedef struct {
    const char *name; /* "swagger-ui.css", or with its folder: "assets/index-4f1c.js" */
    const char *media_type;
    Str plain;
    Str gzip, brotli; /* the same, compressed; p is NULL where that was not asked for, or gains nothing */
    const char *etag; /* "\"0123456789abcdef\"", of the content */
} EmbeddedFile;

typedef struct {
    const EmbeddedFile *list; /* by name */
    size_t n;
} EmbeddedFiles;

extern const EmbeddedFiles embedded_sqlite;     /* migrations: "0001_initial.sql", … */
extern const EmbeddedFiles embedded_postgres;   /* the same for PostgreSQL, and schema.sql: what they make */
extern const EmbeddedFiles embedded_web;        /* what /docs and /redoc load */
extern const EmbeddedFiles embedded_ui;         /* the web application: "index.html", "assets/…" */

#endif
