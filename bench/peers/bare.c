/* The machine's limit: libmicrohttpd with nothing behind it, set up as Millwright sets it up.
 *
 *     bare PORT             every GET answers the same 400 bytes of JSON
 *     bare PORT FILE ROWS   GET /…/ID selects the row ID from a new SQLite database and prints it
 *
 * No token, no tenant, no routing, no log: what is left of a request when a server adds nothing to it.
 * It listens on 127.0.0.1 and ends on SIGTERM. Compiled by bench/run. */

#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER 400
#define FAIL(what) (fprintf(stderr, "bare: %s\n", what), exit(1))

static const char *database;
static _Thread_local sqlite3_stmt *find;

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
    "CREATE TABLE work_order (organization_id INTEGER NOT NULL, id INTEGER PRIMARY KEY, number TEXT, name TEXT,"
    "  quantity INTEGER, client TEXT, description TEXT, due TEXT, priority INTEGER, status INTEGER);"
    "BEGIN;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %lld)"
    "  INSERT INTO work_order SELECT 1, i, printf('WO-%%06d', i), printf('Bracket %%07d', i), i %% 500, 'Client Ltd',"
    "  'Cut, weld and finish as drawing, revision 4.', '2026-01-15', i %% 4, i %% 7 FROM n;"
    "COMMIT;";

static void fill(long long rows)
{
    sqlite3 *db;
    char *sql = sqlite3_mprintf(schema, rows);
    if (sqlite3_open(database, &db) || sqlite3_exec(db, sql, NULL, NULL, NULL)) FAIL("cannot fill the database");
    sqlite3_free(sql);
    sqlite3_close(db);
}

static sqlite3_stmt *statement(void)
{
    sqlite3 *db;
    if (find) return find;
    if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)) FAIL("cannot open");
    if (sqlite3_prepare_v2(db, "SELECT * FROM work_order WHERE organization_id = 1 AND id = ?", -1, &find, NULL))
        FAIL("cannot prepare");
    return find;
}

static size_t print_row(char *to, size_t size, long long id)
{
    sqlite3_stmt *s = statement();
    size_t n = 0;
    sqlite3_bind_int64(s, 1, id);
    if (sqlite3_step(s) == SQLITE_ROW) {
        for (int i = 1; i < 10 && n < size; i++)
            n += (size_t)snprintf(to + n, size - n, "%s\"%s\":\"%s\"", i == 1 ? "{" : ",", sqlite3_column_name(s, i),
                                  (const char *)sqlite3_column_text(s, i));
        if (n < size - 1) to[n++] = '}';
    }
    sqlite3_reset(s);
    return n < size ? n : size;
}

static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **seen)
{
    (void)unused, (void)method, (void)version, (void)data, (void)size;
    if (!*seen) {
        *seen = connection;
        return MHD_YES;
    }
    char body[1024];
    size_t length = ANSWER;
    if (database) {
        const char *slash = strrchr(url, '/');
        length = print_row(body, sizeof body, slash ? atoll(slash + 1) : 0);
    } else {
        memset(body, 'x', length);
        memcpy(body, "{\"a\":\"", 6);
        memcpy(body + length - 2, "\"}", 2);
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, length ? 200 : 404, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) FAIL("usage: bare PORT [FILE ROWS]");
    if (argc == 4) {
        database = argv[2];
        fill(atoll(argv[3]));
    }
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &here,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)cores, MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_END);
    if (!daemon) FAIL("cannot listen");
    sigset_t wait;
    int signal;
    sigemptyset(&wait);
    sigaddset(&wait, SIGTERM);
    sigprocmask(SIG_BLOCK, &wait, NULL);
    sigwait(&wait, &signal);
    MHD_stop_daemon(daemon);
    return 0;
}
