//! Developers as the Keys API keeps them.

use diesel::prelude::*;

use crate::base::id::{AccountId, IdentityId};
use crate::base::{Fault, Timestamp};
use crate::platform::identity::{Facts, IDENTITIES, Identity};
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;

use super::conn::Conn;
use super::listing::page_of;
use super::schema::identities;
use super::scope::{developers, within};

#[derive(Queryable)]
struct Row {
    id: i64,
    mls_id: Option<String>,
    account_id: Option<String>,
    first_name: String,
    last_name: String,
    company: String,
    email: String,
    website: String,
    phone: String,
    comments: String,
    additional_contacts: String,
    deleted_at: Option<i64>,
    last_active: Option<String>,
    created_at: i64,
    modified_at: i64,
}

impl Row {
    fn read(self) -> Result<Identity, Fault> {
        let account = |id: Option<String>| id.map(|id| id.parse::<AccountId>()).transpose().map_err(Fault::broken);
        Ok(Identity {
            id: IdentityId(self.id),
            mls_id: account(self.mls_id)?,
            account_id: account(self.account_id)?,
            facts: Facts {
                first_name: self.first_name,
                last_name: self.last_name,
                company: self.company,
                email: self.email,
                website: self.website,
                phone: self.phone,
                comments: self.comments,
                additional_contacts: serde_json::from_str(&self.additional_contacts)
                    .map_err(|error| Fault::broken(format!("contacts of identity {}: {error}", self.id)))?,
            },
            deleted_at: self.deleted_at.map(Timestamp),
            last_active: self.last_active,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
        })
    }
}

/// The developers within `reach` that were asked for; deleted ones are left out.
pub fn page(conn: &mut Conn, reach: &Reach, query: &Query) -> Result<Page<Identity>, Fault> {
    let scope = || identities::table.filter(identities::deleted_at.is_null()).filter(developers(reach));
    page_of!(conn, &IDENTITIES, query, scope(), Row)?.try_map(Row::read)
}

/// That developer, deleted or not, if he is within `reach`.
pub fn get(conn: &mut Conn, reach: &Reach, id: IdentityId) -> Result<Option<Identity>, Fault> {
    conn.one::<Row>(identities::table.find(id.0).filter(developers(reach)))?.map(Row::read).transpose()
}

/// Makes every other write that begins like this for the same developer wait until this one is over.
pub fn hold(conn: &mut Conn, id: IdentityId) -> Result<(), Fault> {
    conn.execute(diesel::update(identities::table.find(id.0)).set(identities::id.eq(identities::id))).map(drop)
}

macro_rules! written {
    ($facts:expr) => {
        (
            identities::first_name.eq(&$facts.first_name),
            identities::last_name.eq(&$facts.last_name),
            identities::company.eq(&$facts.company),
            identities::email.eq(&$facts.email),
            identities::website.eq(&$facts.website),
            identities::phone.eq(&$facts.phone),
            identities::comments.eq(&$facts.comments),
            identities::additional_contacts.eq(serde_json::to_string(&$facts.additional_contacts).map_err(Fault::broken)?),
        )
    };
}

/// Adds a developer.
pub fn add(conn: &mut Conn, identity: &Identity) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(identities::table).values((
        identities::id.eq(identity.id.0),
        identities::mls_id.eq(identity.mls_id.as_ref().map(AccountId::as_str)),
        written!(identity.facts),
        identities::created_at.eq(identity.created_at.0),
        identities::modified_at.eq(identity.modified_at.0),
    )))?;
    Ok(())
}

/// Writes down what can be written of a developer.
pub fn set_facts(conn: &mut Conn, reach: &Reach, id: IdentityId, facts: &Facts, now: Timestamp) -> Result<bool, Fault> {
    let row = identities::table.find(id.0).filter(within("identities", reach));
    Ok(conn.execute(diesel::update(row).set((written!(facts), identities::modified_at.eq(now.0))))? == 1)
}

/// Deletes a developer, who stays readable; `false` where he already was.
pub fn delete(conn: &mut Conn, reach: &Reach, id: IdentityId, now: Timestamp) -> Result<bool, Fault> {
    let row = identities::table.find(id.0).filter(identities::deleted_at.is_null()).filter(within("identities", reach));
    Ok(conn.execute(diesel::update(row).set((identities::deleted_at.eq(now.0), identities::modified_at.eq(now.0))))? == 1)
}
