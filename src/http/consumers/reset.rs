//! `/my/forgot`: a new password for who forgot theirs.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::base::{Fault, Problems};
use crate::flows::consumer::password as flow;
use crate::flows::datamart::link::{Carried, Purpose};
use crate::flows::datamart::register::admit;
use crate::http::body;
use crate::http::developers::{letters, too_many};
use crate::http::form::Form;
use crate::http::new_password;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::consumer;
use crate::platform::form::email;
use crate::protocol::params::Params;

use super::face;
use super::walk::{browser, or_fault};

fn ask_page(form: &Form) -> HttpResponse {
    let mut page = face::page(None, "Choose a new password", "We will e-mail you a link to do that.");
    let field =
        Field::typed("email", "E-mail address", "email").required().autocomplete("username").hint("The one you sign in with.").from(form);
    let refused = !form.problems.is_empty();
    if refused {
        page.notice = Some(Notice::problems(&form.problems));
    }
    page.parts.push(Part::Form(PortalForm::new("reset-form", "/my/forgot", "", ("reset", "Send me a link"), vec![field])));
    respond::page(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `GET /my/forgot`
pub async fn get() -> HttpResponse {
    ask_page(&Form::default())
}

/// `POST /my/forgot`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, ask(&app, &visit, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn ask(app: &Hands, visit: &Visit, params: &Params) -> Result<HttpResponse, Fault> {
    let address = match email(params.text("email").unwrap_or_default()) {
        Ok(address) => address,
        Err(sentence) => {
            visit.ended("form_refused");
            return Ok(ask_page(&Form::sent(params, Problems::one("email", sentence))));
        }
    };
    let caller = visit.caller().clone();
    if let Err(until) = writing(app, move |app, conn| admit(app, conn, &caller, "consumer-reset")).await? {
        visit.ended("throttled");
        return Ok(too_many(app, visit, until));
    }
    let (caller, asked) = (visit.caller().clone(), address.clone());
    writing(app, move |app, conn| flow::forgotten(app, conn, &caller, &asked)).await?;
    // The same whether somebody has that address or not.
    let mut page = face::page(None, "Check your e-mail", "");
    let text = format!("If {address} has a login here, we have e-mailed a link. It works for 30 minutes.");
    page.notice = Some(Notice::new("sent", Tone::Good, "Thank you.", text));
    Ok(respond::page(StatusCode::OK, &page))
}

fn set_page(path: &str, problems: Problems) -> HttpResponse {
    let mut page = face::page(None, "Choose a new password", "You will be signed out everywhere, and sites must ask you again.");
    let refused = !problems.is_empty();
    if refused {
        page.notice = Some(Notice::problems(&problems));
    }
    let form = Form::sent(&Params::default(), problems);
    let fields = new_password::fields(&form);
    page.parts.push(Part::Form(PortalForm::new("set-form", path, "", ("set-password", "Set password"), fields)));
    respond::page(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `GET /r/reset/letter/<flow>`
pub async fn set_get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = browser(&app, &request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(&app, &browser.id, Purpose::ConsumerReset, text) else { return letters::over(&visit) };
    match reading(&app, move |app, conn| flow::behind(app, conn, id)).await {
        Ok(Some(_)) => set_page(request.path(), Problems::default()),
        Ok(None) => letters::over(&visit),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

/// `POST /r/reset/letter/<flow>`
pub async fn set_post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, set(&app, &visit, &request, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn set(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, cookies) = browser(app, request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(app, &browser.id, Purpose::ConsumerReset, text) else { return Ok(letters::over(visit)) };
    let Some(known) = reading(app, move |app, conn| flow::behind(app, conn, id)).await? else { return Ok(letters::over(visit)) };
    let new = params.text("new_password").unwrap_or_default();
    let mut problems = Problems::default();
    let password = match consumer::password(new, &known.email, &known.name) {
        Ok(password) => Some(password),
        Err(why) => {
            problems.add("new_password", format!("The password {why}."));
            None
        }
    };
    if password.is_some() && params.text("new_password_again") != Some(new) {
        problems.add("new_password_again", "This is not the same as the field above.");
    }
    let (true, Some(password)) = (problems.is_empty(), password) else {
        visit.ended("form_refused");
        return Ok(set_page(request.path(), problems));
    };
    let hash = hashed(app.hasher.hash(password, &app.random)?).await?;
    let caller = visit.caller().clone();
    if writing(app, move |app, conn| flow::set(app, conn, &caller, id, &hash)).await? {
        return Ok(respond::see_other("/my/sign-in?said=password-set", &cookies));
    }
    Ok(letters::over(visit))
}
