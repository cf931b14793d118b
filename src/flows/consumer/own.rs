//! A consumer's own page: sessions and sites, and the end of each.

use std::sync::Arc;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, ConsumerSessionId, KeyId};
use crate::flows::authorize::limits;
use crate::flows::record::record;
use crate::identity::account::Account;
use crate::identity::consumer::ConsumerSession;
use crate::store::audit::Entry;
use crate::store::consumer_consents::Connected;
use crate::store::grants::OfConsumer;
use crate::store::keys::Registered;
use crate::store::{Conn, accounts, consumer_consents, consumer_sessions, consumers, grants};

use super::enter::ConsumerGuest;

/// How many sessions are shown.
const MOST: i64 = 100;

/// A site that acts for a consumer, or may.
pub struct Site {
    /// Its key.
    pub registered: Arc<Registered>,
    /// With which agent, if that account is still there.
    pub agent: Option<Account>,
    /// Since when, and when tokens were last issued.
    pub connected: Connected,
}

/// The sessions of a consumer that are alive, newest first.
pub fn sessions(app: &App, conn: &mut Conn, guest: &ConsumerGuest) -> Result<Vec<ConsumerSession>, Fault> {
    let (now, idle, floor) = (app.now(), limits(app).idle, guest.consumer.tokens_valid_after);
    let all = consumer_sessions::of_consumer(conn, &guest.consumer.id, MOST)?;
    Ok(all.into_iter().filter(|one| one.alive(idle, now) && floor.is_none_or(|floor| one.auth_time >= floor)).collect())
}

/// The sites that act for a consumer, or may, by name.
pub fn sites(app: &App, conn: &mut Conn, guest: &ConsumerGuest) -> Result<Vec<Site>, Fault> {
    let mut all = Vec::new();
    for connected in consumer_consents::connected(conn, &guest.consumer.id, app.now())? {
        let Some(registered) = app.keys.get(conn, connected.key_id)?.filter(|known| known.key.deleted_at.is_none()) else { continue };
        let agent = accounts::get(conn, &connected.agent)?;
        all.push(Site { registered, agent, connected });
    }
    let agents_id =
        |site: &Site| site.agent.as_ref().map(|agent| agent.id.clone()).map_or_else(String::new, |id: AccountId| id.to_string());
    all.sort_by_key(|site| (site.registered.key.name.to_lowercase(), agents_id(site)));
    Ok(all)
}

/// Ends one session of a consumer, and what was issued in it. One write. `false` where it is over or somebody else's.
pub fn end_session(app: &App, conn: &mut Conn, guest: &ConsumerGuest, id: ConsumerSessionId) -> Result<bool, Fault> {
    let now = app.now();
    if !consumer_sessions::end(conn, &guest.consumer.id, id, now)? {
        return Ok(false);
    }
    grants::end_of_consumer(conn, &guest.consumer.id, OfConsumer::In(id), now)?;
    record(conn, &Entry { session: Some(id.to_string()), ..guest.entry(app, "session.ended") })?;
    Ok(true)
}

/// Signs a consumer out everywhere: every session is over, and so is everything issued. One write.
pub fn end_everything(app: &App, conn: &mut Conn, guest: &ConsumerGuest) -> Result<(), Fault> {
    let now = app.now();
    consumers::end_everything_issued(conn, &guest.consumer.id, now)?;
    consumer_sessions::end_all(conn, &guest.consumer.id, None, now)?;
    grants::end_of_consumer(conn, &guest.consumer.id, OfConsumer::All, now)?;
    record(conn, &Entry { reason: Some("everywhere".to_owned()), ..guest.entry(app, "session.ended") })
}

/// Ends everything a site may do for a consumer, whichever the agent. One write.
pub fn end_site(app: &App, conn: &mut Conn, guest: &ConsumerGuest, key: KeyId) -> Result<bool, Fault> {
    let ended = grants::end_of_consumer(conn, &guest.consumer.id, OfConsumer::ToKey(key), app.now())?;
    let forgotten = consumer_consents::forget(conn, &guest.consumer.id, key)?;
    if ended + forgotten == 0 {
        return Ok(false);
    }
    let client = app.keys.get(conn, key)?.map(|registered| registered.key.key.clone());
    record(conn, &Entry { client, reason: Some("by_the_person".to_owned()), ..guest.entry(app, "consent.revoked") })?;
    Ok(true)
}
