//! Signing in: counted before the work, compared off the worker, opened in one write.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::id::{AccountId, LetterId, SessionId};
use crate::base::peer::line_of;
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::hashing::Verdict;
use crate::identity::account::{Account, login_key};
use crate::identity::password::StoredHash;
use crate::identity::session::Session;
use crate::identity::throttle::Rule;
use crate::mail::NewSignIn;
use crate::store::audit::Entry;
use crate::store::outbox::{self, Waiting};
use crate::store::sessions::Origin;
use crate::store::{Conn, accounts, sessions, throttles};

use super::authorize::limits;
use super::record::{Caller, record, refused_in_write};

/// How many accounts a browser is known to.
const KNOWN_ACCOUNTS: usize = 5;
const DEVICE: &str = "device";

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

/// The accounts that signed in in this browser before; sealed into its device cookie.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Device {
    accounts: Vec<KnownAccount>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KnownAccount {
    id: AccountId,
    nonce: String,
    since: Timestamp,
}

impl Device {
    /// Reads a device cookie; anything else is a browser nobody knows.
    pub fn open(app: &App, cookie: Option<&str>) -> Self {
        cookie
            .and_then(|text| app.seal.open_flow(DEVICE, b"", text))
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .unwrap_or_default()
    }

    /// The cookie's text.
    pub fn seal(&self, app: &App) -> Result<String, Fault> {
        app.seal.seal_flow(DEVICE, b"", &serde_json::to_vec(self).map_err(Fault::broken)?, &app.random)
    }

    /// Known to this account, unless its password changed since.
    fn knows(&self, account: &Account) -> Option<&KnownAccount> {
        self.accounts.iter().find(|known| known.id == account.id && account.tokens_valid_after.is_none_or(|floor| known.since >= floor))
    }

    fn remember(&mut self, app: &App, account: &AccountId, now: Timestamp) {
        self.accounts.retain(|known| known.id != *account);
        self.accounts.truncate(KNOWN_ACCOUNTS - 1);
        self.accounts.insert(0, KnownAccount { id: account.clone(), nonce: app.random.token(), since: now });
    }
}

/// Counts a guess, in the shared database and before any hash; `Err` says until when none is taken. One write.
///
/// A name nobody has is counted like any other, so that nothing tells them apart.
pub fn admit(app: &App, conn: &mut Conn, caller: &Caller, login_name: &str, device: &Device) -> Result<Result<Admitted, Timestamp>, Fault> {
    let now = app.now();
    let found = accounts::by_login(conn, login_name)?;
    let known = found.as_ref().and_then(|(account, _)| device.knows(account));
    let (rule, bucket) = match known {
        Some(known) => (Rule::Device, format!("device:{}", Digest::of(known.nonce.as_bytes()).hex())),
        None => (Rule::Account, format!("account:{}", Digest::of(login_key(login_name).as_bytes()).hex())),
    };
    let known_browser = known.is_some();
    let peer = caller.peer.map_or_else(|| "unknown".to_owned(), |peer| line_of(peer).to_string());
    let by_address = match app.settings.sign_ins_per_minute {
        0 => None,
        most => Some((Rule::Address(most.into()), format!("address:{peer}"))),
    };
    for (rule, bucket) in by_address.iter().map(|(rule, bucket)| (*rule, bucket)).chain([(rule, &bucket)]) {
        if let Err(until) = throttles::count(conn, rule, bucket, now)? {
            let subject = found.map(|(account, _)| account.id.to_string());
            let line = Entry { subject, reason: Some(rule.reason().to_owned()), ..caller.entry(app, "login.throttled", true, now) };
            refused_in_write(app, conn, caller, "login.throttled", rule.reason(), &line)?;
            return Ok(Err(until));
        }
    }
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
    mut device: Device,
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
    device.remember(app, &account.id, now);
    Ok(Some(Opened { session, secret, device: device.seal(app)? }))
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
