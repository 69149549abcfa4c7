/* Reading the file of an import; see import_read.h. */
#include "model/import_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define WINDOW      ((size_t)4 << 20)
#define ROW_MAX     ((size_t)4 << 20)
#define CHUNK_ARENA ((size_t)256 << 20)
#define CHUNK_FULL  ((size_t)64 << 20) /* bytes of a chunk's rows: it takes no more */

/* --- bytes --- */

/* What is not read yet moves to the front, and the window is filled; one that
 * is full already doubles, up to the longest row. */
static bool window_fill(ImportRead *r) {
    Buf *w = &r->window;
    size_t rest = w->n - r->at, size = rest < WINDOW ? WINDOW : rest * 2;
    if (size > ROW_MAX) return false;
    memmove(w->p, w->p + r->at, rest);
    r->offset += (int64_t)r->at;
    r->at = 0;
    w->n = rest;
    while (w->n < size && !r->eof) {
        char *room = buf_room(w, size - w->n);
        ssize_t n = pread(r->fd, room, size - w->n, r->offset + (int64_t)w->n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        r->eof = n == 0;
        w->n += (size_t)n;
    }
    return true;
}

static void window_start(ImportRead *r, int64_t offset) {
    r->offset = offset;
    r->at = 0;
    r->window.n = 0;
    r->eof = false;
}

static Str unread(const ImportRead *r) { return (Str){r->window.p + r->at, r->window.n - r->at}; }

/* One row; CSV_MORE when it does not end in the window. */
static CsvResult row_take(ImportRead *r, Arena *a) {
    CsvResult result = csv_row(unread(r), r->eof, &r->row, a);
    if (result == CSV_ROW || result == CSV_WRONG) {
        r->at += r->row.used;
        r->number++;
    }
    return result;
}

static CsvResult row_next(ImportRead *r, Arena *a) {
    for (;;) {
        CsvResult result = row_take(r, a);
        if (result != CSV_MORE || !window_fill(r)) return result;
    }
}

static void problem_set_long(ImportRead *r) {
    r->problem = arena_fmt(r->sheet.c->arena,
                           "the row %lld cannot be read to its end: it is longer than %zu MiB; is a quotation mark missing?",
                           (long long)r->number + 1, ROW_MAX >> 20);
}

/* --- the heading --- */

static bool heading_read(ImportRead *r) {
    Ctx *c = r->sheet.c;
    window_start(r, 0);
    if (!window_fill(r)) return fail(c, E_BAD_REQUEST, "the file cannot be read");
    r->at = csv_mark(unread(r));
    r->row.delimiter = csv_delimiter(unread(r));
    for (;;) {
        CsvResult result = row_next(r, c->arena);
        if (result == CSV_END) return fail(c, E_BAD_REQUEST, "the file has no heading row");
        if (result == CSV_MORE) return fail(c, E_BAD_REQUEST, "the heading is longer than %zu MiB", ROW_MAX >> 20);
        if (result == CSV_WRONG) return fail(c, E_BAD_REQUEST, "the heading is not valid CSV: it %s", r->row.wrong);
        if (!csv_blank(&r->row)) return sheet_head(&r->sheet, &r->row);
    }
}

bool import_read_open(ImportRead *r, const char *path) {
    Ctx *c = r->sheet.c;
    r->c = *c;
    r->row = (CsvRow){.cells = ARENA_ARRAY(c->arena, Str, FIELDS_MAX), .max = FIELDS_MAX};
    arena_init(&r->chunk, CHUNK_ARENA);
    buf_init(&r->window, 2 * WINDOW, 2 * ROW_MAX);
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0) return fail(c, E_BAD_REQUEST, "the file cannot be opened: %s", strerror(errno));
    return heading_read(r);
}

void import_read_close(ImportRead *r) {
    if (r->fd >= 0) close(r->fd);
    arena_free(&r->chunk);
    free(r->items);
    buf_free(&r->window);
}

void import_read_seek(ImportRead *r, int64_t offset, int64_t number) {
    if (!offset) return;
    window_start(r, offset);
    r->number = number;
}

int64_t import_read_count(ImportRead *r) {
    int64_t offset = r->offset + (int64_t)r->at, number = r->number, n = 0;
    CsvResult result;
    while ((result = row_next(r, &r->chunk)) != CSV_END && result != CSV_MORE) {
        n += !csv_blank(&r->row) || result == CSV_WRONG;
        if (r->chunk.total > WINDOW) arena_reset(&r->chunk);
    }
    window_start(r, offset);
    r->number = number;
    return result == CSV_END ? n : -1;
}

/* --- rows --- */

static void item_read(ImportRead *r, ImportItem *item, CsvResult result) {
    Ctx *c = &r->c;
    if (result == CSV_WRONG)
        error_issue(&c->err, S("row"), "csv", "%s", r->row.wrong);
    else if (!str_utf8_valid(item->raw))
        error_issue(&c->err, S("row"), "encoding", "is not UTF-8: save the file as \"CSV UTF-8\"");
    else
        sheet_row(&r->sheet, c, &r->row, &item->input);
    item->bad = c->err.kind != E_NONE;
    item->error = c->err;
    error_clear(&c->err);
}

static void chunk_begin(ImportRead *r) {
    const Ctx *outer = r->sheet.c;
    arena_reset(&r->chunk);
    ctx_init(&r->c, outer->app, &r->chunk, NULL);
    ctx_set_zone(&r->c, outer->zone);
    r->n = 0;
    if (!r->items) r->items = calloc(IMPORT_CHUNK, sizeof *r->items);
    if (!r->items) log_fatal("import", "out of memory");
}

bool import_read_chunk(ImportRead *r) {
    chunk_begin(r);
    while (r->n < IMPORT_CHUNK && r->chunk.total < CHUNK_FULL) {
        /* Items point into the window, so with some it stays as it is. */
        CsvResult result = r->n ? row_take(r, &r->chunk) : row_next(r, &r->chunk);
        if (result == CSV_END || (result == CSV_MORE && r->n)) return true;
        if (result == CSV_MORE) {
            problem_set_long(r);
            return false;
        }
        if (result == CSV_ROW && csv_blank(&r->row)) continue;
        ImportItem *item = &r->items[r->n++];
        *item = (ImportItem){.raw = {r->window.p + r->at - r->row.used, r->row.used},
                             .end = r->offset + (int64_t)r->at,
                             .number = r->number};
        item_read(r, item, result);
    }
    return true;
}

void import_read_cells(ImportRead *r, const ImportItem *item, Buf *out) {
    CsvResult result = csv_row(item->raw, true, &r->row, &r->chunk);
    for (int i = 0; result == CSV_ROW && i < r->row.n && i < r->row.max; i++) {
        if (i) buf_char(out, ',');
        csv_cell(out, csv_unguarded(r->row.cells[i]));
    }
    if (result == CSV_WRONG) csv_cell(out, str_trim(item->raw));
}
