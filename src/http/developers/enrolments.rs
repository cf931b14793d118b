//! `/appstore/datamart/enrolments`: how a developer's enrolments stand, and what can be done about them.

use crate::app::App;
use crate::base::id::EnrolmentId;
use crate::base::{Fault, Problems};
use crate::flows::datamart::answer::{self, Facts, Refusal};
use crate::flows::datamart::enrol;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::own::{self, Deed};
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Button, Cell, Empty, Field, FormBlock, Notice, Pager, ROWS, Section, Table, Tone};
use crate::platform::enrolment::{self, State};
use crate::platform::form::paragraphs;
use crate::store::Conn;

use super::{frame, story};

const LIST: &str = "/appstore/datamart/enrolments";
/// The longest comment. Units: characters.
const LONGEST: usize = 2000;

/// `GET /appstore/datamart/enrolments`
pub fn list(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let rows_wanted = i64::try_from(ROWS).unwrap_or(25);
    let mut found = enrol::mine(conn, guest, asked.after(), rows_wanted + 1)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &[], |enrolment| enrolment.id.to_string());
    let mut rows = Vec::new();
    for enrolment in &found {
        let Some((plan, content)) = enrol::content(conn, enrolment)? else { continue };
        rows.push(vec![
            Cell::link(enrolment.wish.application.clone(), format!("{LIST}/{}", enrolment.id)),
            Cell::text(content.name),
            Cell::text(plan.mls_name),
            story::badge(enrolment.progress.state),
            Cell::Time(enrolment.progress.submitted_at),
        ]);
    }
    let mut page = frame::page(guest, &asked.path, "Enrollments", "The plans you asked for, and how far each has come.");
    page.notice = said::told(&asked.query);
    let empty = Empty {
        link: Some(("Open the Datamart".to_owned(), "/appstore/datamart".to_owned())),
        ..Empty::new("You have not enrolled in a plan yet", "Find your MLS in the Datamart and read what it offers.")
    };
    page.blocks = vec![Block::Table(Table {
        id: "enrolments",
        caption: "Your enrollments".to_owned(),
        columns: vec!["Application", "Plan", "MLS", "State", "Sent"],
        rows,
        empty,
        pager,
    })];
    Ok(Shown::Page(Box::new(page)))
}

