/* What all operations refer to: paging and the other shared parameters, the
 * filters of a view, headers, errors, and the schemas that are no resource's. */
#include "api/openapi.h"

/* --- schemas --- */

static const struct {
    const char *name, *schema;
} schemas[] = {
    {"Problem",
     "{'type':'object','description':'An error (RFC 9457).',"
     "'required':['type','title','status','detail','code','request_id','timestamp'],"
     "'properties':{"
     "'type':{'type':'string','format':'uri-reference','examples':['/docs#error-validation_failed']},"
     "'title':{'type':'string','examples':['Validation failed']},"
     "'status':{'type':'integer','examples':[422]},"
     "'detail':{'type':'string','description':'For people.'},"
     "'code':{'type':'string','description':'For programs; never renamed.',"
     "'examples':['validation_failed']},"
     "'request_id':{'type':'string','examples':['2f6c1e0b9d7a4c53']},"
     "'timestamp':{'type':'string','format':'date-time','examples':['2026-01-15T08:30:00Z']},"
     "'errors':{'type':'array','description':'Every wrong value.',"
     "'items':{'$ref':'#/components/schemas/FieldIssue'}}}}"},
    {"FieldIssue", "{'type':'object','required':['field','code','message'],'properties':{"
              "'field':{'type':'string','examples':['lines[0].quantity']},"
              "'code':{'type':'string','examples':['min']},"
              "'message':{'type':'string','examples':['must be at least 0.0001']}}}"},
    {"Deleted", "{'type':'object','required':['message','id'],'properties':{"
                "'message':{'type':'string','examples':['product deleted']},"
                "'id':{'type':'integer','format':'int64','examples':[7]}}}"},
    {"BulkResult", "{'type':'object','required':['results','created','updated','failed'],'properties':{"
                   "'results':{'type':'array','items':{'$ref':'#/components/schemas/BulkItemResult'}},"
                   "'created':{'type':'integer','examples':[1]},'updated':{'type':'integer','examples':[0]},"
                   "'failed':{'type':'integer','examples':[0]}}}"},
    {"BulkItemResult",
     "{'type':'object','required':['index','status'],'properties':{"
     "'index':{'type':'integer','description':'Its place among the items, from 0.','examples':[0]},"
     "'status':{'type':'string','enum':['created','updated','failed']},"
     "'id':{'type':'integer','format':'int64','examples':[7]},"
     "'code':{'type':'string','description':'Of a failed item.','examples':['conflict']},"
     "'detail':{'type':'string'},"
     "'errors':{'type':'array','items':{'$ref':'#/components/schemas/FieldIssue'}}}}"},
};

void openapi_common_schemas(OpenApi *o) {
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        js_key(&o->json, str_of(schemas[i].name));
        openapi_literal(&o->json, schemas[i].schema);
    }
}

/* --- parameters --- */

