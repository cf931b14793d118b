//! A home buyer's own pages: sessions, sites and agents, and the end of each; and the password.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{ConsumerSessionId, KeyId};
use crate::flows::consumer::enter::ConsumerGuest;
use crate::flows::consumer::own::{self as flow, Site};
use crate::flows::consumer::{oneself, password as passwords};
use crate::http::door::{self, Asked, Needs, Shown, said};
use crate::http::form::Form;
use crate::http::new_password;
use crate::http::pages::parts::{Block, Button, Cell, Empty, FormBlock, Notice, Section, Table};
use crate::http::pages::{Brand, ConsolePage, NavItem, Person, Shell};
use crate::identity::account::Account;
use crate::identity::consumer::ConsumerSession;
use crate::mail::device;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::people::Consumers;

type Place = door::Place<Consumers>;

/// Where the page is.
pub const HOME: &str = "/my/sessions";
/// What is said to who took the login that an agent made.
pub const READY: &str = "login-ready";
const PASSWORD: &str = "/my/password";

/// Every address of a home buyer's own pages.
pub const PLACES: &[Place] = &[
    Place::page(HOME, (), show),
    Place::act("/my/sessions/{session}/end", (), Needs::Session, end_session),
    Place::act("/my/sites/{key}/end", (), Needs::Session, end_site),
    Place::act("/my/everywhere", (), Needs::Session, end_everything),
    Place::form("/my/password", (), password, Needs::NewPassword, change_password),
    Place::act("/my/sign-out", (), Needs::Session, sign_out),
];

/// `GET /my/sessions`
fn show(app: &App, conn: &mut Conn, guest: &ConsumerGuest, asked: &Asked) -> Result<Shown, Fault> {
    let sessions = flow::sessions(app, conn, guest)?;
    let sites = flow::sites(app, conn, guest)?;
    let agents = oneself::agents_of(conn, &guest.consumer.id)?;
    let mut page = frame(guest, HOME, "Sites and sessions", "Sites that act for you, and where you are signed in.");
    page.notice = said::told(&asked.query).map(|notice| ready_with(notice, asked, &agents));
    let lede = "Each can act for you with the agent next to it. Disconnecting one takes effect immediately.";
    page.blocks.push(Block::Section(Section::new("sites", "Sites", lede, vec![Block::Table(sites_table(&sites))])));
    let lede = "Browsers where you are signed in. Ending one also ends the access that sites got from there.";
    page.blocks.push(Block::Section(Section::new(
        "sessions",
        "Sessions",
        lede,
        vec![
            Block::Table(sessions_table(guest, &sessions)),
            Block::Buttons(vec![Button::new("end-everything", "Sign out everywhere", "/my/everywhere").ends()]),
        ],
    )));
    page.blocks.push(Block::Section(Section::new("agents", "Agents", "", vec![Block::Table(agents_table(&agents))])));
    Ok(Shown::Page(Box::new(page)))
}

/// The same with the agent's name, where it is about a login with one of theirs.
fn ready_with(notice: Notice, asked: &Asked, agents: &[Account]) -> Notice {
    let about = asked.query.text("agent").filter(|_| asked.query.text("said") == Some(READY));
    match about.and_then(|id| agents.iter().find(|agent| agent.id.as_str() == id)) {
        Some(agent) => {
            let name = &agent.profile.name;
            let text = format!("Sign in with it at any site {name} shares with you.");
            Notice { heading: format!("Your login with {name} is ready."), text, ..notice }
        }
        None => notice,
    }
}

