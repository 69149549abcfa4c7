/* Activities: calls, e-mails, messages, meetings, tasks and notes, about a
 * customer, lead or deal, or any other record.
 *
 *   scheduled ──start──▶ in_progress ──complete──▶ completed
 *   scheduled, in_progress ──complete, cancel──▶ completed, cancelled ──reopen──▶ scheduled
 *
 * A note is born completed. due_at is when an open one is due: when it is
 * scheduled, or at the end of its due date in the organization's time zone.
 *
 * Invariants: fields of another type are never set; completed_at and
 * completed_by are set if and only if it is completed, as cancelled_at if
 * cancelled; it is reminded of once. */
#include "domain/crm/internal.h"
#include "domain/system/system.h"
#include "model/query.h"
#include "model/timeline.h"
#include "model/type.h"

enum { SCHEDULED, IN_PROGRESS, COMPLETED, CANCELLED };
static const Choice states[] = {{"scheduled", "planned"}, {"in_progress"}, {"completed", "done"}, {"cancelled", "canceled"}, {0}};
enum { CALL, EMAIL, TELEGRAM, MEETING, TASK, NOTE, N_TYPES };
static const Choice types[] = {{"call"}, {"email"}, {"telegram"}, {"meeting"}, {"task"}, {"note"}, {0}};
static const Choice priorities[] = {{"low"}, {"medium"}, {"high"}, {"urgent"}, {0}};

static const Field fields[] = {
    {"activity_type", &T_ENUM, F_REQUIRED | F_FILTER, .choices = types, .also = "type", .example = "\"call\""},
    {"title", &T_TEXT, F_REQUIRED | F_SEARCH, .also = "subject", .example = "\"Talk about the night shift\""},
    {"description", &T_LONG_TEXT, F_SEARCH, .also = "notes,content"},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "scheduled"},
    {"priority", &T_ENUM, F_FILTER, .choices = priorities, .fallback = "medium", .also = "task_priority"},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers"},
    {"customer_name", &T_TEXT, F_READONLY | F_SEARCH, .help = "the customer's, else the lead's, as it was then"},
    {"lead_id", &T_REF, F_FILTER, .ref = "leads"},
    {"deal_id", &T_REF, F_FILTER, .ref = "deals"},
    {"resource", &T_TEXT, F_FILTER | F_UNINDEXED | F_SPECIAL, .max_length = 64,
     .help = "with record_id: another record that it is about, such as sales-orders 7"},
    {"record_id", &T_ID, F_FILTER | F_UNINDEXED | F_SPECIAL},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .fallback = "me", .help = "who does it; who makes it when left out"},
    {"scheduled_at", &T_TIME, F_FILTER | F_SORT, .also = "start_at", .example = "\"2099-01-15T08:30:00Z\""},
    {"due_date", &T_DATE, F_FILTER | F_SPECIAL, .also = "task_due_date", .help = "of a task", .example = "\"2099-01-31\""},
    {"due_at", &T_TIME, F_READONLY | F_FILTER | F_SORT, .help = "while it is open: when it is due"},
    {"reminder_at", &T_TIME, 0, .also = "remind_at", .help = "when who does it wants to be told", .example = "\"2099-01-15T08:00:00Z\""},
    {"reminded_at", &T_TIME, F_READONLY | F_DERIVED},
    {"reminder_due", &T_TIME, F_READONLY | F_HIDDEN | F_FILTER, .help = "reminder_at until it was told"},
    {"duration_minutes", &T_INT, 0, .min = "0", .max = "100000", .help = "of a call or meeting", .example = "30"},
    {"phone_number", &T_TEXT, 0, .max_length = 32, .help = "of a call", .example = "\"+91 98250 11223\""},
    {"call_duration", &T_INT, 0, .min = "0", .max = "1000000", .help = "of a call, in seconds", .example = "240"},
    {"call_recording_url", &T_TEXT, 0, .max_length = 500, .help = "of a call", .example = "\"https://calls.example/7\""},
    {"email_subject", &T_TEXT, F_SPECIAL, .help = "of an email", .example = "\"Our offer\""},
    {"email_body", &T_LONG_TEXT, F_SPECIAL, .help = "of an email"},
    {"email_attachments", &T_JSON, F_SPECIAL, .help = "of an email", .example = "[\"offer.pdf\"]"},
    {"telegram_username", &T_TEXT, F_SPECIAL, .max_length = 64, .help = "of a telegram message", .example = "\"ann_mason\""},
    {"telegram_chat_id", &T_TEXT, F_SPECIAL, .max_length = 64, .help = "of a telegram message", .example = "\"200100\""},
    {"meeting_location", &T_TEXT, F_SPECIAL, .help = "of a meeting", .example = "\"Room 2\""},
    {"meeting_url", &T_TEXT, F_SPECIAL, .max_length = 500, .help = "of a meeting", .example = "\"https://meet.example/7\""},
    {"attendees", &T_JSON, F_SPECIAL, .help = "of a meeting", .example = "[\"ann@meridian.example\"]"},
    {"is_pinned", &T_BOOL, F_FILTER, .fallback = "false"},
    {"outcome", &T_LONG_TEXT, F_SEARCH | F_SPECIAL, .help = "what came of it"},
    {"completed_at", &T_TIME, F_READONLY | F_FILTER | F_SORT},
    {"completed_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users"},
    {"cancelled_at", &T_TIME, F_READONLY},
    {"cancelled_by", &T_REF, F_READONLY | F_UNINDEXED, .ref = "users"},
};

