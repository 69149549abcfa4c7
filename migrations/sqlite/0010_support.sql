-- up
DROP TABLE orders_search;
CREATE TABLE new_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  email TEXT NOT NULL,
  username TEXT NOT NULL,
  full_name TEXT,
  role_id INTEGER NOT NULL,
  is_active INTEGER NOT NULL,
  customer_id INTEGER,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_users (id, organization_id, email, username, full_name, role_id, is_active, account_id, version, created_by, created_at, updated_at)
  SELECT id, organization_id, email, username, full_name, role_id, is_active, account_id, version, created_by, created_at, updated_at
  FROM users;
DELETE FROM sqlite_sequence WHERE name = 'new_users';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
CREATE TABLE new_invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  email TEXT NOT NULL,
  role_id INTEGER NOT NULL,
  customer_id INTEGER,
  expires_at TEXT,
  accepted_at TEXT,
  token_hash TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_invitations (id, organization_id, email, role_id, expires_at, accepted_at, token_hash, version, created_by, created_at, updated_at)
  SELECT id, organization_id, email, role_id, expires_at, accepted_at, token_hash, version, created_by, created_at, updated_at
  FROM invitations;
DELETE FROM sqlite_sequence WHERE name = 'new_invitations';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_invitations', seq FROM sqlite_sequence WHERE name = 'invitations';
DROP TABLE invitations;
ALTER TABLE new_invitations RENAME TO invitations;
ALTER TABLE system_settings ADD COLUMN issue_urgent_response_hours INTEGER NOT NULL DEFAULT 10000;
ALTER TABLE system_settings ADD COLUMN issue_urgent_resolution_hours INTEGER NOT NULL DEFAULT 40000;
ALTER TABLE system_settings ADD COLUMN issue_high_response_hours INTEGER NOT NULL DEFAULT 40000;
ALTER TABLE system_settings ADD COLUMN issue_high_resolution_hours INTEGER NOT NULL DEFAULT 80000;
ALTER TABLE system_settings ADD COLUMN issue_medium_response_hours INTEGER NOT NULL DEFAULT 80000;
ALTER TABLE system_settings ADD COLUMN issue_medium_resolution_hours INTEGER NOT NULL DEFAULT 240000;
ALTER TABLE system_settings ADD COLUMN issue_low_response_hours INTEGER NOT NULL DEFAULT 160000;
ALTER TABLE system_settings ADD COLUMN issue_low_resolution_hours INTEGER NOT NULL DEFAULT 400000;
ALTER TABLE orders ADD COLUMN paid_amount INTEGER;
ALTER TABLE orders ADD COLUMN outstanding_amount INTEGER;
ALTER TABLE orders ADD COLUMN payment_status TEXT;
ALTER TABLE orders ADD COLUMN title TEXT;
ALTER TABLE orders ADD COLUMN description TEXT;
ALTER TABLE orders ADD COLUMN delivered_date TEXT;
ALTER TABLE orders ADD COLUMN terms_and_conditions TEXT;
CREATE TABLE new_payments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  number TEXT NOT NULL,
  payment_type TEXT NOT NULL,
  payment_method TEXT NOT NULL,
  status TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT,
  payment_date TEXT NOT NULL,
  due_date TEXT,
  customer_id INTEGER,
  vendor_id INTEGER,
  invoice_number TEXT,
  reference_number TEXT,
  transaction_id TEXT,
  notes TEXT,
  allocated_amount INTEGER NOT NULL,
  refunded_amount INTEGER NOT NULL,
  refund_of INTEGER,
  processed_at TEXT,
  processed_by INTEGER,
  failure_reason TEXT,
  till_session_id INTEGER,
  source TEXT,
  source_id INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, vendor_id) REFERENCES vendors (organization_id, id),
  FOREIGN KEY (organization_id, refund_of) REFERENCES payments (organization_id, id),
  FOREIGN KEY (organization_id, processed_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, till_session_id) REFERENCES till_sessions (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_payments_1 CHECK (allocated_amount <= amount),
  CONSTRAINT ck_payments_2 CHECK (refunded_amount <= amount),
  CONSTRAINT ck_payments_3 CHECK ((status IN ('completed', 'refunded')) = (processed_at IS NOT NULL))
) STRICT;
-- Payments so far were made with their sales: completed.
INSERT INTO new_payments (id, organization_id, number, payment_type, payment_method, status, amount, currency, payment_date, customer_id, allocated_amount, refunded_amount, till_session_id, source, source_id, version, created_by, created_at, updated_at, processed_at, processed_by)
  SELECT id, organization_id, number, payment_type, payment_method, 'completed', amount, currency, payment_date, customer_id, 0, 0, till_session_id, source, source_id, version, created_by, created_at, updated_at, created_at, created_by
  FROM payments;
