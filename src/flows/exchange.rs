//! The token endpoint's write: a code is redeemed, a refresh token rotated. What it permits is minted after the commit.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::identity::subject::Subject;
use crate::protocol::client::GrantType;
use crate::protocol::grant::{Grant, GrantState};
use crate::protocol::handle::Owner;
use crate::protocol::params::Params;
use crate::protocol::scope::Scopes;
use crate::protocol::token::code::{self, Redemption, Standing};
use crate::protocol::token::refresh::{self, Refreshing};
use crate::protocol::token::request::{CodeGrant, RefreshGrant};
use crate::protocol::token::{TokenAnswer, TokenRefusal, TokenRequest};
use crate::store::audit::Entry;
use crate::store::{Conn, grants};

use super::identify::Identified;
use super::record::{Caller, record};
use super::{holder, mint, record};

/// What a token request turned out to be, once read.
pub enum Asked {
    /// It must be decided by the database.
    Write(Box<TokenRequest>),
    /// It hangs on the key alone and is answered at once.
    Own(Scopes),
}

/// What the database decided.
pub enum Decided {
    /// Good: mint these.
    Granted(Box<Granted>),
    /// No.
    Refused(TokenRefusal),
}

/// A permission to mint.
pub struct Granted {
    grant: Grant,
    scope: Scopes,
    subject: Option<Subject>,
    renewed: bool,
}

/// Reads a token request of an authenticated client.
///
/// Refuses: an unknown or closed grant type, missing or repeated parameters, texts that are no handles of ours.
pub fn read(app: &App, client: &Identified, params: &Params) -> Result<Asked, TokenRefusal> {
    let grant_type = TokenRequest::grant_type(params)?;
    let client = client.proof.client();
    let confidential = client.kind == crate::protocol::client::ClientKind::Confidential;
    if !client.may(grant_type) || (grant_type == GrantType::ClientCredentials && !confidential) {
        return Err(TokenRefusal::GrantTypeClosed);
    }
    match TokenRequest::parse(grant_type, params, &app.macs.load())? {
        TokenRequest::ClientCredentials { scope } => {
            let asked = scope.map_or(Some(Scopes::NONE), |text| Scopes::exactly(&text)).filter(|asked| asked.within(client.scopes()));
            asked.map(Asked::Own).ok_or(TokenRefusal::ScopeBeyondGrant)
        }
        other => Ok(Asked::Write(Box::new(other))),
    }
}

/// Decides a request that hangs on a grant. One write.
pub fn decide(app: &App, conn: &mut Conn, caller: &Caller, client: &Identified, asked: &TokenRequest) -> Result<Decided, Fault> {
    let now = app.now();
    match asked {
        TokenRequest::Code(asked) => redeem(app, conn, caller, client, asked, now),
        TokenRequest::Refresh(asked) => renew(app, conn, caller, client, asked, now),
        TokenRequest::ClientCredentials { .. } => Ok(Decided::Refused(TokenRefusal::GrantTypeUnknown)),
    }
}

fn redeem(app: &App, conn: &mut Conn, caller: &Caller, client: &Identified, asked: &CodeGrant, now: Timestamp) -> Result<Decided, Fault> {
    let Owner::Grant(id) = asked.code.owner else { return Ok(refuse(app, caller, client, TokenRefusal::CodeUnknown)) };
    let Some((grant, person)) = grants::with_person(conn, id)? else { return Ok(refuse(app, caller, client, TokenRefusal::CodeUnknown)) };
    let holder = holder::of(conn, &grant, &person)?;
    let standing = Standing {
        person_active: holder.active && serves(client, &grant),
        session_alive: holder.bound && holder::session_not_ended(conn, &grant)?,
        floors: [holder.floor, client.proof.client().tokens_valid_after],
    };
    match code::redeem(&grant, client.registered.key.id, asked, standing, now) {
        Redemption::Spend if !client.registered.key.admits(&person.mls_id) => {
            end(app, conn, caller, client, &grant, TokenRefusal::PersonOutside, now)
        }
        Redemption::Spend => {
            if grants::activate(conn, id, grant.ends_at, now)? {
                let grant = Grant { state: GrantState::Active, rotated_at: now, ..grant };
                let scope = grant.scope.and(client.proof.client().scopes());
                return granted(app, conn, scope, grant, false).map(Decided::Granted);
            }
            // Another request redeemed it between our look and our update: what we have in hand is a proven replay.
            let redeemed = Grant { state: GrantState::Active, ..grant };
            end(app, conn, caller, client, &redeemed, TokenRefusal::CodeReplayed, now)
        }
        Redemption::UseUp(why) => {
            // A good request may have redeemed it between our look and our update: a failed one ends nothing then.
            grants::use_up(conn, id, now)?;
            told(app, conn, caller, client, &grant, &why, now)?;
            Ok(Decided::Refused(why))
        }
        Redemption::EndFamily(why) => end(app, conn, caller, client, &grant, why, now),
        Redemption::Refuse(why) => Ok(refuse(app, caller, client, why)),
    }
}

