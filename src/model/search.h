/* One search over all resources, for app/modules.c. */
#ifndef MODEL_SEARCH_H
#define MODEL_SEARCH_H

#include "model/resource.h"

extern const Resource resource_search;

#endif
