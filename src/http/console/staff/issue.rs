//! `/mls/keys/new` and `/admin/keys/new`: issuing a key by hand, on an approval whose record is kept.

use crate::app::App;
use crate::base::Fault;
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::issue as flow;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown};
use crate::http::form::{Form, found};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Choice, Field, FormBlock, Notice, Section};
use crate::platform::hand_issue::Typed;
use crate::platform::role::Role;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::{area, explained, root};

/// `GET …/keys/new`
pub fn form(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    Ok(Shown::Page(Box::new(page(conn, guest, asked, &Form::default().with("credential", "bearer"))?)))
}

fn page(conn: &mut Conn, guest: &Guest, asked: &Asked, form: &Form) -> Result<ConsolePage, Fault> {
    let area = area(asked);
    let home = format!("{}/keys", root(area));
    let lede = match area {
        Area::Admin => "Only with the MLS's written approval. Who approved, when and in which document is kept with the key.",
        _ => "For a developer whom no plan fits. Who approved, when and in which document is kept with the key.",
    };
    let mut page = frame::page(guest, area, &asked.path, "Issue a key", lede);
    page.shell.crumbs = vec![("Keys".to_owned(), home.clone())];
    let roles = Role::ALL.into_iter().filter(|role| role.is_data_role());
    let mut fields = Vec::new();
    if area == Area::Admin {
        let choices = flow::mlses(conn)?.into_iter().map(|mls| Choice::new(mls.id.to_string(), mls.name, "")).collect();
        fields.push(Field::select("mls", "MLS", choices).required().from(form));
    }
    fields.extend([
        Field::typed("developer", "Developer", "email").required().hint("The e-mail address they registered with.").from(form),
        Field::line("application", "Application").required().from(form),
        Field::typed("website", "Website of the application", "url").required().hint("Such as https://app.example/.").from(form),
        Field::radios(
            "credential",
            "What the developer gets",
            vec![
                Choice::new("bearer", "One token that does not expire", "For a feed: it acts for one person, or for the generic agent."),
                Choice::new(
                    "open_id",
                    "A secret, for people who sign in",
                    "OpenID Connect: agents sign in with their MLS login and allow it.",
                ),
            ],
        )
        .from(form),
        Field::radios("role", "What data it opens", roles.map(|role| Choice::new(role.name(), role.name(), explained(role))).collect())
            .from(form),
        Field::line("login", "Who the token acts for").hint("An MLS login name; leave it empty for the generic agent.").from(form),
        Field::select(
            "own_data",
            "Only own listings of",
            vec![
                Choice::new("", "no such limit", ""),
                Choice::new("member", "the member", ""),
                Choice::new("office", "their office", ""),
                Choice::new("company", "their company", ""),
            ],
        )
        .from(form),
        Field::lines("redirect_uris", "Where people return after signing in", 2)
            .hint("For OpenID Connect: one address per line.")
            .from(form),
        Field::line("approved_by", "Approved by").required().hint("Name and title of the person who approved.").from(form),
        Field::typed("approved_on", "Approved on", "date").required().hint("Such as 2026-11-27.").from(form),
        Field::line("document", "Document").required().hint("The letter, contract or message, and where it is kept.").from(form),
    ]);
    let sheet = FormBlock::new("issue-form", asked.path.clone(), ("issue", "Issue the key"), fields).cancel(home);
    let lede = "The developer gets an e-mail with a one-time link to the key's credentials; no one else ever sees them.";
    page.blocks = vec![Block::Section(Section::new("issue-section", "The key and its approval", lede, vec![Block::Form(sheet)]))];
    Ok(page)
}

fn typed(form: &Params) -> Typed {
    let text = |name: &str| form.text(name).unwrap_or_default().to_owned();
    Typed {
        developer: text("developer"),
        application: text("application"),
        website: text("website"),
        credential: text("credential"),
        role: text("role"),
        redirect_uris: text("redirect_uris"),
        login: text("login"),
        own_data: text("own_data"),
        approved_by: text("approved_by"),
        approved_on: text("approved_on"),
        document: text("document"),
    }
}

/// `POST …/keys/new`
pub fn issue(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let area = area(asked);
    let chosen = if area == Area::Admin { Some(asked.form.text("mls").unwrap_or_default()) } else { None };
    let refused = match flow::mls(conn, guest, chosen)? {
        Some(mls) => match flow::issue(app, conn, guest, &mls, &typed(&asked.form))? {
            Ok(id) => return Ok(Shown::Go(format!("{}/keys/{id}?said=issued", root(area)))),
            Err(problems) => found(&problems),
        },
        None => crate::base::Problems::one("mls", "Please choose the MLS."),
    };
    let mut page = page(conn, guest, asked, &Form::sent(&asked.form, refused.clone()))?;
    page.notice = Some(Notice::problems(&refused));
    Ok(Shown::Refused(Box::new(page)))
}
