//! Keys and their secrets.

use std::sync::Arc;

use diesel::prelude::*;

use crate::base::id::{AccountId, IdentityId, KeyId, KeySecretId};
use crate::base::{Digest, Fault, Timestamp};
use crate::platform::key::Key;
use crate::platform::reach::Reach;
use crate::platform::restriction::Restrictions;
use crate::platform::role::Role;
use crate::protocol::client::{Client, ClientSecret, Lifetimes, Policy};
use crate::protocol::redirect::RedirectUri;

use super::conn::Conn;
use super::schema::{identities, key_secrets, keys};
use super::scope;

/// A key as the platform and as the protocol see it. Its lifetimes are over the defaults; who knows the installation's sets those.
#[derive(Debug)]
pub struct Registered {
    /// The platform's record.
    pub key: Key,
    /// The OAuth client.
    pub client: Arc<Client>,
}

#[derive(Queryable)]
pub(super) struct Row {
    id: i64,
    identity_id: Option<i64>,
    mls_id: Option<String>,
    name: String,
    key: String,
    kind: String,
    application_uri: String,
    redirect_uris: String,
    roles: String,
    template_id: Option<String>,
    multiple_mls: bool,
    mls_ids: String,
    enabled: bool,
    openid_enabled: bool,
    policy: String,
    comments: String,
    deleted_at: Option<i64>,
    last_active: Option<String>,
    tokens_valid_after: Option<i64>,
    created_at: i64,
    modified_at: i64,
    auth_type: String,
    #[expect(dead_code, reason = "read with the row; unsealed only where a signature is checked")]
    sealed_secret: Option<String>,
    permitted_addresses: String,
    permitted_agents: String,
}

pub(super) type SecretRow = (i64, i64, String, String, i64, Option<i64>, Option<String>);

