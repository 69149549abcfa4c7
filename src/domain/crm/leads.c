/* Leads: who may become a customer.
 *
 *   new ──contact──▶ contacted ──qualify──▶ qualified ──convert──▶ converted
 *   new, contacted, qualified ──disqualify──▶ unqualified ──qualify──▶ qualified
 *   all but converted ──lose──▶ lost ──reopen──▶ new ◀──reopen── unqualified
 *
 * Converting makes, or by the e-mail address finds, the customer and makes a
 * deal, in one transaction. A converted lead says what it became and never
 * changes again. */
#include "domain/crm/internal.h"
#include "model/query.h"
#include "model/timeline.h"
#include "model/type.h"

enum { NEW, CONTACTED, QUALIFIED, UNQUALIFIED, CONVERTED, GONE };
static const Choice states[] = {
    {"new"}, {"contacted"}, {"qualified"}, {"unqualified", "disqualified"}, {"converted"}, {"lost"}, {0},
};
#define N_STATES 6
static const Choice sources[] = {
    {"website"}, {"referral"}, {"social_media"}, {"email_campaign"}, {"cold_call"}, {"event"}, {"partner"}, {"other"}, {0},
};

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .also = "contact_name,contact_person"},
    {"company", &T_TEXT, F_SORT | F_SEARCH | F_FILTER, .also = "company_name,organization_name", .example = "\"Meridian Garments Ltd\""},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"ann@meridian.example\""},
    {"phone", &T_TEXT, F_SEARCH, .max_length = 32},
    {"job_title", &T_TEXT, 0, .example = "\"Head of purchasing\""},
    {"website", &T_TEXT, 0, .example = "\"https://meridian.example\""},
    {"address", &T_TEXT, 0},
    {"city", &T_TEXT, F_FILTER | F_SEARCH},
    {"country", &T_TEXT, 0},
    {"source", &T_ENUM, F_FILTER, .choices = sources, .fallback = "other", .also = "lead_source"},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "new", .also = "qualification_status"},
    {"lead_score", &T_INT, F_FILTER | F_SORT, .fallback = "0", .min = "0", .max = "100", .also = "score", .example = "40"},
    {"score_reason", &T_TEXT, F_READONLY, .help = "why it has that score: update_score"},
    {"estimated_value", &T_MONEY, F_SUM | F_SORT, .fallback = "0", .min = "0", .example = "5000"},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .help = "who looks after it"},
    {"lost_reason", &T_TEXT, F_SPECIAL, .also = "disqualified_reason", .help = "why it is unqualified or lost"},
    {"notes", &T_LONG_TEXT, F_SEARCH},
    {"is_converted", &T_BOOL, F_READONLY | F_FILTER, .fallback = "false"},
    {"converted_at", &T_TIME, F_READONLY},
    {"converted_customer_id", &T_REF, F_READONLY | F_FILTER, .ref = "customers", .help = "what it became"},
    {"converted_deal_id", &T_REF, F_READONLY | F_FILTER, .ref = "deals"},
};

static const char *const checks[] = {
    "lead_score >= 0 AND lead_score <= 100",
    "(status = 'converted') = (converted_customer_id IS NOT NULL AND converted_deal_id IS NOT NULL)",
    "(status = 'converted') = ({is_converted} = 1)", NULL,
};

/* --- conversion --- */

static const Choice customer_types[] = {{"business", "company"}, {"individual", "person"}, {0}};
static const Field convert_input[] = {
    {"customer_type", &T_ENUM, 0, .choices = customer_types, .help = "of a customer that is made; business where the lead has a company"},
    {"assigned_to", &T_ID, 0, .also = "assigned_to_id", .help = "of both; the lead's when left out"},
    {"deal_title", &T_TEXT, 0, .also = "title", .example = "\"Uniforms for the night shift\"", .help = "the company's or person's name when left out"},
    {"value", &T_MONEY, 0, .min = "0", .example = "12500", .help = "of the deal; the estimated one when left out"},
    {"stage_id", &T_ID, 0, .help = "of the deal; the default pipeline's first one when left out"},
    {"expected_close_date", &T_DATE, 0, .example = "\"2099-12-31\""},
};

