/* Support: what goes wrong for customers, and what is said about it. */
#ifndef DOMAIN_SUPPORT_SUPPORT_H
#define DOMAIN_SUPPORT_SUPPORT_H

#include "model/resource.h"

extern const Resource issues, issue_comments;

/* --- jobs --- */

/* Tells, once each, of issues whose response or resolution is late. */
bool issue_breaches_run(Ctx *c);

#endif
