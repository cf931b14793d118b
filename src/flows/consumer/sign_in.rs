//! Signing in as a consumer: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::{AccountId, ConsumerSessionId};
use crate::base::{Fault, Secret, Timestamp};
use crate::flows::authorize::limits;
use crate::flows::device::Device;
use crate::flows::guesses::{self, Login};
use crate::flows::record::{Caller, record};
use crate::hashing::Verdict;
use crate::identity::consumer::{Consumer, ConsumerSession};
use crate::identity::password::StoredHash;
use crate::store::audit::Entry;
use crate::store::grants::OfConsumer;
use crate::store::{Conn, consumer_sessions, consumers, contacts, grants, throttles};

use super::bucket;
use super::sign_up::actor;

/// A guess that may be looked at.
pub struct Admitted {
    consumer: Option<Consumer>,
    /// The stored hash; none makes the comparison fail after the same work.
    pub stored: Option<StoredHash>,
    /// The same as the row has it.
    hash: Option<String>,
    bucket: String,
}

/// Counts a guess; `Err` says until when none is taken. One write.
///
/// A consumer's address and login name have one count.
pub fn admit(app: &App, conn: &mut Conn, caller: &Caller, login: &str, device: &Device) -> Result<Result<Admitted, Timestamp>, Fault> {
    let (consumer, hash) = consumers::by_login(conn, login)?.map(|kept| (kept.consumer, kept.hash)).unzip();
    let login = Login {
        bucket: bucket(consumer.as_ref().map_or(login, |consumer| &consumer.email)),
        who: consumer.as_ref().map(|consumer| actor(&consumer.id)),
        floor: consumer.as_ref().and_then(|consumer| consumer.tokens_valid_after),
    };
    Ok(guesses::count(app, conn, caller, login, device)?.map(|counted| Admitted {
        consumer,
        stored: hash.as_deref().and_then(StoredHash::parse),
        hash,
        bucket: counted.bucket,
    }))
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
    admitted: &Admitted,
    verdict: &Verdict,
    agent: Option<&AccountId>,
    held: Option<&ConsumerSession>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let closed = match (&admitted.consumer, agent) {
        (Some(consumer), Some(agent)) => contacts::between(conn, &consumer.id, agent)?.is_some_and(|contact| !contact.may_enter()),
        _ => false,
    };
    let refusal = match (&admitted.consumer, admitted.hash.as_deref()) {
        (None, _) => Some("login_unknown"),
        (Some(_), _) if !verdict.matches => Some("password_wrong"),
        (Some(_), _) if closed => Some("contact_closed"),
        // What was compared must still be the password: somebody may have changed it while this one waited for its turn.
        (Some(consumer), Some(hash)) if consumers::rehash(conn, &consumer.id, hash, verdict.rehashed.as_deref())? => None,
        (Some(_), _) => Some("password_changed"),
    };
    let (Some(consumer), None) = (&admitted.consumer, refusal) else {
        let subject = admitted.consumer.as_ref().map(|consumer| actor(&consumer.id));
        record(conn, &Entry { subject, reason: refusal.map(str::to_owned), ..caller.entry(app, "login.failure", true, now) })?;
        return Ok(None);
    };
    throttles::clear(conn, &admitted.bucket)?;
    start(app, conn, caller, consumer, held).map(Some)
}

/// Notes that the consumer of a session gave the password again; `None` where it did not fit. The cookie gets a new secret. One write.
pub fn confirm(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted,
    verdict: &Verdict,
    session: ConsumerSessionId,
) -> Result<Option<Secret>, Fault> {
    let now = app.now();
    let Some(consumer) = &admitted.consumer else { return Ok(None) };
    let line = |event: &str, refused| Entry {
        session: Some(session.to_string()),
        subject: Some(actor(&consumer.id)),
        ..caller.entry(app, event, refused, now)
    };
    let secret = Secret::new(app.random.token());
    let fits = verdict.matches
        && consumer.may_sign_in()
        && match admitted.hash.as_deref() {
            Some(hash) => consumers::rehash(conn, &consumer.id, hash, verdict.rehashed.as_deref())?,
            None => false,
        }
        && consumer_sessions::renew(conn, session, &secret.digest(), now, now + limits(app).absolute)?;
    if !fits {
        record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line("login.failure", true) })?;
        return Ok(None);
    }
    throttles::clear(conn, &admitted.bucket)?;
    record(conn, &Entry { actor: Some(actor(&consumer.id)), ..line("login.confirmed", false) })?;
    Ok(Some(secret))
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
