//! `/developers/sandbox`: the sample data, what each role opens of it, and somebody invented to sign in as.

use crate::app::App;
use crate::base::{Fault, Problems};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::portal::test_person as flow;
use crate::http::door::{Asked, Given, Shown, said};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Cell, Copy, Empty, Facts, Field, FormBlock, Notice, Pager, Section, Table};
use crate::identity::password::Password;
use crate::platform::role::Role;
use crate::platform::sample;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::frame;

const HERE: &str = "/developers/sandbox";

/// `GET /developers/sandbox`
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = page(app, conn, guest, asked, &Form::default())?;
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked, form: &Form) -> Result<ConsolePage, Fault> {
    let lede = "Invented listings from two invented MLSs, to build and test with.";
    let mut page = frame::page(guest, &asked.path, "Sandbox", lede);
    let issuer = &app.settings.issuer;
    let call = |path: &str| format!("curl -H 'Authorization: Bearer YOUR_TOKEN' '{issuer}{path}'");
    let calls = vec![
        Block::Copy(Copy { id: "call-api", label: "The platform's API".to_owned(), text: call("/v1/listings?_limit=5&_pagination=1") }),
        Block::Copy(Copy { id: "call-odata", label: "The RESO Web API".to_owned(), text: call("/Reso/OData/Property?$top=5&$count=true") }),
        Block::Copy(Copy { id: "call-metadata", label: "What its records have".to_owned(), text: call("/Reso/OData/$metadata") }),
    ];
    let lede = "Use the token of your demo key, or one your application gets when someone signs in.";
    page.blocks.push(Block::Section(Section::new("calls", "First calls", lede, calls)));
    page.blocks.push(Block::Section(Section::new(
        "roles-section",
        "What each role opens",
        format!("The role of a key decides which of the {} listings it sees, and how much of them.", sample::COUNT),
        vec![roles()],
    )));
    let there = flow::is_there(conn, guest)?;
    let fields = vec![
        Field::password("current_password", "Your own password", "current-password").from(form),
        Field::password("new_password", "A password for Pia", "new-password")
            .hint("At least 8 characters, and different from your own.")
            .from(form),
    ];
    let facts = Facts::new(
        "person",
        [("Login name", Cell::Code(flow::login(guest))), ("Name", Cell::text("Pia Sample, an agent of the Silver Birch MLS (sample)"))],
    );
    let (heading, button) =
        if there { ("A test person to sign in as", "Change Pia's password") } else { ("A test person to sign in as", "Let Pia sign in") };
    let sheet = FormBlock::new("person-form", HERE, ("set-person", button), fields);
    let lede = if there {
        "Sign in as Pia when your application asks for an MLS login."
    } else {
        "Real agents cannot sign in to applications on sample data. Pia can: she is invented, and only yours."
    };
    page.blocks.push(Block::Section(Section::new("person-section", heading, lede, vec![Block::Facts(facts), Block::Form(sheet)])));
    Ok(page)
}

fn roles() -> Block {
    let rows = [Role::Idx, Role::Public, Role::Vow, Role::Portal, Role::Private]
        .into_iter()
        .map(|role| {
            let seen = sample::seen(role);
            let hidden = seen.iter().filter(|listing| !listing.contains_key("UnparsedAddress")).count();
            vec![
                Cell::text(role.name()),
                Cell::text(role.explained()),
                Cell::text(seen.len().to_string()),
                Cell::text(if hidden == 0 { "shown".to_owned() } else { format!("{hidden} hidden") }),
                Cell::text(if sample::fields(role).any(|field| field.confidential) { "shown" } else { "hidden" }),
            ]
        })
        .collect();
    Block::Table(Table {
        id: "roles",
        caption: "What each role opens".to_owned(),
        columns: vec!["Role", "Meant for", "Listings", "Addresses", "Confidential fields"],
        rows,
        empty: Empty::default(),
        pager: Pager::default(),
    })
}

/// `POST /developers/sandbox`
pub fn set(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let mut problems = Problems::default();
    match &asked.password {
        Given::Right => {}
        Given::Wrong(sentence) => problems.add("current_password", sentence.clone()),
        Given::Not => problems.add("current_password", "Enter your own password to confirm it's you."),
    }
    let new = asked.form.text("new_password").unwrap_or_default();
    if let Err(why) = Password::chosen(new, &guest.developer.facts.email, &guest.developer.facts.company) {
        problems.add("new_password", format!("This password {why}."));
    } else if asked.form.text("current_password") == Some(new) {
        problems.add("new_password", "Choose a different one from your own: programs may see this one.");
    }
    if problems.is_empty()
        && let Some(hash) = &asked.hash
    {
        flow::set(app, conn, guest, hash)?;
        return Ok(Shown::Go(format!("{HERE}?said=person-set")));
    }
    let mut page = page(app, conn, guest, asked, &Form::sent(&Params::default(), problems.clone()))?;
    page.notice = Some(Notice::problems(&problems));
    Ok(Shown::Refused(Box::new(page)))
}
