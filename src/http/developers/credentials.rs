//! `/developers/credentials`: what belongs to a key, shown once, behind the link of a letter.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{EnrolmentId, KeyId, LinkId};
use crate::flows::datamart::credentials::{self as flow, Again, Of, Refusal};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::link::{Carried, Purpose};
use crate::flows::record;
use crate::http::door::{Asked, Shown};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Cell, Copy, Facts, FormBlock, Notice, Section, Tone};
use crate::store::Conn;

use super::frame;

fn opened(app: &App, asked: &Asked) -> Option<LinkId> {
    Carried::open(app, &asked.browser, Purpose::Credentials, asked.part("flow"))
}

fn refused(app: &App, guest: &DeveloperGuest, asked: &Asked, why: Refusal) -> Shown {
    let (reason, sentence) = match why {
        Refusal::Over => ("link_over", "It was already used, it expired, or a newer one was sent."),
        Refusal::NotYours => ("link_not_yours", "It was sent to a different developer than the one signed in."),
        Refusal::Closed => ("key_closed", "The key, or the account it acts for, is switched off."),
        Refusal::TakenBack => {
            ("token_taken_back", "The token was revoked by the person it acts for or by staff. Enroll again to get another.")
        }
    };
    record::refused(app, &guest.caller, "link.rejected", reason, None);
    let mut page = frame::page(guest, &asked.path, "This link is no longer valid", sentence);
    page.blocks = vec![Block::Links(vec![CardLink {
        about: "You can request a new link there.".to_owned(),
        ..CardLink::action("to-enrolments", "Your enrollments", "/appstore/datamart/enrolments")
    }])];
    if why == Refusal::NotYours { Shown::Forbidden(Box::new(page)) } else { Shown::Gone(Box::new(page)) }
}

/// `GET /developers/credentials/letter/{flow}`
pub fn ask(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(id) = opened(app, asked) else { return Ok(Shown::Nothing) };
    let waiting = match flow::behind(app, conn, guest, id)? {
        Ok(waiting) => waiting,
        Err(why) => return Ok(refused(app, guest, asked, why)),
    };
    let what = if waiting.token { "token" } else { "secret" };
    let mut page = frame::page(guest, &asked.path, "Your credentials", "");
    page.lede = format!("For {}.", waiting.name);
    let facts = Facts::new("key", [("Application", Cell::text(waiting.name)), ("Key", Cell::Code(waiting.client_id))]);
    let sheet = FormBlock::new("show-form", asked.path.clone(), ("show", "Show credentials"), vec![]);
    let lede = format!("The {what} is created when you press the button and shown only once. Have a safe place ready to store it.");
    page.blocks = vec![Block::Section(Section::new("show-section", "Shown once", lede, vec![Block::Facts(facts), Block::Form(sheet)]))];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /developers/credentials/letter/{flow}`
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(id) = opened(app, asked) else { return Ok(Shown::Nothing) };
    let shown = match flow::show(app, conn, guest, id)? {
        Ok(shown) => shown,
        Err(why) => return Ok(refused(app, guest, asked, why)),
    };
    let mut page: ConsolePage = frame::page(guest, &asked.path, "Your credentials", "");
    page.lede = format!("For {}.", shown.name);
    page.notice = Some(Notice::new("once", Tone::Waiting, "Copy this now.", "It cannot be shown again, and we do not keep it."));
    let mut blocks = vec![Block::Copy(Copy { id: "client-id", label: "Key (client_id)".to_owned(), text: shown.client_id })];
    if let Some(token) = shown.token {
        blocks.push(Block::Copy(Copy { id: "token", label: "Personal token".to_owned(), text: token.expose().to_owned() }));
        blocks.push(Block::Prose(vec!["Send it with each request, in the header Authorization: Bearer and the token.".to_owned()]));
    }
    if let Some(secret) = shown.secret {
        blocks.push(Block::Copy(Copy { id: "secret", label: "Secret (client_secret)".to_owned(), text: secret.expose().to_owned() }));
    }
    let ways = vec![
        CardLink::action("to-key", "Go to the key", format!("/developers/keys/{}", shown.key)),
        CardLink::action("to-overview", "Back to Developers", frame::HOME),
    ];
    page.blocks = vec![
        Block::Section(Section::new("credentials", "Keep these secret", "Store them on your servers only.", blocks)),
        Block::Links(ways),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /developers/credentials/again`
pub fn again(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let enrolment = asked.form.text("enrolment").and_then(|text| text.parse::<i64>().ok()).map(EnrolmentId);
    let key = asked.form.text("key").and_then(|text| text.parse::<i64>().ok()).map(KeyId);
    let (of, back) = match enrolment {
        None if key.is_some() => (key.map(Of::Key), frame::HOME.to_owned()),
        Some(id) => (Some(Of::Enrolment(id)), format!("/appstore/datamart/enrolments/{id}")),
        None => (flow::demo_key(conn, &guest.developer)?.map(|(id, _)| Of::Key(id)), frame::HOME.to_owned()),
    };
    let Some(of) = of else { return Ok(Shown::Nothing) };
    let said = match flow::send_again(app, conn, guest, of)? {
        None => return Ok(Shown::Nothing),
        Some(Again::Sent) => "link-sent",
        Some(Again::TooMany) => "link-not-sent",
        Some(Again::TakenBack) => "token-taken-back",
    };
    Ok(Shown::Go(format!("{back}?said={said}")))
}
