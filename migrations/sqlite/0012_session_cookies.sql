-- up
ALTER TABLE sessions ADD COLUMN cookie INTEGER NOT NULL DEFAULT 0;

-- down
-- The values of sessions.cookie are lost here. If it only got another name, write
-- ALTER TABLE sessions RENAME COLUMN … instead.
ALTER TABLE sessions DROP COLUMN cookie;
