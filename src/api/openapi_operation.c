/* One operation of the document: what it is called, what it takes, what it
 * answers. The generic verbs have a row each in `docs`; actions say the rest
 * themselves. */
#include "api/openapi.h"

#include <ctype.h>

#include "base/log.h"

enum {
    TAKES_FILTERS = 1 << 0,
    TAKES_ORDER = 1 << 1,
    TAKES_PAGE = 1 << 2,
    TAKES_FIELDS = 1 << 3,
    TAKES_FORMAT = 1 << 4,
    TAKES_KEY = 1 << 5,
    TAKES_VERSION = 1 << 6, /* If-Match */
    KNOWS_VERSION = 1 << 7, /* answers an ETag, honours If-None-Match */
    CREATED = 1 << 8,       /* answers 201 with a Location */
    TAKES_MAP = 1 << 9,
    ACCEPTED = 1 << 10      /* answers 202 with a Location */
};

typedef struct {
    const char *verb;
    const char *summary;     /* {s}: plural, {1}: singular with its article */
    const char *description; /* or NULL */
    unsigned flags;
    void (*body)(const Operation *op);   /* NULL: none */
    void (*answer)(const Operation *op); /* writes the media types of the good answer */
    const char *answer_description;
} Doc;

/* --- media types --- */

static Json *json_of(const Operation *op) { return &op->o->json; }

static Str named(const Operation *op, const char *suffix) {
    return arena_fmt(op->o->arena, "%.*s%s", STR_ARG(openapi_schema_name(op->o, op->view)), suffix);
}

static void json_begin(Json *j) {
    js_key(j, S("application/json"));
    js_begin_object(j);
    js_key(j, S("schema"));
}

static void example_ref(const Operation *op, const char *suffix) {
    Json *j = json_of(op);
    js_key(j, S("examples"));
    js_begin_object(j);
    js_key(j, S("example"));
    openapi_ref(j, "examples", named(op, suffix));
    js_end_object(j);
}

/* Schema and example of one name. */
static void json_media(const Operation *op, const char *suffix) {
    Json *j = json_of(op);
    json_begin(j);
    openapi_ref(j, "schemas", named(op, suffix));
    example_ref(op, suffix);
    js_end_object(j);
}

static void record_answer(const Operation *op) { json_media(op, ""); }
static void list_answer(const Operation *op) { json_media(op, "List"); }
static void stats_answer(const Operation *op) { json_media(op, "Stats"); }
static void create_body(const Operation *op) { json_media(op, "Create"); }
static void update_body(const Operation *op) { json_media(op, "Update"); }

/* What may be changed, with all of it that is required. */
static void replace_body(const Operation *op) {
    Json *j = json_of(op);
    json_begin(j);
    js_begin_object(j);
    js_key(j, S("allOf"));
    js_begin_array(j);
    openapi_ref(j, "schemas", named(op, "Update"));
    js_begin_object(j);
    openapi_required_list(op->o, op->view, SIDE_UPDATE);
    js_end_object(j);
    js_end_array(j);
    js_end_object(j);
    example_ref(op, "Replace");
    js_end_object(j);
}

static void deleted_answer(const Operation *op) {
    Json *j = json_of(op);
    json_begin(j);
    openapi_ref(j, "schemas", S("Deleted"));
    js_end_object(j);
}

static void bulk_body(const Operation *op) {
    Json *j = json_of(op);
    json_begin(j);
    openapi_ref(j, "schemas", named(op, "Bulk"));
    js_key(j, S("example"));
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_array(j);
    openapi_example_create(op->o, op->view, SIDE_CREATE);
    js_end_array(j);
    js_field_bool(j, "atomic", true);
    js_end_object(j);
    js_end_object(j);
}

static void bulk_answer(const Operation *op) {
    Json *j = json_of(op);
    json_begin(j);
    openapi_ref(j, "schemas", S("BulkResult"));
    js_end_object(j);
}

static void job_answer(const Operation *op) {
    Json *j = json_of(op);
    const View *jobs = registry_view(op->o->registry, S("jobs"));
    json_begin(j);
    if (jobs)
        openapi_ref(j, "schemas", openapi_schema_name(op->o, jobs));
    else
        openapi_literal(j, "{'type':'object'}");
    js_end_object(j);
}

static void csv_media(const Operation *op) {
    openapi_literal(json_of(op), "'text/csv':{'schema':{'type':'string'}}");
}

