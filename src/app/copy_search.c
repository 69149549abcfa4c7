/* Fills the target's search tables from the rows that were copied: what a
 * search finds is made of words by each kind of database in its own way. */
#include "app/copy.h"
#include "base/log.h"
#include "model/search_words.h"
#include "model/store.h"

static bool has_rows(const Model *m) {
    return m->searchable && m->kind < 0 && m->tenant.p && !(m->resource->flags & R_VIRTUAL);
}

static Stmt *rows_of(Copy *c, const Model *m) {
    Buf sql = {0};
    buf_fmt(&sql, "SELECT t.id, t.%s", m->tenant.p);
    for (int i = 0; i < m->n; i++)
        if (field_in_words(&m->fields[i])) buf_fmt(&sql, ", t.%s", m->fields[i].column.p);
    buf_fmt(&sql, " FROM %s t WHERE t.id > 0", m->table.p);
    model_rows_sql(c->registry, m, &sql);
    Stmt *st = db_prepare(c->to, buf_view(&sql));
    buf_free(&sql);
    stmt_expect_many(st);
    return st;
}

static void row_words(Ctx *ctx, Row *row, Stmt *st, Buf *words) {
    int column = 2;
    ctx->organization_id = stmt_int(st, 1);
    for (int i = 0; i < row->model->n; i++)
        if (field_in_words(&row->model->fields[i])) row->values[i] = stmt_value(st, column++);
    buf_reset(words);
    store_words_text(ctx, row, words);
}

bool copy_search(Copy *c, const Model *m) {
    App app = {.registry = c->registry};
    Ctx ctx;
    Buf words = {0};
    if (!has_rows(m)) return true;
    ctx_init(&ctx, &app, c->arena, NULL);
    ctx.db = c->to;
    Row row = row_new(c->arena, m);
    Stmt *st = rows_of(c, m);
    while (stmt_step(st)) {
        row_words(&ctx, &row, st, &words);
        if (!words_insert(c->to, m, ctx.organization_id, stmt_int(st, 0), buf_view(&words))) break;
    }
    stmt_reset(st);
    buf_free(&words);
    return !db_failed(c->to);
}
