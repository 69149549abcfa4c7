/* Working hours: {"monday": {"from": "09:00", "to": "17:00"}, "sunday": null}.
 * A day that is left out or null is free; `to` before `from` is after midnight. */
#include <jansson.h>

#include "domain/system/internal.h"

#define NAME_SHOWN 40 /* bytes of a client's own name that are repeated to it */

static bool is_weekday(Str name) {
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (str_is(name, days[i])) return true;
    return false;
}

static bool is_clock(const json_t *v) {
    if (!json_is_string(v) || json_string_length(v) != 5) return false;
    const char *s = json_string_value(v);
    int at[] = {0, 1, 3, 4};
    for (size_t i = 0; i < 4; i++)
        if (s[at[i]] < '0' || s[at[i]] > '9') return false;
    int hour = (s[0] - '0') * 10 + s[1] - '0', minute = (s[3] - '0') * 10 + s[4] - '0';
    return s[2] == ':' && hour < 24 && minute < 60;
}

static void clock_check(Ctx *c, Str day, json_t *hours, const char *which) {
    if (!is_clock(json_object_get(hours, which)))
        error_issue(&c->err, ctx_fmt(c, "%.*s.%s", STR_ARG(day), which), "format", "must be a time like \"09:00\"");
}

static void day_check(Ctx *c, Str day, json_t *hours) {
    if (json_is_null(hours)) return;
    if (!json_is_object(hours)) {
        error_issue(&c->err, day, "type", "must be {\"from\": \"09:00\", \"to\": \"17:00\"}, or null for a free day");
        return;
    }
    json_t *from = json_object_get(hours, "from"), *to = json_object_get(hours, "to");
    clock_check(c, day, hours, "from");
    clock_check(c, day, hours, "to");
    if (json_object_size(hours) > (size_t)(from != NULL) + (to != NULL))
        error_issue(&c->err, day, "unknown_field", "has no members but from and to");
    if (is_clock(from) && is_clock(to) && json_equal(from, to))
        error_issue(&c->err, day, "range", "must not begin and end at the same time");
}

/* The end of a client's name is cut between characters. */
static Str shown(Str name) {
    if (name.n <= NAME_SHOWN) return name;
    name.n = NAME_SHOWN;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0) == 0x80) name.n--;
    return name;
}

bool working_hours_check(Ctx *c, const char *field, Str json) {
    const char *key;
    json_t *hours, *days = json_loadb(json.p, json.n, 0, NULL);
    int before = c->err.n_issues;
    json_object_foreach(days, key, hours) {
        Str path = ctx_fmt(c, "%s.%.*s", field, STR_ARG(shown(str_of(key))));
        if (is_weekday(str_of(key)))
            day_check(c, path, hours);
        else
            error_issue(&c->err, path, "unknown_field", "is no day of the week, monday to sunday");
    }
    json_decref(days);
    return c->err.n_issues == before;
}
