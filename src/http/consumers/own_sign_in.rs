//! `/my/sign-in`: signing in to one's own page, without any site.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Seconds, Timestamp};
use crate::flows::consumer::enter::Browser;
use crate::flows::consumer::sign_in as flow;
use crate::http::body;
use crate::http::console::said;
use crate::http::form::Form;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::door::{browser, held, later, or_fault, renewed, retry_after};
use super::{face, own};

const PATH: &str = "/my/sign-in";
const PURPOSE: &str = "my-sign-in";
/// How long the page may stay open before its form is refused.
const OPEN_FOR: Seconds = Seconds::minutes(30);

fn wrong() -> Notice {
    Notice::new(
        "problem",
        Tone::Bad,
        "That address and password do not match.",
        "Check both and try again. Capital letters in the password matter.",
    )
}

/// The sign-in page.
pub fn page(
    app: &Hands,
    browser: &str,
    notice: Option<Notice>,
    login: &str,
    status: StatusCode,
    cookies: &[Cookie<'_>],
) -> Result<HttpResponse, Fault> {
    let at = app.now().0.to_string();
    let flow = app.seal.seal_flow(PURPOSE, browser.as_bytes(), at.as_bytes(), &app.random)?;
    let mut page = face::page(None, "Sign in", "to see your sessions and the sites that act for you");
    page.notice = notice;
    let form = Form::default().with("username", login);
    let fields = vec![
        Field::line("username", "E-mail address").required().autocomplete("username").from(&form),
        Field::password("password", "Password", "current-password"),
    ];
    page.parts.push(Part::Form(PortalForm::new("sign-in-form", PATH, &flow, ("sign-in", "Sign in"), fields)));
    page.parts.push(Part::Links(vec![("to-reset", "Forgot your password?".to_owned(), "/my/forgot".to_owned())]));
    Ok(respond::page_towards(status, &page, None, cookies))
}

/// `GET /my/sign-in`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, cookies) = browser(&app, &request);
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    or_fault(&visit, page(&app, &browser.id, said::told(&query), "", StatusCode::OK, &cookies))
}

/// `POST /my/sign-in`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, sign_in(&app, &visit, &request, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

/// Whether this browser opened the form, and not too long ago.
fn is_ours(app: &Hands, browser: &Browser, params: &Params) -> bool {
    let plain = app.seal.open_flow(PURPOSE, browser.id.as_bytes(), params.text("flow").unwrap_or_default());
    let at = plain.and_then(|plain| std::str::from_utf8(&plain).ok()?.parse().ok()).map(Timestamp);
    at.is_some_and(|at| app.now() < at + OPEN_FOR)
}

async fn sign_in(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, cookies) = browser(app, request);
    let login = params.text("username").unwrap_or_default().to_owned();
    if !is_ours(app, &browser, params) {
        visit.ended("flow_foreign");
        let notice =
            Notice::new("problem", Tone::Plain, "Please sign in again.", "The page was open for too long, or belongs to another browser.");
        return page(app, &browser.id, Some(notice), "", StatusCode::UNPROCESSABLE_ENTITY, &cookies);
    }
    let typed = Password::typed(params.text("password").unwrap_or_default());
    let Some(password) = typed.filter(|_| login.len() <= 256) else {
        visit.ended("login_failed");
        return page(app, &browser.id, Some(wrong()), "", StatusCode::UNPROCESSABLE_ENTITY, &cookies);
    };
    let (caller, name) = (visit.caller().clone(), login.clone());
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &name)).await? {
        Ok(admitted) => admitted,
        Err(until) => {
            visit.ended("login_throttled");
            let notice = Notice::new("problem", Tone::Bad, "Too many attempts.", later(app, until));
            let mut answer = page(app, &browser.id, Some(notice), &login, StatusCode::TOO_MANY_REQUESTS, &cookies)?;
            retry_after(app, &mut answer, until);
            return Ok(answer);
        }
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let opened = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        flow::open(app, conn, &caller, &admitted, &verdict, None, held.as_ref())
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return page(app, &browser.id, Some(wrong()), &login, StatusCode::UNPROCESSABLE_ENTITY, &cookies);
    };
    Ok(respond::see_other(own::HOME, &[renewed(&browser, &opened).1]))
}
