/* Savepoints inside a job; see mark.h. */
#include "model/mark.h"

#include "model/tally.h"

bool write_mark(Ctx *c, WriteMark *mark) {
    mark->tally = tally_mark(c->app->tallies);
    if (c->app->side->words) mark->words = words_mark(c->app->side->words);
    return journal_mark(c, &mark->journal) &&
           (db_control(c->db, S("SAVEPOINT part")) || db_fail(c->db, &c->err));
}

bool write_end(Ctx *c, const WriteMark *mark, bool keep) {
    if (!keep) {
        db_control(c->db, S("ROLLBACK TO part"));
        journal_return(c, &mark->journal);
        tally_return(c->app->tallies, mark->tally);
        if (c->app->side->words) words_return(c->app->side->words, mark->words);
    }
    return db_control(c->db, S("RELEASE part")) || db_fail(c->db, &c->err);
}
