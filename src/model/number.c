/* Taking document numbers, in the transaction that creates the document: a
 * rolled-back document gives its number back, a committed one keeps it, and
 * nothing is ever given twice. */
#include "model/number.h"

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_UNIQUE | F_READONLY | F_SORT,
     .help = "resource.field that takes its numbers here", .example = "\"purchase-orders.po_number\""},
    {"pattern", &T_TEXT, F_REQUIRED, .max_length = 64, .example = "\"PO-{seq:6}\"",
     .help = "literal text with {seq:N} and, to restart every year, {year}"},
    {"year", &T_INT, F_READONLY, .fallback = "0", .help = "year being numbered, 0 without {year}"},
    {"next", &T_INT, F_REQUIRED, .min = "1", .help = "number that will be given next"},
};

static bool placeholder(Str *rest, const char *name, int *width) {
    Str s = *rest;
    size_t n = strlen(name);
    if (s.n < n + 2 || s.p[0] != '{' || memcmp(s.p + 1, name, n) != 0) return false;
    s.p += n + 1, s.n -= n + 1;
    *width = 0;
    if (s.n > 2 && s.p[0] == ':' && s.p[1] >= '1' && s.p[1] <= '9') {
        *width = s.p[1] - '0';
        s.p += 2, s.n -= 2;
    }
    if (!s.n || s.p[0] != '}') return false;
    *rest = (Str){s.p + 1, s.n - 1};
    return true;
}

bool number_pattern_valid(Str pattern) {
    int years = 0, sequences = 0, width;
    Str rest = pattern;
    while (rest.n) {
        if (placeholder(&rest, "year", &width))
            years += width ? 2 : 1;
        else if (placeholder(&rest, "seq", &width))
            sequences += width ? 1 : 2;
        else if (rest.p[0] == '{' || rest.p[0] == '}')
            return false;
        else
            rest.p++, rest.n--;
    }
    return sequences == 1 && years <= 1;
}

Str number_format(Arena *a, Str pattern, int64_t year, int64_t sequence) {
    Buf b;
    buf_init(&b, 64, 256);
    Str rest = pattern;
    int width;
    while (rest.n) {
        if (placeholder(&rest, "year", &width))
            buf_fmt(&b, "%04d", (int)year);
        else if (placeholder(&rest, "seq", &width))
            buf_fmt(&b, "%0*lld", width, (long long)sequence);
        else
            buf_char(&b, *rest.p), rest.p++, rest.n--;
    }
    Str text = arena_str(a, buf_view(&b));
    buf_free(&b);
    return text;
}

static bool has_year(Str pattern) {
    for (size_t i = 0; i + 6 <= pattern.n; i++)
        if (!memcmp(pattern.p + i, "{year}", 6)) return true;
    return false;
}

static int64_t this_year(const Ctx *c) {
    int64_t year = 0;
    str_to_int((Str){c->today, 4}, &year);
    return year;
}

static bool check(Ctx *c, Change *ch) {
    Str pattern = row_get(ch->row, "pattern").s;
    if (!number_pattern_valid(pattern))
        return error_issue(&c->err, S("pattern"), "pattern",
                           "needs {seq:N} once (N from 1 to 9) and may have {year} once");
    int64_t year = row_get(ch->row, "year").i;
    if (has_year(pattern) != (year != 0))
        change_set(ch, "year", value_int(has_year(pattern) ? this_year(c) : 0));
    bool lowered = ch->before && row_get(ch->row, "next").i < row_get(ch->before, "next").i;
    if (lowered && change_gave(ch, "next"))
        return error_issue(&c->err, S("next"), "min", "must not go back: numbers are never reused");
    return true;
}

const Resource number_series = {
    .name = "number-series",
    .singular = "number series",
    .summary = "How documents are numbered; a series appears with its first document.",
    .flags = R_NO_CREATE | R_NO_DELETE | R_SYSTEM,
    .display = "name",
    FIELDS(fields),
    .check = check,
};

static bool series_start(Ctx *c, const ModelField *f, Str name, int64_t year) {
    Stmt *st = db_prepare(
        c->db, S("INSERT INTO number_series (organization_id, name, pattern, year, next, version, "
                 "created_by, created_at, updated_at) "
                 "VALUES (?1, ?2, ?3, ?4, 2, 1, ?5, ?6, ?6)"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, name);
    stmt_bind_text(st, 3, str_of(f->decl->series));
    stmt_bind_int(st, 4, has_year(str_of(f->decl->series)) ? year : 0);
    stmt_bind(st, 5, c->user_id ? value_int(c->user_id) : VALUE_NULL);
    stmt_bind_text(st, 6, str_of(c->now_text));
    return stmt_run(st);
}

typedef struct {
    int64_t id, year, next;
    Str pattern;
} Series;

/* Read, then written: an UPDATE that returns what it wrote costs SQLite a table
 * of its own to keep it in, several times what both of these take. */
static bool series_read(Ctx *c, Str name, Series *out) {
    Str sql = arena_fmt(c->arena, "SELECT id, year, next, pattern FROM number_series WHERE organization_id = ?1 AND name = ?2%s",
                        c->db->driver->dialect.for_update);
    Stmt *st = db_prepare(c->db, sql);
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, name);
    bool found = stmt_step(st);
    if (found) *out = (Series){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 2), arena_str(c->arena, stmt_text(st, 3))};
    stmt_reset(st);
    return found;
}

static bool series_advance(Ctx *c, const Series *s) {
    Stmt *st = db_prepare(c->db, S("UPDATE number_series SET next = ?3, year = ?4 WHERE organization_id = ?1 AND id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, s->id);
    stmt_bind_int(st, 3, s->next + 1);
    stmt_bind_int(st, 4, s->year);
    return stmt_run(st);
}

bool number_take(Ctx *c, const ModelField *f, Value *out) {
    Str name = arena_fmt(c->arena, "%s.%s", f->model->name.p, f->name.p);
    int64_t year = this_year(c);
    Series s = {.next = 1, .pattern = str_of(f->decl->series)};
    bool found = series_read(c, name, &s);
    if (found && s.year != 0 && s.year != year) s.next = 1;
    if (found && s.year != 0) s.year = year;
    if (db_failed(c->db) || !(found ? series_advance(c, &s) : series_start(c, f, name, year))) return db_fail(c->db, &c->err);
    *out = value_text(number_format(c->arena, s.pattern, year, s.next));
    return true;
}
