/* Working hours; see work_hours.h. Days are gone through in the zone's calendar
 * and their hours taken to UTC one by one, so that a day on which the clocks
 * change has the length it really has. A night shift belongs to the day on
 * which it begins; where it meets the next day's hours they count once. */
#include "domain/support/work_hours.h"

#include <jansson.h>

#include "base/time.h"

#define DAY       86400
#define DAYS_MAX  3660
#define MONDAY_OF 3 /* 1970-01-01 was a Thursday */

static int clock_read(json_t *hours, const char *which) {
    const char *s = json_string_value(json_object_get(hours, which));
    if (!s || strlen(s) != 5) return -1;
    return ((s[0] - '0') * 10 + s[1] - '0') * 3600 + ((s[3] - '0') * 10 + s[4] - '0') * 60;
}

static WorkDay day_read(json_t *hours) {
    WorkDay day = {clock_read(hours, "from"), clock_read(hours, "to")};
    if (day.from < 0 || day.to < 0) return (WorkDay){0, 0};
    if (day.to < day.from) day.to += DAY;
    return day;
}

void work_week_read(Str json, const char *zone, WorkWeek *out) {
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    json_t *week = json.n ? json_loadb(json.p, json.n, 0, NULL) : NULL;
    *out = (WorkWeek){.always = true, .zone = zone};
    for (int i = 0; i < 7; i++) {
        out->days[i] = day_read(json_object_get(week, names[i]));
        if (out->days[i].from != out->days[i].to) out->always = false;
    }
    json_decref(week);
}

/* Going through the days of the week from the one before an instant, because
 * its night shift may still be on. */
typedef struct {
    const WorkWeek *week;
    char date[DATE_TEXT];
    int weekday;
    int64_t done; /* what lies before was counted */
} Walk;

typedef struct {
    int64_t open, close;
} Hours;

static Walk walk_begin(const WorkWeek *w, int64_t start) {
    Walk walk = {.week = w, .done = start};
    char today[DATE_TEXT];
    date_in_zone(start, w->zone, today);
    if (!date_add_days(str_of(today), -1, walk.date)) memcpy(walk.date, today, sizeof today);
    int64_t days = date_start(str_of(walk.date), "UTC") / DAY;
    walk.weekday = (int)(((days + MONDAY_OF) % 7 + 7) % 7);
    return walk;
}

/* The hours of the walk's day that were not counted yet. */
static Hours walk_step(Walk *walk) {
    const WorkDay *day = &walk->week->days[walk->weekday];
    Hours h = {time_in_zone(str_of(walk->date), day->from, walk->week->zone),
               time_in_zone(str_of(walk->date), day->to, walk->week->zone)};
    if (h.open < walk->done) h.open = walk->done;
    if (h.close < h.open || day->from == day->to) h.close = h.open;
    if (h.close > h.open) walk->done = h.close;
    char next[DATE_TEXT];
    if (date_add_days(str_of(walk->date), 1, next)) memcpy(walk->date, next, sizeof next);
    walk->weekday = (walk->weekday + 1) % 7;
    return h;
}

bool work_add(const WorkWeek *w, int64_t start, int64_t seconds, int64_t *out) {
    *out = start + seconds;
    if (w->always) return true;
    Walk walk = walk_begin(w, start);
    for (int i = 0; i < DAYS_MAX; i++) {
        Hours h = walk_step(&walk);
        int64_t open = h.close - h.open;
        *out = h.open + seconds;
        if (open > 0 && seconds <= open) return true;
        seconds -= open;
    }
    return false;
}

int64_t work_between(const WorkWeek *w, int64_t from, int64_t to) {
    if (to <= from) return 0;
    if (w->always) return to - from;
    Walk walk = walk_begin(w, from);
    int64_t sum = 0;
    for (int i = 0; i < DAYS_MAX; i++) {
        Hours h = walk_step(&walk);
        if (h.open >= to && h.close > h.open) break;
        if (h.close > to) h.close = to;
        if (h.close > h.open) sum += h.close - h.open;
    }
    return sum;
}
