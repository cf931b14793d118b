//! `POST /auth/consumer/join`: connecting with an agent at whose portal one is not known yet.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::carry::FlowRefusal;
use crate::flows::consumer::carry::{Ask, Carried, Page};
use crate::flows::consumer::enter::{self, Browser, ConsumerGuest};
use crate::flows::consumer::join::{self as flow, Details};
use crate::flows::consumer::look::{self, Shown, Stage};
use crate::http::form::{Form, found};
use crate::http::oauth::authorize::{start_again, unfit_form};
use crate::http::pages::parts::Notice;
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::platform::form::Problems;
use crate::platform::portal::Required;
use crate::protocol::authorize::AuthorizeRefusal;
use crate::protocol::params::Params;

use super::face;
use super::sign_up::{details, typed_details};
use super::walk::{Posted, finish, on, or_fault, posted};

const ACTION: &str = "/auth/consumer/join";

/// What the portal asks for that is not known of who is signed in.
fn lacking(shown: &Shown) -> Required {
    let required = shown.host.as_ref().map_or_else(Required::default, |host| host.portal.required);
    shown.guest.as_ref().map_or(required, |guest| Details::lacking(&guest.consumer, required))
}

/// The page on which somebody connects with the agent.
pub fn page(shown: &Shown, form: Option<Form>, cookies: &[Cookie<'_>]) -> HttpResponse {
    let agent = shown.host.as_ref().map_or_else(String::new, |host| host.agent.profile.name.clone());
    let mut page = face::page(shown.host.as_ref(), format!("Connect with {agent}?"), face::towards(shown));
    let form = form.unwrap_or_default();
    if !form.problems.is_empty() {
        page.notice = Some(Notice::problems(&form.problems));
    }
    if let Some(guest) = &shown.guest {
        let ConsumerGuest { consumer, .. } = guest;
        let words = format!(
            "You are signed in as {} ({}), and {agent} does not know you yet. Your name, e-mail address and phone number are shared with {agent}.",
            consumer.name, consumer.email
        );
        page.parts.push(Part::Prose(words));
    }
    let fields = details(lacking(shown), &form);
    page.parts
        .push(Part::Form(PortalForm::new("join-form", ACTION, &shown.flow, ("join", "Connect and continue"), fields).sending("join")));
    let back = format!("Back to {}", crate::base::text::readable(&shown.registered.key.name, 128));
    page.parts.push(Part::Form(PortalForm::new("cancel-form", ACTION, &shown.flow, ("cancel", &back), vec![]).aside("cancel")));
    let status = if form.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    respond::page_towards(status, &page, Some(&shown.destination.form_action()), cookies)
}

/// `POST /auth/consumer/join`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let Posted { params, browser, carried } = match posted(&app, &visit, &request, payload, |page| matches!(page, Page::Join { .. })).await
    {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    or_fault(&visit, decide(&app, &visit, browser, &carried, &params).await)
}

async fn decide(app: &Hands, visit: &Visit, browser: Browser, carried: &Carried, params: &Params) -> Result<HttpResponse, Fault> {
    let Page::Join { consumer, agent } = carried.page.clone() else { return Ok(unfit_form(app, visit, FlowRefusal::Foreign)) };
    let ask = Ask::carried(carried);
    if params.has("cancel") {
        let stage = reading(app, move |app, conn| look::turn_down(app, conn, &ask, AuthorizeRefusal::Cancelled)).await?;
        return finish(app, visit, stage, vec![]).await;
    }
    let (looking, caller, asked) = (browser.clone(), visit.caller().clone(), ask.clone());
    let stage = reading(app, move |app, conn| look::look(app, conn, &looking, &caller, &asked)).await?;
    // Somebody who has connected meanwhile, or is nobody any more, goes on with whatever comes next.
    let Stage::Join(shown) = stage else { return finish(app, visit, stage, vec![]).await };
    let fits = shown.guest.as_ref().is_some_and(|guest| guest.consumer.id == consumer)
        && shown.host.as_ref().is_some_and(|host| host.agent.id == agent);
    if !fits {
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    }
    let mut problems = Problems::default();
    let details = typed_details(params).check(lacking(&shown), &mut problems);
    if !problems.is_empty() {
        visit.ended("form_refused");
        return Ok(page(&shown, Some(Form::sent(params, found(&problems))), &[]));
    }
    let (holder, caller, unconnected) = (browser.clone(), visit.caller().clone(), ask.unconnected());
    let joined = writing(app, move |app, conn| {
        let guest = enter::enter(app, conn, holder.held.as_ref(), &caller)?.filter(|guest| guest.consumer.id == consumer);
        match guest {
            Some(guest) => flow::join(app, conn, &guest, &agent, &details, unconnected).map(Some),
            None => Ok(None),
        }
    })
    .await?;
    match joined {
        Some(()) => on(app, &browser.id, &ask, &[]),
        None => Ok(start_again(app, visit, FlowRefusal::Over)),
    }
}
