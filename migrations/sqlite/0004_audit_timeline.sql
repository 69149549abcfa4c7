-- up
CREATE INDEX journal_resource_at_idx ON journal (organization_id, resource, at);

-- down
DROP INDEX journal_resource_at_idx;
