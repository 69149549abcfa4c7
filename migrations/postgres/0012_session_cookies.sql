-- up
ALTER TABLE sessions ADD COLUMN cookie boolean NOT NULL DEFAULT 'false';
ALTER TABLE sessions ALTER COLUMN cookie DROP DEFAULT;

-- down
-- The values of sessions.cookie are lost here. If it only got another name, write
-- ALTER TABLE sessions RENAME COLUMN … instead.
ALTER TABLE sessions DROP COLUMN cookie;
