//! `POST /auth/consumer/sign-in`: the sign-in page of a portal, and what it sends.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Timestamp};
use crate::flows::consumer::carry::{Ask, Page};
use crate::flows::consumer::enter::Browser;
use crate::flows::consumer::look::{self, Shown, Stage};
use crate::flows::consumer::sign_in as flow;
use crate::http::form::Form;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::authorize::{AuthorizeRefusal, SignInReason};
use crate::protocol::params::Params;

use super::face;
use super::walk::{self, Posted, device, finish, held, on, or_fault, posted, renewed, retry_after, walk_on};

const ACTION: &str = "/auth/consumer/sign-in";
/// The longest login name that is looked up. Units: bytes.
const LONGEST_LOGIN: usize = 256;

/// What came of the last try.
pub enum Tried {
    /// Address and password do not belong together. Which of them is wrong, or whether somebody is not let in, is nobody's business.
    Wrong,
    /// Too many attempts; the next is heard then, as a sentence.
    Throttled(String),
}

/// The sign-in page, with what was wrong with the last try and the login name typed in it.
pub fn page(
    shown: &Shown,
    reason: SignInReason,
    tried: Option<&(Tried, String)>,
    status: StatusCode,
    cookies: &[Cookie<'_>],
) -> HttpResponse {
    let mut page = face::page(shown.host.as_ref(), "Sign in", face::towards(shown));
    let login = tried.map_or_else(|| shown.login_hint.clone().unwrap_or_default(), |(_, login)| login.clone());
    page.notice = match (tried, reason) {
        (Some((Tried::Wrong, _)), _) => Some(Notice::new(
            "problem",
            Tone::Bad,
            "That address and password do not match.",
            "Check both and try again. Capital letters in the password matter.",
        )),
        (Some((Tried::Throttled(sentence), _)), _) => Some(Notice::new("problem", Tone::Bad, "Too many attempts.", sentence.clone())),
        (None, SignInReason::Again) => {
            Some(Notice::new("problem", Tone::Plain, "Please sign in again.", "The site asks you to enter your password again."))
        }
        (None, SignInReason::SomebodyElse) => {
            Some(Notice::new("problem", Tone::Plain, "Please sign in.", "Whoever is signed in in this browser cannot continue here."))
        }
        (None, SignInReason::Nobody | SignInReason::Choose) => None,
    };
    if let (SignInReason::Choose, Some(guest), None) = (reason, &shown.guest, tried) {
        let words = format!("Continue as {}", guest.consumer.name);
        page.parts.push(Part::Form(
            PortalForm::new("continue-form", ACTION, &shown.flow, ("continue-as", &words), vec![]).sending("continue_as"),
        ));
        page.parts.push(Part::Or("or sign in as someone else".to_owned()));
    }
    let form = Form::default().with("username", login);
    let fields = vec![
        Field::line("username", "E-mail address").required().autocomplete("username").from(&form),
        Field::password("password", "Password", "current-password"),
    ];
    page.parts.push(Part::Form(PortalForm::new("sign-in-form", ACTION, &shown.flow, ("sign-in", "Sign in"), fields)));
    let mut links = vec![("to-reset", "Forgot your password?".to_owned(), "/my/forgot".to_owned())];
    if let Some(host) = &shown.host {
        let words = format!("New here? Sign up with {}", host.agent.profile.name);
        links.insert(0, ("to-sign-up", words, format!("/r/login/{}/signup/?{}", host.portal.name, shown.query)));
    }
    page.parts.push(Part::Links(links));
    let back = format!("Back to {}", crate::base::text::readable(&shown.registered.key.name, 128));
    page.parts.push(Part::Form(PortalForm::new("cancel-form", ACTION, &shown.flow, ("cancel", &back), vec![]).aside("cancel")));
    respond::page_towards(status, &page, Some(&shown.destination.form_action()), cookies)
}

/// `POST /auth/consumer/sign-in`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let Posted { params, browser, carried } = match posted(&app, &visit, &request, payload, |page| *page == Page::SignIn).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    or_fault(&visit, decide(&app, &visit, &request, browser, Ask::carried(&carried), &params).await)
}

async fn decide(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    browser: Browser,
    ask: Ask,
    params: &Params,
) -> Result<HttpResponse, Fault> {
    if params.has("cancel") {
        let stage = reading(app, move |app, conn| look::turn_down(app, conn, &ask, AuthorizeRefusal::Cancelled)).await?;
        return finish(app, visit, stage, vec![]).await;
    }
    if params.has("continue_as") {
        return walk_on(app, visit, browser, Ask { chosen: true, ..ask }, vec![]).await;
    }
    let login = params.text("username").unwrap_or_default().to_owned();
    let typed = Password::typed(params.text("password").unwrap_or_default());
    let Some(password) = typed.filter(|_| login.len() <= LONGEST_LOGIN) else {
        visit.ended("login_failed");
        return again(app, visit, browser, ask, (Tried::Wrong, String::new()), None).await;
    };
    let (caller, name, known) = (visit.caller().clone(), login.clone(), device(app, request));
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &name, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => {
            visit.ended("login_throttled");
            return again(app, visit, browser, ask, (Tried::Throttled(walk::later(app, until)), login), Some(until)).await;
        }
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, holder, entrance) = (visit.caller().clone(), browser.clone(), ask.entrance.clone());
    let opened = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        let agent = match &entrance {
            crate::flows::consumer::carry::Entrance::Portal(name) => look::host_named(app, conn, name)?.map(|host| host.agent.id),
            crate::flows::consumer::carry::Entrance::Any => None,
        };
        flow::open(app, conn, &caller, &admitted, &verdict, agent.as_ref(), held.as_ref())
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return again(app, visit, browser, ask, (Tried::Wrong, login), None).await;
    };
    let (browser, cookies) = renewed(app, request, &browser, &opened)?;
    on(app, &browser.id, &ask, &cookies)
}

/// The sign-in page again: the same for a wrong password, an unknown address and somebody who is not let in.
async fn again(
    app: &Hands,
    visit: &Visit,
    browser: Browser,
    ask: Ask,
    tried: (Tried, String),
    until: Option<Timestamp>,
) -> Result<HttpResponse, Fault> {
    // Whoever is signed in meanwhile, this page is about signing in.
    let (looking, caller) = (Browser { held: None, ..browser }, visit.caller().clone());
    let stage = reading(app, move |app, conn| look::look(app, conn, &looking, &caller, &ask)).await?;
    let Stage::SignIn(shown, reason) = stage else { return finish(app, visit, stage, vec![]).await };
    let status = if until.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut answer = page(&shown, reason, Some(&tried), status, &[]);
    if let Some(until) = until {
        retry_after(app, &mut answer, until);
    }
    Ok(answer)
}
