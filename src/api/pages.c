/* Pages that are not resources: the web application, the documentation and its
 * assets, health and metrics. Every request passes here first, so that a path
 * that is none of them must be told by its first letters, or as a file by a dot.
 *
 * All of it works offline and loads nothing from elsewhere: its files are inside
 * the program, and its policies allow no other source. */
#include "api/pages.h"

#include <assert.h>
#include <zlib.h>

#include "base/embedded.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "http/gzip.h"

#define ETAG_TEXT    20

struct Pages {
    Buf packed_openapi;
    char openapi_etag[ETAG_TEXT];
};

/* Everything that a page of documentation may load comes from here. Both
 * viewers set styles from scripts. */
#define POLICY                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " \
    "connect-src 'self'; font-src 'self' data:; "
#define POLICY_END "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* The application's own. Its styles are rules that scripts add to an empty
 * element, which the hash of the empty text allows, and attributes that its
 * charts set; a script or style written into the page runs nowhere. The reader of
 * bar codes is WebAssembly; text is still never compiled. */
#define APP_POLICY                                                                                         \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "                                           \
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "                             \
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "                  \
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; "           \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
#define APP_INDEX  "index.html"
#define APP_ASSETS "assets/" /* whose names have a digest of their content in them */

typedef struct WebPage {
    const char *path;
    void (*serve)(const PageRequest *p, const struct WebPage *page);
    const char *file;   /* one of the embedded ones */
    const char *policy; /* NULL: the server's, which allows nothing */
    void (*health)(const PageRequest *p);
} WebPage;

/* --- answering --- */

static void header(const PageRequest *p, const char *name, const char *value) {
    http_respond_header(p->http, name, str_of(value));
}

static bool known_already(const PageRequest *p, const char *etag) {
    header(p, "ETag", etag);
    Str rest = http_header(p->http, "If-None-Match");
    while (rest.p)
        if (str_is(str_trim(str_cut(rest, ',', &rest)), etag)) {
            p->http->response.status = 304;
            return true;
        }
    return false;
}

/* Bytes that live as long as the program, in the smallest form the client takes. */
static void fixed(const PageRequest *p, const EmbeddedFile *f) {
    HttpResponse *a = &p->http->response;
    Str codings = http_header(p->http, "Accept-Encoding");
    bool brotli = f->brotli.p && coding_accepted(codings, S("br"));
    bool gzip = !brotli && f->gzip.p && gzip_accepted(codings);
    a->status = 200;
    a->content_type = f->media_type;
    a->fixed = brotli ? f->brotli : gzip ? f->gzip : f->plain;
    a->no_gzip = true;
    if (f->gzip.p) header(p, "Vary", "Accept-Encoding");
    if (brotli || gzip) header(p, "Content-Encoding", brotli ? "br" : "gzip");
}

static const EmbeddedFile *file_find(const EmbeddedFiles *files, Str name) {
    for (size_t i = 0; i < files->n; i++)
        if (str_is(name, files->list[i].name)) return &files->list[i];
    return NULL;
}

static const EmbeddedFile *embedded(const char *name) {
    const EmbeddedFile *f = file_find(&embedded_web, str_of(name));
    if (!f) log_fatal("pages", "%s is not in this program", name);
    return f;
}

