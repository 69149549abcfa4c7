/* Reading and writing CSV; see csv.h. */
#include "base/csv.h"

#include "base/decimal.h"

/* --- reading --- */

typedef struct {
    Str text;
    size_t at;
    bool last;
    CsvRow *row;
    Arena *arena;
} Reader;

static bool is_end(char c) { return c == '\n' || c == '\r'; }

static void cell_add(CsvRow *row, Str cell) {
    if (row->n < row->max) row->cells[row->n] = cell;
    row->n++;
}

/* Behind a quoted cell's marks doubled ones become one. */
static Str undoubled(Reader *r, Str s) {
    char *out = arena_alloc(r->arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == '"') i++;
    }
    return (Str){out, n};
}

/* At the opening mark. False when the text ends before the closing one. */
static bool quoted_cell(Reader *r) {
    size_t begin = ++r->at;
    bool doubled = false;
    for (;; r->at += 2, doubled = true) {
        const char *mark = r->at < r->text.n ? memchr(r->text.p + r->at, '"', r->text.n - r->at) : NULL;
        if (!mark) return false;
        r->at = (size_t)(mark - r->text.p);
        if (r->at + 1 == r->text.n && !r->last) return false; /* perhaps a doubled one */
        if (r->at + 1 == r->text.n || mark[1] != '"') break;
    }
    Str cell = {r->text.p + begin, r->at - begin};
    cell_add(r->row, doubled && r->row->n < r->row->max ? undoubled(r, cell) : cell);
    r->at++;
    while (r->at < r->text.n && r->text.p[r->at] == ' ') r->at++;
    return true;
}

static void plain_cell(Reader *r) {
    size_t begin = r->at;
    while (r->at < r->text.n && r->text.p[r->at] != r->row->delimiter && !is_end(r->text.p[r->at])) {
        if (r->text.p[r->at] == '"') r->row->wrong = "has a quotation mark inside a cell that does not begin with one";
        r->at++;
    }
    cell_add(r->row, (Str){r->text.p + begin, r->at - begin});
}

static bool cell_quoted(const Reader *r) {
    size_t at = r->at;
    while (at < r->text.n && r->text.p[at] == ' ') at++;
    return at < r->text.n && r->text.p[at] == '"';
}

static CsvResult finish(Reader *r) {
    CsvRow *row = r->row;
    if (r->at == r->text.n && !r->last) return CSV_MORE;
    if (r->at < r->text.n && r->text.p[r->at] == '\r') {
        if (r->at + 1 == r->text.n && !r->last) return CSV_MORE; /* perhaps a line feed follows */
        r->at++;
        if (r->at < r->text.n && r->text.p[r->at] == '\n') r->at++;
    } else if (r->at < r->text.n) {
        r->at++;
    }
    row->used = r->at;
    return row->wrong ? CSV_WRONG : CSV_ROW;
}

static CsvResult unclosed(Reader *r) {
    if (!r->last) return CSV_MORE;
    r->row->wrong = "begins a quotation that never ends";
    r->row->used = r->text.n;
    return CSV_WRONG;
}

static void rest_of_line(Reader *r) {
    while (r->at < r->text.n && !is_end(r->text.p[r->at])) r->at++;
}

CsvResult csv_row(Str text, bool last, CsvRow *row, Arena *a) {
    Reader r = {.text = text, .last = last, .row = row, .arena = a};
    row->n = 0;
    row->used = 0;
    row->wrong = NULL;
    if (!text.n) return last ? CSV_END : CSV_MORE;
    for (;; r.at++) {
        bool quoted = cell_quoted(&r);
        if (quoted) {
            while (text.p[r.at] == ' ') r.at++;
            if (!quoted_cell(&r)) return unclosed(&r);
        } else {
            plain_cell(&r);
        }
        if (r.at < text.n && text.p[r.at] == row->delimiter) continue;
        if (r.at < text.n && !is_end(text.p[r.at])) {
            row->wrong = "has text behind a closing quotation mark";
            rest_of_line(&r);
        }
        return finish(&r);
    }
}

size_t csv_mark(Str text) { return str_starts(text, S("\xef\xbb\xbf")) ? 3 : 0; }

char csv_delimiter(Str text) {
    static const char known[] = ",;\t";
    size_t counts[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < text.n && (quoted || !is_end(text.p[i])); i++) {
        if (text.p[i] == '"') quoted = !quoted;
        for (int k = 0; k < 3 && !quoted; k++) counts[k] += text.p[i] == known[k];
    }
    int most = 0;
    for (int k = 1; k < 3; k++)
        if (counts[k] > counts[most]) most = k;
    return known[most];
}

/* --- writing --- */

/* Behind any apostrophes, so that a guard can be told from the text's own. */
static bool formula_like(Str s) {
    while (s.n && s.p[0] == '\'') s.p++, s.n--;
    return s.n && (strchr("=+-@\t\r", s.p[0]) || (s.n > 2 && (unsigned char)s.p[0] == 0xef));
}

static bool is_number(Str s) {
    Decimal d;
    return decimal_parse(s, &d) != DECIMAL_SYNTAX;
}

void csv_cell(Buf *b, Str s) {
    bool guard = formula_like(s) && !is_number(s);
    bool quote = guard;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        buf_str(b, s);
        return;
    }
    buf_char(b, '"');
    if (guard) buf_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_char(b, '"');
        buf_char(b, s.p[i]);
    }
    buf_char(b, '"');
}

Str csv_unguarded(Str s) {
    bool guarded = s.n > 1 && s.p[0] == '\'' && formula_like((Str){s.p + 1, s.n - 1});
    return guarded ? (Str){s.p + 1, s.n - 1} : s;
}
