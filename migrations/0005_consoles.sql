-- A key that its MLS or the platform suspended: why, what its developer says to that, and how it ended. At most one runs.
CREATE TABLE key_suspensions (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL REFERENCES keys (id),
    reason TEXT NOT NULL,
    suspended_by TEXT NOT NULL,
    suspended_at BIGINT NOT NULL,
    appeal TEXT,
    appealed_at BIGINT,
    resumed_by TEXT,
    resumed_at BIGINT
);
CREATE UNIQUE INDEX key_suspensions_running ON key_suspensions (key_id) WHERE resumed_at IS NULL;
CREATE INDEX key_suspensions_of_key ON key_suspensions (key_id, id);

-- On whose word a key was issued by hand: who approved, on which day, in which document.
CREATE TABLE key_approvals (
    id BIGINT PRIMARY KEY NOT NULL,
    key_id BIGINT NOT NULL REFERENCES keys (id),
    approved_by TEXT NOT NULL,
    approved_on TEXT NOT NULL,
    document TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX key_approvals_of_key ON key_approvals (key_id, id);

-- Lists that people open: each by what it is looked at through, newest first.
CREATE INDEX audit_of_actor ON audit (actor, id);
CREATE INDEX audit_of_subject ON audit (subject, id);
CREATE INDEX audit_of_event ON audit (event, id);
CREATE INDEX audit_of_request ON audit (request_id, id);
CREATE INDEX audit_of_client ON audit (client, id);
CREATE INDEX accounts_of_mls ON accounts (mls_id, login_key);
CREATE INDEX outbox_of_state ON outbox (state, id);
CREATE INDEX outbox_of_recipient ON outbox (recipient, id);
