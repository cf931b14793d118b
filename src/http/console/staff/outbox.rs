//! `/admin/outbox`: letters that wait, left, or could not be sent; never their text, which may carry links.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::look;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, Cell, Empty, Filter, Pager, Search, Table, Tone};
use crate::store::Conn;

use super::ROWS_AND_ONE;

const LIST: &str = "/admin/outbox";
const STATES: [(&str, &str); 4] = [("", "Every state"), ("waiting", "Waiting"), ("sent", "Sent"), ("parked", "Could not be sent")];

/// `GET /admin/outbox`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let state = asked.query.text("state").filter(|state| look::LETTERS.contains(state));
    let mut found = look::letters(conn, &part, state, asked.after(), ROWS_AND_ONE)?;
    let after = asked.after().map(|after| after.to_string());
    let kept = [("q", part.as_str()), ("state", state.unwrap_or_default())];
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &kept, |line| line.id.to_string());
    let rows = found
        .iter()
        .map(|line| {
            let (words, tone) = match line.state.as_str() {
                "sent" => ("Sent", Tone::Good),
                "parked" => ("Could not be sent", Tone::Bad),
                _ => ("Waiting", Tone::Waiting),
            };
            let next = if line.state == "waiting" { Cell::Time(Timestamp(line.next_at)) } else { Cell::text("") };
            vec![
                Cell::text(line.subject.clone()),
                Cell::text(line.recipient.clone()),
                Cell::Time(line.made_at()),
                Cell::badge(words, tone),
                Cell::text(line.attempts.to_string()),
                next,
                Cell::text(line.problem.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let lede = "Newest first. The text of an e-mail is deleted once it is sent, and never shown here.";
    let mut page = frame::page(guest, Area::Admin, &asked.path, "Outbox", lede);
    let filter = Filter { name: "state", label: "State", options: STATES.to_vec(), chosen: state.unwrap_or_default().to_owned() };
    let empty = Empty::new("No e-mail yet", "E-mails from the last thirty days are listed here.").searched(
        ("e-mail", "e-mails"),
        &part,
        state.is_some(),
        LIST,
    );
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(LIST, "Address or subject", part) }),
        Block::Table(Table {
            id: "letters",
            caption: "E-mails".to_owned(),
            columns: vec!["Subject", "To", "Date", "State", "Tries", "Next try", "Problem"],
            rows,
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}
