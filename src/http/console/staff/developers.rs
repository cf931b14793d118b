//! `/admin/developers`: who builds on the platform, with their keys and their logins.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::IdentityId;
use crate::flows::console::developers::{self as flow, Facts};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::keys::Wanted;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::key_state::badge;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Cell, Empty, Facts as FactList, FormBlock, Notice, Pager, Search, Section, Table, Tone};
use crate::store::Conn;

use super::ROWS_AND_ONE;

const LIST: &str = "/admin/developers";

/// `GET /admin/developers`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let wanted = Wanted { part: part.clone(), before: asked.after(), limit: ROWS_AND_ONE, ..Wanted::default() };
    let mut found = flow::list(conn, &guest.reach(Area::Admin), &wanted)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &[("q", part.as_str())], |line| line.id.to_string());
    let rows = found
        .iter()
        .map(|line| {
            vec![
                Cell::link(if line.name.is_empty() { line.company.clone() } else { line.name.clone() }, format!("{LIST}/{}", line.id)),
                Cell::text(line.company.clone()),
                Cell::text(line.email.clone()),
                Cell::text(line.mls.clone().unwrap_or_else(|| "registered here".to_owned())),
                Cell::day_or(line.last_active.as_deref(), "Never used"),
            ]
        })
        .collect();
    let lede = "Everyone who registered here or was entered by an MLS, newest first. The Keys API calls these records Identities.";
    let mut page = frame::page(guest, Area::Admin, &asked.path, "Developers", lede);
    page.notice = said::told(&asked.query);
    let empty = Empty::new("No developer yet", "Developers appear here once they are activated, or entered by an MLS.").searched(
        ("developer", "developers"),
        &part,
        false,
        LIST,
    );
    page.blocks = vec![
        Block::Search(Search::new(LIST, "Name, company or address", part)),
        Block::Table(Table {
            id: "developers",
            caption: "Developers".to_owned(),
            columns: vec!["Name", "Company", "E-mail", "Of", "Last active"],
            rows,
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `GET /admin/developers/{identity}`
pub fn show(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let id = IdentityId(asked.number("identity"));
    let Some(facts) = flow::one(conn, &guest.reach(Area::Admin), id)? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts);
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &Guest, asked: &Asked, facts: &Facts) -> ConsolePage {
    let who = &facts.identity.facts;
    let home = format!("{LIST}/{}", facts.identity.id);
    let name = format!("{} {}", who.first_name, who.last_name);
    let mut page = frame::page(guest, Area::Admin, &asked.path, name.trim(), &who.company);
    page.shell.crumbs = vec![("Developers".to_owned(), LIST.to_owned())];
    let login = match &facts.developer {
        None => Cell::text("None: an MLS entered this record"),
        Some(developer) if developer.enabled => Cell::badge("Signs in to the portal", Tone::Good),
        Some(_) => Cell::badge("Switched off", Tone::Bad),
    };
    let registration = facts
        .developer
        .as_ref()
        .map_or_else(|| Cell::text(""), |developer| Cell::link("the registration", format!("/admin/registrations/{}", developer.id)));
    let items = FactList::new(
        "who",
        [
            ("Login", login),
            ("Registered by", registration),
            ("E-mail", Cell::text(who.email.clone())),
            ("Phone", Cell::text(who.phone.clone())),
            ("Website", Cell::text(who.website.clone())),
            ("Notes", Cell::text(who.comments.clone())),
            ("Last active", Cell::day_or(facts.identity.last_active.as_deref(), "Never used")),
            ("Made", Cell::Time(facts.identity.created_at)),
        ],
    );
    page.blocks.push(Block::Section(Section::new("who-section", "The record", "", vec![Block::Facts(items)])));
    let rows = facts
        .keys
        .iter()
        .map(|line| {
            vec![
                Cell::Lines(vec![Cell::link(line.name.clone(), format!("/admin/keys/{}", line.id)), Cell::Code(line.client_id.clone())]),
                Cell::text(line.mls.clone().unwrap_or_default()),
                Cell::text(line.roles.replace(' ', ", ")),
                badge(line.state),
                Cell::day_or(line.last_active.as_deref(), "Never used"),
            ]
        })
        .collect();
    let table = Table {
        id: "keys",
        caption: "Keys".to_owned(),
        columns: vec!["Application", "MLS", "Roles", "State", "Last used"],
        rows,
        empty: Empty::new("No key yet", ""),
        pager: Pager::default(),
    };
    page.blocks.push(Block::Section(Section::new("keys-section", "Keys", "Newest first.", vec![Block::Table(table)])));
    if let Some(developer) = &facts.developer {
        let (deed, label, lede) = if developer.enabled {
            (
                "disable",
                "Switch login off",
                "Their sessions end, and nothing of theirs can be approved. Keys are not affected: suspend them one by one.",
            )
        } else {
            ("enable", "Switch login on", "They can sign in and enroll again.")
        };
        let sheet = FormBlock::new("switch-form", format!("{home}/{deed}"), ("switch", label), vec![]);
        let sheet = if developer.enabled { sheet.ends() } else { sheet };
        page.blocks.push(Block::Section(Section::new("switch-section", "The login", lede, vec![Block::Form(sheet)])));
    }
    page
}

fn switch(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked, enabled: bool) -> Result<Shown, Fault> {
    let id = IdentityId(asked.number("identity"));
    match flow::switch(app, conn, guest, id, enabled)? {
        None => Ok(Shown::Nothing),
        Some(true) => Ok(Shown::Go(format!("{LIST}/{id}?said={}", if enabled { "switched-on" } else { "switched-off" }))),
        Some(false) => {
            let Some(facts) = flow::one(conn, &guest.reach(Area::Admin), id)? else { return Ok(Shown::Nothing) };
            let mut page = page(guest, asked, &facts);
            page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", "Nothing to change: it is already so."));
            Ok(Shown::Conflict(Box::new(page)))
        }
    }
}

/// `POST /admin/developers/{identity}/disable`
pub fn disable(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    switch(app, conn, guest, asked, false)
}

/// `POST /admin/developers/{identity}/enable`
pub fn enable(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    switch(app, conn, guest, asked, true)
}
