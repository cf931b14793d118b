//! Portals: at most one an agent, and no two of one name.

use diesel::prelude::*;

use crate::base::id::{AccountId, PortalId};
use crate::base::{Fault, Timestamp};
use crate::platform::portal::{Portal, Required, candidate, keeps_name};

use super::conn::Conn;
use super::schema::portals;

/// How many names are tried before it is given up; nobody meets so many of the same name.
const TRIES: u32 = 10_000;

type Row = (String, String, String, String, bool, String, i64, i64);

fn read((id, account_id, name, display_name, enabled, required, created_at, modified_at): Row) -> Result<Portal, Fault> {
    let required = Required::parse(required.split(' ').filter(|word| !word.is_empty()));
    Ok(Portal {
        id: id.parse().map_err(Fault::broken)?,
        account_id: account_id.parse().map_err(Fault::broken)?,
        name,
        display_name,
        enabled,
        required: required.ok_or_else(|| Fault::broken("a portal has unreadable required fields"))?,
        created_at: Timestamp(created_at),
        modified_at: Timestamp(modified_at),
    })
}

/// The portal of an agent.
pub fn of_agent(conn: &mut Conn, agent: &AccountId) -> Result<Option<Portal>, Fault> {
    conn.one::<Row>(portals::table.filter(portals::account_id.eq(agent.as_str())))?.map(read).transpose()
}

/// The portal of that name.
pub fn named(conn: &mut Conn, name: &str) -> Result<Option<Portal>, Fault> {
    conn.one::<Row>(portals::table.filter(portals::name.eq(name)))?.map(read).transpose()
}

/// A name for a display name that no portal but `own` has. Only within a write.
fn free_name(conn: &mut Conn, display_name: &str, own: Option<&PortalId>) -> Result<String, Fault> {
    for n in 0..TRIES {
        let name = candidate(display_name, n);
        let holder: Option<String> = conn.one(portals::table.filter(portals::name.eq(&name)).select(portals::id))?;
        if holder.is_none_or(|holder| own.is_some_and(|own| own.as_str() == holder)) {
            return Ok(name);
        }
    }
    Err(Fault::broken("no name is free for a portal"))
}

/// Adds the portal of an agent under a name of its own; `None` where the agent has one. What was tried at once by two is tried again by one.
pub fn add(conn: &mut Conn, new: Portal) -> Result<Option<Portal>, Fault> {
    if of_agent(conn, &new.account_id)?.is_some() {
        return Ok(None);
    }
    for _ in 0..3 {
        let name = free_name(conn, &new.display_name, None)?;
        let row = (
            portals::id.eq(new.id.as_str()),
            portals::account_id.eq(new.account_id.as_str()),
            portals::name.eq(&name),
            portals::display_name.eq(&new.display_name),
            portals::enabled.eq(new.enabled),
            portals::required_fields.eq(new.required.words().join(" ")),
            portals::created_at.eq(new.created_at.0),
            portals::modified_at.eq(new.modified_at.0),
        );
        if conn.execute(diesel::insert_into(portals::table).values(row).on_conflict_do_nothing())? == 1 {
            return Ok(Some(Portal { name, ..new }));
        }
        if of_agent(conn, &new.account_id)?.is_some() {
            return Ok(None);
        }
    }
    Err(Fault::unavailable("several portals of one name are made at once"))
}

/// Writes a portal as it is to be; under another display name it gets another name. `None` where it is gone.
pub fn change(conn: &mut Conn, portal: Portal, now: Timestamp) -> Result<Option<Portal>, Fault> {
    let name = if keeps_name(&portal.name, &portal.display_name) {
        portal.name.clone()
    } else {
        free_name(conn, &portal.display_name, Some(&portal.id))?
    };
    let set = (
        portals::name.eq(&name),
        portals::display_name.eq(&portal.display_name),
        portals::enabled.eq(portal.enabled),
        portals::required_fields.eq(portal.required.words().join(" ")),
        portals::modified_at.eq(now.0),
    );
    let changed = conn.execute(diesel::update(portals::table.find(portal.id.as_str())).set(set))? == 1;
    Ok(changed.then_some(Portal { name, modified_at: now, ..portal }))
}
