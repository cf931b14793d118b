//! `/mls/plans`: what an MLS offers to developers, in versions.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::PlanId;
use crate::flows::console::enter::{Area, Guest};
use crate::flows::datamart::plans::{self as flow, PlanRefusal};
use crate::http::console::frame;
use crate::http::developers::story;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::{Form, found};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Cell, Empty, FormBlock, Notice, Pager, Search, Section, Table, Tone};
use crate::platform::plan::{Plan, Refusal};
use crate::store::Conn;

use super::{ROWS_AND_ONE, plan_form};

const LIST: &str = "/mls/plans";

fn badge(plan: &Plan) -> Cell {
    if plan.ended_at.is_some() { Cell::badge("Ended", Tone::Plain) } else { Cell::badge("Offered", Tone::Good) }
}

/// `GET /mls/plans`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let mut all = flow::of_mine(conn, guest, &part, asked.after(), ROWS_AND_ONE)?;
    let after = asked.after().map(|after| after.to_string());
    let pager = Pager::cut(LIST, &mut all, after.as_deref(), &[("q", part.as_str())], |plan| plan.id.to_string());
    let rows = all
        .iter()
        .map(|plan| {
            vec![
                Cell::link(plan.content.name.clone(), format!("{LIST}/{}", plan.id)),
                Cell::text(plan.content.price()),
                Cell::text(plan.content.role.name()),
                Cell::text(plan.version.to_string()),
                Cell::Day(plan.published_at.day()),
                badge(plan),
            ]
        })
        .collect();
    let mut page = frame::page(guest, Area::Mls, &asked.path, "Plans", "What developers find in the Datamart under the name of your MLS.");
    page.notice = said::told(&asked.query);
    page.action = Some(CardLink::action("new", "Add a plan", format!("{LIST}/new")));
    let empty = Empty {
        link: Some(("Add a plan".to_owned(), format!("{LIST}/new"))),
        ..Empty::new("No plan yet", "Without a plan, developers cannot enroll, and you issue every key by hand.")
    };
    let empty = empty.searched(("plan", "plans"), &part, false, LIST);
    page.blocks = vec![
        Block::Search(Search::new(LIST, "Name or description", part)),
        Block::Table(Table {
            id: "plans",
            caption: "Plans".to_owned(),
            columns: vec!["Plan", "Price", "Role", "Version", "Since", "State"],
            rows,
            empty,
            pager,
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn crumbs(page: &mut ConsolePage, plan: Option<&Plan>) {
    page.shell.crumbs = vec![("Plans".to_owned(), LIST.to_owned())];
    page.shell.crumbs.extend(plan.map(|plan| (plan.content.name.clone(), format!("{LIST}/{}", plan.id))));
}

fn mine(conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Option<Plan>, Fault> {
    flow::mine(conn, guest, PlanId(asked.number("plan")))
}

/// `GET /mls/plans/{plan}`
pub fn show(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = mine(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    Ok(Shown::Page(Box::new(page(guest, asked, &plan))))
}

fn page(guest: &Guest, asked: &Asked, plan: &Plan) -> ConsolePage {
    let mut page = frame::page(guest, Area::Mls, &asked.path, &plan.content.name, "");
    page.lede = format!("Version {}, published on {}.", plan.version, crate::http::pages::parts::day(&plan.published_at.day()));
    page.notice = said::told(&asked.query);
    crumbs(&mut page, None);
    let home = format!("{LIST}/{}", plan.id);
    if plan.ended_at.is_some() {
        let text = "No one can enroll, and keys issued under it no longer work.";
        page.blocks.push(Block::Notice(Notice::new("ended", Tone::Plain, "This plan has ended.", text)));
    } else {
        page.action = Some(CardLink::action("edit", "Publish a new version", format!("{home}/edit")));
    }
    page.blocks.extend(story::plan(&plan.content, &plan.mls_name, plan.version));
    if !plan.content.questions.is_empty() {
        let asked = vec![Block::Prose(plan.content.questions.clone())];
        page.blocks.push(Block::Section(Section::new("questions-section", "Developers are asked", "", asked)));
    }
    if plan.ended_at.is_none() {
        let link = CardLink {
            about: "No one can enroll anymore, and its keys are switched off.".to_owned(),
            ..CardLink::action("to-end", "End this plan", format!("{home}/end"))
        };
        page.blocks.push(Block::Links(vec![link]));
    }
    page
}

fn sheet(guest: &Guest, asked: &Asked, plan: Option<&Plan>, form: &Form) -> ConsolePage {
    let (title, lede, button) = match plan {
        None => ("Add a plan", "Developers can enroll as soon as you publish it.", "Publish the plan"),
        Some(_) => (
            "Publish a new version",
            "Enrollments in progress start over with the first approval. Keys already issued are not affected.",
            "Publish the new version",
        ),
    };
    let mut page = frame::page(guest, Area::Mls, &asked.path, title, lede);
    crumbs(&mut page, plan);
    let back = plan.map_or_else(|| LIST.to_owned(), |plan| format!("{LIST}/{}", plan.id));
    let mut sheet = FormBlock::new("plan-form", asked.path.clone(), ("publish", button), plan_form::fields(form)).cancel(back);
    if let Some(plan) = plan {
        sheet = sheet.sends("version", plan.version.to_string());
    }
    page.blocks = vec![Block::Section(Section::new("plan-section", "The plan", "", vec![Block::Form(sheet)]))];
    page
}

/// `GET /mls/plans/new`
#[expect(clippy::unnecessary_wraps, reason = "as every page's work is written")]
pub fn new(_: &App, _: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    Ok(Shown::Page(Box::new(sheet(guest, asked, None, &plan_form::blank()))))
}

/// `POST /mls/plans/new`
pub fn add(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    match flow::add(app, conn, guest, plan_form::typed(&asked.form))? {
        Ok(id) => Ok(Shown::Go(format!("{LIST}/{id}?said=published"))),
        Err(why) => Ok(refused(guest, asked, None, &why)),
    }
}

/// `GET /mls/plans/{plan}/edit`
pub fn edit(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = mine(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    Ok(Shown::Page(Box::new(sheet(guest, asked, Some(&plan), &plan_form::filled(&plan.content)))))
}

/// `POST /mls/plans/{plan}/edit`
pub fn publish(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = mine(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    // Who changes a version that a colleague has replaced meanwhile must not undo it unseen.
    if asked.form.text("version") != Some(plan.version.to_string().as_str()) {
        return Ok(refused(guest, asked, Some(&plan), &PlanRefusal::Changed));
    }
    match flow::publish(app, conn, guest, plan.id, plan_form::typed(&asked.form))? {
        Ok(_) => Ok(Shown::Go(format!("{LIST}/{}?said=published", plan.id))),
        Err(why) => Ok(refused(guest, asked, Some(&plan), &why)),
    }
}

fn refused(guest: &Guest, asked: &Asked, plan: Option<&Plan>, why: &PlanRefusal) -> Shown {
    let sentence = match why {
        PlanRefusal::Foreign => return Shown::Nothing,
        PlanRefusal::Form(problems) => {
            let problems = found(problems);
            let mut page = sheet(guest, asked, plan, &Form::sent(&asked.form, problems.clone()));
            page.notice = Some(Notice::problems(&problems));
            return Shown::Refused(Box::new(page));
        }
        PlanRefusal::Rule(Refusal::Ended) => "This plan has ended and cannot be changed.",
        PlanRefusal::Rule(Refusal::Same) => "Nothing is different from the current version.",
        PlanRefusal::Changed => "Someone published another version in the meantime. What you typed is below: compare, then publish again.",
    };
    let mut page = sheet(guest, asked, plan, &Form::sent(&asked.form, crate::base::Problems::default()));
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was published.", sentence));
    Shown::Conflict(Box::new(page))
}

/// `GET /mls/plans/{plan}/end`
pub fn ask_to_end(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = mine(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    Ok(Shown::Page(Box::new(ending(guest, asked, &plan))))
}

fn ending(guest: &Guest, asked: &Asked, plan: &Plan) -> ConsolePage {
    let lede = "Open enrollments end, every key issued under it is switched off immediately, and the plan cannot be offered again.";
    let mut page = frame::page(guest, Area::Mls, &asked.path, &format!("End {}?", plan.content.name), lede);
    crumbs(&mut page, Some(plan));
    let sheet =
        FormBlock::new("end-form", asked.path.clone(), ("end", "End the plan"), vec![]).ends().cancel(format!("{LIST}/{}", plan.id));
    page.blocks = vec![Block::Section(Section::new("end-section", "This cannot be undone", "", vec![Block::Form(sheet)]))];
    page
}

/// `POST /mls/plans/{plan}/end`
pub fn end(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = mine(conn, guest, asked)? else { return Ok(Shown::Nothing) };
    if flow::end(app, conn, guest, plan.id)?.is_ok() {
        return Ok(Shown::Go(format!("{LIST}/{}?said=ended", plan.id)));
    }
    let mut page = ending(guest, asked, &plan);
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", "This plan has already ended."));
    Ok(Shown::Conflict(Box::new(page)))
}
