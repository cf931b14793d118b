//! RESO templates.

use diesel::prelude::*;

use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::platform::template::{Content, TEMPLATES, Template};

use super::conn::Conn;
use super::listing::page_of;
use super::schema::{keys, templates};
use super::scope::within;

#[derive(Queryable)]
struct Row {
    id: String,
    mls_id: Option<String>,
    owner_id: Option<String>,
    association_id: Option<String>,
    name: String,
    description: String,
    syndication_id: Option<String>,
    listing_photo_limit: Option<i64>,
    role: String,
    restrictive_filters: String,
    field_overrides: String,
    created_at: i64,
    modified_at: i64,
}

impl Row {
    fn read(self) -> Result<Template, Fault> {
        let account = |id: Option<String>| id.map(|id| id.parse::<AccountId>()).transpose().map_err(Fault::broken);
        let object = |text: &str| serde_json::from_str(text).map_err(|error| Fault::broken(format!("template {}: {error}", self.id)));
        Ok(Template {
            content: Content {
                name: self.name,
                description: self.description,
                syndication_id: self.syndication_id,
                listing_photo_limit: self.listing_photo_limit,
                role: self.role.parse().map_err(Fault::broken)?,
                restrictive_filters: object(&self.restrictive_filters)?,
                field_overrides: object(&self.field_overrides)?,
            },
            mls_id: account(self.mls_id)?,
            owner_id: account(self.owner_id)?,
            association_id: account(self.association_id)?,
            id: self.id.parse().map_err(Fault::broken)?,
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
        })
    }
}

/// The templates within `reach` that were asked for.
pub fn page(conn: &mut Conn, reach: &Reach, query: &Query) -> Result<Page<Template>, Fault> {
    let scope = || templates::table.filter(within("templates", reach));
    page_of!(conn, &TEMPLATES, query, scope(), Row)?.try_map(Row::read)
}

/// That template, if it is within `reach`.
pub fn get(conn: &mut Conn, reach: &Reach, id: &AccountId) -> Result<Option<Template>, Fault> {
    conn.one::<Row>(templates::table.find(id.as_str()).filter(within("templates", reach)))?.map(Row::read).transpose()
}

/// Makes every other write that begins like this for the same template wait until this one is over.
pub fn hold(conn: &mut Conn, id: &AccountId) -> Result<(), Fault> {
    conn.execute(diesel::update(templates::table.find(id.as_str())).set(templates::id.eq(templates::id))).map(drop)
}

macro_rules! written {
    ($content:expr, $now:expr) => {
        (
            templates::name.eq(&$content.name),
            templates::description.eq(&$content.description),
            templates::syndication_id.eq(&$content.syndication_id),
            templates::listing_photo_limit.eq($content.listing_photo_limit),
            templates::role.eq($content.role.name()),
            templates::restrictive_filters.eq(serde_json::to_string(&$content.restrictive_filters).map_err(Fault::broken)?),
            templates::field_overrides.eq(serde_json::to_string(&$content.field_overrides).map_err(Fault::broken)?),
            templates::modified_at.eq($now.0),
        )
    };
}

/// Adds a template.
pub fn add(conn: &mut Conn, template: &Template) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(templates::table).values((
        templates::id.eq(template.id.as_str()),
        templates::mls_id.eq(template.mls_id.as_ref().map(AccountId::as_str)),
        templates::owner_id.eq(template.owner_id.as_ref().map(AccountId::as_str)),
        templates::association_id.eq(template.association_id.as_ref().map(AccountId::as_str)),
        written!(template.content, template.created_at),
        templates::created_at.eq(template.created_at.0),
    )))?;
    Ok(())
}

/// Gives a template another content.
pub fn set_content(conn: &mut Conn, id: &AccountId, content: &Content, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::update(templates::table.find(id.as_str())).set(written!(content, now))).map(drop)
}

/// Removes a template.
pub fn remove(conn: &mut Conn, id: &AccountId) -> Result<(), Fault> {
    conn.execute(diesel::delete(templates::table.find(id.as_str()))).map(drop)
}

/// How many living keys are bound to a template.
pub fn keys_of(conn: &mut Conn, id: &AccountId) -> Result<i64, Fault> {
    let bound = keys::table.filter(keys::template_id.eq(id.as_str())).filter(keys::deleted_at.is_null());
    Ok(conn.one::<i64>(bound.count())?.unwrap_or_default())
}
