/* Vendors: who supplies. Also reachable as /suppliers. */
#include "domain/crm/crm.h"
#include "model/type.h"

static const Choice types[] = {
    {"supplier"}, {"service_provider"}, {"contractor"}, {"consultant"}, {0},
};
static const Choice statuses[] = {{"active"}, {"inactive"}, {"pending"}, {"blacklisted"}, {0}};

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Kiran Yarns\""},
    {"vendor_type", &T_ENUM, F_FILTER, .choices = types, .fallback = "supplier", .also = "type,supplier_type"},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"sales@kiranyarns.example\""},
    {"phone", &T_TEXT, F_SEARCH, .max_length = 32},
    {"contact_person", &T_TEXT, F_SEARCH},
    {"address", &T_TEXT, 0},
    {"city", &T_TEXT, F_FILTER | F_SEARCH},
    {"country", &T_TEXT, 0},
    {"tax_id", &T_TEXT, 0, .max_length = 64},
    {"payment_terms_days", &T_INT, 0, .min = "0", .max = "365"},
    {"lead_time_days", &T_INT, 0, .min = "0", .max = "730", .help = "from order to delivery"},
    {"status", &T_ENUM, F_FILTER, .choices = statuses, .fallback = "active"},
    {"notes", &T_LONG_TEXT, 0},
};

static const Alias aliases[] = {{.path = "suppliers"}};

const Resource vendors = {
    .name = "vendors",
    .singular = "vendor",
    .summary = "Suppliers of material and services.",
    .display = "name",
    FIELDS(fields),
    ALIASES(aliases),
};
