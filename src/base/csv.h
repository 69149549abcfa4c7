/* CSV (RFC 4180): a strict reader of one row at a time, and a cell writer. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/arena.h"

typedef struct {
    char delimiter;    /* the caller's: ',', ';' or a tab */
    Str *cells;        /* the caller's, `max` of them; further ones are only counted */
    int max, n;
    size_t used;       /* bytes of the text up to the next row */
    const char *wrong; /* of CSV_WRONG: what is wrong with the row */
} CsvRow;

/* CSV_MORE: the row does not end in this text (never with `last`). A blank line
 * is a row of one empty cell. What is wrong ends where its line does, or at the
 * end of the text, and reading may go on behind it. */
typedef enum { CSV_ROW, CSV_WRONG, CSV_MORE, CSV_END } CsvResult;

/* Reads the first row of `text`; cells point into it, or into the arena where
 * quotation marks were doubled. `last`: the file ends with this text. */
CsvResult csv_row(Str text, bool last, CsvRow *row, Arena *a);
static inline bool csv_blank(const CsvRow *row) { return row->n == 1 && row->cells[0].n == 0; }
/* The bytes of a byte order mark that the text begins with: 3 or 0. */
size_t csv_mark(Str text);
/* The one of the three that the first line of a text has most often; ','
 * when it has none. */
char csv_delimiter(Str text);

/* Writes one cell. One that a spreadsheet would take for a formula gets a
 * leading apostrophe, which csv_unguarded takes off again. */
void csv_cell(Buf *b, Str s);
Str csv_unguarded(Str s);

#endif
