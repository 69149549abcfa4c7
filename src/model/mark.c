/* Savepoints inside a job; see mark.h. */
#include "model/mark.h"

#include "model/tally.h"

/* Where many write, nothing waits beside the database. */
static Words *words_of(const Ctx *c) { return c->app->side ? c->app->side->words : NULL; }

bool write_mark(Ctx *c, WriteMark *mark) {
    if (c->app->side) mark->tally = tally_mark(c->app->tallies);
    if (words_of(c)) mark->words = words_mark(words_of(c));
    return journal_mark(c, &mark->journal) &&
           (db_control(c->db, S("SAVEPOINT part")) || db_fail(c->db, &c->err));
}

bool write_end(Ctx *c, const WriteMark *mark, bool keep) {
    if (!keep) {
        db_control(c->db, S("ROLLBACK TO part"));
        journal_return(c, &mark->journal);
        if (c->app->side) tally_return(c->app->tallies, mark->tally);
        if (words_of(c)) words_return(words_of(c), mark->words);
    }
    return db_control(c->db, S("RELEASE part")) || db_fail(c->db, &c->err);
}
