-- Home buyers who sign in at agents' portals: a user class of its own. One whose address nobody has proved takes nobody's place, and goes in time.
CREATE TABLE consumers (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    login_name TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    email_updates BOOLEAN NOT NULL,
    password_hash TEXT NOT NULL,
    email_verified_at BIGINT,
    tokens_valid_after BIGINT,
    current_agent TEXT REFERENCES accounts (id),
    signup TEXT,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    sweep_at BIGINT
);
CREATE UNIQUE INDEX consumers_by_email ON consumers (email_key) WHERE email_verified_at IS NOT NULL;
CREATE UNIQUE INDEX consumers_by_login ON consumers (login_key) WHERE email_verified_at IS NOT NULL;
CREATE INDEX consumers_named ON consumers (email_key, id);
CREATE INDEX consumers_to_sweep ON consumers (sweep_at);

-- An agent's site for home buyers; the name is the path element of its sign-in page.
CREATE TABLE portals (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE REFERENCES accounts (id),
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    required_fields TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);

-- Whom an agent knows. With portal_login there is a portal account; with consumer_id somebody signs in by it.
CREATE TABLE contacts (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    consumer_id TEXT REFERENCES consumers (id),
    display_name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    phone TEXT NOT NULL,
    street TEXT NOT NULL,
    locality TEXT NOT NULL,
    region TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    tags TEXT NOT NULL,
    vow_enabled BOOLEAN NOT NULL,
    record_status TEXT NOT NULL,
    portal_login TEXT,
    portal_enabled BOOLEAN NOT NULL,
    portal_language TEXT NOT NULL,
    last_active BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    deleted_at BIGINT,
    sweep_at BIGINT
);
CREATE UNIQUE INDEX contacts_linked ON contacts (account_id, consumer_id) WHERE consumer_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contacts_of_account ON contacts (account_id, id);
CREATE INDEX contacts_of_consumer ON contacts (consumer_id, id);
CREATE INDEX contacts_by_email ON contacts (account_id, email_key);
CREATE INDEX contacts_to_sweep ON contacts (sweep_at);

CREATE TABLE consumer_sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL,
    consumer_id TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT,
    peer TEXT,
    user_agent TEXT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX consumer_sessions_of_consumer ON consumer_sessions (consumer_id, id);
CREATE INDEX consumer_sessions_to_sweep ON consumer_sessions (sweep_at);

-- What a consumer allowed a site to do with which agent.
CREATE TABLE consumer_consents (
    consumer_id TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    terms TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (consumer_id, key_id, account_id)
);

-- A grant that a consumer gave speaks for him with the agent in account_id; session_id is then one of consumer_sessions.
ALTER TABLE grants ADD COLUMN consumer_id TEXT;
ALTER TABLE grants ADD COLUMN contact_id TEXT;
ALTER TABLE grants ADD COLUMN consumer_role TEXT;
CREATE INDEX grants_of_consumer ON grants (consumer_id, id) WHERE consumer_id IS NOT NULL;
