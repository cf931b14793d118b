//! Signing in: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::{LetterId, SessionId};
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::hashing::Verdict;
use crate::identity::account::{Account, login_key};
use crate::identity::session::Session;
use crate::mail::NewSignIn;
use crate::store::audit::Entry;
use crate::store::outbox::{self, Waiting};
use crate::store::sessions::Origin;
use crate::store::{Conn, accounts, sessions};

use super::authorize::limits;
use super::device::Device;
use super::guesses::{self, Admitted, Login};
use super::record::{Caller, record};

impl Login for Account {
    fn named(&self) -> String {
        self.id.to_string()
    }

    fn floor(&self) -> Option<Timestamp> {
        self.tokens_valid_after
    }

    fn closed(&self) -> Option<&'static str> {
        (!self.active).then_some("account_inactive")
    }

    fn rehash(&self, conn: &mut Conn, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
        accounts::rehash(conn, &self.id, hash, rehashed)
    }
}

/// Counts a guess; `Err` says until when none is taken. One write.
pub fn admit(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    login_name: &str,
    device: &Device,
) -> Result<Result<Admitted<Account>, Timestamp>, Fault> {
    let bucket = format!("account:{}", Digest::of(login_key(login_name).as_bytes()).hex());
    let found = accounts::by_login(conn, login_name)?;
    guesses::admit(app, conn, caller, device, bucket, found)
}

/// A session that was opened.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The cookie's secret half, given to the browser and nowhere else.
    pub secret: Secret,
    /// The device cookie to set.
    pub device: String,
}

/// Opens a session where the password fitted; `None` where it did not, or the account may not sign in: the same to whoever asks. One write.
pub fn open(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted<Account>,
    verdict: &Verdict,
    device: Device,
    replaced: Option<SessionId>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let Some(account) = admitted.judge(app, conn, caller, verdict, None)? else { return Ok(None) };
    if let Some(old) = replaced {
        sessions::end(conn, old, now)?;
    }
    let secret = Secret::new(app.random.token());
    let session = Session {
        id: SessionId(app.random.id(now)),
        account_id: account.id.clone(),
        auth_time: now,
        seen_at: now,
        ends_at: now + limits(app).absolute,
        ended_at: None,
    };
    let origin = Origin { peer: caller.peer.map(|peer| peer.to_string()), user_agent: caller.user_agent.clone() };
    sessions::start(conn, &session, &secret.digest(), &origin)?;
    let line = |event: &str| Entry {
        actor: Some(account.id.to_string()),
        session: Some(session.id.to_string()),
        ..caller.entry(app, event, false, now)
    };
    record(conn, &line("login.success"))?;
    record(conn, &line("session.started"))?;
    if app.settings.sign_in_notice && !admitted.known_browser {
        notify(app, conn, caller, account, now)?;
    }
    let device = device.remembering(app, account.id.as_str())?;
    Ok(Some(Opened { session, secret, device }))
}

/// Gives a session of who has just given the password again a new secret; `false` where it is over. Within a write.
pub fn renew(app: &App, conn: &mut Conn, session: SessionId, digest: &Digest) -> Result<bool, Fault> {
    sessions::renew(conn, session, digest, app.now())
}

/// Tells the person by letter that somebody signed in from a browser the account does not know.
fn notify(app: &App, conn: &mut Conn, caller: &Caller, account: &Account, now: Timestamp) -> Result<(), Fault> {
    let Some(to) = account.profile.primary_email() else { return Ok(()) };
    let notice = NewSignIn {
        name: &account.profile.name,
        mls: &account.mls_name,
        site: &app.settings.issuer,
        at: now,
        address: caller.peer,
        user_agent: &caller.user_agent,
    };
    let letter = notice.letter(to)?;
    let waiting = Waiting {
        id: LetterId(app.random.id(now)),
        recipient: letter.to,
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        attempts: 0,
    };
    outbox::put(conn, &waiting, now)
}
