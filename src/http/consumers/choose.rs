//! `POST /auth/consumer/choose`: choosing one of one's agents.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::carry::FlowRefusal;
use crate::flows::consumer::carry::{Ask, Carried, Page};
use crate::flows::consumer::enter::{self, Browser};
use crate::flows::consumer::look::{self, Host, Shown};
use crate::http::oauth::authorize::{start_again, unfit_form};
use crate::http::pages::parts::{Notice, Tone};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};
use crate::protocol::authorize::AuthorizeRefusal;
use crate::protocol::params::Params;

use super::face;
use super::walk::{Posted, finish, on, or_fault, posted};

const ACTION: &str = "/auth/consumer/choose";

/// The page on which one of these agents is chosen.
pub fn page(shown: &Shown, hosts: &[Host], cookies: &[Cookie<'_>]) -> HttpResponse {
    let mut page = face::page(None, "Choose your agent", face::towards(shown));
    if hosts.is_empty() {
        "No agent yet".clone_into(&mut page.title);
        page.notice = Some(Notice::new(
            "problem",
            Tone::Plain,
            "You are not connected with an agent who has an open portal.",
            "Ask your agent for the portal's address, and sign in there.",
        ));
    } else {
        page.parts.push(Part::Prose("The site will act for you with the agent you choose, and sees nothing of the others.".to_owned()));
        let agents = hosts.iter().map(|host| (host.agent.id.to_string(), face::card(host))).collect();
        page.parts.push(Part::Agents { action: ACTION.to_owned(), flow: shown.flow.clone(), agents });
    }
    let back = format!("Back to {}", crate::base::text::readable(&shown.registered.key.name, 128));
    page.parts.push(Part::Form(PortalForm::new("cancel-form", ACTION, &shown.flow, ("cancel", &back), vec![]).aside("cancel")));
    respond::page_towards(StatusCode::OK, &page, Some(&shown.destination.form_action()), cookies)
}

/// `POST /auth/consumer/choose`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let Posted { params, browser, carried } =
        match posted(&app, &visit, &request, payload, |page| matches!(page, Page::Choose { .. })).await {
            Ok(posted) => posted,
            Err(answer) => return answer,
        };
    or_fault(&visit, decide(&app, &visit, browser, &carried, &params).await)
}

async fn decide(app: &Hands, visit: &Visit, browser: Browser, carried: &Carried, params: &Params) -> Result<HttpResponse, Fault> {
    let Page::Choose { consumer } = &carried.page else { return Ok(unfit_form(app, visit, FlowRefusal::Foreign)) };
    let ask = Ask::carried(carried);
    if params.has("cancel") {
        let stage = reading(app, move |app, conn| look::turn_down(app, conn, &ask, AuthorizeRefusal::Cancelled)).await?;
        return finish(app, visit, stage, vec![]).await;
    }
    let (holder, caller) = (browser.clone(), visit.caller().clone());
    let guest = reading(app, move |app, conn| enter::enter(app, conn, holder.held.as_ref(), &caller)).await?;
    let Some(guest) = guest else { return Ok(start_again(app, visit, FlowRefusal::Over)) };
    if guest.consumer.id != *consumer {
        // The answer counts only for the person who was asked.
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    }
    // Whether it is one of theirs is asked again with the next look.
    let agent = params.text("agent").and_then(|id| id.parse().ok());
    on(app, &browser.id, &Ask { agent, ..ask }, &[])
}
