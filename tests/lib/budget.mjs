// What an operation takes on PostgreSQL in SQL statements, beyond those on SQLite.
const onPostgres = process.env.MILLWRIGHT_TEST_DATABASE ? 1 : 0;

/** A total that was counted is good until somebody else, perhaps elsewhere, changes a row: that is looked up. */
export const KNOWN = onPostgres;
/** So a write says what it changed. */
export const TOLD = onPostgres;
/** Words for search are stored with their record: there is no batch to wait for. */
export const WORDS = onPostgres;
/** Entries of the journal are chained later, so before they are read. */
export const CHAINED = onPostgres;
