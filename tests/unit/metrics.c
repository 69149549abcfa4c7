/* Counters: what is recorded, from several threads, is what is printed. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "api/metrics.h"
#include "tiny.h"

#define THREADS 4
#define EACH    300000 /* long enough to overlap */

static Registry *registry;
static Metrics *metrics;
static pthread_barrier_t start;

static void *record(void *arg) {
    const Model *vendors = registry_model(registry, "vendors");
    (void)arg;
    pthread_barrier_wait(&start);
    for (int i = 0; i < EACH; i++) {
        metrics_record(metrics, vendors, "list", i % 2 ? 200 : 404, i % 3 ? 90 : 3000);
        metrics_record(metrics, NULL, "page", 200, 20 * 1000000);
    }
    return NULL;
}

static Buf printed(void) {
    App app = {.registry = registry, .dialect = &db_sqlite.dialect};
    Buf out = {0};
    metrics_write(metrics, &app, NULL, &out);
    return out;
}

static void has_line(Buf *out, const char *line) {
    const char *found = strstr(buf_c_str(out), line);
    if (!found || found[strlen(line)] != '\n') print_error("no line %s in\n%s", line, buf_c_str(out));
    assert_true(found && found[strlen(line)] == '\n');
}

static void nothing_recorded_is_lost(void **state) {
    pthread_t threads[THREADS];
    (void)state;
    registry = tiny_registry(NULL);
    metrics = metrics_new(registry);
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, record, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    Buf out = printed();
    has_line(&out, "millwright_requests_total{resource=\"vendors\",verb=\"list\",status=\"404\"} 600000");
    has_line(&out, "millwright_requests_total{resource=\"\",verb=\"page\",status=\"200\"} 1200000");
#define LIST "{resource=\"vendors\",verb=\"list\""
    has_line(&out, "millwright_request_duration_seconds_bucket" LIST ",le=\"0.0001\"} 800000");
    has_line(&out, "millwright_request_duration_seconds_bucket" LIST ",le=\"0.0025\"} 800000");
    has_line(&out, "millwright_request_duration_seconds_bucket" LIST ",le=\"0.005\"} 1200000");
    has_line(&out, "millwright_request_duration_seconds_count" LIST "} 1200000");
    has_line(&out, "millwright_request_duration_seconds_sum" LIST "} 1272.000000");
    has_line(&out, "millwright_request_duration_seconds_bucket{resource=\"\",verb=\"page\",le=\"10\"} 0");
    has_line(&out,
             "millwright_request_duration_seconds_bucket{resource=\"\",verb=\"page\",le=\"+Inf\"} 1200000");
    assert_null(strstr(buf_c_str(&out), "resource=\"users\""));
    buf_free(&out);
    metrics_free(metrics);
    registry_free(registry);
}

static void any_status_and_any_number_of_verbs_are_counted(void **state) {
    static char verbs[40][16];
    (void)state;
    registry = tiny_registry(NULL);
    metrics = metrics_new(registry);
    for (int i = 0; i < 40; i++) {
        snprintf(verbs[i], sizeof verbs[i], "v%d", i);
        metrics_record(metrics, NULL, verbs[i], 200, 1);
    }
    metrics_record(metrics, NULL, "v0", 799, 1);
    metrics_record(metrics, NULL, "v0", -5, 1);
    Buf out = printed();
    has_line(&out, "millwright_requests_total{resource=\"\",verb=\"v0\",status=\"200\"} 1");
    has_line(&out, "millwright_requests_total{resource=\"\",verb=\"v0\",status=\"0\"} 2");
    has_line(&out, "millwright_requests_total{resource=\"\",verb=\"v23\",status=\"200\"} 17");
    buf_free(&out);
    metrics_free(metrics);
    registry_free(registry);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_recorded_is_lost),
        cmocka_unit_test(any_status_and_any_number_of_verbs_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
