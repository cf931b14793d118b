//! An authorization request, looked at: a page, an answer, or a permission to write down. Reads only.

use std::sync::Arc;

use crate::app::App;
use crate::base::id::{AccountId, SessionId};
use crate::base::{Digest, Fault, Timestamp};
use crate::identity::account::Account;
use crate::identity::session::{Limits, SEEN_EVERY, Session};
use crate::identity::subject::Subject;
use crate::platform::key::Key;
use crate::platform::reach::Reach;
use crate::protocol::authorize::consent::Missing;
use crate::protocol::authorize::next::{Expected, Walk, next};
use crate::protocol::authorize::{
    Answer, Approved, AuthorizationRequest, AuthorizeRefusal, Consent, Dialect, Login, Next, Reply, SignInReason, Surface,
};
use crate::protocol::claims::id_token;
use crate::protocol::params::Params;
use crate::protocol::redirect::{Destination, DestinationRefusal};
use crate::protocol::scope::Scopes;
use crate::signing::{self, Expiry};
use crate::store::keys::Registered;
use crate::store::mlses::{self, Mls};
use crate::store::{Conn, accounts, authorizations, consents, identities, sessions};

use super::carry::{Carried, Page};

/// The session cookie of an account, as a browser holds it: which session, and the digest of its secret.
pub type Held<'a> = Option<&'a (SessionId, Digest)>;

/// The browser at the door.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Its own cookie, to which pages are bound.
    pub id: String,
    /// Its session cookie: which session, and the digest of its secret.
    pub session: Option<(SessionId, Digest)>,
}

/// A request, and what happened on our pages since it came.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which of the two authorization pages was opened.
    pub surface: Surface,
    /// The parameters.
    pub params: Params,
    /// What happened since.
    pub walk: Walk,
}

impl Ask {
    /// A request that has just come.
    pub fn fresh(surface: Surface, params: Params, now: Timestamp) -> Self {
        Self { surface, params, walk: Walk { began: Some(now), chosen: false, allowed: None } }
    }

    /// A request that was carried through a page.
    pub fn carried(carried: &Carried) -> Self {
        Self {
            surface: carried.surface,
            params: carried.params(),
            walk: Walk { began: Some(carried.began), chosen: carried.chosen, allowed: None },
        }
    }
}

/// What is shown or done next.
pub enum Stage {
    /// There is no place to redirect to: a page of ours says why.
    Page(PageRefusal),
    /// An answer that needs no write: an error.
    Answer(Answer, AuthorizeRefusal, Arc<Registered>),
    /// The sign-in page.
    SignIn(Box<SignInStage>),
    /// The consent page.
    Consent(Box<ConsentStage>),
    /// A permission, to be written down.
    Issue(Box<Ready>),
}

/// Why a page of ours answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRefusal {
    /// `client_id` is missing, repeated or no key of ours.
    ClientUnknown,
    /// The key is disabled.
    ClientDisabled,
    /// There is no registered place to redirect to.
    Destination(DestinationRefusal),
}

impl PageRefusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ClientUnknown => "client_unknown",
            Self::ClientDisabled => "client_disabled",
            Self::Destination(DestinationRefusal::Missing) => "redirect_missing",
            Self::Destination(DestinationRefusal::Repeated) => "redirect_repeated",
            Self::Destination(DestinationRefusal::Unreadable) => "parameters_malformed",
            Self::Destination(DestinationRefusal::Differs) => "redirect_mismatch",
        }
    }
}

/// What the sign-in page shows.
pub struct SignInStage {
    /// Who asks.
    pub registered: Arc<Registered>,
    /// Where the walk will end.
    pub destination: Destination,
    /// Why.
    pub reason: SignInReason,
    /// The login name to begin with.
    pub login_hint: Option<String>,
    /// Who is signed in, where the person may go on as that.
    pub current: Option<Account>,
    /// Whose face the page has.
    pub mls: Option<Mls>,
    /// The hidden field.
    pub flow: String,
}

/// What the consent page shows.
pub struct ConsentStage {
    /// Who asks.
    pub registered: Arc<Registered>,
    /// Where the walk will end.
    pub destination: Destination,
    /// The company or person whose key it is, where it has a developer.
    pub owner: Option<String>,
    /// What is asked.
    pub missing: Missing,
    /// Who is asked.
    pub account: Account,
    /// Whose face the page has.
    pub mls: Option<Mls>,
    /// The hidden field.
    pub flow: String,
}

/// A permission that only has to be written down.
pub struct Ready {
    /// To whom.
    pub registered: Arc<Registered>,
    /// What was asked.
    pub request: AuthorizationRequest,
    /// Where and how to answer.
    pub reply: Reply,
    /// What was given, and by whom.
    pub approved: Approved,
    /// What the person is to be remembered as having allowed, where that changed.
    pub remember: Option<Consent>,
    /// The person, where the answer itself says something of him.
    pub subject: Option<Subject>,
    /// Whether the session's last use is to be written down.
    pub session_seen: bool,
}