/* Defaults are said in words: Swagger UI would send them, page with skip. */
static const struct {
    const char *name, *in, *schema, *description;
} parameters[] = {
    {"id", "path", "{'type':'integer','format':'int64','minimum':1,'examples':[7]}", "The id of the record."},
    {"code", "path", "{'type':'string','maxLength':128,'examples':['YARN-40S']}", "What the scanner read."},
    {"page", "query", "{'type':'integer','minimum':1}", "Page, counted from 1, which is the default."},
    {"page_size", "query", "{'type':'integer','minimum':1,'maximum':1000}",
     "Records of a page; 50 by default."},
    {"skip", "query", "{'type':'integer','minimum':0}", "Records to pass over, instead of `page`."},
    {"limit", "query", "{'type':'integer','minimum':1,'maximum':1000}", "Records of a page, as `page_size`."},
    {"cursor", "query", "{'type':'string'}",
     "The `next_cursor` of the page before: as fast on the last page as on the first."},
    {"count", "query", "{'type':'string','enum':['exact','none']}",
     "`exact` by default; `none` leaves `total` and `pages` out."},
    {"order", "query", "{'type':'string','enum':['asc','desc']}", "With `sort_by`."},
    {"ordering", "query", "{'type':'string','examples':['-created_at,id']}",
     "Up to four fields to sort by, each with `-` for descending, instead of `sort_by`."},
    {"search", "query", "{'type':'string','maxLength':100}",
     "Words, or beginnings of words, that a record must have."},
    {"as_of", "query", "{'type':'string','examples':['2026-01-15']}",
     "As it was at a past instant, or at the end of a day in the organization's time zone."},
    {"include_empty", "query", "{'type':'boolean'}", "With `as_of`: also what was empty then."},
    {"fields", "query", "{'type':'string','examples':['id']}", "Only these fields, separated by commas."},
    {"expand", "query", "{'type':'string'}",
     "References to print as objects beside their ids, and `lines`, separated by commas: "
     "`customer,lines.product`."},
    {"format", "query", "{'type':'string','enum':['csv']}", "Of the file."},
    {"key", "query", "{'type':'string'}",
     "A unique field: a record that has the row's value there is updated instead of created."},
    {"map", "query", "{'type':'string','examples':['Company:name,Mail:email,Remark:-']}",
     "Which column is which field, where it is called otherwise; `-` leaves a column out."},
    {"dry_run", "query", "{'type':'boolean'}",
     "Does everything, answers what would result, and takes it back."},
    {"If-Match", "header", "{'type':'string','examples':['\\\"v7\\\"']}",
     "The ETag the change is based on: a 412 when the record has changed since."},
    {"Idempotency-Key", "header", "{'type':'string','minLength':1,'maxLength':255}",
     "Makes repeating the request safe: the same key gets the first answer again."},
};

void openapi_common_parameters(OpenApi *o) {
    Json *j = &o->json;
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        js_key(j, str_of(parameters[i].name));
        js_begin_object(j);
        js_field_c(j, "name", parameters[i].name);
        js_field_c(j, "in", parameters[i].in);
        if (!strcmp(parameters[i].in, "path")) js_field_bool(j, "required", true);
        js_field_c(j, "description", parameters[i].description);
        js_key(j, S("schema"));
        openapi_literal(j, parameters[i].schema);
        js_end_object(j);
    }
}

/* --- filters --- */

static Str filter_key(OpenApi *o, const View *v, int field) {
    return arena_fmt(o->arena, "%.*s.%.*s", STR_ARG(openapi_schema_name(o, v)), STR_ARG(v->names[field]));
}

static Str operators_of(OpenApi *o, const ModelField *f, Str name) {
    static const struct {
        unsigned group;
        const char *names;
    } groups[] = {
        {OPS_EQUAL, "ne,in,isnull"}, {OPS_RANGE, "gt,gte,lt,lte"}, {OPS_TEXT, "contains,startswith"}};
    Buf b = {0};
    for (size_t i = 0; i < 3; i++) {
        Str rest = f->type->operators & groups[i].group ? str_of(groups[i].names) : STR_NONE;
        while (rest.p) {
            Str op = str_cut(rest, ',', &rest);
            buf_fmt(&b, "%s`%.*s__%.*s`", b.n ? ", " : "Also ", STR_ARG(name), STR_ARG(op));
        }
    }
    Str text = arena_fmt(o->arena, "%.*s. Repeated: any of the values.", STR_ARG(buf_view(&b)));
    buf_free(&b);
    return text;
}

/* A filter's value is never null: an empty one asks for what is empty. */
static void filter_schema(OpenApi *o, const ModelField *f) {
    Json *j = &o->json;
    ModelField given = *f;
    given.not_null = true;
    js_key(j, S("schema"));
    js_begin_object(j);
    if (f->decl->choices) {
        js_field_c(j, "type", "array");
        js_key(j, S("items"));
        js_begin_object(j);
    }
    openapi_type(o, &given, SIDE_READ);
    if (f->decl->choices) js_end_object(j);
    js_end_object(j);
}

