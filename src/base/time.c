/* Time, dates and zones; see time.h. Calendar arithmetic counts days since
 * 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-
 * Compatible Low-Level Date Algorithms"). */
#include "base/time.h"

#include <assert.h>
#include <time.h>

/* glib.h pulls in galloca.h, which names the banned alloca. */
#define __G_ALLOCA_H__
#include <glib.h>

#define DAY       86400
#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY  2932896   /* 9999-12-31 */

typedef struct {
    int year, month, day;
} Date;

static int64_t system_ns(clockid_t id) {
    struct timespec now;
    int rc = clock_gettime(id, &now);
    assert(rc == 0);
    (void)rc;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_now(const Clock *c) { return system_ns(CLOCK_REALTIME) / 1000000000 + c->offset; }

int64_t clock_now_ms(const Clock *c) { return system_ns(CLOCK_REALTIME) / 1000000 + c->offset * 1000; }

int64_t monotonic_us(void) { return system_ns(CLOCK_MONOTONIC) / 1000; }

static int64_t days_of(Date d) {
    /* Years start in March, so that the leap day is the last of its year. */
    int64_t year = d.month <= 2 ? d.year - 1 : d.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Of a day in range: then nothing is negative. */
static Date date_of(int64_t days) {
    assert(days >= FIRST_DAY && days <= LAST_DAY);
    uint32_t from_start = (uint32_t)(days + 719468); /* since 0000-03-01 */
    uint32_t era = from_start / 146097, day_of_era = from_start % 146097;
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;
    uint32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (Date){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = (int)month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static int64_t clamp(int64_t v, int64_t least, int64_t most) {
    return v < least ? least : v > most ? most : v;
}

/* Rounds down, also before 1970. */
static int64_t day_of(int64_t t) { return (t >= 0 ? t : t - (DAY - 1)) / DAY; }

/* Two digits, then `behind`. */
static inline char *put_two(char *w, unsigned v, char behind) {
    w[0] = (char)('0' + v / 10);
    w[1] = (char)('0' + v % 10);
    w[2] = behind;
    return w + 3;
}

static char *put_date(char *w, int64_t days, char behind) {
    Date d = date_of(days);
    put_two(w, (unsigned)d.year / 100, '\0');
    w = put_two(w + 2, (unsigned)d.year % 100, '-');
    w = put_two(w, (unsigned)d.month, '-');
    return put_two(w, (unsigned)d.day, behind);
}

void time_format(int64_t t, char out[TIME_TEXT]) {
    t = clamp(t, (int64_t)FIRST_DAY * DAY, (int64_t)LAST_DAY * DAY + DAY - 1);
    int64_t day = day_of(t);
    unsigned second = (unsigned)(t - day * DAY);
    char *w = put_date(out, day, 'T');
    w = put_two(w, second / 3600, ':');
    w = put_two(w, second / 60 % 60, ':');
    w = put_two(w, second % 60, 'Z');
    *w = '\0';
}

/* Takes exactly `width` digits off the front of *s. */
static bool take_number(Str *s, size_t width, int *out) {
    if (s->n < width) return false;
    int v = 0;
    for (size_t i = 0; i < width; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = (Str){s->p + width, s->n - width};
    *out = v;
    return true;
}

/* Takes one of the characters in `any` off the front of *s. */
static bool take_char(Str *s, const char *any) {
    if (s->n == 0 || s->p[0] == '\0' || !strchr(any, s->p[0])) return false;
    *s = (Str){s->p + 1, s->n - 1};
    return true;
}

static bool take_date(Str *s, int64_t *days) {
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    Date d;
    if (!take_number(s, 4, &d.year) || !take_char(s, "-") || !take_number(s, 2, &d.month) ||
        !take_char(s, "-") || !take_number(s, 2, &d.day))
        return false;
    if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1) return false;
    bool leap = d.year % 4 == 0 && (d.year % 100 != 0 || d.year % 400 == 0);
    if (d.day > month_days[d.month - 1] + (d.month == 2 && leap)) return false;
    *days = days_of(d);
    return true;
}

/* hh:mm in seconds; below 24 hours. */
static bool take_hour_minute(Str *s, int *seconds) {
    int hour, minute;
    if (!take_number(s, 2, &hour) || !take_char(s, ":") || !take_number(s, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    *seconds = hour * 3600 + minute * 60;
    return true;
}

static bool take_fraction(Str *s) {
    int digit;
    if (!take_char(s, ".")) return true;
    if (!take_number(s, 1, &digit)) return false;
    while (take_number(s, 1, &digit)) continue;
    return true;
}

/* Nothing, 'Z' or ±hh:mm; seconds east of UTC. */
static bool take_offset(Str *s, int *east) {
    *east = 0;
    if (s->n == 0 || take_char(s, "Zz")) return true;
    int sign = s->p[0] == '-' ? -1 : 1;
    if (!take_char(s, "+-") || !take_hour_minute(s, east)) return false;
    *east *= sign;
    return true;
}

bool time_parse(Str s, int64_t *out) {
    int64_t days;
    int of_day, second, east;
    if (!take_date(&s, &days) || !take_char(&s, "Tt ") || !take_hour_minute(&s, &of_day) ||
        !take_char(&s, ":") || !take_number(&s, 2, &second) || second > 59 || !take_fraction(&s) ||
        !take_offset(&s, &east) || s.n > 0)
        return false;
    int64_t t = days * DAY + of_day + second - east;
    if (t < (int64_t)FIRST_DAY * DAY || t >= ((int64_t)LAST_DAY + 1) * DAY) return false;
    *out = t;
    return true;
}

bool date_valid(Str s) {
    int64_t days;
    return take_date(&s, &days) && s.n == 0;
}

bool date_add_days(Str date, int days, char out[DATE_TEXT]) {
    int64_t from;
    if (!take_date(&date, &from) || date.n > 0) return false;
    if (from + days < FIRST_DAY || from + days > LAST_DAY) return false;
    put_date(out, from + days, '\0');
    return true;
}

void month_first(const char *date, int months, char out[DATE_TEXT]) {
    int64_t year = 0, month = 0;
    str_to_int((Str){date, 4}, &year);
    str_to_int((Str){date + 5, 2}, &month);
    int64_t all = year * 12 + month - 1 + months;
    put_date(out, days_of((Date){(int)(all / 12), (int)(all % 12) + 1, 1}), '\0');
}

/* IANA names only: GLib also takes POSIX rules ("ABC5"), offsets and paths,
 * and "right/…" counts leap seconds. A rule has a digit and no region before
 * it; all regions begin with a capital. */
static bool zone_name_plain(const char *zone) {
    if (!zone || !g_ascii_isupper(zone[0]) || strlen(zone) > 64) return false;
    bool region = strchr(zone, '/') != NULL;
    for (const char *p = zone; *p; p++)
        if (!g_ascii_isalpha(*p) && !strchr("/_-", *p) && !(region && (g_ascii_isdigit(*p) || *p == '+')))
            return false;
    return true;
}

/* NULL when unknown. GLib keeps a zone for as long as somebody holds it, and
 * reading one takes 100 µs: so the reference is kept on purpose, which makes
 * GLib's table of zones the cache (a few hundred entries at most). */
static GTimeZone *zone_find(const char *zone) {
    return zone_name_plain(zone) ? g_time_zone_new_identifier(zone) : NULL;
}

bool zone_valid(const char *zone) { return zone_find(zone) != NULL; }

static int64_t seconds_east(int64_t t, const char *zone) {
    GTimeZone *tz = zone_find(zone);
    int interval = tz ? g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, t) : -1;
    return interval >= 0 ? g_time_zone_get_offset(tz, interval) : 0;
}

static int64_t in_range(int64_t t) { return clamp(t, (int64_t)FIRST_DAY * DAY, (int64_t)LAST_DAY * DAY + DAY - 1); }

void date_in_zone(int64_t t, const char *zone, char out[DATE_TEXT]) {
    t = in_range(t);
    put_date(out, clamp(day_of(t + seconds_east(t, zone)), FIRST_DAY, LAST_DAY), '\0');
}

void minute_in_zone(int64_t t, const char *zone, char out[MINUTE_TEXT]) {
    char text[TIME_TEXT];
    t = in_range(t);
    time_format(in_range(t + seconds_east(t, zone)), text);
    memcpy(out, text, MINUTE_TEXT - 1);
    out[10] = ' ';
    out[MINUTE_TEXT - 1] = '\0';
}

int64_t date_start(Str date, const char *zone) {
    int64_t days = 0;
    char there[DATE_TEXT], wanted[DATE_TEXT];
    bool ok = take_date(&date, &days);
    assert(ok && date.n == 0);
    (void)ok;
    put_date(wanted, days, '\0');
    /* Zones are at most 14 hours ahead of UTC and 12 behind it. */
    int64_t before = days * DAY - DAY, at = days * DAY + DAY;
    while (at - before > 1) {
        int64_t middle = before + (at - before) / 2;
        date_in_zone(middle, zone, there);
        if (strcmp(there, wanted) < 0)
            before = middle;
        else
            at = middle;
    }
    return at;
}

int64_t time_in_zone(Str date, int seconds, const char *zone) {
    int64_t days = 0;
    bool ok = take_date(&date, &days);
    assert(ok && date.n == 0);
    (void)ok;
    gint64 local = days * DAY + seconds;
    GTimeZone *tz = zone_find(zone);
    if (!tz) return local;
    int interval = g_time_zone_adjust_time(tz, G_TIME_TYPE_DAYLIGHT, &local);
    return local - g_time_zone_get_offset(tz, interval);
}

int64_t date_end_in_zone(Str date, const char *zone) {
    char next[DATE_TEXT];
    if (!date_add_days(date, 1, next)) return (int64_t)(LAST_DAY + 1) * DAY - 1;
    return date_start(str_of(next), zone) - 1;
}
