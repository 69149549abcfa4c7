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

extern const DemoParty demo_vendors[], demo_customers[];
extern const DemoProduct demo_products[];
extern const size_t demo_users_n, demo_vendors_n, demo_customers_n, demo_products_n;
/* Products up to here are bought, the others are made and sold. */
extern const size_t demo_materials_n;

#endif
