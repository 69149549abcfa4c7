-- up
DROP INDEX invitations_token_hash_key;
CREATE TABLE access_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organizations (id),
  email TEXT,
  role_id INTEGER NOT NULL,
  max_amount INTEGER,
  expires_at TEXT,
  used_at TEXT,
  used_by INTEGER,
  token_hash TEXT,
  version INTEGER NOT NULL,
  created_by INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
  FOREIGN KEY (organization_id, used_by) REFERENCES users (organization_id, id),
  FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
) STRICT;
ALTER TABLE sessions ADD COLUMN max_amount INTEGER;
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash);
CREATE INDEX access_tokens_email_idx ON access_tokens (organization_id, email);
CREATE INDEX access_tokens_role_id_idx ON access_tokens (organization_id, role_id);
CREATE INDEX access_tokens_expires_at_idx ON access_tokens (organization_id, expires_at);
CREATE INDEX access_tokens_used_at_idx ON access_tokens (organization_id, used_at);
CREATE INDEX access_tokens_used_by_idx ON access_tokens (organization_id, used_by) WHERE used_by IS NOT NULL;
CREATE UNIQUE INDEX access_tokens_token_hash_key ON access_tokens (token_hash);

-- down
DROP INDEX invitations_token_hash_key;
DROP TABLE access_tokens;
-- The values of sessions.max_amount are lost here. If it only got another name, write
-- ALTER TABLE sessions RENAME COLUMN … instead.
ALTER TABLE sessions DROP COLUMN max_amount;
CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (organization_id, token_hash);
