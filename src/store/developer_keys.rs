//! What activation and the Datamart make for a developer: the identity that the Keys API shows, and keys that belong to it.

use diesel::prelude::*;

use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::registration::Registration;

use super::conn::Conn;
use super::schema::{identities, keys};

/// Writes the identity of a developer down; it belongs to no MLS, because he registered with the platform.
pub fn add_identity(conn: &mut Conn, id: IdentityId, facts: &Registration, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(identities::table).values((
        identities::id.eq(id.0),
        (
            identities::first_name.eq(&facts.first_name),
            identities::last_name.eq(&facts.last_name),
            identities::company.eq(&facts.company),
            identities::email.eq(&facts.email),
            identities::website.eq(&facts.website),
            identities::phone.eq(&facts.phone),
            identities::comments.eq(""),
            identities::additional_contacts.eq("[]"),
        ),
        identities::created_at.eq(now.0),
        identities::modified_at.eq(now.0),
    )))?;
    Ok(())
}

/// Gives a key to a developer, for people of one MLS only.
pub fn bind(conn: &mut Conn, key: KeyId, identity: IdentityId, mls: &AccountId) -> Result<(), Fault> {
    let only = serde_json::to_string(&[mls]).map_err(Fault::broken)?;
    conn.execute(diesel::update(keys::table.find(key.0)).set((keys::identity_id.eq(identity.0), keys::mls_ids.eq(only))))?;
    Ok(())
}

/// Whether a key is a developer's.
pub fn is_of(conn: &mut Conn, key: KeyId, identity: IdentityId) -> Result<bool, Fault> {
    let mine = keys::table.find(key.0).filter(keys::identity_id.eq(identity.0)).filter(keys::deleted_at.is_null());
    Ok(conn.one(mine.select(keys::id))?.is_some_and(|_: i64| true))
}

/// The oldest key with a ready-made token that an MLS issued to a developer: of the sandbox's, the demo key.
pub fn of_mls(conn: &mut Conn, identity: IdentityId, mls: &AccountId) -> Result<Option<(KeyId, String)>, Fault> {
    let mine = keys::table
        .filter(keys::identity_id.eq(identity.0))
        .filter(keys::mls_id.eq(mls.as_str()))
        .filter(keys::deleted_at.is_null())
        .filter(keys::roles.like("%single\\_session%").escape('\\'))
        .order(keys::id)
        .select((keys::id, keys::key))
        .limit(1);
    Ok(conn.one::<(i64, String)>(mine)?.map(|(id, key)| (KeyId(id), key)))
}
