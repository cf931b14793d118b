//! Consents: what a person allowed a key, remembered.

use diesel::prelude::*;

use crate::base::id::{AccountId, ConsentId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::protocol::authorize::Consent;
use crate::protocol::scope::Scopes;

use super::conn::Conn;
use super::schema::consents;

/// What this person allowed this key.
pub fn get(conn: &mut Conn, account: &AccountId, key: KeyId) -> Result<Option<Consent>, Fault> {
    let row: Option<(String, String)> =
        conn.one(consents::table.find((account.as_str(), key.0)).select((consents::scope, consents::terms)))?;
    Ok(row.map(|(scope, terms)| Consent { scope: Scopes::known(&scope), terms }))
}

/// Remembers what this person allows this key from now on; `id` is taken where nothing was allowed before.
pub fn put(conn: &mut Conn, id: ConsentId, account: &AccountId, key: KeyId, consent: &Consent, now: Timestamp) -> Result<(), Fault> {
    let scope = consent.scope.to_string();
    let set = (consents::scope.eq(&scope), consents::terms.eq(&consent.terms), consents::granted_at.eq(now.0));
    let named =
        (consents::account_id.eq(account.as_str()), consents::key_id.eq(key.0), consents::id.eq(id.0), consents::created_at.eq(now.0));
    conn.execute(
        diesel::insert_into(consents::table)
            .values((named, set))
            .on_conflict((consents::account_id, consents::key_id))
            .do_update()
            .set(set),
    )?;
    Ok(())
}
