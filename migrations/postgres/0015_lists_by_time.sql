-- up
CREATE INDEX customers_created_at_idx ON customers (organization_id, created_at);
CREATE INDEX customers_updated_at_idx ON customers (organization_id, updated_at);
CREATE INDEX vendors_created_at_idx ON vendors (organization_id, created_at);
CREATE INDEX vendors_updated_at_idx ON vendors (organization_id, updated_at);
CREATE INDEX leads_created_at_idx ON leads (organization_id, created_at);
CREATE INDEX leads_updated_at_idx ON leads (organization_id, updated_at);
CREATE INDEX deals_created_at_idx ON deals (organization_id, created_at);
CREATE INDEX deals_updated_at_idx ON deals (organization_id, updated_at);
CREATE INDEX activities_created_at_idx ON activities (organization_id, created_at);
CREATE INDEX activities_updated_at_idx ON activities (organization_id, updated_at);

-- down
DROP INDEX activities_updated_at_idx;
DROP INDEX activities_created_at_idx;
DROP INDEX deals_updated_at_idx;
DROP INDEX deals_created_at_idx;
DROP INDEX leads_updated_at_idx;
DROP INDEX leads_created_at_idx;
DROP INDEX vendors_updated_at_idx;
DROP INDEX vendors_created_at_idx;
DROP INDEX customers_updated_at_idx;
DROP INDEX customers_created_at_idx;