/// Looks at a request.
pub fn look(app: &App, conn: &mut Conn, browser: &Browser, ask: &Ask) -> Result<Stage, Fault> {
    let registered = match client(app, conn, &ask.params)? {
        Ok(registered) => registered,
        Err(why) => return Ok(Stage::Page(why)),
    };
    let client = &registered.client;
    let destination = match Destination::of(client, &ask.params) {
        Ok(destination) => destination,
        Err(why) => return Ok(Stage::Page(PageRefusal::Destination(why))),
    };
    let issuer = &app.settings.issuer;
    let reply = match Reply::of(ask.surface, destination.clone(), &ask.params) {
        Ok(reply) => reply,
        Err((why, reply)) => return Ok(Stage::Answer(reply.refuse(&why, issuer), why, registered)),
    };
    let refuse = |reply: Reply, why: AuthorizeRefusal| Stage::Answer(reply.refuse(&why, issuer), why, Arc::clone(&registered));
    if !registered.key.signs_people_in() {
        return Ok(refuse(reply, AuthorizeRefusal::BrowserClosed));
    }
    let read =
        AuthorizationRequest::parse(ask.surface, client, &ask.params).and_then(|request| Ok((expected(app, client, &request)?, request)));
    let (expected, request) = match read {
        Ok(read) => read,
        Err(why) => return Ok(refuse(reply, why)),
    };

    let now = app.now();
    let (session, account) = signed_in(app, conn, browser.session.as_ref(), now)?.unzip();
    let login = session.as_ref().zip(account.as_ref()).map(|(session, account)| Login {
        account_id: account.id.clone(),
        session_id: session.id,
        auth_time: session.auth_time,
    });
    let terms = registered.key.terms();
    let earlier = match &login {
        Some(login) if !client.policy.first_party => consents::get(conn, &login.account_id, registered.key.id)?,
        _ => None,
    };

    let stage = next(&request, client, &destination, login.as_ref(), earlier.as_ref(), &terms, &expected, &ask.walk, now);
    if let (Next::Consent(_) | Next::Issue(_), Some(account)) = (&stage, &account) {
        if !registered.key.admits(&account.mls_id) {
            return Ok(refuse(reply, AuthorizeRefusal::PersonOutside));
        }
        if client.policy.requires_authorization && !authorizations::is_given(conn, &account.id, registered.key.id)? {
            return Ok(refuse(reply, AuthorizeRefusal::NotAuthorized));
        }
    }
    Ok(match (stage, account) {
        (Next::Refuse(why), _) => refuse(reply, why),
        (Next::Issue(approved), account) => {
            let remember = ask.walk.allowed.map(|allowed| remembered(allowed, earlier.as_ref(), terms));
            let session_seen = session.is_some_and(|session| now.since(session.seen_at) >= SEEN_EVERY);
            let told = request.response_type.has_id_token() || matches!(reply.dialect, Dialect::OpenId2(_));
            let account = account.filter(|_| told);
            let subject = account.map(|account| Subject::Account(Box::new(account)));
            Stage::Issue(Box::new(Ready { registered, request, reply, approved, remember, subject, session_seen }))
        }
        (Next::Consent(missing), Some(account)) => {
            let page = Page::Consent { account: account.id.clone(), shown: request.permission(client).to_string(), terms };
            let flow = carried(ask, page, now).seal(app, &browser.id)?;
            let mls = face(conn, &registered, Some(&account))?;
            let owner = owner(conn, &registered.key)?;
            Stage::Consent(Box::new(ConsentStage { registered, destination, owner, missing, account, mls, flow }))
        }
        (Next::Consent(_), None) => return Err(Fault::broken("consent was asked of nobody")),
        (Next::SignIn(reason), account) => {
            let flow = carried(ask, Page::SignIn, now).seal(app, &browser.id)?;
            let mls = face(conn, &registered, None)?;
            let current = account.filter(|_| reason == SignInReason::Choose);
            Stage::SignIn(Box::new(SignInStage { registered, destination, reason, login_hint: request.login_hint, current, mls, flow }))
        }
    })
}

/// The company of the developer whose key it is, or the person.
pub fn owner(conn: &mut Conn, key: &Key) -> Result<Option<String>, Fault> {
    let Some(id) = key.identity_id else { return Ok(None) };
    let identity = identities::get(conn, &Reach::Everything, id)?;
    Ok(identity.map(|identity| identity.facts).map(|facts| if facts.company.is_empty() { facts.full_name() } else { facts.company }))
}

