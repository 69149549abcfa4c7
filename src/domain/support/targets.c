/* Response and resolution targets of issues: hours of working time by priority,
 * from the settings, in the organization's working hours and time zone.
 *
 * The clock starts when an issue is raised, and again when it is reopened. Time
 * on hold does not count. next_due is what is still owed first: the response,
 * then the resolution; nothing while it is on hold or finished. */
#include "domain/support/internal.h"
#include "domain/support/work_hours.h"

typedef struct {
    WorkWeek week;
    int64_t response, resolution; /* seconds of working time */
} Terms;

/* The settings as they are, or as they would be when first written. */
static bool settings_load(Ctx *c, Row *out) {
    const Model *m = ctx_model(c, "system-settings");
    if (record_seek(c, m, &(Seek){"id > 0", NULL, 0}, out)) return true;
    if (c->err.kind != E_NONE) return false;
    *out = row_fresh(c, m);
    return true;
}

static int64_t target_get(Ctx *c, const Row *settings, Str priority, const char *what) {
    Str name = ctx_fmt(c, "issue_%.*s_%s_hours", STR_ARG(priority), what);
    return row_get(settings, name.p).i * 3600 / DECIMAL_SCALE;
}

static bool terms_get(Ctx *c, Str priority, Terms *out) {
    Row settings;
    if (!settings_load(c, &settings)) return false;
    work_week_read(row_get(&settings, "working_hours").s, c->zone, &out->week);
    out->response = target_get(c, &settings, priority, "response");
    out->resolution = target_get(c, &settings, priority, "resolution");
    return true;
}

static Value due_at(Ctx *c, const Terms *terms, int64_t start, int64_t seconds) {
    int64_t due;
    char text[TIME_TEXT];
    if (!work_add(&terms->week, start, seconds, &due)) return VALUE_NULL;
    time_format(due, text);
    return value_text(arena_str(c->arena, str_of(text)));
}

static bool finished(const Row *issue) {
    Str status = row_get(issue, "status").s;
    return str_is(status, "resolved") || str_is(status, "closed");
}

static bool dues_set(Ctx *c, Change *ch) {
    Terms terms;
    int64_t start = c->now;
    int64_t paused = row_get(ch->row, "paused_seconds").i;
    if (!terms_get(c, row_get(ch->row, "priority").s, &terms)) return false;
    time_parse(row_get(ch->row, "clock_started_at").s, &start);
    if (row_get(ch->row, "first_responded_at").kind == V_NULL || !ch->before)
        change_set(ch, "response_due", due_at(c, &terms, start, terms.response + paused));
    change_set(ch, "resolution_due", due_at(c, &terms, start, terms.resolution + paused));
    return true;
}

bool issue_targets_set(Ctx *c, Change *ch) {
    bool moved = change_altered(ch, "priority") || change_altered(ch, "clock_started_at") || change_altered(ch, "paused_seconds");
    if (moved && !dues_set(c, ch)) return false;
    bool stands = finished(ch->row) || row_get(ch->row, "on_hold_since").kind != V_NULL;
    bool answered = row_get(ch->row, "first_responded_at").kind != V_NULL;
    change_set(ch, "next_due", stands ? VALUE_NULL : row_get(ch->row, answered ? "resolution_due" : "response_due"));
    return true;
}

bool issue_pause_end(Ctx *c, Change *ch) {
    Terms terms;
    int64_t since;
    Value held = row_get(ch->row, "on_hold_since");
    if (held.kind == V_NULL || !time_parse(held.s, &since)) return true;
    if (!terms_get(c, row_get(ch->row, "priority").s, &terms)) return false;
    int64_t paused = row_get(ch->row, "paused_seconds").i + work_between(&terms.week, since, c->now);
    change_set(ch, "paused_seconds", value_int(paused));
    change_set(ch, "on_hold_since", VALUE_NULL);
    return true;
}
