/* Customers and vendors, the people and companies a business deals with; and
 * the people who work in it. */
#ifndef DOMAIN_CRM_CRM_H
#define DOMAIN_CRM_CRM_H

#include "model/resource.h"

extern const Resource customers, vendors, contacts, employees;

/* Followers: one primary contact; an employee who was invited becomes a user. */
bool contacts_follow(Ctx *c, Change *ch);
bool employees_follow_user(Ctx *c, Change *ch);

#endif
