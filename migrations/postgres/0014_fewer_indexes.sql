-- up
DROP INDEX orders_status_due_date_idx;
DROP INDEX orders_due_date_idx;
DROP INDEX orders_party_name_idx;
DROP INDEX journal_resource_idx;
DROP INDEX journal_user_id_idx;
CREATE INDEX journal_user_id_at_idx ON journal (organization_id, user_id, at);
CREATE INDEX orders_party_name_idx ON orders (organization_id, order_type, party_name) WHERE order_type = 'purchase' OR order_type = 'sale';
CREATE INDEX orders_due_date_idx ON orders (organization_id, order_type, due_date) WHERE order_type = 'purchase' OR order_type = 'sale';
CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, status, due_date) WHERE order_type = 'purchase' OR order_type = 'sale';

-- down
DROP INDEX orders_status_due_date_idx;
DROP INDEX orders_due_date_idx;
DROP INDEX orders_party_name_idx;
DROP INDEX journal_user_id_at_idx;
CREATE INDEX journal_user_id_idx ON journal (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX journal_resource_idx ON journal (organization_id, resource);
CREATE INDEX orders_party_name_idx ON orders (organization_id, order_type, party_name);
CREATE INDEX orders_due_date_idx ON orders (organization_id, order_type, due_date);
CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, status, due_date);
