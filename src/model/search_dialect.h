/* What searching takes in each engine: FTS5's words and PostgreSQL's tsvector.
 * Both are given the same words (base/words.h), each behind its organization. */
#ifndef MODEL_SEARCH_DIALECT_H
#define MODEL_SEARCH_DIALECT_H

#include "model/ctx.h"

typedef struct {
    const char *dialect;
    const char *and, *or; /* between terms */
    /* The condition on a search table: before and behind its expression; alias: "" or "s.". */
    void (*match)(Buf *b, const char *alias, const char *table);
    const char *match_end;
    const char *insert;  /* behind INSERT INTO x_search: ?1 row, ?2 words, ?3 organization */
    const char *remove;  /* behind DELETE FROM x_search: ?1 row, ?2 organization */
    /* A word as it is asked for, or the beginning of one. */
    void (*term)(Buf *b, int64_t organization_id, Str word, bool beginning);
    /* What the search table is given of a row: begin, then each text, and the
     * words that count as they stand. */
    void (*begin)(Buf *b, int64_t organization_id);
    void (*text)(Buf *b, int64_t organization_id, Str text);
    const char *rows;    /* the function that looks for words in a row (search_lead.h); NULL: none */
    bool names_organization; /* insert and remove have the parameter for it */
    bool replaces;           /* insert takes the place of what the row had */
    bool merges;             /* many writes leave parts that are to be brought together (FTS5) */
} SearchWords;

const SearchWords *search_words(const Db *db);

#endif
