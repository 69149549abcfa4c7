/* What stands beside a table: its search table, the triggers that keep an
 * append-only table as it was written, and in PostgreSQL row-level security.
 *
 * PostgreSQL shows a row only to a transaction that says whose rows it works
 * on: the setting millwright.organization_id is an organization's id, or `*`
 * for those few that must see all (db_scope). Nothing set: no rows. It is
 * forced on the tables' owner, too. Search tables are joined to the table whose
 * words they hold and have no policy of their own: PostgreSQL would use no
 * index for @@ behind one. Each of their words begins with its organization. */
#include "model/schema.h"
#include "model/schema_parts.h"

/* Sealing numbers and chains a journal row once; see journal.h. */
#define SEALED_LATER "sequence,hash"

#define SECURITY(table, column)                                                                 \
    "ALTER TABLE " table " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"              \
    "CREATE POLICY " table "_organization ON " table "\n"                                        \
    "  USING (" column " = (SELECT current_organization()) OR (SELECT every_organization()));\n"

static const char shared[] =
    "CREATE FUNCTION current_organization() RETURNS bigint LANGUAGE sql STABLE AS\n"
    "  $$ SELECT nullif(nullif(current_setting('millwright.organization_id', true), ''), '*')::bigint $$;\n"
    "CREATE FUNCTION every_organization() RETURNS boolean LANGUAGE sql STABLE AS\n"
    "  $$ SELECT coalesce(current_setting('millwright.organization_id', true), '') = '*' $$;\n"
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
    "  RAISE EXCEPTION '%_append_only', TG_TABLE_NAME USING ERRCODE = 'check_violation',\n"
    "    TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only';\n"
    "END $$;\n\n"
    /* See touched.h. */
    "CREATE TABLE touched (\n  organization_id bigint NOT NULL,\n  resource text COLLATE \"C\" NOT NULL,\n"
    "  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),\n  PRIMARY KEY (organization_id, resource, xid)\n);\n"
    "CREATE TABLE touched_floor (\n  one boolean PRIMARY KEY DEFAULT true CHECK (one),\n  floor xid8 NOT NULL\n);\n"
    SECURITY("touched", "organization_id") "\n";

void guard_begin(Schema *s) {
    if (s->words->native) buf_c(s->out, shared);
}

static bool is_journal(const Table *t) { return str_is(t->name, "journal"); }

/* --- search tables --- */

static bool table_searchable(const Table *t) {
    for (int i = 0; i < t->n_models; i++)
        if (t->models[i]->searchable) return true;
    return false;
}

/* The fields stand in a comment, so that a change of what is searched is a
 * change of the schema, and its migration fills the table again. */
static void searched_fields(Schema *s, const Table *t) {
    int n = 0;
    buf_c(s->out, "/* ");
    for (int i = 0; i < t->n_models; i++)
        for (int k = 0; k < t->models[i]->n; k++) {
            const ModelField *f = &t->models[i]->fields[k];
            if (field_in_words(f))
                buf_fmt(s->out, "%s%s.%s", n++ ? ", " : "", t->models[i]->name.p, f->name.p);
        }
    buf_c(s->out, " */");
}

/* Small pages: of a frequent word's records only some are looked at when there
 * are others to be found with it. */
void schema_settle_search(Str name, Buf *out) {
    buf_fmt(out, "INSERT INTO %.*s (%.*s, rank) VALUES ('pgsz', 1000);\n", STR_ARG(name), STR_ARG(name));
}

/* In SQLite an index for beginnings of each length from one to eight letters,
 * behind the six digits of their organization (db/db_sqlite_words.c). */
static void search_write(Schema *s, const Table *t) {
    if (!table_searchable(t)) return;
    buf_fmt(s->out, "CREATE %s %s_search ", s->words->native ? "TABLE" : "VIRTUAL TABLE", t->name.p);
    searched_fields(s, t);
    if (!s->words->native) {
        buf_c(s->out, " USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='words', "
                      "prefix='7 8 9 10 11 12 13 14');\n");
        schema_settle_search(arena_fmt(&s->arena, "%s_search", t->name.p), s->out);
        return;
    }
    buf_fmt(s->out,
            " (\n  organization_id bigint NOT NULL,\n  rowid bigint NOT NULL,\n  words tsvector NOT NULL,\n"
            "  PRIMARY KEY (organization_id, rowid)\n);\n"
            "CREATE INDEX %s_search_words_idx ON %s_search USING gin (words);\n",
            t->name.p, t->name.p);
}

/* --- append-only tables --- */

/* " OF a, b" when some columns may change, else nothing. */
static void fixed_columns(Schema *s, const Table *t, bool sealed) {
    int derived = sealed;
    for (int i = 0; i < t->n; i++) derived += (t->columns[i].field->flags & F_DERIVED) != 0;
    if (!derived) return;
    buf_c(s->out, " OF id, organization_id");
    for (int i = 0; i < t->n; i++) {
        const Column *c = &t->columns[i];
        bool later = sealed && str_listed(SEALED_LATER, c->name);
        if (!later && !(c->field->flags & F_DERIVED)) buf_fmt(s->out, ", %s", c->name.p);
    }
}

static void trigger_write(Schema *s, const Table *t, const char *name, const char *event) {
    bool sealed = s->words->native && is_journal(t);
    buf_fmt(s->out, "CREATE TRIGGER %s_no_%s BEFORE %s", t->name.p, name, event);
    if (*event == 'U') fixed_columns(s, t, sealed);
    if (s->words->native)
        buf_fmt(s->out, " ON %s FOR EACH ROW EXECUTE FUNCTION append_only();\n", t->name.p);
    else
        buf_fmt(s->out, " ON %s BEGIN SELECT RAISE(ABORT, '%s_append_only'); END;\n", t->name.p, t->name.p);
    if (*event == 'U' && sealed)
        buf_fmt(s->out,
                "CREATE TRIGGER %s_sealed_once BEFORE UPDATE OF " SEALED_LATER " ON %s FOR EACH ROW\n"
                "  WHEN (OLD.sequence > 0 OR NEW.sequence < 1) EXECUTE FUNCTION append_only();\n"
                "CREATE INDEX %s_unsealed_idx ON %s (organization_id, id) WHERE sequence < 0;\n",
                t->name.p, t->name.p, t->name.p, t->name.p);
}

static void triggers_write(Schema *s, const Table *t) {
    if (t->models[0]->parent || !model_has(t->models[0], R_APPEND_ONLY)) return;
    trigger_write(s, t, "update", "UPDATE");
    trigger_write(s, t, "delete", "DELETE");
}

/* --- row-level security --- */

static void security_write(Schema *s, const Table *t) {
    const Model *m = t->models[0];
    if (!has_tenant(m) && !model_has(m, R_TENANT)) return;
    buf_fmt(s->out, SECURITY("%s", "%s"), t->name.p, t->name.p, t->name.p, has_tenant(m) ? "organization_id" : "id");
}

void guard_table(Schema *s, const Table *t) {
    search_write(s, t);
    triggers_write(s, t);
    if (s->words->native) security_write(s, t);
}
