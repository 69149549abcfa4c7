/* Customers: who buys. A private person or a business; inactive ones stay for
 * the documents that name them. */
#include "base/fold.h"
#include "domain/crm/internal.h"
#include "model/timeline.h"

static const Choice types[] = {{"business", "company"}, {"individual", "person"}, {0}};
static const Choice statuses[] = {{"active"}, {"inactive"}, {"prospect"}, {"vip"}, {0}};

static const Field fields[] = {
    PARTY_NAME_FIELDS("\"Meridian Garments Ltd\""),
    {"customer_type", &T_ENUM, F_FILTER, .choices = types, .fallback = "business", .also = "type", .counted_as = "type"},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"orders@meridian.example\""},
    {"phone", &T_PHONE, F_SEARCH},
    {"contact_person", &T_TEXT, F_SEARCH},
    PARTY_ADDRESS_FIELDS,
    PARTY_ABOUT_FIELDS,
    {"tax_id", &T_TEXT, 0, .max_length = 64},
    {"credit_limit", &T_MONEY, 0, .min = "0"},
    {"payment_terms_days", &T_INT, 0, .min = "0", .max = "365", .also = "payment_terms",
     .help = "days from invoice to payment"},
    {"source", &T_TEXT, F_FILTER, .max_length = 100, .help = "how the customer came to us", .example = "\"referral\""},
    {"status", &T_ENUM, F_FILTER | F_COUNTED, .choices = statuses, .fallback = "active",
     .help = "where the relation stands"},
    PARTY_ACTIVE_FIELD,
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .also = "assigned_to_id", .help = "the salesperson who looks after it"},
    {"notes", &T_LONG_TEXT, 0},
    PARTY_KEY_FIELDS,
};

static const Field merge_input[] = {
    {"from", &T_REF, F_REQUIRED, .ref = "customers", .help = "the record that ends"},
};

static const Action actions[] = {
    PARTY_ACTIONS(merge_input),
    {"contacts", 0, "The customer's contacts", LIST_OF("contacts", "customer_id")},
    TIMELINE,
};

const Resource customers = {
    .name = "customers",
    .area = "crm",
    .singular = "customer",
    .summary = "People and companies that buy.",
    .display = "name",
    .owner = "assigned_to",
    .client = "id",
    FIELDS(fields),
    ACTIONS(actions),
    .indexes = by_time,
    .alike = party_alike,
    .together = PARTY_ADDRESS,
    .check = party_complete,
};