void openapi_filter_parameters(OpenApi *o, const View *v) {
    Json *j = &o->json;
    for (int i = 0; i < v->model->n; i++) {
        const ModelField *f = &v->model->fields[i];
        if (!field_filterable(f) || set_has(&v->hidden, i)) continue;
        js_key(j, filter_key(o, v, i));
        js_begin_object(j);
        js_field_str(j, "name", v->names[i]);
        js_field_c(j, "in", "query");
        js_field_str(j, "description", operators_of(o, f, v->names[i]));
        filter_schema(o, f);
        js_end_object(j);
    }
}

void openapi_filter_refs(OpenApi *o, const View *v) {
    for (int i = 0; i < v->model->n; i++)
        if (field_filterable(&v->model->fields[i]) && !set_has(&v->hidden, i)) openapi_ref(&o->json, "parameters", filter_key(o, v, i));
}

/* --- headers and errors --- */

void openapi_common_headers(OpenApi *o) {
    openapi_literal(&o->json,
                    "'ETag':{'description':'The version of the "
                    "record.','schema':{'type':'string','examples':['\\\"v1\\\"']}},"
                    "'Location':{'description':'The path of the new record.',"
                    "'schema':{'type':'string','format':'uri-reference'}},"
                    "'Retry-After':{'description':'Seconds to wait.','schema':{'type':'integer'}},"
                    "'X-Request-Id':{'description':'Of this request, also in the logs and the journal.',"
                    "'schema':{'type':'string'}}");
}

static const struct {
    int status;
    const char *name, *description;
    bool retry;
} responses[] = {
    {400, "BadRequest", "Malformed: the JSON, a parameter, an unknown field.", false},
    {401, "Unauthenticated", "No token, or one that is wrong, expired or revoked.", false},
    {403, "Forbidden", "The caller lacks the permission.", false},
    {404, "NotFound", "There is no such record in this organization.", false},
    {409, "Conflict", "Not possible in this state, a duplicate, or still referred to.", false},
    {412, "Stale", "The record has changed since the version of If-Match.", false},
    {413, "TooLarge", "The body is too large.", false},
    {415, "MediaType", "The body is of another media type.", false},
    {422, "Invalid", "Values are wrong: `errors` names every one.", false},
    {429, "RateLimited", "Too many requests.", true},
    {503, "Unavailable", "Overloaded, or the database cannot be reached: try again.", true},
};
#define N_RESPONSES (sizeof responses / sizeof *responses)

void openapi_common_responses(OpenApi *o) {
    Json *j = &o->json;
    for (size_t i = 0; i < N_RESPONSES; i++) {
        js_key(j, str_of(responses[i].name));
        js_begin_object(j);
        js_field_c(j, "description", responses[i].description);
        if (responses[i].retry)
            openapi_literal(j, "'headers':{'Retry-After':{'$ref':'#/components/headers/Retry-After'}}");
        openapi_literal(j, "'content':{'application/problem+json':"
                           "{'schema':{'$ref':'#/components/schemas/Problem'}}}");
        js_end_object(j);
    }
}

void openapi_error_ref(OpenApi *o, int status) {
    for (size_t i = 0; i < N_RESPONSES; i++) {
        if (responses[i].status != status) continue;
        js_key(&o->json, arena_fmt(o->arena, "%d", status));
        openapi_ref(&o->json, "responses", str_of(responses[i].name));
    }
}

void openapi_errors(OpenApi *o) {
    Json *j = &o->json;
    js_begin_array(j);
#define ERROR_ROW(symbol, row_code, row_status, row_title) \
    if (symbol != E_NONE) {                                \
        js_begin_object(j);                                \
        js_field_c(j, "code", row_code);                   \
        js_field_int(j, "status", row_status);             \
        js_field_c(j, "title", row_title);                 \
        js_end_object(j);                                  \
    }
    ERROR_KINDS(ERROR_ROW)
#undef ERROR_ROW
    js_end_array(j);
}
