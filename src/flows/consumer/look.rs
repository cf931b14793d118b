//! A site's request at a consumer's door, looked at: a page, an answer, or a permission to write down. Reads only.

use std::sync::Arc;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::authorize::{self, PageRefusal};
use crate::flows::record::Caller;
use crate::identity::account::Account;
use crate::identity::session::SEEN_EVERY;
use crate::platform::contact::{Contact, RecordStatus};
use crate::platform::portal::Portal;
use crate::protocol::authorize::consent::{self, Missing};
use crate::protocol::authorize::next::is_stale;
use crate::protocol::authorize::{Answer, AuthorizationRequest, AuthorizeRefusal, Consent, Reply, SignInReason, Surface};
use crate::protocol::claims::id_token;
use crate::protocol::grant::ConsumerRole;
use crate::protocol::redirect::Destination;
use crate::protocol::scope::Scopes;
use crate::signing::{self, Expiry};
use crate::store::keys::Registered;
use crate::store::mlses::{self, Mls};
use crate::store::{Conn, accounts, consumer_consents, contacts, portals};

use super::carry::{Ask, Entrance, Page};
use super::enter::{self, Browser, ConsumerGuest};

/// Whose portal it is.
#[derive(Debug, Clone)]
pub struct Host {
    /// The portal.
    pub portal: Portal,
    /// The agent.
    pub agent: Account,
    /// The agent's MLS.
    pub mls: Option<Mls>,
    /// The agent's picture, where it is one of ours: a path under `/static/`.
    pub photo: Option<String>,
}

/// What is shown or done next.
pub enum Stage {
    /// There is no place to redirect to: a page of ours says why.
    Page(DoorRefusal),
    /// An answer that needs no write: an error.
    Answer(Answer, AuthorizeRefusal, Arc<Registered>),
    /// Somebody must sign in.
    SignIn(Box<Shown>, SignInReason),
    /// Somebody must choose one of these agents.
    Choose(Box<Shown>, Vec<Host>),
    /// Somebody must connect with the agent.
    Join(Box<Shown>),
    /// Somebody must allow the site to act.
    Consent(Box<Shown>, Missing),
    /// A permission, to be written down.
    Issue(Box<Ready>),
}

/// Why a page of ours answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorRefusal {
    /// As at the doors of accounts.
    Client(PageRefusal),
    /// The key is none that signs consumers in.
    ClientUnfit,
    /// No portal of that name lets people in; whether there is one is not told.
    PortalUnknown,
}

impl DoorRefusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Client(why) => why.reason(),
            Self::ClientUnfit => "client_unfit",
            Self::PortalUnknown => "portal_unknown",
        }
    }
}

/// What every page shows.
pub struct Shown {
    /// Who asks.
    pub registered: Arc<Registered>,
    /// Where the walk will end.
    pub destination: Destination,
    /// The company or person whose key it is, where it has a developer and the page asks for a permission.
    pub owner: Option<String>,
    /// Whose portal it is; nobody's as long as no agent is chosen.
    pub host: Option<Host>,
    /// Who is signed in.
    pub guest: Option<ConsumerGuest>,
    /// The login name to begin with.
    pub login_hint: Option<String>,
    /// The hidden field.
    pub flow: String,
    /// The request, for a link to another door.
    pub query: String,
}

/// A permission that only has to be written down.
pub struct Ready {
    /// To whom.
    pub registered: Arc<Registered>,
    /// What was asked.
    pub request: AuthorizationRequest,
    /// Where and how to answer.
    pub reply: Reply,
    /// Who gives it.
    pub guest: ConsumerGuest,
    /// By which contact of which agent.
    pub contact: Contact,
    /// In which role.
    pub role: ConsumerRole,
    /// What is to be remembered as allowed, where that changed.
    pub remember: Option<Consent>,
    /// Whether the session's last use is to be written down.
    pub session_seen: bool,
}

/// The role in which a key's consumers act.
pub fn role(registered: &Registered) -> ConsumerRole {
    if registered.client.policy.ecosystem { ConsumerRole::Portal } else { ConsumerRole::Vow }
}

/// The portal of that name and its agent, if both let people in.
pub fn host_named(app: &App, conn: &mut Conn, name: &str) -> Result<Option<Host>, Fault> {
    match portals::named(conn, name)? {
        Some(portal) => host(app, conn, portal),
        None => Ok(None),
    }
}

