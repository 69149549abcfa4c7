-- up
CREATE TABLE leads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  company TEXT,
  email TEXT,
  phone TEXT,
  job_title TEXT,
  website TEXT,
  address TEXT,
  city TEXT,
  country TEXT,
  source TEXT NOT NULL,
  status TEXT NOT NULL,
  lead_score INTEGER NOT NULL,
  score_reason TEXT,
  estimated_value INTEGER NOT NULL,
  assigned_to INTEGER,
  lost_reason TEXT,
  notes TEXT,
  is_converted INTEGER NOT NULL,
  converted_at TEXT,
  converted_customer_id INTEGER,
  converted_deal_id INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, converted_customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, converted_deal_id) REFERENCES deals (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_leads_1 CHECK (lead_score >= 0 AND lead_score <= 100),
  CONSTRAINT ck_leads_2 CHECK ((status = 'converted') = (converted_customer_id IS NOT NULL AND converted_deal_id IS NOT NULL)),
  CONSTRAINT ck_leads_3 CHECK ((status = 'converted') = (is_converted = 1))
) STRICT;
CREATE TABLE pipelines (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  code TEXT,
  description TEXT,
  is_active INTEGER NOT NULL,
  is_default INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
CREATE TABLE pipeline_stages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  pipeline_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  position INTEGER,
  probability INTEGER,
  is_won INTEGER NOT NULL,
  is_lost INTEGER NOT NULL,
  deals_count INTEGER NOT NULL,
  deals_value INTEGER NOT NULL,
  open_count INTEGER NOT NULL,
  expected_revenue INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_pipeline_stages_1 CHECK (is_won + is_lost <= 1),
  CONSTRAINT ck_pipeline_stages_2 CHECK (is_won = 0 OR probability = 100),
  CONSTRAINT ck_pipeline_stages_3 CHECK (is_lost = 0 OR probability = 0),
  CONSTRAINT ck_pipeline_stages_4 CHECK (deals_count >= 0 AND deals_value >= 0),
  CONSTRAINT ck_pipeline_stages_5 CHECK (open_count >= 0 AND open_count <= deals_count),
  CONSTRAINT ck_pipeline_stages_6 CHECK (expected_revenue >= 0)
) STRICT;
CREATE TABLE deals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  title TEXT NOT NULL,
  customer_id INTEGER,
  lead_id INTEGER,
  pipeline_id INTEGER,
  stage_id INTEGER,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  value INTEGER NOT NULL,
  probability INTEGER,
  expected_revenue INTEGER NOT NULL,
  expected_close_date TEXT,
  assigned_to INTEGER,
  lost_reason TEXT,
  is_won INTEGER NOT NULL,
  is_lost INTEGER NOT NULL,
  closed_at TEXT,
  notes TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, lead_id) REFERENCES leads (organization_id, id),
  FOREIGN KEY (organization_id, pipeline_id) REFERENCES pipelines (organization_id, id),
  FOREIGN KEY (organization_id, stage_id) REFERENCES pipeline_stages (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_deals_1 CHECK (value >= 0 AND value % 100 = 0),
  CONSTRAINT ck_deals_2 CHECK (probability >= 0 AND probability <= 100),
  CONSTRAINT ck_deals_3 CHECK (expected_revenue = value / 100 * probability),
  CONSTRAINT ck_deals_4 CHECK ((status = 'open') = (closed_at IS NULL)),
  CONSTRAINT ck_deals_5 CHECK (status <> 'lost' OR lost_reason IS NOT NULL),
  CONSTRAINT ck_deals_6 CHECK (status <> 'won' OR (value > 0 AND customer_id IS NOT NULL))
) STRICT;
CREATE TABLE deal_stage_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  deal_id INTEGER NOT NULL,
  stage_id INTEGER NOT NULL,
  entered_at TEXT NOT NULL,
  left_at TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, deal_id) REFERENCES deals (organization_id, id),
  FOREIGN KEY (organization_id, stage_id) REFERENCES pipeline_stages (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_deal_stage_entries_1 CHECK (left_at IS NULL OR left_at >= entered_at)
) STRICT;
CREATE TABLE activities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  activity_type TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  customer_id INTEGER,
  customer_name TEXT,
  lead_id INTEGER,
  deal_id INTEGER,
  resource TEXT,
  record_id INTEGER,
  assigned_to INTEGER,
  scheduled_at TEXT,
  due_date TEXT,
  due_at TEXT,
  reminder_at TEXT,
  reminded_at TEXT,
  reminder_due TEXT,
  duration_minutes INTEGER,
  phone_number TEXT,
  call_duration INTEGER,
  call_recording_url TEXT,
  email_subject TEXT,
  email_body TEXT,
  email_attachments TEXT,
  telegram_username TEXT,
  telegram_chat_id TEXT,
  meeting_location TEXT,
  meeting_url TEXT,
  attendees TEXT,
  is_pinned INTEGER NOT NULL,
  outcome TEXT,
  completed_at TEXT,
  completed_by INTEGER,
  cancelled_at TEXT,
  cancelled_by INTEGER,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
  FOREIGN KEY (organization_id, lead_id) REFERENCES leads (organization_id, id),
  FOREIGN KEY (organization_id, deal_id) REFERENCES deals (organization_id, id),
  FOREIGN KEY (organization_id, assigned_to) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, completed_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, cancelled_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id),
  CONSTRAINT ck_activities_1 CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
  CONSTRAINT ck_activities_2 CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
  CONSTRAINT ck_activities_3 CHECK (activity_type <> 'note' OR status = 'completed'),
  CONSTRAINT ck_activities_4 CHECK ((resource IS NULL) = (record_id IS NULL))
) STRICT;
CREATE INDEX leads_name_idx ON leads (organization_id, name);
CREATE INDEX leads_company_idx ON leads (organization_id, company);
CREATE INDEX leads_email_idx ON leads (organization_id, email) WHERE email IS NOT NULL;
CREATE INDEX leads_city_idx ON leads (organization_id, city) WHERE city IS NOT NULL;
CREATE INDEX leads_source_idx ON leads (organization_id, source);
CREATE INDEX leads_status_idx ON leads (organization_id, status);
CREATE INDEX leads_lead_score_idx ON leads (organization_id, lead_score);
CREATE INDEX leads_estimated_value_idx ON leads (organization_id, estimated_value);
CREATE INDEX leads_assigned_to_idx ON leads (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX leads_is_converted_idx ON leads (organization_id, is_converted);
CREATE INDEX leads_converted_customer_id_idx ON leads (organization_id, converted_customer_id) WHERE converted_customer_id IS NOT NULL;
CREATE INDEX leads_converted_deal_id_idx ON leads (organization_id, converted_deal_id) WHERE converted_deal_id IS NOT NULL;
CREATE UNIQUE INDEX pipelines_name_key ON pipelines (organization_id, name);
CREATE UNIQUE INDEX pipelines_code_key ON pipelines (organization_id, code);
CREATE INDEX pipelines_is_active_idx ON pipelines (organization_id, is_active);
CREATE INDEX pipelines_is_default_idx ON pipelines (organization_id, is_default);
CREATE INDEX pipeline_stages_pipeline_id_idx ON pipeline_stages (organization_id, pipeline_id);
CREATE INDEX pipeline_stages_name_idx ON pipeline_stages (organization_id, name);
CREATE INDEX pipeline_stages_pipeline_id_position_idx ON pipeline_stages (organization_id, pipeline_id, position);
CREATE INDEX deals_title_idx ON deals (organization_id, title);
CREATE INDEX deals_customer_id_idx ON deals (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX deals_lead_id_idx ON deals (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX deals_pipeline_id_idx ON deals (organization_id, pipeline_id) WHERE pipeline_id IS NOT NULL;
CREATE INDEX deals_stage_id_idx ON deals (organization_id, stage_id) WHERE stage_id IS NOT NULL;
CREATE INDEX deals_status_idx ON deals (organization_id, status);
CREATE INDEX deals_priority_idx ON deals (organization_id, priority);
CREATE INDEX deals_value_idx ON deals (organization_id, value);
CREATE INDEX deals_expected_close_date_idx ON deals (organization_id, expected_close_date);
CREATE INDEX deals_assigned_to_idx ON deals (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX deals_is_won_idx ON deals (organization_id, is_won);
CREATE INDEX deals_is_lost_idx ON deals (organization_id, is_lost);
CREATE INDEX deals_closed_at_idx ON deals (organization_id, closed_at);
CREATE INDEX deals_status_expected_close_date_idx ON deals (organization_id, status, expected_close_date);
CREATE INDEX deal_stage_entries_deal_id_idx ON deal_stage_entries (organization_id, deal_id);
CREATE INDEX deal_stage_entries_stage_id_idx ON deal_stage_entries (organization_id, stage_id);
CREATE INDEX deal_stage_entries_entered_at_idx ON deal_stage_entries (organization_id, entered_at);
CREATE INDEX activities_activity_type_idx ON activities (organization_id, activity_type);
CREATE INDEX activities_status_idx ON activities (organization_id, status);
CREATE INDEX activities_priority_idx ON activities (organization_id, priority);
CREATE INDEX activities_customer_id_idx ON activities (organization_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX activities_lead_id_idx ON activities (organization_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX activities_deal_id_idx ON activities (organization_id, deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX activities_assigned_to_idx ON activities (organization_id, assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX activities_scheduled_at_idx ON activities (organization_id, scheduled_at);
CREATE INDEX activities_due_date_idx ON activities (organization_id, due_date) WHERE due_date IS NOT NULL;
CREATE INDEX activities_due_at_idx ON activities (organization_id, due_at);
CREATE INDEX activities_reminder_due_idx ON activities (organization_id, reminder_due) WHERE reminder_due IS NOT NULL;
CREATE INDEX activities_is_pinned_idx ON activities (organization_id, is_pinned);
CREATE INDEX activities_completed_at_idx ON activities (organization_id, completed_at);
CREATE INDEX activities_resource_record_id_idx ON activities (organization_id, resource, record_id);
CREATE VIRTUAL TABLE leads_search /* leads.name, leads.company, leads.email, leads.phone, leads.city, leads.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE pipelines_search /* pipelines.name, pipelines.description */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE pipeline_stages_search /* pipeline-stages.name */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE deals_search /* deals.title, deals.notes */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');
CREATE VIRTUAL TABLE activities_search /* activities.title, activities.description, activities.customer_name, activities.outcome */ USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2');

-- down
DROP TABLE activities_search;
DROP TABLE deals_search;
DROP TABLE pipeline_stages_search;
DROP TABLE pipelines_search;
DROP TABLE leads_search;
DROP TABLE activities;
DROP TABLE deal_stage_entries;
DROP TABLE deals;
DROP TABLE pipeline_stages;
DROP TABLE pipelines;
DROP TABLE leads;
