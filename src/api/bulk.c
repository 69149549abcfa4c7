/* POST /bulk: {"items": […], "atomic": true}. An item with an id updates that
 * record, one without creates. All or nothing unless atomic is false. */
#include "api/batch.h"
#include "api/verbs.h"
#include "model/mark.h"

#define BULK_ITEMS_MAX 5000
#define BATCH_MEMORY_MAX ((size_t)160 << 20) /* of the 256 MiB of a request */

bool batch_fits(ApiRequest *r) {
    return r->c.arena->total <= BATCH_MEMORY_MAX ||
           fail(&r->c, E_TOO_LARGE, "this is too much for one call: send it in parts");
}

void batch_note_error(ApiRequest *r, BatchItem *item) {
    item->bad = true;
    item->error = r->c.err;
    error_clear(&r->c.err);
}

static bool item_id(json_t *object, int64_t *id) {
    json_t *v = json_object_get(object, "id");
    *id = v ? json_integer_value(v) : 0;
    if (!v) return true;
    if (!json_is_integer(v) || *id <= 0) return false;
    json_object_del(object, "id");
    return true;
}

static void item_plan(ApiRequest *r, json_t *object, BatchItem *item) {
    if (!json_is_object(object))
        error_issue(&r->c.err, S(""), "type", "must be a JSON object");
    else if (!item_id(object, &item->id))
        error_issue(&r->c.err, S("id"), "type", "must be the id of an existing record");
    if (r->c.err.kind != E_NONE) {
        batch_note_error(r, item);
        return;
    }
    InputKind kind = item->id ? INPUT_PATCH : INPUT_CREATE;
    if (!input_read(&r->c, r->view, object, kind, &item->input)) batch_note_error(r, item);
}

static bool bulk_shape(ApiRequest *r, json_t **items, bool *atomic) {
    const char *key;
    json_t *value;
    *items = json_object_get(r->body, "items");
    json_t *flag = json_object_get(r->body, "atomic");
    json_object_foreach(r->body, key, value) {
        if (value == *items || value == flag) continue;
        error_issue(&r->c.err, arena_str(r->c.arena, str_of(key)), "unknown_field", "is no field of a bulk call");
    }
    if (!json_is_array(*items))
        error_issue(&r->c.err, S("items"), "required", "must be an array of records");
    else if (json_array_size(*items) > BULK_ITEMS_MAX)
        error_issue(&r->c.err, S("items"), "max_items", "must have at most %d items", BULK_ITEMS_MAX);
    if (flag && !json_is_boolean(flag))
        error_issue(&r->c.err, S("atomic"), "type", "must be true or false");
    *atomic = !json_is_false(flag);
    return r->c.err.kind == E_NONE;
}

bool bulk_plan(ApiRequest *r) {
    json_t *items, *object;
    if (!params_none_left(r)) return false;
    if (!json_is_object(r->body))
        return fail(&r->c, E_INVALID, "the body must be an object with \"items\"");
    Batch *b = ARENA_NEW(r->c.arena, Batch);
    if (!bulk_shape(r, &items, &b->atomic)) return false;
    b->n = (int)json_array_size(items);
    b->items = ARENA_ARRAY(r->c.arena, BatchItem, (size_t)b->n + 1);
    size_t i;
    json_array_foreach(items, i, object) {
        if (!batch_fits(r)) return false;
        item_plan(r, object, &b->items[i]);
    }
    r->batch = b;
    return true;
}

static bool may_write(ApiRequest *r, bool create) {
    return ctx_require(&r->c, r->model, create ? MAY_CREATE : MAY_UPDATE);
}

static bool item_write(ApiRequest *r, const Batch *b, BatchItem *item, Row *row) {
    Ctx *c = &r->c;
    if (item->bad) {
        c->err = item->error;
        return false;
    }
    if (!item->id && b->upsert && item->key.kind != V_NULL)
        item->id = record_find(c, r->model, b->upsert->decl->name, item->key);
    if (!may_write(r, !item->id)) return false;
    return item->id ? record_update(c, r->model, item->id, &item->input, row)
                    : record_create(c, r->model, &item->input, row);
}

