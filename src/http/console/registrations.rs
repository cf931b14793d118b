//! `/admin/registrations`: developers who wait to be activated, with their age against the promise; and the decision.

use crate::app::App;
use crate::base::id::DeveloperId;
use crate::base::{Fault, Problems, Timestamp};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::datamart::decide as flow;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Cell, Empty, Facts, Field, Filter, FormBlock, Notice, Pager, ROWS, Search, Section, Table, Tone};
use crate::platform::developer::Developer;
use crate::platform::form::paragraphs;
use crate::platform::registration::{PROMISED, Refusal, State, business_days};
use crate::store::Conn;

use super::frame;

const LIST: &str = "/admin/registrations";

/// How long a registration has waited, against what was promised.
fn age(developer: &Developer, now: Timestamp) -> Cell {
    let Some(since) = developer.verified_at.filter(|_| developer.state == State::Verified) else { return Cell::text("") };
    let days = business_days(since, now);
    let words = format!("{days} of {PROMISED} business days");
    Cell::badge(words, if days > PROMISED { Tone::Bad } else { Tone::Waiting })
}

/// `GET /admin/registrations`
pub fn list(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let wanted = asked.query.text("state").and_then(State::parse).unwrap_or(State::Verified);
    let part = asked.search();
    let mut found = flow::queue(conn, wanted, &part, DeveloperId(asked.after().unwrap_or(0)), i64::try_from(ROWS).unwrap_or(25) + 1)?;
    let after = asked.after().map(|after| after.to_string());
    let kept = [("q", part.as_str()), ("state", if wanted == State::Verified { "" } else { wanted.name() })];
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &kept, |developer| developer.id.to_string());
    let lede = format!("Everyone who verified their address hears from us within {PROMISED} business days.");
    let mut page = frame::page(guest, Area::Admin, &asked.path, "Registrations", &lede);
    page.notice = said::told(&asked.query);
    let rows = found
        .iter()
        .map(|developer| {
            vec![
                Cell::link(developer.facts.name(), format!("{LIST}/{}", developer.id)),
                Cell::text(developer.facts.company.clone()),
                Cell::text(developer.facts.email.clone()),
                Cell::Time(developer.verified_at.unwrap_or(developer.submitted_at)),
                age(developer, app.now()),
            ]
        })
        .collect();
    let options = State::ALL.into_iter().map(|state| (state.name(), words(state))).collect();
    let filter = Filter { name: "state", label: "State", options, chosen: wanted.name().to_owned() };
    let empty = Empty::new("No registration is waiting for us", "Developers who verified their address appear here.").searched(
        ("registration", "waiting registrations"),
        &part,
        wanted != State::Verified,
        LIST,
    );
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(LIST, "Name, company or address", part) }),
        Block::Table(Table {
            id: "registrations",
            caption: "Registrations".to_owned(),
            columns: vec!["Name", "Company", "E-mail", "Since", "Age"],
            rows,
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

const fn words(state: State) -> &'static str {
    match state {
        State::Submitted => "Address not verified yet",
        State::Verified => "Waiting for us",
        State::Activated => "Activated",
        State::Refused => "Refused",
        State::Expired => "Never verified",
    }
}

/// `GET /admin/registrations/{developer}`
pub fn show(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(developer) = flow::one(conn, DeveloperId(asked.number("developer")))? else { return Ok(Shown::Nothing) };
    let mut page = page(app, guest, asked, &developer, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(app: &App, guest: &Guest, asked: &Asked, developer: &Developer, form: &Form) -> ConsolePage {
    let facts = &developer.facts;
    let home = format!("{LIST}/{}", developer.id);
    let mut page = frame::page(guest, Area::Admin, &asked.path, &facts.name(), "");
    page.lede = format!("Of {}. {}.", facts.company.trim_end_matches('.'), words(developer.state));
    page.shell.crumbs = vec![("Registrations".to_owned(), LIST.to_owned())];
    let items = Facts::new(
        "who",
        [
            ("Name", Cell::text(facts.name())),
            ("Company", Cell::text(facts.company.clone())),
            ("E-mail", Cell::text(facts.email.clone())),
            ("Phone", Cell::text(facts.phone.clone())),
            ("Website", Cell::text(facts.website.clone())),
            ("Building", Cell::text(facts.building.clone())),
            ("Sent", Cell::Time(developer.submitted_at)),
            ("Address verified", Cell::time_or(developer.verified_at, "not yet")),
            ("Age", age(developer, app.now())),
            ("Decided", Cell::time_or(developer.decided_at, "not yet")),
            ("Reason", Cell::text(developer.reason.clone().unwrap_or_default())),
        ],
    );
    page.blocks = vec![Block::Section(Section::new("facts", "The registration", "", vec![Block::Facts(items)]))];
    if developer.state == State::Verified {
        let activate = FormBlock::new("activate-form", format!("{home}/activate"), ("activate", "Activate"), vec![]);
        let lede = "Creates a developer record and a demo key, and e-mails the developer.";
        page.blocks.push(Block::Section(Section::new("activate-section", "Yes", lede, vec![Block::Form(activate)])));
        let reason = Field::lines("reason", "Reason", 3).required().hint("The developer reads it.").from(form);
        let refuse = FormBlock::new("refuse-form", format!("{home}/refuse"), ("refuse", "Refuse"), vec![reason]).ends();
        let lede = "The developer cannot sign in with it, but may register again.";
        page.blocks.push(Block::Section(Section::new("refuse-section", "No", lede, vec![Block::Form(refuse)])));
    }
    page
}

fn decided(
    app: &App,
    conn: &mut Conn,
    guest: &Guest,
    asked: &Asked,
    outcome: Option<Result<(), Refusal>>,
    said: &str,
) -> Result<Shown, Fault> {
    let id = DeveloperId(asked.number("developer"));
    let why = match outcome {
        None => return Ok(Shown::Nothing),
        Some(Ok(())) => return Ok(Shown::Go(format!("{LIST}/{id}?said={said}"))),
        Some(Err(why)) => why,
    };
    let Some(developer) = flow::one(conn, id)? else { return Ok(Shown::Nothing) };
    let mut page = page(app, guest, asked, &developer, &Form::default());
    let sentence = match why {
        Refusal::NotVerified => "Nobody has verified the address yet.",
        Refusal::Over => "It was not verified in time.",
        _ => "It was already decided.",
    };
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", sentence));
    Ok(Shown::Conflict(Box::new(page)))
}

/// `POST /admin/registrations/{developer}/activate`
pub fn activate(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let outcome = flow::activate(app, conn, guest, DeveloperId(asked.number("developer")))?;
    decided(app, conn, guest, asked, outcome, "activated")
}

/// `POST /admin/registrations/{developer}/refuse`
pub fn refuse(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let id = DeveloperId(asked.number("developer"));
    let reason = match paragraphs(asked.form.text("reason").unwrap_or_default(), 2000) {
        Ok(reason) => reason,
        Err(why) => {
            let Some(developer) = flow::one(conn, id)? else { return Ok(Shown::Nothing) };
            let problems = Problems::one("reason", why);
            let mut page = page(app, guest, asked, &developer, &Form::sent(&asked.form, problems.clone()));
            page.notice = Some(Notice::problems(&problems));
            return Ok(Shown::Refused(Box::new(page)));
        }
    };
    let outcome = flow::refuse(app, conn, guest, id, &reason)?;
    decided(app, conn, guest, asked, outcome, "refused")
}
