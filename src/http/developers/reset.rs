//! `/developers/reset`: a new password for who forgot theirs.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Problems};
use crate::flows::datamart::link::{Carried, Purpose};
use crate::flows::datamart::{password as flow, register};
use crate::http::body;
use crate::http::cookies;
use crate::http::form::Form;
use crate::http::new_password;
use crate::http::oauth::origin;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Field, FormBlock, Notice, Section, Tone};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::platform::form::email;
use crate::protocol::params::Params;

use super::{frame, letters, register as pages};

fn ask_page(form: &Form) -> ConsolePage {
    let mut page = frame::open_page("Choose a new password", "We will e-mail you a link to do that.");
    let field = Field::typed("email", "E-mail address", "email")
        .required()
        .autocomplete("username")
        .hint("The one you registered with.")
        .from(form);
    let sheet = FormBlock::new("reset-form", "/developers/reset", ("reset", "Send me a link"), vec![field]).cancel("/developers/sign-in");
    page.blocks = vec![Block::Section(Section::new("reset-section", "Your account", "", vec![Block::Form(sheet)]))];
    if !form.problems.is_empty() {
        page.notice = Some(Notice::problems(&form.problems));
    }
    page
}

/// `GET /developers/reset`
pub async fn get() -> HttpResponse {
    respond::page(StatusCode::OK, &ask_page(&Form::default()))
}

/// `POST /developers/reset`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => ask(&app, &visit, &params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn ask(app: &Hands, visit: &Visit, params: &Params) -> Result<HttpResponse, Fault> {
    let address = match email(params.text("email").unwrap_or_default()) {
        Ok(address) => address,
        Err(sentence) => {
            visit.ended("form_refused");
            let page = ask_page(&Form::sent(params, Problems::one("email", sentence)));
            return Ok(respond::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let caller = visit.caller().clone();
    if let Err(until) = writing(app, move |app, conn| register::admit(app, conn, &caller, "reset")).await? {
        visit.ended("throttled");
        return Ok(pages::too_many(app, visit, until));
    }
    let (caller, asked) = (visit.caller().clone(), address.clone());
    writing(app, move |app, conn| flow::forgotten(app, conn, &caller, &asked)).await?;
    // The same whether somebody has that address or not.
    let mut page = frame::open_page("Check your e-mail", "");
    let text = format!("If a developer is registered with {address}, we have e-mailed a link. It works for 30 minutes.");
    page.blocks = vec![Block::Notice(Notice::new("sent", Tone::Good, "Thank you.", text))];
    Ok(respond::page(StatusCode::OK, &page))
}

fn set_page(path: &str, problems: Problems) -> ConsolePage {
    let mut page = frame::open_page("Choose a new password", "You will be signed out everywhere.");
    if !problems.is_empty() {
        page.notice = Some(Notice::problems(&problems));
    }
    let form = Form::sent(&Params::default(), problems);
    let fields = new_password::fields(&form);
    let sheet = FormBlock::new("set-form", path, ("set-password", "Set password"), fields);
    page.blocks = vec![Block::Section(Section::new("set-section", "Your new password", "", vec![Block::Form(sheet)]))];
    page
}

/// `GET /developers/reset/letter/{flow}`
pub async fn set_get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(&app, &browser.id, Purpose::Reset, text) else { return letters::over(&visit) };
    match reading(&app, move |app, conn| flow::behind(app, conn, id)).await {
        Ok(Some(_)) => respond::page(StatusCode::OK, &set_page(request.path(), Problems::default())),
        Ok(None) => letters::over(&visit),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

/// `POST /developers/reset/letter/{flow}`
pub async fn set_post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => set(&app, &visit, &request, &params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn set(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, _) = cookies::browser(app, request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(app, &browser.id, Purpose::Reset, text) else { return Ok(letters::over(visit)) };
    let Some((_, developer)) = reading(app, move |app, conn| flow::behind(app, conn, id)).await? else { return Ok(letters::over(visit)) };
    let new = params.text("new_password").unwrap_or_default();
    let problems = match Password::chosen(new, &developer.facts.email, &developer.facts.company) {
        Ok(password) if params.text("new_password_again") == Some(new) => {
            let hash = hashed(app.hasher.hash(password, &app.random)?).await?;
            let caller = visit.caller().clone();
            let set = writing(app, move |app, conn| flow::set(app, conn, &caller, id, &hash)).await?;
            if !set {
                return Ok(letters::over(visit));
            }
            // Nobody is signed in by this: who stole the letter has to know the password he set, and its owner is told of it.
            return Ok(respond::see_other("/developers/sign-in?said=password-set", &[cookies::DEVELOPER.gone()]));
        }
        Ok(_) => Problems::one("new_password_again", "This is not the same as the field above."),
        Err(why) => Problems::one(
            "new_password",
            format!("The new password {}.", why.replace("login name or the name of the MLS", "address or company")),
        ),
    };
    visit.ended("form_refused");
    Ok(respond::page(StatusCode::UNPROCESSABLE_ENTITY, &set_page(request.path(), problems)))
}
