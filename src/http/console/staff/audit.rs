//! `/admin/audit`: who did what, when and from where; also what was refused.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::look;
use crate::flows::console::names::{Named, Names, Page};
use crate::http::console::events::words;
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
    ("enrolment.", "Enrollments"),
    ("plan.", "Plans"),
    ("access.denied", "Access refused"),
    ("admin.", "Administration"),
];

/// `GET /admin/audit`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let chosen = asked.query.text("event").unwrap_or_default();
    let event = EVENTS.iter().find(|(known, _)| *known == chosen).map_or("", |(known, _)| known);
    let (mut found, names) = look::lines(conn, &part, event, asked.after(), ROWS_AND_ONE)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &[("q", part.as_str()), ("event", event)], |line| line.id.to_string());
    let mut page =
        frame::page(guest, Area::Admin, &asked.path, "Audit", "Newest first. Entries are only ever added, never changed or deleted.");
    let filter = Filter { name: "event", label: "Events", options: EVENTS.to_vec(), chosen: event.to_owned() };
    let empty = Empty::new("No entry yet", "What people and applications do from now on is listed here.").searched(
        ("entry", "entries"),
        &part,
        !event.is_empty(),
        LIST,
    );
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(LIST, "Account, subject, key or request number (complete)", part) }),
        Block::Table(Table {
            id: "lines",
            caption: "Audit entries".to_owned(),
            columns: vec!["What", "When", "Who", "About", "From"],
            rows: found.iter().map(|line| row(line, &names)).collect(),
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn row(line: &Entry, names: &Names) -> Vec<Cell> {
    let refused = line.outcome == "refused";
    let times = if line.times > 1 { format!(", {} times", line.times) } else { String::new() };
    let mut what = vec![Cell::text(format!("{}{times}", words(&line.event)))];
    if refused {
        what.push(Cell::badge("Refused", Tone::Bad));
    }
    what.push(Cell::Code(line.event.clone()));
    what.extend(line.reason.clone().map(Cell::Code));
    let mut about = line.subject.as_deref().map(|id| whom(id, names)).unwrap_or_default();
    if let Some(client) = line.client.as_deref() {
        // A key that is itself the subject is named once, with both of its ids.
        let subject = line.subject.as_deref().and_then(|id| names.get(id));
        let told = subject.is_some() && subject == names.get(client);
        about.extend(whom(client, names).into_iter().skip(usize::from(told)));
    }
    let from = [line.peer.clone(), line.request_id.clone()].into_iter().flatten().map(Cell::Code).collect();
    vec![
        Cell::Lines(what),
        Cell::Time(Timestamp(line.at)),
        Cell::Lines(line.actor.as_deref().map(|id| whom(id, names)).unwrap_or_default()),
        Cell::Lines(about),
        Cell::Lines(from),
    ]
}

/// Whom or what an id of the audit means: by name where it has one, leading to its page; and the id, by which it is looked up here.
fn whom(id: &str, names: &Names) -> Vec<Cell> {
    let Some(Named { name, page }) = names.get(id) else { return vec![Cell::Code(id.to_owned())] };
    let name = match page {
        Page::Account(id) => Cell::link(name, format!("/admin/accounts/{id}")),
        Page::Key(id) => Cell::link(name, format!("/admin/keys/{id}")),
        Page::Developer(id) => Cell::link(name, format!("/admin/registrations/{id}")),
        Page::None => Cell::text(name),
    };
    vec![name, Cell::Code(id.to_owned())]
}