/// The portal of that agent, if both let people in.
pub fn host_of(app: &App, conn: &mut Conn, agent: &AccountId) -> Result<Option<Host>, Fault> {
    match portals::of_agent(conn, agent)? {
        Some(portal) => host(app, conn, portal),
        None => Ok(None),
    }
}

fn host(app: &App, conn: &mut Conn, portal: Portal) -> Result<Option<Host>, Fault> {
    if !portal.enabled {
        return Ok(None);
    }
    let Some(agent) = accounts::get(conn, &portal.account_id)?.filter(|agent| agent.active) else { return Ok(None) };
    let mls = mlses::get(conn, &agent.mls_id)?;
    let photo = photo(&app.settings.issuer, &agent);
    Ok(Some(Host { portal, agent, mls, photo }))
}

/// The agent's picture as a path under `/static/`, where it is one of ours: pages on which passwords are typed fetch nothing from elsewhere.
fn photo(issuer: &str, agent: &Account) -> Option<String> {
    let uri = &agent.profile.images.iter().find(|image| image.kind == "Photo")?.uri;
    let path = uri.strip_prefix(issuer).unwrap_or(uri);
    let name = path.strip_prefix("/static/")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then(|| path.to_owned())
}

/// The agents a consumer may choose from, by name: linked, their portals open, and the contact let in.
fn choices(app: &App, conn: &mut Conn, registered: &Registered, guest: &ConsumerGuest) -> Result<Vec<Host>, Fault> {
    let mut hosts = Vec::new();
    for contact in contacts::of_consumer(conn, &guest.consumer.id)? {
        if contact.status == RecordStatus::Active && contact.may_enter() {
            let host = host_of(app, conn, &contact.account_id)?;
            hosts.extend(host.filter(|host| registered.key.admits(&host.agent.mls_id)));
        }
    }
    hosts.sort_by_cached_key(|host| host.agent.profile.name.to_lowercase());
    Ok(hosts)
}

/// Looks at a request.
pub fn look(app: &App, conn: &mut Conn, browser: &Browser, caller: &Caller, ask: &Ask) -> Result<Stage, Fault> {
    let (registered, destination) = match client(app, conn, ask)? {
        Ok(known) => known,
        Err(why) => return Ok(Stage::Page(why)),
    };
    let host = match &ask.entrance {
        Entrance::Portal(name) => match host_named(app, conn, name)? {
            Some(host) => Some(host),
            None => return Ok(Stage::Page(DoorRefusal::PortalUnknown)),
        },
        Entrance::Any => None,
    };
    let issuer = &app.settings.issuer;
    let reply = match Reply::of(Surface::Consumer, destination.clone(), &ask.params) {
        Ok(reply) => reply,
        Err((why, reply)) => return Ok(Stage::Answer(reply.refuse(&why, issuer), why, registered)),
    };
    let refuse = |reply: Reply, why: AuthorizeRefusal| Stage::Answer(reply.refuse(&why, issuer), why, Arc::clone(&registered));
    let read = AuthorizationRequest::parse(Surface::Consumer, &registered.client, &ask.params);
    let (request, expected) = match read.and_then(|request| Ok((expected(app, &registered, &request)?, request))) {
        Ok((expected, request)) => (request, expected),
        Err(why) => return Ok(refuse(reply, why)),
    };
    if host.as_ref().is_some_and(|host| !registered.key.admits(&host.agent.mls_id)) {
        return Ok(refuse(reply, AuthorizeRefusal::PersonOutside));
    }
    let guest = enter::enter(app, conn, browser.held.as_ref(), caller)?;
    Walk { app, browser, ask, registered: Arc::clone(&registered), destination, request, reply, expected, guest }.go_on(conn, host)
}

/// A request that has a place to be answered at.
struct Walk<'a> {
    app: &'a App,
    browser: &'a Browser,
    ask: &'a Ask,
    registered: Arc<Registered>,
    destination: Destination,
    request: AuthorizationRequest,
    reply: Reply,
    expected: Option<String>,
    guest: Option<ConsumerGuest>,
}

