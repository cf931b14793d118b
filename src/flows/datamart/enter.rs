//! Entering the developer portal: whose session it is, and what that developer may do.

use crate::app::App;
use crate::base::id::DeveloperSessionId;
use crate::base::{Digest, Fault};
use crate::flows::authorize::limits;
use crate::flows::record::Caller;
use crate::identity::session::SEEN_EVERY;
use crate::platform::developer::Developer;
use crate::store::audit::Entry;
use crate::store::developer_sessions::{self, DeveloperSession};
use crate::store::{Conn, developers};

/// A developer who is signed in.
#[derive(Debug, Clone)]
pub struct DeveloperGuest {
    /// Who.
    pub developer: Developer,
    /// In which session.
    pub session: DeveloperSession,
    /// Where he is.
    pub caller: Caller,
}

impl DeveloperGuest {
    /// A line of the audit about what he did.
    pub fn entry(&self, app: &App, event: &str, subject: &str) -> Entry {
        Entry {
            actor: Some(actor(&self.developer)),
            subject: Some(subject.to_owned()),
            session: Some(self.session.id.to_string()),
            ..self.caller.entry(app, event, false, app.now())
        }
    }
}

/// How the audit names a developer: never to be taken for an account.
pub fn actor(developer: &Developer) -> String {
    format!("developer:{}", developer.id)
}

/// Which developer is signed in in the browser that holds this session: nobody who was refused or switched off, or whose password
/// changed since.
pub fn enter(
    app: &App,
    conn: &mut Conn,
    held: Option<&(DeveloperSessionId, Digest)>,
    caller: &Caller,
) -> Result<Option<DeveloperGuest>, Fault> {
    let now = app.now();
    let Some((id, secret)) = held else { return Ok(None) };
    let Some(session) = developer_sessions::get(conn, *id, secret)?.filter(|session| session.alive(limits(app).idle, now)) else {
        return Ok(None);
    };
    let Some((developer, _)) = developers::get(conn, session.developer_id)? else { return Ok(None) };
    if !developer.may_sign_in() || developer.sessions_valid_after.is_some_and(|floor| session.auth_time < floor) {
        return Ok(None);
    }
    if now.since(session.seen_at) >= SEEN_EVERY {
        // Looking is a read: that it was used is noted without making anybody wait.
        let id = session.id;
        app.db.write_beside("a session that was used", move |conn| developer_sessions::seen(conn, id, now));
    }
    Ok(Some(DeveloperGuest { developer, session, caller: caller.clone() }))
}
