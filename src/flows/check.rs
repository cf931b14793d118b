//! Checking a bearer token: a MAC and one read. The hottest path of the product.

use std::net::IpAddr;
use std::sync::Arc;

use crate::app::App;
use crate::base::id::{AccountId, GrantId, KeyId};
use crate::base::{Digest, Fault, Timestamp};
use crate::platform::access::{AccessRefusal, Facts, decide};
use crate::platform::key::AuthType;
use crate::platform::personal_token::{self, PersonalToken};
use crate::platform::problem::ApiProblem;
use crate::platform::rate::Allowance;
use crate::platform::role::Role;
use crate::platform::service::{Act, Service, level};
use crate::protocol::claims::access_token;
use crate::protocol::handle::{Handle, Kind, Owner};
use crate::protocol::scope::{Scope, Scopes};
use crate::signing::{Expected, Expiry};
use crate::store::keys::{self, Registered};
use crate::store::migrate::{self, Standing as SchemaStanding};
use crate::store::{Conn, grants, personal_tokens};

pub use super::bearer::{Bearer, Speaker, Who};
use super::holder;
use super::rates::{self, Judged, Share};

/// What is counted of a request whose token is ours, whether it is let in or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The key.
    pub key: KeyId,
    /// The role in which it acts.
    pub role: Option<Role>,
    /// The account on whose behalf, or with whom, it acts.
    pub account: Option<AccountId>,
    /// The MLS on whose data it acts.
    pub mls: Option<AccountId>,
}

impl Seen {
    fn of(bearer: &Bearer) -> Self {
        Self { key: bearer.registered.key.id, role: bearer.role(), account: bearer.agent_id().cloned(), mls: bearer.mls_id().cloned() }
    }
}

/// What a request says of itself besides its token.
#[derive(Debug, Clone)]
pub struct Situation {
    /// TLS all the way, or from a trusted proxy that says so.
    pub secure: bool,
    /// The address, as the proxy rule decided it.
    pub peer: Option<IpAddr>,
    /// The one User-Agent header, whole; none where there is none, or more than one.
    pub agent: Option<String>,
    /// It came to the replication host.
    pub replication_host: bool,
}

/// A token of ours, and what is to be said against it.
struct Presented {
    bearer: Bearer,
    key_enabled: bool,
    in_time: bool,
    person_active: bool,
}

impl Presented {
    /// What is known without a request: token, key, time, person.
    fn facts(&self) -> Facts {
        Facts { key_enabled: self.key_enabled, in_time: self.in_time, person_active: self.person_active, ..Facts::GOOD }
    }

    /// Whether the key may be used in this way: a `single_session` key has ready-made tokens and no others, tokens of the OpenID
    /// endpoints need a key that may use those, and a key that signs has no tokens at all.
    fn mechanism(&self) -> bool {
        let registered = &self.bearer.registered;
        let single = registered.key.has(Role::SingleSession);
        let openid = registered.client.openid_enabled || !self.bearer.scope.has(Scope::Openid);
        let way = match self.bearer.who {
            Who::Key => true,
            Who::Granted(..) | Who::Consumer(_) => !single && openid,
            Who::Personal(..) => single,
        };
        way && registered.key.auth_type == AuthType::OAuth2
    }
}

/// What an access token of either form says, if it is one of ours; its own time is not judged here.
pub fn read(app: &App, text: &str) -> Option<Handle> {
    if text.starts_with(Kind::Access.prefix()) {
        return app.macs.load().read(Kind::Access, text);
    }
    let expected =
        Expected { typ: access_token::TYP, issuer: &app.settings.issuer, audience: Some(&app.settings.issuer), expiry: Expiry::Ignored };
    let claims = app.ring.verify(text, &expected).ok()?;
    app.macs.load().read(Kind::Access, claims.get("lkh")?.as_str()?)
}

/// Judges a presented access token by itself, as the protocol's own endpoints do.
///
/// Refuses: the first of token, key, time, person that fails.
pub fn check(app: &App, conn: &mut Conn, text: &str) -> Result<Result<Bearer, AccessRefusal>, Fault> {
    Ok(look(app, conn, text)?.and_then(|presented| decide(&presented.facts()).map(|()| presented.bearer)))
}

