-- Developers, whom the Keys API calls Identities. One without an MLS registered with the platform itself.
CREATE TABLE identities (
    id BIGINT PRIMARY KEY NOT NULL,
    mls_id TEXT REFERENCES mlses (id),
    account_id TEXT REFERENCES accounts (id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    company TEXT NOT NULL,
    email TEXT NOT NULL,
    website TEXT NOT NULL,
    phone TEXT NOT NULL,
    comments TEXT NOT NULL,
    additional_contacts TEXT NOT NULL,
    deleted_at BIGINT,
    last_active TEXT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);
CREATE INDEX identities_of_mls ON identities (mls_id, id);

-- What the Keys API knows of a key besides. The secret of a SparkApiAuth key must be readable again, so it is sealed, never digested.
ALTER TABLE keys ADD COLUMN auth_type TEXT NOT NULL DEFAULT 'OAuth2';
ALTER TABLE keys ADD COLUMN sealed_secret TEXT;
ALTER TABLE keys ADD COLUMN permitted_addresses TEXT NOT NULL DEFAULT '[]';
ALTER TABLE keys ADD COLUMN permitted_agents TEXT NOT NULL DEFAULT '[]';
CREATE INDEX keys_of_identity ON keys (identity_id, id);
CREATE INDEX keys_of_mls ON keys (mls_id, id);

-- A consent is an Authorization of the Keys API, which names it by an integer; given_by is empty where the person gave it himself.
CREATE TABLE consents_with_id (
    account_id TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    terms TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    id BIGINT NOT NULL,
    given_by TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key_id)
);
INSERT INTO consents_with_id (account_id, key_id, scope, terms, granted_at, id, created_at)
    SELECT account_id, key_id, scope, terms, granted_at, row_number() OVER (ORDER BY granted_at, account_id, key_id), granted_at FROM consents;
DROP TABLE consents;
ALTER TABLE consents_with_id RENAME TO consents;
CREATE UNIQUE INDEX consents_by_id ON consents (id);
CREATE INDEX consents_of_key ON consents (key_id, id);

-- Tokens that do not expire: one account and one key, at most one of them live.
CREATE TABLE personal_tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL REFERENCES keys (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    digest TEXT NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    restriction TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_on TEXT,
    revoked_at BIGINT,
    sweep_at BIGINT
);
CREATE UNIQUE INDEX personal_tokens_live ON personal_tokens (key_id, account_id) WHERE revoked_at IS NULL;
CREATE INDEX personal_tokens_of_key ON personal_tokens (key_id, id);
CREATE INDEX personal_tokens_of_account ON personal_tokens (account_id, id);
CREATE INDEX personal_tokens_to_sweep ON personal_tokens (sweep_at);

-- RESO templates a key may be bound to.
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    mls_id TEXT REFERENCES mlses (id),
    owner_id TEXT,
    association_id TEXT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    syndication_id TEXT,
    listing_photo_limit BIGINT,
    role TEXT NOT NULL,
    restrictive_filters TEXT NOT NULL,
    field_overrides TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);
CREATE INDEX templates_of_mls ON templates (mls_id, id);

-- Web domains of a key.
CREATE TABLE domains (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL REFERENCES keys (id),
    uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    UNIQUE (key_id, uri)
);

-- Who changed what of an identity, key, authorization or template: written with the change, never a secret in it.
CREATE TABLE change_history (
    id BIGINT PRIMARY KEY NOT NULL,
    mls_id TEXT,
    action TEXT NOT NULL,
    record_type TEXT NOT NULL,
    record_id TEXT NOT NULL,
    identity_id BIGINT,
    key_id BIGINT,
    changed_fields TEXT NOT NULL,
    changed_values TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX change_history_of_identity ON change_history (identity_id, id);
CREATE INDEX change_history_of_record ON change_history (record_type, record_id, id);

-- Who uses an application of the store.
CREATE TABLE purchases (
    key_id BIGINT NOT NULL REFERENCES keys (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    purchased BOOLEAN NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, account_id)
);

-- Requests of one key and person in one hour: the count is exact.
CREATE TABLE usage_hours (
    hour BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    role TEXT NOT NULL,
    successes BIGINT NOT NULL,
    client_errors BIGINT NOT NULL,
    server_errors BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    sweep_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour, account_id, role)
);
CREATE INDEX usage_hours_of_account ON usage_hours (account_id, hour);
CREATE INDEX usage_hours_to_sweep ON usage_hours (sweep_at);

-- Single requests of the last seven days, as many as are kept.
CREATE TABLE usage_details (
    id BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    method TEXT NOT NULL,
    status BIGINT NOT NULL,
    uri TEXT NOT NULL,
    micros BIGINT NOT NULL,
    peer TEXT,
    user_agent TEXT NOT NULL,
    spark_user_agent TEXT,
    key_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    mls_id TEXT,
    account_id TEXT,
    api_error BIGINT,
    reason TEXT,
    request_id TEXT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX usage_details_of_key ON usage_details (key_id, id);
CREATE INDEX usage_details_of_request ON usage_details (request_id);
CREATE INDEX usage_details_to_sweep ON usage_details (sweep_at);

-- How much of its rate a key has taken in the running window; nodes take shares of it.
CREATE TABLE rate_windows (
    bucket TEXT NOT NULL PRIMARY KEY,
    began_at BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX rate_windows_to_sweep ON rate_windows (sweep_at);
