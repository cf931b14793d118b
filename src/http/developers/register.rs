//! `/register/developers`: registering, and proving that the address is one's own.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Problems, Timestamp};
use crate::flows::datamart::link::{Carried, Purpose};
use crate::flows::datamart::register::{self as flow, Verified};
use crate::http::body;
use crate::http::cookies;
use crate::http::form::Form;
use crate::http::oauth::origin;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Choice, Field, FormBlock, Notice, Section, Tone};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::platform::registration::{PROMISED, Registration};
use crate::protocol::params::Params;

use super::{frame, letters};

/// What developers accept when they register, in its present version.
const TERMS: &str = "You use listings only as the MLS whose they are allows, name the listing office, keep keys and tokens secret, \
    let nobody else use them, and stop when the MLS ends your plan. Sample data is invented and may be used for building and testing only.";

/// `GET /register/developers`
pub async fn get() -> HttpResponse {
    respond::page(StatusCode::OK, &form_page(&Form::default()))
}

fn form_page(form: &Form) -> ConsolePage {
    let lede = "It is free. You get sample data to build with, and can enroll in MLSs' plans.";
    let mut page = frame::open_page("Register as a developer", lede);
    let you = vec![
        Field::line("first_name", "First name").required().autocomplete("given-name").from(form),
        Field::line("last_name", "Last name").required().autocomplete("family-name").from(form),
        Field::line("company", "Company").required().autocomplete("organization").from(form),
        Field::typed("email", "E-mail address", "email")
            .required()
            .autocomplete("email")
            .hint("We e-mail you right away; you will sign in with this address.")
            .from(form),
        Field::typed("website", "Website", "url").required().autocomplete("url").hint("Such as https://company.example/.").from(form),
        Field::typed("phone", "Phone", "tel").required().autocomplete("tel").from(form),
        Field::lines("building", "What do you want to build?", 5)
            .required()
            .hint("What it does, for whom, and which data it needs. A few sentences are enough.")
            .from(form),
        Field::password("password", "Choose a password", "new-password")
            .hint("At least 8 characters. A few words in a row are good.")
            .from(form),
        Field::password("password_again", "Repeat password", "new-password").from(form),
        Field::boxes("terms", "Terms", vec![Choice::new("accept", "I accept the terms for developers", TERMS)]).from(form),
    ];
    let sheet = FormBlock::new("register-form", "/register/developers", ("register", "Register"), you);
    let lede = format!("The platform's staff reviews it within {PROMISED} business days.");
    page.blocks = vec![
        Block::Section(Section::new("register-section", "About you", lede, vec![Block::Form(sheet)])),
        Block::Links(vec![CardLink {
            about: "Sign in to see how it stands.".to_owned(),
            ..CardLink::action("to-sign-in", "Already registered?", "/developers/sign-in")
        }]),
    ];
    if !form.problems.is_empty() {
        page.notice = Some(Notice::problems(&form.problems));
    }
    page
}

/// `POST /register/developers`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => submit(&app, &visit, &params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn submit(app: &Hands, visit: &Visit, params: &Params) -> Result<HttpResponse, Fault> {
    let text = |name: &str| params.text(name).unwrap_or_default().to_owned();
    let typed = Registration {
        first_name: text("first_name"),
        last_name: text("last_name"),
        company: text("company"),
        email: text("email"),
        website: text("website"),
        phone: text("phone"),
        building: text("building"),
    };
    let mut problems = Problems::default();
    let facts = match Registration::parse(&typed, params.has("accept")) {
        Ok(facts) => facts,
        Err(found) => {
            for (field, sentence) in found.0 {
                problems.add(field, sentence);
            }
            Registration::default()
        }
    };
    let new = text("password");
    let password = match Password::chosen(&new, &typed.email, &typed.company) {
        Ok(password) if text("password_again") == new => Some(password),
        Ok(_) => {
            problems.add("password_again", "This is not the same as the field above.");
            None
        }
        Err("must not be the login name or the name of the MLS") => {
            problems.add("password", "The password must not be your address or company.");
            None
        }
        Err(why) => {
            problems.add("password", format!("The password {why}."));
            None
        }
    };
    let (true, Some(password)) = (problems.is_empty(), password) else {
        visit.ended("form_refused");
        return Ok(respond::page(StatusCode::UNPROCESSABLE_ENTITY, &form_page(&Form::sent(params, problems))));
    };
    let caller = visit.caller().clone();
    if let Err(until) = writing(app, move |app, conn| flow::admit(app, conn, &caller, "register")).await? {
        visit.ended("throttled");
        return Ok(too_many(app, visit, until));
    }
    let hash = hashed(app.hasher.hash(password, &app.random)?).await?;
    let (caller, email) = (visit.caller().clone(), facts.email.clone());
    writing(app, move |app, conn| flow::submit(app, conn, &caller, &facts, &hash)).await?;
    let mut page = frame::open_page("Check your e-mail", "One step left: confirm that this address is yours.");
    page.blocks = vec![Block::Notice(Notice::new(
        "sent",
        Tone::Good,
        "An e-mail is on its way.",
        format!("We e-mailed {email}. Open the link within 24 hours and enter the password you chose."),
    ))];
    Ok(respond::page(StatusCode::OK, &page))
}

