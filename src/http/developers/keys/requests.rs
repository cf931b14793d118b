//! `GET /developers/keys/{key}/requests`: the requests that were kept, found again by the id an error showed.

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::platform::usage::DetailRecord;
use crate::flows::portal::applications;
use crate::flows::portal::reports::{self, Refusal};
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, Cell, Empty, Pager, Search, Section, Table};
use crate::store::Conn;

use super::{at, crumbs, key, owner};

/// How many requests a page shows.
const ROWS: i64 = 25;

/// The page.
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let Ok(shown) = applications::get(conn, &owner, id)? else { return Ok(Shown::Nothing) };
    let number = asked.query.text("page").and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).clamp(1, 1000);
    let searched = asked.search();
    let Ok(found) = reports::requests(app, conn, &owner, id, (&searched, number))? else { return Ok(Shown::Nothing) };
    let path = format!("{}/requests", at(id));
    let mut page = frame::page(guest, &asked.path, "Request log", &shown.record.name);
    page.shell.crumbs = crumbs(Some((id, &shown.record.name)));
    let table = Table {
        id: "requests",
        caption: "Requests of the last seven days".to_owned(),
        columns: vec!["When", "Request", "Answer", "Why", "Error id"],
        rows: found.records.iter().map(row).collect(),
        empty: Empty::new(
            "No request",
            if searched.is_empty() { "This key made no requests in the last seven days." } else { "No request of this key has that id." },
        ),
        pager: Pager {
            first: (number > 1 || !searched.is_empty()).then(|| path.clone()),
            next: (number * ROWS < found.total).then(|| format!("{path}?page={}", number + 1)),
        },
    };
    let Ok(refused) = reports::refusals(app, conn, &owner, id, &searched)? else { return Ok(Shown::Nothing) };
    let refusals = Table {
        id: "refusals",
        caption: "Refusals at sign-in and the token endpoint".to_owned(),
        columns: vec!["When", "What", "Reason", "Error id"],
        rows: refused.iter().map(refusal).collect(),
        empty: Empty::new("Nothing was refused", "Neither at sign-in nor at the token endpoint, in the last seven days."),
        pager: Pager::default(),
    };
    let lede = "The protocol's error words are few; this is what was actually wrong.";
    page.blocks = vec![
        Block::Search(Search::new(path, "Error id", searched)),
        Block::Section(Section::new("refused", "Refused at sign-in and the token endpoint", lede, vec![Block::Table(refusals)])),
        Block::Section(Section::new("asked", "Requests to APIs", "A sample of each hour is kept.", vec![Block::Table(table)])),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn refusal(refusal: &Refusal) -> Vec<Cell> {
    let often = if refusal.times > 1 { format!("{} times", refusal.times) } else { String::new() };
    vec![
        Cell::Time(refusal.at),
        Cell::Code(refusal.event.clone()),
        Cell::Lines([refusal.reason.replace('_', " "), often].into_iter().filter(|text| !text.is_empty()).map(Cell::text).collect()),
        Cell::Code(refusal.request_id.clone()),
    ]
}

fn row(detail: &DetailRecord) -> Vec<Cell> {
    let from = detail.ip_address.clone().unwrap_or_default();
    let code = detail.error_code.map_or_else(String::new, |code| format!("code {code}"));
    vec![
        Cell::Lines(vec![Cell::text(detail.request_timestamp.clone()), Cell::text(from)]),
        Cell::Code(format!("{} {}", detail.method, detail.request_resource_uri)),
        Cell::Lines(vec![Cell::text(detail.http_status.clone()), Cell::text(code)]),
        Cell::text(detail.reason.as_deref().map_or_else(|| "done".to_owned(), |reason| reason.replace('_', " "))),
        Cell::Code(detail.request_id.clone()),
    ]
}
