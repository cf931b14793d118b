//! Logging out: who is signed in, where the browser may go afterwards, and the end of the session.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, SessionId};
use crate::identity::account::Account;
use crate::protocol::claims::id_token;
use crate::protocol::logout::landing;
use crate::protocol::params::Params;
use crate::signing::{Expected, Expiry};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, sessions};

use super::authorize::{Browser, session};
use super::record::{Caller, record};

/// What a logout request is about.
pub struct Leaving {
    /// Who is signed in in this browser.
    pub current: Option<(SessionId, Account)>,
    /// The hint names the person who is signed in.
    pub hint_fits: bool,
    /// Where to go afterwards; only ever a registered place of the client the hint was issued to.
    pub landing: Option<String>,
}

/// Looks at a logout request.
///
/// Spec: OpenID Connect RP-Initiated Logout 1.0 §2
pub fn look(app: &App, conn: &mut Conn, browser: &Browser, params: &Params) -> Result<Leaving, Fault> {
    let current = match session(app, conn, browser, app.now())? {
        Some(session) => accounts::get(conn, &session.account_id)?.map(|account| (session.id, account)),
        None => None,
    };
    let hint = params.one("id_token_hint").ok().flatten();
    let expected = Expected { typ: id_token::TYP, issuer: &app.settings.issuer, audience: None, expiry: Expiry::Ignored };
    let claims = hint.and_then(|hint| app.ring.verify(hint, &expected).ok());
    let said = |name: &str| claims.as_ref().and_then(|claims| claims.get(name)?.as_str()).map(str::to_owned);
    let subject = said("sub").and_then(|sub| sub.parse::<AccountId>().ok());
    let hint_fits = current.as_ref().zip(subject.as_ref()).is_some_and(|((_, account), subject)| account.id == *subject);
    let audience = said("aud").filter(|aud| params.one("client_id").is_ok_and(|id| id.is_none_or(|id| id == aud)));
    let asked = params.one("post_logout_redirect_uri").ok().flatten();
    let mut landed = None;
    // A hint for somebody else than who is signed in leads nowhere; one for a session that is over still does.
    if let (Some(audience), Some(asked)) = (audience, asked)
        && (hint_fits || current.is_none())
        && let Some(registered) = app.keys.named(conn, &audience)?.filter(|registered| registered.client.enabled)
    {
        landed = landing(&registered.client, &registered.key.application_uri, asked, params.one("state").ok().flatten());
    }
    Ok(Leaving { current, hint_fits, landing: landed })
}

/// Ends a session. One write.
pub fn end(app: &App, conn: &mut Conn, caller: &Caller, id: SessionId, account: &AccountId) -> Result<(), Fault> {
    let now = app.now();
    if sessions::end(conn, id, now)? {
        let entry =
            Entry { actor: Some(account.to_string()), session: Some(id.to_string()), ..caller.entry(app, "session.ended", false, now) };
        record(conn, &entry)?;
    }
    Ok(())
}
