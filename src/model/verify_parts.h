/* Shared by the files of verify; nothing else includes it. */
#ifndef MODEL_VERIFY_PARTS_H
#define MODEL_VERIFY_PARTS_H

#include "model/verify.h"

/* What one thread proves with. */
typedef struct {
    const App *app;
    Db *db, *wanted;
    Str wanted_sql;
    Buf report; /* what is wrong, in one line */
    int64_t journal_rows, unsealed, documents;
} Prover;

/* What is proved in one go, in one snapshot; the members that `prove` takes are set. */
typedef struct Part {
    const char *what; /* for people who wait */
    bool (*prove)(Prover *p, const struct Part *part);
    int64_t organization_id;
    const Model *model;
    const char *check; /* a condition in SQL */
    const ModelField *field;
    Str table;
} Part;

/* The parts of a database in the order of their complaints: what names a row
 * comes before what only names a table. */
typedef struct {
    Arena arena;
    Part *list;
    int n, cap;
} Parts;

void part_add(Parts *parts, Part part);

/* Reports the first wrong row; always false. */
bool verify_wrong(Prover *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* True when the database can still be read. */
bool verify_readable(Prover *p);

/* The schema and the CHECKs of every row, which come first; every reference;
 * the file's pages and indexes, which come last. */
void verify_plan_rules(Prover *p, Parts *parts);
void verify_plan_references(Prover *p, Parts *parts);
void verify_plan_file(Prover *p, Parts *parts);

/* What of it is PostgreSQL's. */
bool verify_postgres_schema(Prover *p, const Part *part);
void verify_plan_postgres_references(Prover *p, Parts *parts);

/* The journal of one organization, and what is missing at the end of all. */
bool verify_journal(Prover *p, const Part *part);
bool verify_journal_end(Prover *p, const Part *part);
/* The number series of one organization. */
bool verify_numbers(Prover *p, const Part *part);

/* Whether m's documents can be proved, and proving an organization's. */
bool verify_has_documents(const Model *m);
bool verify_documents(Prover *p, const Part *part);

#endif