fn renew(app: &App, conn: &mut Conn, caller: &Caller, client: &Identified, asked: &RefreshGrant, now: Timestamp) -> Result<Decided, Fault> {
    let Owner::Grant(id) = asked.token.owner else { return Ok(refuse(app, caller, client, TokenRefusal::RefreshUnknown)) };
    // A second look after a lost race finds the winner's generation, and with it the same successor.
    for _ in 0..4 {
        let Some((grant, person)) = grants::with_person(conn, id)? else {
            return Ok(refuse(app, caller, client, TokenRefusal::RefreshUnknown));
        };
        let me = client.proof.client();
        let holder = holder::of(conn, &grant, &person)?;
        let floors = [holder.floor, me.tokens_valid_after];
        let active = holder.active && holder.bound && serves(client, &grant);
        let outcome = refresh::refresh(&grant, me, asked, active, floors, now);
        if let Refreshing::EndFamily(why) = outcome {
            return end(app, conn, caller, client, &grant, why, now);
        }
        if let Refreshing::Refuse(why) = outcome {
            return Ok(refuse(app, caller, client, why));
        }
        if !client.registered.key.admits(&person.mls_id) {
            return Ok(refuse(app, caller, client, TokenRefusal::PersonOutside));
        }
        let scope = match refresh::scope(&grant, me, asked.scope.as_deref()) {
            Ok(scope) => scope,
            Err(why) => return Ok(refuse(app, caller, client, why)),
        };
        if outcome == Refreshing::Repeat {
            return granted(app, conn, scope, grant, true).map(Decided::Granted);
        }
        if grants::rotate(conn, id, grant.generation, now)? {
            let grant = Grant { generation: grant.generation + 1, rotated_at: now, ..grant };
            return granted(app, conn, scope, grant, true).map(Decided::Granted);
        }
    }
    Err(Fault::unavailable("a grant is contended"))
}

/// The person is read only where the ID token must say something of him.
fn granted(app: &App, conn: &mut Conn, scope: Scopes, grant: Grant, renewed: bool) -> Result<Box<Granted>, Fault> {
    let subject = if grant.claims.is_some() { holder::subject(app, conn, &grant)? } else { None };
    Ok(Box::new(Granted { grant, scope, subject, renewed }))
}

/// Whether the key may have what hangs on a grant at all: one that may not sign consumers in has nothing of theirs.
fn serves(client: &Identified, grant: &Grant) -> bool {
    grant.consumer.is_none() || client.registered.key.signs_consumers_in()
}

fn refuse(app: &App, caller: &Caller, client: &Identified, why: TokenRefusal) -> Decided {
    record::refused(app, caller, why.event(), why.reason(), Some(&client.registered.key.key));
    Decided::Refused(why)
}

/// Ends the grant and says why, in one write.
fn end(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    client: &Identified,
    grant: &Grant,
    why: TokenRefusal,
    now: Timestamp,
) -> Result<Decided, Fault> {
    let ended = grants::end(conn, grant.id, now)?;
    let line = told(app, conn, caller, client, grant, &why, now)?;
    if ended && grant.state != GrantState::Offered {
        let another = caller.entry(app, "family.revoked", true, now);
        record(conn, &Entry { id: another.id, event: another.event, ..line })?;
    }
    Ok(Decided::Refused(why))
}

/// Tells why a request failed, with the change it made.
fn told(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    client: &Identified,
    grant: &Grant,
    why: &TokenRefusal,
    now: Timestamp,
) -> Result<Entry, Fault> {
    let line = Entry {
        subject: Some(grant.subject().to_owned()),
        client: Some(client.registered.key.key.clone()),
        reason: Some(why.reason().to_owned()),
        ..caller.entry(app, why.event(), true, now)
    };
    record(conn, &line)?;
    Ok(line)
}

/// Mints what the database permitted.
pub fn answer(app: &App, client: &Identified, granted: &Granted) -> Result<TokenAnswer, Fault> {
    mint::tokens(app, client.proof.client(), &granted.grant, granted.scope, granted.subject.as_ref(), granted.renewed, app.now())
}
