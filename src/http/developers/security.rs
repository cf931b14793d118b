//! `/developers/security`: the password, and where one is signed in.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::DeveloperSessionId;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::{password as flow, sign_in};
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::new_password;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Button, Cell, Empty, FormBlock, Notice, Pager, Section, Table, Tone};
use crate::mail::device;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::frame;

const HERE: &str = "/developers/security";

/// `GET /developers/security`
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = page(app, conn, guest, asked, &Form::default())?;
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked, form: &Form) -> Result<ConsolePage, Fault> {
    let mut page = frame::page(guest, &asked.path, "Security", "Your password, and where you are signed in.");
    let fields = new_password::fields_of_change(form);
    let sheet = FormBlock::new("password-form", HERE, ("change-password", "Change password"), fields);
    let sessions = sign_in::sessions(app, conn, guest)?;
    let rows = sessions.iter().map(|session| {
        let here = session.id == guest.session.id;
        let name = device(&session.user_agent);
        let end = Button::new(format!("end-{}", session.id), "End", format!("{HERE}/sessions/{}/end", session.id))
            .about(format!("the session in {name}"));
        vec![
            Cell::Lines(if here { vec![Cell::text(name), Cell::badge("This browser", Tone::Good)] } else { vec![Cell::text(name)] }),
            Cell::text(session.peer.clone().unwrap_or_else(|| "Unknown".to_owned())),
            Cell::Time(session.auth_time),
            Cell::Time(session.seen_at),
            if here { Cell::text("Sign out above") } else { end.ends().cell() },
        ]
    });
    let table = Table {
        id: "sessions",
        caption: "Your sessions".to_owned(),
        columns: vec!["Browser", "Address", "Signed in", "Last used", ""],
        rows: rows.collect(),
        empty: Empty::new("No session", "You are not signed in anywhere."),
        pager: Pager::default(),
    };
    let lede = "You are signed out everywhere else. We will e-mail you about it.";
    page.blocks = vec![
        Block::Section(Section::new("password", "Change your password", lede, vec![Block::Form(sheet)])),
        Block::Section(Section::new(
            "sessions-section",
            "Sessions",
            "End any you do not recognize, then change your password.",
            vec![Block::Table(table)],
        )),
    ];
    Ok(page)
}

/// `POST /developers/security`
pub fn change(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let problems = new_password::problems_of_change(asked, &guest.developer.facts.email, &guest.developer.facts.company);
    let (true, Some(hash)) = (problems.is_empty(), &asked.hash) else {
        let mut page = page(app, conn, guest, asked, &Form::sent(&Params::default(), problems.clone()))?;
        page.notice = Some(Notice::problems(&problems));
        return Ok(Shown::Refused(Box::new(page)));
    };
    Ok(Shown::GoRenewed(format!("{HERE}?said=password-changed"), flow::change(app, conn, guest, hash)?))
}

/// `POST /developers/security/sessions/{session}/end`
pub fn end(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let ended = sign_in::end_another(app, conn, guest, DeveloperSessionId(asked.number("session")))?;
    Ok(if ended { Shown::Go(format!("{HERE}?said=session-ended")) } else { Shown::Nothing })
}
