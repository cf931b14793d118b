//! `/my/sessions`: a home buyer's own page, with sessions, sites and agents, and the end of each.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{ConsumerSessionId, KeyId};
use crate::flows::consumer::enter::{self, Browser, ConsumerGuest};
use crate::flows::consumer::oneself;
use crate::flows::consumer::own::{self as flow, Site};
use crate::http::body;
use crate::http::console::said;
use crate::http::cookies;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Block, Button, Cell, Empty, Section, Table};
use crate::http::pages::{Brand, ConsolePage, Person, Shell};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::identity::account::Account;
use crate::identity::consumer::ConsumerSession;
use crate::mail::device;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::door::{browser, or_fault};
use super::own_sign_in;

/// Where the page is.
pub const HOME: &str = "/my/sessions";

/// `GET /my/sessions`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    or_fault(&visit, show(&app, &visit, &request).await)
}

async fn show(app: &Hands, visit: &Visit, request: &HttpRequest) -> Result<HttpResponse, Fault> {
    let (browser, cookies) = browser(app, request);
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    let (holder, caller) = (browser.clone(), visit.caller().clone());
    let found = reading(app, move |app, conn| {
        let Some(guest) = enter::enter(app, conn, holder.held.as_ref(), &caller)? else { return Ok(None) };
        let sessions = flow::sessions(app, conn, &guest)?;
        let sites = flow::sites(app, conn, &guest)?;
        let agents = oneself::agents_of(conn, &guest.consumer.id)?;
        Ok(Some((guest, sessions, sites, agents)))
    })
    .await?;
    let Some((guest, sessions, sites, agents)) = found else {
        return own_sign_in::page(app, &browser.id, said::told(&query), "", StatusCode::OK, &cookies);
    };
    let mut page = frame(&guest);
    page.notice = said::told(&query);
    let lede = "Each may act for you with the agent named beside it. Ending it takes that away at once.";
    page.blocks.push(Block::Section(Section::new("sites", "Sites", lede, vec![Block::Table(sites_table(&sites))])));
    let lede = "Browsers in which you are signed in. Ending one also ends what sites were given from there.";
    page.blocks.push(Block::Section(Section::new(
        "sessions",
        "Sessions",
        lede,
        vec![
            Block::Table(sessions_table(&guest, &sessions)),
            Block::Buttons(vec![Button::new("end-everything", "Sign out everywhere", "/my/everywhere").ends()]),
        ],
    )));
    page.blocks.push(Block::Section(Section::new("agents", "Agents", "", vec![Block::Table(agents_table(&agents))])));
    Ok(respond::page_towards(StatusCode::OK, &page, None, &cookies))
}

fn frame(guest: &ConsumerGuest) -> ConsolePage {
    let shell = Shell {
        brand: Brand::house(),
        area: "Your login".to_owned(),
        home: HOME.to_owned(),
        person: Some(Person { name: guest.consumer.name.clone(), login: guest.consumer.email.clone() }),
        sign_out: "/my/sign-out".to_owned(),
        ..Shell::default()
    };
    let lede = "What acts for you, and where you are signed in.";
    ConsolePage { shell, title: "Sites and sessions".to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}

fn sites_table(sites: &[Site]) -> Table {
    let row = |site: &Site| {
        let (key, agent) = (&site.registered.key, site.agent.as_ref().map(|agent| agent.profile.name.clone()).unwrap_or_default());
        let end = Button::new(format!("end-site-{}-{}", key.id, site.connected.agent), "Disconnect", "/my/sites/end")
            .about(key.name.clone())
            .sends("site", key.id.to_string())
            .ends();
        vec![
            Cell::text(key.name.clone()),
            Cell::text(agent),
            Cell::Time(site.connected.since),
            site.connected.renewed_at.map_or_else(|| Cell::text("not now"), Cell::Time),
            end.cell(),
        ]
    };
    Table {
        id: "sites-table",
        caption: "Sites that act for you".to_owned(),
        columns: vec!["Site", "With agent", "Since", "Last renewed", ""],
        rows: sites.iter().map(row).collect(),
        empty: Empty::new("No site acts for you.", "Sites appear here once you let them."),
        pager: crate::http::pages::parts::Pager::default(),
    }
}

fn sessions_table(guest: &ConsumerGuest, sessions: &[ConsumerSession]) -> Table {
    let row = |session: &ConsumerSession| {
        let here = session.id == guest.session.id;
        let end = Button::new(format!("end-session-{}", session.id), "End", "/my/sessions/end")
            .about(device(&session.user_agent))
            .sends("session", session.id.to_string())
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
        caption: "Browsers in which you are signed in".to_owned(),
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
        empty: Empty::new("No agent.", "You are connected with an agent once you sign up at the agent's portal."),
        pager: crate::http::pages::parts::Pager::default(),
    }
}

/// Runs the writing `work` for whoever is signed in, if the form is ours; answers where it leads.
async fn act(
    app: Hands,
    visit: Visit,
    request: HttpRequest,
    payload: Payload,
    work: impl FnOnce(&App, &mut Conn, &ConsumerGuest, &Params) -> Result<&'static str, Fault> + Send + 'static,
) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let (Browser { held, .. }, _) = browser(&app, &request);
    let caller = visit.caller().clone();
    let done = writing(&app, move |app, conn| match enter::enter(app, conn, held.as_ref(), &caller)? {
        Some(guest) => work(app, conn, &guest, &params),
        None => Ok(own_sign_in_path()),
    });
    match done.await {
        Ok(path) if path == own_sign_in_path() => respond::see_other(path, &[cookies::drop_consumer()]),
        Ok(path) => respond::see_other(path, &[]),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

const fn own_sign_in_path() -> &'static str {
    "/my/sign-in"
}

/// `POST /my/sessions/end`
pub async fn end_session(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    act(app, visit, request, payload, |app, conn, guest, params| {
        let id = params.text("session").and_then(|text| text.parse().ok()).map(ConsumerSessionId);
        let ended = match id {
            Some(id) => flow::end_session(app, conn, guest, id)?,
            None => false,
        };
        Ok(if ended { "/my/sessions?said=session-ended" } else { HOME })
    })
    .await
}

/// `POST /my/sites/end`
pub async fn end_site(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    act(app, visit, request, payload, |app, conn, guest, params| {
        let id = params.text("site").and_then(|text| text.parse().ok()).map(KeyId);
        let ended = match id {
            Some(id) => flow::end_site(app, conn, guest, id)?,
            None => false,
        };
        Ok(if ended { "/my/sessions?said=disconnected" } else { HOME })
    })
    .await
}

/// `POST /my/everywhere`
pub async fn end_everything(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    act(app, visit, request, payload, |app, conn, guest, _| flow::end_everything(app, conn, guest).map(|()| own_sign_in_path())).await
}

/// `POST /my/sign-out`
pub async fn sign_out(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    act(app, visit, request, payload, |app, conn, guest, _| {
        flow::end_session(app, conn, guest, guest.session.id)?;
        Ok(own_sign_in_path())
    })
    .await
}
