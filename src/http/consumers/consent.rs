//! `POST /auth/consumer/consent`: letting a site act for oneself with an agent.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::carry::FlowRefusal;
use crate::flows::consumer::carry::{Ask, Carried, Page};
use crate::flows::consumer::enter::{self, Browser};
use crate::flows::consumer::look::{self, Shown};
use crate::flows::consumer::own;
use crate::http::body::BodyProblem;
use crate::http::cookies;
use crate::http::oauth::authorize::{span, start_again, unfit_form};
use crate::http::pages::{Person, PortalConsentPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::protocol::authorize::AuthorizeRefusal;
use crate::protocol::authorize::consent::Missing;
use crate::protocol::grant::ConsumerRole;
use crate::protocol::scope::{Scope, Scopes};

use super::face;
use super::walk::{Posted, finish, or_fault, posted, walk_on};

/// The page on which somebody lets a site act.
pub fn page(shown: &Shown, missing: Missing, cookies: &[Cookie<'_>]) -> HttpResponse {
    let agent = shown.host.as_ref().map_or_else(String::new, |host| host.agent.profile.name.clone());
    let (key, client) = (&shown.registered.key, &shown.registered.client);
    let basics = || {
        vec![
            format!("See and change the contact record {agent} has for you: name, phone and address."),
            "See the listings that registered visitors may see.".to_owned(),
            format!("See and change your favorites and saved searches with {agent}."),
        ]
    };
    let scopes = |scopes: Scopes| scopes.iter().map(permission).map(str::to_owned).collect::<Vec<_>>();
    let (permissions, already) = if missing.already.is_empty() {
        (basics().into_iter().chain(scopes(missing.asked)).collect(), Vec::new())
    } else {
        (scopes(missing.asked), basics().into_iter().chain(scopes(missing.already)).collect())
    };
    // A device's program asks again for what was allowed before: then all of it stands in the open.
    let (permissions, already): (Vec<String>, Vec<String>) =
        if permissions.is_empty() { (already, Vec::new()) } else { (permissions, already) };
    let lifetimes = client.lifetimes;
    let person = shown.guest.as_ref().map(|guest| Person { name: guest.consumer.name.clone(), login: guest.consumer.email.clone() });
    let page = PortalConsentPage {
        brand: face::brand(shown.host.as_ref()),
        agent: shown.host.as_ref().map(face::card),
        agent_name: agent,
        action: "/auth/consumer/consent".to_owned(),
        flow: shown.flow.clone(),
        site: key.name.clone(),
        home: key.application_uri.clone(),
        verified: client.policy.verified,
        owner: shown.owner.clone(),
        person: person.unwrap_or(Person { name: String::new(), login: String::new() }),
        permissions,
        already,
        role: match look::role(&shown.registered) {
            ConsumerRole::Vow => "You are a registered visitor",
            ConsumerRole::Portal => "You are a client with a login at the agent's portal",
        }
        .to_owned(),
        redirect_host: shown.destination.host(),
        lifetime: format!(
            "Access lasts {} at a time and can be renewed without asking you for up to {}. You can end it at any time.",
            span(lifetimes.access_token.0),
            span(lifetimes.refresh_absolute.0)
        ),
    };
    respond::page_towards(StatusCode::OK, &page, Some(&shown.destination.form_action()), cookies)
}

/// What a scope opens of a home buyer, of whom less is known than of an agent.
fn permission(scope: Scope) -> &'static str {
    match scope {
        Scope::Profile => "See your name.",
        _ => scope.permission(),
    }
}

/// `POST /auth/consumer/consent`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let Posted { params, browser, carried } =
        match posted(&app, &visit, &request, payload, |page| matches!(page, Page::Consent { .. })).await {
            Ok(posted) => posted,
            Err(answer) => return answer,
        };
    let decision = params.one("decision").ok().flatten().unwrap_or_default().to_owned();
    or_fault(&visit, decide(&app, &visit, browser, &carried, &decision).await)
}

async fn decide(app: &Hands, visit: &Visit, browser: Browser, carried: &Carried, decision: &str) -> Result<HttpResponse, Fault> {
    let Page::Consent { consumer, shown, terms } = carried.page.clone() else {
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    };
    let (holder, caller) = (browser.clone(), visit.caller().clone());
    let guest = reading(app, move |app, conn| enter::enter(app, conn, holder.held.as_ref(), &caller)).await?;
    let Some(guest) = guest else { return Ok(start_again(app, visit, FlowRefusal::Over)) };
    if guest.consumer.id != consumer {
        // The answer counts only for the person who was asked.
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    }
    let mut ask = Ask::carried(carried);
    match decision {
        "allow" => {
            ask.allowed = Some((terms, shown));
            walk_on(app, visit, browser, ask, vec![]).await
        }
        "switch" => {
            let session = guest.session.id;
            writing(app, move |app, conn| own::end_session(app, conn, &guest, session)).await?;
            let nobody = Browser { held: None, ..browser };
            walk_on(app, visit, nobody, Ask { agent: None, ..ask }, vec![cookies::CONSUMER.gone()]).await
        }
        "deny" => {
            let stage = reading(app, move |app, conn| look::turn_down(app, conn, &ask, AuthorizeRefusal::Denied)).await?;
            finish(app, visit, stage, vec![]).await
        }
        _ => Ok(Style::Page.unreadable(visit, &BodyProblem::Format)),
    }
}