static void call_answer(const Operation *op) {
    Json *j = json_of(op);
    bool known = op->action->n_answer || openapi_answers_record(op->view, op->action);
    json_begin(j);
    openapi_answer_schema(op->o, op->view, op->action);
    if (known) {
        js_key(j, S("example"));
        openapi_example_answer(op->o, op->view, op->action);
    }
    js_end_object(j);
}

static void action_body(const Operation *op) {
    Json *j = json_of(op);
    json_begin(j);
    openapi_input_schema(op->o, op->action);
    js_key(j, S("example"));
    openapi_example_input(op->o, op->action);
    js_end_object(j);
}

/* --- the generic verbs --- */

static const Doc docs[] = {
    {"list", "List {s}", NULL, TAKES_FILTERS | TAKES_ORDER | TAKES_PAGE | TAKES_FIELDS, NULL, list_answer,
     "A page of records."},
    {"create", "Create {1}",
     "A `status` other than the first takes the record there through its transitions.",
     CREATED | KNOWS_VERSION, create_body, record_answer, "The new record."},
    {"stats", "Statistics of {s}", "Of all records that the filters leave.", TAKES_FILTERS, NULL,
     stats_answer, "Totals."},
    {"bulk", "Create and update many {s} in one call",
     "An item with an `id` updates that record, one without creates. All or nothing unless `atomic` is "
     "false.",
     0, bulk_body, bulk_answer, "What became of each item."},
    {"export", "Export {s} as CSV", "All records that the filters leave, without a limit.",
     TAKES_FILTERS | TAKES_ORDER | TAKES_FIELDS | TAKES_FORMAT, NULL, csv_media, "The file."},
    {"import", "Import {s} from CSV",
     "The heading row names the fields. All or nothing. Read-only columns of an export are passed over.",
     TAKES_KEY | TAKES_MAP, csv_media, bulk_answer, "What became of each row."},
    {"import-jobs", "Import {s} from a large CSV file, behind the request",
     "The heading is checked at once; `GET /jobs/{id}` then tells how far it is and what is wrong with which row. "
     "Rows stand for themselves. With `dry_run` every row is tried and nothing is kept. `key` may be any field of "
     "text to filter by, such as an e-mail address.",
     TAKES_KEY | TAKES_MAP | ACCEPTED, csv_media, job_answer, "The job that waits for its turn."},
    {"get", "Read {1}", NULL, TAKES_FIELDS | KNOWS_VERSION, NULL, record_answer, "The record."},
    {"replace", "Replace {1}", "Fields that are left out become empty, or their default.",
     TAKES_VERSION | KNOWS_VERSION, replace_body, record_answer, "The changed record."},
    {"update", "Change {1}", "Fields that are left out stay as they are.", TAKES_VERSION | KNOWS_VERSION,
     update_body, record_answer, "The changed record."},
    {"delete", "Delete {1}", NULL, TAKES_VERSION, NULL, deleted_answer, "It is gone."},
};

static const Doc transition_doc = {.flags = TAKES_VERSION | KNOWS_VERSION,
                                   .answer = record_answer,
                                   .answer_description = "The record in its new state."};
static const Doc call_doc = {.answer = call_answer, .answer_description = "Done."};

static const Doc related_doc = {.flags = TAKES_FILTERS | TAKES_ORDER | TAKES_PAGE | TAKES_FIELDS,
                                .answer = list_answer,
                                .answer_description = "A page of records."};

static const Doc filtered_doc = {.flags = TAKES_FILTERS, .answer = call_answer, .answer_description = "Done."};

static const Doc *doc_of(const Operation *op) {
    if (op->action && (op->action->list_of || op->action->narrow)) return &related_doc;
    if (op->action && (op->action->flags & ACTION_FILTERED)) return &filtered_doc;
    if (op->action) return op->action->run ? &call_doc : &transition_doc;
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        if (!strcmp(docs[i].verb, op->verb->name)) return &docs[i];
    log_fatal("openapi", "the verb %s is not described", op->verb->name);
}

/* --- names --- */

static bool on_record(const Operation *op) { return memchr(op->path.p, '{', op->path.n) != NULL; }

const char *openapi_method(const Verb *v, const Action *a) {
    uint32_t f = a ? a->flags : 0;
    if ((a && (a->list_of || a->narrow)) || (f & ACTION_GET)) return "get";
    if (f & ACTION_DELETE) return "delete";
    if (f & ACTION_PATCH) return "patch";
    if (a) return "post";
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    size_t i = 0;
    while (i < 4 && !str_ieq(str_of(methods[i]), str_of(v->method))) i++;
    return methods[i];
}