impl Walk<'_> {
    fn go_on(self, conn: &mut Conn, host: Option<Host>) -> Result<Stage, Fault> {
        let Some(guest) = self.guest.clone() else { return self.sign_in(host, SignInReason::Nobody) };
        let fresh = guest.session.auth_time >= self.ask.began;
        if is_stale(&self.request, guest.session.auth_time, Some(self.ask.began), self.app.now()) {
            return self.sign_in(host, SignInReason::Again);
        }
        if self.expected.as_ref().is_some_and(|expected| *expected != guest.consumer.id.as_str()) {
            return self.sign_in(host, SignInReason::SomebodyElse);
        }
        if self.request.prompt.select_account && !fresh && !self.ask.chosen {
            return self.sign_in(host, SignInReason::Choose);
        }
        let host = match host {
            Some(host) => host,
            None => match self.chosen(conn, &guest)? {
                Ok(host) => host,
                Err(stage) => return Ok(stage),
            },
        };
        let Some(contact) = contacts::between(conn, &guest.consumer.id, &host.agent.id)? else { return self.join(host, &guest) };
        if !contact.may_enter() {
            // Who is not let in here is told no more than somebody whom nobody knows.
            return self.sign_in(Some(host), SignInReason::SomebodyElse);
        }
        self.consent(conn, host, guest, contact)
    }

    fn shown(&self, page: Page, host: Option<Host>) -> Result<Box<Shown>, Fault> {
        Ok(Box::new(Shown {
            registered: Arc::clone(&self.registered),
            destination: self.destination.clone(),
            owner: None,
            host,
            guest: self.guest.clone(),
            login_hint: self.request.login_hint.clone(),
            flow: self.ask.seal(self.app, &self.browser.id, page)?,
            query: self.ask.query(),
        }))
    }

    fn refuse(self, why: AuthorizeRefusal) -> Stage {
        Stage::Answer(self.reply.refuse(&why, &self.app.settings.issuer), why, self.registered)
    }

    fn sign_in(self, host: Option<Host>, reason: SignInReason) -> Result<Stage, Fault> {
        if self.request.prompt.none {
            return Ok(self.refuse(AuthorizeRefusal::LoginRequired));
        }
        Ok(Stage::SignIn(self.shown(Page::SignIn, host)?, reason))
    }

    /// The agent that was chosen, or the only one there is.
    fn chosen(&self, conn: &mut Conn, guest: &ConsumerGuest) -> Result<Result<Host, Stage>, Fault> {
        let mut hosts = choices(self.app, conn, &self.registered, guest)?;
        let chosen = self.ask.agent.as_ref().and_then(|id| hosts.iter().position(|host| host.agent.id == *id));
        match (chosen, hosts.len()) {
            (Some(place), _) => return Ok(Ok(hosts.swap_remove(place))),
            (None, 1) => return Ok(Ok(hosts.swap_remove(0))),
            _ if self.request.prompt.none => {
                let refused = self.reply.clone().refuse(&AuthorizeRefusal::ConsentRequired, &self.app.settings.issuer);
                return Ok(Err(Stage::Answer(refused, AuthorizeRefusal::ConsentRequired, Arc::clone(&self.registered))));
            }
            _ => {}
        }
        let shown = self.shown(Page::Choose { consumer: guest.consumer.id.clone() }, None)?;
        Ok(Err(Stage::Choose(shown, hosts)))
    }

    fn join(self, host: Host, guest: &ConsumerGuest) -> Result<Stage, Fault> {
        if self.request.prompt.none {
            return Ok(self.refuse(AuthorizeRefusal::ConsentRequired));
        }
        let page = Page::Join { consumer: guest.consumer.id.clone(), agent: host.agent.id.clone() };
        Ok(Stage::Join(self.shown(page, Some(host))?))
    }

    fn consent(self, conn: &mut Conn, host: Host, guest: ConsumerGuest, contact: Contact) -> Result<Stage, Fault> {
        let client = &self.registered.client;
        let role = role(&self.registered);
        let terms = role.name().to_owned();
        let wanted = self.request.permission(client);
        let earlier = consumer_consents::get(conn, &guest.consumer.id, self.registered.key.id, &host.agent.id)?;
        let missing = if self.request.prompt.consent && !client.policy.first_party {
            Some(Missing { asked: wanted, already: Scopes::NONE })
        } else {
            consent::missing(client, &self.destination, wanted, &terms, earlier.as_ref())
        };
        let allowed = self.ask.allowed.as_ref().filter(|(on, scope)| *on == terms && wanted.within(Scopes::known(scope)));
        match missing {
            Some(_) if self.request.prompt.none => Ok(self.refuse(AuthorizeRefusal::ConsentRequired)),
            Some(missing) if allowed.is_none() => {
                let page = Page::Consent { consumer: guest.consumer.id.clone(), shown: wanted.to_string(), terms };
                let shown = self.shown(page, Some(host))?;
                let owner = authorize::owner(conn, &shown.registered.key)?;
                Ok(Stage::Consent(Box::new(Shown { owner, ..*shown }), missing))
            }
            _ => {
                let before = earlier.filter(|consent| consent.terms == terms).map_or(Scopes::NONE, |consent| consent.scope);
                let remember = allowed.map(|_| Consent { scope: before.or(wanted), terms });
                let session_seen = self.app.now().since(guest.session.seen_at) >= SEEN_EVERY;
                let Self { registered, request, reply, .. } = self;
                Ok(Stage::Issue(Box::new(Ready { registered, request, reply, guest, contact, role, remember, session_seen })))
            }
        }
    }
}

