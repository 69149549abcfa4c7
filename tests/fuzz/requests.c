/* What clients ask of the whole model of the program, on the demo company's
 * data, below HTTP: "create customers" with JSON behind it on the next line,
 * "act sales-orders 3 confirm", "list orders status=draft&ordering=-id". Nothing
 * may end in an internal error, and nothing is kept. */
#include <ftw.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "app/demo.h"
#include "app/modules.h"
#include "base/hash.h"
#include "fuzz.h"
#include "http/http.h"
#include "model/write.h"

static Program program;
static char folder[] = "/tmp/millwright-fuzz-XXXXXX";

static int forget(const char *path, const struct stat *info, int kind, struct FTW *at) {
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static void end(void) {
    Registry *r = program.config.registry;
    program_close(&program);
    arena_free(&program.arena);
    registry_free(r);
    nftw(folder, forget, 8, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    Buf report = {0};
    must(hash_init() && mkdtemp(folder), "there is a folder");
    Registry *r = registry_new(modules, modules_n, &report);
    must(r && registry_follow(r, followers, &report), "the tables are right");
    buf_free(&report);
    static char url[64];
    snprintf(url, sizeof url, "sqlite:%s/fuzz.db", folder);
    ProgramConfig config = {.registry = r, .database = url, .data = folder, .demo = true, .rate_limit_off = true};
    must(program_open(&program, &config), "the program begins");
    atexit(end);
    Ctx c;
    program_ctx(&program, &c, "demo");
    must(demo_fill(&c), "there is a demo company");
    return 0;
}

/* One request, as its words. */
typedef struct {
    Str verb, resource, id, action, rest;
    const json_t *body;
    const View *view;
} Asked;

static bool listed(Ctx *c, const Asked *a) {
    Param list[64];
    Params params = {list, 0};
    Str rest = a->rest, name, value;
    bool bad = false;
    while (params.n < 64 && http_next_param(&rest, c->arena, &name, &value, &bad)) list[params.n++] = (Param){name, value};
    Query q;
    Page page = {0};
    return query_read(c, a->view, params, MAY_READ, &q) && query_items(c, &q, &page) && query_page_total(c, &q, &page);
}

static const Action *action_named(const Model *m, Str name) {
    const Resource *r = m->resource;
    for (size_t i = 0; i < r->n_actions; i++)
        if (r->actions[i].name && str_is(name, r->actions[i].name)) return &r->actions[i];
    return NULL;
}

/* What hashes passwords is slow, and what the web server does is not here. */
static bool acts(Ctx *c, const Asked *a, int64_t id) {
    Call call = {.view = a->view, .action = action_named(a->view->model, a->action)};
    Row row;
    if (!call.action || call.action->flags & (ACTION_POOL | ACTION_GET | ACTION_PUBLIC)) return true;
    if (!(call.action->flags & ACTION_COLLECTION)) call.id = id;
    if (!input_read_call(c, a->body, &call)) return false;
    return call.action->run ? call.action->run(c, &call) : record_act(c, a->view->model, &call, &row);
}

static bool stores(Ctx *c, const Asked *a, int64_t id) {
    static const char *const verbs[] = {"patch", "create", "replace"}; /* as InputKind */
    Input in;
    Row row;
    for (int kind = INPUT_PATCH; kind <= INPUT_REPLACE; kind++) {
        if (!str_is(a->verb, verbs[kind]) || !json_is_object(a->body)) continue;
        if (!input_read(c, a->view, a->body, (InputKind)kind, &in)) return false;
        if (kind == INPUT_CREATE) return record_create(c, a->view->model, &in, &row);
        return record_update(c, a->view->model, id, &in, &row);
    }
    return true;
}

/* Routes offer no more. */
static bool may_change(const Asked *a) {
    uint32_t flags = a->view->model->resource->flags, refused = R_READ_ONLY | R_SINGLETON | R_SLOW_INPUT;
    refused |= str_is(a->verb, "create") ? R_NO_CREATE : R_APPEND_ONLY;
    if (str_is(a->verb, "delete")) refused |= R_NO_DELETE;
    return !(flags & refused);
}

static bool asks(Ctx *c, const Asked *a) {
    int64_t id = 0;
    if (!str_to_int(a->id, &id)) id = 0;
    if (str_is(a->verb, "list")) return listed(c, a);
    if (str_is(a->verb, "act")) return acts(c, a, id);
    if (!may_change(a)) return true;
    if (str_is(a->verb, "delete")) return record_delete(c, a->view->model, id);
    return stores(c, a, id);
}

static bool tried(Ctx *c, void *arg) {
    c->writing = true;
    bool ok = asks(c, arg);
    must(ok == (c->err.kind == E_NONE), "who fails says so");
    must(ok || error_info(c->err.kind)->status < 500, "no request ends in an internal error");
    return false; /* taken back */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Str text = fuzz_text(data, n), body;
    Str line = str_cut(text, '\n', &body);
    if (!str_utf8_valid(text)) return 0;
    Asked a = {.verb = str_cut(line, ' ', &line)};
    a.resource = str_cut(line, ' ', &line);
    a.rest = line;
    a.id = str_cut(line, ' ', &line);
    a.action = line.p ? line : a.id;
    a.view = registry_view(program.config.registry, a.resource);
    if (!a.view || a.view->model->resource->flags & (R_VIRTUAL | R_INTERNAL)) return 0;
    json_t *object = body.p ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    a.body = object;

    static Arena arena;
    if (!arena.limit) arena_init(&arena, (size_t)64 << 20);
    Buf out = {0};
    Ctx c;
    ctx_init(&c, &program.app, &arena, &out);
    Rights *rights = ARENA_ARRAY(&arena, Rights, (size_t)program.config.registry->n);
    for (int i = 0; i < program.config.registry->n; i++) rights[i].all = UINT64_MAX;
    c.rights = rights;
    c.organization_id = c.user_id = c.account_id = 1;
    c.username = S("admin");
    c.origin = "api";
    ctx_set_zone(&c, DEMO_ZONE);
    ctx_write(&c, tried, &a);
    json_decref(object);
    buf_free(&out);
    arena_reset(&arena);
    return 0;
}
