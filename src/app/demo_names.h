/* Names for the demo company. */
#ifndef APP_DEMO_NAMES_H
#define APP_DEMO_NAMES_H

#include <stddef.h>

typedef struct {
    const char *name, *type, *city, *contact, *phone;
    int terms_days;
} DemoParty;

typedef struct {
    const char *sku, *name, *unit, *category;
    double price, cost, low_stock; /* at most two decimals: printed, not calculated with */
} DemoProduct;

typedef struct {
    const char *name, *mail, *company;
} DemoLead;

typedef struct {
    const char *title, *category, *solved;
} DemoIssue;

typedef struct {
    const char *name, *department, *job;
} DemoEmployee;

extern const DemoParty demo_vendors[], demo_customers[];
extern const DemoProduct demo_products[];
extern const size_t demo_users_n, demo_vendors_n, demo_customers_n, demo_products_n;
/* The last so many customers are people. */
#define DEMO_PERSONS 8
extern const DemoLead demo_leads[];
extern const DemoIssue demo_issues[];
extern const DemoEmployee demo_employees[];
extern const char *const demo_wishes[], *const demo_talks[];
extern const size_t demo_leads_n, demo_issues_n, demo_employees_n, demo_wishes_n, demo_talks_n;
/* How many of each there are in the year. */
#define DEMO_PURCHASES  60
#define DEMO_SALES      120
#define DEMO_LEADS      64
#define DEMO_ACTIVITIES 160
#define DEMO_ISSUES     48
#define DEMO_WORKS      100
/* Products up to here are bought, the others are made and sold. */
extern const size_t demo_materials_n;

#endif
