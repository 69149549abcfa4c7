/* Customers: who buys. A private person or a business; inactive ones stay for
 * the documents that name them. */
#include "domain/crm/crm.h"
#include "model/type.h"

static const Choice types[] = {{"business", "company"}, {"individual", "person"}, {0}};
static const Choice statuses[] = {{"active"}, {"inactive"}, {"prospect"}, {"vip"}, {0}};

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Meridian Garments Ltd\""},
    {"customer_type", &T_ENUM, F_FILTER, .choices = types, .fallback = "business", .also = "type"},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"orders@meridian.example\""},
    {"phone", &T_TEXT, F_SEARCH, .max_length = 32, .example = "\"+91 98250 11223\""},
    {"contact_person", &T_TEXT, F_SEARCH},
    {"address", &T_TEXT, 0},
    {"city", &T_TEXT, F_FILTER | F_SEARCH},
    {"country", &T_TEXT, 0},
    {"tax_id", &T_TEXT, 0, .max_length = 64},
    {"credit_limit", &T_MONEY, 0, .min = "0"},
    {"payment_terms_days", &T_INT, 0, .min = "0", .max = "365", .help = "days from invoice to payment"},
    {"status", &T_ENUM, F_FILTER, .choices = statuses, .fallback = "active",
     .help = "where the relation stands"},
    {"assigned_to", &T_REF, F_FILTER, .ref = "users", .help = "the salesperson who looks after it"},
    {"notes", &T_LONG_TEXT, 0},
};

const Resource customers = {
    .name = "customers",
    .singular = "customer",
    .summary = "People and companies that buy.",
    .display = "name",
    .owner = "assigned_to",
    .client = "id",
    FIELDS(fields),
};
