//! `/account/history`: what happened to the account, from the audit.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::flows::account::history;
use crate::flows::console::enter::{Area, Guest};
use crate::http::console::events::words;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, Cell, Empty, Pager, ROWS, Section, Table, Tone};
use crate::store::Conn;

/// `GET /account/history`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let after = asked.after();
    let (mut lines, names) = history::page(conn, &guest.account.id, after, ROWS + 1)?;
    let from = after.map(|after| after.to_string());
    let pager = Pager::cut("/account/history", &mut lines, from.as_deref(), &[], |line| line.id.to_string());
    let rows = lines
        .iter()
        .map(|line| {
            let refused = line.outcome == "refused";
            vec![
                Cell::Lines(vec![
                    Cell::text(words(&line.event)),
                    if refused { Cell::badge("Failed", Tone::Bad) } else { Cell::badge("Done", Tone::Good) },
                ]),
                Cell::Time(Timestamp(line.at)),
                Cell::text(line.peer.clone().unwrap_or_else(|| "Unknown".to_owned())),
                Cell::text(line.client.as_deref().and_then(|id| names.get(id)).map(|found| found.name.clone()).unwrap_or_default()),
                Cell::Code(line.request_id.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let lede = "Sign-ins and changes, newest first. Give the number to your MLS if you ask about one.";
    let mut page = frame::page(guest, Area::Account, &asked.path, "History", lede);
    let table = Table {
        id: "history",
        caption: "What happened to your account".to_owned(),
        columns: vec!["What", "When", "From", "Application", "Number"],
        rows,
        empty: Empty::new("Nothing yet", "What happens to your account from now on is listed here."),
        pager,
    };
    page.blocks = vec![Block::Section(Section::new("lines", "Newest first", "", vec![Block::Table(table)]))];
    Ok(Shown::Page(Box::new(page)))
}
