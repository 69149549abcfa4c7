/* What one request carries through all floors: who asks, when, with which
 * database, and what went wrong. Lives in the request's arena. */
#ifndef MODEL_CTX_H
#define MODEL_CTX_H

#include "base/json.h"
#include "base/time.h"
#include "db/pool.h"
#include "db/writer.h"
#include "model/registry.h"

typedef struct WriteSide WriteSide;
typedef struct Tallies Tallies;
typedef struct Marks Marks;
typedef struct Identity Identity;

/* A login that everybody knows; a list of them ends with {0}. */
typedef struct {
    const char *username, *full_name, *role, *password;
} KnownLogin;

/* The program after its start: const from then on (S12). */
typedef struct {
    const Registry *registry;
    const Dialect *dialect;
    Writer *writer;      /* NULL: the database takes writes from many, the pool's threads write */
    Pool *pool;
    WriteSide *side;     /* used on the writer's thread only; NULL without one */
    Tallies *tallies;
    Marks *marks;        /* where pages begin; NULL: not remembered */
    Identity *identity;
    Clock clock;
    bool demo, open_registration;
    const KnownLogin *demo_logins; /* NULL: there is no demo company here */
    const char *database_url, *data_dir;
} App;

/* Rights of one user in one organization, by model index and permission. */
typedef struct {
    uint64_t all; /* bit per permission: on every record */
    uint64_t own; /* on records created by or assigned to the user */
} Rights;
typedef enum { MAY_NOT, MAY_OWN, MAY_ALL } May;

#define TOUCHED_WORDS 2

typedef struct AfterCommit {
    void (*run)(const App *app, void *arg);
    void *arg;
    struct AfterCommit *next;
} AfterCommit;

struct Ctx {
    const App *app;
    Arena *arena;
    Error err;
    Db *db;            /* the lane's connection */
    bool writing;      /* on the writer, inside a savepoint */
    Buf *body;         /* the answer's bytes */
    Json out;          /* writes to body */
    int status;        /* HTTP status of a good answer, 0 = 200 */
    const char *media_type; /* of the answer of an action of its own; NULL: JSON */

    /* Who: 0 when nobody. account is the person, user its membership in
     * organization. */
    int64_t organization_id, user_id, account_id, session_id, api_key_id;
    Str username;
    const Rights *rights; /* per model index; NULL = no rights at all */
    int64_t client_id;    /* whose user the caller is, who comes from outside (Resource.client); 0: the organization's own */
    int64_t amount_cap;   /* of a single sale, scaled like money; 0 = none */
    bool web_session;     /* of the web application: its rate is higher */
    const char *zone;     /* the organization's time zone */
    const char *origin;   /* journal: "api", "key", "cli", "demo", "import", "job" */
    Str ip, request_id, user_agent;
    bool https;           /* came over TLS, to here or to a trusted proxy */
    bool same_origin;     /* of ACTION_COOKIE: a page of this server asks, or no page at all */
    Str cookie;           /* of ACTION_COOKIE: its session's refresh token; p NULL: none */
    Str cookie_out;       /* what the cookie shall be from now on; empty: gone; p NULL: as it is */

    int64_t now;
    char now_text[TIME_TEXT];
    char today[DATE_TEXT]; /* in the organization's zone */

    uint64_t touched[TOUCHED_WORDS]; /* bit per model: what this transaction changed (touched.h) */
    struct Looked *looked;           /* what it knows of others' changes (touched.c); NULL: it did not look yet */
    bool dry_run;
    bool across;          /* of R_ACROSS: the database shows every organization's rows */
    int64_t if_match;     /* version from If-Match, -1 = not given */
    AfterCommit *after;   /* run once the change is durable, before the answer */
};

/* Fills app, arena, err, db and the clock; the rest is zero. */
void ctx_init(Ctx *c, const App *app, Arena *arena, Buf *body);
/* Sets today from the organization's zone; call when zone is known. */
void ctx_set_zone(Ctx *c, const char *zone);
/* The path under which the caller comes to a resource; NULL: none. */
const View *ctx_view(const Ctx *c, const Model *m);
May ctx_may(const Ctx *c, const Model *m, int permission);
/* Sets err to 403 when the permission is missing altogether; true otherwise. */
bool ctx_require(Ctx *c, const Model *m, int permission);
void ctx_after_commit(Ctx *c, void (*run)(const App *app, void *arg), void *arg);
/* The program itself goes on for the caller, with every right and no If-Match,
 * until it gives the request back what it was. */
typedef struct {
    const Rights *rights;
    int64_t if_match, client_id;
} Lent;
Lent ctx_lend(Ctx *c);
void ctx_return(Ctx *c, const Lent *lent);
/* A job of nobody's request: to the writer, or to the pool where all write.
 * False when there is no room for it. */
bool app_write(const App *app, WriterJob *job);
bool app_write_is_wanted(const App *app); /* for a long job: others wait for it to end */
/* From a worker thread: runs fn on the writer inside a savepoint, or in a
 * transaction on the thread's own connection, and waits until it is durable. On
 * failure c->err is set and nothing was changed, unless it is E_COMMIT_UNKNOWN. */
bool ctx_write(Ctx *c, bool (*fn)(Ctx *c, void *arg), void *arg);
static inline const Model *ctx_model(const Ctx *c, const char *name) {
    return registry_model(c->app->registry, name);
}
/* An INSERT with what its dialect adds for db_last_id. */
Str ctx_returning(Ctx *c, Str insert);
Str ctx_fmt(Ctx *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One call of an action: its record id (0 for a collection's), its input. */
struct Call {
    const View *view;
    const Action *action;
    int64_t id;
    Row input;            /* values by the action's input fields, in their order; its lines */
    FieldSet given;       /* which of them were in the body */
    bool lines_given;
    const Query *query;   /* of ACTION_FILTERED: what the caller's filters and rights leave */
    Str path_rest;        /* what follows the action in the path: "7" in /auth/sessions/7; the text of ACTION_TEXT */
};
Value call_value(const Call *call, const char *name); /* VALUE_NULL when not given */
Str call_text(const Call *call, const char *name);
/* The same of one line of the body. */
Value call_line_value(const Call *call, int line, const char *name);

#endif
