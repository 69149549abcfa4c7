/* Vendors: who supplies. Also reachable as /suppliers. */
#include "base/fold.h"
#include "domain/crm/internal.h"

static const Choice types[] = {
    {"supplier"}, {"service_provider"}, {"contractor"}, {"consultant"}, {0},
};
static const Choice statuses[] = {{"active"}, {"inactive"}, {"pending"}, {"blacklisted"}, {0}};

static const Field fields[] = {
    PARTY_NAME_FIELDS("\"Kiran Yarns\""),
    {"vendor_type", &T_ENUM, F_FILTER, .choices = types, .fallback = "supplier", .also = "type,supplier_type",
     .counted_as = "type"},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"sales@kiranyarns.example\""},
    {"phone", &T_PHONE, F_SEARCH},
    {"contact_person", &T_TEXT, F_SEARCH},
    PARTY_ADDRESS_FIELDS,
    PARTY_ABOUT_FIELDS,
    {"tax_id", &T_TEXT, 0, .max_length = 64},
    {"credit_limit", &T_MONEY, 0, .min = "0", .help = "what the vendor lets us owe"},
    {"payment_terms_days", &T_INT, 0, .min = "0", .max = "365", .also = "payment_terms"},
    {"lead_time_days", &T_INT, 0, .min = "0", .max = "730", .help = "from order to delivery"},
    {"source", &T_TEXT, F_FILTER, .max_length = 100, .example = "\"trade fair\""},
    {"status", &T_ENUM, F_FILTER | F_COUNTED, .choices = statuses, .fallback = "active"},
    PARTY_ACTIVE_FIELD,
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .also = "assigned_to_id,assigned_employee",
     .help = "who deals with the vendor"},
    {"notes", &T_LONG_TEXT, 0},
    PARTY_KEY_FIELDS,
};

static const Field merge_input[] = {
    {"from", &T_REF, F_REQUIRED, .ref = "vendors", .help = "the record that ends"},
};

static const Action actions[] = {
    PARTY_ACTIONS(merge_input),
    {"contacts", 0, "The vendor's contacts", LIST_OF("contacts", "vendor_id")},
};

static const Alias aliases[] = {{.path = "suppliers"}};

const Resource vendors = {
    .name = "vendors",
    .area = "purchasing",
    .singular = "vendor",
    .summary = "Suppliers of material and services.",
    .display = "name",
    .owner = "assigned_to",
    FIELDS(fields),
    ALIASES(aliases),
    ACTIONS(actions),
    .indexes = by_time,
    .alike = party_alike,
    .together = PARTY_ADDRESS,
    .check = party_complete,
};
