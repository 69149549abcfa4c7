/* The heading of a CSV file over a resource's fields: which column is which
 * field, which is passed over, and rows as typed input. */
#ifndef MODEL_SHEET_H
#define MODEL_SHEET_H

#include "base/csv.h"
#include "model/write.h"

/* A file of failed rows has these two before the file's own columns; importing
 * it again passes them over. */
#define SHEET_ROW   "import_row"
#define SHEET_ERROR "import_error"

typedef struct {
    Ctx *c;
    const View *view;
    Str map;                   /* "Company:name,Mail:email,Remark:-"; empty: none */
    Str *titles, *names;       /* per column: as in the file; as a field's name, p NULL: passed over */
    const ModelField **fields; /* NULL: of an unnamed column, whose cells must be empty */
    int n;
} Sheet;

/* From a heading row. A column is a field by its name here, in any case and
 * with spaces or hyphens for underscores, or by `map`. Columns that only the
 * server sets are passed over, as exports have them. False with every unknown
 * column, every name of the map that is no column and every field that has two
 * columns as an issue. All is kept in c's arena. */
bool sheet_head(Sheet *s, const CsvRow *heading);
/* Wants as many cells as the heading has columns, in c's arena. */
bool sheet_row(const Sheet *s, Ctx *c, const CsvRow *row, Input *out);
/* The field by which `key` finds existing records: one to filter by that holds
 * no long text. NULL with a 400. */
const ModelField *sheet_key(Ctx *c, const View *v, Str key);

#endif
