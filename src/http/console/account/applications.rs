//! `/account/applications`: what acts for the person, with which permissions, and the end of it.

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Timestamp};
use crate::flows::account::connections::{self, Connection};
use crate::flows::console::enter::{Area, Guest};
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, Cell, Empty, Facts, FormBlock, Pager, Section, Table, Tone};
use crate::store::Conn;

const DISCONNECTED: &str =
    "It will no longer be able to read or change anything for you, in any browser or on any device. You can allow it again later.";

/// `GET /account/applications`
pub fn list(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let all = connections::of(app, conn, &guest.account.id)?;
    let lede = "These can act for you at your MLS. Disconnecting one takes effect immediately; it can ask you again.";
    let mut page = frame::page(guest, Area::Account, &asked.path, "Applications", lede);
    page.notice = said::told(&asked.query);
    let table = Table {
        id: "applications",
        caption: "Applications that can act for you".to_owned(),
        columns: vec!["Application", "What it may do", "Since", "Last used", "Where", ""],
        rows: all.iter().map(row).collect(),
        empty: Empty::new("No application acts for you", "When you sign in to one with your MLS login and allow it, it appears here."),
        pager: Pager::default(),
    };
    page.blocks = vec![Block::Section(Section::new("connected", "Connected", "", vec![Block::Table(table)]))];
    Ok(Shown::Page(Box::new(page)))
}

fn row(connection: &Connection) -> Vec<Cell> {
    let key = &connection.registered.key;
    let verified = if connection.registered.client.policy.verified { ("Verified", Tone::Good) } else { ("Not verified", Tone::Waiting) };
    let state =
        if connection.registered.client.enabled { Cell::badge(verified.0, verified.1) } else { Cell::badge("Switched off", Tone::Bad) };
    vec![
        Cell::Lines(name(connection, state)),
        Cell::List(connection.permissions.clone()),
        Cell::Day(connection.since.day()),
        Cell::day_or(connection.last_used.map(Timestamp::day).as_deref(), "Never used"),
        if connection.devices.is_empty() { Cell::text("Nowhere now") } else { Cell::List(connection.devices.clone()) },
        Cell::link("Disconnect", format!("/account/applications/{}/disconnect", key.id)),
    ]
}

/// The application, who built it, and under which plan it acts.
fn name(connection: &Connection, state: Cell) -> Vec<Cell> {
    let mut lines = vec![Cell::text(connection.registered.key.name.clone()), state];
    lines.extend(connection.vendor.as_ref().map(|company| Cell::text(format!("of {company}"))));
    lines.extend(connection.plan.as_ref().map(|plan| Cell::text(format!("under the plan {plan}"))));
    lines
}

/// `GET /account/applications/{key}/disconnect`
pub fn ask(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let wanted = KeyId(asked.number("key"));
    let found = connections::of(app, conn, &guest.account.id)?.into_iter().find(|connection| connection.registered.key.id == wanted);
    let Some(connection) = found else { return Ok(Shown::Nothing) };
    let name = &connection.registered.key.name;
    let mut page = frame::page(guest, Area::Account, &asked.path, &format!("Disconnect {name}?"), DISCONNECTED);
    page.shell.crumbs = vec![("Applications".to_owned(), "/account/applications".to_owned())];
    let facts = Facts::new(
        "connection",
        [
            ("Built by", Cell::text(connection.vendor.clone().unwrap_or_default())),
            ("Under the plan", Cell::text(connection.plan.clone().unwrap_or_default())),
            ("It may now", Cell::List(connection.permissions.clone())),
            ("Since", Cell::Day(connection.since.day())),
            ("Last used", Cell::day_or(connection.last_used.map(Timestamp::day).as_deref(), "Never used")),
        ],
    );
    let sheet =
        FormBlock::new("disconnect-form", asked.path.clone(), ("disconnect", "Disconnect"), vec![]).ends().cancel("/account/applications");
    page.blocks = vec![Block::Section(Section::new("disconnect-section", name.clone(), "", vec![Block::Facts(facts), Block::Form(sheet)]))];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /account/applications/{key}/disconnect`
pub fn disconnect(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let key = KeyId(asked.number("key"));
    let ended = connections::end(app, conn, &guest.caller, &guest.account, guest.session.id, key)?;
    Ok(ended.map_or(Shown::Nothing, |_| Shown::Go("/account/applications?said=disconnected".to_owned())))
}
