//! Keys as the Keys API lists, adds, changes and deletes them.

use diesel::prelude::*;

use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::key::KEYS;
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::platform::role::Role;
use crate::protocol::client::Policy;

use super::conn::Conn;
use super::keys::{Registered, Row, read};
use super::listing::page_of;
use super::schema::{keys, templates};
use super::scope::within;

/// What can be written of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The application's name.
    pub name: String,
    /// Where answers may go; the first is the one that the platform knows.
    pub redirect_uris: Vec<String>,
    /// The application's web site.
    pub application_uri: String,
    /// May be used by people of several MLSs.
    pub multiple_mls: bool,
    /// Of which; empty is every.
    pub mls_ids: Vec<AccountId>,
    /// What data it opens.
    pub roles: Vec<Role>,
    /// The template it is bound to.
    pub template_id: Option<String>,
    /// Not switched off.
    pub enabled: bool,
    /// May use the OpenID endpoints.
    pub openid_enabled: bool,
    /// Notes of the administrators.
    pub comments: String,
    /// From which addresses it may be used; empty is all.
    pub addresses: Vec<String>,
    /// By which User-Agents; empty is all.
    pub agents: Vec<String>,
    /// What it may do.
    pub policy: Policy,
}

/// What is said of a key once, when it is made.
pub struct Birth<'a> {
    /// Its row.
    pub id: KeyId,
    /// Whose it is.
    pub identity_id: IdentityId,
    /// The MLS that issues it.
    pub mls_id: Option<&'a AccountId>,
    /// The `client_id`.
    pub key: &'a str,
    /// confidential or public.
    pub kind: &'a str,
    /// How it signs in.
    pub auth_type: &'a str,
    /// The secret of a key that signs, sealed.
    pub sealed_secret: Option<&'a str>,
}

/// The keys of a developer within `reach` that were asked for: the living ones, or the deleted ones.
pub fn page(conn: &mut Conn, reach: &Reach, identity: IdentityId, deleted: bool, query: &Query) -> Result<Page<Registered>, Fault> {
    let of = || keys::table.filter(keys::identity_id.eq(identity.0)).filter(within("keys", reach));
    let page: Page<Row> = if deleted {
        page_of!(conn, &KEYS, query, of().filter(keys::deleted_at.is_not_null()), Row)?
    } else {
        page_of!(conn, &KEYS, query, of().filter(keys::deleted_at.is_null()), Row)?
    };
    page.try_map(|row| read(row, Vec::new()))
}

fn json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(Fault::broken)
}

macro_rules! written {
    ($state:expr) => {
        (
            keys::name.eq(&$state.name),
            keys::redirect_uris.eq(json(&$state.redirect_uris)?),
            keys::application_uri.eq(&$state.application_uri),
            keys::multiple_mls.eq($state.multiple_mls),
            keys::mls_ids.eq(json(&$state.mls_ids)?),
            keys::roles.eq($state.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")),
            keys::template_id.eq($state.template_id.as_deref()),
            keys::enabled.eq($state.enabled),
            keys::openid_enabled.eq($state.openid_enabled),
            keys::comments.eq(&$state.comments),
            keys::permitted_addresses.eq(json(&$state.addresses)?),
            keys::permitted_agents.eq(json(&$state.agents)?),
            keys::policy.eq(json(&$state.policy)?),
        )
    };
}

/// Adds a key.
pub fn add(conn: &mut Conn, birth: &Birth<'_>, state: &State, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(keys::table).values((
        keys::id.eq(birth.id.0),
        keys::identity_id.eq(birth.identity_id.0),
        keys::mls_id.eq(birth.mls_id.map(AccountId::as_str)),
        keys::key.eq(birth.key),
        keys::kind.eq(birth.kind),
        keys::auth_type.eq(birth.auth_type),
        keys::sealed_secret.eq(birth.sealed_secret),
        written!(state),
        keys::created_at.eq(now.0),
        keys::modified_at.eq(now.0),
    )))?;
    Ok(())
}

/// Writes down what can be written of a living key; `false` where there is none within `reach`.
pub fn set(conn: &mut Conn, reach: &Reach, id: KeyId, state: &State, now: Timestamp) -> Result<bool, Fault> {
    let row = keys::table.find(id.0).filter(keys::deleted_at.is_null()).filter(within("keys", reach));
    Ok(conn.execute(diesel::update(row).set((written!(state), keys::modified_at.eq(now.0))))? == 1)
}

/// Deletes a key, whose row stays: whatever was issued for it is over for good. `false` where there is none within `reach`.
pub fn delete(conn: &mut Conn, reach: &Reach, id: KeyId, now: Timestamp) -> Result<bool, Fault> {
    let row = keys::table.find(id.0).filter(keys::deleted_at.is_null()).filter(within("keys", reach));
    let set = (keys::deleted_at.eq(now.0), keys::modified_at.eq(now.0), keys::tokens_valid_after.eq(now.0 + 1));
    Ok(conn.execute(diesel::update(row).set(set))? == 1)
}

/// Whether that template is one of `mls`, or of everybody.
pub fn template_fits(conn: &mut Conn, mls: Option<&AccountId>, id: &str) -> Result<bool, Fault> {
    let owner: Option<Option<String>> = conn.one(templates::table.find(id).select(templates::mls_id))?;
    Ok(owner.is_some_and(|owner| owner.is_none() || owner.as_deref() == mls.map(AccountId::as_str)))
}
