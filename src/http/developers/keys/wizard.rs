//! `/developers/keys/new`: what is being built comes first, then what its role means, then its facts.

#![expect(clippy::unnecessary_wraps, reason = "the work of an address may fail; choosing cannot")]

use crate::app::App;
use crate::base::{Fault, Problems};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::platform::key_record::MadeKey;
use crate::flows::portal::applications::{self as flow, Wish};
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown};
use crate::http::form::{Form, line, lines};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Cell, Choice, Copy, Facts, Field, FormBlock, Notice, Section, Tone};
use crate::platform::application::Application;
use crate::platform::key::check_application_uri;
use crate::protocol::client::ClientKind;
use crate::store::Conn;

use super::{KEYS, at, beside, crumbs, owner, redirects};

/// `GET /developers/keys/new`
pub fn choose(_: &App, _: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    Ok(Shown::Page(Box::new(choice(guest, asked, &Form::default()))))
}

fn choice(guest: &DeveloperGuest, asked: &Asked, form: &Form) -> ConsolePage {
    let mut page = frame::page(guest, &asked.path, "What are you building?", "The kind of application decides what its key may do.");
    page.shell.crumbs = crumbs(None);
    let choices = Application::ALL.map(|kind| Choice::new(kind.word(), kind.label(), kind.about())).to_vec();
    let fields = vec![Field::radios("kind", "Kind of application", choices).required().from(form)];
    let sheet = FormBlock::new("kind-form", format!("{KEYS}/new"), ("go-on", "Continue"), fields).cancel(KEYS);
    let feed = CardLink {
        about: "A program no one signs in to gets its data through an MLS's plan, with a token that does not expire.".to_owned(),
        ..CardLink::action("to-datamart", "A back office or a data feed? Go to the Datamart", "/appstore/datamart")
    };
    page.blocks = vec![Block::Form(sheet), Block::Links(vec![feed])];
    page
}

/// `POST /developers/keys/new`
pub fn chosen(_: &App, _: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    if let Some(kind) = asked.form.text("kind").and_then(Application::of) {
        return Ok(Shown::Go(format!("{KEYS}/new/{}", kind.word())));
    }
    let problems = Problems::one("kind", "Choose what you are building.");
    let mut page = choice(guest, asked, &Form::sent(&asked.form, problems.clone()));
    page.notice = Some(Notice::problems(&problems));
    Ok(Shown::Refused(Box::new(page)))
}

/// `GET /developers/keys/new/{kind}`
pub fn ask(_: &App, _: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(kind) = Application::of(asked.part("kind")) else { return Ok(Shown::Nothing) };
    Ok(Shown::Page(Box::new(sheet(guest, asked, kind, &Form::default()))))
}

fn sheet(guest: &DeveloperGuest, asked: &Asked, kind: Application, form: &Form) -> ConsolePage {
    let mut page = frame::page(guest, &asked.path, "Your application", kind.label());
    page.shell.crumbs = crumbs(None);
    page.shell.crumbs.push(("What are you building?".to_owned(), format!("{KEYS}/new")));
    let hint = format!("One per line, exactly as your application sends it, such as {}", kind.example());
    let fields = vec![
        Field { longest: 128, ..Field::line("name", "Name") }.hint("People see it when they sign in.").required().from(form),
        Field::typed("application_uri", "Website", "url")
            .hint("Where people read about it, such as https://app.example/")
            .required()
            .from(form),
        Field::lines("redirect_uris", "Redirect addresses", 3).hint(hint).required().from(form),
    ];
    let make = FormBlock::new("application-form", format!("{KEYS}/new/{}", kind.word()), ("make", "Create key"), fields).cancel(KEYS);
    let secret = if kind.keeps_a_secret() {
        "It gets a secret, shown once on the next page. Have a safe place ready to store it."
    } else {
        "It has no secret: it uses PKCE each time."
    };
    let facts =
        Facts::new("role", [("Role", Cell::Code(kind.role().name().to_owned())), ("Opens", Cell::text("Sample data from invented MLSs"))]);
    let means = vec![kind.means().to_owned(), secret.to_owned()];
    page.blocks = vec![
        Block::Section(Section::new("role-section", "What its key may do", "", vec![Block::Facts(facts), Block::Prose(means)])),
        Block::Section(Section::new("application", "What people are told", "", vec![Block::Form(make)])),
    ];
    page
}

/// `POST /developers/keys/new/{kind}`
pub fn make(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some(kind) = Application::of(asked.part("kind")) else { return Ok(Shown::Nothing) };
    let owner = owner!(guest);
    let wish = Wish {
        kind,
        name: line(&asked.form, "name", 128).unwrap_or_default(),
        redirect_uris: lines(&asked.form, "redirect_uris", 2048),
        application_uri: line(&asked.form, "application_uri", 2048).unwrap_or_default(),
    };
    let mut problems = Problems::default();
    if wish.name.is_empty() {
        problems.add("name", "Enter a name of at most 128 characters.");
    }
    if let Err(why) = check_application_uri(&wish.application_uri) {
        problems.add("application_uri", format!("The website {why}."));
    }
    redirects(&wish.redirect_uris, if kind.keeps_a_secret() { ClientKind::Confidential } else { ClientKind::Public }, &mut problems);
    if problems.is_empty() {
        match flow::make(app, conn, &owner, &wish)? {
            Ok(made) => return Ok(Shown::Page(Box::new(told(guest, asked, &made)))),
            Err(problem) => problems = beside(&problem),
        }
    }
    let mut page = sheet(guest, asked, kind, &Form::sent(&asked.form, problems.clone()));
    page.notice = Some(Notice::problems(&problems));
    Ok(Shown::Refused(Box::new(page)))
}

/// The one page that ever shows the secret.
fn told(guest: &DeveloperGuest, asked: &Asked, made: &MadeKey) -> ConsolePage {
    let mut page = frame::page(guest, &asked.path, "Key created", &made.record.name);
    page.shell.crumbs = crumbs(None);
    let mut blocks = vec![Block::Copy(Copy { id: "client-id", label: "Key (client_id)".to_owned(), text: made.record.key.clone() })];
    if let Some(secret) = &made.secret {
        page.notice = Some(Notice::new("once", Tone::Waiting, "Copy the secret now.", "It cannot be shown again, and we do not keep it."));
        blocks.push(Block::Copy(Copy { id: "secret", label: "Secret (client_secret)".to_owned(), text: secret.clone() }));
    }
    let key = crate::base::id::KeyId(made.record.id);
    let links = vec![
        CardLink {
            about: "Build the sign-in address step by step.".to_owned(),
            ..CardLink::action("to-trial", "Try it", format!("{}/try", at(key)))
        },
        CardLink { about: "Settings, secrets, usage.".to_owned(), ..CardLink::action("to-key", "Key settings", at(key)) },
    ];
    page.blocks = vec![Block::Section(Section::new("credentials", "Credentials", "", blocks)), Block::Links(links)];
    page
}
