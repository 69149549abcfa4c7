-- up
DROP INDEX orders_status_due_date_idx;
DROP INDEX orders_due_date_idx;
DROP INDEX orders_party_name_idx;
CREATE TABLE new_journal (
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
  hash TEXT NOT NULL
) STRICT;
INSERT INTO new_journal (id, organization_id, sequence, at, user_id, username, origin, ip, request_id, resource, record_id, action, changes, hash)
  SELECT id, organization_id, sequence, at, user_id, username, origin, ip, request_id, resource, record_id, action, changes, hash
  FROM journal;
DELETE FROM sqlite_sequence WHERE name = 'new_journal';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_journal', seq FROM sqlite_sequence WHERE name = 'journal';
DROP TABLE journal;
ALTER TABLE new_journal RENAME TO journal;
CREATE UNIQUE INDEX journal_sequence_key ON journal (organization_id, sequence);
CREATE INDEX journal_at_idx ON journal (organization_id, at);
CREATE INDEX journal_resource_record_id_idx ON journal (organization_id, resource, record_id);
CREATE INDEX journal_resource_at_idx ON journal (organization_id, resource, at);
CREATE INDEX journal_user_id_at_idx ON journal (organization_id, user_id, at);
CREATE INDEX orders_party_name_idx ON orders (organization_id, order_type, party_name) WHERE order_type = 'purchase' OR order_type = 'sale';
CREATE INDEX orders_due_date_idx ON orders (organization_id, order_type, due_date) WHERE order_type = 'purchase' OR order_type = 'sale';
CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, status, due_date) WHERE order_type = 'purchase' OR order_type = 'sale';
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;

-- down
DROP INDEX orders_status_due_date_idx;
DROP INDEX orders_due_date_idx;
DROP INDEX orders_party_name_idx;
CREATE TABLE new_journal (
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
INSERT INTO new_journal (id, organization_id, sequence, at, user_id, username, origin, ip, request_id, resource, record_id, action, changes, hash)
  SELECT id, organization_id, sequence, at, user_id, username, origin, ip, request_id, resource, record_id, action, changes, hash
  FROM journal;
DELETE FROM sqlite_sequence WHERE name = 'new_journal';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_journal', seq FROM sqlite_sequence WHERE name = 'journal';
DROP TABLE journal;
ALTER TABLE new_journal RENAME TO journal;
CREATE UNIQUE INDEX journal_sequence_key ON journal (organization_id, sequence);
CREATE INDEX journal_at_idx ON journal (organization_id, at);
CREATE INDEX journal_user_id_idx ON journal (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX journal_resource_idx ON journal (organization_id, resource);
CREATE INDEX journal_resource_record_id_idx ON journal (organization_id, resource, record_id);
CREATE INDEX journal_resource_at_idx ON journal (organization_id, resource, at);
CREATE INDEX orders_party_name_idx ON orders (organization_id, order_type, party_name);
CREATE INDEX orders_due_date_idx ON orders (organization_id, order_type, due_date);
CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, status, due_date);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