fn facts(conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Option<Facts>, Fault> {
    match enrol::one(conn, guest, EnrolmentId(asked.number("enrolment")))? {
        Some((enrolment, _)) => answer::facts(conn, enrolment),
        None => Ok(None),
    }
}

/// `GET /appstore/datamart/enrolments/{enrolment}`
pub fn one(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(facts) = facts(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &DeveloperGuest, asked: &Asked, facts: &Facts, form: &Form) -> ConsolePage {
    let (enrolment, progress) = (&facts.enrolment, &facts.enrolment.progress);
    let home = format!("{LIST}/{}", enrolment.id);
    let mut page = frame::page(guest, &asked.path, &enrolment.wish.application, "");
    page.lede = format!("{}, a plan of {}: {}.", facts.content.name, facts.plan.mls_name, progress.state.words().to_lowercase());
    page.shell.crumbs = vec![("Enrollments".to_owned(), LIST.to_owned())];
    if let Some(reason) = &enrolment.reason {
        page.blocks.push(Block::Notice(Notice::new("reason", Tone::Bad, "The reason:", reason.clone())));
    }
    if progress.state.is_open() && progress.accepted != progress.content {
        let sheet = FormBlock::new("accept-form", format!("{home}/accept"), ("accept", "Accept the new terms"), vec![])
            .sends("shown", progress.content.clone());
        let lede =
            format!("You accepted version {}; this is version {}. Its terms are below.", enrolment.accepted_version, enrolment.version);
        page.blocks.push(Block::Section(Section::new("accept-section", "The plan has changed", lede, vec![Block::Form(sheet)])));
    }
    if progress.state == State::Issued {
        let text = if enrolment.revealed_at.is_some() {
            "The credentials were shown. If you lost them, request a new link; opening it replaces the earlier token."
        } else {
            "Your credentials are behind the link in your e-mail. If you lost it, request a new one."
        };
        let button = Button {
            hidden: vec![("enrolment", enrolment.id.to_string())],
            ..Button::new("credentials-again", "Send me a new link", "/developers/credentials/again")
        };
        let blocks = vec![Block::Prose(vec![text.to_owned()]), Block::Buttons(vec![button])];
        page.blocks.push(Block::Section(Section::new("credentials", "Credentials", "", blocks)));
    }
    page.blocks.push(Block::Section(Section::new("story-section", "Progress", "", vec![story::timeline(facts)])));
    if progress.state.is_open() {
        let field = Field::lines("words", "Comment", 3).required().from(form);
        let sheet = FormBlock::new("comment-form", format!("{home}/comment"), ("comment", "Add comment"), vec![field]);
        let lede = "Everyone who is asked can read it.";
        page.blocks.push(Block::Section(Section::new("comment-section", "Comment", lede, vec![Block::Form(sheet)])));
        let sheet = FormBlock::new("withdraw-form", format!("{home}/withdraw"), ("withdraw", "Withdraw"), vec![]).ends();
        let lede = "No one is asked anymore. You can enroll again later.";
        page.blocks.push(Block::Section(Section::new("withdraw-section", "Withdraw", lede, vec![Block::Form(sheet)])));
    }
    page.blocks.push(story::wish(facts));
    page.blocks.extend(story::plan(&facts.content, &facts.plan.mls_name, enrolment.version));
    page
}

/// Why something cannot be done any more, for a person.
pub fn sentence(why: &Refusal) -> String {
    match why {
        Refusal::Rule(enrolment::Refusal::AlreadyDecided) => "This was already decided.",
        Refusal::Rule(enrolment::Refusal::AlreadyAnswered) => "You have answered already.",
        Refusal::Rule(enrolment::Refusal::NotYourTurn) => "It is not your turn yet: someone before you has to answer first.",
        Refusal::Rule(enrolment::Refusal::Over) => "It expired after thirty days.",
        Refusal::Rule(enrolment::Refusal::Stale) => "The plan has changed since you opened the page. Please read it again.",
        Refusal::Rule(enrolment::Refusal::ReasonMissing) => "Please give a reason: the developer reads it.",
        Refusal::RightLost => "You can no longer answer this: your role has changed.",
        Refusal::DeveloperClosed => "The developer's account is closed at the moment; nothing can be approved until that is settled.",
        Refusal::TooMuchToday => "You have reached today's limit of comments here. Try again tomorrow.",
        Refusal::TooMuch => "This enrollment has too many comments; please e-mail each other.",
        Refusal::Colleague(None) => "No one at your MLS has this login name.",
        Refusal::Colleague(Some(_)) => "This colleague cannot answer here.",
        Refusal::Rule(_) | Refusal::Foreign => "This cannot be done right now.",
    }
    .to_owned()
}

fn act(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked, deed: &Deed, said: &str) -> Result<Shown, Fault> {
    let id = EnrolmentId(asked.number("enrolment"));
    let why = match own::act(app, conn, guest, id, deed)? {
        Ok(_) => return Ok(Shown::Go(format!("{LIST}/{id}?said={said}"))),
        Err(Refusal::Foreign) => return Ok(Shown::Nothing),
        Err(why) => why,
    };
    let Some(facts) = facts(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", sentence(&why)));
    Ok(Shown::Conflict(Box::new(page)))
}

/// `POST /appstore/datamart/enrolments/{enrolment}/withdraw`
pub fn withdraw(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    act(app, conn, guest, asked, &Deed::Withdraw, "withdrawn")
}

/// `POST /appstore/datamart/enrolments/{enrolment}/accept`
pub fn accept(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let shown = asked.form.text("shown").unwrap_or_default().to_owned();
    act(app, conn, guest, asked, &Deed::Accept(shown), "accepted")
}

/// `POST /appstore/datamart/enrolments/{enrolment}/comment`
pub fn comment(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    match paragraphs(asked.form.text("words").unwrap_or_default(), LONGEST) {
        Ok(words) => act(app, conn, guest, asked, &Deed::Say(words), "commented"),
        Err(why) => {
            let Some(facts) = facts(conn, guest, asked)? else { return Ok(Shown::Nothing) };
            let problems = Problems::one("words", why);
            let mut page = page(guest, asked, &facts, &Form::sent(&asked.form, problems.clone()));
            page.notice = Some(Notice::problems(&problems));
            Ok(Shown::Refused(Box::new(page)))
        }
    }
}
