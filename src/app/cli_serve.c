/* `millwright serve`: starts everything, says where it is, and stops cleanly
 * when asked to. */
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "api/api.h"
#include "app/cli.h"
#include "app/demo.h"
#include "app/importer.h"
#include "app/listener.h"
#include "app/modules.h"
#include "app/program.h"
#include "app/sealer.h"
#include "app/supervised.h"
#include "base/log.h"

#define DRAIN_SECONDS 25
#define CLOCK_OFFSET_MAX ((int64_t)100 * 366 * 86400)

static const Option options[] = {
    {"--listen", "MILLWRIGHT_LISTEN", "ADDRESS", "127.0.0.1:8000",
     "Address and port to serve on; port 0 takes any free one, 0.0.0.0 every interface"},
    OPTION_DATA,
    OPTION_DATABASE,
    {"--database-read", "MILLWRIGHT_DATABASE_READ", "URL", NULL,
     "A hot standby of that PostgreSQL, for lists, statistics, exports and reports; what is behind or away is not asked"},
    {"--demo", "MILLWRIGHT_DEMO", NULL, NULL,
     "Fill an empty database with a demo company whose logins everybody knows"},
    {"--registration", "MILLWRIGHT_REGISTRATION", "open|closed", "closed",
     "Whether anybody may register a new organization; closed: nobody, the first one is made by the link that the first start prints. Open with --demo"},
    {"--secret", "MILLWRIGHT_SECRET", "TEXT", NULL,
     "Key for access tokens, at least 32 characters; better given as the variable. Left out: made "
     "once and kept in <data>/secret"},
    {"--cors-origins", "MILLWRIGHT_CORS_ORIGINS", "LIST", NULL,
     "Origins whose pages may call the API, such as https://app.example.com, separated by commas"},
    {"--rate-limit", "MILLWRIGHT_RATE_LIMIT", "on|off", "on",
     "Limits on requests per session, key and address; off is for benchmarks"},
    {"--redis", "MILLWRIGHT_REDIS", "URL", NULL,
     "Redis in which several servers share these limits: redis://[:PASSWORD@]HOST[:PORT][/DATABASE]; left out, or "
     "while it does not answer, each counts for itself"},
    {"--tls-cert", "MILLWRIGHT_TLS_CERT", "FILE", NULL,
     "Certificate chain in PEM; with --tls-key the server speaks HTTPS only"},
    {"--tls-key", "MILLWRIGHT_TLS_KEY", "FILE", NULL, "Private key of the certificate in PEM"},
    {"--trusted-proxies", "MILLWRIGHT_TRUSTED_PROXIES", "LIST", NULL,
     "Addresses or networks (10.0.0.0/8) whose X-Forwarded-For and -Proto count"},
    {"--metrics-from", "MILLWRIGHT_METRICS_FROM", "LIST", "127.0.0.0/8,::1",
     "Addresses or networks that may read /metrics"},
    {"--log-level", "MILLWRIGHT_LOG_LEVEL", "LEVEL", "info",
     "debug, info, warning, error or off; JSON lines on standard error"},
    {"--workers", "MILLWRIGHT_WORKERS", "N", "4",
     "Threads for what takes long: passwords, exports, imports, first totals"},
    {"--database-connections", "MILLWRIGHT_DATABASE_CONNECTIONS", "N", "20",
     "Connections to PostgreSQL, each with a thread that answers requests"},
    {"--queue", "MILLWRIGHT_QUEUE", "N", "4096",
     "Writes that may wait for their turn; more are answered 503 with Retry-After"},
    {"--io-threads", "MILLWRIGHT_IO_THREADS", "N", "0",
     "Threads that speak HTTP and answer short reads; 0: one per processor"},
    {"--connections-max", "MILLWRIGHT_CONNECTIONS_MAX", "N", "4096",
     "Open connections; more have to wait"},
    {"--connections-per-ip", "MILLWRIGHT_CONNECTIONS_PER_IP", "N", "0",
     "Open connections of one address; 0: no limit"},
    {"--cache", "MILLWRIGHT_CACHE", "MIB", "8",
     "Database pages kept in memory by the writer; each HTTP thread keeps a quarter of that"},
    {"--jobs-every", "MILLWRIGHT_JOBS_EVERY", "SECONDS", NULL,
     "How often jobs run, such as telling what is overdue; left out: each at its own pace, 0: never, and imports wait. "
     "For tests"},
    {"--import-max", "MILLWRIGHT_IMPORT_MAX", "MIB", "512",
     "Largest file that may be sent to be imported behind the request; it is kept in <data>/imports until then"},
    {"--live-counts", "MILLWRIGHT_LIVE_COUNTS", "on|off", "on",
     "Whether totals and statistics on PostgreSQL are kept until something changes; off where it is sharded: they are "
     "counted each time"},
    {"--identity-age", "MILLWRIGHT_IDENTITY_AGE", "SECONDS", "5",
     "How long it is remembered who somebody is and what they may do, where no other program says that it has changed"},
    {"--clock-offset", "MILLWRIGHT_CLOCK_OFFSET", "SECONDS", "0",
     "Added to the clock, for tests; may be negative"},
    {"--statement-counts", "MILLWRIGHT_STATEMENT_COUNTS", NULL, NULL,
     "Answers carry X-Db-Statements, the SQL statements they took; for tests"},
};

