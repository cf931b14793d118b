//! `GET /developers/keys`

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::portal::applications as flow;
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::key_state::badge;
use crate::http::pages::parts::{Block, CardLink, Cell, Empty, Pager, Table};
use crate::store::Conn;

use super::{KEYS, owner};

/// How many keys a page shows.
const ROWS: i64 = 25;

/// The page.
pub fn show(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let owner = owner!(guest);
    let number = asked.query.text("page").and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).clamp(1, 1000);
    let Ok(found) = flow::list(conn, &owner, number)? else { return Ok(Shown::Nothing) };
    let mut states = Vec::new();
    for key in &found.records {
        states.push(flow::state(conn, key)?);
    }
    let rows = found.records.iter().zip(states).map(|(key, state)| {
        vec![
            Cell::link(key.name.clone(), format!("{KEYS}/{}", key.id)),
            Cell::Code(key.key.clone()),
            Cell::List(key.roles.iter().map(|role| (*role).to_owned()).collect()),
            badge(state),
            Cell::day_or(key.last_active.as_deref(), "Never used"),
        ]
    });
    let pager = Pager {
        first: (number > 1).then(|| KEYS.to_owned()),
        next: (number * ROWS < found.total).then(|| format!("{KEYS}?page={}", number + 1)),
    };
    let table = Table {
        id: "keys",
        caption: "Your keys".to_owned(),
        columns: vec!["Application", "Key", "Roles", "State", "Last used"],
        rows: rows.collect(),
        empty: Empty {
            link: Some(("Create your first key".to_owned(), format!("{KEYS}/new"))),
            ..Empty::new("No keys yet", "A key identifies your application.")
        },
        pager,
    };
    let lede = "Each application has its own key. Keys you create here open sample data; keys for an MLS's data come from its plans.";
    let mut page = frame::page(guest, &asked.path, "Keys", lede);
    page.notice = said::told(&asked.query);
    page.action = Some(CardLink::action("new-key", "New application", format!("{KEYS}/new")));
    page.blocks = vec![Block::Table(table)];
    Ok(Shown::Page(Box::new(page)))
}
