//! What consumers allowed sites to do, each with one agent; and which sites act for them.

use diesel::prelude::*;

use crate::base::id::{AccountId, ConsumerId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::protocol::authorize::Consent;
use crate::protocol::grant::GrantState;
use crate::protocol::scope::Scopes;

use super::conn::Conn;
use super::schema::{consumer_consents, grants};

/// How many rows are looked at: a person with more has them in a script, not on a page.
const MOST: i64 = 500;

/// What this consumer allowed this key with this agent.
pub fn get(conn: &mut Conn, consumer: &ConsumerId, key: KeyId, agent: &AccountId) -> Result<Option<Consent>, Fault> {
    let row: Option<(String, String)> = conn.one(
        consumer_consents::table
            .find((consumer.as_str(), key.0, agent.as_str()))
            .select((consumer_consents::scope, consumer_consents::terms)),
    )?;
    Ok(row.map(|(scope, terms)| Consent { scope: Scopes::known(&scope), terms }))
}

/// Remembers what this consumer allows this key with this agent from now on.
pub fn put(conn: &mut Conn, consumer: &ConsumerId, key: KeyId, agent: &AccountId, consent: &Consent, now: Timestamp) -> Result<(), Fault> {
    let scope = consent.scope.to_string();
    let set = (consumer_consents::scope.eq(&scope), consumer_consents::terms.eq(&consent.terms), consumer_consents::granted_at.eq(now.0));
    let named = (
        consumer_consents::consumer_id.eq(consumer.as_str()),
        consumer_consents::key_id.eq(key.0),
        consumer_consents::account_id.eq(agent.as_str()),
        consumer_consents::created_at.eq(now.0),
    );
    conn.execute(
        diesel::insert_into(consumer_consents::table)
            .values((named, set))
            .on_conflict((consumer_consents::consumer_id, consumer_consents::key_id, consumer_consents::account_id))
            .do_update()
            .set(set),
    )?;
    Ok(())
}

/// A site that acts for a consumer, or may, with one agent.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The site's key.
    pub key_id: KeyId,
    /// The agent.
    pub agent: AccountId,
    /// Since when.
    pub since: Timestamp,
    /// When tokens were last issued; never where none live.
    pub renewed_at: Option<Timestamp>,
}

/// The sites that act for a consumer, or may.
pub fn connected(conn: &mut Conn, consumer: &ConsumerId, now: Timestamp) -> Result<Vec<Connected>, Fault> {
    let rows: Vec<(i64, String, i64)> = conn.all(
        consumer_consents::table
            .filter(consumer_consents::consumer_id.eq(consumer.as_str()))
            .select((consumer_consents::key_id, consumer_consents::account_id, consumer_consents::created_at))
            .limit(MOST),
    )?;
    let mut all = Vec::new();
    for (key, agent, since) in rows {
        all.push(Connected { key_id: KeyId(key), agent: agent.parse().map_err(Fault::broken)?, since: Timestamp(since), renewed_at: None });
    }
    let living: Vec<(i64, String, i64, i64)> = conn.all(
        grants::table
            .filter(grants::consumer_id.eq(consumer.as_str()))
            .filter(grants::state.eq(GrantState::Active.name()))
            .filter(grants::ends_at.gt(now.0))
            .order(grants::id.desc())
            .select((grants::key_id, grants::account_id, grants::offered_at, grants::rotated_at))
            .limit(MOST),
    )?;
    for (key, agent, since, renewed) in living {
        match all.iter_mut().find(|known: &&mut Connected| known.key_id.0 == key && known.agent.as_str() == agent) {
            Some(known) => known.renewed_at = known.renewed_at.max(Some(Timestamp(renewed))),
            None => all.push(Connected {
                key_id: KeyId(key),
                agent: agent.parse().map_err(Fault::broken)?,
                since: Timestamp(since),
                renewed_at: Some(Timestamp(renewed)),
            }),
        }
    }
    Ok(all)
}

/// Forgets what this consumer allowed this key, whichever the agent.
pub fn forget(conn: &mut Conn, consumer: &ConsumerId, key: KeyId) -> Result<usize, Fault> {
    let of = consumer_consents::table.filter(consumer_consents::consumer_id.eq(consumer.as_str()));
    conn.execute(diesel::delete(of.filter(consumer_consents::key_id.eq(key.0))))
}
