//! Logging out: who is signed in, where the browser may go afterwards, and the end of the session.

use crate::app::App;
use crate::base::id::{AccountId, ConsumerSessionId, SessionId};
use crate::base::{Digest, Fault};
use crate::identity::account::Account;
use crate::protocol::claims::id_token;
use crate::protocol::logout::landing;
use crate::protocol::params::Params;
use crate::signing::{Expected, Expiry};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, sessions};

use super::authorize::{Browser, session};
use super::consumer::enter::{self, ConsumerGuest};
use super::record::{Caller, record};

/// The session of a consumer that a browser holds.
pub type Held = Option<(ConsumerSessionId, Digest)>;

/// What a logout request is about.
pub struct Leaving {
    /// Who is signed in in this browser.
    pub current: Option<(SessionId, Account)>,
    /// The consumer who is signed in in this browser: somebody else, in a session of another kind.
    pub consumer: Option<ConsumerGuest>,
    /// The hint names the person who is signed in, and whatever else the request says fits the client it was issued to.
    pub hint_fits: bool,
    /// Where to go afterwards; only ever a registered place of the client the hint was issued to.
    pub landing: Option<String>,
}

/// Looks at a logout request.
///
/// Spec: OpenID Connect RP-Initiated Logout 1.0 §2
pub fn look(app: &App, conn: &mut Conn, browser: &Browser, held: &Held, caller: &Caller, params: &Params) -> Result<Leaving, Fault> {
    let consumer = enter::enter(app, conn, held.as_ref(), caller)?;
    let current = match session(app, conn, browser.session.as_ref(), app.now())? {
        Some(session) => accounts::get(conn, &session.account_id)?.map(|account| (session.id, account)),
        None => None,
    };
    let hint = params.one("id_token_hint").ok().flatten();
    let expected = Expected { typ: id_token::TYP, issuer: &app.settings.issuer, audience: None, expiry: Expiry::Ignored };
    let claims = hint.and_then(|hint| app.ring.verify(hint, &expected).ok());
    let said = |name: &str| claims.as_ref().and_then(|claims| claims.get(name)?.as_str()).map(str::to_owned);
    let subject = said("sub");
    let names_account = current.as_ref().is_some_and(|(_, account)| subject.as_deref() == Some(account.id.as_str()));
    let names_consumer = consumer.as_ref().is_some_and(|guest| subject.as_deref() == Some(guest.consumer.id.as_str()));
    let (names_current, nobody) = (names_account || names_consumer, current.is_none() && consumer.is_none());
    let audience = said("aud").filter(|aud| params.one("client_id").is_ok_and(|id| id.is_none_or(|id| id == aud)));
    let asked = params.one("post_logout_redirect_uri").ok().flatten();
    let mut landed = None;
    // A hint for somebody else than who is signed in leads nowhere; one for a session that is over still does.
    if let (Some(audience), Some(asked)) = (&audience, asked)
        && (names_current || nobody)
        && let Some(registered) = app.keys.named(conn, audience)?.filter(|registered| registered.client.enabled)
    {
        landed = landing(&registered.client, &registered.key.application_uri, asked, params.one("state").ok().flatten());
    }
    // A request that names another client's place is nobody's word: the person is asked.
    let hint_fits = names_current && audience.is_some() && (asked.is_none() || landed.is_some());
    // A hint is about one person: whoever else is signed in in this browser stays.
    let (current, consumer) = match (hint_fits, names_account) {
        (false, _) => (current, consumer),
        (true, true) => (current, None),
        (true, false) => (None, consumer),
    };
    Ok(Leaving { current, consumer, hint_fits, landing: landed })
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
