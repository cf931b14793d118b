-- An MLS that is invented: its data is sample data, and nobody's face depends on it.
ALTER TABLE mlses ADD COLUMN sample BOOLEAN NOT NULL DEFAULT FALSE;