static bool item_run(ApiRequest *r, Batch *b, BatchItem *item, Row *row) {
    if (b->atomic) return item_write(r, b, item, row);
    WriteMark mark;
    if (!write_mark(&r->c, &mark)) return false;
    bool ok = item_write(r, b, item, row);
    if (db_failed(r->c.db)) return db_fail(r->c.db, &r->c.err); /* not this item's fault */
    return write_end(&r->c, &mark, ok) && ok;
}

static void result_write(ApiRequest *r, int index, const char *status, const Row *row) {
    const Model *m = row->model;
    Json *j = &r->c.out;
    js_begin_object(j);
    js_field_int(j, "index", index);
    js_field_c(j, "status", status);
    js_field_int(j, "id", row->values[m->id].i);
    if (m->number >= 0) {
        js_raw_key(j, r->view->keys[m->number]);
        js_str(j, row->values[m->number].s);
    }
    js_end_object(j);
}

static void failure_write(Json *j, int index, const Error *e) {
    js_begin_object(j);
    js_field_int(j, "index", index);
    js_field_c(j, "status", "failed");
    js_field_c(j, "code", error_info(e->kind)->code);
    js_field_str(j, "detail", e->detail.n ? e->detail : str_of(error_info(e->kind)->title));
    if (e->issues) issues_write(j, e);
    js_end_object(j);
}

static Str item_path(ApiRequest *r, int index, Str field) {
    if (!field.n) return ctx_fmt(&r->c, "items[%d]", index);
    return ctx_fmt(&r->c, "items[%d].%.*s", index, STR_ARG(field));
}

/* The first failure of an atomic batch becomes the request's error, with its
 * fields named from the item: items[3].due_date. */
static bool batch_refuse(ApiRequest *r, int index) {
    Error *e = &r->c.err;
    for (Issue *i = e->issues; i; i = i->next) i->field = item_path(r, index, i->field);
    if (e->kind != E_INVALID && !e->issues)
        e->detail = ctx_fmt(&r->c, "items[%d]: %.*s", index,
                            STR_ARG(e->detail.n ? e->detail : str_of(error_info(e->kind)->title)));
    return false;
}

/* Before anything is written, every item that could not be read is told. */
static bool batch_readable(ApiRequest *r, const Batch *b) {
    for (int i = 0; b->atomic && i < b->n; i++) {
        if (!b->items[i].bad) continue;
        for (const Issue *issue = b->items[i].error.issues; issue; issue = issue->next)
            error_issue(&r->c.err, item_path(r, i, issue->field), issue->code, "%.*s",
                        STR_ARG(issue->message));
    }
    return r->c.err.kind == E_NONE;
}

static bool fatal(const Error *e) { return error_info(e->kind)->status >= 500; }

bool batch_run(ApiRequest *r, Batch *b) {
    Json *j = &r->c.out;
    if (!batch_readable(r, b)) return false;
    js_begin_object(j);
    js_key(j, S("results"));
    js_begin_array(j);
    for (int i = 0; i < b->n; i++) {
        Row row;
        if (!batch_fits(r)) return false;
        if (item_run(r, b, &b->items[i], &row)) {
            bool create = !b->items[i].id;
            create ? b->created++ : b->updated++;
            result_write(r, i, create ? "created" : "updated", &row);
            continue;
        }
        if (b->atomic || fatal(&r->c.err)) return batch_refuse(r, i);
        b->failed++;
        issues_rename(r);
        failure_write(j, i, &r->c.err);
        error_clear(&r->c.err);
    }
    js_end_array(j);
    js_field_int(j, "created", b->created);
    js_field_int(j, "updated", b->updated);
    js_field_int(j, "failed", b->failed);
    js_end_object(j);
    return true;
}

bool bulk_run(ApiRequest *r) { return batch_run(r, r->batch); }
