/* Every resource, parents before those that refer to them where that is
 * possible: documentation, schema and the web forms keep this order. */
#include "app/modules.h"

#include "api/idempotency.h"
#include "domain/catalog/catalog.h"
#include "domain/crm/crm.h"
#include "domain/manufacturing/manufacturing.h"
#include "domain/orders/orders.h"
#include "domain/payments/payments.h"
#include "domain/purchasing/purchasing.h"
#include "domain/reports/reports.h"
#include "domain/sales/sales.h"
#include "domain/stock/stock.h"
#include "domain/support/support.h"
#include "domain/system/system.h"
#include "identity/resources.h"
#include "model/import_job.h"
#include "model/journal.h"
#include "model/number.h"
#include "model/search.h"

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
    &resource_me,
    &resource_meta,
    &resource_setup,
    &resource_search,
    &audit_logs,
    &number_series,
    &idempotency_keys,
    &import_jobs,
    &system_settings,
    &notifications,
    &scan,
    &customers,
    &vendors,
    &leads,
    &pipelines,
    &pipeline_stages,
    &deals,
    &deal_stage_entries,
    &activities,
    &contacts,
    &employees,
    &units_of_measure,
    &products,
    &warehouses,
    &locations,
    &lots,
    &stock_moves,
    &stock_levels,
    &stock_ledger,
    &stock_reservations,
    &purchase_orders,
    &reorder_proposals,
    &sales_orders,
    &till_sessions,
    &sales,
    &orders,
    &payments,
    &issues,
    &issue_comments,
    &dashboard_stats,
    &work_orders,
    &dashboard,
    &reports,
};
const size_t modules_n = sizeof(modules) / sizeof(*modules);

const Follower followers[] = {
    {"organizations", settings_follow_organization},
    {"organizations", stock_follow_organization},
    {"organizations", pipelines_follow_organization},
    {"system-settings", stock_follow_settings},
    {"products", stock_follow_product, stock_prove_product},
    {"contacts", contacts_follow},
    {"users", employees_follow_user},
    {"purchase-orders", payments_follow_order, payments_prove_order},
    {"sales-orders", payments_follow_order, payments_prove_order},
    {"orders", payments_follow_order, payments_prove_order},
    {0},
};

const Job jobs[] = {
    {"overdue", 300, overdue_run},
    {"old-imports", 3600, import_jobs_forget},
    {"stock-expiry", 3600, stock_expiry_job},
    {"pipelines", 3600, pipelines_run},
    {"reminders", 60, reminders_run},
    {"issue_breaches", 60, issue_breaches_run},
    {0},
};
