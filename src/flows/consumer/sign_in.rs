//! Signing in as a consumer: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::{AccountId, ConsumerSessionId};
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::flows::authorize::limits;
use crate::flows::device::Device;
use crate::flows::guesses::{self, Admitted, Login};
use crate::flows::record::{Caller, record};
use crate::hashing::Verdict;
use crate::identity::consumer::{Consumer, ConsumerSession};
use crate::store::audit::Entry;
use crate::store::grants::OfConsumer;
use crate::store::{Conn, consumer_sessions, consumers, contacts, grants};

use super::bucket;
use super::sign_up::actor;

impl Login for Consumer {
    fn named(&self) -> String {
        actor(&self.id)
    }

    fn floor(&self) -> Option<Timestamp> {
        self.tokens_valid_after
    }

    fn closed(&self) -> Option<&'static str> {
        (!self.may_sign_in()).then_some("address_unproved")
    }

    fn rehash(&self, conn: &mut Conn, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
        consumers::rehash(conn, &self.id, hash, rehashed)
    }
}

/// Counts a guess; `Err` says until when none is taken. One write.
///
/// A consumer's address and login name have one count.
pub fn admit(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    login: &str,
    device: &Device,
) -> Result<Result<Admitted<Consumer>, Timestamp>, Fault> {
    let found = consumers::by_login(conn, login)?.map(|kept| (kept.consumer, Some(kept.hash)));
    let bucket = bucket(found.as_ref().map_or(login, |(consumer, _)| &consumer.email));
    guesses::admit(app, conn, caller, device, bucket, found)
}

/// A session that was opened.
pub struct Opened {
    /// Whose.
    pub consumer: Consumer,
    /// Which.
    pub id: ConsumerSessionId,
    /// The cookie's secret half, given to the browser and nowhere else.
    pub secret: Secret,
}

impl Opened {
    /// The device cookie to set in the browser in which it was opened.
    pub fn remembered(&self, app: &App, device: Device) -> Result<String, Fault> {
        device.remembering(app, &actor(&self.consumer.id))
    }
}

/// Opens a session where the password fitted; `None` where it did not, or the consumer is not let in at the portal of `agent`: the same to
/// whoever asks. One write.
pub fn open(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted<Consumer>,
    verdict: &Verdict,
    agent: Option<&AccountId>,
    held: Option<&ConsumerSession>,
) -> Result<Option<Opened>, Fault> {
    let closed = match (admitted.login(), agent) {
        (Some(consumer), Some(agent)) => contacts::between(conn, &consumer.id, agent)?.is_some_and(|contact| !contact.may_enter()),
        _ => false,
    };
    let Some(consumer) = admitted.judge(app, conn, caller, verdict, closed.then_some("contact_closed"))? else { return Ok(None) };
    start(app, conn, caller, consumer, held).map(Some)
}

/// Gives a session of who has just given the password again a new secret; `false` where it is over. Within a write.
pub fn renew(app: &App, conn: &mut Conn, session: ConsumerSessionId, digest: &Digest) -> Result<bool, Fault> {
    let now = app.now();
    consumer_sessions::renew(conn, session, digest, now, now + limits(app).absolute)
}

/// Lets in a consumer who has just proved to be one. Within the write of who asks.
///
/// Whose session the browser `held` goes on with it, under a new secret, so that what other sites were given in it lives on; somebody else's
/// ends.
pub fn start(app: &App, conn: &mut Conn, caller: &Caller, consumer: &Consumer, held: Option<&ConsumerSession>) -> Result<Opened, Fault> {
    let now = app.now();
    let ends_at = now + limits(app).absolute;
    let line = |session: ConsumerSessionId, event: &str| Entry {
        actor: Some(actor(&consumer.id)),
        session: Some(session.to_string()),
        ..caller.entry(app, event, false, now)
    };
    let secret = Secret::new(app.random.token());
    if let Some(held) = held {
        if held.consumer_id == consumer.id && consumer_sessions::renew(conn, held.id, &secret.digest(), now, ends_at)? {
            consumers::signed_in(conn, &consumer.id, now)?;
            record(conn, &line(held.id, "login.success"))?;
            return Ok(Opened { consumer: consumer.clone(), id: held.id, secret });
        }
        if consumer_sessions::end(conn, &held.consumer_id, held.id, now)? {
            grants::end_of_consumer(conn, &held.consumer_id, OfConsumer::In(held.id), now)?;
            record(conn, &Entry { actor: Some(actor(&held.consumer_id)), ..line(held.id, "session.ended") })?;
        }
    }
    let session = ConsumerSession {
        id: ConsumerSessionId(app.random.id(now)),
        consumer_id: consumer.id.clone(),
        auth_time: now,
        seen_at: now,
        ends_at,
        ended_at: None,
        peer: caller.peer.map(|peer| peer.to_string()),
        user_agent: caller.user_agent.clone(),
    };
    consumer_sessions::start(conn, &session, &secret.digest())?;
    consumers::signed_in(conn, &consumer.id, now)?;
    for event in ["login.success", "session.started"] {
        record(conn, &line(session.id, event))?;
    }
    Ok(Opened { consumer: consumer.clone(), id: session.id, secret })
}
