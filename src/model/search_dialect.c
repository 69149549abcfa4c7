/* Search in SQLite and PostgreSQL; see search_dialect.h. */
#include "model/search_dialect.h"

#include <assert.h>

#include "base/words.h"

/* --- SQLite: the tokenizer splits (db/db_sqlite_words.c) --- */

static void fts_term(Buf *b, int64_t organization_id, Str word, bool beginning) {
    buf_fmt(b, "\"" SEARCH_TENANT "%lld %.*s\"%s", (long long)organization_id, STR_ARG(word), beginning ? "*" : "");
}

static void fts_match(Buf *b, const char *alias, const char *table) { buf_fmt(b, "%s%s_search MATCH ", alias, table); }

static void fts_begin(Buf *b, int64_t organization_id) {
    buf_c(b, SEARCH_TENANT);
    buf_int(b, organization_id);
}

static void fts_text(Buf *b, int64_t organization_id, Str text) {
    (void)organization_id;
    buf_char(b, ' ');
    buf_str(b, text);
}

/* --- PostgreSQL: split here; letters and digits need no quotes --- */

static void lexeme(Buf *b, int64_t organization_id, Str word) {
    buf_int(b, organization_id);
    buf_char(b, '.');
    buf_str(b, word);
}

static void ts_term(Buf *b, int64_t organization_id, Str word, bool beginning) {
    lexeme(b, organization_id, word);
    if (beginning) buf_c(b, ":*");
}

static void ts_match(Buf *b, const char *alias, const char *table) {
    (void)table;
    buf_fmt(b, "%swords @@ CAST(", alias);
}

static void ts_begin(Buf *b, int64_t organization_id) { (void)b, (void)organization_id; }

static void ts_text(Buf *b, int64_t organization_id, Str text) {
    Buf word = {0};
    for (; word_next(&text, &word); buf_reset(&word)) {
        if (b->n) buf_char(b, ' ');
        lexeme(b, organization_id, buf_view(&word));
    }
    buf_free(&word);
}

static const SearchWords all[] = {
    {
        .dialect = "sqlite", .and = " AND ", .or = " OR ", .match = fts_match, .match_end = "",
        .insert = " (rowid, words) VALUES (?1, ?2)", .remove = " WHERE rowid = ?1",
        .term = fts_term, .begin = fts_begin, .text = fts_text, .merges = true,
        .rows = "has_words",
    },
    {
        .dialect = "postgres", .and = " & ", .or = " | ", .match = ts_match, .match_end = " AS tsquery)",
        .insert = " (rowid, words, organization_id) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (organization_id, rowid) DO UPDATE SET words = excluded.words",
        .remove = " WHERE rowid = ?1 AND organization_id = ?2",
        .term = ts_term, .begin = ts_begin, .text = ts_text, .names_organization = true, .replaces = true,
    },
};

const SearchWords *search_words(const Db *db) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].dialect, db->driver->dialect.name) == 0) return &all[i];
    assert(!"a dialect that can search");
    return all;
}
