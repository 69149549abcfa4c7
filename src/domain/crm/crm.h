/* Whom a business deals with: customers, vendors, their contacts, leads, deals
 * and what is done about them; and the people who work in it. */
#ifndef DOMAIN_CRM_CRM_H
#define DOMAIN_CRM_CRM_H

#include "model/ctx.h"

extern const Resource customers, vendors, contacts, employees;
extern const Resource leads, pipelines, pipeline_stages, deals, deal_stage_entries, activities;

/* Followers: one primary contact; an employee who was invited becomes a user. */
bool contacts_follow(Ctx *c, Change *ch);
bool employees_follow_user(Ctx *c, Change *ch);

/* A follower of organizations: each has the pipeline "Sales Pipeline" from its
 * first day. The job makes it for those that are older. */
bool pipelines_follow_organization(Ctx *c, Change *organization);
bool pipelines_run(Ctx *c);

/* A job: tells people of the activities they wanted to be reminded of. */
bool reminders_run(Ctx *c);

#endif
