//! Counting guesses at passwords: of accounts, developers and consumers alike, in the shared database and before any hash.

use crate::app::App;
use crate::base::peer::line_of;
use crate::base::{Fault, Timestamp};
use crate::identity::throttle::Rule;
use crate::store::audit::Entry;
use crate::store::{Conn, throttles};

use super::device::Device;
use super::record::{Caller, refused_in_write};

/// A login that is guessed at.
pub struct Login {
    /// By what guesses at it from browsers it does not know are counted, whether anybody has it or not.
    pub bucket: String,
    /// Whose it is, as the audit names them.
    pub who: Option<String>,
    /// Browsers known from before this moment are strangers again.
    pub floor: Option<Timestamp>,
}

/// A guess that was counted.
pub struct Counted {
    /// Where; it is cleared once a guess was right.
    pub bucket: String,
    /// Whether it came from a browser that the login knows.
    pub known_browser: bool,
}

/// Counts a guess by address, and by login or known browser; `Err` says until when none is taken. One write.
///
/// A name nobody has is counted like any other, so that nothing tells them apart.
pub fn count(app: &App, conn: &mut Conn, caller: &Caller, login: Login, device: &Device) -> Result<Result<Counted, Timestamp>, Fault> {
    let now = app.now();
    let known = login.who.as_deref().and_then(|who| device.bucket(who, login.floor));
    let known_browser = known.is_some();
    let (rule, bucket) = known.map_or((Rule::Account, login.bucket), |bucket| (Rule::Device, bucket));
    let peer = caller.peer.map_or_else(|| "unknown".to_owned(), |peer| line_of(peer).to_string());
    let by_address = match app.settings.sign_ins_per_minute {
        0 => None,
        most => Some((Rule::Address(most.into()), format!("address:{peer}"))),
    };
    for (rule, bucket) in by_address.iter().map(|(rule, bucket)| (*rule, bucket)).chain([(rule, &bucket)]) {
        if let Err(until) = throttles::count(conn, rule, bucket, now)? {
            let line =
                Entry { subject: login.who, reason: Some(rule.reason().to_owned()), ..caller.entry(app, "login.throttled", true, now) };
            refused_in_write(app, conn, caller, "login.throttled", rule.reason(), &line)?;
            return Ok(Err(until));
        }
    }
    Ok(Ok(Counted { bucket, known_browser }))
}
