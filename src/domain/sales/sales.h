/* Sales: orders from customers. */
#ifndef DOMAIN_SALES_SALES_H
#define DOMAIN_SALES_SALES_H

#include "model/resource.h"

extern const Resource sales_orders;

#endif
