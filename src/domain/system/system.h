/* What the organization decided for the whole business, and what the program
 * has to tell its people. */
#ifndef DOMAIN_SYSTEM_SYSTEM_H
#define DOMAIN_SYSTEM_SYSTEM_H

#include "base/decimal.h"
#include "model/resource.h"

extern const Resource system_settings;

typedef struct {
    Decimal tax_rate, max_discount_percent, over_receipt_tolerance; /* percent */
    bool fifo;             /* else moving average */
    bool negative_stock;
    Str period_close_date; /* nothing is posted up to this day; n 0: none */
    Str currency;          /* its sign: "₹" */
    Str currency_code;     /* "INR" */
    int expiry_warning_days;
} Settings;

/* The settings of c's organization by one statement; texts are in c's arena.
 * On any connection. False with an error when the database fails. */
bool settings_get(Ctx *c, Settings *out);

/* A follower of organizations: their currency and time zone are settings too. */
bool settings_follow_organization(Ctx *c, Change *organization);

#endif
