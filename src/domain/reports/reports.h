/* What several areas together tell of the business. */
#ifndef DOMAIN_REPORTS_REPORTS_H
#define DOMAIN_REPORTS_REPORTS_H

#include "model/resource.h"

extern const Resource dashboard, reports;

#endif