/* The fields that not every type has, and which types have them. */
static const struct {
    const char *field;
    unsigned types;
} own_fields[] = {
    {"due_date", IN(TASK)},
    {"duration_minutes", IN(CALL) | IN(MEETING)},
    {"phone_number", IN(CALL)},
    {"call_duration", IN(CALL)},
    {"call_recording_url", IN(CALL)},
    {"email_subject", IN(EMAIL)},
    {"email_body", IN(EMAIL)},
    {"email_attachments", IN(EMAIL)},
    {"telegram_username", IN(TELEGRAM)},
    {"telegram_chat_id", IN(TELEGRAM)},
    {"meeting_location", IN(MEETING)},
    {"meeting_url", IN(MEETING)},
    {"attendees", IN(MEETING)},
    {"scheduled_at", ~IN(NOTE)},
    {"reminder_at", ~IN(NOTE)},
};

static const char *const indexes[] = {"resource,record_id", BY_TIME, NULL};
static const char *const checks[] = {
    "(status = 'completed') = (completed_at IS NOT NULL)", "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
    "activity_type <> 'note' OR status = 'completed'", "(resource IS NULL) = (record_id IS NULL)", NULL,
};

static int type_of(const Row *row) {
    return choice_index(model_field(row->model, "activity_type"), row_get(row, "activity_type").s);
}

static bool is(const Row *row, int state) { return str_is(row_get(row, "status").s, states[state].name); }
static bool is_open(const Row *row) { return is(row, SCHEDULED) || is(row, IN_PROGRESS); }

/* --- rules --- */

static void types_check(Ctx *c, const Row *row) {
    int type = type_of(row);
    for (size_t i = 0; i < sizeof own_fields / sizeof *own_fields; i++) {
        const char *field = own_fields[i].field;
        if (!is_null(row, field) && !(own_fields[i].types & IN(type)))
            error_issue(&c->err, str_of(field), "type", "is no field of a %s", types[type].name);
    }
}

static void note_settle(Ctx *c, Change *ch) {
    if (type_of(ch->row) != NOTE || is(ch->row, COMPLETED)) return;
    if (ch->before || !is(ch->row, SCHEDULED))
        bad(c, "status", "note", "of a note is always completed");
    else
        change_set(ch, "status", value_text(str_of(states[COMPLETED].name)));
}

/* When and by whom: set in that state alone. */
static void stamp(Ctx *c, Change *ch, int state, const char *at, const char *by) {
    Row *row = ch->row;
    int name = model_field(ch->model, by)->index;
    bool there = is(row, state);
    if (there == !is_null(row, at)) return;
    row_set(row, at, there ? now_of(c) : VALUE_NULL);
    row_set(row, by, there && c->user_id ? value_int(c->user_id) : VALUE_NULL);
    row->names[name] = there && c->user_id ? c->username : STR_NONE;
}

static void due_settle(Ctx *c, Change *ch) {
    Row *row = ch->row;
    Str date = row_get(row, "due_date").s;
    Value due = row_get(row, "scheduled_at");
    char *text = arena_alloc(c->arena, TIME_TEXT);
    if (due.kind == V_NULL && date.n) {
        time_format(date_end_in_zone(date, c->zone), text);
        due = value_text(str_of(text));
    }
    row_set(row, "due_at", is_open(row) ? due : VALUE_NULL);
    if (change_altered(ch, "reminder_at")) row_set(row, "reminded_at", VALUE_NULL);
    bool told = !is_null(row, "reminded_at");
    row_set(row, "reminder_due", is_open(row) && !told ? row_get(row, "reminder_at") : VALUE_NULL);
}

static void name_settle(Change *ch) {
    if (ch->before && !change_altered(ch, "customer_id") && !change_altered(ch, "lead_id")) return;
    const char *by = is_null(ch->row, "customer_id") ? "lead_id" : "customer_id";
    Str name = ch->row->names[model_field(ch->model, by)->index];
    row_set(ch->row, "customer_name", is_null(ch->row, by) || !name.p ? VALUE_NULL : value_text(name));
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    types_check(c, ch->row);
    note_settle(c, ch);
    stamp(c, ch, COMPLETED, "completed_at", "completed_by");
    stamp(c, ch, CANCELLED, "cancelled_at", "cancelled_by");
    due_settle(c, ch);
    name_settle(ch);
    return true;
}

/* --- actions --- */

static const Field outcome_input[] = {
    {"outcome", &T_LONG_TEXT, 0, .also = "notes,reason", .example = "\"They want an offer\"", .help = "what came of it"},
};

