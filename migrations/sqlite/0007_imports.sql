-- up
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

-- down
DROP TABLE job_errors;
DROP TABLE jobs;
