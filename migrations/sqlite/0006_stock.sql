-- up
DROP TABLE orders_search;
DROP TABLE products_search;
CREATE TABLE units_of_measure (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  dimension TEXT NOT NULL,
  factor INTEGER NOT NULL,
  divisor INTEGER NOT NULL,
  decimal_places INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE new_products (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  product_type TEXT NOT NULL,
  unit TEXT NOT NULL,
  price INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  category TEXT,
  barcode TEXT,
  tracking TEXT NOT NULL,
  best_before TEXT,
  quantity INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  available INTEGER NOT NULL,
  stock_value INTEGER NOT NULL,
  low_stock_threshold INTEGER NOT NULL,
  low_stock INTEGER NOT NULL,
  below_minimum INTEGER NOT NULL,
  over_receipt_tolerance INTEGER,
  reorder_minimum INTEGER,
  reorder_maximum INTEGER,
  reorder_multiple INTEGER,
  preferred_vendor_id INTEGER,
  lead_time_days INTEGER,
  discontinued INTEGER NOT NULL,
  last_posted_at TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, preferred_vendor_id) REFERENCES vendors (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
INSERT INTO new_products (id, organization_id, sku, name, description, product_type, unit, price, cost, category, tracking, quantity, reserved, available, stock_value, low_stock_threshold, low_stock, below_minimum, discontinued, version, created_by, created_at, updated_at)
  SELECT id, organization_id, sku, name, description, 'goods', unit, price, cost, category, 'none', 0, 0, 0, 0, low_stock_threshold, discontinued = 0, 0, discontinued, version, created_by, created_at, updated_at
  FROM products;
DELETE FROM sqlite_sequence WHERE name = 'new_products';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_products', seq FROM sqlite_sequence WHERE name = 'products';
DROP TABLE products;
ALTER TABLE new_products RENAME TO products;
CREATE TABLE warehouses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  code TEXT NOT NULL,
  address TEXT,
  is_active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE locations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  code TEXT NOT NULL,
  usage TEXT NOT NULL,
  warehouse_id INTEGER,
  parent_id INTEGER,
  path TEXT,
  allow_negative INTEGER NOT NULL,
  is_active INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, warehouse_id) REFERENCES warehouses (organization_id, id),
  FOREIGN KEY (organization_id, parent_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE lots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  product_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  best_before TEXT,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE stock_moves (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  kind TEXT NOT NULL,
  product_id INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  counted_quantity INTEGER,
  from_location_id INTEGER,
  to_location_id INTEGER,
  lot_id INTEGER,
  stock_status TEXT NOT NULL,
  to_stock_status TEXT,
  unit_cost INTEGER,
  value INTEGER NOT NULL,
  effective_at TEXT NOT NULL,
  reason TEXT,
  source TEXT,
  source_id INTEGER,
  source_line_id INTEGER,
  reverses_id INTEGER,
  reversed_before INTEGER NOT NULL,
  reversed_quantity INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, from_location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, to_location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, lot_id) REFERENCES lots (organization_id, id),
  FOREIGN KEY (organization_id, reverses_id) REFERENCES stock_moves (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_stock_moves_1 CHECK (quantity >= 0),
  CONSTRAINT ck_stock_moves_2 CHECK (reversed_quantity <= quantity)
) STRICT;
CREATE TABLE stock_levels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  product_id INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  usage TEXT NOT NULL,
  lot_id INTEGER,
  lot_key INTEGER NOT NULL,
  stock_status TEXT NOT NULL,
  on_hand INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  available INTEGER NOT NULL,
  value INTEGER NOT NULL,
  front_at TEXT,
  front_order INTEGER NOT NULL,
  front_quantity INTEGER NOT NULL,
  front_value INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES locations (organization_id, id),
  FOREIGN KEY (organization_id, lot_id) REFERENCES lots (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_stock_levels_1 CHECK (reserved >= 0),
  CONSTRAINT ck_stock_levels_2 CHECK (on_hand <> 0 OR value = 0 OR usage NOT IN ('internal', 'transit'))
) STRICT;
CREATE TABLE stock_ledger (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  move_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  product_id INTEGER NOT NULL,
  level_id INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  usage TEXT NOT NULL,
  lot_id INTEGER,
  stock_status TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  value INTEGER NOT NULL,
  level_quantity INTEGER NOT NULL,
  level_value INTEGER NOT NULL,
  product_quantity INTEGER NOT NULL,
  product_value INTEGER NOT NULL,
  product_cost INTEGER NOT NULL,
  basis TEXT NOT NULL,
  effective_at TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  FOREIGN KEY (organization_id, move_id) REFERENCES stock_moves (organization_id, id),
  FOREIGN KEY (organization_id, level_id) REFERENCES stock_levels (organization_id, id)
) STRICT;
CREATE TABLE stock_reservations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  product_id INTEGER NOT NULL,
  level_id INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  source TEXT NOT NULL,
  source_id INTEGER NOT NULL,
  source_line_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id),
  FOREIGN KEY (organization_id, level_id) REFERENCES stock_levels (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_stock_reservations_1 CHECK (quantity >= 0)
) STRICT;
CREATE TABLE new_orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  order_type TEXT NOT NULL,
  number TEXT NOT NULL,
  vendor_id INTEGER,
  party_name TEXT,
  status TEXT NOT NULL,
  order_date TEXT NOT NULL,
  due_date TEXT,
  receipt_status TEXT NOT NULL DEFAULT 'none',
  tax_rate INTEGER NOT NULL,
  discount_amount INTEGER NOT NULL,
  subtotal INTEGER NOT NULL,
  tax_amount INTEGER NOT NULL,
  rounding_amount INTEGER NOT NULL,
  total_amount INTEGER NOT NULL,
  notes TEXT,
  customer_id INTEGER,
  assigned_to INTEGER,
  delivery_status TEXT NOT NULL DEFAULT 'none',
  payment_method TEXT NOT NULL DEFAULT 'cash',
  till_session_id INTEGER,
  tendered_amount INTEGER,
  change_amount INTEGER,
  refunded_amount INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, vendor_id) REFERENCES vendors (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, till_session_id) REFERENCES till_sessions (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_orders_1 CHECK (total_amount = subtotal - discount_amount + tax_amount + rounding_amount),
  CONSTRAINT ck_orders_2 CHECK (discount_amount <= subtotal)
) STRICT;
INSERT INTO new_orders (id, organization_id, order_type, number, vendor_id, party_name, status, order_date, due_date, tax_rate, discount_amount, subtotal, tax_amount, rounding_amount, total_amount, notes, customer_id, assigned_to, version, created_by, created_at, updated_at)
  SELECT id, organization_id, order_type, number, vendor_id, party_name, status, order_date, due_date, tax_rate, discount_amount, subtotal, tax_amount, rounding_amount, total_amount, notes, customer_id, assigned_to, version, created_by, created_at, updated_at
  FROM orders;
