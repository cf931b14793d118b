//! Entering a console: whose session it is, what that person may enter, and the way back here after signing in.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::{Fault, Seconds, Timestamp};
use crate::flows::authorize::{Held, signed_in};
use crate::flows::record::Caller;
use crate::identity::account::{Account, UserType};
use crate::identity::session::{SEEN_EVERY, Session};
use crate::platform::reach::Reach;
use crate::platform::suspension::Side;
use crate::store::audit::Entry;
use crate::store::mlses::{self, Mls};
use crate::store::{Conn, accounts, sessions};

/// How long a password counts as just given.
pub const RECENT: Seconds = Seconds::minutes(5);
/// How long the sign-in page may stay open before its form is refused.
const OPEN_FOR: Seconds = Seconds::minutes(30);
const PURPOSE: &str = "console";

/// A part of the server that only some people may enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// People's own pages.
    Account,
    /// The console of an MLS's staff.
    Mls,
    /// The console of the platform's staff.
    Admin,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Guest {
    /// Who.
    pub account: Account,
    /// In which session.
    pub session: Session,
    /// Whether he is staff of the platform.
    pub platform_staff: bool,
    /// His MLS's face.
    pub mls: Option<Mls>,
    /// Where he is.
    pub caller: Caller,
}

impl Guest {
    /// Whether he may enter.
    pub fn may_enter(&self, area: Area) -> bool {
        match area {
            Area::Account => true,
            Area::Mls => self.account.user_type == UserType::Mls,
            Area::Admin => self.platform_staff,
        }
    }

    /// How far his word goes in that part of the server.
    pub fn reach(&self, area: Area) -> Reach {
        match area {
            Area::Admin if self.platform_staff => Reach::Everything,
            Area::Mls if self.account.user_type == UserType::Mls => Reach::Mls(self.account.mls_id.clone()),
            _ => Reach::Nothing,
        }
    }

    /// For which side he acts there.
    pub fn side(area: Area) -> Side {
        if area == Area::Admin { Side::Platform } else { Side::Mls }
    }

    /// A line of the audit about what he did.
    pub fn entry(&self, app: &App, event: &str) -> Entry {
        Entry {
            actor: Some(self.account.id.to_string()),
            session: Some(self.session.id.to_string()),
            ..self.caller.entry(app, event, false, app.now())
        }
    }
}

/// Who is signed in in the browser that holds this session.
pub fn enter(app: &App, conn: &mut Conn, held: Held<'_>, caller: &Caller) -> Result<Option<Guest>, Fault> {
    let now = app.now();
    let Some((session, account)) = signed_in(app, conn, held, now)? else { return Ok(None) };
    if now.since(session.seen_at) >= SEEN_EVERY {
        // Looking is a read: that it was used is noted without making anybody wait.
        let id = session.id;
        app.db.write_beside("a session that was used", move |conn| sessions::seen(conn, id, now));
    }
    let platform_staff = accounts::is_platform_staff(conn, &account.id)?;
    let mls = mlses::get(conn, &account.mls_id)?;
    Ok(Some(Guest { account, session, platform_staff, mls, caller: caller.clone() }))
}

/// The face of a page nobody is signed in at: the only MLS there is, or none.
pub fn face(conn: &mut Conn) -> Result<Option<Mls>, Fault> {
    let mut all = mlses::all(conn)?;
    Ok(if all.len() == 1 { all.pop() } else { None })
}

/// Where somebody is taken after signing in: an address of ours, sealed into the page so that no link can choose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// A path of ours.
    pub path: String,
    /// What was typed before the session was found to be over.
    pub kept: Option<Kept>,
}

/// A form that was not sent, because nobody was signed in any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Where it posts to: a path of ours.
    pub action: String,
    /// What was typed, by field; never a secret.
    pub fields: Vec<(String, String)>,
}

/// A way back, and when it was sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    back: Return,
    at: Timestamp,
}

impl Return {
    /// The way to a path of ours, with nothing kept.
    pub fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), kept: None }
    }

    /// Seals this into a hidden field that only `browser` can send back.
    pub fn seal(&self, app: &App, browser: &str) -> Result<String, Fault> {
        let sealed = Sealed { back: self.clone(), at: app.now() };
        app.seal.seal_flow(PURPOSE, browser.as_bytes(), &serde_json::to_vec(&sealed).map_err(Fault::broken)?, &app.random)
    }

    /// Opens what this browser sends back; `None` for anything else, and where the page was open for too long.
    pub fn open(app: &App, browser: &str, text: &str) -> Option<Self> {
        let plain = app.seal.open_flow(PURPOSE, browser.as_bytes(), text)?;
        let found: Sealed = serde_json::from_slice(&plain).ok()?;
        (app.now() < found.at + OPEN_FOR).then_some(found.back)
    }
}
