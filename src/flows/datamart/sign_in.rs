//! Signing in as a developer: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::DeveloperSessionId;
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::flows::authorize::limits;
use crate::flows::device::Device;
use crate::flows::guesses::{self, Login};
use crate::flows::record::{Caller, record};
use crate::hashing::Verdict;
use crate::identity::password::StoredHash;
use crate::platform::developer::Developer;
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::developer_sessions::{self, DeveloperSession};
use crate::store::sessions::Origin;
use crate::store::{Conn, developers, throttles};

use super::enter::{DeveloperGuest, actor};

/// A guess that may be looked at.
pub struct Admitted {
    developer: Option<Developer>,
    /// The stored hash; none makes the comparison fail after the same work.
    pub stored: Option<StoredHash>,
    /// The same as the row has it.
    hash: Option<String>,
    bucket: String,
}

/// By what guesses at the password of the developer with an address are counted.
pub fn bucket(email: &str) -> String {
    format!("developer:{}", Digest::of(email_key(email).as_bytes()).hex())
}

/// Counts a guess; `Err` says until when none is taken. One write.
pub fn admit(app: &App, conn: &mut Conn, caller: &Caller, email: &str, device: &Device) -> Result<Result<Admitted, Timestamp>, Fault> {
    let (developer, hash) = developers::by_email(conn, email)?.unzip();
    let login = Login {
        bucket: bucket(email),
        who: developer.as_ref().map(actor),
        floor: developer.as_ref().and_then(|developer| developer.sessions_valid_after),
    };
    Ok(guesses::count(app, conn, caller, login, device)?.map(|counted| Admitted {
        developer,
        stored: hash.as_deref().and_then(StoredHash::parse),
        hash,
        bucket: counted.bucket,
    }))
}

/// A session that was opened.
pub struct Opened {
    /// Which.
    pub id: DeveloperSessionId,
    /// The cookie's secret half, given to the browser and nowhere else.
    pub secret: Secret,
    /// The device cookie to set.
    pub device: String,
}

/// Opens a session where the password fitted; `None` where it did not, or the developer may not sign in: the same to whoever asks. One write.
pub fn open(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted,
    verdict: &Verdict,
    device: Device,
    replaced: Option<DeveloperSessionId>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let refusal = match (&admitted.developer, admitted.hash.as_deref()) {
        (None, _) => Some("login_unknown"),
        (Some(_), _) if !verdict.matches => Some("password_wrong"),
        (Some(developer), _) if !developer.may_sign_in() => Some("developer_disabled"),
        // What was compared must still be the password: somebody may have changed it while this one waited for its turn.
        (Some(developer), Some(hash)) if developers::rehash(conn, developer.id, hash, verdict.rehashed.as_deref())? => None,
        (Some(_), _) => Some("password_changed"),
    };
    let (Some(developer), None) = (&admitted.developer, refusal) else {
        let subject = admitted.developer.as_ref().map(actor);
        record(conn, &Entry { subject, reason: refusal.map(str::to_owned), ..caller.entry(app, "login.failure", true, now) })?;
        return Ok(None);
    };
    throttles::clear(conn, &admitted.bucket)?;
    if let Some(old) = replaced {
        developer_sessions::end(conn, old, now)?;
    }
    let secret = Secret::new(app.random.token());
    let session = DeveloperSession {
        id: DeveloperSessionId(app.random.id(now)),
        developer_id: developer.id,
        auth_time: now,
        seen_at: now,
        ends_at: now + limits(app).absolute,
        ended_at: None,
        peer: caller.peer.map(|peer| peer.to_string()),
        user_agent: caller.user_agent.clone(),
    };
    let origin = Origin { peer: session.peer.clone(), user_agent: session.user_agent.clone() };
    developer_sessions::start(conn, &session, &secret.digest(), &origin)?;
    for event in ["login.success", "session.started"] {
        let line = Entry { actor: Some(actor(developer)), session: Some(session.id.to_string()), ..caller.entry(app, event, false, now) };
        record(conn, &line)?;
    }
    Ok(Some(Opened { id: session.id, secret, device: device.remembering(app, &actor(developer))? }))
}

/// Notes that the developer of a session gave the password again; `None` where it did not fit. The cookie gets a new secret. One write.
pub fn confirm(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted,
    verdict: &Verdict,
    session: DeveloperSessionId,
) -> Result<Option<Secret>, Fault> {
    let now = app.now();
    let Some(developer) = &admitted.developer else { return Ok(None) };
    let line = |event: &str, refused| Entry {
        session: Some(session.to_string()),
        subject: Some(actor(developer)),
        ..caller.entry(app, event, refused, now)
    };
    let secret = Secret::new(app.random.token());
    let fits = verdict.matches
        && developer.may_sign_in()
        && match admitted.hash.as_deref() {
            Some(hash) => developers::rehash(conn, developer.id, hash, verdict.rehashed.as_deref())?,
            None => false,
        }
        && developer_sessions::renew(conn, session, &secret.digest(), now)?;
    if !fits {
        record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line("login.failure", true) })?;
        return Ok(None);
    }
    throttles::clear(conn, &admitted.bucket)?;
    record(conn, &Entry { actor: Some(actor(developer)), ..line("login.confirmed", false) })?;
    Ok(Some(secret))
}

/// Signs a developer out in this browser. One write.
pub fn end(app: &App, conn: &mut Conn, guest: &DeveloperGuest) -> Result<(), Fault> {
    if developer_sessions::end(conn, guest.session.id, app.now())? {
        record(conn, &guest.entry(app, "session.ended", &actor(&guest.developer)))?;
    }
    Ok(())
}

/// The most sessions a page shows; the newest come first.
const SHOWN: i64 = 50;

/// Where a developer is signed in.
pub fn sessions(app: &App, conn: &mut Conn, guest: &DeveloperGuest) -> Result<Vec<DeveloperSession>, Fault> {
    let (idle, now) = (limits(app).idle, app.now());
    let valid = |session: &DeveloperSession| guest.developer.sessions_valid_after.is_none_or(|floor| session.auth_time >= floor);
    let all = developer_sessions::of_developer(conn, guest.developer.id, SHOWN)?;
    Ok(all.into_iter().filter(|session| session.alive(idle, now) && valid(session)).collect())
}

/// Ends another session of the same developer; `false` where it is over or somebody else's. One write.
pub fn end_another(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: DeveloperSessionId) -> Result<bool, Fault> {
    let ended = developer_sessions::end_of(conn, guest.developer.id, id, app.now())?;
    if ended {
        record(conn, &guest.entry(app, "session.ended", &actor(&guest.developer)))?;
    }
    Ok(ended)
}
