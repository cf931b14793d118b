-- What the platform locked no MLS unlocks, neither its staff nor its roster.
ALTER TABLE accounts ADD COLUMN locked_by_platform BOOLEAN NOT NULL DEFAULT FALSE;

-- A developer who was deleted signs in nowhere: so it is for those deleted before that was so.
UPDATE developers SET enabled = FALSE WHERE identity_id IN (SELECT id FROM identities WHERE deleted_at IS NOT NULL);
