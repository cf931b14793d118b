//! Sweeping: every table has a rule for what may go, and what may go goes in small batches.

use diesel::prelude::*;

use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::{
    consumer_sessions, consumers, contacts, developer_sessions, developers, grants, links, outbox, personal_tokens, rate_windows,
    revoked_tokens, sessions, throttles, usage_details, usage_hours,
};

/// How many rows go in one write, so that no write pauses the others for long.
pub const BATCH: i64 = 250;

/// The rule of each table; a test compares this list with the schema.
pub const RULES: &[(&str, &str)] = &[
    ("mlses", "kept: one row an MLS"),
    ("accounts", "kept: one row a person"),
    ("keys", "kept: one row an application, deleted ones for billing"),
    ("key_secrets", "kept: a few rows a key"),
    ("grants", "swept: a day after the end, or at the absolute end"),
    ("revoked_tokens", "swept: when the token would have died"),
    ("consents", "kept: one row a person and key, deleted on revocation"),
    ("sessions", "swept: thirty days after the end"),
    ("throttles", "swept: two days after the last guess"),
    ("signing_keys", "removed by rotation, when the last token signed is dead"),
    ("mac_keys", "kept: one row a rotation"),
    ("audit", "kept: the operator decides"),
    ("outbox", "swept: thirty days after sending"),
    ("facts", "kept: a handful"),
    ("identities", "kept: one row a developer, deleted ones for billing"),
    ("personal_tokens", "swept: a year after it was replaced; the newest of a key and account is kept"),
    ("templates", "kept: a few rows an MLS"),
    ("domains", "kept: a few rows a key"),
    ("change_history", "kept: the operator decides"),
    ("purchases", "kept: one row a person and key"),
    ("usage_hours", "swept: after thirteen months, as far back as billing looks"),
    ("usage_details", "swept: after seven days"),
    ("key_suspensions", "kept: a few rows a key"),
    ("key_approvals", "kept: a few rows a key"),
    ("rate_windows", "swept: an hour after the window"),
    ("developers", "swept: three months after a registration that came to nothing, a year after a refusal; others are kept"),
    ("developer_sessions", "swept: thirty days after the end"),
    ("payment_accounts", "kept: one row a developer"),
    ("plans", "kept: a few rows an MLS"),
    ("plan_versions", "kept: what was accepted and approved must stay readable"),
    ("enrolments", "kept: for billing"),
    ("approval_steps", "kept: at most three an enrollment"),
    ("approvers", "kept: as long as the step"),
    ("enrolment_events", "kept: the record of an approval"),
    ("consumers", "kept: one row a person; swept: three months after a sign-up that came to nothing"),
    ("portals", "kept: one row an agent"),
    ("contacts", "kept: one row a contact; swept: thirty days after its deletion"),
    ("consumer_sessions", "swept: thirty days after the end"),
    ("consumer_consents", "kept: one row a consumer, key and agent, deleted on revocation"),
    ("links", "swept: thirty days after their time"),
];

/// Deletes one batch of whatever may go; answers how many rows went.
pub fn batch(conn: &mut Conn, now: Timestamp) -> Result<usize, Fault> {
    macro_rules! sweep {
        ($($table:ident $(as $kind:ident)? by $id:ident),+) => {{
            let mut gone = 0;
            $(
                let old = $table::table.filter($table::sweep_at.le(now.0)).order($table::sweep_at).select($table::$id).limit(BATCH);
                for id in conn.all(old)? {
                    // Unless somebody needed it again meanwhile.
                    let row = $table::table.find(&id as &sweep!(@kind $id $($kind)?)).filter($table::sweep_at.le(now.0));
                    gone += conn.execute(diesel::delete(row))?;
                }
            )+
            gone
        }};
        (@kind id text) => { String };
        (@kind id) => { i64 };
        (@kind nonce) => { i64 };
        (@kind bucket) => { String };
    }
    let gone = sweep!(
        grants by id, revoked_tokens by nonce, sessions by id, throttles by bucket, outbox by id, personal_tokens by id, usage_details by id,
        rate_windows by bucket, developers by id, developer_sessions by id, links by id, consumer_sessions by id, contacts as text by id,
        consumers as text by id
    );
    // One hour of counts at a time: it has no key of its own to pick single rows by.
    let oldest: Option<i64> = conn
        .one(usage_hours::table.filter(usage_hours::sweep_at.le(now.0)).select(usage_hours::hour).order(usage_hours::sweep_at).limit(1))?;
    let counts = match oldest {
        Some(hour) => {
            conn.execute(diesel::delete(usage_hours::table.filter(usage_hours::sweep_at.le(now.0)).filter(usage_hours::hour.eq(hour))))?
        }
        None => 0,
    };
    Ok(gone + counts)
}