/// Answers a request with a refusal that a person chose: no, or back.
pub fn turn_down(app: &App, conn: &mut Conn, ask: &Ask, why: AuthorizeRefusal) -> Result<Stage, Fault> {
    let registered = match client(app, conn, &ask.params)? {
        Ok(registered) => registered,
        Err(why) => return Ok(Stage::Page(why)),
    };
    Ok(match Destination::of(&registered.client, &ask.params) {
        Err(why) => Stage::Page(PageRefusal::Destination(why)),
        Ok(destination) => {
            let reply = Reply::of(ask.surface, destination, &ask.params).unwrap_or_else(|(_, reply)| reply);
            Stage::Answer(reply.refuse(&why, &app.settings.issuer), why, registered)
        }
    })
}

/// The session of this browser, if it is alive.
pub fn session(app: &App, conn: &mut Conn, held: Held<'_>, now: Timestamp) -> Result<Option<Session>, Fault> {
    let Some((id, secret)) = held else { return Ok(None) };
    let limits = limits(app);
    Ok(sessions::get(conn, *id, secret)?.filter(|session| session.alive(limits, now)))
}

/// The session of this browser and its person, if both are good: nobody is signed in who was switched off, or whose password changed since.
pub fn signed_in(app: &App, conn: &mut Conn, held: Held<'_>, now: Timestamp) -> Result<Option<(Session, Account)>, Fault> {
    let Some(session) = session(app, conn, held, now)? else { return Ok(None) };
    let account = accounts::get(conn, &session.account_id)?
        .filter(|account| account.active && account.tokens_valid_after.is_none_or(|floor| session.auth_time >= floor));
    Ok(account.map(|account| (session, account)))
}

/// How long sessions last here.
pub fn limits(app: &App) -> Limits {
    Limits { idle: app.settings.sessions.idle, absolute: app.settings.sessions.absolute }
}

/// The request, ready to be put into a page.
pub fn carried(ask: &Ask, page: Page, now: Timestamp) -> Carried {
    Carried {
        surface: ask.surface,
        request: ask.params.to_form(&ask.surface.parameters()),
        began: ask.walk.began.unwrap_or(now),
        chosen: ask.walk.chosen,
        page,
        sealed_at: now,
    }
}

fn client(app: &App, conn: &mut Conn, params: &Params) -> Result<Result<Arc<Registered>, PageRefusal>, Fault> {
    let Ok(Some(client_id)) = params.one("client_id") else { return Ok(Err(PageRefusal::ClientUnknown)) };
    Ok(match app.keys.named(conn, client_id)? {
        None => Err(PageRefusal::ClientUnknown),
        Some(registered) if !registered.client.enabled => Err(PageRefusal::ClientDisabled),
        Some(registered) => Ok(registered),
    })
}

/// Whom the client expects, by hint or by the `claims` parameter.
fn expected(app: &App, client: &crate::protocol::client::Client, request: &AuthorizationRequest) -> Result<Expected, AuthorizeRefusal> {
    let hinted = match &request.id_token_hint {
        None => None,
        Some(hint) => {
            let expected = signing::Expected {
                typ: id_token::TYP,
                issuer: &app.settings.issuer,
                audience: Some(&client.client_id),
                expiry: Expiry::Enforced(app.now()),
            };
            let claims = app.ring.verify(hint, &expected).map_err(|_| AuthorizeRefusal::HintUnfit)?;
            Some(claims.get("sub").and_then(|sub| sub.as_str()).unwrap_or_default().to_owned())
        }
    };
    let named = request.claims.as_ref().and_then(|claims| claims.subject.clone());
    match (hinted, named) {
        (Some(a), Some(b)) if a != b => Err(AuthorizeRefusal::LoginRequired),
        (Some(sub), _) | (None, Some(sub)) => sub.parse::<AccountId>().map(Some).map_err(|_| AuthorizeRefusal::LoginRequired),
        (None, None) => Ok(None),
    }
}

fn remembered(allowed: Scopes, earlier: Option<&Consent>, terms: String) -> Consent {
    let before = earlier.filter(|consent| consent.terms == terms).map_or(Scopes::NONE, |consent| consent.scope);
    Consent { scope: before.or(allowed), terms }
}

/// Whose face a page has: the key's MLS, or else the person's, or else the only one there is.
fn face(conn: &mut Conn, registered: &Registered, account: Option<&Account>) -> Result<Option<Mls>, Fault> {
    if let Some(id) = registered.key.mls_id.as_ref().or(account.map(|account| &account.mls_id)) {
        return mlses::get(conn, id);
    }
    let mut all = mlses::all(conn)?;
    Ok(if all.len() == 1 { all.pop() } else { None })
}