static const Usage usage = {
    "serve",
    " [options]",
    "Serves the REST API and its documentation. The database is made when it is\n"
    "missing; one of an older version is copied, then migrated. SIGTERM and SIGINT\n"
    "(Ctrl-C) stop it: requests that run are finished, for at most 25 seconds; a\n"
    "second signal stops it at once, which loses nothing that was acknowledged.",
    options,
    sizeof options / sizeof *options,
    "  millwright serve --demo\n"
    "  millwright serve --data /var/lib/millwright --listen 0.0.0.0:8000\n",
};

typedef struct {
    Cli cli;
    ProgramConfig program;
    HttpConfig http;
    ApiConfig api;
    Proxies metrics_from;
    Program running;
    int jobs_every;
    Scheduler *scheduler;
    Sealer *sealer;
    Listener *listener;
    Importer *importer;
    Api *its_api;
    Supervised *supervised;
    HttpServer *server;
    bool is_empty; /* no organization yet */
    bool is_demo;  /* the demo company is there */
    char setup_token[SETUP_TOKEN_TEXT];
} Serve;

/* --- configuration --- */

static const char *value(Serve *s, const char *flag) { return config_get(&s->cli.config, flag); }

static int number(Serve *s, const char *flag, int64_t min, int64_t max) {
    return (int)config_int(&s->cli.config, flag, min, max);
}

/* One of two words; the first means true. */
static bool one_of(Serve *s, const char *flag, const char *yes, const char *no) {
    const char *v = value(s, flag);
    bool is_yes = strcmp(v, yes) == 0;
    if (!is_yes && strcmp(v, no) != 0 && !s->cli.config.problem.p)
        s->cli.config.problem =
            arena_fmt(&s->cli.arena, "%s must be %s or %s, not \"%s\"", flag, yes, no, v);
    return is_yes;
}

static bool log_begin(Serve *s) {
    LogLevel level;
    if (!log_level_parse(str_of(value(s, "--log-level")), &level)) {
        s->cli.config.problem = S("--log-level must be debug, info, warning, error or off");
        return false;
    }
    log_open(STDERR_FILENO, level);
    return true;
}

static void read_metrics_from(Serve *s) {
    Str bad;
    if (!proxies_parse(str_of(value(s, "--metrics-from")), &s->metrics_from, &bad) && !s->cli.config.problem.p)
        s->cli.config.problem =
            arena_fmt(&s->cli.arena, "--metrics-from: \"%.*s\" is not an address or network", STR_ARG(bad));
}