/// The key that asks, and where its request is answered.
///
/// Refuses: a key that is unknown, off, or none that signs consumers in; a place it has not registered.
fn client(app: &App, conn: &mut Conn, ask: &Ask) -> Result<Result<(Arc<Registered>, Destination), DoorRefusal>, Fault> {
    let unknown = Ok(Err(DoorRefusal::Client(PageRefusal::ClientUnknown)));
    let Ok(Some(client_id)) = ask.params.one("client_id") else { return unknown };
    let Some(registered) = app.keys.named(conn, client_id)? else { return unknown };
    if !registered.client.enabled {
        return Ok(Err(DoorRefusal::Client(PageRefusal::ClientDisabled)));
    }
    if !registered.key.signs_consumers_in() {
        return Ok(Err(DoorRefusal::ClientUnfit));
    }
    Ok(match Destination::of(&registered.client, &ask.params) {
        Ok(destination) => Ok((registered, destination)),
        Err(why) => Err(DoorRefusal::Client(PageRefusal::Destination(why))),
    })
}

/// Whom the client expects, by hint or by the `claims` parameter.
fn expected(app: &App, registered: &Registered, request: &AuthorizationRequest) -> Result<Option<String>, AuthorizeRefusal> {
    let hinted = match &request.id_token_hint {
        None => None,
        Some(hint) => {
            let expected = signing::Expected {
                typ: id_token::TYP,
                issuer: &app.settings.issuer,
                audience: Some(&registered.client.client_id),
                expiry: Expiry::Enforced(app.now()),
            };
            let claims = app.ring.verify(hint, &expected).map_err(|_| AuthorizeRefusal::HintUnfit)?;
            Some(claims.get("sub").and_then(|sub| sub.as_str()).unwrap_or_default().to_owned())
        }
    };
    match (hinted, request.claims.as_ref().and_then(|claims| claims.subject.clone())) {
        (Some(a), Some(b)) if a != b => Err(AuthorizeRefusal::LoginRequired),
        (hinted, named) => Ok(hinted.or(named)),
    }
}

/// Answers a request with a refusal that a person chose: no, or back.
pub fn turn_down(app: &App, conn: &mut Conn, ask: &Ask, why: AuthorizeRefusal) -> Result<Stage, Fault> {
    Ok(match client(app, conn, ask)? {
        Err(why) => Stage::Page(why),
        Ok((registered, destination)) => {
            let reply = Reply::of(Surface::Consumer, destination, &ask.params).unwrap_or_else(|(_, reply)| reply);
            Stage::Answer(reply.refuse(&why, &app.settings.issuer), why, registered)
        }
    })
}

/// The sign-up page of a portal: what it shows, or why it is not shown.
pub fn sign_up(app: &App, conn: &mut Conn, browser: &Browser, ask: &Ask) -> Result<Result<Box<Shown>, DoorRefusal>, Fault> {
    let (registered, destination) = match client(app, conn, ask)? {
        Ok(known) => known,
        Err(why) => return Ok(Err(why)),
    };
    let Entrance::Portal(name) = &ask.entrance else { return Ok(Err(DoorRefusal::PortalUnknown)) };
    let found = host_named(app, conn, name)?.filter(|host| registered.key.admits(&host.agent.mls_id));
    let Some(host) = found else { return Ok(Err(DoorRefusal::PortalUnknown)) };
    Ok(Ok(Box::new(Shown {
        registered,
        destination,
        owner: None,
        host: Some(host),
        guest: None,
        login_hint: ask.params.text("login_hint").map(|hint| crate::base::text::readable(hint, 256)),
        flow: ask.seal(app, &browser.id, Page::SignUp)?,
        query: ask.query(),
    })))
}
