/* Migrating SQLite and PostgreSQL; see the header.
 *
 * SQLite: foreign keys are off while a step runs, because a rebuilt table is
 * dropped under its children (sqlite.org/lang_altertable.html), and checked
 * before its commit. PostgreSQL: whoever comes second waits; and the role
 * millwright_app, if the administrator made one, may use what the owner made. */
#include "model/migrate_words.h"

#include <assert.h>

/* Any number that no other program uses in this database. */
#define LOCK_ID "7761340187"

#define GRANT(what, on) "EXECUTE 'GRANT " what " ON " on " TO millwright_app';\n"

static const MigrateWords all[] = {
    {
        .dialect = "sqlite",
        .is_there = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
        .create = "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, "
                  "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
        .hold = "", .release = "", .done = "",
        .before = "PRAGMA foreign_keys=OFF", .after = "PRAGMA foreign_keys=ON",
        .broken = "PRAGMA foreign_key_check",
    },
    {
        .dialect = "postgres",
        .is_there = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migrations'",
        .create = "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, "
                  "name text NOT NULL, checksum text NOT NULL, applied_at text NOT NULL)",
        .hold = "SELECT pg_advisory_lock(" LOCK_ID ")", .release = "SELECT pg_advisory_unlock(" LOCK_ID ")",
        .before = "SET millwright.organization_id = '*'", .after = "RESET millwright.organization_id", .broken = "",
        .done = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'millwright_app') THEN\n"
                GRANT("USAGE", "SCHEMA ' || quote_ident(current_schema()) || '")
                GRANT("SELECT, INSERT, UPDATE, DELETE", "ALL TABLES IN SCHEMA ' || quote_ident(current_schema()) || '")
                GRANT("USAGE", "ALL SEQUENCES IN SCHEMA ' || quote_ident(current_schema()) || '")
                "END IF; END $$",
    },
};

const MigrateWords *migrate_words(const Db *db) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].dialect, db->driver->dialect.name) == 0) return &all[i];
    assert(!"a dialect that can be migrated");
    return all;
}
