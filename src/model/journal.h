/* The journal: one row per committed change, hash-chained per organization.
 * It is the audit log, the outbox and the proof in one (DESIGN, idea 2). */
#ifndef MODEL_JOURNAL_H
#define MODEL_JOURNAL_H

#include "base/hash.h"
#include "model/search_words.h"
#include "model/write.h"

extern const Resource audit_logs;

/* One row, in the order in which its hash covers the members. */
typedef struct {
    int64_t organization_id, sequence;
    Str at;
    int64_t user_id; /* 0: nobody */
    Str username, origin, ip, request_id, resource;
    int64_t record_id; /* 0: none */
    Str action, changes;
} JournalEntry;

/* GET /audit-logs/stats and /timeline (journal_read.c). */
bool journal_stats(Ctx *c, Call *call);
bool journal_timeline(Ctx *c, Call *call);

/* Where many write at once rows come unsealed: numbers and chains those of an
 * organization, or of all, in transactions of its own. */
bool journal_seal(Db *db, int64_t organization_id);
bool journal_seal_all(Db *db, Arena *a);
bool journal_fresh(Ctx *c); /* Resource.fresh: what the caller did is numbered */

/* What a statement selects first to have an entry read from it (all but its
 * organization, into the statement's memory); the hash stands behind them. */
#define JOURNAL_COLUMNS "sequence, at, user_id, username, origin, ip, request_id, resource, record_id, action, changes"
#define JOURNAL_COLUMNS_N 11
void journal_entry_read(Stmt *st, JournalEntry *e);

/* SHA-256 over the previous hash and every member, each with its length. The
 * first row of an organization follows a hash of zeros. */
void journal_hash(const JournalEntry *entry, const Hash *previous, Hash *out);

/* Writes the `changes` of a change: {field: value} when creating or deleting,
 * {field: [before, after]} when updating. False when nothing differs. */
bool journal_changes(Ctx *c, const Change *change, Str *out);

/* The heads of the chains, remembered between changes; on the writer only. */
typedef struct JournalHeads JournalHeads;
JournalHeads *journal_heads_new(void);
void journal_heads_free(JournalHeads *h);
void journal_heads_keep(JournalHeads *h);   /* the job's changes stay */
void journal_heads_drop(JournalHeads *h);   /* the job was rolled back */
void journal_heads_forget(JournalHeads *h); /* a commit failed */

/* The caller's chain as it is now, and back to that: for a part of a job. */
typedef struct {
    int64_t organization_id, sequence;
    Hash hash;
} JournalMark;
bool journal_mark(Ctx *c, JournalMark *out);
void journal_return(Ctx *c, const JournalMark *mark);

/* What the writer remembers between jobs, and its hooks for WriterConfig. */
struct WriteSide {
    JournalHeads *heads;
    Tallies *tallies;
    Words *words; /* NULL: written at once */
};
void write_side_kept(void *side);
void write_side_rolled_back(void *side);
bool write_side_before_commit(void *side, Db *db);
void write_side_after_commit(void *side, bool committed);

#endif
