//! `/appstore/datamart`: finding an MLS, reading its plans, enrolling in one.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, PlanId};
use crate::flows::datamart::enrol::{self as flow, Refusal};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::{Form, found};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Cell, Choice, Empty, Field, FormBlock, Notice, Pager, Search, Section, Table, Tone};
use crate::platform::personal_token::OwnData;
use crate::platform::plan::{Credential, Offered, Plan};
use crate::platform::wish::{ANSWERS, Typed};
use crate::protocol::params::Params;
use crate::store::Conn;

use super::{frame, story};

/// How many MLSs a search finds.
const MOST: i64 = 100;

fn crumbs() -> (String, String) {
    ("Datamart".to_owned(), "/appstore/datamart".to_owned())
}

/// `GET /appstore/datamart`
pub fn search(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let part = asked.search();
    let all = flow::search(conn, &part, MOST)?;
    let lede = "Find the MLS whose data you want to use, and read what it offers.";
    let mut page = frame::page(guest, &asked.path, "Datamart", lede);
    page.notice = said::told(&asked.query);
    let rows = all
        .into_iter()
        .map(|(id, name, count)| {
            let plans = if count == 1 { "1 plan".to_owned() } else { format!("{count} plans") };
            vec![Cell::link(name, format!("/appstore/datamart/{id}")), Cell::text(plans)]
        })
        .collect();
    let empty = Empty::new("No MLS offers plans here yet", "Contact the MLS whose data you need; it can issue a key by hand.").searched(
        ("MLS", "MLSs"),
        &part,
        false,
        "/appstore/datamart",
    );
    page.blocks = vec![
        Block::Search(Search {
            action: "/appstore/datamart".to_owned(),
            label: "Name of the MLS".to_owned(),
            value: part,
            filters: Vec::new(),
        }),
        Block::Table(Table {
            id: "mlses",
            caption: "MLSs with plans".to_owned(),
            columns: vec!["MLS", "Offers"],
            rows,
            empty,
            pager: Pager::default(),
        }),
    ];
    Ok(Shown::Page(Box::new(page)))
}

/// `GET /appstore/datamart/{mls}`
pub fn mls(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Ok(id) = asked.part("mls").parse::<AccountId>() else { return Ok(Shown::Nothing) };
    let plans = flow::offered(conn, &id)?;
    let Some(first) = plans.first() else { return Ok(Shown::Nothing) };
    let mut page = frame::page(guest, &asked.path, &first.mls_name, "Plans and pricing.");
    page.shell.crumbs = vec![crumbs()];
    let rows = plans
        .iter()
        .map(|plan| {
            vec![
                Cell::link(plan.content.name.clone(), format!("/appstore/datamart/plans/{}", plan.id)),
                Cell::text(plan.content.price()),
                Cell::text(plan.content.role_in_words()),
                Cell::text(whom(plan)),
            ]
        })
        .collect();
    page.blocks = vec![Block::Table(Table {
        id: "plans",
        caption: format!("Plans of {}", first.mls_name),
        columns: vec!["Plan", "Price", "Data", "For"],
        rows,
        empty: Empty::default(),
        pager: Pager::default(),
    })];
    Ok(Shown::Page(Box::new(page)))
}

fn whom(plan: &Plan) -> &'static str {
    match (plan.content.own_data.is_empty(), plan.content.offered) {
        (false, _) => "own listings of a member, office or company",
        (true, Offered::Named) => "a specific broker or agent",
        (true, Offered::Generic) => "multiple brokers or agents",
        (true, Offered::Either) => "a specific broker or agent, or multiple",
    }
}

/// `GET /appstore/datamart/plans/{plan}`
pub fn plan(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = flow::plan(conn, PlanId(asked.number("plan")))? else { return Ok(Shown::Nothing) };
    let mut page = frame::page(guest, &asked.path, &plan.content.name, "");
    page.lede = format!("A plan of {}, {}.", plan.mls_name, plan.content.price());
    page.shell.crumbs = vec![crumbs(), (plan.mls_name.clone(), format!("/appstore/datamart/{}", plan.mls_id))];
    page.action = Some(CardLink::action("enrol", "Enroll", format!("/appstore/datamart/plans/{}/enrol", plan.id)));
    page.blocks = story::plan(&plan.content, &plan.mls_name, plan.version);
    page.blocks.push(approvals(&plan));
    Ok(Shown::Page(Box::new(page)))
}

fn approvals(plan: &Plan) -> Block {
    let lede = match plan.content.offered {
        Offered::Generic => "One approval, then your key is issued.",
        Offered::Named => "These people approve one after the other. If one person stands in two places, one answer counts for both.",
        Offered::Either => "For a specific broker or agent, these people approve one after the other; for multiple, the association alone.",
    };
    Block::Section(Section::new("needed-section", "Approvals that will be needed", lede, vec![story::places(&flow::needed(plan))]))
}

/// `GET /appstore/datamart/plans/{plan}/enrol`
pub fn form(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(plan) = flow::plan(conn, PlanId(asked.number("plan")))? else { return Ok(Shown::Nothing) };
    let mut page = form_page(guest, &plan, asked, &Form::default(), flow::can_pay(conn, guest)?);
    page.notice = page.notice.or_else(|| said::told(&asked.query));
    Ok(Shown::Page(Box::new(page)))
}

