/* See demo_act.h. The clock of the request is set to the moment that is told,
 * so that numbers, journal and created_at are of that day. */
#include "app/demo_act.h"

#include "app/demo.h"
#include "base/log.h"

#define DAY_S    86400
#define OPENS_AT (8 * 60 + 40) /* minutes after midnight */
#define LAST     (20 * 60)

/* --- the calendar --- */

static void clock_set(Demo *d) {
    Ctx *c = d->c;
    int64_t t = d->midnight - (int64_t)d->ago * DAY_S + (int64_t)d->minute * 60;
    c->now = t < d->real_now ? t : d->real_now; /* today is not over yet */
    time_format(c->now, c->now_text);
    ctx_set_zone(c, DEMO_ZONE);
}

void demo_morning(Demo *d, int ago) {
    d->ago = ago;
    d->minute = OPENS_AT;
    clock_set(d);
}

static void later(Demo *d) {
    if (d->minute < LAST) d->minute += 1 + d->minute % 7;
    clock_set(d);
}

json_t *demo_day(const Demo *d, int days) {
    char text[DATE_TEXT];
    date_add_days((Str){d->c->today, DATE_TEXT - 1}, days, text);
    return json_string(text);
}

json_t *demo_time(const Demo *d, int days, int hour) {
    char text[TIME_TEXT];
    time_format(d->midnight + (int64_t)(days - d->ago) * DAY_S + (int64_t)hour * 3600, text);
    return json_string(text);
}

/* --- who --- */

int64_t demo_user(const Demo *d, const char *username) {
    for (size_t i = 0; i < demo_users_n; i++)
        if (strcmp(demo_users[i].username, username) == 0) return d->users[i];
    return 0;
}

void demo_act_as(Demo *d, const char *username) {
    d->c->user_id = demo_user(d, username);
    d->c->username = str_of(username);
}

/* --- what --- */

static bool told(Demo *d, const char *resource, const char *what, bool ok) {
    const Ctx *c = d->c;
    const Issue *issue = c->err.issues;
    if (ok) return true;
    log_event("demo", LOG_ERROR, "%s of %s, %d days ago: %.*s %.*s %.*s", what, resource, d->ago, STR_ARG(c->err.detail),
              STR_ARG(issue ? issue->field : STR_NONE), STR_ARG(issue ? issue->message : STR_NONE));
    return false;
}

bool demo_make(Demo *d, const char *resource, json_t *object, Row *row) {
    Ctx *c = d->c;
    const Model *m = ctx_model(c, resource);
    Input in;
    later(d);
    bool ok = object && input_read(c, &m->views[0], object, INPUT_CREATE, &in) && record_create(c, m, &in, row);
    json_decref(object);
    return told(d, resource, "creation", ok);
}

int64_t demo_create(Demo *d, const char *resource, json_t *object) {
    Row row;
    return demo_make(d, resource, object, &row) ? row.values[row.model->id].i : 0;
}

bool demo_act(Demo *d, const char *resource, int64_t id, const char *action, json_t *body) {
    Ctx *c = d->c;
    const Model *m = ctx_model(c, resource);
    int at;
    Row row;
    Call call = {.view = &m->views[0], .id = id, .action = model_action(m, str_of(action), &at)};
    later(d);
    bool ok = input_read_call(c, body, &call) && (call.action->run ? call.action->run(c, &call) : record_act(c, m, &call, &row));
    json_decref(body);
    buf_reset(c->body);
    c->out = js_to(c->body);
    return told(d, resource, action, ok);
}

bool demo_load(Demo *d, const char *resource, int64_t id, Row *row) {
    return told(d, resource, "reading", record_load(d->c, ctx_model(d->c, resource), id, row));
}

/* --- figures --- */

json_t *demo_amount(double v) {
    char text[32];
    snprintf(text, sizeof text, "%.2f", v);
    return json_string(text);
}

json_t *demo_decimal(Decimal v) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(v, text);
    return json_string(text);
}

int demo_pick(int seed, int from, int to) {
    uint32_t h = (uint32_t)seed * 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return from + (int)(h % (uint32_t)(to - from + 1));
}

int demo_ago(int i, int n) {
    int back = n - 1 - i;
    int days = (back * 120 + back * back * 220 / n) / n + demo_pick(i + n, 0, 3);
    return days < DEMO_DAYS - 5 ? days : DEMO_DAYS - 5;
}

/* --- lives --- */

bool demo_live(Demo *d, const DemoLives *l) {
    for (int i = 0; i < l->n; i++) {
        DemoDoc *doc = &l->docs[i];
        while (doc->step != DEMO_OVER && l->after[doc->step] >= 0 && demo_ago(i, l->n) - l->after[doc->step] >= d->ago) {
            int step = doc->step;
            if (!l->step(d, i, doc)) return false;
            if (doc->step == step) doc->step++;
        }
    }
    return true;
}
