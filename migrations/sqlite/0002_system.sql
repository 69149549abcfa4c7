-- up
CREATE TABLE system_settings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  currency TEXT NOT NULL,
  currency_code TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  tax_rate INTEGER NOT NULL,
  max_discount_percent INTEGER NOT NULL,
  discount_rules TEXT NOT NULL,
  features TEXT NOT NULL,
  working_hours TEXT NOT NULL,
  notifications TEXT NOT NULL,
  over_receipt_tolerance INTEGER NOT NULL,
  valuation_method TEXT NOT NULL,
  negative_stock INTEGER NOT NULL,
  period_close_date TEXT,
  expiry_warning_days INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX system_settings_key ON system_settings (organization_id);

-- Who counts in something else than the fallbacks has settings that say so.
INSERT INTO system_settings (organization_id, currency, currency_code, time_zone, tax_rate, max_discount_percent,
  discount_rules, features, working_hours, notifications, over_receipt_tolerance, valuation_method, negative_stock,
  expiry_warning_days, version, created_at, updated_at)
SELECT id, CASE currency WHEN 'USD' THEN '$' ELSE currency END, currency, time_zone, 0, 1000000, '{}', '{}', '{}', '{}',
  0, 'moving_average', 0, 30, 1, strftime('%Y-%m-%dT%H:%M:%SZ'), strftime('%Y-%m-%dT%H:%M:%SZ')
FROM organizations WHERE currency <> 'USD' OR time_zone <> 'UTC';

-- down
DROP TABLE system_settings;
