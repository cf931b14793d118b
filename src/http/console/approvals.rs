//! `/account/approvals`: what waits for somebody's answer, all the facts of it, and the answer.

use crate::app::App;
use crate::base::id::EnrolmentId;
use crate::base::{Fault, Problems};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::datamart::answer::{self as flow, Answer, Facts, Led, Refusal};
use crate::flows::datamart::link::{Carried, Purpose};
use crate::http::developers::story;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{
    Block, CardLink, Cell, Empty, Facts as FactList, Field, FormBlock, Notice, Pager, ROWS, Section, Table, Tone,
};
use crate::platform::approval::Place;
use crate::platform::enrolment::State;
use crate::platform::form::{line, paragraphs};
use crate::platform::wish::Enrolment;
use crate::store::Conn;

use super::frame;

const LIST: &str = "/account/approvals";
/// The longest reason or comment. Units: characters.
const LONGEST: usize = 2000;

/// `GET /account/approvals`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let lede = "Developers who need your approval to use data, oldest first.";
    let mut page = frame::page(guest, Area::Account, &asked.path, "Approvals", lede);
    page.notice = said::told(&asked.query);
    let rows = flow::waiting(conn, guest)?
        .into_iter()
        .map(|(enrolment, plan, company)| {
            vec![
                Cell::link(enrolment.wish.application.clone(), format!("{LIST}/{}", enrolment.id)),
                Cell::text(company),
                Cell::text(plan.content.name),
                Cell::Time(enrolment.progress.waiting_since),
                Cell::Time(enrolment.progress.expires_at()),
            ]
        })
        .collect();
    let waiting = Table {
        id: "approvals",
        caption: "Waiting for your answer".to_owned(),
        columns: vec!["Application", "Company", "Plan", "Waiting since", "Expires"],
        rows,
        empty: Empty::new(
            "Nothing is waiting for you",
            "When a developer needs your approval, you get an e-mail, and the request appears here.",
        ),
        pager: Pager::default(),
    };
    page.blocks = vec![
        Block::Section(Section::new("waiting", "Waiting for you", "", vec![Block::Table(waiting)])),
        Block::Section(Section::new("answered", "What you approved", "Vendors you approved.", vec![approved(conn, guest, asked)?])),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// Who acts on this person's word, and under which plan.
fn approved(conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Block, Fault> {
    let mut found = flow::approved(conn, guest, asked.after(), i64::try_from(ROWS).unwrap_or(25) + 1)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &[], |(enrolment, ..)| enrolment.id.to_string());
    let rows = found
        .into_iter()
        .map(|(enrolment, plan, company)| {
            vec![
                Cell::link(enrolment.wish.application.clone(), format!("{LIST}/{}", enrolment.id)),
                Cell::text(company),
                Cell::text(plan.content.name),
                story::badge(enrolment.progress.state),
                Cell::Day(enrolment.progress.submitted_at.day()),
            ]
        })
        .collect();
    Ok(Block::Table(Table {
        id: "approved",
        caption: "What you approved".to_owned(),
        columns: vec!["Application", "Company", "Plan", "State", "Sent"],
        rows,
        empty: Empty::new("Nothing yet", "Requests you approve are listed here."),
        pager,
    }))
}

/// `GET /account/approvals/letter/{flow}`
pub fn letter(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(id) = Carried::open(app, &asked.browser, Purpose::Approval, asked.part("flow")) else { return Ok(Shown::Nothing) };
    let (title, lede, forbidden) = match flow::led(app, conn, guest, id)? {
        Led::To(enrolment) => return Ok(Shown::Go(format!("{LIST}/{enrolment}"))),
        Led::Over => ("This link is no longer valid", "It was already answered, it expired, or a newer e-mail was sent.", false),
        Led::NotYours => {
            ("This e-mail was sent to someone else", "You are signed in with a different login than the one it was sent to.", true)
        }
    };
    let mut page = frame::page(guest, Area::Account, &asked.path, title, lede);
    page.blocks = vec![Block::Links(vec![CardLink {
        about: "Everything you are asked to approve is listed there.".to_owned(),
        ..CardLink::action("to-approvals", "See what is waiting for you", LIST)
    }])];
    Ok(if forbidden { Shown::Forbidden(Box::new(page)) } else { Shown::Gone(Box::new(page)) })
}

/// `GET /account/approvals/{enrolment}`
pub fn show(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(facts) = flow::look(conn, guest, EnrolmentId(asked.number("enrolment")))? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

/// Where this person may answer now.
fn turn(guest: &Guest, facts: &Facts) -> Option<Place> {
    let progress = &facts.enrolment.progress;
    progress.waits_for().filter(|step| progress.state.is_open() && step.addressees.contains(&guest.account.id)).map(|step| step.place)
}

fn page(guest: &Guest, asked: &Asked, facts: &Facts, form: &Form) -> ConsolePage {
    let (enrolment, who) = (&facts.enrolment, &facts.developer.facts);
    let home = format!("{LIST}/{}", enrolment.id);
    let (area, list) = console(guest);
    // Staff stay in the console they came from.
    let here = if area == Area::Mls { list } else { asked.path.as_str() };
    let mut page = frame::page(guest, area, here, &enrolment.wish.application, "");
    page.lede = format!("{} of {} wants to use data of {}: {}.", who.name(), who.company, facts.plan.mls_name, facts.content.name);
    let crumb = if area == Area::Mls { "Enrollments" } else { "Approvals" };
    page.shell.crumbs = vec![(crumb.to_owned(), list.to_owned())];
    let turn = turn(guest, facts);
    if turn.is_some() {
        page.action = Some(CardLink::action("to-decision", "Go to your decision", "#decision-section"));
    } else {
        let text = enrolment.progress.state.words().replace("for you: the", "for the developer: the");
        page.blocks.push(Block::Notice(Notice::new("standing", Tone::Plain, "Nothing is waiting for you here.", format!("{text}."))));
    }
    let developer = FactList::new(
        "developer",
        [
            ("Name", Cell::text(who.name())),
            ("Company", Cell::text(who.company.clone())),
            ("E-mail", Cell::text(who.email.clone())),
            ("Phone", Cell::text(who.phone.clone())),
            ("Website", Cell::text(who.website.clone())),
            ("Building", Cell::text(who.building.clone())),
        ],
    );
    let lede = "Their e-mail address is verified, and the platform's staff activated them.";
    page.blocks.push(Block::Section(Section::new("developer-section", "Developer", lede, vec![Block::Facts(developer)])));
    page.blocks.push(story::wish(facts));
    page.blocks.extend(story::plan(&facts.content, &facts.plan.mls_name, enrolment.version));
    if let Some(place) = turn {
        page.blocks.push(decision(&home, enrolment, place, form));
    }
    page.blocks.push(Block::Section(Section::new("story-section", "Progress", "", vec![story::timeline(facts)])));
    if !enrolment.progress.state.is_open() {
        return page;
    }
    let field = Field::lines("words", "Comment", 3).required().from(form);
    let sheet = FormBlock::new("comment-form", format!("{home}/comment"), ("comment", "Add comment"), vec![field]);
    let lede = "The developer and everyone who is asked can read it.";
    page.blocks.push(Block::Section(Section::new("comment-section", "Comment", lede, vec![Block::Form(sheet)])));
    page
}

/// The three ways to answer, side by side under one heading.
fn decision(home: &str, enrolment: &Enrolment, place: Place, form: &Form) -> Block {
    let shown = enrolment.progress.content.clone();
    let approve = FormBlock::new("approve-form", format!("{home}/approve"), ("approve", "Approve"), vec![]).sends("shown", shown.clone());
    let lede = "Your approval covers exactly what is shown above.";
    let mut ways = vec![Block::Section(Section::new("approve-section", "Approve", lede, vec![Block::Form(approve)]))];
    let reason = Field::lines("reason", "Reason", 3).required().hint("The developer reads it.").from(form);
    let decline = FormBlock::new("decline-form", format!("{home}/decline"), ("decline", "Decline"), vec![reason])
        .sends("shown", shown.clone())
        .ends();
    let lede = "This ends the request; no one else is asked.";
    ways.push(Block::Section(Section::new("decline-section", "Decline", lede, vec![Block::Form(decline)])));
    if place != Place::Agent {
        let login = Field::line("login", "Login name of a colleague").required().from(form);
        let delegate =
            FormBlock::new("delegate-form", format!("{home}/delegate"), ("delegate", "Hand over"), vec![login]).sends("shown", shown);
        let lede = match place {
            Place::Broker => "Someone in the same office, who answers instead of you.",
            _ => "Someone on the association's staff, who answers instead of you.",
        };
        ways.push(Block::Section(Section::new("delegate-section", "Hand to a colleague", lede, vec![Block::Form(delegate)])));
    }
    let lede = format!("You are asked as the {}.", place.name());
    Block::Section(Section::new("decision-section", "Your decision", lede, ways))
}

/// In which console somebody answers, and the list that leads there: staff of an MLS have theirs.
fn console(guest: &Guest) -> (Area, &'static str) {
    if guest.may_enter(Area::Mls) { (Area::Mls, "/mls/enrolments") } else { (Area::Account, LIST) }
}

/// What is said of an approval, by what comes next.
const fn after_approval(state: State) -> &'static str {
    match state {
        State::Issued => "approved-issued",
        State::AwaitingDeveloper => "approved-terms",
        State::Awaiting(Place::Broker) => "approved-broker",
        State::Awaiting(Place::Association) => "approved-association",
        _ => "approved",
    }
}

fn take(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked, answer: &Answer, said: &str) -> Result<Shown, Fault> {
    let id = EnrolmentId(asked.number("enrolment"));
    let shown = asked.form.text("shown").unwrap_or_default();
    let why = match flow::take(app, conn, guest, id, shown, answer)? {
        // Who handed on is not asked any more: the page is his colleague's now.
        Ok(_) if matches!(answer, Answer::Delegate(_)) => return Ok(Shown::Go(format!("{}?said={said}", console(guest).1))),
        Ok(enrolment) => {
            let said = if *answer == Answer::Approve { after_approval(enrolment.progress.state) } else { said };
            return Ok(Shown::Go(match console(guest) {
                // Whoever works through a list goes back to it; a comment is read where it was written.
                (Area::Mls, list) if !matches!(answer, Answer::Say(_)) => format!("{list}?said={said}"),
                _ => format!("{LIST}/{id}?said={said}"),
            }));
        }
        Err(Refusal::Foreign) => return Ok(Shown::Nothing),
        Err(why) => why,
    };
    let Some(facts) = flow::look(conn, guest, id)? else { return Ok(Shown::Nothing) };
    if let Refusal::Colleague(_) = why {
        return Ok(Shown::Refused(Box::new(refused(guest, asked, &facts, "login", sentence(&why)))));
    }
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = Some(Notice::new("problem", Tone::Bad, "Your answer was not recorded.", sentence(&why)));
    Ok(if why == Refusal::RightLost { Shown::Forbidden(Box::new(page)) } else { Shown::Conflict(Box::new(page)) })
}

fn sentence(why: &Refusal) -> String {
    crate::http::developers::sentence(why)
}

fn refused(guest: &Guest, asked: &Asked, facts: &Facts, field: &'static str, why: String) -> ConsolePage {
    let problems = Problems::one(field, why);
    let mut page = page(guest, asked, facts, &Form::sent(&asked.form, problems.clone()));
    page.notice = Some(Notice::problems(&problems));
    page
}

/// Reads the one text of a form, or shows the page again with what is wrong with it.
fn text(
    conn: &mut Conn,
    guest: &Guest,
    asked: &Asked,
    field: &'static str,
    read: Result<String, &'static str>,
) -> Result<Result<String, Shown>, Fault> {
    match read {
        Ok(text) => Ok(Ok(text)),
        Err(why) => Ok(Err(match flow::look(conn, guest, EnrolmentId(asked.number("enrolment")))? {
            Some(facts) => Shown::Refused(Box::new(refused(guest, asked, &facts, field, why.to_owned()))),
            None => Shown::Nothing,
        })),
    }
}

/// `POST /account/approvals/{enrolment}/approve`
pub fn approve(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    take(app, conn, guest, asked, &Answer::Approve, "approved")
}

/// `POST /account/approvals/{enrolment}/decline`
pub fn decline(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let read = paragraphs(asked.form.text("reason").unwrap_or_default(), LONGEST);
    match text(conn, guest, asked, "reason", read)? {
        Ok(reason) => take(app, conn, guest, asked, &Answer::Decline(reason), "declined"),
        Err(shown) => Ok(shown),
    }
}

/// `POST /account/approvals/{enrolment}/delegate`
pub fn delegate(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    match text(conn, guest, asked, "login", line(asked.form.text("login").unwrap_or_default(), 256))? {
        Ok(login) => take(app, conn, guest, asked, &Answer::Delegate(login), "delegated"),
        Err(shown) => Ok(shown),
    }
}

/// `POST /account/approvals/{enrolment}/comment`
pub fn comment(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let read = paragraphs(asked.form.text("words").unwrap_or_default(), LONGEST);
    match text(conn, guest, asked, "words", read)? {
        Ok(words) => take(app, conn, guest, asked, &Answer::Say(words), "commented"),
        Err(shown) => Ok(shown),
    }
}