pub(super) fn read(row: Row, secrets: Vec<SecretRow>) -> Result<Registered, Fault> {
    let broken = |what: &str| Fault::broken(format!("key {}: unreadable {what}", row.id));
    let mut redirect_uris = Vec::new();
    for uri in serde_json::from_str::<Vec<String>>(&row.redirect_uris).map_err(|_| broken("redirect_uris"))? {
        // A URI that the rules of today refuse is left out, not fatal: the key keeps its others.
        redirect_uris.extend(RedirectUri::stored(&uri));
    }
    let roles = row
        .roles
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(str::parse::<Role>)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| broken("roles"))?;
    let mls_ids: Vec<AccountId> = serde_json::from_str(&row.mls_ids).map_err(|_| broken("mls_ids"))?;
    let auth_type = row.auth_type.parse().map_err(|_| broken("auth_type"))?;
    let policy: Policy = serde_json::from_str(&row.policy).map_err(|_| broken("policy"))?;
    let secrets = secrets
        .into_iter()
        .map(|(id, _, _, digest, _, expires_at, _)| {
            let digest = Digest::from_hex(&digest).ok_or_else(|| broken("secret"))?;
            Ok(ClientSecret { id: KeySecretId(id), digest, expires_at: expires_at.map(Timestamp) })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let client = Client {
        key_id: KeyId(row.id),
        client_id: row.key.clone(),
        kind: row.kind.parse().map_err(|_| broken("kind"))?,
        enabled: row.enabled && row.deleted_at.is_none(),
        openid_enabled: row.openid_enabled,
        redirect_uris,
        secrets,
        lifetimes: policy.lifetimes.over(Lifetimes::default()),
        policy,
        tokens_valid_after: row.tokens_valid_after.map(Timestamp),
    };
    let key = Key {
        id: KeyId(row.id),
        identity_id: row.identity_id.map(IdentityId),
        mls_id: row.mls_id.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
        name: row.name,
        key: row.key,
        application_uri: row.application_uri,
        role_names: roles.iter().map(ToString::to_string).collect(),
        roles,
        multiple_mls: row.multiple_mls,
        mls_ids,
        template_id: row.template_id,
        auth_type,
        restrictions: Restrictions::stored(&row.permitted_addresses, &row.permitted_agents),
        enabled: row.enabled,
        deleted_at: row.deleted_at.map(Timestamp),
        comments: row.comments,
        last_active: row.last_active,
        created_at: Timestamp(row.created_at),
        modified_at: Timestamp(row.modified_at),
    };
    Ok(Registered { key, client: Arc::new(client) })
}

fn with_secrets(conn: &mut Conn, row: Option<Row>) -> Result<Option<Registered>, Fault> {
    let Some(row) = row else { return Ok(None) };
    let secrets = conn.all::<SecretRow>(key_secrets::table.filter(key_secrets::key_id.eq(row.id)).order(key_secrets::id))?;
    read(row, secrets).map(Some)
}

/// The key with that `client_id`.
pub fn by_client_id(conn: &mut Conn, client_id: &str) -> Result<Option<Registered>, Fault> {
    let row = conn.one(keys::table.filter(keys::key.eq(client_id)))?;
    with_secrets(conn, row)
}

/// The key of that row.
pub fn get(conn: &mut Conn, id: KeyId) -> Result<Option<Registered>, Fault> {
    let row = conn.one(keys::table.find(id.0))?;
    with_secrets(conn, row)
}

/// The key of that row, deleted or not, if it is that developer's and within `reach`.
pub fn within(conn: &mut Conn, reach: &Reach, identity: IdentityId, id: KeyId) -> Result<Option<Registered>, Fault> {
    let row = conn.one(keys::table.find(id.0).filter(keys::identity_id.eq(identity.0)).filter(scope::within("keys", reach)))?;
    with_secrets(conn, row)
}

/// Few words about a key: its row, its developer, its name and its `client_id`.
pub type Named = (KeyId, Option<IdentityId>, String, String);

/// Few words about the key of that row, deleted or not.
pub fn named(conn: &mut Conn, id: KeyId) -> Result<Option<Named>, Fault> {
    let query = keys::table.find(id.0).select((keys::id, keys::identity_id, keys::name, keys::key));
    let row: Option<(i64, Option<i64>, String, String)> = conn.one(query)?;
    Ok(row.map(|(id, identity, name, key)| (KeyId(id), identity.map(IdentityId), name, key)))
}

/// Switches every key of a developer off; answers which were on.
pub fn disable_all_of(conn: &mut Conn, identity: IdentityId, now: Timestamp) -> Result<Vec<KeyId>, Fault> {
    let live = keys::table.filter(keys::identity_id.eq(identity.0)).filter(keys::deleted_at.is_null()).filter(keys::enabled.eq(true));
    let set = (keys::enabled.eq(false), keys::modified_at.eq(now.0));
    let ids: Vec<i64> = conn.all(diesel::update(live).set(set).returning(keys::id))?;
    Ok(ids.into_iter().map(KeyId).collect())
}

/// Public keys with a redirect URI that mentions `origin`; the caller compares exactly.
pub fn public_with_uri_at(conn: &mut Conn, origin: &str) -> Result<Vec<Registered>, Fault> {
    let literal: String = origin.chars().flat_map(|c| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] }).collect();
    let mentions = keys::redirect_uris.like(format!("%{literal}%")).escape('\\');
    let rows: Vec<Row> =
        conn.all(keys::table.filter(keys::kind.eq("public")).filter(keys::deleted_at.is_null()).filter(mentions).limit(50))?;
    rows.into_iter().map(|row| read(row, Vec::new())).collect()
}

/// Up to `limit` keys after `after`, oldest first.
pub fn page(conn: &mut Conn, after: KeyId, limit: i64) -> Result<Vec<Registered>, Fault> {
    let rows: Vec<Row> =
        conn.all(keys::table.filter(keys::id.gt(after.0)).filter(keys::deleted_at.is_null()).order(keys::id).limit(limit))?;
    rows.into_iter().map(|row| read(row, Vec::new())).collect()
}

/// A key to be added.
pub struct NewKey<'a> {
    /// Its row.
    pub id: KeyId,
    /// The MLS that issues it.
    pub mls_id: Option<&'a AccountId>,
    /// The application's name.
    pub name: &'a str,
    /// The `client_id`.
    pub key: &'a str,
    /// confidential or public.
    pub kind: &'a str,
    /// The application's web site.
    pub application_uri: &'a str,
    /// Where answers may go.
    pub redirect_uris: &'a [String],
    /// What data it opens.
    pub roles: &'a [Role],
    /// What it may do.
    pub policy: &'a Policy,
    /// Notes.
    pub comments: &'a str,
}

