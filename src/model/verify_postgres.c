/* PostgreSQL's schema and references. It has no second database to compare
 * with: of the statements that make the schema, each name is looked for, and
 * what is there must be in force. */
#include "model/verify_parts.h"

/* What a statement makes, and whether one of that name is there and in force. */
static const struct {
    const char *head, *sql;
} kinds[] = {
    {"CREATE TABLE ", "SELECT 1 FROM pg_class WHERE relname = ?1 AND relkind = 'r' AND relnamespace = current_schema()::regnamespace"},
    {"CREATE INDEX ", "SELECT 1 FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = ?1 AND i.indisvalid "
                      "AND c.relnamespace = current_schema()::regnamespace"},
    {"CREATE UNIQUE INDEX ", "SELECT 1 FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = ?1 AND i.indisvalid "
                             "AND i.indisunique AND c.relnamespace = current_schema()::regnamespace"},
    {"CREATE TRIGGER ", "SELECT 1 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = ?1 "
                        "AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace"},
    {"CREATE POLICY ", "SELECT 1 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.polname = ?1 "
                       "AND c.relrowsecurity AND c.relforcerowsecurity AND c.relnamespace = current_schema()::regnamespace"},
    {"CREATE FUNCTION ", "SELECT 1 FROM pg_proc WHERE proname = ?1 AND pronamespace = current_schema()::regnamespace"},
};

static bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

static bool statement_prove(Prover *p, Str line) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        Str head = str_of(kinds[i].head);
        if (!str_starts(line, head)) continue;
        Str name = {line.p + head.n, 0};
        while (head.n + name.n < line.n && is_name(name.p[name.n])) name.n++;
        Stmt *st = db_prepare(p->db, str_of(kinds[i].sql));
        stmt_bind_text(st, 1, name);
        bool there = stmt_step(st);
        stmt_reset(st);
        return there || (verify_readable(p) && verify_wrong(p, "schema: %.*s is missing or not in force: %.*s", STR_ARG(name),
                                                            (int)(line.n < 60 ? line.n : 60), line.p));
    }
    return true;
}

/* Rules that are there and were never applied to the rows of before. */
static bool constraints_prove(Prover *p) {
    Stmt *st = db_prepare(p->db, S("SELECT conname FROM pg_constraint WHERE NOT convalidated "
                                   "AND connamespace = current_schema()::regnamespace LIMIT 1"));
    bool ok = !stmt_step(st) || verify_wrong(p, "schema: constraint %.*s is not valid for every row", STR_ARG(stmt_text(st, 0)));
    stmt_reset(st);
    return ok && verify_readable(p);
}

bool verify_postgres_schema(Prover *p, const Part *part) {
    (void)part;
    for (Str rest = p->wanted_sql; rest.n;)
        if (!statement_prove(p, str_cut(rest, '\n', &rest))) return false;
    return constraints_prove(p);
}

/* --- references --- */

static bool reference_prove(Prover *p, const Part *part) {
    const Model *m = part->model, *to = part->field->ref;
    const char *column = part->field->column.p;
    bool apart = str_is(m->tenant, "organization_id") && str_is(to->tenant, "organization_id");
    Buf sql = {0};
    buf_fmt(&sql, "SELECT t.id FROM %s t WHERE t.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s x WHERE %sx.id = t.%s) LIMIT 1",
            m->table.p, column, to->table.p, apart ? "x.organization_id = t.organization_id AND " : "", column);
    Stmt *st = db_prepare(p->db, buf_view(&sql));
    bool ok = !stmt_step(st) || verify_wrong(p, "%s %lld: %s refers to no row of %s in its organization", m->table.p,
                                             (long long)stmt_int(st, 0), column, to->table.p);
    stmt_reset(st);
    buf_free(&sql);
    return ok && verify_readable(p);
}

static void plan_model(Parts *parts, const Model *m) {
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!f->ref || (f->flags & (F_NO_COLUMN | F_COPY))) continue;
        part_add(parts, (Part){.what = "every reference", .prove = reference_prove, .model = m, .field = f});
    }
}

void verify_plan_postgres_references(Prover *p, Parts *parts) {
    const Registry *r = p->app->registry;
    for (int i = 0; i < r->n; i++) {
        if (r->models[i].resource->flags & R_VIRTUAL) continue;
        plan_model(parts, &r->models[i]);
        if (r->models[i].lines) plan_model(parts, r->models[i].lines);
    }
}
