-- up
CREATE TABLE notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  message TEXT NOT NULL,
  type TEXT NOT NULL,
  kind TEXT,
  user_id INTEGER,
  resource TEXT,
  record_id INTEGER,
  about_date TEXT,
  read INTEGER NOT NULL,
  read_at TEXT,
  read_by INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, read_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE INDEX notifications_type_idx ON notifications (organization_id, type);
CREATE INDEX notifications_kind_idx ON notifications (organization_id, kind) WHERE kind IS NOT NULL;
CREATE INDEX notifications_user_id_idx ON notifications (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX notifications_read_idx ON notifications (organization_id, read);
CREATE INDEX notifications_resource_record_id_kind_about_date_idx ON notifications (organization_id, resource, record_id, kind, about_date);

-- down
DROP TABLE notifications;