static Str singular(const Operation *op) {
    const Resource *r = op->view->model->resource;
    const char *name = r->singular ? r->singular : r->name;
    const char *article = r->flags & R_SINGLETON ? "the" : strchr("aeio", *name) ? "an" : "a";
    return arena_fmt(op->o->arena, "%s %s", article, name);
}

static void sentence_write(const Operation *op, const char *text, Buf *b) {
    for (const char *p = text; *p; p++) {
        bool plural = !strncmp(p, "{s}", 3), single = !strncmp(p, "{1}", 3);
        if (plural) buf_str(b, openapi_plural(op->o, op->view->model));
        if (single) buf_str(b, singular(op));
        if (plural || single)
            p += 2;
        else
            buf_char(b, *p);
    }
}

static bool is_alias(const Operation *op) { return op->view != &op->view->model->views[0]; }

static void summary_write(const Operation *op, const Doc *doc) {
    Json *j = json_of(op);
    Buf b = {0};
    if (is_alias(op)) {
        Str path = op->view->path;
        Str behind = {op->path.p + 1 + path.n, op->path.n - 1 - path.n};
        buf_fmt(&b, "Alias of /%s%.*s", op->view->model->name.p, STR_ARG(behind));
    } else if (op->action) {
        buf_c(&b, op->action->summary ? op->action->summary : op->action->name);
    } else {
        sentence_write(op, doc->summary, &b);
    }
    js_field_str(j, "summary", buf_view(&b));
    buf_free(&b);
}

static Str permission(const Operation *op) {
    const Model *m = op->view->model;
    if (op->action && (op->action->flags & (ACTION_PUBLIC | ACTION_SELF))) return STR_NONE;
    int at = op->action ? m->action_permission[op->action_at] : op->verb->permission;
    return arena_fmt(op->o->arena, "%s:%.*s", m->name.p, STR_ARG(m->permissions[at]));
}

static void states_write(const Operation *op, Buf *b) {
    const Model *m = op->view->model;
    const Action *a = op->action;
    if (!a || !a->from || m->status < 0) return;
    const Choice *choices = m->fields[m->status].decl->choices;
    bool first = true;
    buf_c(b, "From ");
    for (int i = 0; choices[i].name; i++) {
        if (!(a->from & IN(i))) continue;
        buf_fmt(b, "%s`%s`", first ? "" : ", ", choices[i].name);
        first = false;
    }
    if (a->to == STAY)
        buf_c(b, ", and stays there; a 409 in any other state. ");
    else
        buf_fmt(b, " to `%s`; a 409 in any other state. ", choices[a->to].name);
}

static void description_write(const Operation *op, const Doc *doc) {
    Json *j = json_of(op);
    Str right = permission(op);
    Buf b = {0};
    states_write(op, &b);
    if (doc->description) buf_fmt(&b, "%s ", doc->description);
    if (op->view->client) buf_c(&b, "For the users of customers, about what is that customer's. ");
    if (right.p)
        buf_fmt(&b, "Needs the permission `%s`.", right.p);
    else
        buf_c(&b, op->action->flags & ACTION_MAYBE_SIGNED_IN ? "Works with and without a token."
                  : op->action->flags & ACTION_PUBLIC        ? "Needs no token."
                                                             : "For every signed-in user.");
    js_field_str(j, "description", buf_view(&b));
    buf_free(&b);
}

/* Of a record, while there is one of the collection of the same name. */
static bool has_twin(const Operation *op) {
    const Resource *r = op->view->model->resource;
    for (size_t i = 0; i < r->n_actions; i++) {
        bool collection = r->actions[i].flags & ACTION_COLLECTION;
        if (collection && on_record(op) && !strcmp(r->actions[i].name, op->action->name)) return true;
    }
    return false;
}

/* "work_orders_start"; unique as paths and methods are. */
static void id_write(const Operation *op) {
    Buf b = {0};
    buf_str(&b, op->view->path);
    const char *name = op->action ? op->action->name : op->verb->name;
    const char *method = openapi_method(op->verb, op->action);
    if (*name) buf_fmt(&b, "_%s", name);
    if (op->action && (!*name || strcmp(method, "post"))) buf_fmt(&b, "_%s", method);
    if (op->action && (((op->action->flags & ACTION_ITEM) && on_record(op)) || has_twin(op))) buf_c(&b, "_one");
    for (size_t i = 0; i < b.n; i++)
        if (!isalnum((unsigned char)b.p[i])) b.p[i] = '_';
    js_field_str(json_of(op), "operationId", buf_view(&b));
    buf_free(&b);
}