DELETE FROM sqlite_sequence WHERE name = 'new_orders';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_orders', seq FROM sqlite_sequence WHERE name = 'orders';
DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;
ALTER TABLE order_lines ADD COLUMN received_quantity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ADD COLUMN returned_quantity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ADD COLUMN reserved_quantity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ADD COLUMN shipped_quantity INTEGER NOT NULL DEFAULT 0;
CREATE TABLE till_sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  register TEXT NOT NULL,
  status TEXT NOT NULL,
  opening_float INTEGER NOT NULL,
  opened_by INTEGER,
  closed_at TEXT,
  closed_by INTEGER,
  counted_amount INTEGER,
  expected_amount INTEGER,
  difference INTEGER,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, opened_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, closed_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_till_sessions_1 CHECK (difference IS NULL OR difference = counted_amount - expected_amount)
) STRICT;
CREATE TABLE payments (
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
CREATE UNIQUE INDEX units_of_measure_code_key ON units_of_measure (organization_id, code);
CREATE INDEX units_of_measure_dimension_idx ON units_of_measure (organization_id, dimension);
CREATE UNIQUE INDEX products_sku_key ON products (organization_id, sku);
CREATE INDEX products_name_idx ON products (organization_id, name);
CREATE INDEX products_product_type_idx ON products (organization_id, product_type);
CREATE INDEX products_unit_idx ON products (organization_id, unit);
CREATE INDEX products_price_idx ON products (organization_id, price);
CREATE INDEX products_category_idx ON products (organization_id, category) WHERE category IS NOT NULL;
CREATE UNIQUE INDEX products_barcode_key ON products (organization_id, barcode);
CREATE INDEX products_best_before_idx ON products (organization_id, best_before);
CREATE INDEX products_low_stock_idx ON products (organization_id, low_stock);
CREATE INDEX products_below_minimum_idx ON products (organization_id, below_minimum);
CREATE INDEX products_preferred_vendor_id_idx ON products (organization_id, preferred_vendor_id) WHERE preferred_vendor_id IS NOT NULL;
CREATE INDEX products_discontinued_idx ON products (organization_id, discontinued);
CREATE UNIQUE INDEX warehouses_name_key ON warehouses (organization_id, name);
CREATE UNIQUE INDEX warehouses_code_key ON warehouses (organization_id, code);
CREATE INDEX warehouses_is_active_idx ON warehouses (organization_id, is_active);
CREATE INDEX locations_name_idx ON locations (organization_id, name);
CREATE UNIQUE INDEX locations_code_key ON locations (organization_id, code);
CREATE INDEX locations_usage_idx ON locations (organization_id, usage);
CREATE INDEX locations_warehouse_id_idx ON locations (organization_id, warehouse_id) WHERE warehouse_id IS NOT NULL;
CREATE INDEX locations_parent_id_idx ON locations (organization_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX locations_path_idx ON locations (organization_id, path);
CREATE INDEX locations_is_active_idx ON locations (organization_id, is_active);
CREATE INDEX lots_product_id_idx ON lots (organization_id, product_id);
CREATE INDEX lots_name_idx ON lots (organization_id, name);
CREATE INDEX lots_best_before_idx ON lots (organization_id, best_before);
CREATE UNIQUE INDEX lots_product_id_name_key ON lots (organization_id, product_id, name);
CREATE INDEX stock_moves_product_id_idx ON stock_moves (organization_id, product_id);
CREATE INDEX stock_moves_lot_id_idx ON stock_moves (organization_id, lot_id) WHERE lot_id IS NOT NULL;
CREATE INDEX stock_moves_effective_at_idx ON stock_moves (organization_id, effective_at);
CREATE INDEX stock_moves_reverses_id_idx ON stock_moves (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX stock_moves_source_source_id_source_line_id_idx ON stock_moves (organization_id, source, source_id, source_line_id);
CREATE INDEX stock_levels_product_id_idx ON stock_levels (organization_id, product_id);
CREATE INDEX stock_levels_location_id_idx ON stock_levels (organization_id, location_id);
CREATE INDEX stock_levels_usage_idx ON stock_levels (organization_id, usage);
CREATE INDEX stock_levels_lot_id_idx ON stock_levels (organization_id, lot_id) WHERE lot_id IS NOT NULL;
CREATE UNIQUE INDEX stock_levels_product_id_location_id_lot_key_stock_status_key ON stock_levels (organization_id, product_id, location_id, lot_key, stock_status);
CREATE INDEX stock_ledger_move_id_idx ON stock_ledger (organization_id, move_id);
CREATE INDEX stock_ledger_lot_id_idx ON stock_ledger (organization_id, lot_id) WHERE lot_id IS NOT NULL;
CREATE INDEX stock_ledger_product_id_effective_at_order_id_idx ON stock_ledger (organization_id, product_id, effective_at, order_id);
CREATE INDEX stock_ledger_level_id_effective_at_order_id_quantity_idx ON stock_ledger (organization_id, level_id, effective_at, order_id, quantity);
CREATE INDEX stock_reservations_product_id_idx ON stock_reservations (organization_id, product_id);
CREATE INDEX stock_reservations_level_id_idx ON stock_reservations (organization_id, level_id);
CREATE INDEX stock_reservations_source_source_id_source_line_id_idx ON stock_reservations (organization_id, source, source_id, source_line_id);
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
CREATE INDEX orders_till_session_id_idx ON orders (organization_id, till_session_id) WHERE till_session_id IS NOT NULL;
CREATE INDEX till_sessions_register_idx ON till_sessions (organization_id, register);
CREATE INDEX till_sessions_status_idx ON till_sessions (organization_id, status);
CREATE INDEX till_sessions_opened_by_idx ON till_sessions (organization_id, opened_by) WHERE opened_by IS NOT NULL;
CREATE INDEX till_sessions_closed_at_idx ON till_sessions (organization_id, closed_at);
CREATE INDEX till_sessions_closed_by_idx ON till_sessions (organization_id, closed_by) WHERE closed_by IS NOT NULL;
CREATE INDEX till_sessions_opened_by_status_idx ON till_sessions (organization_id, opened_by, status);
CREATE INDEX till_sessions_register_status_idx ON till_sessions (organization_id, register, status);
CREATE UNIQUE INDEX payments_number_key ON payments (organization_id, number);
CREATE INDEX payments_payment_date_idx ON payments (organization_id, payment_date);
CREATE INDEX payments_customer_id_idx ON payments (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_till_session_id_idx ON payments (organization_id, till_session_id) WHERE till_session_id IS NOT NULL;
CREATE INDEX payments_source_source_id_idx ON payments (organization_id, source, source_id);
CREATE VIRTUAL TABLE units_of_measure_search /* units-of-measure.code, units-of-measure.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE products_search /* products.sku, products.name, products.category, products.barcode */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO products_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(sku, '') || ' ' || coalesce(name, '') || ' ' || coalesce(category, '') || ' ' || coalesce(barcode, '') FROM products;
CREATE VIRTUAL TABLE warehouses_search /* warehouses.name, warehouses.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE locations_search /* locations.name, locations.code */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE lots_search /* lots.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes, sales.sale_number, sales.customer_name, sales.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'pos';
CREATE VIRTUAL TABLE till_sessions_search /* till-sessions.register */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE TRIGGER stock_moves_no_update BEFORE UPDATE OF id, organization_id, kind, product_id, quantity, counted_quantity, from_location_id, to_location_id, lot_id, stock_status, to_stock_status, unit_cost, effective_at, reason, source, source_id, source_line_id, reverses_id, reversed_before, created_by, created_at ON stock_moves BEGIN SELECT RAISE(ABORT, 'stock_moves_append_only'); END;
CREATE TRIGGER stock_moves_no_delete BEFORE DELETE ON stock_moves BEGIN SELECT RAISE(ABORT, 'stock_moves_append_only'); END;
CREATE TRIGGER stock_ledger_no_update BEFORE UPDATE OF id, organization_id, move_id, kind, product_id, level_id, location_id, usage, lot_id, stock_status, quantity, basis, effective_at, order_id, created_at ON stock_ledger BEGIN SELECT RAISE(ABORT, 'stock_ledger_append_only'); END;
CREATE TRIGGER stock_ledger_no_delete BEFORE DELETE ON stock_ledger BEGIN SELECT RAISE(ABORT, 'stock_ledger_append_only'); END;

-- down
DROP TABLE till_sessions_search;
DROP TABLE orders_search;
DROP TABLE lots_search;
DROP TABLE locations_search;
DROP TABLE warehouses_search;
DROP TABLE products_search;
DROP TABLE units_of_measure_search;
DROP TABLE payments;
DROP TABLE till_sessions;
DROP TABLE stock_reservations;
DROP TABLE stock_ledger;
DROP TABLE stock_levels;
DROP TABLE stock_moves;
DROP TABLE lots;
DROP TABLE locations;
DROP TABLE warehouses;
DROP TABLE units_of_measure;
-- The values of products.product_type are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.barcode are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.tracking are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.best_before are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.quantity are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.reserved are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.available are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.stock_value are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.low_stock are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.below_minimum are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.over_receipt_tolerance are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.reorder_minimum are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.reorder_maximum are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.reorder_multiple are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.preferred_vendor_id are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.lead_time_days are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
-- The values of products.last_posted_at are lost here. If it only got another name, write
-- ALTER TABLE products RENAME COLUMN … instead.
CREATE TABLE new_products (
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
INSERT INTO new_products (id, organization_id, sku, name, description, unit, price, cost, category, low_stock_threshold, discontinued, version, created_by, created_at, updated_at)
  SELECT id, organization_id, sku, name, description, unit, price, cost, category, low_stock_threshold, discontinued, version, created_by, created_at, updated_at
  FROM products;
DELETE FROM sqlite_sequence WHERE name = 'new_products';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_products', seq FROM sqlite_sequence WHERE name = 'products';
DROP TABLE products;
ALTER TABLE new_products RENAME TO products;
-- The values of orders.receipt_status are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.delivery_status are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.payment_method are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.till_session_id are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.tendered_amount are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.change_amount are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
-- The values of orders.refunded_amount are lost here. If it only got another name, write
-- ALTER TABLE orders RENAME COLUMN … instead.
CREATE TABLE new_orders (
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
INSERT INTO new_orders (id, organization_id, order_type, number, vendor_id, party_name, status, order_date, due_date, tax_rate, discount_amount, subtotal, tax_amount, rounding_amount, total_amount, notes, customer_id, assigned_to, version, created_by, created_at, updated_at)
  SELECT id, organization_id, order_type, number, vendor_id, party_name, status, order_date, due_date, tax_rate, discount_amount, subtotal, tax_amount, rounding_amount, total_amount, notes, customer_id, assigned_to, version, created_by, created_at, updated_at
  FROM orders;
DELETE FROM sqlite_sequence WHERE name = 'new_orders';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_orders', seq FROM sqlite_sequence WHERE name = 'orders';
DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;
-- The values of order_lines.received_quantity are lost here. If it only got another name, write
-- ALTER TABLE order_lines RENAME COLUMN … instead.
-- The values of order_lines.returned_quantity are lost here. If it only got another name, write
-- ALTER TABLE order_lines RENAME COLUMN … instead.
-- The values of order_lines.reserved_quantity are lost here. If it only got another name, write
-- ALTER TABLE order_lines RENAME COLUMN … instead.
-- The values of order_lines.shipped_quantity are lost here. If it only got another name, write
-- ALTER TABLE order_lines RENAME COLUMN … instead.
ALTER TABLE order_lines DROP COLUMN received_quantity;
ALTER TABLE order_lines DROP COLUMN returned_quantity;
ALTER TABLE order_lines DROP COLUMN reserved_quantity;
ALTER TABLE order_lines DROP COLUMN shipped_quantity;
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
CREATE VIRTUAL TABLE products_search /* products.sku, products.name, products.category */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO products_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(sku, '') || ' ' || coalesce(name, '') || ' ' || coalesce(category, '') FROM products;
CREATE VIRTUAL TABLE orders_search /* purchase-orders.po_number, purchase-orders.supplier_name, purchase-orders.notes, sales-orders.so_number, sales-orders.customer_name, sales-orders.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'purchase';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id || ' ' || coalesce(number, '') || ' ' || coalesce(party_name, '') || ' ' || coalesce(notes, '') FROM orders WHERE order_type = 'sale';
INSERT INTO orders_search (rowid, words) SELECT id, '' || organization_id FROM orders WHERE order_type = 'pos';
