//! `/admin/signing`: what tokens are signed with, and its change out of turn.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::signing as flow;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, Button, Cell, Empty, Notice, Pager, Section, Table, Tone};
use crate::signing::KeyFacts;
use crate::store::Conn;

/// `GET /admin/signing`
pub fn list(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let (keys, wanted) = flow::list(conn)?;
    let now = app.now();
    let lede = "They rotate automatically. A new key is published first, so that every client has it before it signs.";
    let mut page = frame::page(guest, Area::Admin, &asked.path, "Signing keys", lede);
    page.notice = said::told(&asked.query);
    if wanted {
        page.blocks.push(Block::Notice(Notice::new(
            "wanted",
            Tone::Waiting,
            "A rotation is in progress.",
            "It begins within seconds. Reload to see it.",
        )));
    }
    let rows = keys
        .iter()
        .map(|key| {
            vec![
                Cell::Code(key.kid.clone()),
                Cell::text(key.algorithm.to_string()),
                state(key, now),
                Cell::Time(key.published_at),
                Cell::Time(key.active_from),
                Cell::time_or(key.signs_until, "No end date"),
            ]
        })
        .collect();
    page.blocks.push(Block::Table(Table {
        id: "signing",
        caption: "Signing keys, oldest first".to_owned(),
        columns: vec!["Kid", "Algorithm", "State", "Published", "Signs from", "Until"],
        rows,
        empty: Empty::new("No signing key", "The server creates them when it starts."),
        pager: Pager::default(),
    }));
    let button = Button::new("rotate", "Rotate now", "/admin/signing/rotate");
    let lede = "Publishes a new key for each algorithm. In an emergency, if a key can no longer be trusted, the operator withdraws it: latchkey signing withdraw.";
    page.blocks.push(Block::Section(Section::new("rotate-section", "Rotate ahead of schedule", lede, vec![Block::Buttons(vec![button])])));
    Ok(Shown::Page(Box::new(page)))
}

fn state(key: &KeyFacts, now: Timestamp) -> Cell {
    if key.withdrawn_at.is_some() {
        return Cell::badge("Withdrawn", Tone::Bad);
    }
    if key.may_sign(now) {
        return Cell::badge("Signs", Tone::Good);
    }
    if now < key.active_from { Cell::badge("Published", Tone::Waiting) } else { Cell::badge("Verifies only", Tone::Plain) }
}

/// `POST /admin/signing/rotate`
pub fn rotate(app: &App, conn: &mut Conn, guest: &Guest, _: &Asked) -> Result<Shown, Fault> {
    flow::rotate(app, conn, guest)?;
    Ok(Shown::Go("/admin/signing?said=rotating".to_owned()))
}