static Value input_of(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static void give_some(Input *in, const char *field, Value v) {
    if (v.kind != V_NULL) patch_give(in, field, v);
}

static Value assignee(const Change *ch) {
    Value given = input_of(ch, "assigned_to");
    return given.kind == V_INT ? given : row_get(ch->row, "assigned_to");
}

static Value party_name(const Row *lead) { return row_get(lead, is_null(lead, "company") ? "name" : "company"); }

static bool customer_make(Ctx *c, const Change *ch, Row *out) {
    static const char *const same[] = {"email", "phone", "address", "city", "country", "notes"};
    const Model *m = ctx_model(c, "customers");
    const Row *lead = ch->row;
    Input in = patch_new(c, m);
    Value type = input_of(ch, "customer_type");
    patch_give(&in, "name", party_name(lead));
    give_some(&in, "contact_person", is_null(lead, "company") ? VALUE_NULL : row_get(lead, "name"));
    patch_give(&in, "customer_type", type.kind == V_TEXT ? type : value_text(str_of(customer_types[is_null(lead, "company")].name)));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) give_some(&in, same[i], row_get(lead, same[i]));
    give_some(&in, "assigned_to", assignee(ch));
    return record_create(c, m, &in, out);
}

static bool customer_of(Ctx *c, const Change *ch, Row *out) {
    const Value email = row_get(ch->row, "email");
    const Seek seek = {"email = ?2 ORDER BY id LIMIT 1", &email, 1};
    if (email.kind == V_TEXT && record_seek(c, ctx_model(c, "customers"), &seek, out)) return true;
    return c->err.kind == E_NONE && customer_make(c, ch, out);
}

static bool deal_make(Ctx *c, const Change *ch, Value customer_id, Row *out) {
    const Model *m = ctx_model(c, "deals");
    Value title = input_of(ch, "deal_title"), value = input_of(ch, "value");
    Input in = patch_new(c, m);
    patch_give(&in, "title", title.kind == V_TEXT ? title : value_text(ctx_fmt(c, "Deal with %.*s", STR_ARG(party_name(ch->row).s))));
    patch_give(&in, "customer_id", customer_id);
    patch_give(&in, "lead_id", row_get(ch->row, "id"));
    patch_give(&in, "value", value.kind == V_INT ? value : value_int(row_get(ch->row, "estimated_value").i / 100 * 100));
    give_some(&in, "stage_id", input_of(ch, "stage_id"));
    give_some(&in, "expected_close_date", input_of(ch, "expected_close_date"));
    give_some(&in, "assigned_to", assignee(ch));
    return record_create(c, m, &in, out);
}

static bool both_make(Ctx *c, Change *ch) {
    Row customer, deal;
    if (!reference_given(c, "users", "assigned_to", input_of(ch, "assigned_to"))) return false;
    if (!customer_of(c, ch, &customer) || !deal_make(c, ch, row_get(&customer, "id"), &deal)) return false;
    change_set(ch, "is_converted", value_int(1));
    change_set(ch, "converted_at", now_of(c));
    change_set(ch, "converted_customer_id", row_get(&customer, "id"));
    change_set(ch, "converted_deal_id", row_get(&deal, "id"));
    ch->row->names[model_field(ch->model, "converted_customer_id")->index] = row_get(&customer, "name").s;
    ch->row->names[model_field(ch->model, "converted_deal_id")->index] = row_get(&deal, "title").s;
    return true;
}

/* Who may convert may make what it becomes. */
static bool convert(Ctx *c, Change *ch) {
    Lent lent = ctx_lend(c);
    bool ok = both_make(c, ch);
    ctx_return(c, &lent);
    return ok;
}

static bool convert_refuse(Ctx *c, const Row *lead) {
    if (!row_get(lead, "is_converted").i)
        return fail(c, E_STATE, "cannot convert a lead that is %.*s: reopen it first", STR_ARG(row_get(lead, "status").s));
    return fail(c, E_STATE, "the lead was converted already: it became customer %lld (%.*s) and deal %lld (%.*s)",
                (long long)row_get(lead, "converted_customer_id").i,
                STR_ARG(lead->names[model_field(lead->model, "converted_customer_id")->index]),
                (long long)row_get(lead, "converted_deal_id").i,
                STR_ARG(lead->names[model_field(lead->model, "converted_deal_id")->index]));
}

/* --- other actions --- */

static const Field reason_input[] = {{"reason", &T_TEXT, 0, .also = "lost_reason", .example = "\"no budget\""}};
static const Field score_input[] = {
    {"score", &T_INT, F_REQUIRED, .also = "lead_score", .min = "0", .max = "100", .example = "75"},
    {"reason", &T_TEXT, 0, .example = "\"asked for an offer\""},
};
static const Field assign_input[] = {{"assigned_to", &T_ID, F_REQUIRED, .also = "assigned_to_id,user_id", .example = "1", .help = "a user"}};

static bool reason_take(Ctx *c, Change *ch) {
    (void)c;
    Value reason = input_of(ch, "reason");
    if (reason.kind == V_TEXT) change_set(ch, "lost_reason", reason);
    return true;
}

static bool score(Ctx *c, Change *ch) {
    (void)c;
    change_set(ch, "lead_score", input_of(ch, "score"));
    change_set(ch, "score_reason", input_of(ch, "reason"));
    return true;
}

