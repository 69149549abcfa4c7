/* Settings of the business: one record per organization.
 *
 * Never: a currency or time zone here that is not the organization's. A change
 * of either is carried to the other side in its transaction; it ends there,
 * because what does not differ is not written. */
#include "domain/system/internal.h"
#include "model/single.h"

enum { MOVING_AVERAGE, FIFO };
static const Choice valuations[] = {{"moving_average"}, {"fifo"}, {0}};

#define HOURS_EXAMPLE "{\"monday\":{\"from\":\"09:00\",\"to\":\"17:00\"},\"sunday\":null}"
#define PERCENTAGE    .min = "0", .max = "100"
#define ISSUE_TARGETS(priority, response, resolution)                                              \
    {"issue_" priority "_response_hours", &T_QUANTITY, 0, .fallback = response, .min = "0.01", .max = "8760",     \
     .help = "working hours until an issue of this priority is answered"},                         \
    {"issue_" priority "_resolution_hours", &T_QUANTITY, 0, .fallback = resolution, .min = "0.01", .max = "8760", \
     .help = "and until it is solved"}

static const Field fields[] = {
    {"currency", &T_TEXT, 0, .fallback = "$", .max_length = 8, .example = "\"₹\"",
     .help = "the sign printed with amounts; follows a new currency_code unless it is given too"},
    {"currency_code", &T_CURRENCY, 0, .fallback = "USD", .example = "\"INR\"",
     .help = "ISO 4217; the same as the organization's currency"},
    {"time_zone", &T_ZONE, 0, .fallback = "UTC", .example = "\"Asia/Kolkata\"",
     .help = "the same as the organization's: decides what today is"},
    {"tax_rate", &T_PERCENT, 0, .fallback = "0", PERCENTAGE, .example = "18", .help = "percent, of a sale"},
    {"max_discount_percent", &T_PERCENT, 0, .fallback = "100", PERCENTAGE, .example = "15",
     .help = "the largest discount a sale may have"},
    {"discount_rules", &T_OBJECT, 0, .fallback = "{}", .help = "free form, for clients"},
    {"features", &T_OBJECT, 0, .fallback = "{}", .help = "free form, for clients: what is switched on"},
    {"working_hours", &T_OBJECT, 0, .fallback = "{}", .example = HOURS_EXAMPLE,
     .help = "by weekday, monday to sunday; null or left out: a free day"},
    {"notifications", &T_OBJECT, 0, .fallback = "{}", .help = "free form, for clients: who wants to hear of what"},
    {"over_receipt_tolerance", &T_PERCENT, 0, .fallback = "0", PERCENTAGE, .example = "5",
     .help = "percent of a line that may be received beyond what was ordered"},
    {"valuation_method", &T_ENUM, 0, .choices = valuations, .fallback = "moving_average",
     .help = "what stock is worth"},
    {"negative_stock", &T_BOOL, 0, .fallback = "false", .help = "whether more may be issued than is there"},
    {"period_close_date", &T_DATE, 0, .example = "\"2025-12-31\"",
     .help = "up to this day nothing is posted any more"},
    {"expiry_warning_days", &T_INT, 0, .fallback = "30", .min = "0", .max = "365",
     .help = "how long before its end of life stock is warned of"},
    ISSUE_TARGETS("urgent", "1", "4"),
    ISSUE_TARGETS("high", "4", "8"),
    ISSUE_TARGETS("medium", "8", "24"),
    ISSUE_TARGETS("low", "16", "40"),
};

static const struct {
    const char *here, *there; /* in the organization's record */
} shared[] = {{"currency_code", "currency"}, {"time_zone", "time_zone"}};
#define N_SHARED (sizeof shared / sizeof *shared)

static bool check(Ctx *c, Change *ch) {
    Value hours = row_get(ch->row, "working_hours");
    if (!issue_targets_check(c, ch)) return false;
    if (change_altered(ch, "currency_code") && !change_gave(ch, "currency"))
        change_set(ch, "currency", value_text(currency_sign(row_get(ch->row, "currency_code").s)));
    return !change_altered(ch, "working_hours") || working_hours_check(c, "working_hours", hours.s);
}