static bool configure(Serve *s) {
    Config *c = &s->cli.config;
    int cache_kib = number(s, "--cache", 1, 4096) * 1024;
    s->program = (ProgramConfig){
        .database = cli_database(&s->cli),
        .database_read = value(s, "--database-read"),
        .data = value(s, "--data"),
        .secret = value(s, "--secret"),
        .redis = value(s, "--redis"),
        .clock_offset = config_int(c, "--clock-offset", -CLOCK_OFFSET_MAX, CLOCK_OFFSET_MAX),
        .cache_kib = cache_kib,
        .workers = number(s, "--workers", 1, 256),
        .connections = number(s, "--database-connections", 1, 1000),
        .timeout_s = DATABASE_TIMEOUT_S,
        .queue = number(s, "--queue", 1, 1000000),
        .identity_age_s = number(s, "--identity-age", 1, 86400),
        .only_one = true,
        .counts_anew = !one_of(s, "--live-counts", "on", "off"),
        .rate_limit_off = !one_of(s, "--rate-limit", "on", "off"),
        .demo = config_on(c, "--demo"),
        .open_registration = one_of(s, "--registration", "open", "closed"),
    };
    s->http = (HttpConfig){
        .listen = value(s, "--listen"),
        .io_threads = number(s, "--io-threads", 0, 64),
        .connections_max = number(s, "--connections-max", 1, 1000000),
        .connections_per_ip = number(s, "--connections-per-ip", 0, 1000000),
        .tls_cert = value(s, "--tls-cert"),
        .tls_key = value(s, "--tls-key"),
        .trusted_proxies = value(s, "--trusted-proxies"),
    };
    s->api = (ApiConfig){
        .cors_origins = value(s, "--cors-origins"),
        .statement_counts = config_on(c, "--statement-counts"),
        .metrics_from = &s->metrics_from,
        .reader_cache_kib = cache_kib / 4,
        .import_max = (size_t)number(s, "--import-max", 1, 1 << 20) << 20,
    };
    read_metrics_from(s);
    s->jobs_every = value(s, "--jobs-every") ? number(s, "--jobs-every", 0, 86400) : JOBS_OWN_PACE;
    return log_begin(s) && !c->problem.p;
}

/* --- starting --- */