/* A file of the web application. */
static void app_file(const PageRequest *p, const EmbeddedFile *f) {
    bool immutable = str_starts(str_of(f->name), S(APP_ASSETS));
    header(p, "Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
    header(p, "Content-Security-Policy", APP_POLICY);
    if (str_is(str_of(f->name), APP_INDEX)) {
        header(p, "Cross-Origin-Opener-Policy", "same-origin");
        header(p, "Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()");
    }
    if (!known_already(p, f->etag)) fixed(p, f);
}

static void asset(const PageRequest *p, const WebPage *page) {
    const EmbeddedFile *f = embedded(page->file);
    /* What may change with the next version is asked for anew. */
    header(p, "Cache-Control", page->policy ? "no-cache" : "public, max-age=3600");
    if (page->policy) header(p, "Content-Security-Policy", page->policy);
    if (known_already(p, f->etag)) return;
    fixed(p, f);
}

static void openapi(const PageRequest *p, const WebPage *page) {
    const Pages *pages = p->api->pages;
    (void)page;
    header(p, "Cache-Control", "no-cache");
    if (known_already(p, pages->openapi_etag)) return;
    fixed(p, &(EmbeddedFile){.media_type = "application/json", .plain = p->api->openapi,
                             .gzip = buf_view(&pages->packed_openapi)});
}

static void health(const PageRequest *p, const WebPage *page) { page->health(p); }

static void metrics(const PageRequest *p, const WebPage *page) {
    (void)page;
    HttpResponse *a = &p->http->response;
    a->status = 200;
    a->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_write(p->api->metrics, p->api->app, p->api->server, &a->body);
}

static void about(const PageRequest *p, const WebPage *page) {
    (void)page;
    HttpResponse *a = &p->http->response;
    a->status = 200;
    a->content_type = "application/json";
    Json j = js_to(&a->body);
    js_begin_object(&j);
    js_field_c(&j, "name", "Millwright");
    js_field_c(&j, "version", MILLWRIGHT_VERSION);
    js_field_c(&j, "docs", "/docs");
    js_field_c(&j, "api", "/api/v1");
    js_end_object(&j);
}

static bool wants_html(const HttpRequest *h) {
    static const Str wanted = S("text/html");
    Str accept = http_header(h, "Accept");
    for (size_t i = 0; i + wanted.n <= accept.n; i++)
        if (str_ieq((Str){accept.p + i, wanted.n}, wanted)) return true;
    return false;
}

static void root(const PageRequest *p, const WebPage *page) {
    header(p, "Vary", "Accept");
    if (!wants_html(p->http)) {
        about(p, page);
        return;
    }
    app_file(p, file_find(&embedded_ui, S(APP_INDEX)));
}

/* --- the table --- */

#define DOCS_POLICY  POLICY POLICY_END
#define REDOC_POLICY POLICY "worker-src blob:; " POLICY_END

static const WebPage pages[] = {
    {"/", root},
    {"/api", about},
    {"/docs", asset, "docs.html", DOCS_POLICY},
    {"/docs/docs.js", asset, "docs.js"},
    {"/docs/site.css", asset, "site.css"},
    {"/docs/swagger-ui.css", asset, "swagger-ui.css"},
    {"/docs/swagger-ui-bundle.js", asset, "swagger-ui-bundle.js"},
    {"/redoc", asset, "redoc.html", REDOC_POLICY},
    {"/redoc/redoc.js", asset, "redoc.js"},
    {"/redoc/redoc.standalone.js", asset, "redoc.standalone.js"},
    {"/openapi.json", openapi},
    {"/favicon.svg", asset, "favicon.svg"},
    {"/favicon.ico", asset, "favicon.svg"},
    {"/health", health, .health = health_plain},
    {"/health/db", health, .health = health_db},
    {"/health/status", health, .health = health_status},
    {"/metrics", metrics},
};
#define N_PAGES (sizeof pages / sizeof *pages)

/* --- finding --- */

/* The path as the table has it; p NULL when no page can have it. */
static Str page_path(Str path) {
    if (path.n < 2 || path.p[0] != '/') return path;
    if (!memchr("adfhmor", path.p[1], 7)) return STR_NONE;
    if (path.p[path.n - 1] == '/') path.n--;
    if (!str_starts(path, S("/api"))) return path;
    Str rest = {path.p + 4, path.n - 4};
    if (str_starts(rest, S("/v1"))) rest = (Str){rest.p + 3, rest.n - 3};
    if (!rest.n) return S("/api");
    return str_starts(rest, S("/health")) ? rest : STR_NONE;
}

static const WebPage *page_find(Str path) {
    for (size_t i = 0; path.p && i < N_PAGES; i++)
        if (str_is(path, pages[i].path)) return &pages[i];
    return NULL;
}

/* "/assets/index-4f1c.js" is a file of the application; p NULL: it is none. */
static const EmbeddedFile *app_file_find(Str path) {
    if (path.n < 2 || !memchr(path.p, '.', path.n)) return NULL;
    return file_find(&embedded_ui, (Str){path.p + 1, path.n - 1});
}

/* To others /metrics is a path like any that is not there. */
static bool may_measure(const Api *api, const char *ip) {
    Address address;
    return address_parse(str_of(ip), &address) && proxies_trust(api->config.metrics_from, &address);
}

static void wrong_method(const PageRequest *p) {
    char now[TIME_TEXT];
    Error e;
    HttpRequest *h = p->http;
    error_init(&e, &h->arena);
    error_set(&e, E_METHOD, "this path answers GET, HEAD");
    time_format(clock_now(&p->api->app->clock), now);
    native_presentation.error(&e, str_of(h->id), now, &h->response.body);
    h->response.status = error_info(E_METHOD)->status;
    h->response.content_type = native_presentation.error_type;
    header(p, "Allow", "GET, HEAD");
}

bool pages_serve(Api *api, HttpRequest *h) {
    const WebPage *page = page_find(page_path(h->path));
    const EmbeddedFile *file = page ? NULL : app_file_find(h->path);
    if (page ? page->serve == metrics && !may_measure(api, h->ip) : !file) return false;
    PageRequest p = {api, h};
    if (!str_is(h->method, "GET") && !str_is(h->method, "HEAD"))
        wrong_method(&p);
    else if (page)
        page->serve(&p, page);
    else
        app_file(&p, file);
    return true;
}

/* --- made once --- */

Pages *pages_new(const Api *api) {
    Pages *p = calloc(1, sizeof *p);
    Hash hash;
    char hex[HASH_HEX];
    if (!p) log_fatal("pages", "out of memory");
    for (size_t i = 0; i < N_PAGES; i++)
        if (pages[i].file) embedded(pages[i].file);
    if (!file_find(&embedded_ui, S(APP_INDEX))) log_fatal("pages", "the web application is not in this program");
    hash_sha256(api->openapi, &hash);
    hash_hex(&hash, hex);
    snprintf(p->openapi_etag, sizeof p->openapi_etag, "\"%.16s\"", hex);
    gzip_pack_once(api->openapi, &p->packed_openapi);
    return p;
}

void pages_free(Pages *p) {
    buf_free(&p->packed_openapi);
    free(p);
}