static bool saved(Ctx *c, Change *ch) {
    const Model *organizations = ctx_model(c, "organizations");
    Input in = patch_new(c, organizations);
    for (size_t i = 0; i < N_SHARED; i++)
        if (change_altered(ch, shared[i].here)) patch_give(&in, shared[i].there, row_get(ch->row, shared[i].here));
    if (set_empty(&in.given)) return true;
    Row row;
    Lent lent = ctx_lend(c);
    bool ok = record_update(c, organizations, c->organization_id, &in, &row);
    ctx_return(c, &lent);
    return ok;
}

/* A new organization has the fallbacks, unless it was made with others. */
static bool differs(const Change *organization, const ModelField *setting, const char *there) {
    Value now = row_get(organization->row, there);
    if (organization->before) return change_altered(organization, there);
    return !value_equal(&now, &setting->fallback_value);
}

bool settings_follow_organization(Ctx *c, Change *ch) {
    const Model *m = ctx_model(c, "system-settings");
    Input in = patch_new(c, m);
    for (size_t i = 0; ch->row && i < N_SHARED; i++)
        if (differs(ch, model_field(m, shared[i].here), shared[i].there))
            patch_give(&in, shared[i].here, row_get(ch->row, shared[i].there));
    if (set_empty(&in.given)) return true;
    Row row;
    Lent lent = ctx_lend(c);
    bool ok = single_update(c, m, &in, &row);
    ctx_return(c, &lent);
    return ok;
}

const Resource system_settings = {
    .name = "system-settings",
    .singular = "system settings",
    .summary = "What the organization decided for the whole business.",
    .flags = R_SINGLETON | R_SYSTEM,
    FIELDS(fields),
    .check = check,
    .saved = saved,
};

/* --- for other areas --- */

/* In the order of the statement's columns. */
static const char *const got[] = {"tax_rate",       "max_discount_percent", "over_receipt_tolerance", "valuation_method",
                                  "negative_stock", "period_close_date",    "currency",               "currency_code",
                                  "expiry_warning_days"};
#define N_GOT (sizeof got / sizeof *got)

static void fallbacks_get(const Ctx *c, Value *values) {
    const Model *m = ctx_model(c, "system-settings");
    for (size_t i = 0; i < N_GOT; i++) values[i] = model_field(m, got[i])->fallback_value;
}

static void columns_get(Ctx *c, Stmt *st, Value *values) {
    for (size_t i = 0; i < N_GOT; i++) {
        values[i] = stmt_value(st, (int)i);
        if (values[i].kind == V_TEXT) values[i].s = arena_str(c->arena, values[i].s);
    }
}

bool settings_get(Ctx *c, Settings *out) {
    Value v[N_GOT];
    Stmt *st = db_prepare(
        c->db, S("SELECT tax_rate, max_discount_percent, over_receipt_tolerance, valuation_method, negative_stock,"
                 " period_close_date, currency, currency_code, expiry_warning_days"
                 " FROM system_settings WHERE organization_id = ?1"));
    stmt_bind_int(st, 1, c->organization_id);
    if (stmt_step(st))
        columns_get(c, st, v);
    else
        fallbacks_get(c, v);
    stmt_reset(st);
    if (db_failed(c->db)) return db_fail(c->db, &c->err);
    *out = (Settings){.tax_rate = v[0].i,
                      .max_discount_percent = v[1].i,
                      .over_receipt_tolerance = v[2].i,
                      .fifo = str_is(v[3].s, valuations[FIFO].name),
                      .negative_stock = v[4].i != 0,
                      .period_close_date = v[5].s,
                      .currency = v[6].s,
                      .currency_code = v[7].s,
                      .expiry_warning_days = (int)v[8].i};
    return true;
}
