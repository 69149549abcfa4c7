/* Purchasing: orders to vendors. */
#ifndef DOMAIN_PURCHASING_PURCHASING_H
#define DOMAIN_PURCHASING_PURCHASING_H

#include "model/resource.h"

extern const Resource purchase_orders, reorder_proposals;

#endif
