//! `/admin/audit`: who did what, when and from where; also what was refused.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::look;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, Cell, Empty, Filter, Pager, Search, Table, Tone};
use crate::store::Conn;
use crate::store::audit::Entry;

use super::ROWS_AND_ONE;

const LIST: &str = "/admin/audit";

/// Events by what they begin with.
const EVENTS: [(&str, &str); 13] = [
    ("", "Everything"),
    ("login.", "Sign-ins"),
    ("session.", "Sessions"),
    ("account.", "Accounts"),
    ("consent.", "Consents"),
    ("grant.", "Permissions"),
    ("token.", "Tokens"),
    ("key.", "Keys"),
    ("developer.", "Developers"),
    ("enrolment.", "Enrolments"),
    ("plan.", "Plans"),
    ("access.denied", "Access refused"),
    ("admin.", "Administration"),
];

/// `GET /admin/audit`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let chosen = asked.query.text("event").unwrap_or_default();
    let event = EVENTS.iter().find(|(known, _)| *known == chosen).map_or("", |(known, _)| known);
    let mut found = look::lines(conn, &part, event, asked.after(), ROWS_AND_ONE)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &[("q", part.as_str()), ("event", event)], |(line, _)| line.id.to_string());
    let mut page =
        frame::page(guest, Area::Admin, &asked.path, "Audit", "Newest first. Lines are only ever added; nobody changes or deletes one.");
    let filter = Filter { name: "event", label: "Events", options: EVENTS.to_vec(), chosen: event.to_owned() };
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(LIST, "Account, subject, key or request, in full", part) }),
        Block::Table(Table {
            id: "lines",
            caption: "Lines of the audit".to_owned(),
            columns: vec!["What", "When", "Who", "About", "From"],
            rows: found.iter().map(|(line, name)| row(line, name.as_deref())).collect(),
            empty: Empty::new("Nothing fits", "Give an account's 26 digits, a key's client_id, or the number that an error page shows."),
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn row(line: &Entry, name: Option<&str>) -> Vec<Cell> {
    let refused = line.outcome == "refused";
    let reason = line.reason.clone().map(|reason| if line.times > 1 { format!("{reason}, {} times", line.times) } else { reason });
    let mut what = vec![Cell::Code(line.event.clone())];
    if refused {
        what.push(Cell::badge("Refused", Tone::Bad));
    }
    what.extend(reason.map(Cell::Text));
    let about = [line.subject.clone(), line.client.clone()].into_iter().flatten().map(|text| whom(&text)).collect();
    let from = [line.peer.clone(), line.request_id.clone()].into_iter().flatten().map(Cell::Code).collect();
    vec![
        Cell::Lines(what),
        Cell::Time(Timestamp(line.at)),
        line.actor.as_deref().map_or_else(|| Cell::text(""), |actor| who(actor, name)),
        Cell::Lines(about),
        Cell::Lines(from),
    ]
}

/// Who did it: by name, where it was an account.
fn who(actor: &str, name: Option<&str>) -> Cell {
    match name {
        Some(name) => Cell::Lines(vec![Cell::link(name, format!("/admin/accounts/{actor}")), Cell::Code(actor.to_owned())]),
        None => whom(actor),
    }
}

/// A name of the audit: an account leads to its page.
fn whom(text: &str) -> Cell {
    if text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Cell::link(text, format!("/admin/accounts/{text}"));
    }
    Cell::Code(text.to_owned())
}