fn form_page(guest: &DeveloperGuest, plan: &Plan, asked: &Asked, form: &Form, can_pay: bool) -> ConsolePage {
    let content = &plan.content;
    let mut page = frame::page(guest, &asked.path, &format!("Enroll: {}", content.name), "");
    page.lede = format!("In the plan of {}, {}.", plan.mls_name, content.price());
    page.shell.crumbs = vec![
        crumbs(),
        (plan.mls_name.clone(), format!("/appstore/datamart/{}", plan.mls_id)),
        (content.name.clone(), format!("/appstore/datamart/plans/{}", plan.id)),
    ];
    if !can_pay {
        page.notice =
            Some(Notice::new("no-payment", Tone::Waiting, "An invoice account comes first.", "You enter it once, then come back here."));
        page.action =
            Some(CardLink::action("to-payment", "Enter the invoice account", format!("/appstore/datamart/payment?plan={}", plan.id)));
        page.blocks = vec![approvals(plan)];
        return page;
    }
    if !form.problems.is_empty() {
        page.notice = Some(Notice::problems(&form.problems));
    }
    let mut fields = vec![
        Field::line("application", "Name of the application").required().hint("As approvers will see it.").from(form),
        Field::typed("website", "Its website", "url").required().hint("Such as https://app.example/.").from(form),
    ];
    if content.credential == Credential::OpenId {
        let hint = "Where people return after signing in: an https address, matched character by character.";
        fields.push(Field::typed("redirect_uri", "Redirect URI", "url").required().hint(hint).from(form));
    }
    if content.offered == Offered::Either {
        let choices = vec![
            Choice::new("named", "A specific broker or agent", "You give the MLS login name below."),
            Choice::new("generic", "Multiple brokers or agents in the MLS", "The association alone approves."),
        ];
        fields.push(Field::radios("audience", "For whom?", choices).required().from(form));
    }
    if content.offered != Offered::Generic {
        let field =
            Field::line("login", "MLS login name").hint("Of the broker, agent or office it is for. This person is asked first.").from(form);
        fields.push(if content.offered == Offered::Named { field.required() } else { field });
    }
    if !content.own_data.is_empty() {
        let choice = |own: &OwnData| match own {
            OwnData::Member => Choice::new("member", "As member", "The listings of that agent alone."),
            OwnData::Office => Choice::new("office", "As office", "All listings of the agent's office."),
            OwnData::Company => Choice::new("company", "As company", "All listings of the company the office belongs to."),
        };
        fields.push(Field::radios("own_data", "Whose own listings?", content.own_data.iter().map(choice).collect()).required().from(form));
    }
    let hint = "What you are building, how the data is used, and who has access to it.";
    fields.push(Field::lines("purpose", "Purpose", 5).required().hint(hint).from(form));
    for (question, name) in content.questions.iter().zip(ANSWERS) {
        fields.push(Field::lines(name, question.clone(), 3).required().from(form));
    }
    let terms = Choice::new("accepted", format!("I accept the terms of this plan (version {})", plan.version), "");
    fields.push(Field::boxes("terms", "Terms", vec![terms]).prose(&content.terms).from(form));
    let sheet = FormBlock::new("enrol-form", asked.path.clone(), ("purchase", "Purchase with approval"), fields)
        .sends("version", plan.version.to_string())
        .cancel(format!("/appstore/datamart/plans/{}", plan.id));
    page.blocks = vec![
        approvals(plan),
        Block::Section(Section::new(
            "enrol-section",
            "Your application",
            "Everyone who is asked to approve reads this.",
            vec![Block::Form(sheet)],
        )),
    ];
    page
}

fn typed(params: &Params) -> Typed {
    let text = |name: &str| params.text(name).unwrap_or_default().to_owned();
    Typed {
        application: text("application"),
        website: text("website"),
        redirect_uri: text("redirect_uri"),
        audience: text("audience"),
        login: text("login"),
        own_data: text("own_data"),
        purpose: text("purpose"),
        answers: ANSWERS.iter().map(|name| text(name)).collect(),
        accepted: if params.has("accepted") { params.text("version").and_then(|version| version.parse().ok()) } else { None },
    }
}

/// `POST /appstore/datamart/plans/{plan}/enrol`
pub fn enrol(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let id = PlanId(asked.number("plan"));
    let refused = match flow::submit(app, conn, guest, id, &typed(&asked.form))? {
        Ok(enrolment) => return Ok(Shown::Go(format!("/appstore/datamart/enrolments/{enrolment}?said=enrolled"))),
        Err(Refusal::NoPlan) => return Ok(Shown::Nothing),
        Err(refused) => refused,
    };
    let Some(plan) = flow::plan(conn, id)? else { return Ok(Shown::Nothing) };
    Ok(match refused {
        Refusal::Form(problems) => {
            let form = Form::sent(&asked.form, found(&problems));
            // A box that was ticked for other terms is not ticked for these.
            let form = if problems.of("terms").is_some() { form.with("accepted", "") } else { form };
            Shown::Refused(Box::new(form_page(guest, &plan, asked, &form, true)))
        }
        _ => Shown::Conflict(Box::new(form_page(guest, &plan, asked, &Form::default(), false))),
    })
}