static bool assign(Ctx *c, Change *ch) {
    const Value id = input_of(ch, "assigned_to");
    Row user;
    if (!record_seek(c, ctx_model(c, "users"), &(Seek){"id = ?2 AND is_active = true", &id, 1}, &user))
        return c->err.kind == E_NONE ? bad(c, "assigned_to", "unknown_reference", "refers to no active user") : false;
    change_set(ch, "assigned_to", id);
    ch->row->names[model_field(ch->model, "assigned_to")->index] = row_get(&user, "username").s;
    return true;
}

static bool reopen(Ctx *c, Change *ch) {
    (void)c;
    change_set(ch, "lost_reason", VALUE_NULL);
    return true;
}

#define LIVE (IN(NEW) | IN(CONTACTED) | IN(QUALIFIED))

static const Action actions[] = {
    {"contact", 0, "Somebody has talked to them", IN(NEW), CONTACTED},
    {"qualify", 0, "They are worth it", IN(NEW) | IN(CONTACTED) | IN(UNQUALIFIED), QUALIFIED},
    {"disqualify", 0, "They are not", LIVE, UNQUALIFIED, INPUT(reason_input), .effect = reason_take},
    {"lose", 0, "They went elsewhere", LIVE | IN(UNQUALIFIED), GONE, INPUT(reason_input), .effect = reason_take},
    {"reopen", 0, "Begin anew with them", IN(UNQUALIFIED) | IN(GONE), NEW, .effect = reopen},
    {"convert", ACTION_STORED, "Make a customer and a deal of it", LIVE, CONVERTED, INPUT(convert_input), .effect = convert,
     .refuse = convert_refuse},
    {"update_score", 0, "Say how promising it is, and why", LIVE | IN(UNQUALIFIED) | IN(GONE), STAY, INPUT(score_input), .effect = score},
    {"assign", 0, "Give it to somebody", LIVE | IN(UNQUALIFIED) | IN(GONE), STAY, INPUT(assign_input), .effect = assign},
    {"deals", .summary = "The deals that came of it", LIST_OF("deals", "lead_id")},
    {"activities", .summary = "What was and will be done about it", LIST_OF("activities", "lead_id")},
    TIMELINE,
};

/* --- statistics --- */

static const Field stats_answer[] = {
    {"totalLeads", &T_INT, F_REQUIRED, .example = "1"},
    {"statusCounts", &T_JSON, F_REQUIRED, .example = "{\"new\": 1, \"contacted\": 0, \"qualified\": 0, \"unqualified\": 0, \"converted\": 0, \"lost\": 0}"},
    {"averageScore", &T_MONEY, F_REQUIRED, .example = "40"},
    {"totalEstimatedValue", &T_MONEY, F_REQUIRED, .example = "5000"},
    {"conversionRate", &T_MONEY, F_REQUIRED, .example = "0", .help = "percent of all leads that were converted"},
};

/* a × factor / b, rounded half-up; 0 of nothing. */
static Decimal ratio(int64_t a, int64_t factor, int64_t b) {
    __int128 scaled = (__int128)a * factor * DECIMAL_SCALE;
    return b ? (Decimal)((scaled * 2 + b) / ((__int128)b * 2)) : 0;
}

static void decimal_field(Json *j, const char *name, Decimal d) {
    js_key(j, str_of(name));
    js_decimal(j, d);
}

static bool stats(Ctx *c, const Query *q) {
    int64_t counts[N_STATES], n, points;
    Decimal value;
    Json *j = &c->out;
    if (!query_by_choice(c, q, "status", counts) || !query_sum(c, q, "lead_score", &n, &points) ||
        !query_sum(c, q, "estimated_value", &n, &value))
        return false;
    js_field_int(j, "totalLeads", n);
    js_key(j, S("statusCounts"));
    js_begin_object(j);
    for (int i = 0; i < N_STATES; i++) {
        js_key(j, str_of(states[i].name));
        js_int(j, counts[i]);
    }
    js_end_object(j);
    decimal_field(j, "averageScore", decimal_round(ratio(points, 1, n), 2));
    decimal_field(j, "totalEstimatedValue", value);
    decimal_field(j, "conversionRate", decimal_round(ratio(counts[CONVERTED], 100, n), 2));
    return true;
}

const Resource leads = {
    .name = "leads",
    .area = "crm",
    .singular = "lead",
    .summary = "Who may become a customer.",
    .display = "name",
    .owner = "assigned_to",
    FIELDS(fields),
    .indexes = by_time,
    .checks = checks,
    ACTIONS(actions),
    .open_states = LIVE | IN(UNQUALIFIED) | IN(GONE),
    .done_states = IN(CONVERTED) | IN(GONE),
    STATS(stats, stats_answer),
};
