/* The catalog: what is bought, made and sold. */
#ifndef DOMAIN_CATALOG_CATALOG_H
#define DOMAIN_CATALOG_CATALOG_H

#include "model/resource.h"

extern const Resource products;

#endif
