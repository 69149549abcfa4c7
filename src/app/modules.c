/* Every resource, parents before those that refer to them where that is
 * possible: documentation, schema and the web forms keep this order. */
#include "app/modules.h"

#include "api/request.h"
#include "domain/catalog/catalog.h"
#include "domain/crm/crm.h"
#include "domain/manufacturing/manufacturing.h"
#include "domain/purchasing/purchasing.h"
#include "domain/sales/sales.h"
#include "identity/resources.h"
#include "model/journal.h"
#include "model/number.h"

const Resource *const modules[] = {
    &resource_organizations,
    &resource_accounts,
    &resource_memberships,
    &resource_roles,
    &resource_users,
    &resource_invitations,
    &resource_access_tokens,
    &resource_api_keys,
    &resource_sessions,
    &resource_refresh_tokens,
    &resource_auth,
    &resource_salesperson,
    &resource_admin,
    &audit_logs,
    &number_series,
    &idempotency_keys,
    &customers,
    &vendors,
    &products,
    &purchase_orders,
    &sales_orders,
    &work_orders,
};
const size_t modules_n = sizeof(modules) / sizeof(*modules);
