//! `/mls/keys` and `/admin/keys`: keys, their suspension with a reason, and their developer's word to it.

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Problems};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::keys::{self as flow, Facts};
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::key_state::{badge, token_badge};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{
    Block, CardLink, Cell, Empty, Facts as FactList, Field, Filter, FormBlock, Notice, Pager, Search, Section, Step, StepState, Table,
    Timeline, Tone, moment,
};
use crate::platform::form::paragraphs;
use crate::platform::lines::KeyState;
use crate::platform::suspension::Refusal;
use crate::store::Conn;

use super::{ROWS_AND_ONE, area, root};

/// The longest reason. Units: characters.
const LONGEST: usize = 2000;

/// `GET /mls/keys` and `GET /admin/keys`
pub fn list(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let area = area(asked);
    let home = format!("{}/keys", root(area));
    let part = asked.search();
    let state = asked.query.text("state").and_then(KeyState::parse);
    let wanted = flow::Wanted { part: part.clone(), state, before: asked.after(), limit: ROWS_AND_ONE, ..flow::Wanted::default() };
    let mut found = flow::list(conn, &guest.reach(area), &wanted)?;
    let after = asked.after().map(|after| after.to_string());
    let kept = [("q", part.as_str()), ("state", state.map_or("", KeyState::name))];
    let pager = Pager::cut(&home, &mut found, after.as_deref(), &kept, |line| line.id.to_string());
    let rows = found
        .iter()
        .map(|line| {
            let mut cells = vec![
                Cell::Lines(vec![Cell::link(line.name.clone(), format!("{home}/{}", line.id)), Cell::Code(line.client_id.clone())]),
                Cell::text(line.developer.clone().unwrap_or_default()),
                Cell::text(line.roles.replace(' ', ", ")),
                badge(line.state),
                Cell::day_or(line.last_active.as_deref(), "Never used"),
            ];
            if area == Area::Admin {
                cells.insert(2, Cell::text(line.mls.clone().unwrap_or_default()));
            }
            cells
        })
        .collect();
    let mut columns = vec!["Application", "Developer", "Roles", "State", "Last used"];
    if area == Area::Admin {
        columns.insert(2, "MLS");
    }
    let lede = if area == Area::Admin { "Keys of every MLS, newest first." } else { "Keys that open data of your MLS, newest first." };
    let mut page = frame::page(guest, area, &asked.path, "Keys", lede);
    page.notice = said::told(&asked.query);
    page.action = Some(CardLink::action("issue", "Issue a key", format!("{home}/new")));
    let mut options = vec![("", "Every state")];
    options.extend(KeyState::ALL.iter().map(|state| (state.name(), state.words())));
    let filter = Filter { name: "state", label: "State", options, chosen: state.map_or("", KeyState::name).to_owned() };
    let empty = Empty::new("No key yet", "A key appears here when an enrollment is approved, or when you issue one.").searched(
        ("key", "keys"),
        &part,
        state.is_some(),
        &home,
    );
    page.blocks = vec![
        Block::Search(Search { filters: vec![filter], ..Search::new(home, "Application, developer or key", part) }),
        Block::Table(Table { id: "keys", caption: "Keys".to_owned(), columns, rows, empty, pager }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `GET /mls/keys/{key}` and `GET /admin/keys/{key}`
pub fn show(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let area = area(asked);
    let Some(facts) = flow::one(conn, &guest.reach(area), KeyId(asked.number("key")))? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn state(facts: &Facts) -> KeyState {
    KeyState::of(facts.registered.key.enabled, facts.running())
}

fn page(guest: &Guest, asked: &Asked, facts: &Facts, form: &Form) -> ConsolePage {
    let area = area(asked);
    let key = &facts.registered.key;
    let list = format!("{}/keys", root(area));
    let home = format!("{list}/{}", key.id);
    let company = facts.identity.as_ref().map(|identity| identity.facts.company.clone()).unwrap_or_default();
    let lede = if company.is_empty() { String::new() } else { format!("An application of {}.", company.trim_end_matches('.')) };
    let mut page = frame::page(guest, area, &asked.path, &key.name, &lede);
    page.shell.crumbs = vec![("Keys".to_owned(), list)];
    page.blocks.push(Block::Section(Section::new("key-section", "About this key", "", vec![Block::Facts(about(facts, area))])));
    page.blocks.push(decision(facts, area, &home, form));
    if facts.can_be_verified() {
        let sheet = FormBlock::new("verify-form", format!("{home}/verify"), ("verify", "Mark as verified"), vec![]);
        let lede = "No one has checked whose application it is, or its developer changed its name or addresses since. People who are asked \
                    to allow it are told so.";
        page.blocks.push(Block::Section(Section::new("verify-section", "Not verified", lede, vec![Block::Form(sheet)])));
    }
    if let Some((approval, by)) = &facts.approval {
        let items = FactList::new(
            "approval",
            [
                ("Approved by", Cell::text(approval.approved_by.clone())),
                ("On", Cell::Day(approval.approved_on.clone())),
                ("Document", Cell::text(approval.document.clone())),
                ("Issued by", Cell::text(by.clone())),
                ("Issued", Cell::Time(approval.recorded_at)),
            ],
        );
        page.blocks.push(Block::Section(Section::new(
            "approval-section",
            "Issued by hand",
            "Based on this approval:",
            vec![Block::Facts(items)],
        )));
    }
    if !facts.suspensions.is_empty() {
        page.blocks.push(Block::Section(Section::new("story-section", "Suspensions", "", vec![story(facts)])));
    }
    if !facts.tokens.is_empty() {
        page.blocks.push(Block::Section(Section::new(
            "tokens-section",
            "Personal tokens",
            "Their values are never shown.",
            vec![tokens(facts)],
        )));
    }
    page
}

fn about(facts: &Facts, area: Area) -> FactList {
    let (key, client) = (&facts.registered.key, &facts.registered.client);
    let developer = facts.identity.as_ref().map_or_else(
        || Cell::text("None"),
        |identity| {
            let name = format!("{} {}", identity.facts.first_name, identity.facts.last_name);
            let words =
                [name.trim(), identity.facts.company.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            if area == Area::Admin { Cell::link(words, format!("/admin/developers/{}", identity.id)) } else { Cell::text(words) }
        },
    );
    let uris: Vec<String> = client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
    let enrolment = facts.enrolment.filter(|_| area == Area::Mls);
    FactList::new(
        "key",
        [
            ("State", badge(state(facts))),
            ("Key (client_id)", Cell::Code(key.key.clone())),
            ("Developer", developer),
            ("E-mail", Cell::text(facts.identity.as_ref().map(|identity| identity.facts.email.clone()).unwrap_or_default())),
            ("MLS", Cell::text(facts.mls.as_ref().map(|mls| mls.name.clone()).unwrap_or_default())),
            ("Website", Cell::text(key.application_uri.clone())),
            ("Verified", Cell::text(if client.policy.verified { "Yes" } else { "No" })),
            ("Roles", Cell::List(key.role_names.clone())),
            ("Redirect addresses", Cell::List(uris)),
            ("Came from", enrolment.map_or_else(|| Cell::text(""), |id| Cell::link("this enrollment", format!("/mls/enrolments/{id}")))),
            ("Last used", Cell::day_or(key.last_active.as_deref(), "Never used")),
            ("Issued", Cell::Time(key.created_at)),
            ("Notes", Cell::text(key.comments.clone())),
        ],
    )
}

/// What can be done about the key as it stands.
fn decision(facts: &Facts, area: Area, home: &str, form: &Form) -> Block {
    let Some(running) = facts.running() else {
        if !facts.registered.key.enabled {
            return Block::Notice(Notice::new(
                "off",
                Tone::Plain,
                "Switched off.",
                "No one can use this key. It was not suspended: its plan ended, or its developer deleted it.",
            ));
        }
        let reason = Field::lines("reason", "Reason", 3).required().hint("The developer reads it and can appeal.").from(form);
        let sheet = FormBlock::new("suspend-form", format!("{home}/suspend"), ("suspend", "Suspend"), vec![reason]).ends();
        let lede = "Its tokens and sign-ins stop immediately. You can reinstate it later.";
        return Block::Section(Section::new("suspend-section", "Suspend key", lede, vec![Block::Form(sheet)]));
    };
    let mut blocks = vec![Block::Prose(vec![running.reason.clone()])];
    if let Some((appeal, at)) = &running.appeal {
        blocks.push(Block::Notice(Notice::new(
            "appeal",
            Tone::Waiting,
            format!("The developer's appeal ({}):", moment(*at)),
            appeal.clone(),
        )));
    }
    if running.by_platform && area == Area::Mls {
        let text = "The platform's staff suspended it, and only they can reinstate it.";
        blocks.push(Block::Notice(Notice::new("platforms", Tone::Plain, "Suspended by the platform.", text)));
    } else {
        blocks.push(Block::Form(FormBlock::new("resume-form", format!("{home}/resume"), ("resume", "Reinstate key"), vec![])));
    }
    let lede = format!("Since {}, because:", moment(running.suspended_at));
    Block::Section(Section::new("suspended-section", "Suspended", lede, blocks))
}

fn story(facts: &Facts) -> Block {
    let mut steps = Vec::new();
    for (suspension, by, resumed_by) in facts.suspensions.iter().rev() {
        let step = |state, title: String, when, text: &str| Step { state, title, when, text: text.to_owned() };
        let whose = if suspension.by_platform { " (platform)" } else { "" };
        steps.push(step(StepState::Failed, format!("Suspended by {by}{whose}"), moment(suspension.suspended_at), &suspension.reason));
        if let Some((appeal, at)) = &suspension.appeal {
            steps.push(step(StepState::Current, "The developer appealed".to_owned(), moment(*at), appeal));
        }
        if let Some((_, at)) = &suspension.resumed {
            steps.push(step(StepState::Done, format!("Reinstated by {resumed_by}"), moment(*at), ""));
        }
    }
    Block::Timeline(Timeline { id: "suspensions", steps })
}

fn tokens(facts: &Facts) -> Block {
    let state = state(facts);
    let rows = facts
        .tokens
        .iter()
        .map(|(token, holder)| {
            let whom = holder
                .as_ref()
                .map_or_else(|| "someone who left".to_owned(), |holder| format!("{} ({})", holder.profile.name, holder.login_name));
            vec![
                Cell::Code(format!("lkp_…{}", token.last_four)),
                Cell::text(whom),
                Cell::text(token.own_data.map(|own| format!("own data: {own}")).unwrap_or_default()),
                Cell::Day(token.created_at.day()),
                Cell::day_or(token.last_used_on.as_deref(), "Never used"),
                if token.revoked_at.is_some() { Cell::badge("Revoked", Tone::Plain) } else { token_badge(state) },
            ]
        })
        .collect();
    Block::Table(Table {
        id: "tokens",
        caption: "Personal tokens".to_owned(),
        columns: vec!["Ends with", "Speaks for", "Limited to", "Made", "Last used", "State"],
        rows,
        empty: Empty::default(),
        pager: Pager::default(),
    })
}

fn sentence(why: Refusal) -> &'static str {
    match why {
        Refusal::Already => "It is already suspended.",
        Refusal::Off => "It is off for good.",
        Refusal::Not => "It is not suspended.",
        Refusal::Platforms => "The platform's staff suspended it, and only they can reinstate it.",
        Refusal::PlanEnded => "The plan it came from ended, so its key stays off.",
        Refusal::DeveloperDeleted => "Its developer was deleted, so the key stays off.",
        Refusal::Appealed => "The developer already appealed.",
    }
}

fn done(conn: &mut Conn, guest: &Guest, asked: &Asked, outcome: Option<Result<(), Refusal>>, said: &str) -> Result<Shown, Fault> {
    let (area, id) = (area(asked), KeyId(asked.number("key")));
    let why = match outcome {
        None => return Ok(Shown::Nothing),
        Some(Ok(())) => return Ok(Shown::Go(format!("{}/keys/{id}?said={said}", root(area)))),
        Some(Err(why)) => why,
    };
    let Some(facts) = flow::one(conn, &guest.reach(area), id)? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &facts, &Form::default());
    page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was changed.", sentence(why)));
    Ok(Shown::Conflict(Box::new(page)))
}

/// `POST …/keys/{key}/suspend`
pub fn suspend(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let (area, id) = (area(asked), KeyId(asked.number("key")));
    let reason = match paragraphs(asked.form.text("reason").unwrap_or_default(), LONGEST) {
        Ok(reason) => reason,
        Err(why) => {
            let Some(facts) = flow::one(conn, &guest.reach(area), id)? else { return Ok(Shown::Nothing) };
            let problems = Problems::one("reason", why);
            let mut page = page(guest, asked, &facts, &Form::sent(&asked.form, problems.clone()));
            page.notice = Some(Notice::problems(&problems));
            return Ok(Shown::Refused(Box::new(page)));
        }
    };
    let outcome = flow::suspend(app, conn, guest, area, id, &reason)?;
    done(conn, guest, asked, outcome, "suspended")
}

/// `POST …/keys/{key}/verify`
pub fn verify(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let (area, id) = (area(asked), KeyId(asked.number("key")));
    let done = flow::verify(app, conn, guest, area, id)?;
    Ok(done.map_or(Shown::Nothing, |()| Shown::Go(format!("{}/keys/{id}?said=verified", root(area)))))
}

/// `POST …/keys/{key}/resume`
pub fn resume(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let outcome = flow::resume(app, conn, guest, area(asked), KeyId(asked.number("key")))?;
    done(conn, guest, asked, outcome, "resumed")
}
