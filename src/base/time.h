/* Time: Unix seconds in C, UTC text outside ("2026-01-15T08:30:00Z"), plain
 * dates ("2026-01-15"). Zones are IANA names, resolved by GLib. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/str.h"

#define TIME_TEXT 21 /* with NUL */
#define DATE_TEXT 11

/* The clock is injectable: `offset` is added to the system's. */
typedef struct {
    int64_t offset;
} Clock;

int64_t clock_now(const Clock *c);    /* Unix seconds */
int64_t clock_now_ms(const Clock *c); /* Unix milliseconds */
int64_t monotonic_us(void);           /* for durations only */
void time_format(int64_t t, char out[TIME_TEXT]);
/* RFC 3339: date, 'T' or space, time, optional fraction (dropped), 'Z' or
 * ±hh:mm; without an offset the time is taken as UTC. Years 1 to 9999. */
bool time_parse(Str s, int64_t *out);
bool date_valid(Str s); /* YYYY-MM-DD, a day that exists */
bool date_add_days(Str date, int days, char out[DATE_TEXT]);
/* The first of the month that is so many months behind (or before) a valid date's. */
void month_first(const char *date, int months, char out[DATE_TEXT]);
/* The date at instant t in `zone`; an unknown zone counts as UTC. */
void date_in_zone(int64_t t, const char *zone, char out[DATE_TEXT]);
/* The same with the time of day: "2026-01-15 08:30". */
#define MINUTE_TEXT 17
void minute_in_zone(int64_t t, const char *zone, char out[MINUTE_TEXT]);
/* The first instant of a valid date in `zone`; of a day that the zone skipped,
 * the first of the next one. */
int64_t date_start(Str date, const char *zone);
/* The instant at which the clocks of `zone` show `seconds` after the midnight
 * of a valid date; the first of two, and of a time that they skip the next. */
int64_t time_in_zone(Str date, int seconds, const char *zone);
int64_t date_end_in_zone(Str date, const char *zone); /* its last second */
bool zone_valid(const char *zone);

#endif
