/* A write in a transaction of its own, on whatever connection is at hand: the
 * writer's counterpart for databases that many connections write to.
 *
 * When the database gave the transaction up for another one's sake (a deadlock,
 * a serialization failure), or took a key that the job was about to store, the
 * job is brought back to its start and run again, a few times. When the answer
 * to COMMIT was lost, a job that finds out by itself whether it was done before
 * (`exactly_once`) is run again until it knows; for another, done() is told
 * DB_UNKNOWN. */
#ifndef DB_TRANSACT_H
#define DB_TRANSACT_H

#include "db/pool.h"
#include "db/writer.h"

/* Runs the job on this connection, then done(); the job may be gone then. The
 * pool counts it, if there is one. */
void transact(WriterJob *job, Db *db, Pool *pool);
/* The same on the pool; false when its queue is full. */
bool transact_submit(Pool *p, WriterJob *job);
/* Submits and waits until done() ran; not from the pool's own threads. */
bool transact_submit_wait(Pool *p, WriterJob *job);

#endif
