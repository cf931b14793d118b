//! Signing in as a developer: the page stands at the address that was asked for, and leads back there.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Timestamp};
use crate::flows::console::enter::Return;
use crate::flows::datamart::{enter, sign_in as flow};
use crate::flows::device::Device;
use crate::http::body;
use crate::http::cookies;
use crate::http::door::{kept, said};
use crate::http::form::Form;
use crate::http::oauth::origin;
use crate::http::pages::KEPT;
use crate::http::pages::parts::{Block, CardLink, Field, FormBlock, Notice, Section, Tone};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::{Developers, frame};

/// What went wrong with the last try.
pub enum Tried {
    /// Address and password do not belong together. Which of them is wrong is nobody's business.
    Wrong,
    /// Too many attempts; the next is heard then.
    Throttled(Timestamp),
    /// The page was open for too long, or belongs to another browser.
    Stale,
    /// Nothing: something else was done that leads here.
    Told(Notice),
}

/// The sign-in page that leads back, with what was wrong with the last try and the address typed in it.
pub fn page(
    app: &Hands,
    browser: &str,
    back: &Return,
    tried: Option<(Tried, &str)>,
    cookies: &[Cookie<'_>],
) -> Result<HttpResponse, Fault> {
    let flow = back.seal(app, browser)?;
    let mut page = frame::open_page("Sign in", "Use the e-mail address and password you registered with.");
    let email = tried.as_ref().map_or("", |(_, email)| email);
    let form = Form::default().with("email", email);
    let fields = vec![
        Field::typed("email", "E-mail address", "email").required().autocomplete("username").from(&form),
        Field::password("password", "Password", "current-password"),
    ];
    let sheet = FormBlock::new("sign-in-form", "/developers/sign-in", ("sign-in", "Sign in"), fields).sends("flow", flow);
    page.blocks = vec![
        Block::Section(Section::new("sign-in-section", "Your account", "", vec![Block::Form(sheet)])),
        Block::Links(vec![
            CardLink {
                about: "It is free.".to_owned(),
                ..CardLink::action("to-register", "Register as a developer", "/register/developers")
            },
            CardLink {
                about: "We will e-mail you a link to choose a new one.".to_owned(),
                ..CardLink::action("to-reset", "Forgot your password?", "/developers/reset")
            },
        ]),
    ];
    page.notice = back.kept.as_ref().map(|_| Notice::new("problem", Tone::Plain, "You were signed out.", KEPT));
    let mut status = StatusCode::OK;
    let mut wait = None;
    if let Some((why, _)) = tried {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        page.notice = Some(match why {
            Tried::Wrong => Notice::new(
                "problem",
                Tone::Bad,
                "That address and password do not match.",
                "Check both and try again. Capital letters in the password matter.",
            ),
            Tried::Throttled(until) => {
                status = StatusCode::TOO_MANY_REQUESTS;
                wait = Some((until.0 - app.now().0 + 999) / 1000);
                let minutes = (until.0 - app.now().0 + 59_999).max(60_000) / 60_000;
                let text = format!("Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" });
                Notice::new("problem", Tone::Bad, "Too many attempts.", text)
            }
            Tried::Told(notice) => {
                status = StatusCode::OK;
                notice
            }
            Tried::Stale => Notice::new(
                "problem",
                Tone::Plain,
                "Please sign in again.",
                "The page was open for too long, or belongs to another browser.",
            ),
        });
    }
    let mut answer = respond::page_towards(status, &page, None, cookies);
    if let Some(seconds) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    Ok(answer)
}

/// `GET /developers/sign-in`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, fresh) = cookies::browser(&app, &request);
    let (held, caller) = (cookies::DEVELOPER.held(&request), visit.caller().clone());
    let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    match reading(&app, move |app, conn| enter::enter(app, conn, held.as_ref(), &caller)).await {
        Ok(Some(_)) => Ok(respond::see_other(frame::HOME, &cookies)),
        Ok(None) => {
            let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
            let told = said::told(&query).map(|notice| (Tried::Told(notice), ""));
            page(&app, &browser.id, &Return::to(frame::HOME), told, &cookies)
        }
        Err(fault) => Err(fault),
    }
    .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// `POST /developers/sign-in`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => sign_in(&app, &visit, &request, &params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn sign_in(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, fresh) = cookies::browser(app, request);
    let mut cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let email = params.text("email").unwrap_or_default().to_owned();
    let Some(back) = params.text("flow").and_then(|text| Return::open(app, &browser.id, text)) else {
        visit.ended("flow_foreign");
        return page(app, &browser.id, &Return::to(frame::HOME), Some((Tried::Stale, &email)), &cookies);
    };
    let typed = Password::typed(params.text("password").unwrap_or_default());
    let Some(password) = typed.filter(|_| email.len() <= 256) else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Some((Tried::Wrong, "")), &cookies);
    };
    let device = Device::open(app, cookies::device(request).as_deref());
    let (caller, name, known) = (visit.caller().clone(), email.clone(), device.clone());
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &name, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => {
            visit.ended("login_throttled");
            return page(app, &browser.id, &back, Some((Tried::Throttled(until), &email)), &cookies);
        }
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, held) = (visit.caller().clone(), cookies::DEVELOPER.held(request));
    let opened = writing(app, move |app, conn| {
        // Only a session this browser really holds is replaced; an id alone ends nothing.
        let replaced = enter::enter(app, conn, held.as_ref(), &caller)?.map(|guest| guest.session.id);
        flow::open(app, conn, &caller, &admitted, &verdict, device, replaced)
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Some((Tried::Wrong, &email)), &cookies);
    };
    cookies.push(cookies::DEVELOPER.set(opened.id, &opened.secret));
    cookies.push(cookies::set_device(opened.device));
    let held = (opened.id, opened.secret.digest());
    kept::back::<Developers>(app, visit, (held, &browser.id), back, &cookies).await
}
