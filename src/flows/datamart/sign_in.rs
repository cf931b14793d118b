//! Signing in as a developer: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::DeveloperSessionId;
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::flows::authorize::limits;
use crate::flows::device::Device;
use crate::flows::guesses::{self, Admitted, Login};
use crate::flows::record::{Caller, record};
use crate::hashing::Verdict;
use crate::platform::developer::Developer;
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::developer_sessions::{self, DeveloperSession};
use crate::store::sessions::Origin;
use crate::store::{Conn, developers};

use super::enter::{DeveloperGuest, actor};

/// By what guesses at the password of the developer with an address are counted.
pub fn bucket(email: &str) -> String {
    format!("developer:{}", Digest::of(email_key(email).as_bytes()).hex())
}

impl Login for Developer {
    fn named(&self) -> String {
        actor(self)
    }

    fn floor(&self) -> Option<Timestamp> {
        self.sessions_valid_after
    }

    fn closed(&self) -> Option<&'static str> {
        (!self.may_sign_in()).then_some("developer_disabled")
    }

    fn rehash(&self, conn: &mut Conn, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
        developers::rehash(conn, self.id, hash, rehashed)
    }
}

/// Counts a guess; `Err` says until when none is taken. One write.
pub fn admit(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    email: &str,
    device: &Device,
) -> Result<Result<Admitted<Developer>, Timestamp>, Fault> {
    let found = developers::by_email(conn, email)?.map(|(developer, hash)| (developer, Some(hash)));
    guesses::admit(app, conn, caller, device, bucket(email), found)
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
    admitted: &Admitted<Developer>,
    verdict: &Verdict,
    device: Device,
    replaced: Option<DeveloperSessionId>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let Some(developer) = admitted.judge(app, conn, caller, verdict, None)? else { return Ok(None) };
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

/// Gives a session of who has just given the password again a new secret; `false` where it is over. Within a write.
pub fn renew(app: &App, conn: &mut Conn, session: DeveloperSessionId, digest: &Digest) -> Result<bool, Fault> {
    developer_sessions::renew(conn, session, digest, app.now())
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
