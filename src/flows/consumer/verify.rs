//! Proving that an address is one's own: by the link in the letter and the password that was chosen.

use crate::app::App;
use crate::base::id::LinkId;
use crate::base::{Digest, Fault, Timestamp};
use crate::flows::datamart::link::{self, Purpose};
use crate::flows::record::{Caller, record};
use crate::hashing::Verdict;
use crate::identity::consumer::{Consumer, ConsumerSession};
use crate::identity::password::StoredHash;
use crate::identity::throttle::Rule;
use crate::store::audit::Entry;
use crate::store::consumers::Kept;
use crate::store::{Conn, consumers, links, throttles};

use super::look::{self, Host};
use super::sign_in::{self, Opened};
use super::sign_up::{self, Signup, actor};

/// A sign-up whose letter was opened.
pub struct Waiting {
    /// Who.
    pub consumer: Consumer,
    /// At whose portal; nobody's where the portal is closed by now.
    pub host: Option<Host>,
    /// What it is to lead to.
    pub signup: Signup,
    hash: String,
}

/// The sign-up that a link of a letter is about; `None` where the link works no more.
pub fn behind(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<Waiting>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::ConsumerVerify, id)? else { return Ok(None) };
    let Ok(consumer) = link.detail.parse() else { return Ok(None) };
    let Some(Kept { consumer, hash, signup: Some(signup) }) = consumers::get(conn, &consumer)? else { return Ok(None) };
    // The link proves the very address it was sent to.
    if consumer.may_sign_in() || consumer.email != link.address {
        return Ok(None);
    }
    let signup: Signup = serde_json::from_str(&signup).map_err(Fault::broken)?;
    let host = match &signup.agent {
        Some(agent) => look::host_of(app, conn, agent)?,
        None => None,
    };
    Ok(Some(Waiting { consumer, host, signup, hash }))
}

/// A guess at the password of a sign-up that may be looked at.
pub struct Asked {
    /// Whose it is.
    pub waiting: Waiting,
    /// The stored hash.
    pub stored: Option<StoredHash>,
    bucket: String,
}

/// Counts a guess at the password of a sign-up; `Err` says until when none is taken, `None` that the link works no more. One write.
pub fn guess(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<Result<Asked, Timestamp>>, Fault> {
    let Some(waiting) = behind(app, conn, id)? else { return Ok(None) };
    let bucket = format!("verify:{}", Digest::of(waiting.consumer.id.as_str().as_bytes()).hex());
    Ok(Some(match throttles::count(conn, Rule::Account, &bucket, app.now())? {
        Ok(()) => Ok(Asked { stored: StoredHash::parse(&waiting.hash), waiting, bucket }),
        Err(until) => Err(until),
    }))
}

/// What came of proving an address.
pub enum Verified {
    /// It is theirs, and they are signed in.
    Done(Box<Opened>),
    /// The password does not fit.
    Wrong,
    /// The link works no more, or address or login name are another's by now.
    Over,
}

/// Takes the address as proved where the password fits, links with the agent, and signs in. One write.
pub fn verify(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    id: LinkId,
    asked: &Asked,
    verdict: &Verdict,
    held: Option<&ConsumerSession>,
) -> Result<Verified, Fault> {
    let now = app.now();
    let consumer = &asked.waiting.consumer;
    let line = |refused| Entry { subject: Some(actor(&consumer.id)), ..caller.entry(app, "consumer.verified", refused, now) };
    if !verdict.matches {
        record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line(true) })?;
        return Ok(Verified::Wrong);
    }
    if behind(app, conn, id)?.is_none() || !links::use_up(conn, id, now)? || !consumers::verify(conn, consumer, now)? {
        return Ok(Verified::Over);
    }
    throttles::clear(conn, &asked.bucket)?;
    let consumer = Consumer { email_verified_at: Some(now), ..consumer.clone() };
    let signup = &asked.waiting.signup;
    if let Some(agent) = &signup.agent {
        sign_up::link(app, conn, caller, &consumer, agent, signup.contact.as_ref(), signup.unconnected)?;
    }
    record(conn, &Entry { actor: Some(actor(&consumer.id)), ..line(false) })?;
    Ok(Verified::Done(Box::new(sign_in::start(app, conn, caller, &consumer, held)?)))
}
