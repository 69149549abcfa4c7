/* Live counts: the totals and statistics that were asked for once are kept up
 * to date by the writer, so that asking again costs nothing however large the
 * table is and however fast it changes.
 *
 * A tally is (organization, model, filters, group field, sum field) with a
 * count and a sum per group. It is computed by SQL when first asked for, and
 * afterwards every committed change adds or takes away the rows before and
 * after it.
 *
 * The protocol that keeps it exact: `version` counts the commits that were
 * applied here. A reader takes it before its snapshot begins and stores with
 * it; the tally is refused when the running batch has noted a change of the
 * same organization and model (the snapshot lacks it, or has it before the
 * tallies do), or when such a batch was applied since that version. From the
 * first change a batch notes until it is applied, the tallies of that
 * organization and model are therefore the same ones, and each change reaches
 * all of them. Finding is always possible and gives the last commit applied.
 * A tally whose sum would leave the range of int64 is no longer found. */
#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

#include "model/query.h"
#include "model/touched.h"

#define TALLY_GROUPS 33 /* choices of the group field, and one for none */

typedef struct {
    int64_t count[TALLY_GROUPS];
    int64_t sum[TALLY_GROUPS];
    int n_groups; /* 1 without a group field */
    char snapshot[SNAPSHOT_MAX]; /* in which it holds, where many write (touched.h); else "" */
} TallyResult;

typedef struct {
    int64_t organization_id;
    const Model *model;
    const Filter *filters;
    int n_filters;
    const ModelField *group; /* NULL: none */
    const ModelField *sum;   /* NULL: none */
} TallyKey;

Tallies *tallies_new(void);
void tallies_free(Tallies *t);
bool tally_find(Tallies *t, const TallyKey *key, TallyResult *out);
/* Take the version before the snapshot, store with it. Storing may be refused,
 * and may push out what was not asked for the longest. */
uint64_t tally_version(Tallies *t);
void tally_store(Tallies *t, const TallyKey *key, const TallyResult *r, uint64_t version);

/* Says when the rows of a model last changed: the same number before and after
 * a read means that nothing changed in between. UINT64_MAX while a change is on
 * its way. */
uint64_t tally_touched(Tallies *t, int64_t organization_id, const Model *m);

/* The writer's side, on its thread only: note each change of the running job
 * before its commit (no `before`: created, no `after`: deleted; the values need
 * not outlive the call), keep or drop the job's changes, and apply what was
 * kept once the commit is known to have happened, before anyone is answered. */
void tally_note(Tallies *t, int64_t organization_id, const Model *m, const Value *before,
                const Value *after);
/* A part of a job can be taken back: return to a mark of the same job. (These
 * three take NULL, where nothing is kept.) */
size_t tally_mark(const Tallies *t);
void tally_return(Tallies *t, size_t mark);
void tally_keep(Tallies *t);
void tally_drop(Tallies *t);
void tally_before_commit(Tallies *t); /* asserts that every job was kept or dropped */
void tally_after_commit(Tallies *t, bool committed);

#endif