static bool outcome_take(Ctx *c, Change *ch) {
    (void)c;
    Value outcome = ch->call ? call_value(ch->call, "outcome") : VALUE_NULL;
    if (outcome.kind == V_TEXT) change_set(ch, "outcome", outcome);
    return true;
}

static bool no_note(Ctx *c, const Change *ch) {
    return type_of(ch->row) != NOTE || fail(c, E_STATE, "a note is always completed");
}

/* What is due by now and what comes, to the minute: who asks again in the same
 * one gets a total that is known already. */
static bool due(Ctx *c, Query *q, Op op) {
    char text[TIME_TEXT];
    time_format(c->now - c->now % 60, text);
    return query_narrow(c, q, "due_at", op, value_text(arena_str(c->arena, str_of(text))));
}
static bool upcoming(Ctx *c, Query *q) { return due(c, q, OP_GTE); }
static bool overdue(Ctx *c, Query *q) { return due(c, q, OP_LT); }

static const Action actions[] = {
    {"start", 0, "Somebody is at it", IN(SCHEDULED), IN_PROGRESS},
    {"complete", 0, "It is done", IN(SCHEDULED) | IN(IN_PROGRESS), COMPLETED, INPUT(outcome_input), .effect = outcome_take},
    {"cancel", 0, "It will not be done", IN(SCHEDULED) | IN(IN_PROGRESS), CANCELLED, INPUT(outcome_input), .guard = no_note,
     .effect = outcome_take},
    {"reopen", 0, "It is still to be done", IN(COMPLETED) | IN(CANCELLED), SCHEDULED, .guard = no_note},
    {"upcoming", ACTION_COLLECTION, "Open ones that are still to come, the next one first", .permission = "read",
     .list_order = "due_at", .narrow = upcoming},
    {"overdue", ACTION_COLLECTION, "Open ones that should have been done, the oldest first", .permission = "read",
     .list_order = "due_at", .narrow = overdue},
};

/* --- statistics --- */

static const Field stats_answer[] = {
    {"by_type", &T_JSON, F_REQUIRED, .example = "{\"call\": 1, \"email\": 0, \"telegram\": 0, \"meeting\": 0, \"task\": 0, \"note\": 0}"},
};

static bool stats(Ctx *c, const Query *q) {
    int64_t counts[N_TYPES];
    if (!query_by_choice(c, q, "activity_type", counts)) return false;
    js_key(&c->out, S("by_type"));
    js_begin_object(&c->out);
    for (int i = 0; i < N_TYPES; i++) {
        js_key(&c->out, str_of(types[i].name));
        js_int(&c->out, counts[i]);
    }
    js_end_object(&c->out);
    return true;
}

const Resource activities = {
    .name = "activities",
    .area = "crm",
    .singular = "activity",
    .summary = "Calls, e-mails, messages, meetings, tasks and notes.",
    .display = "title",
    .owner = "assigned_to",
    FIELDS(fields),
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .done_states = IN(COMPLETED) | IN(CANCELLED),
    .subject = {"resource", "record_id"},
    STATS(stats, stats_answer),
    .check = check,
};

/* --- reminders --- */

#define KIND    "reminder"
#define AT_ONCE 200

static bool is_user(Ctx *c, Value id) {
    Row user;
    return id.kind == V_INT && record_seek(c, ctx_model(c, "users"), &(Seek){"id = ?2 AND is_active = true", &id, 1}, &user);
}

/* To who does it, else who made it, else to everybody. */
static int64_t listener(Ctx *c, const Row *row) {
    static const char *const who[] = {"assigned_to", "created_by"};
    for (int i = 0; i < 2; i++)
        if (is_user(c, row_get(row, who[i]))) return row_get(row, who[i]).i;
    return 0;
}

static bool remind(Ctx *c, const Row *before) {
    Row row = row_copy(c->arena, before);
    Str due = row_get(before, "due_at").s;
    const Notification n = {
        .type = NOTIFY_INFO,
        .kind = KIND,
        .message = ctx_fmt(c, "Reminder: %.*s%s%.*s", STR_ARG(row_get(before, "title").s), due.n ? ", due " : "", STR_ARG(due)),
        .user_id = listener(c, before),
        .resource = before->model->name.p,
        .record_id = row_get(before, "id").i,
    };
    row_set(&row, "reminded_at", now_of(c));
    row_set(&row, "reminder_due", VALUE_NULL);
    return c->err.kind == E_NONE && notification_add(c, &n) && record_put(c, before, &row);
}

bool reminders_run(Ctx *c) {
    const Model *m = ctx_model(c, "activities");
    const Value now = now_of(c);
    Row row;
    for (int i = 0; i < AT_ONCE; i++) {
        if (!record_seek(c, m, &(Seek){"reminder_due <= ?2 ORDER BY reminder_due LIMIT 1", &now, 1}, &row)) break;
        if (!remind(c, &row)) return false;
    }
    return c->err.kind == E_NONE;
}