/// The frame of a page of theirs.
pub fn frame(guest: &ConsumerGuest, path: &str, title: &str, lede: &str) -> ConsolePage {
    let room = |id, text, href| NavItem { id, text, href, current: path == href };
    let shell = Shell {
        brand: Brand::house(),
        area: "Your login".to_owned(),
        home: HOME.to_owned(),
        person: Some(Person { name: guest.consumer.name.clone(), login: guest.consumer.email.clone() }),
        sign_out: "/my/sign-out".to_owned(),
        nav: vec![room("nav-sessions", "Sites and sessions", HOME), room("nav-password", "Password", PASSWORD)],
        ..Shell::default()
    };
    ConsolePage { shell, title: title.to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}

fn sites_table(sites: &[Site]) -> Table {
    let row = |site: &Site| {
        let (key, agent) = (&site.registered.key, site.agent.as_ref().map(|agent| agent.profile.name.clone()).unwrap_or_default());
        let end = Button::new(format!("end-site-{}-{}", key.id, site.connected.agent), "Disconnect", format!("/my/sites/{}/end", key.id))
            .about(key.name.clone())
            .ends();
        vec![
            Cell::text(key.name.clone()),
            Cell::text(agent),
            Cell::Time(site.connected.since),
            site.connected.renewed_at.map_or_else(|| Cell::text("Not active"), Cell::Time),
            end.cell(),
        ]
    };
    Table {
        id: "sites-table",
        caption: "Sites that act for you".to_owned(),
        columns: vec!["Site", "With agent", "Since", "Last renewed", ""],
        rows: sites.iter().map(row).collect(),
        empty: Empty::new("No sites yet", "Sites appear here once you allow them."),
        pager: crate::http::pages::parts::Pager::default(),
    }
}

fn sessions_table(guest: &ConsumerGuest, sessions: &[ConsumerSession]) -> Table {
    let row = |session: &ConsumerSession| {
        let here = session.id == guest.session.id;
        let end = Button::new(format!("end-session-{}", session.id), "End", format!("/my/sessions/{}/end", session.id))
            .about(device(&session.user_agent))
            .ends();
        vec![
            Cell::text(device(&session.user_agent)),
            Cell::text(session.peer.clone().unwrap_or_default()),
            Cell::Time(session.auth_time),
            Cell::Time(session.seen_at),
            if here { Cell::text("this browser") } else { end.cell() },
        ]
    };
    Table {
        id: "sessions-table",
        caption: "Browsers where you are signed in".to_owned(),
        columns: vec!["Browser", "From", "Signed in", "Last used", ""],
        rows: sessions.iter().map(row).collect(),
        empty: Empty::new("No session.", ""),
        pager: crate::http::pages::parts::Pager::default(),
    }
}

fn agents_table(agents: &[Account]) -> Table {
    let row = |agent: &Account| {
        vec![Cell::text(agent.profile.name.clone()), Cell::text(agent.profile.office.clone()), Cell::text(agent.mls_name.clone())]
    };
    Table {
        id: "agents-table",
        caption: "Agents you are connected with".to_owned(),
        columns: vec!["Agent", "Office", "MLS"],
        rows: agents.iter().map(row).collect(),
        empty: Empty::new("No agent.", "You connect with an agent by signing up at the agent's portal."),
        pager: crate::http::pages::parts::Pager::default(),
    }
}

/// `POST /my/sessions/{session}/end`
fn end_session(app: &App, conn: &mut Conn, guest: &ConsumerGuest, asked: &Asked) -> Result<Shown, Fault> {
    let ended = flow::end_session(app, conn, guest, ConsumerSessionId(asked.number("session")))?;
    Ok(if ended { Shown::Go(format!("{HOME}?said=session-ended")) } else { Shown::Nothing })
}

/// `POST /my/sites/{key}/end`
fn end_site(app: &App, conn: &mut Conn, guest: &ConsumerGuest, asked: &Asked) -> Result<Shown, Fault> {
    let ended = flow::end_site(app, conn, guest, KeyId(asked.number("key")))?;
    Ok(if ended { Shown::Go(format!("{HOME}?said=disconnected")) } else { Shown::Nothing })
}

/// `POST /my/everywhere`
fn end_everything(app: &App, conn: &mut Conn, guest: &ConsumerGuest, _: &Asked) -> Result<Shown, Fault> {
    flow::end_everything(app, conn, guest)?;
    Ok(Shown::Left)
}

/// `GET /my/password`
#[expect(clippy::unnecessary_wraps, reason = "as every page's work is written")]
fn password(_: &App, _: &mut Conn, guest: &ConsumerGuest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = password_page(guest, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn password_page(guest: &ConsumerGuest, form: &Form) -> ConsolePage {
    let mut page = frame(guest, PASSWORD, "Password", "The password you use at every agent's portal here.");
    let sheet = FormBlock::new("password-form", PASSWORD, ("change-password", "Change password"), new_password::fields_of_change(form));
    let lede = "You are signed out everywhere else, and every site must ask you again. We will e-mail you about it.";
    page.blocks = vec![Block::Section(Section::new("password", "Change your password", lede, vec![Block::Form(sheet)]))];
    page
}

/// `POST /my/password`
fn change_password(app: &App, conn: &mut Conn, guest: &ConsumerGuest, asked: &Asked) -> Result<Shown, Fault> {
    let problems = new_password::problems_of_change(asked, &guest.consumer.email, &guest.consumer.name);
    let (true, Some(hash)) = (problems.is_empty(), &asked.hash) else {
        let mut page = password_page(guest, &Form::sent(&Params::default(), problems.clone()));
        page.notice = Some(Notice::problems(&problems));
        return Ok(Shown::Refused(Box::new(page)));
    };
    Ok(Shown::GoRenewed(format!("{PASSWORD}?said=password-changed"), passwords::change(app, conn, guest, hash)?))
}

/// `POST /my/sign-out`
fn sign_out(app: &App, conn: &mut Conn, guest: &ConsumerGuest, _: &Asked) -> Result<Shown, Fault> {
    flow::end_session(app, conn, guest, guest.session.id)?;
    Ok(Shown::Left)
}
