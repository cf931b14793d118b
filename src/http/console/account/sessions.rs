//! `/account/sessions`: where the person is signed in, and the end of it.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::SessionId;
use crate::flows::account::sessions;
use crate::flows::console::enter::{Area, Guest};
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, Button, Cell, Empty, Pager, Section, Table, Tone};
use crate::mail::device;
use crate::store::Conn;

/// `GET /account/sessions`
pub fn list(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let all = sessions::of(app, conn, &guest.account.id)?;
    let lede = "Browsers where you are signed in. End any you do not recognize, then change your password.";
    let mut page = frame::page(guest, Area::Account, &asked.path, "Sessions", lede);
    page.notice = said::told(&asked.query);
    let rows = all
        .iter()
        .map(|(session, origin)| {
            let here = session.id == guest.session.id;
            let name = device(&origin.user_agent);
            let end = Button::new(format!("end-{}", session.id), "End", format!("/account/sessions/{}/end", session.id))
                .about(format!("the session in {name}"));
            vec![
                Cell::Lines(if here { vec![Cell::text(name), Cell::badge("This browser", Tone::Good)] } else { vec![Cell::text(name)] }),
                Cell::text(origin.peer.clone().unwrap_or_else(|| "Unknown".to_owned())),
                Cell::Time(session.auth_time),
                Cell::Time(session.seen_at),
                if here { Cell::text("Sign out above") } else { end.ends().cell() },
            ]
        })
        .collect();
    let table = Table {
        id: "sessions",
        caption: "Your sessions".to_owned(),
        columns: vec!["Browser", "Address", "Signed in", "Last used", ""],
        rows,
        empty: Empty::new("No session", "You are not signed in anywhere."),
        pager: Pager::default(),
    };
    let everywhere = Button::new("end-all", "Sign out everywhere", "/account/sessions/end-all").ends();
    page.blocks = vec![
        Block::Section(Section::new("living", "Signed in", "", vec![Block::Table(table)])),
        Block::Section(Section::new(
            "everywhere",
            "Sign out everywhere",
            "Ends every session, including this one, and everything applications were issued for you: they must ask you again. Personal tokens of applications stay until you disconnect the application.",
            vec![Block::Buttons(vec![everywhere])],
        )),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /account/sessions/{session}/end`
pub fn end(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let id = SessionId(asked.number("session"));
    if !sessions::end(app, conn, &guest.caller, &guest.account.id, id)? {
        return Ok(Shown::Nothing);
    }
    Ok(if id == guest.session.id { Shown::Left } else { Shown::Go("/account/sessions?said=session-ended".to_owned()) })
}

/// `POST /account/sessions/end-all`
pub fn end_all(app: &App, conn: &mut Conn, guest: &Guest, _: &Asked) -> Result<Shown, Fault> {
    sessions::end_everything(app, conn, &guest.caller, &guest.account.id)?;
    Ok(Shown::Left)
}