/// What a request asks for: the service, `None` where its path belongs to none, and what it does there.
pub type Wanted = (Option<Service>, Act);

/// Somebody who may not, and what is counted of him if his token was ours.
pub struct Turned {
    /// Why.
    pub why: AccessRefusal,
    /// Whose token it was.
    pub seen: Option<Seen>,
}

/// Judges a request to the platform's API: may this token do that?
///
/// Refuses: the first of the platform's order that fails.
pub fn permit(
    app: &App,
    conn: &mut Conn,
    token: Option<&str>,
    situation: &Situation,
    (service, act): Wanted,
) -> Result<Result<(Bearer, Seen), Turned>, Fault> {
    let found = match token {
        Some(text) if situation.secure => look(app, conn, text)?,
        _ => Err(AccessRefusal::Unknown),
    };
    let presented = match found {
        Ok(presented) => presented,
        Err(why) => {
            let facts = Facts { secure: situation.secure, known: why != AccessRefusal::Unknown, ..Facts::GOOD };
            return Ok(Err(Turned { why: decide(&facts).err().unwrap_or(why), seen: None }));
        }
    };
    let key = &presented.bearer.registered.key;
    let facts = Facts {
        secure: situation.secure,
        permitted: key.restrictions.permit(situation.peer, situation.agent.as_deref()),
        mechanism: presented.mechanism(),
        host: app.settings.replication_host.is_none() || !key.has(Role::Replication) || situation.replication_host,
        level: match service {
            // That host is for keys that copy in bulk, and for no others.
            _ if situation.replication_host && !key.has(Role::Replication) => Err(AccessRefusal::NotAtThisLevel),
            Some(service) => level(presented.bearer.standing(), service, act),
            None => Err(AccessRefusal::NotFound),
        },
        ..presented.facts()
    };
    let seen = Seen::of(&presented.bearer);
    Ok(match decide(&facts) {
        Ok(()) => Ok((presented.bearer, seen)),
        Err(why) => Err(Turned { why, seen: Some(seen) }),
    })
}

/// What becomes of a request at the door.
pub enum Admission {
    /// It is let in; with what is left of its window, where there is a limit.
    In(Box<Bearer>, Seen, Option<Allowance>),
    /// It is not.
    Out(ApiProblem, Option<Seen>),
    /// A share of its window must be taken first.
    Share(Share),
}

/// Judges a request and counts it against the limits of its key.
///
/// Refuses: what [`permit`] refuses, then 1550 where it is one too many.
pub fn admit(app: &App, conn: &mut Conn, token: Option<&str>, situation: &Situation, wanted: Wanted) -> Result<Admission, Fault> {
    Ok(match permit(app, conn, token, situation, wanted)? {
        Err(turned) => Admission::Out(turned.why.into(), turned.seen),
        Ok((bearer, seen)) => match rates::judge(app, &bearer.registered, seen.role, app.now()) {
            Judged::Within(allowance) => Admission::In(Box::new(bearer), seen, allowance),
            Judged::Over(excess) => Admission::Out(ApiProblem::TooMany(excess), Some(seen)),
            Judged::Share(share) => Admission::Share(share),
        },
    })
}

/// Finds out what there is to know about a token.
///
/// Refuses: a token that is not ours, or whose key is gone; one whose grant is no longer remembered is over.
fn look(app: &App, conn: &mut Conn, text: &str) -> Result<Result<Presented, AccessRefusal>, Fault> {
    if text.starts_with(personal_token::PREFIX) {
        return of_personal_token(app, conn, text);
    }
    let Some(handle) = read(app, text) else { return Ok(Err(AccessRefusal::Unknown)) };
    match handle.owner {
        Owner::Grant(id) => of_grant(app, conn, id, &handle),
        Owner::Key(id) => of_key(app, conn, id, &handle),
    }
}

