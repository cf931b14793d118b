//! Signing in: counted before the work, compared off the worker, opened in one write.

use crate::app::App;
use crate::base::id::{LetterId, SessionId};
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::hashing::Verdict;
use crate::identity::account::{Account, login_key};
use crate::identity::password::StoredHash;
use crate::identity::session::Session;
use crate::mail::NewSignIn;
use crate::store::audit::Entry;
use crate::store::outbox::{self, Waiting};
use crate::store::sessions::Origin;
use crate::store::{Conn, accounts, sessions, throttles};

use super::authorize::limits;
use super::device::Device;
use super::guesses::{self, Counted, Login};
use super::record::{Caller, record};

/// A guess that may be looked at.
pub struct Admitted {
    account: Option<Account>,
    /// The stored hash; none makes the comparison fail after the same work.
    pub stored: Option<StoredHash>,
    /// The same as the row has it.
    hash: Option<String>,
    bucket: String,
    known_browser: bool,
}

/// Counts a guess; `Err` says until when none is taken. One write.
pub fn admit(app: &App, conn: &mut Conn, caller: &Caller, login_name: &str, device: &Device) -> Result<Result<Admitted, Timestamp>, Fault> {
    let found = accounts::by_login(conn, login_name)?;
    let login = Login {
        bucket: format!("account:{}", Digest::of(login_key(login_name).as_bytes()).hex()),
        who: found.as_ref().map(|(account, _)| account.id.to_string()),
        floor: found.as_ref().and_then(|(account, _)| account.tokens_valid_after),
    };
    let Counted { bucket, known_browser } = match guesses::count(app, conn, caller, login, device)? {
        Ok(counted) => counted,
        Err(until) => return Ok(Err(until)),
    };
    let (account, hash) = found.map_or((None, None), |(account, hash)| (Some(account), hash));
    Ok(Ok(Admitted { account, stored: hash.as_deref().and_then(StoredHash::parse), hash, bucket, known_browser }))
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
    admitted: &Admitted,
    verdict: &Verdict,
    device: Device,
    replaced: Option<SessionId>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let refusal = match (&admitted.account, admitted.hash.as_deref()) {
        (None, _) => Some("login_unknown"),
        (Some(_), _) if !verdict.matches => Some("password_wrong"),
        (Some(account), _) if !account.active => Some("account_inactive"),
        // What was compared must still be the password: somebody may have changed it while this one waited for its turn.
        (Some(account), Some(hash)) if accounts::rehash(conn, &account.id, hash, verdict.rehashed.as_deref())? => None,
        (Some(_), _) => Some("password_changed"),
    };
    let (Some(account), None) = (&admitted.account, refusal) else {
        let subject = admitted.account.as_ref().map(|account| account.id.to_string());
        record(conn, &Entry { subject, reason: refusal.map(str::to_owned), ..caller.entry(app, "login.failure", true, now) })?;
        return Ok(None);
    };
    throttles::clear(conn, &admitted.bucket)?;
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

/// Notes that the person of a session gave the password again; `None` where it did not fit. The cookie gets a new secret. One write.
pub fn confirm(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    admitted: &Admitted,
    verdict: &Verdict,
    session: SessionId,
) -> Result<Option<Secret>, Fault> {
    let now = app.now();
    let Some(account) = &admitted.account else { return Ok(None) };
    let line = |event: &str, refused| Entry {
        session: Some(session.to_string()),
        subject: Some(account.id.to_string()),
        ..caller.entry(app, event, refused, now)
    };
    let secret = Secret::new(app.random.token());
    let fits = verdict.matches
        && account.active
        && match admitted.hash.as_deref() {
            Some(hash) => accounts::rehash(conn, &account.id, hash, verdict.rehashed.as_deref())?,
            None => false,
        }
        && sessions::renew(conn, session, &secret.digest(), now)?;
    if !fits {
        record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line("login.failure", true) })?;
        return Ok(None);
    }
    throttles::clear(conn, &admitted.bucket)?;
    record(conn, &Entry { actor: Some(account.id.to_string()), ..line("login.confirmed", false) })?;
    Ok(Some(secret))
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
