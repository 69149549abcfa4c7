/* Sales: orders from customers, and what is sold over the counter. */
#ifndef DOMAIN_SALES_SALES_H
#define DOMAIN_SALES_SALES_H

#include "model/resource.h"

extern const Resource sales_orders, sales, till_sessions, dashboard_stats;

#endif