fn of_grant(app: &App, conn: &mut Conn, id: GrantId, handle: &Handle) -> Result<Result<Presented, AccessRefusal>, Fault> {
    let now = app.now();
    let Some((grant, person)) = grants::with_person(conn, id)? else { return Ok(Err(AccessRefusal::Over)) };
    let Some(registered) = living_key(app.keys.get(conn, grant.key_id)?) else { return Ok(Err(AccessRefusal::Unknown)) };
    let holder = holder::of(conn, &grant, &person)?;
    let floors = [holder.floor, registered.client.tokens_valid_after];
    let in_time = holder.bound
        && !is_over(handle, now)
        && grant.serves(floors, now).is_ok()
        && !(grant.some_revoked && grants::is_revoked(conn, handle.nonce)?);
    let person_active = holder.active && registered.key.admits(&person.mls_id);
    let scope = handle.scope.unwrap_or(grant.scope).and(grant.scope).and(registered.client.scopes());
    let who = match grant.consumer.clone() {
        None => Who::Granted(Box::new(grant), person),
        Some(acting) => {
            let login_name = holder.link.map(|link| link.login_name).unwrap_or_default();
            Who::Consumer(Box::new(Speaker { grant, acting, agent: person, login_name }))
        }
    };
    Ok(Ok(Presented {
        key_enabled: registered.key.enabled,
        in_time,
        person_active,
        bearer: Bearer { registered, who, scope, issued: handle.issued, expires: Some(handle.expires) },
    }))
}

fn of_key(app: &App, conn: &mut Conn, id: KeyId, handle: &Handle) -> Result<Result<Presented, AccessRefusal>, Fault> {
    let now = app.now();
    let Some(registered) = living_key(app.keys.get(conn, id)?) else { return Ok(Err(AccessRefusal::Unknown)) };
    let superseded = registered.client.tokens_valid_after.is_some_and(|floor| handle.issued < floor);
    let in_time = !is_over(handle, now) && !superseded && !grants::is_revoked(conn, handle.nonce)?;
    let scope = handle.scope.unwrap_or_default().and(registered.client.scopes());
    Ok(Ok(Presented {
        key_enabled: registered.key.enabled,
        in_time,
        person_active: true,
        bearer: Bearer { registered, who: Who::Key, scope, issued: handle.issued, expires: Some(handle.expires) },
    }))
}

/// A password that changes does not end a personal token: it is a vendor's feed, with a life and a revocation of its own.
fn of_personal_token(app: &App, conn: &mut Conn, text: &str) -> Result<Result<Presented, AccessRefusal>, Fault> {
    if !personal_token::is_well_formed(text) {
        return Ok(Err(AccessRefusal::Unknown));
    }
    let Some((token, person)) = personal_tokens::with_person(conn, &Digest::of(text.as_bytes()))? else {
        return Ok(Err(AccessRefusal::Unknown));
    };
    let Some(registered) = living_key(app.keys.get(conn, token.key_id)?) else { return Ok(Err(AccessRefusal::Unknown)) };
    let superseded = registered.client.tokens_valid_after.is_some_and(|floor| token.created_at < floor);
    note_use(app, &token);
    Ok(Ok(Presented {
        key_enabled: registered.key.enabled,
        in_time: token.revoked_at.is_none() && !superseded,
        person_active: person.active && registered.key.admits(&person.mls_id),
        bearer: Bearer { issued: token.created_at, expires: None, scope: Scopes::default(), who: Who::Personal(token, person), registered },
    }))
}

/// Notes the day a personal token and its key were last used: once a day, without making anybody wait.
fn note_use(app: &App, token: &PersonalToken) {
    let today = app.now().day();
    if token.revoked_at.is_some() || token.last_used_on.as_deref() >= Some(today.as_str()) {
        return;
    }
    let (id, key) = (token.id, token.key_id);
    app.db.write_beside("a token that was used", move |conn| {
        personal_tokens::seen(conn, id, &today)?;
        keys::seen(conn, key, None, &today)
    });
}

fn living_key(registered: Option<Arc<Registered>>) -> Option<Arc<Registered>> {
    registered.filter(|registered| registered.key.deleted_at.is_none())
}

fn is_over(handle: &Handle, now: Timestamp) -> bool {
    now >= handle.expires
}

/// Whether this node can answer: the database speaks, and its schema is the one this binary knows.
pub fn ready(_: &App, conn: &mut Conn) -> Result<(), Fault> {
    match migrate::standing(conn)? {
        SchemaStanding::Current => Ok(()),
        _ => Err(Fault::unavailable("the schema is not the one this binary knows")),
    }
}
