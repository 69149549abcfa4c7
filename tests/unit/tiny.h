/* A small registry for tests of the schema and its migrations: an organization
 * with users, and orders of two kinds in one table. */
#ifndef TEST_TINY_H
#define TEST_TINY_H

#include <assert.h>

#include "model/registry.h"

static const Field tiny_organization_fields[] = {{"name", &T_TEXT, F_REQUIRED | F_UNIQUE}};
static const Resource tiny_organizations = {
    .name = "organizations",
    .singular = "organization",
    .flags = R_TENANT,
    .display = "name",
    FIELDS(tiny_organization_fields),
};

static const Field tiny_account_fields[] = {{"email", &T_TEXT, F_REQUIRED | F_UNIQUE}};
static const Resource tiny_accounts = {
    .name = "accounts", .flags = R_INTERNAL | R_GLOBAL, FIELDS(tiny_account_fields)};

static const Field tiny_user_fields[] = {
    {"account_id", &T_REF, F_REQUIRED, .ref = "accounts"},
    {"username", &T_TEXT, F_REQUIRED | F_UNIQUE},
};
static const Resource tiny_users = {
    .name = "users", .singular = "user", .display = "username", FIELDS(tiny_user_fields)};

static const Field tiny_vendor_fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH},
    {"city", &T_TEXT, F_SEARCH},
};
static const Resource tiny_vendors = {
    .name = "vendors", .singular = "vendor", .display = "name", FIELDS(tiny_vendor_fields)};

static const Choice tiny_states[] = {{"draft"}, {"done"}, {0}};
static const Field tiny_line_fields[] = {
    {"vendor_id", &T_REF, 0, .ref = "vendors"},
    {"quantity", &T_QUANTITY, F_REQUIRED},
};
static const Lines tiny_lines = {"lines", NULL, "order_lines", "order_id",
                                 LINE_FIELDS(tiny_line_fields), .max = 10};
static const char *const tiny_order_indexes[] = {"status,due_date", NULL};
static const char *const tiny_order_checks[] = {"total = subtotal + tax", NULL};

#define TINY_ORDER_FIELDS                                                                          \
    {"number", &T_NUMBER, F_UNIQUE | F_SORT | F_FILTER, .series = "N-{seq:4}"},                    \
        {"status", &T_ENUM, F_FILTER | F_SORT, .choices = tiny_states, .fallback = "draft"},       \
        {"due_date", &T_DATE, F_FILTER | F_SORT}, {"subtotal", &T_MONEY, 0, .fallback = "0"},      \
        {"tax", &T_MONEY, 0, .fallback = "0"}, {                                                   \
        "total", &T_MONEY, 0, .fallback = "0"                                                      \
    }
#define TINY_ORDER_REST                                                                            \
    .table = "orders", .lines = &tiny_lines, .indexes = tiny_order_indexes,                        \
    .checks = tiny_order_checks

static const Field tiny_purchase_fields[] = {
    TINY_ORDER_FIELDS,
    {"vendor_id", &T_REF, F_REQUIRED | F_FILTER, .ref = "vendors"},
    {"urgency", &T_INT, 0, .fallback = "3"},
};
static const Resource tiny_purchases = {.name = "purchases",
                                        .singular = "purchase",
                                        .only = {"order_type", "purchase"},
                                        FIELDS(tiny_purchase_fields),
                                        TINY_ORDER_REST};

static const Field tiny_sale_fields[] = {TINY_ORDER_FIELDS, {"buyer", &T_TEXT, F_SORT}};
static const Resource tiny_sales = {.name = "sales",
                                    .singular = "sale",
                                    .only = {"order_type", "sale"},
                                    FIELDS(tiny_sale_fields),
                                    TINY_ORDER_REST};

static const Field tiny_journal_fields[] = {{"sequence", &T_INT, F_REQUIRED | F_UNIQUE}};
static const Resource tiny_journal = {.name = "audit-logs",
                                      .singular = "entry",
                                      .flags = R_APPEND_ONLY,
                                      .table = "journal",
                                      FIELDS(tiny_journal_fields)};

static const Resource *const tiny_resources[] = {
    &tiny_organizations, &tiny_accounts, &tiny_users,  &tiny_vendors,
    &tiny_purchases,     &tiny_sales,    &tiny_journal};
#define TINY_N (sizeof(tiny_resources) / sizeof(*tiny_resources))

/* The tiny registry with `instead` in the place of the resource of its name,
 * or without that resource when it has no fields. */
static inline Registry *tiny_registry(const Resource *instead) {
    const Resource *list[TINY_N + 1];
    size_t n = 0;
    for (size_t i = 0; i < TINY_N; i++) {
        bool same = instead && strcmp(tiny_resources[i]->name, instead->name) == 0;
        if (!same) list[n++] = tiny_resources[i];
        if (same && instead->n_fields) list[n++] = instead;
    }
    Buf report = {0};
    Registry *r = registry_new(list, n, &report);
    if (!r) fputs(buf_c_str(&report), stderr);
    assert(r);
    buf_free(&report);
    return r;
}

#endif