/* --- parameters --- */

static void ref_names(Json *j, const char *const *names) {
    for (; *names; names++) openapi_ref(j, "parameters", str_of(*names));
}

static void order_param(const Operation *op) {
    Json *j = json_of(op);
    const View *v = op->view;
    js_begin_object(j);
    openapi_literal(j, "'name':'sort_by','in':'query','description':'With `order`.'");
    js_key(j, S("schema"));
    js_begin_object(j);
    js_field_c(j, "type", "string");
    js_key(j, S("enum"));
    js_begin_array(j);
    for (int i = 0; i < v->model->n; i++)
        if (field_sortable(&v->model->fields[i]) && !set_has(&v->hidden, i)) js_str(j, v->names[i]);
    js_end_array(j);
    js_end_object(j);
    js_end_object(j);
    ref_names(j, (const char *const[]){"order", "ordering", NULL});
}

static bool has_dry_run(const Operation *op) {
    uint32_t elsewhere = ACTION_PUBLIC | ACTION_POOL | ACTION_GET;
    if (op->action && (op->action->list_of || op->action->narrow)) return false;
    return op->action ? !(op->action->flags & elsewhere) : strcmp(op->verb->method, "GET") != 0;
}

static bool replays(const Operation *op) {
    uint32_t elsewhere = ACTION_PUBLIC | ACTION_GET | ACTION_POOL | ACTION_SECRET;
    return (op->verb->flags & VERB_REPLAYS) && !(op->action && (op->action->flags & elsewhere));
}

static bool asks(const Operation *op) { return op->verb == &verb_ask; }

/* What a read of its own takes, field by field. */
static void input_params(const Operation *op) {
    Json *j = json_of(op);
    for (size_t i = 0; i < op->action->n_input; i++) {
        ModelField f = openapi_input_field(op->o, &op->action->input[i], (int)i);
        bool required = f.not_null;
        f.not_null = true; /* a parameter without a value is not null, it is left out */
        js_begin_object(j);
        js_field_str(j, "name", f.name);
        js_field_c(j, "in", "query");
        js_field_bool(j, "required", required);
        js_key(j, S("schema"));
        openapi_field(op->o, &f, SIDE_READ, f.name);
        js_end_object(j);
    }
}

/* The same operation as if it were one of the resource that it lists. */
static Operation of_listed(const Operation *op) {
    Operation listed = *op;
    if (op->action && op->action->list_of)
        listed.view = &registry_model(op->o->registry, op->action->list_of)->views[0];
    return listed;
}

static void parameters_write(const Operation *own, const Doc *doc) {
    const Operation listed = of_listed(own), *op = &listed;
    Json *j = json_of(op);
    unsigned f = doc->flags;
    bool versions = op->view->model->version >= 0;
    js_key(j, S("parameters"));
    js_begin_array(j);
    if (f & TAKES_PAGE)
        ref_names(j, (const char *const[]){"page", "page_size", "skip", "limit", "cursor", "count", NULL});
    if (f & TAKES_ORDER) order_param(op);
    if (f & TAKES_FIELDS) ref_names(j, (const char *const[]){"fields", NULL});
    if ((f & TAKES_FIELDS) && !(f & TAKES_FORMAT)) ref_names(j, (const char *const[]){"expand", NULL});
    if (f & TAKES_FORMAT) ref_names(j, (const char *const[]){"format", NULL});
    if (f & TAKES_KEY) ref_names(j, (const char *const[]){"key", NULL});
    if (f & TAKES_MAP) ref_names(j, (const char *const[]){"map", NULL});
    if ((f & TAKES_FILTERS) && op->view->model->searchable)
        ref_names(j, (const char *const[]){"search", NULL});
    const Resource *resource = op->view->model->resource;
    if ((f & TAKES_FILTERS) && resource->as_of.rows) ref_names(j, (const char *const[]){"as_of", NULL});
    if ((f & TAKES_FILTERS) && resource->as_of.empty) ref_names(j, (const char *const[]){"include_empty", NULL});
    if (f & TAKES_FILTERS) openapi_filter_refs(op->o, op->view);
    if (asks(op)) input_params(op);
    if (has_dry_run(op)) ref_names(j, (const char *const[]){"dry_run", NULL});
    if ((f & TAKES_VERSION) && versions) ref_names(j, (const char *const[]){"If-Match", NULL});
    if (replays(op)) ref_names(j, (const char *const[]){"Idempotency-Key", NULL});
    js_end_array(j);
}

