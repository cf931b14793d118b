//! `/mls/accounts` and `/admin/accounts`: people and offices, what acts for them, and the lock on their account.

use crate::app::App;
use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::people::{self as flow, Facts, Refusal};
use crate::http::console::events::words;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Cell, Empty, Facts as FactList, FormBlock, Notice, Pager, Search, Section, Table, Tone};
use crate::identity::account::Account;
use crate::store::Conn;

use super::{ROWS_AND_ONE, area, root};

fn badge(account: &Account) -> Cell {
    if account.active { Cell::badge("Active", Tone::Good) } else { Cell::badge("Locked", Tone::Bad) }
}

/// `GET /mls/accounts` and `GET /admin/accounts`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let area = area(asked);
    let home = format!("{}/accounts", root(area));
    let part = asked.search();
    let after = asked.query.text("after").unwrap_or_default().to_owned();
    let mut found = flow::list(conn, &guest.reach(area), &part, &after, ROWS_AND_ONE)?;
    let from = (!after.is_empty()).then_some(after.as_str());
    let pager = Pager::cut(&home, &mut found, from, &[("q", part.as_str())], |account| account.login_name.clone());
    let rows = found
        .iter()
        .map(|account| {
            let mut cells = vec![
                Cell::link(account.profile.name.clone(), format!("{home}/{}", account.id)),
                Cell::text(account.login_name.clone()),
                Cell::text(account.user_type.words()),
                Cell::text(account.profile.office.clone()),
                badge(account),
            ];
            if area == Area::Admin {
                cells.insert(2, Cell::text(account.mls_name.clone()));
            }
            cells
        })
        .collect();
    let mut columns = vec!["Name", "Login name", "Type", "Office", "State"];
    if area == Area::Admin {
        columns.insert(2, "MLS");
    }
    let lede = "Sorted by login name. People come from the MLS's roster and cannot be added here.";
    let mut page = frame::page(guest, area, &asked.path, "People", lede);
    page.notice = said::told(&asked.query);
    let empty = Empty::new("No one yet", "People appear here once the roster of the MLS is imported.").searched(
        ("person", "people"),
        &part,
        false,
        &home,
    );
    page.blocks = vec![
        Block::Search(Search::new(home, "Name, login name, office or address", part)),
        Block::Table(Table { id: "accounts", caption: "People and offices".to_owned(), columns, rows, empty, pager }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn id(asked: &Asked) -> Option<AccountId> {
    asked.part("account").parse().ok()
}

/// `GET …/accounts/{account}`
pub fn show(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(id) = id(asked) else { return Ok(Shown::Nothing) };
    let Some(facts) = flow::one(app, conn, &guest.reach(area(asked)), &id)? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts);
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &Guest, asked: &Asked, facts: &Facts) -> ConsolePage {
    let area = area(asked);
    let list = format!("{}/accounts", root(area));
    let (account, profile) = (&facts.account, &facts.account.profile);
    let home = format!("{list}/{}", account.id);
    let mut page = frame::page(guest, area, &asked.path, &profile.name, "");
    page.lede = format!("{} of {}, signs in as {}.", account.user_type.words(), account.mls_name, account.login_name);
    page.shell.crumbs = vec![("People".to_owned(), list)];
    let items = FactList::new(
        "account",
        [
            ("State", badge(account)),
            ("Id", Cell::Code(account.id.to_string())),
            ("MLS", Cell::text(account.mls_name.clone())),
            ("Type", Cell::text(account.user_type.words())),
            ("Member type", Cell::text(profile.member_type.clone())),
            ("Office", Cell::text(profile.office.clone())),
            ("Company", Cell::text(profile.company.clone())),
            ("E-mail", Cell::text(profile.primary_email().unwrap_or_default())),
            ("Phone", Cell::text(profile.primary_phone().unwrap_or_default())),
            ("Platform staff", Cell::text(if facts.guard.platform_staff { "yes" } else { "" })),
            ("Last changed", Cell::Time(account.modified_at)),
        ],
    );
    page.blocks.push(Block::Section(Section::new(
        "account-section",
        "The account",
        "These come from the MLS's roster.",
        vec![Block::Facts(items)],
    )));
    if area == Area::Mls && facts.guard.locked_by_platform {
        let text = "Only the platform can unlock it; a roster import cannot.";
        page.blocks.push(Block::Notice(Notice::new("platforms", Tone::Plain, "Locked by the platform.", text)));
    } else if account.id != guest.account.id {
        let (deed, label, lede) = if account.active && area == Area::Admin {
            ("lock", "Lock this account", "No one can sign in, and no application can act for it. Its MLS and its roster cannot unlock it.")
        } else if account.active {
            ("lock", "Lock this account", "No one can sign in, and no application can act for it. A later roster import may unlock it.")
        } else {
            ("unlock", "Unlock this account", "It can sign in again, and its applications work again.")
        };
        let sheet = FormBlock::new("switch-form", format!("{home}/{deed}"), ("switch", label), vec![]);
        let sheet = if account.active { sheet.ends() } else { sheet };
        page.blocks.push(Block::Section(Section::new("switch-section", label, lede, vec![Block::Form(sheet)])));
    }
    page.blocks.push(Block::Section(Section::new("connections-section", "Connected applications", "", vec![connections(facts)])));
    page.blocks.push(Block::Section(Section::new("history-section", "Recent activity", "", vec![history(facts)])));
    page
}

fn connections(facts: &Facts) -> Block {
    let rows = facts
        .connections
        .iter()
        .map(|connection| {
            vec![
                Cell::Lines(
                    [
                        Some(connection.registered.key.name.clone()),
                        connection.vendor.as_ref().map(|company| format!("of {company}")),
                        connection.plan.as_ref().map(|plan| format!("under the plan {plan}")),
                    ]
                    .into_iter()
                    .flatten()
                    .map(Cell::Text)
                    .collect(),
                ),
                Cell::List(connection.permissions.clone()),
                Cell::Day(connection.since.day()),
                Cell::day_or(connection.last_used.map(Timestamp::day).as_deref(), "Never used"),
            ]
        })
        .collect();
    Block::Table(Table {
        id: "connections",
        caption: "Applications that can act for it".to_owned(),
        columns: vec!["Application", "What it may do", "Since", "Last used"],
        rows,
        empty: Empty::new("No connected applications", ""),
        pager: Pager::default(),
    })
}

fn history(facts: &Facts) -> Block {
    let rows = facts
        .history
        .iter()
        .map(|line| {
            let tone = if line.outcome == "refused" { ("Refused", Tone::Bad) } else { ("Done", Tone::Good) };
            vec![
                Cell::text(words(&line.event)),
                Cell::badge(tone.0, tone.1),
                Cell::Time(Timestamp(line.at)),
                Cell::text(line.peer.clone().unwrap_or_default()),
            ]
        })
        .collect();
    Block::Table(Table {
        id: "history",
        caption: "Recent activity".to_owned(),
        columns: vec!["What", "Outcome", "When", "From"],
        rows,
        empty: Empty::new("Nothing yet", ""),
        pager: Pager::default(),
    })
}

fn switch(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked, active: bool) -> Result<Shown, Fault> {
    let area = area(asked);
    let Some(id) = id(asked) else { return Ok(Shown::Nothing) };
    let why = match flow::switch(app, conn, guest, area, &id, active)? {
        None => return Ok(Shown::Nothing),
        Some(Ok(())) => {
            return Ok(Shown::Go(format!("{}/accounts/{id}?said={}", root(area), if active { "unlocked" } else { "locked" })));
        }
        Some(Err(why)) => why,
    };
    let Some(facts) = flow::one(app, conn, &guest.reach(area), &id)? else { return Ok(Shown::Nothing) };
    let sentence = match why {
        Refusal::Own => "This is your own account.",
        Refusal::Same => "Nothing to change: it is already so.",
        Refusal::Platforms => "This account is platform staff, whom an MLS can neither lock nor unlock.",
        Refusal::PlatformsLock => "The platform locked it, and only the platform can unlock it.",
    };
    let mut page = page(guest, asked, &facts);
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", sentence));
    Ok(Shown::Conflict(Box::new(page)))
}

/// `POST …/accounts/{account}/lock`
pub fn lock(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    switch(app, conn, guest, asked, false)
}

/// `POST …/accounts/{account}/unlock`
pub fn unlock(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    switch(app, conn, guest, asked, true)
}