/// The answer to who tries too often.
pub fn too_many(app: &Hands, visit: &Visit, until: Timestamp) -> HttpResponse {
    let mut answer = respond::problem(
        visit,
        StatusCode::TOO_MANY_REQUESTS,
        "Too many attempts",
        "Too many requests came from your network within a minute.",
        "Wait a minute and try again.",
        "throttled",
    );
    let wait = ((until.0 - app.now().0 + 999) / 1000).max(1);
    answer.headers_mut().insert(actix_web::http::header::RETRY_AFTER, actix_web::http::header::HeaderValue::from(wait));
    answer
}

fn verify_page(path: &str, email: &str, problem: Option<&str>) -> ConsolePage {
    let mut page = frame::open_page("Confirm your e-mail address", "");
    page.lede = format!("You registered with {email}. Enter the password you chose.");
    let mut problems = Problems::default();
    if let Some(sentence) = problem {
        problems.add("password", sentence);
        page.notice = Some(Notice::problems(&problems));
    }
    let field = Field::password("password", "Password", "current-password").from(&Form::sent(&Params::default(), problems));
    let sheet = FormBlock::new("verify-form", path, ("verify", "Confirm"), vec![field]);
    let lede = "This protects you if someone else reads your e-mail.";
    page.blocks = vec![Block::Section(Section::new("verify-section", "Confirm it's you", lede, vec![Block::Form(sheet)]))];
    page
}

/// `GET /register/developers/verify/letter/{flow}`
pub async fn verify_get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let flow_text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(&app, &browser.id, Purpose::Verify, flow_text) else { return letters::over(&visit) };
    match reading(&app, move |app, conn| flow::behind(app, conn, id)).await {
        Ok(Some((developer, _))) => respond::page(StatusCode::OK, &verify_page(request.path(), &developer.facts.email, None)),
        Ok(None) => letters::over(&visit),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

/// `POST /register/developers/verify/letter/{flow}`
pub async fn verify_post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => verify(&app, &visit, &request, &params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn verify(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, fresh) = cookies::browser(app, request);
    let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let flow_text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(app, &browser.id, Purpose::Verify, flow_text) else { return Ok(letters::over(visit)) };
    let asked = match writing(app, move |app, conn| flow::guess(app, conn, id)).await? {
        Some(Ok(asked)) => asked,
        Some(Err(until)) => return Ok(too_many(app, visit, until)),
        None => return Ok(letters::over(visit)),
    };
    let email = asked.developer.facts.email.clone();
    let wrong = || {
        respond::page(StatusCode::UNPROCESSABLE_ENTITY, &verify_page(request.path(), &email, Some("That is not the password you chose.")))
    };
    let Some(password) = Password::typed(params.text("password").unwrap_or_default()) else { return Ok(wrong()) };
    let verdict = hashed(app.hasher.verify(password, asked.stored.clone(), &app.random)?).await?;
    let caller = visit.caller().clone();
    Ok(match writing(app, move |app, conn| flow::verify(app, conn, &caller, id, &asked, &verdict)).await? {
        Verified::Done => respond::see_other("/developers/sign-in?said=address-confirmed", &cookies),
        Verified::Wrong => {
            visit.ended("login_failed");
            wrong()
        }
        Verified::Over => letters::over(visit),
    })
}