/* --- body and answers --- */

static bool body_optional(const Operation *op) {
    if (!op->action) return false;
    for (size_t i = 0; i < op->action->n_input; i++)
        if (op->action->input[i].flags & F_REQUIRED) return false;
    return true;
}

static bool has_body(const Operation *op, const Doc *doc) {
    return op->action ? (op->action->n_input > 0 && !asks(op)) || op->action->lines : doc->body != NULL;
}

static void body_write(const Operation *op, const Doc *doc) {
    Json *j = json_of(op);
    if (!has_body(op, doc)) return;
    js_key(j, S("requestBody"));
    js_begin_object(j);
    if (!body_optional(op)) js_field_bool(j, "required", true);
    js_key(j, S("content"));
    js_begin_object(j);
    if (op->action)
        action_body(op);
    else
        doc->body(op);
    js_end_object(j);
    js_end_object(j);
}

static void good_answer(const Operation *op, const Doc *doc) {
    Json *j = json_of(op);
    bool created = (doc->flags & CREATED) || (op->action && (op->action->flags & ACTION_CREATES));
    bool tagged = (doc->flags & KNOWS_VERSION) && op->view->model->version >= 0;
    js_key(j, created ? S("201") : doc->flags & ACCEPTED ? S("202") : S("200"));
    js_begin_object(j);
    js_field_c(j, "description", doc->answer_description);
    js_key(j, S("headers"));
    js_begin_object(j);
    if (tagged) openapi_literal(j, "'ETag':{'$ref':'#/components/headers/ETag'}");
    if (doc->flags & (CREATED | ACCEPTED)) openapi_literal(j, "'Location':{'$ref':'#/components/headers/Location'}");
    openapi_literal(j, "'X-Request-Id':{'$ref':'#/components/headers/X-Request-Id'}");
    js_end_object(j);
    js_key(j, S("content"));
    js_begin_object(j);
    const Operation listed = of_listed(op);
    doc->answer(&listed);
    js_end_object(j);
    js_end_object(j);
}

static void answers_write(const Operation *op, const Doc *doc) {
    uint32_t flags = op->action ? op->action->flags : 0;
    bool public = (flags & ACTION_PUBLIC) && !(flags & ACTION_MAYBE_SIGNED_IN);
    bool reads = op->action && (op->action->list_of || op->action->narrow || (flags & ACTION_GET));
    bool changes = op->action ? !reads : (op->verb->flags & VERB_CHANGES) != 0;
    bool body = has_body(op, doc);
    const struct {
        int status;
        bool possible;
    } errors[] = {
        {400, true},    {401, true},
        {403, !public || changes}, {404, on_record(op) || op->action},
        {409, changes || (asks(op) && on_record(op))}, {412, (doc->flags & TAKES_VERSION) && op->view->model->version >= 0},
        {413, body},    {415, body},
        {422, body},    {429, true},
        {503, true},
    };
    js_key(json_of(op), S("responses"));
    js_begin_object(json_of(op));
    good_answer(op, doc);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].possible) openapi_error_ref(op->o, errors[i].status);
    js_end_object(json_of(op));
}

static void security_write(const Operation *op) {
    uint32_t flags = op->action ? op->action->flags : 0;
    if (!(flags & ACTION_PUBLIC)) return;
    openapi_literal(json_of(op), flags & ACTION_MAYBE_SIGNED_IN ? "'security':[{},{'bearer':[]}]"
                                                                : "'security':[]");
}

void openapi_operation(const Operation *op) {
    Json *j = json_of(op);
    const Doc *doc = doc_of(op);
    Str right = permission(op);
    js_key(j, str_of(openapi_method(op->verb, op->action)));
    js_begin_object(j);
    js_key(j, S("tags"));
    js_begin_array(j);
    js_str(j, op->view->path);
    js_end_array(j);
    summary_write(op, doc);
    description_write(op, doc);
    id_write(op);
    if (right.p) js_field_str(j, "x-permission", right);
    if (op->view->client) js_field_bool(j, "x-client", true);
    security_write(op);
    parameters_write(op, doc);
    body_write(op, doc);
    answers_write(op, doc);
    js_end_object(j);
}