static bool look_for_organizations(Ctx *c, void *arg) {
    Serve *s = arg;
    Stmt *st = db_prepare(c->db, S("SELECT count(*), count(*) FILTER (WHERE name = ?1) > 0 FROM organizations"));
    stmt_bind_text(st, 1, S(DEMO_ORGANIZATION));
    if (stmt_step(st)) {
        s->is_empty = stmt_int(st, 0) == 0;
        s->is_demo = stmt_int(st, 1) != 0;
    }
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool first_data(Serve *s) {
    Ctx c;
    program_ctx(&s->running, &c, "demo");
    if (s->program.demo && !demo_fill(&c)) {
        s->running.problem = arena_fmt(&s->running.arena, "the demo data: %.*s", STR_ARG(c.err.detail));
        return false;
    }
    if (!ctx_write(&c, look_for_organizations, s)) return false;
    if (s->program.demo && s->is_demo) s->running.app.demo_logins = demo_users;
    if (s->is_empty) identity_setup_begin(s->running.app.identity, s->setup_token);
    return true;
}

static bool start(Serve *s) {
    if (!program_open(&s->running, &s->program)) return false;
    if (!first_data(s)) return false;
    if (s->jobs_every != 0) s->importer = importer_start(&s->running.app); /* before any upload begins */
    s->its_api = api_new(&s->running.app, &s->api);
    HttpHandler handler = api_handler(s->its_api);
    s->server = http_start(&s->http, &handler, &s->running.arena, &s->running.problem);
    if (!s->server) return false;
    api_set_server(s->its_api, s->server);
    s->scheduler = scheduler_start(&s->running.app, jobs, s->jobs_every);
    s->sealer = sealer_start(&s->running.app);
    s->listener = listener_start(&s->running.app);
    s->supervised = supervised_ready(&s->running.app);
    return true;
}

static void stop(Serve *s) {
    supervised_stopping(s->supervised);
    scheduler_stop(s->scheduler);
    if (s->server) http_stop(s->server, DRAIN_SECONDS);
    importer_stop(s->importer);
    sealer_stop(s->sealer);
    listener_stop(s->listener);
    program_close(&s->running);
    if (s->its_api) api_free(s->its_api);
    arena_free(&s->running.arena);
    registry_free(s->program.registry);
}

/* --- what it says --- */

/* The address as a browser on this machine reaches it. */
static Str base_url(Serve *s) {
    Str rest, listen = str_of(s->http.listen);
    const char *scheme = s->http.tls_cert ? "https" : "http";
    size_t colon = listen.n;
    while (colon > 0 && listen.p[colon - 1] != ':') colon--;
    rest = (Str){listen.p, colon ? colon - 1 : 0};
    if (!rest.n || str_is(rest, "0.0.0.0") || str_is(rest, "*")) rest = S("127.0.0.1");
    if (str_is(rest, "[::]")) rest = S("[::1]");
    return arena_fmt(&s->cli.arena, "%s://%.*s:%d", scheme, STR_ARG(rest), http_port(s->server));
}

static void say_how_to_begin(Serve *s, Str url, Buf *out) {
    if (s->program.demo && s->is_demo)
        buf_fmt(out, "  demo       log in as %s\n             password %s\n\n", demo_logins,
                DEMO_PASSWORD);
    if (!s->is_empty) return;
    buf_fmt(out,
            "  Nobody is registered yet. Open this link in a browser to name your company and\n"
            "  become its administrator; it works once, and the next start makes another:\n\n"
            "    %.*s/#/setup?token=%s\n\n",
            STR_ARG(url), s->setup_token);
}

static void say_hello(Serve *s) {
    char folder[PATH_MAX];
    Buf out = {0};
    Str url = base_url(s);
    const char *data = realpath(s->program.data, folder) ? folder : s->program.data;
    buf_fmt(&out, "\nMillwright " MILLWRIGHT_VERSION " is ready.\n\n");
    buf_fmt(&out, "  address    %.*s\n  API docs   %.*s/docs\n  data       %s\n", STR_ARG(url),
            STR_ARG(url), data);
    if (config_get(&s->cli.config, "--database"))
        buf_fmt(&out, "  database   %s\n", cli_shown(s->program.database));
    buf_c(&out, "\n");
    say_how_to_begin(s, url, &out);
    buf_c(&out, "  Stop with Ctrl-C.\n\n");
    cli_print(&out);
    buf_free(&out);
}

/* --- running --- */

/* glibc keeps what was freed for its sixteen arenas, and takes every large
 * block that was freed once for a size to keep. A few arenas, and bodies
 * given back to the system, keep the program small after a busy hour. */
static void memory_keep_small(void) {
    mallopt(M_ARENA_MAX, 4);
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

static void signals_block(sigset_t *stops) {
    sigemptyset(stops);
    sigaddset(stops, SIGTERM);
    sigaddset(stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, stops, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void run(Serve *s, const sigset_t *stops) {
    int signal_number = 0;
    say_hello(s);
    log_event("start", LOG_INFO, "listening on port %d", http_port(s->server));
    while (sigwait(stops, &signal_number) != 0) continue;
    log_event("stop", LOG_INFO, "%s: finishing what runs", strsignal(signal_number));
    /* A second signal finds no handler and no mask: it ends the process. */
    pthread_sigmask(SIG_UNBLOCK, stops, NULL);
}

static int serve(Serve *s, const sigset_t *stops) {
    if (!configure(s)) {
        cli_complain(&s->cli, s->cli.config.problem);
        return EXIT_USAGE;
    }
    s->program.registry = cli_registry(&s->cli);
    if (!s->program.registry) return EXIT_NO;
    bool up = start(s);
    if (up)
        run(s, stops);
    else
        cli_complain(&s->cli, s->running.problem);
    stop(s);
    if (up) log_event("stop", LOG_INFO, "stopped");
    return up ? EXIT_WELL : EXIT_NO;
}

int cli_serve(int argc, char **argv) {
    sigset_t stops;
    Serve s = {0};
    int status = cli_begin(&s.cli, &usage, argc, argv);
    if (status == CLI_GO_ON && s.cli.config.n_arguments)
        status = cli_misused(&s.cli, "takes options only");
    if (status == CLI_GO_ON) {
        memory_keep_small();
        signals_block(&stops);
        status = serve(&s, &stops);
    }
    cli_end(&s.cli);
    return status;
}
