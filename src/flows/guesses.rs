//! Guesses at passwords, of accounts, developers and consumers alike: counted in the shared database and before any hash, judged inside the
//! write that follows it.

use std::fmt::Display;

use crate::app::App;
use crate::base::peer::line_of;
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::hashing::Verdict;
use crate::identity::password::StoredHash;
use crate::identity::throttle::Rule;
use crate::store::audit::Entry;
use crate::store::{Conn, throttles};

use super::device::Device;
use super::record::{Caller, record, refused_in_write};

/// Somebody who signs in with a password.
pub trait Login {
    /// As the audit names them.
    fn named(&self) -> String;

    /// Browsers known from before this moment are strangers again.
    fn floor(&self) -> Option<Timestamp>;

    /// Why they are not let in, whatever the password: the audit's word for it.
    fn closed(&self) -> Option<&'static str>;

    /// Whether `hash` is still that of their password, which is kept as `rehashed` from now on where there is one.
    fn rehash(&self, conn: &mut Conn, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault>;
}

/// A guess that was counted and may be looked at.
pub struct Admitted<L> {
    login: Option<L>,
    /// The stored hash; none makes the comparison fail after the same work.
    pub stored: Option<StoredHash>,
    /// The same as the row has it.
    hash: Option<String>,
    /// Where it was counted.
    bucket: String,
    /// Whether it came from a browser that the login knows.
    pub known_browser: bool,
}

/// Counts a guess by address, and by login or known browser; `Err` says until when none is taken. One write.
///
/// `bucket` is by what guesses at the login from browsers it does not know are counted: a name nobody has is counted like any other, so that
/// nothing tells them apart.
pub fn admit<L: Login>(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    device: &Device,
    bucket: String,
    found: Option<(L, Option<String>)>,
) -> Result<Result<Admitted<L>, Timestamp>, Fault> {
    let now = app.now();
    let known = found.as_ref().and_then(|(login, _)| device.bucket(&login.named(), login.floor()));
    let known_browser = known.is_some();
    let (rule, bucket) = known.map_or((Rule::Account, bucket), |known| (Rule::Device, known));
    let peer = caller.peer.map_or_else(|| "unknown".to_owned(), |peer| line_of(peer).to_string());
    let by_address = match app.settings.sign_ins_per_minute {
        0 => None,
        most => Some((Rule::Address(most.into()), format!("address:{peer}"))),
    };
    for (rule, bucket) in by_address.iter().map(|(rule, bucket)| (*rule, bucket)).chain([(rule, &bucket)]) {
        if let Err(until) = throttles::count(conn, rule, bucket, now)? {
            let subject = found.map(|(login, _)| login.named());
            let line = Entry { subject, reason: Some(rule.reason().to_owned()), ..caller.entry(app, "login.throttled", true, now) };
            refused_in_write(app, conn, caller, "login.throttled", rule.reason(), &line)?;
            return Ok(Err(until));
        }
    }
    let (login, hash) = found.map_or((None, None), |(login, hash)| (Some(login), hash));
    Ok(Ok(Admitted { login, stored: hash.as_deref().and_then(StoredHash::parse), hash, bucket, known_browser }))
}

impl<L: Login> Admitted<L> {
    /// Whose guess it is, right or wrong.
    pub const fn login(&self) -> Option<&L> {
        self.login.as_ref()
    }

    /// Who is let in; `None` where the guess was wrong, or they are not let in, `besides` for a reason of the door: the same to whoever asks.
    /// Within a write.
    pub fn judge(
        &self,
        app: &App,
        conn: &mut Conn,
        caller: &Caller,
        verdict: &Verdict,
        besides: Option<&'static str>,
    ) -> Result<Option<&L>, Fault> {
        let refusal = match (&self.login, self.hash.as_deref()) {
            (None, _) => Some("login_unknown"),
            (Some(_), _) if !verdict.matches => Some("password_wrong"),
            (Some(login), _) if let Some(why) = login.closed().or(besides) => Some(why),
            // What was compared must still be the password: somebody may have changed it while this one waited for its turn.
            (Some(login), Some(hash)) if login.rehash(conn, hash, verdict.rehashed.as_deref())? => None,
            (Some(_), _) => Some("password_changed"),
        };
        if refusal.is_some() {
            let subject = self.login.as_ref().map(L::named);
            let line = caller.entry(app, "login.failure", true, app.now());
            record(conn, &Entry { subject, reason: refusal.map(str::to_owned), ..line })?;
            return Ok(None);
        }
        throttles::clear(conn, &self.bucket)?;
        Ok(self.login.as_ref())
    }

    /// Notes that the password was given again in a session, which `renew` gives a new secret; `None` where it did not fit, or the session
    /// is over. One write.
    pub fn confirm(
        &self,
        app: &App,
        conn: &mut Conn,
        caller: &Caller,
        verdict: &Verdict,
        session: impl Display,
        renew: impl FnOnce(&mut Conn, &Digest) -> Result<bool, Fault>,
    ) -> Result<Option<Secret>, Fault> {
        let Some(login) = &self.login else { return Ok(None) };
        let line = |event: &str, refused| Entry {
            session: Some(session.to_string()),
            subject: Some(login.named()),
            ..caller.entry(app, event, refused, app.now())
        };
        let secret = Secret::new(app.random.token());
        let fits = verdict.matches
            && login.closed().is_none()
            && match self.hash.as_deref() {
                Some(hash) => login.rehash(conn, hash, verdict.rehashed.as_deref())?,
                None => false,
            }
            && renew(conn, &secret.digest())?;
        if !fits {
            record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line("login.failure", true) })?;
            return Ok(None);
        }
        throttles::clear(conn, &self.bucket)?;
        record(conn, &Entry { actor: Some(login.named()), ..line("login.confirmed", false) })?;
        Ok(Some(secret))
    }
}
