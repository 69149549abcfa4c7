-- up
CREATE TABLE organizations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  address TEXT,
  tax_id TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  FOREIGN KEY (id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL,
  username TEXT NOT NULL,
  login TEXT NOT NULL,
  full_name TEXT,
  password_hash TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE memberships (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  organization_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL
) STRICT;
CREATE TABLE roles (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  description TEXT,
  builtin INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE role_permissions (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL,
  role_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  resource TEXT NOT NULL,
  action TEXT NOT NULL,
  scope TEXT NOT NULL,
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE TABLE users (
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
CREATE TABLE invitations (
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
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  prefix TEXT,
  key_hash TEXT,
  scopes TEXT,
  expires_at TEXT,
  last_used_at TEXT,
  revoked_at TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  organization_id INTEGER NOT NULL,
  user_agent TEXT,
  ip TEXT,
  web INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  revoked_at TEXT
) STRICT;
CREATE TABLE refresh_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES sessions (id),
  token_hash TEXT NOT NULL,
  used INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  sequence INTEGER NOT NULL,
  at TEXT NOT NULL,
  user_id INTEGER,
  username TEXT NOT NULL,
  origin TEXT NOT NULL,
  ip TEXT,
  request_id TEXT,
  resource TEXT NOT NULL,
  record_id INTEGER,
  action TEXT NOT NULL,
  changes TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (organization_id, id)
) STRICT;
CREATE TABLE number_series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  pattern TEXT NOT NULL,
  year INTEGER NOT NULL,
  next INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE idempotency_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer_status INTEGER NOT NULL,
  record_version INTEGER NOT NULL,
  location TEXT,
  body TEXT NOT NULL,
  stored_at TEXT NOT NULL
) STRICT;
CREATE TABLE customers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  customer_type TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  contact_person TEXT,
  address TEXT,
  city TEXT,
  country TEXT,
  tax_id TEXT,
  credit_limit INTEGER,
  payment_terms_days INTEGER,
  status TEXT NOT NULL,
  assigned_to INTEGER,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE vendors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  vendor_type TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  contact_person TEXT,
  address TEXT,
  city TEXT,
  country TEXT,
  tax_id TEXT,
  payment_terms_days INTEGER,
  lead_time_days INTEGER,
  status TEXT NOT NULL,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE products (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  unit TEXT NOT NULL,
  price INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  category TEXT,
  low_stock_threshold INTEGER NOT NULL,
  discontinued INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  order_type TEXT NOT NULL,
  number TEXT NOT NULL,
  vendor_id INTEGER,
  party_name TEXT,
  status TEXT NOT NULL,
  order_date TEXT NOT NULL,
  due_date TEXT,
  tax_rate INTEGER NOT NULL,
  discount_amount INTEGER NOT NULL,
  subtotal INTEGER NOT NULL,
  tax_amount INTEGER NOT NULL,
  rounding_amount INTEGER NOT NULL,
  total_amount INTEGER NOT NULL,
  notes TEXT,
  customer_id INTEGER,
  assigned_to INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, vendor_id) REFERENCES vendors (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_orders_1 CHECK (total_amount = subtotal - discount_amount + tax_amount + rounding_amount),
  CONSTRAINT ck_orders_2 CHECK (discount_amount <= subtotal)
) STRICT;
CREATE TABLE order_lines (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL,
  order_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unit_price INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  product_id INTEGER,
  FOREIGN KEY (organization_id, order_id) REFERENCES orders (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id)
) STRICT;
CREATE TABLE work_orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  number TEXT NOT NULL,
  product_id INTEGER,
  product_name TEXT,
  quantity INTEGER NOT NULL,
  customer_id INTEGER,
  customer_name TEXT,
  description TEXT,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  due_date TEXT,
  progress_percentage INTEGER NOT NULL,
  estimated_completion_date TEXT,
  started_at TEXT,
  completed_at TEXT,
  assigned_to INTEGER,
  assigned_to_name TEXT,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE INDEX organizations_name_idx ON organizations (name);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email);
CREATE UNIQUE INDEX accounts_login_key ON accounts (login);
CREATE INDEX memberships_account_id_idx ON memberships (account_id);
CREATE UNIQUE INDEX roles_name_key ON roles (organization_id, name);
CREATE INDEX roles_builtin_idx ON roles (organization_id, builtin);
CREATE INDEX role_permissions_role_id_idx ON role_permissions (organization_id, role_id);
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
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (organization_id, token_hash);
CREATE INDEX api_keys_name_idx ON api_keys (organization_id, name);
CREATE INDEX api_keys_expires_at_idx ON api_keys (organization_id, expires_at);
CREATE INDEX sessions_account_id_idx ON sessions (account_id);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);
CREATE UNIQUE INDEX refresh_tokens_token_hash_key ON refresh_tokens (token_hash);
CREATE UNIQUE INDEX journal_sequence_key ON journal (organization_id, sequence);
CREATE INDEX journal_at_idx ON journal (organization_id, at);
CREATE INDEX journal_user_id_idx ON journal (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX journal_resource_idx ON journal (organization_id, resource);
CREATE INDEX journal_resource_record_id_idx ON journal (organization_id, resource, record_id);
CREATE UNIQUE INDEX number_series_name_key ON number_series (organization_id, name);
CREATE UNIQUE INDEX idempotency_keys_key_key ON idempotency_keys (organization_id, key);
CREATE INDEX idempotency_keys_stored_at_idx ON idempotency_keys (organization_id, stored_at);
CREATE INDEX customers_name_idx ON customers (organization_id, name);
CREATE INDEX customers_customer_type_idx ON customers (organization_id, customer_type);
CREATE INDEX customers_email_idx ON customers (organization_id, email) WHERE email IS NOT NULL;
CREATE INDEX customers_city_idx ON customers (organization_id, city) WHERE city IS NOT NULL;
CREATE INDEX customers_status_idx ON customers (organization_id, status);
CREATE INDEX customers_assigned_to_idx ON customers (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX vendors_name_idx ON vendors (organization_id, name);
CREATE INDEX vendors_vendor_type_idx ON vendors (organization_id, vendor_type);
CREATE INDEX vendors_email_idx ON vendors (organization_id, email) WHERE email IS NOT NULL;
CREATE INDEX vendors_city_idx ON vendors (organization_id, city) WHERE city IS NOT NULL;
CREATE INDEX vendors_status_idx ON vendors (organization_id, status);
CREATE UNIQUE INDEX products_sku_key ON products (organization_id, sku);
CREATE INDEX products_name_idx ON products (organization_id, name);
CREATE INDEX products_unit_idx ON products (organization_id, unit);
CREATE INDEX products_price_idx ON products (organization_id, price);
CREATE INDEX products_category_idx ON products (organization_id, category) WHERE category IS NOT NULL;
CREATE INDEX products_discontinued_idx ON products (organization_id, discontinued);
CREATE UNIQUE INDEX orders_number_key ON orders (organization_id, order_type, number);
CREATE INDEX orders_vendor_id_idx ON orders (organization_id, vendor_id) WHERE vendor_id IS NOT NULL;
CREATE INDEX orders_party_name_idx ON orders (organization_id, order_type, party_name);
CREATE INDEX orders_status_idx ON orders (organization_id, order_type, status);
CREATE INDEX orders_order_date_idx ON orders (organization_id, order_type, order_date);
CREATE INDEX orders_due_date_idx ON orders (organization_id, order_type, due_date);
CREATE INDEX orders_total_amount_idx ON orders (organization_id, order_type, total_amount);
CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, status, due_date);
CREATE INDEX orders_customer_id_idx ON orders (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_assigned_to_idx ON orders (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX order_lines_order_id_idx ON order_lines (organization_id, order_id);
CREATE INDEX order_lines_product_id_idx ON order_lines (organization_id, product_id) WHERE product_id IS NOT NULL;
CREATE UNIQUE INDEX work_orders_number_key ON work_orders (organization_id, number);
CREATE INDEX work_orders_product_id_idx ON work_orders (organization_id, product_id) WHERE product_id IS NOT NULL;
CREATE INDEX work_orders_customer_id_idx ON work_orders (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX work_orders_customer_name_idx ON work_orders (organization_id, customer_name);
CREATE INDEX work_orders_status_idx ON work_orders (organization_id, status);
CREATE INDEX work_orders_priority_idx ON work_orders (organization_id, priority);
CREATE INDEX work_orders_due_date_idx ON work_orders (organization_id, due_date);
CREATE INDEX work_orders_assigned_to_idx ON work_orders (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX work_orders_assigned_to_name_idx ON work_orders (organization_id, assigned_to_name) WHERE assigned_to_name IS NOT NULL;
CREATE INDEX work_orders_status_due_date_idx ON work_orders (organization_id, status, due_date);
CREATE VIRTUAL TABLE roles_search /* roles.name, roles.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE users_search /* users.email, users.username, users.full_name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE customers_search /* customers.name, customers.email, customers.phone, customers.contact_person, customers.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE vendors_search /* vendors.name, vendors.email, vendors.phone, vendors.contact_person, vendors.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE products_search /* products.sku, products.name, products.category */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE work_orders_search /* work-orders.wo_number, work-orders.product_name, work-orders.customer_name, work-orders.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;

-- down
DROP TABLE work_orders_search;
DROP TABLE orders_search;
DROP TABLE products_search;
DROP TABLE vendors_search;
DROP TABLE customers_search;
DROP TABLE users_search;
DROP TABLE roles_search;
DROP TABLE work_orders;
DROP TABLE order_lines;
DROP TABLE orders;
DROP TABLE products;
DROP TABLE vendors;
DROP TABLE customers;
DROP TABLE idempotency_keys;
DROP TABLE number_series;
DROP TABLE journal;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE api_keys;
DROP TABLE invitations;
DROP TABLE users;
DROP TABLE role_permissions;
DROP TABLE roles;
DROP TABLE memberships;
DROP TABLE accounts;
DROP TABLE organizations;