/// Adds a key.
pub fn add(conn: &mut Conn, new: &NewKey<'_>, now: Timestamp) -> Result<(), Fault> {
    let json = |value: serde_json::Result<String>| value.map_err(Fault::broken);
    conn.execute(diesel::insert_into(keys::table).values((
        keys::id.eq(new.id.0),
        keys::mls_id.eq(new.mls_id.map(AccountId::as_str)),
        keys::name.eq(new.name),
        keys::key.eq(new.key),
        keys::kind.eq(new.kind),
        keys::application_uri.eq(new.application_uri),
        keys::redirect_uris.eq(json(serde_json::to_string(new.redirect_uris))?),
        keys::roles.eq(new.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")),
        keys::multiple_mls.eq(false),
        keys::mls_ids.eq("[]"),
        keys::enabled.eq(true),
        keys::openid_enabled.eq(true),
        keys::policy.eq(json(serde_json::to_string(new.policy))?),
        keys::comments.eq(new.comments),
        keys::created_at.eq(now.0),
        keys::modified_at.eq(now.0),
    )))?;
    Ok(())
}

/// Adds a secret to a key.
pub fn add_secret(
    conn: &mut Conn,
    id: KeySecretId,
    key: KeyId,
    name: &str,
    digest: &Digest,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(key_secrets::table).values((
        key_secrets::id.eq(id.0),
        key_secrets::key_id.eq(key.0),
        key_secrets::name.eq(name),
        key_secrets::digest.eq(digest.hex()),
        key_secrets::created_at.eq(now.0),
        key_secrets::expires_at.eq(expires_at.map(|at| at.0)),
    )))?;
    Ok(())
}

/// Lets every secret of a key but `kept` expire no later than `at`.
pub fn expire_other_secrets(conn: &mut Conn, key: KeyId, kept: KeySecretId, at: Timestamp) -> Result<usize, Fault> {
    conn.execute(
        diesel::update(
            key_secrets::table
                .filter(key_secrets::key_id.eq(key.0))
                .filter(key_secrets::id.ne(kept.0))
                .filter(key_secrets::expires_at.is_null().or(key_secrets::expires_at.gt(at.0))),
        )
        .set(key_secrets::expires_at.eq(at.0)),
    )
}

/// Switches a key on or off; `false` where there is none.
pub fn set_enabled(conn: &mut Conn, id: KeyId, enabled: bool, now: Timestamp) -> Result<bool, Fault> {
    Ok(conn.execute(diesel::update(keys::table.find(id.0)).set((keys::enabled.eq(enabled), keys::modified_at.eq(now.0))))? == 1)
}

/// Gives a key other redirect URIs; `false` where there is no such key.
pub fn set_redirect_uris(conn: &mut Conn, id: KeyId, redirect_uris: &[String], now: Timestamp) -> Result<bool, Fault> {
    let text = serde_json::to_string(redirect_uris).map_err(Fault::broken)?;
    let set = (keys::redirect_uris.eq(text), keys::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(keys::table.find(id.0)).set(set))? == 1)
}

/// Notes the day a key, its developer and its secret were last used; at most one write a day each.
pub fn seen(conn: &mut Conn, id: KeyId, secret: Option<KeySecretId>, day: &str) -> Result<(), Fault> {
    let unseen = diesel::update(keys::table.find(id.0)).filter(keys::last_active.is_null().or(keys::last_active.lt(day)));
    if conn.changed(unseen.set(keys::last_active.eq(day)).returning(keys::id))? {
        let owner: Option<Option<i64>> = conn.one(keys::table.find(id.0).select(keys::identity_id))?;
        let unseen = identities::last_active.is_null().or(identities::last_active.lt(day));
        let unseen = diesel::update(identities::table.find(owner.flatten().unwrap_or_default())).filter(unseen);
        conn.changed(unseen.set(identities::last_active.eq(day)).returning(identities::id))?;
    }
    if let Some(secret) = secret {
        let unseen = key_secrets::last_used_on.is_null().or(key_secrets::last_used_on.lt(day));
        let unseen = diesel::update(key_secrets::table.find(secret.0)).filter(unseen);
        conn.changed(unseen.set(key_secrets::last_used_on.eq(day)).returning(key_secrets::id))?;
    }
    Ok(())
}

/// Makes every other write that begins like this for the same key wait until this one is over; `false` where there is no such key.
pub fn hold(conn: &mut Conn, id: KeyId) -> Result<bool, Fault> {
    Ok(conn.execute(diesel::update(keys::table.find(id.0)).set(keys::id.eq(keys::id)))? == 1)
}

/// Changes what a key may do; `false` where there is none.
pub fn set_policy(conn: &mut Conn, id: KeyId, policy: &Policy, now: Timestamp) -> Result<bool, Fault> {
    let policy = serde_json::to_string(policy).map_err(Fault::broken)?;
    Ok(conn.execute(diesel::update(keys::table.find(id.0)).set((keys::policy.eq(policy), keys::modified_at.eq(now.0))))? == 1)
}
