/* Customers and vendors: the people and companies a business deals with. */
#ifndef DOMAIN_CRM_CRM_H
#define DOMAIN_CRM_CRM_H

#include "model/resource.h"

extern const Resource customers, vendors;

#endif
