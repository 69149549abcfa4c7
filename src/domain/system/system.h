/* What the organization decided for the whole business, and what the program
 * has to tell its people. */
#ifndef DOMAIN_SYSTEM_SYSTEM_H
#define DOMAIN_SYSTEM_SYSTEM_H

#include "base/decimal.h"
#include "model/resource.h"

extern const Resource scan, system_settings, notifications;

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

/* --- notifications --- */

typedef enum { NOTIFY_INFO, NOTIFY_WARNING, NOTIFY_ERROR } NotificationType;

typedef struct {
    NotificationType type;
    const char *kind;     /* "low_stock": what programs know it by */
    Str message;          /* for people; cut at 1000 characters */
    int64_t user_id;      /* a user of c's organization; 0: for everybody */
    const char *resource; /* what it is about, with record_id; NULL: nothing */
    int64_t record_id;
    Str about_date;       /* and with its date: when it was due, or expires; n 0: none */
} Notification;

/* Adds a notification in the running transaction, as the program itself: the
 * caller needs no rights. On the writer. */
bool notification_add(Ctx *c, const Notification *n);

/* --- jobs --- */

/* Tells of orders and work that should have been done by yesterday. */
bool overdue_run(Ctx *c);

#endif
