-- What the platform's staff suspended only they take up again.
ALTER TABLE key_suspensions ADD COLUMN by_platform BOOLEAN NOT NULL DEFAULT FALSE;

-- For whom a key that was issued by hand speaks; nobody is the generic agent of its MLS.
ALTER TABLE key_approvals ADD COLUMN account_id TEXT REFERENCES accounts (id);
ALTER TABLE key_approvals ADD COLUMN own_data TEXT;

CREATE INDEX enrolments_of_key ON enrolments (key_id);
CREATE INDEX developers_of_identity ON developers (identity_id);