DELETE FROM sqlite_sequence WHERE name = 'new_payments';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_payments', seq FROM sqlite_sequence WHERE name = 'payments';
DROP TABLE payments;
ALTER TABLE new_payments RENAME TO payments;
CREATE TABLE payment_allocations (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL,
  payment_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  order_id INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  refunded_amount INTEGER NOT NULL,
  FOREIGN KEY (organization_id, payment_id) REFERENCES payments (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id)
) STRICT;
CREATE TABLE issues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  priority TEXT NOT NULL,
  category TEXT NOT NULL,
  status TEXT NOT NULL,
  source TEXT NOT NULL,
  assigned_to INTEGER,
  customer_id INTEGER,
  vendor_id INTEGER,
  order_id INTEGER,
  resolution_notes TEXT,
  resolved_at TEXT,
  resolved_by INTEGER,
  closed_at TEXT,
  response_due TEXT,
  resolution_due TEXT,
  next_due TEXT,
  first_responded_at TEXT,
  clock_started_at TEXT NOT NULL,
  on_hold_since TEXT,
  paused_seconds INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, vendor_id) REFERENCES vendors (organization_id, id),
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id),
  FOREIGN KEY (organization_id, resolved_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_issues_1 CHECK ((status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL))
) STRICT;
CREATE TABLE issue_comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  issue_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  internal INTEGER NOT NULL,
  by_customer INTEGER NOT NULL,
  customer_id INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, issue_id) REFERENCES issues (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE INDEX users_email_idx ON users (organization_id, email);
CREATE INDEX users_username_idx ON users (organization_id, username);
CREATE INDEX users_full_name_idx ON users (organization_id, full_name);
CREATE INDEX users_role_id_idx ON users (organization_id, role_id);
CREATE INDEX users_is_active_idx ON users (organization_id, is_active);
CREATE INDEX users_customer_id_idx ON users (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX users_account_id_key ON users (organization_id, account_id);
CREATE INDEX users_account_id_idx ON users (account_id);
CREATE INDEX invitations_email_idx ON invitations (organization_id, email);
CREATE INDEX invitations_role_id_idx ON invitations (organization_id, role_id);
CREATE INDEX invitations_customer_id_idx ON invitations (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX invitations_expires_at_idx ON invitations (organization_id, expires_at);
CREATE INDEX invitations_accepted_at_idx ON invitations (organization_id, accepted_at);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);
CREATE INDEX orders_payment_status_idx ON orders (organization_id, order_type, payment_status) WHERE payment_status IS NOT NULL;
CREATE INDEX orders_all_number_idx ON orders (organization_id, number);
CREATE INDEX orders_all_status_idx ON orders (organization_id, status);
CREATE INDEX orders_all_order_date_idx ON orders (organization_id, order_date);
CREATE INDEX orders_all_due_date_idx ON orders (organization_id, due_date) WHERE due_date IS NOT NULL;
CREATE INDEX orders_all_total_amount_idx ON orders (organization_id, total_amount);
CREATE INDEX orders_all_payment_status_idx ON orders (organization_id, payment_status) WHERE payment_status IS NOT NULL;
CREATE UNIQUE INDEX payments_number_key ON payments (organization_id, number);
CREATE INDEX payments_status_idx ON payments (organization_id, status);
CREATE INDEX payments_amount_idx ON payments (organization_id, amount);
CREATE INDEX payments_payment_date_idx ON payments (organization_id, payment_date);
CREATE INDEX payments_due_date_idx ON payments (organization_id, due_date) WHERE due_date IS NOT NULL;
CREATE INDEX payments_customer_id_idx ON payments (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_vendor_id_idx ON payments (organization_id, vendor_id) WHERE vendor_id IS NOT NULL;
CREATE INDEX payments_invoice_number_idx ON payments (organization_id, invoice_number) WHERE invoice_number IS NOT NULL;
CREATE INDEX payments_reference_number_idx ON payments (organization_id, reference_number) WHERE reference_number IS NOT NULL;
CREATE INDEX payments_transaction_id_idx ON payments (organization_id, transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX payments_refund_of_idx ON payments (organization_id, refund_of) WHERE refund_of IS NOT NULL;
CREATE INDEX payments_till_session_id_idx ON payments (organization_id, till_session_id) WHERE till_session_id IS NOT NULL;
CREATE INDEX payments_source_source_id_idx ON payments (organization_id, source, source_id);
CREATE INDEX payment_allocations_payment_id_idx ON payment_allocations (organization_id, payment_id);
CREATE INDEX payment_allocations_order_id_idx ON payment_allocations (organization_id, order_id);
CREATE UNIQUE INDEX issues_number_key ON issues (organization_id, number);
CREATE INDEX issues_priority_idx ON issues (organization_id, priority);
CREATE INDEX issues_category_idx ON issues (organization_id, category);
CREATE INDEX issues_status_idx ON issues (organization_id, status);
CREATE INDEX issues_source_idx ON issues (organization_id, source);
CREATE INDEX issues_assigned_to_idx ON issues (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX issues_customer_id_idx ON issues (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX issues_vendor_id_idx ON issues (organization_id, vendor_id) WHERE vendor_id IS NOT NULL;
CREATE INDEX issues_order_id_idx ON issues (organization_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX issues_resolved_at_idx ON issues (organization_id, resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX issues_response_due_idx ON issues (organization_id, response_due) WHERE response_due IS NOT NULL;
CREATE INDEX issues_resolution_due_idx ON issues (organization_id, resolution_due);
CREATE INDEX issues_next_due_idx ON issues (organization_id, next_due);
CREATE INDEX issue_comments_issue_id_idx ON issue_comments (organization_id, issue_id);
CREATE INDEX issue_comments_internal_idx ON issue_comments (organization_id, internal);
CREATE INDEX issue_comments_customer_id_idx ON issue_comments (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes, sales.sale_number, sales.customer_name, sales.notes, orders.order_number, orders.title, orders.description, orders.party_name, orders.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'pos';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(title, '') || ' ' || coalesce(description, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type NOT IN ('purchase', 'sale', 'pos');
CREATE VIRTUAL TABLE payments_search /* payments.payment_number, payments.invoice_number, payments.reference_number, payments.transaction_id */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO payments_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(invoice_number, '') || ' ' || coalesce(reference_number, '') || ' ' || coalesce(transaction_id, '') FROM payments t WHERE t.id > 0;
CREATE VIRTUAL TABLE issues_search /* issues.issue_number, issues.title, issues.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE issue_comments_search /* issue-comments.content */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
-- Nothing of the orders so far is paid by a payment.
UPDATE orders SET paid_amount = 0, outstanding_amount = total_amount, payment_status = 'none'
  WHERE order_type IN ('purchase', 'sale');
-- The built-in role of customers' users, where no role is called so.
INSERT INTO roles (organization_id, name, description, builtin, version, created_at, updated_at)
  SELECT id, 'customer', 'A customer''s own user: raises and follows that customer''s issues, at /client', 1, 1,
    strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
  FROM organizations o WHERE NOT EXISTS (SELECT 1 FROM roles r WHERE r.organization_id = o.id AND r.name = 'customer');
INSERT INTO roles_search (rowid, words) SELECT id, '' || organization_id || ' ' || name || ' ' || description
  FROM roles WHERE name = 'customer' AND builtin = 1;

-- down
-- Orders made here have no resource any more.
DELETE FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE order_type NOT IN ('purchase', 'sale', 'pos'));
DELETE FROM payment_allocations;
DELETE FROM issue_comments;
DELETE FROM issues;
DELETE FROM orders WHERE order_type NOT IN ('purchase', 'sale', 'pos');
UPDATE users SET is_active = 0 WHERE customer_id IS NOT NULL;
DELETE FROM payments WHERE source IS NULL;
DROP INDEX orders_all_payment_status_idx;
DROP INDEX orders_all_total_amount_idx;
DROP INDEX orders_all_due_date_idx;
DROP INDEX orders_all_order_date_idx;
DROP INDEX orders_all_status_idx;
DROP INDEX orders_all_number_idx;
DROP INDEX orders_payment_status_idx;
DROP TABLE issue_comments_search;
DROP TABLE issues_search;
DROP TABLE payments_search;
DROP TABLE orders_search;
DROP TABLE issue_comments;
DROP TABLE issues;
DROP TABLE payment_allocations;
-- The values of users.customer_id are lost here. If it only got another name, write
-- ALTER TABLE users RENAME COLUMN … instead.
CREATE TABLE new_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  email TEXT NOT NULL,
  username TEXT NOT NULL,
  full_name TEXT,
  role_id INTEGER NOT NULL,
  is_active INTEGER NOT NULL,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_users (id, organization_id, email, username, full_name, role_id, is_active, account_id, version, created_by, created_at, updated_at)
  SELECT id, organization_id, email, username, full_name, role_id, is_active, account_id, version, created_by, created_at, updated_at
  FROM users;
DELETE FROM sqlite_sequence WHERE name = 'new_users';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
-- The values of invitations.customer_id are lost here. If it only got another name, write
-- ALTER TABLE invitations RENAME COLUMN … instead.
CREATE TABLE new_invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  email TEXT NOT NULL,
  role_id INTEGER NOT NULL,
  expires_at TEXT,
  accepted_at TEXT,
  token_hash TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_invitations (id, organization_id, email, role_id, expires_at, accepted_at, token_hash, version, created_by, created_at, updated_at)
  SELECT id, organization_id, email, role_id, expires_at, accepted_at, token_hash, version, created_by, created_at, updated_at
  FROM invitations;
DELETE FROM sqlite_sequence WHERE name = 'new_invitations';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_invitations', seq FROM sqlite_sequence WHERE name = 'invitations';
DROP TABLE invitations;
ALTER TABLE new_invitations RENAME TO invitations;
-- The values of system_settings.issue_urgent_response_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_urgent_resolution_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_high_response_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_high_resolution_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_medium_response_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_medium_resolution_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_low_response_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
-- The values of system_settings.issue_low_resolution_hours are lost here. If it only got another name, write
-- ALTER TABLE system_settings RENAME COLUMN … instead.
ALTER TABLE system_settings DROP COLUMN issue_urgent_response_hours;
ALTER TABLE system_settings DROP COLUMN issue_urgent_resolution_hours;
ALTER TABLE system_settings DROP COLUMN issue_high_response_hours;
ALTER TABLE system_settings DROP COLUMN issue_high_resolution_hours;
ALTER TABLE system_settings DROP COLUMN issue_medium_response_hours;
ALTER TABLE system_settings DROP COLUMN issue_medium_resolution_hours;
ALTER TABLE system_settings DROP COLUMN issue_low_response_hours;
ALTER TABLE system_settings DROP COLUMN issue_low_resolution_hours;
-- The values of orders.paid_amount are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.outstanding_amount are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.payment_status are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.title are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.description are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.delivered_date are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.terms_and_conditions are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
ALTER TABLE orders DROP COLUMN paid_amount;
ALTER TABLE orders DROP COLUMN outstanding_amount;
ALTER TABLE orders DROP COLUMN payment_status;
ALTER TABLE orders DROP COLUMN title;
ALTER TABLE orders DROP COLUMN description;
ALTER TABLE orders DROP COLUMN delivered_date;
ALTER TABLE orders DROP COLUMN terms_and_conditions;
-- The values of payments.status are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.due_date are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.vendor_id are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.invoice_number are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.reference_number are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.transaction_id are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.notes are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.allocated_amount are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.refunded_amount are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.refund_of are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.processed_at are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.processed_by are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
-- The values of payments.failure_reason are lost here. If it only got another name, write
-- ALTER TABLE payments RENAME COLUMN … instead.
CREATE TABLE new_payments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  number TEXT NOT NULL,
  payment_type TEXT NOT NULL,
  payment_method TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT,
  payment_date TEXT NOT NULL,
  customer_id INTEGER,
  till_session_id INTEGER,
  source TEXT,
  source_id INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, till_session_id) REFERENCES till_sessions (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_payments (id, organization_id, number, payment_type, payment_method, amount, currency, payment_date, customer_id, till_session_id, source, source_id, version, created_by, created_at, updated_at)
  SELECT id, organization_id, number, payment_type, payment_method, amount, currency, payment_date, customer_id, till_session_id, source, source_id, version, created_by, created_at, updated_at
  FROM payments;
DELETE FROM sqlite_sequence WHERE name = 'new_payments';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_payments', seq FROM sqlite_sequence WHERE name = 'payments';
DROP TABLE payments;
ALTER TABLE new_payments RENAME TO payments;
CREATE INDEX users_email_idx ON users (organization_id, email);
CREATE INDEX users_username_idx ON users (organization_id, username);
CREATE INDEX users_full_name_idx ON users (organization_id, full_name);
CREATE INDEX users_role_id_idx ON users (organization_id, role_id);
CREATE INDEX users_is_active_idx ON users (organization_id, is_active);
CREATE UNIQUE INDEX users_account_id_key ON users (organization_id, account_id);
CREATE INDEX users_account_id_idx ON users (account_id);
CREATE INDEX invitations_email_idx ON invitations (organization_id, email);
CREATE INDEX invitations_role_id_idx ON invitations (organization_id, role_id);
CREATE INDEX invitations_expires_at_idx ON invitations (organization_id, expires_at);
CREATE INDEX invitations_accepted_at_idx ON invitations (organization_id, accepted_at);
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);
CREATE UNIQUE INDEX payments_number_key ON payments (organization_id, number);
CREATE INDEX payments_payment_date_idx ON payments (organization_id, payment_date);
CREATE INDEX payments_customer_id_idx ON payments (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_till_session_id_idx ON payments (organization_id, till_session_id) WHERE till_session_id IS NOT NULL;
CREATE INDEX payments_source_source_id_idx ON payments (organization_id, source, source_id);
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes, sales.sale_number, sales.customer_name, sales.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders t WHERE t.id > 0 AND t.order_type = 'pos';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id FROM orders t WHERE t.id > 0 AND t.order_type NOT IN ('purchase', 'sale', 'pos');
