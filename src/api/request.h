/* One API request on its way through dispatch; internal to the api floor. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "api/api.h"
#include "api/metrics.h"
#include "model/query.h"
#include "model/write.h"

typedef struct ApiRequest ApiRequest;
typedef struct Presentation Presentation;
typedef struct Pages Pages;
typedef enum { LANE_INLINE, LANE_POOL, LANE_WRITER } Lane;

/* Where in the path a verb stands. */
typedef enum { AT_COLLECTION, AT_RECORD } Place;

enum {
    VERB_BODY = 1 << 0,     /* reads a JSON body */
    VERB_CSV = 1 << 1,      /* reads a CSV body */
    VERB_LARGE = 1 << 2,    /* its body may be 16 MiB */
    VERB_CHANGES = 1 << 3,  /* R_READ_ONLY resources do not have it */
    VERB_CREATES = 1 << 4,  /* nor R_NO_CREATE ones this */
    VERB_DELETES = 1 << 5,
    VERB_REPLAYS = 1 << 6,  /* honours Idempotency-Key */
    VERB_UPDATES = 1 << 7,  /* R_APPEND_ONLY resources have neither this nor VERB_DELETES */
    VERB_SINGLE = 1 << 8,   /* R_SINGLETON resources have these, and no others */
    VERB_STANDBY = 1 << 10, /* a standby of the database may answer it */
    VERB_FILE = 1 << 9      /* its body goes to a file (r->upload), as large as the configuration lets it */
};

/* A generic verb: its place in the path, what it needs, and its two stages.
 * plan reads parameters and body into typed values and touches no database;
 * run does the work in its lane. Both return false with c.err set. */
typedef struct {
    const char *name;    /* for metrics, logs and documentation */
    const char *method;
    Place place;
    const char *segment; /* fixed path segment behind the place: "stats"; NULL: none */
    int permission;      /* MAY_…; actions have their own */
    Lane lane;
    uint32_t flags;
    RateClass rate;
    bool (*plan)(ApiRequest *r);
    bool (*run)(ApiRequest *r);
    /* Reads the parameters before a byte of the body is kept; NULL: plan does it. */
    bool (*admit)(ApiRequest *r);
} Verb;

/* The file a body goes to: deleted with the request unless somebody has taken it. */
typedef struct {
    Str name, path; /* in the folder of imports; p NULL: none */
    bool taken;
} Upload;

struct ApiRequest {
    Ctx c; /* first: handlers get at it as &r->c */
    Api *api;
    HttpRequest *http;
    const Presentation *look;
    const View *view;
    const Model *model;
    const Verb *verb;
    const Action *action; /* NULL: a generic verb */
    int action_at;
    int64_t id;
    Str path_rest;
    Lane lane;
    json_t *body;
    Param *param_list;    /* what params points to */
    Params params;
    Query *query;
    Input input;
    Call call;
    void *batch;          /* bulk and import: their items */
    Upload upload;
    const char *content_type; /* of the answer; NULL: JSON */
    RateState rate;
    int64_t version;      /* of the answered record, for the ETag; 0 = none */
    Str etag;             /* of an answer that is no record; p NULL: none */
    Str location;         /* path of a created record */
    Str idempotency_key;
    bool replayed, collided, unwritten; /* collided: another with the same key was faster; unwritten: a singleton at version 0, which is an ETag too */
    bool ok;
    int64_t statements;   /* SQL statements executed */
    WriterJob writer_job;
    PoolJob pool_job;
    struct ApiRequest *before; /* as it was before it was planned, to start over from, or NULL */
};

struct Api {
    const App *app;
    ApiConfig config;
    HttpServer *_Atomic server; /* set when requests may be coming in already */
    Metrics *metrics;
    Db **readers;         /* per I/O thread, opened at its first read */
    int n_readers;
    Str openapi;          /* made once at start */
    Pages *pages;         /* made of it */
    struct MetaKept *meta; /* answers of GET /meta */
    int64_t started;
};

/* The reading connection of an I/O thread; never NULL, may be failed. */
Db *api_reader(Api *api, int io_thread);

/* Finds view, verb, action and id for a path; E_NOT_FOUND, or E_METHOD with
 * the allowed methods in *allow. */
bool route_find(ApiRequest *r, Str *allow);
/* Every verb that is answered under a path, for OpenAPI: calls each for all. */
void route_each(const View *view, void (*each)(void *arg, const Verb *v, const Action *a), void *arg);
/* Whether a generic verb ("stats") is answered, and by no action in its place. */
bool route_offers(const Model *m, const char *verb);
extern const Verb verb_transition, verb_call, verb_ask, verb_related;

/* Names the fields of the error's issues as the request's view does, which may be an alias. */
void issues_rename(ApiRequest *r);

/* How answers look: chosen by the path a request came in by. */
struct Presentation {
    const char *prefix;
    void (*list_begin)(ApiRequest *r);
    void (*list_end)(ApiRequest *r, const Page *page);
    void (*deleted)(ApiRequest *r);
    void (*error)(const Error *e, Str request_id, const char *timestamp, Buf *body);
    const char *error_type;
};
extern const Presentation native_presentation;
/* The member "errors": [{field, code, message}, …]. */
void issues_write(Json *j, const Error *e);

/* Parses the JSON body into r->body (NULL when empty). */
bool body_parse(ApiRequest *r);
/* Reads a parameter that is the verb's own and takes it out of the list;
 * STR_NONE when absent. */
Str param_take(ApiRequest *r, const char *name);
bool params_none_left(ApiRequest *r);

/* Bodies larger than this are refused before they are read. */
size_t route_body_limit(const ApiRequest *r);

Str cors_origin(const Api *api, const HttpRequest *h); /* the allowed Origin, or STR_NONE */

#endif
