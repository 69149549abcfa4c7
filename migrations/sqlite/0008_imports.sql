-- up
DROP TABLE till_sessions_search;
DROP TABLE orders_search;
DROP TABLE lots_search;
DROP TABLE locations_search;
DROP TABLE warehouses_search;
DROP TABLE products_search;
DROP TABLE units_of_measure_search;
DROP TABLE work_orders_search;
DROP TABLE vendors_search;
DROP TABLE customers_search;
DROP TABLE users_search;
DROP TABLE roles_search;
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  resource TEXT,
  key_field TEXT,
  column_map TEXT,
  dry_run INTEGER NOT NULL,
  status TEXT NOT NULL,
  row_count INTEGER,
  done_count INTEGER NOT NULL,
  created_count INTEGER NOT NULL,
  updated_count INTEGER NOT NULL,
  failed_count INTEGER NOT NULL,
  percent INTEGER NOT NULL,
  rows_per_second INTEGER,
  seconds_left INTEGER,
  bytes INTEGER NOT NULL,
  message TEXT,
  started_at TEXT,
  finished_at TEXT,
  file TEXT,
  file_position INTEGER NOT NULL,
  rows_read INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  error_bytes INTEGER NOT NULL,
  api_key_id INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE job_errors (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  row_number INTEGER NOT NULL,
  field TEXT,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX jobs_resource_idx ON jobs (organization_id, resource) WHERE resource IS NOT NULL;
CREATE INDEX jobs_status_idx ON jobs (organization_id, status);
CREATE INDEX job_errors_job_id_idx ON job_errors (organization_id, job_id);
CREATE VIRTUAL TABLE roles_search /* roles.name, roles.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO roles_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(description, '') FROM roles;
CREATE VIRTUAL TABLE users_search /* users.email, users.username, users.full_name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO users_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(email, '') || ' ' || coalesce(username, '') || ' ' || coalesce(full_name, '') FROM users;
CREATE VIRTUAL TABLE customers_search /* customers.name, customers.email, customers.phone, customers.contact_person, customers.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO customers_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '') || ' ' || coalesce(contact_person, '') || ' ' || coalesce(city, '') FROM customers;
CREATE VIRTUAL TABLE vendors_search /* vendors.name, vendors.email, vendors.phone, vendors.contact_person, vendors.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO vendors_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '') || ' ' || coalesce(contact_person, '') || ' ' || coalesce(city, '') FROM vendors;
CREATE VIRTUAL TABLE units_of_measure_search /* units-of-measure.code, units-of-measure.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO units_of_measure_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(code, '') || ' ' || coalesce(name, '') FROM units_of_measure;
CREATE VIRTUAL TABLE products_search /* products.sku, products.name, products.category, products.barcode */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO products_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(sku, '') || ' ' || coalesce(name, '') || ' ' || coalesce(category, '') || ' ' || coalesce(barcode, '') FROM products;
CREATE VIRTUAL TABLE warehouses_search /* warehouses.name, warehouses.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO warehouses_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(code, '') FROM warehouses;
CREATE VIRTUAL TABLE locations_search /* locations.name, locations.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO locations_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(code, '') FROM locations;
CREATE VIRTUAL TABLE lots_search /* lots.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO lots_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') FROM lots;
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes, sales.sale_number, sales.customer_name, sales.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'pos';
CREATE VIRTUAL TABLE till_sessions_search /* till-sessions.register */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO till_sessions_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(register, '') FROM till_sessions;
CREATE VIRTUAL TABLE work_orders_search /* work-orders.wo_number, work-orders.product_name, work-orders.customer_name, work-orders.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO work_orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(product_name, '') || ' ' || coalesce(customer_name, '') || ' ' || coalesce(description, '') FROM work_orders;

-- down
DROP TABLE work_orders_search;
DROP TABLE till_sessions_search;
DROP TABLE orders_search;
DROP TABLE lots_search;
DROP TABLE locations_search;
DROP TABLE warehouses_search;
DROP TABLE products_search;
DROP TABLE units_of_measure_search;
DROP TABLE vendors_search;
DROP TABLE customers_search;
DROP TABLE users_search;
DROP TABLE roles_search;
DROP TABLE job_errors;
DROP TABLE jobs;
CREATE VIRTUAL TABLE roles_search /* roles.name, roles.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO roles_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(description, '') FROM roles;
CREATE VIRTUAL TABLE users_search /* users.email, users.username, users.full_name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO users_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(email, '') || ' ' || coalesce(username, '') || ' ' || coalesce(full_name, '') FROM users;
CREATE VIRTUAL TABLE customers_search /* customers.name, customers.email, customers.phone, customers.contact_person, customers.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO customers_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '') || ' ' || coalesce(contact_person, '') || ' ' || coalesce(city, '') FROM customers;
CREATE VIRTUAL TABLE vendors_search /* vendors.name, vendors.email, vendors.phone, vendors.contact_person, vendors.city */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO vendors_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '') || ' ' || coalesce(contact_person, '') || ' ' || coalesce(city, '') FROM vendors;
CREATE VIRTUAL TABLE work_orders_search /* work-orders.wo_number, work-orders.product_name, work-orders.customer_name, work-orders.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO work_orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(product_name, '') || ' ' || coalesce(customer_name, '') || ' ' || coalesce(description, '') FROM work_orders;
CREATE VIRTUAL TABLE units_of_measure_search /* units-of-measure.code, units-of-measure.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO units_of_measure_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(code, '') || ' ' || coalesce(name, '') FROM units_of_measure;
CREATE VIRTUAL TABLE products_search /* products.sku, products.name, products.category, products.barcode */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO products_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(sku, '') || ' ' || coalesce(name, '') || ' ' || coalesce(category, '') || ' ' || coalesce(barcode, '') FROM products;
CREATE VIRTUAL TABLE warehouses_search /* warehouses.name, warehouses.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO warehouses_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(code, '') FROM warehouses;
CREATE VIRTUAL TABLE locations_search /* locations.name, locations.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO locations_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') || ' ' || coalesce(code, '') FROM locations;
CREATE VIRTUAL TABLE lots_search /* lots.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO lots_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(name, '') FROM lots;
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes, sales.sale_number, sales.customer_name, sales.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'pos';
CREATE VIRTUAL TABLE till_sessions_search /* till-sessions.register */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO till_sessions_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(register, '') FROM till_sessions;
