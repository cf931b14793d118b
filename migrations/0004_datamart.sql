-- Staff of the platform itself, who activate developers.
ALTER TABLE accounts ADD COLUMN platform_staff BOOLEAN NOT NULL DEFAULT FALSE;

-- Who registers to build on the platform: a user class of its own, never an account of an MLS. A row is one registration; of those whose
-- address is verified there is one an address.
CREATE TABLE developers (
    id BIGINT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    company TEXT NOT NULL,
    website TEXT NOT NULL,
    phone TEXT NOT NULL,
    building TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    state TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    submitted_at BIGINT NOT NULL,
    verified_at BIGINT,
    decided_at BIGINT,
    decided_by TEXT,
    reason TEXT,
    identity_id BIGINT REFERENCES identities (id),
    sessions_valid_after BIGINT,
    modified_at BIGINT NOT NULL,
    sweep_at BIGINT
);
CREATE UNIQUE INDEX developers_by_email ON developers (email_key) WHERE state IN ('verified', 'activated');
CREATE INDEX developers_in_state ON developers (state, id);
CREATE INDEX developers_named ON developers (email_key, id);
CREATE INDEX developers_to_sweep ON developers (sweep_at);

CREATE TABLE developer_sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL,
    developer_id BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT,
    peer TEXT,
    user_agent TEXT NOT NULL,
    sweep_at BIGINT NOT NULL
);
CREATE INDEX developer_sessions_of_developer ON developer_sessions (developer_id);
CREATE INDEX developer_sessions_to_sweep ON developer_sessions (sweep_at);

-- Invoice accounts: no card number is ever kept.
CREATE TABLE payment_accounts (
    developer_id BIGINT PRIMARY KEY NOT NULL REFERENCES developers (id),
    legal_name TEXT NOT NULL,
    billing_address TEXT NOT NULL,
    email TEXT NOT NULL,
    tax_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL
);

CREATE TABLE plans (
    id BIGINT PRIMARY KEY NOT NULL,
    mls_id TEXT NOT NULL REFERENCES mlses (id),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX plans_of_mls ON plans (mls_id, id);

-- What a plan said in each of its versions: terms and approvals are tied to the digest.
CREATE TABLE plan_versions (
    plan_id BIGINT NOT NULL REFERENCES plans (id),
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (plan_id, version)
);

CREATE TABLE enrolments (
    id BIGINT PRIMARY KEY NOT NULL,
    developer_id BIGINT NOT NULL REFERENCES developers (id),
    plan_id BIGINT NOT NULL REFERENCES plans (id),
    version BIGINT NOT NULL,
    mls_id TEXT NOT NULL REFERENCES mlses (id),
    account_id TEXT REFERENCES accounts (id),
    own_data TEXT,
    application TEXT NOT NULL,
    website TEXT NOT NULL,
    redirect_uri TEXT,
    purpose TEXT NOT NULL,
    answers TEXT NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    accepted TEXT NOT NULL,
    accepted_version BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    round BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL,
    reminders BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    next_at BIGINT,
    closed_at BIGINT,
    reason TEXT,
    key_id BIGINT REFERENCES keys (id),
    revealed_at BIGINT
);
CREATE INDEX enrolments_of_developer ON enrolments (developer_id, id);
CREATE INDEX enrolments_of_plan ON enrolments (plan_id, state);
CREATE INDEX enrolments_of_mls ON enrolments (mls_id, state, id);
CREATE INDEX enrolments_of_account ON enrolments (account_id);
CREATE INDEX enrolments_due ON enrolments (next_at);

CREATE TABLE approval_steps (
    id BIGINT PRIMARY KEY NOT NULL,
    enrolment_id BIGINT NOT NULL REFERENCES enrolments (id),
    place TEXT NOT NULL,
    approved_by TEXT,
    approved_at BIGINT,
    UNIQUE (enrolment_id, place)
);

-- Who may answer a step.
CREATE TABLE approvers (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    step_id BIGINT NOT NULL REFERENCES approval_steps (id),
    PRIMARY KEY (account_id, step_id)
);
CREATE INDEX approvers_of_step ON approvers (step_id);

-- What happened to an enrolment, comments included, as developer and approvers read it.
CREATE TABLE enrolment_events (
    id BIGINT PRIMARY KEY NOT NULL,
    enrolment_id BIGINT NOT NULL REFERENCES enrolments (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT,
    actor TEXT NOT NULL,
    actor_id TEXT,
    words TEXT NOT NULL
);
CREATE INDEX enrolment_events_of_enrolment ON enrolment_events (enrolment_id, id);

-- Links in letters, of every purpose: the purpose is part of every look-up, and only the digest of the link's secret is kept.
CREATE TABLE links (
    id BIGINT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    digest TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    detail TEXT NOT NULL,
    sweep_at BIGINT NOT NULL,
    UNIQUE (purpose, digest)
);
CREATE INDEX links_of_subject ON links (purpose, subject, id);
CREATE INDEX links_to_sweep ON links (sweep_at);
