/* Manufacturing: what the shop floor works on. */
#ifndef DOMAIN_MANUFACTURING_MANUFACTURING_H
#define DOMAIN_MANUFACTURING_MANUFACTURING_H

#include "model/resource.h"

extern const Resource work_orders;

#endif
