/* Copying from and to SQLite and PostgreSQL; see the header. Search tables are
 * filled from the rows, and what migrations note is each database's own.
 * PostgreSQL lets no COPY into a table whose policy is forced on its owner. */
#include "app/copy_words.h"

#include <assert.h>

#define NOT_COPIED "('schema_migrations', 'copy_state', 'copy_rest', 'touched', 'touched_floor')"

static const CopyWords all[] = {
    {
        .dialect = "sqlite",
        .columns = "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c "
                   "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                   "AND m.name NOT LIKE '%\\_search%' ESCAPE '\\' AND m.name NOT IN " NOT_COPIED
                   " ORDER BY m.name, c.cid",
        .loose = "SELECT 'DROP INDEX ' || name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT "
                 "NULL ORDER BY rowid",
        .sequences = "SELECT name, seq FROM sqlite_sequence",
        .clear_sequences = "DELETE FROM sqlite_sequence",
        .set_sequence = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE EXISTS "
                        "(SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%AUTOINCREMENT%')",
        .is_begun = "SELECT 1 FROM sqlite_schema WHERE name = 'copy_state'",
        .before = "PRAGMA foreign_keys=OFF",
        .after = "PRAGMA foreign_keys=ON",
        .settle = "",
    },
    {
        .dialect = "postgres",
        .columns = "SELECT table_name::text, column_name::text FROM information_schema.columns "
                   "JOIN information_schema.tables USING (table_catalog, table_schema, table_name) "
                   "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' "
                   "AND table_name NOT LIKE '%\\_search' AND table_name NOT IN " NOT_COPIED
                   " ORDER BY table_name COLLATE \"C\", ordinal_position",
        .loose = "SELECT drop_it, make_it FROM (SELECT 1 AS turn, format('DROP INDEX %s', "
                 "x.indexrelid::regclass) AS drop_it, "
                 "pg_get_indexdef(x.indexrelid) AS make_it FROM pg_index AS x JOIN pg_class AS c ON c.oid = "
                 "x.indexrelid "
                 "WHERE NOT x.indisprimary AND c.relnamespace = current_schema()::regnamespace UNION ALL "
                 "SELECT 2, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname), "
                 "format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, "
                 "pg_get_constraintdef(oid)) "
                 "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace "
                 "UNION ALL "
                 "SELECT 3, format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', oid::regclass), "
                 "format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', oid::regclass) "
                 "FROM pg_class WHERE relforcerowsecurity AND relnamespace = current_schema()::regnamespace) "
                 "AS rest "
                 "ORDER BY turn, make_it",
        .sequences =
            "SELECT regexp_replace(sequencename::text, '_id_seq$', ''), last_value FROM pg_sequences "
            "WHERE schemaname = current_schema() AND last_value IS NOT NULL",
        .clear_sequences = "",
        .set_sequence = "SELECT setval(pg_get_serial_sequence(CAST(?1 AS text), 'id'), CAST(?2 AS bigint))",
        .is_begun = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = "
                    "'copy_state'",
        .before = "",
        .after = "",
        .settle = "ANALYZE",
    },
};

const CopyWords *copy_words(const Db *db) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].dialect, db->driver->dialect.name) == 0) return &all[i];
    assert(!"a dialect that can be copied");
    return all;
}
