//! `/mls/enrolments`: enrolments in the plans of an MLS, those that wait for it first.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::EnrolmentId;
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::look;
use crate::flows::datamart::answer;
use crate::http::console::frame;
use crate::http::developers::story;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, CardLink, Cell, Empty, Facts, Filter, Notice, Pager, Search, Section, Table, Tone};
use crate::platform::approval::Place;
use crate::platform::enrolment::State;
use crate::store::Conn;

use super::ROWS_AND_ONE;

const LIST: &str = "/mls/enrolments";

/// What can be chosen, with the states it stands for.
const CHOICES: [(&str, &str, &[State]); 5] = [
    ("", "Waiting for us", &[State::Awaiting(Place::Association)]),
    ("others", "Waiting for others", &[State::Awaiting(Place::Agent), State::Awaiting(Place::Broker), State::AwaitingDeveloper]),
    ("issued", "Issued", &[State::Issued]),
    ("over", "Declined, expired or withdrawn", &[State::Declined, State::Expired, State::Withdrawn]),
    ("all", "All", &State::ALL),
];

/// `GET /mls/enrolments`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let word = asked.query.text("state").unwrap_or_default();
    let Some((chosen, words, states)) = CHOICES.iter().find(|(known, ..)| *known == word).or(CHOICES.first()) else {
        return Ok(Shown::Nothing);
    };
    let mut found = look::enrolments(conn, guest, states, &part, asked.after().unwrap_or(i64::MAX), ROWS_AND_ONE)?;
    let after = asked.after().map(|after| after.to_string());
    let kept = [("q", part.as_str()), ("state", chosen)];
    let pager = Pager::cut(LIST, &mut found, after.as_deref(), &kept, |(enrolment, ..)| enrolment.id.to_string());
    let rows = found
        .iter()
        .map(|(enrolment, plan, company)| {
            let progress = &enrolment.progress;
            vec![
                Cell::link(enrolment.wish.application.clone(), format!("{LIST}/{}", enrolment.id)),
                Cell::text(company.clone()),
                Cell::text(plan.clone()),
                story::badge(progress.state),
                Cell::Time(progress.submitted_at),
                if progress.state.is_open() { Cell::Time(progress.expires_at()) } else { Cell::text("") },
            ]
        })
        .collect();
    let mut page = frame::page(guest, Area::Mls, &asked.path, "Enrollments", "Developers who want to use your data, newest first.");
    page.notice = said::told(&asked.query);
    let options = CHOICES.iter().map(|(word, words, _)| (*word, *words)).collect();
    let filter = Filter { name: "state", label: "State", options, chosen: (*chosen).to_owned() };
    let text = "When the agent and the broker have approved a request, it appears here and you get an e-mail.";
    let all = format!("{LIST}?state=all");
    let empty =
        Empty::new("No enrollment is waiting for you", text).searched(("enrollment", "enrollments"), &part, !chosen.is_empty(), &all);
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(LIST, "Application or company", part) }),
        Block::Table(Table {
            id: "enrolments",
            caption: format!("Enrollments: {}", words.to_lowercase()),
            columns: vec!["Application", "Company", "Plan", "State", "Sent", "Expires"],
            rows,
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `GET /mls/enrolments/{enrolment}`
pub fn show(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(enrolment) = look::enrolment(conn, guest, EnrolmentId(asked.number("enrolment")))? else { return Ok(Shown::Nothing) };
    let Some(facts) = answer::facts(conn, enrolment)? else { return Ok(Shown::Nothing) };
    let (enrolment, who) = (&facts.enrolment, &facts.developer.facts);
    let mut page = frame::page(guest, Area::Mls, &asked.path, &enrolment.wish.application, "");
    page.lede = format!("{} of {} wants {}.", who.name(), who.company, facts.content.name.trim_end_matches('.'));
    page.shell.crumbs = vec![("Enrollments".to_owned(), LIST.to_owned())];
    let progress = &enrolment.progress;
    let mine = progress.state.is_open() && progress.waits_for().is_some_and(|step| step.addressees.contains(&guest.account.id));
    if mine {
        page.action = Some(CardLink::action("answer", "Review and decide", format!("/account/approvals/{}", enrolment.id)));
        page.blocks.push(Block::Notice(Notice::new(
            "yours",
            Tone::Waiting,
            "This is waiting for you.",
            "Review what is below, then decide.",
        )));
    }
    if let Some(reason) = &enrolment.reason {
        page.blocks.push(Block::Notice(Notice::new("reason", Tone::Bad, "The reason:", reason.clone())));
    }
    let developer = Facts::new(
        "developer",
        [
            ("State", story::badge(progress.state)),
            ("Name", Cell::text(who.name())),
            ("Company", Cell::text(who.company.clone())),
            ("E-mail", Cell::text(who.email.clone())),
            ("Phone", Cell::text(who.phone.clone())),
            ("Website", Cell::text(who.website.clone())),
            ("Key", enrolment.key_id.map_or_else(|| Cell::text(""), |key| Cell::link("View key", format!("/mls/keys/{key}")))),
        ],
    );
    page.blocks.push(Block::Section(Section::new("developer-section", "Developer", "", vec![Block::Facts(developer)])));
    page.blocks.push(Block::Section(Section::new("story-section", "Progress", "", vec![story::timeline(&facts)])));
    page.blocks.push(story::wish(&facts));
    page.blocks.extend(story::plan(&facts.content, &facts.plan.mls_name, enrolment.version));
    Ok(Shown::Page(Box::new(page)))
}
