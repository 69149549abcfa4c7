/* Rows of a CSV file as typed input, a chunk at a time. Internal to imports. */
#ifndef MODEL_IMPORT_READ_H
#define MODEL_IMPORT_READ_H

#include "model/sheet.h"

#define IMPORT_CHUNK 32768 /* rows, at most */

typedef struct {
    Str raw;        /* the row as it stands in the file */
    int64_t end;    /* byte where the next one begins */
    int64_t number; /* as a spreadsheet counts */
    Input input;
    bool bad;       /* it could not be read: `error` says why */
    Error error;
} ImportItem;

typedef struct {
    int fd;
    Sheet sheet;
    CsvRow row;
    Arena chunk; /* of the items */
    Ctx c;       /* for reading them */
    Buf window;  /* of the file, from `offset`; what is behind `at` is not read yet */
    size_t at;
    int64_t offset, number;
    bool eof;    /* the window reaches the end of the file */
    ImportItem *items;
    int n;
    Str problem; /* what makes the whole file unreadable */
} ImportRead;

/* Opens the file and reads its heading; sheet.c, .view and .map are set. False
 * with the problem in sheet.c's error. */
bool import_read_open(ImportRead *r, const char *path);
void import_read_close(ImportRead *r);
/* How many rows of data there are; reads the file once. -1: it cannot be read. */
int64_t import_read_count(ImportRead *r);
/* Goes on behind `number` rows that end at the byte `offset` (0: behind the heading). */
void import_read_seek(ImportRead *r, int64_t offset, int64_t number);
/* The next rows into items; n is 0 at the end. False with a problem. */
bool import_read_chunk(ImportRead *r);
/* The cells of a row again, unguarded, behind one another as CSV. */
void import_read_cells(ImportRead *r, const ImportItem *item, Buf *out);

#endif
