//! Links in letters: made with the letter, opened any number of times, used up once by what they are for.
//!
//! A mail scanner that opens every link changes nothing: only a form on the page behind it does.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::id::LinkId;
use crate::base::{Fault, Seconds, Secret, Timestamp};
use crate::store::Conn;
use crate::store::links::{self, Link, NewLink};

/// By this a leak scanner finds the secret of a link.
const PREFIX: &str = "lkl_";
/// How long the page behind a link may stay open.
const OPEN_FOR: Seconds = Seconds::minutes(30);

/// What a link is for; one for another purpose is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A developer proves that the address is theirs.
    Verify,
    /// A developer chooses a new password.
    Reset,
    /// Somebody of an approval chain is asked.
    Approval,
    /// A developer sees new credentials.
    Credentials,
    /// A consumer proves that the address is theirs.
    ConsumerVerify,
    /// A consumer chooses a new password.
    ConsumerReset,
    /// A contact takes the login that an agent made.
    Invitation,
}

impl Purpose {
    /// As rows spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify_email",
            Self::Reset => "reset_password",
            Self::Approval => "approval",
            Self::Credentials => "credentials",
            Self::ConsumerVerify => "verify_consumer",
            Self::ConsumerReset => "reset_consumer",
            Self::Invitation => "invitation",
        }
    }

    /// Where its links lead; the secret comes behind it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Verify => "/register/developers/verify",
            Self::Reset => "/developers/reset",
            Self::Approval => "/approvals",
            Self::Credentials => "/developers/credentials",
            Self::ConsumerVerify => "/r/verify",
            Self::ConsumerReset => "/r/reset",
            Self::Invitation => "/r/invitation",
        }
    }

    /// How long its links work.
    pub const fn lasts(self) -> Seconds {
        match self {
            Self::Verify | Self::ConsumerVerify => Seconds::hours(24),
            Self::Reset | Self::ConsumerReset => Seconds::minutes(30),
            Self::Invitation => Seconds::days(14),
            Self::Approval => Seconds::days(30),
            Self::Credentials => Seconds::days(7),
        }
    }
}

/// Makes a link about `subject` that is sent to `address`; answers it as it stands in the letter.
pub fn make(app: &App, conn: &mut Conn, purpose: Purpose, subject: &str, address: &str, detail: &str) -> Result<String, Fault> {
    let now = app.now();
    let secret = Secret::generate(PREFIX, &app.random);
    let new = NewLink {
        id: LinkId(app.random.id(now)),
        purpose: purpose.name(),
        digest: &secret.digest(),
        subject,
        address,
        expires_at: now + purpose.lasts(),
        detail,
    };
    links::put(conn, &new, now)?;
    Ok(format!("{}{}/{}", app.settings.issuer, purpose.path(), secret.expose()))
}

/// The link of this purpose with that secret, if it still works.
pub fn find(app: &App, conn: &mut Conn, purpose: Purpose, secret: &str) -> Result<Option<Link>, Fault> {
    let spelled = secret.strip_prefix(PREFIX).is_some_and(|word| word.len() == 52 && word.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !spelled {
        return Ok(None);
    }
    let found = links::find(conn, purpose.name(), &Secret::new(secret).digest())?;
    Ok(found.filter(|link| link.works(app.now())))
}

/// The link of this purpose of that row, if it still works.
pub fn get(app: &App, conn: &mut Conn, purpose: Purpose, id: LinkId) -> Result<Option<Link>, Fault> {
    Ok(links::get(conn, id)?.filter(|link| link.purpose == purpose.name() && link.works(app.now())))
}

/// An opened link on its way through our pages: the address bar holds this and no longer the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// What it is for.
    pub purpose: Purpose,
    /// Which.
    pub id: i64,
    /// When it was opened.
    pub at: Timestamp,
}

const SEALED: &str = "letter";

impl Carried {
    /// Seals this into an address that only `browser` can open.
    pub fn seal(&self, app: &App, browser: &str) -> Result<String, Fault> {
        app.seal.seal_flow(SEALED, browser.as_bytes(), &serde_json::to_vec(self).map_err(Fault::broken)?, &app.random)
    }

    /// Opens what this browser shows; `None` for anything else, for another purpose, and where it was open for too long.
    pub fn open(app: &App, browser: &str, purpose: Purpose, text: &str) -> Option<LinkId> {
        let plain = app.seal.open_flow(SEALED, browser.as_bytes(), text)?;
        let found: Self = serde_json::from_slice(&plain).ok()?;
        (found.purpose == purpose && app.now() < found.at + OPEN_FOR).then_some(LinkId(found.id))
    }
}
