-- What an MLS is to us: a name and a face for its sign-in page.
CREATE TABLE mlses (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL,
    logo TEXT,
    accent TEXT,
    support TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    mls_id TEXT NOT NULL REFERENCES mlses (id),
    login_name TEXT NOT NULL,
    login_key TEXT NOT NULL UNIQUE,
    user_type TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    password_hash TEXT,
    tokens_valid_after BIGINT,
    roster_key TEXT NOT NULL,
    profile TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    UNIQUE (mls_id, roster_key)
);

CREATE TABLE keys (
    id BIGINT PRIMARY KEY NOT NULL,
    identity_id BIGINT,
    mls_id TEXT REFERENCES mlses (id),
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    application_uri TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    roles TEXT NOT NULL,
    template_id TEXT,
    multiple_mls BOOLEAN NOT NULL,
    mls_ids TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    openid_enabled BOOLEAN NOT NULL,
    policy TEXT NOT NULL,
    comments TEXT NOT NULL,
    deleted_at BIGINT,
    last_active TEXT,
    tokens_valid_after BIGINT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);

-- Several at a time, so that a secret can be replaced without a gap.
CREATE TABLE key_secrets (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL REFERENCES keys (id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_on TEXT
);
CREATE INDEX key_secrets_of_key ON key_secrets (key_id);

-- One row for a permission's whole life. No foreign keys: this is the hot table, and its readers check key and person themselves.
CREATE TABLE grants (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    challenge TEXT,
    redirect_uri TEXT NOT NULL,
    claims TEXT,
    auth_time BIGINT NOT NULL,
    session_id BIGINT,
    offered_at BIGINT NOT NULL,
    offer_ends BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    front_channel BOOLEAN NOT NULL,
    some_revoked BOOLEAN NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX grants_of_account ON grants (account_id, key_id);
CREATE INDEX grants_to_sweep ON grants (sweep_at);

-- Single access tokens that were revoked before their time; a row dies with its token.
CREATE TABLE revoked_tokens (
    nonce BIGINT PRIMARY KEY NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_to_sweep ON revoked_tokens (sweep_at);

CREATE TABLE consents (
    account_id TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    terms TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key_id)
);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL,
    account_id TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT,
    peer TEXT,
    user_agent TEXT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account_id);
CREATE INDEX sessions_to_sweep ON sessions (sweep_at);

CREATE TABLE throttles (
    bucket TEXT NOT NULL PRIMARY KEY,
    attempts BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX throttles_to_sweep ON throttles (sweep_at);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    sealed_private TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    signs_until BIGINT,
    withdrawn_at BIGINT
);

-- The MAC keys of handles, sealed under the master secret.
CREATE TABLE mac_keys (
    version BIGINT PRIMARY KEY NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor TEXT,
    subject TEXT,
    client TEXT,
    session TEXT,
    peer TEXT,
    request_id TEXT,
    reason TEXT,
    times BIGINT NOT NULL
);

CREATE TABLE outbox (
    id BIGINT PRIMARY KEY NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    problem TEXT,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (state, next_at);
CREATE INDEX outbox_to_sweep ON outbox (sweep_at);

-- What this installation is: the check value of its master secret, and the like.
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
