/* The resources of this floor, for app/modules.c. */
#ifndef IDENTITY_RESOURCES_H
#define IDENTITY_RESOURCES_H

#include "model/resource.h"

extern const Resource resource_organizations, resource_accounts, resource_memberships, resource_roles,
    resource_users, resource_invitations, resource_api_keys, resource_sessions, resource_refresh_tokens,
    resource_auth, resource_access_tokens, resource_salesperson, resource_admin,
    resource_me, resource_setup;

#endif
