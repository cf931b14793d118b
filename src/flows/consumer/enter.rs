//! Entering as a consumer: whose session this browser holds.

use crate::app::App;
use crate::base::id::ConsumerSessionId;
use crate::base::{Digest, Fault};
use crate::flows::authorize::limits;
use crate::flows::record::Caller;
use crate::identity::consumer::{Consumer, ConsumerSession};
use crate::identity::session::SEEN_EVERY;
use crate::store::audit::Entry;
use crate::store::{Conn, consumer_sessions, consumers};

use super::sign_up::actor;

/// What a browser says of itself at a consumer's door. An account's session is not in it: it opens nothing here.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Its own cookie, to which pages are bound.
    pub id: String,
    /// The session of a consumer it holds: which, and the digest of its secret.
    pub held: Option<(ConsumerSessionId, Digest)>,
}

/// A consumer who is signed in.
#[derive(Debug, Clone)]
pub struct ConsumerGuest {
    /// Who.
    pub consumer: Consumer,
    /// In which session.
    pub session: ConsumerSession,
    /// Where they are.
    pub caller: Caller,
}

impl ConsumerGuest {
    /// A line of the audit about what they did.
    pub fn entry(&self, app: &App, event: &str) -> Entry {
        Entry {
            actor: Some(actor(&self.consumer.id)),
            subject: Some(actor(&self.consumer.id)),
            session: Some(self.session.id.to_string()),
            ..self.caller.entry(app, event, false, app.now())
        }
    }
}

/// Which consumer is signed in in this browser: nobody whose session is over, or whose password changed since.
pub fn enter(
    app: &App,
    conn: &mut Conn,
    held: Option<&(ConsumerSessionId, Digest)>,
    caller: &Caller,
) -> Result<Option<ConsumerGuest>, Fault> {
    let now = app.now();
    let Some((id, secret)) = held else { return Ok(None) };
    let Some(session) = consumer_sessions::get(conn, *id, secret)?.filter(|session| session.alive(limits(app).idle, now)) else {
        return Ok(None);
    };
    let Some(kept) = consumers::get(conn, &session.consumer_id)? else { return Ok(None) };
    let consumer = kept.consumer;
    if !consumer.may_sign_in() || consumer.tokens_valid_after.is_some_and(|floor| session.auth_time < floor) {
        return Ok(None);
    }
    if now.since(session.seen_at) >= SEEN_EVERY {
        // Looking is a read: that it was used is noted without making anybody wait.
        let id = session.id;
        app.db.write_beside("a session that was used", move |conn| consumer_sessions::seen(conn, id, now));
    }
    Ok(Some(ConsumerGuest { consumer, session, caller: caller.clone() }))
}
