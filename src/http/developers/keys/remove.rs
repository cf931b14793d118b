//! `/developers/keys/{key}/delete`: asked once more, with what ends.

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::portal::applications as flow;
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, FormBlock, Section};
use crate::store::Conn;

use super::{KEYS, at, crumbs, key, owner};

/// `GET /developers/keys/{key}/delete`
pub fn ask(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let Ok(shown) = flow::get(conn, &owner, id)? else { return Ok(Shown::Nothing) };
    let mut page = frame::page(guest, &asked.path, "Delete this key?", &shown.record.name);
    page.shell.crumbs = crumbs(Some((id, &shown.record.name)));
    let sheet = FormBlock::new("delete-form", format!("{}/delete", at(id)), ("delete", "Delete key"), vec![]).ends().cancel(at(id));
    let lede = "All its tokens and secrets end immediately, and no one can sign in through it.";
    page.blocks = vec![Block::Section(Section::new("delete-section", "This cannot be undone", lede, vec![Block::Form(sheet)]))];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /developers/keys/{key}/delete`
pub fn delete(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    Ok(flow::delete(app, conn, &owner, id)?.map_or(Shown::Nothing, |()| Shown::Go(format!("{KEYS}?said=key-deleted"))))
}
