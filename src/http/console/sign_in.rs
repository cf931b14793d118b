//! Signing in at a console: the page stands at the address that was asked for, and leads back there.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Timestamp};
use crate::flows::authorize;
use crate::flows::console::enter::{self, Return};
use crate::flows::device::Device;
use crate::flows::sign_in as flow;
use crate::http::body::{self, BodyProblem};
use crate::http::cookies;
use crate::http::door::kept;
use crate::http::oauth::origin;
use crate::http::oauth::sign_in::throttled;
use crate::http::pages::{SignInPage, SignInProblem};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::Accounts;

/// The longest login name that is looked up. Units: bytes.
const LONGEST_LOGIN: usize = 256;

/// The sign-in page that leads back, with what was wrong with the last try.
pub async fn page(
    app: &Hands,
    browser: &str,
    back: &Return,
    tried: Option<(SignInProblem, String, Option<Timestamp>)>,
    cookies: &[Cookie<'_>],
) -> Result<HttpResponse, Fault> {
    let mls = reading(app, |_, conn| enter::face(conn)).await?;
    let flow = back.seal(app, browser)?;
    let status = match &tried {
        None => StatusCode::OK,
        Some((_, _, Some(_))) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (problem, login, until) = tried
        .map_or((back.kept.as_ref().map(|_| SignInProblem::SignedOut), String::new(), None), |(problem, login, until)| {
            (Some(problem), login, until)
        });
    let page =
        SignInPage { brand: respond::brand(mls), action: "/account/sign-in".to_owned(), flow, client: None, login, problem, current: None };
    let mut answer = respond::page_towards(status, &page, None, cookies);
    if let Some(until) = until {
        let wait = (until.0 - app.now().0 + 999) / 1000;
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.max(1)));
    }
    Ok(answer)
}

/// `POST /account/sign-in`
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
    let fresh: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let (Ok(login), Ok(password)) = (params.one("username"), params.one("password")) else {
        return Ok(Style::Page.unreadable(visit, &BodyProblem::Format));
    };
    let (login, typed) = (login.unwrap_or_default().to_owned(), password.unwrap_or_default());
    let Some(back) = params.text("flow").and_then(|text| Return::open(app, &browser.id, text)) else {
        visit.ended("flow_foreign");
        let notice = SignInProblem::Notice("The page was open for too long, or belongs to another browser.".to_owned());
        return page(app, &browser.id, &Return::to("/account"), Some((notice, login, None)), &fresh).await;
    };
    let Some(password) = Password::typed(typed).filter(|_| login.len() <= LONGEST_LOGIN) else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Some((SignInProblem::WrongLogin, String::new(), None)), &fresh).await;
    };

    let device = Device::open(app, cookies::device(request).as_deref());
    let (caller, name, known) = (visit.caller().clone(), login.clone(), device.clone());
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &name, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => {
            visit.ended("login_throttled");
            return page(app, &browser.id, &back, Some((throttled(app, until), login, Some(until))), &fresh).await;
        }
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let opened = writing(app, move |app, conn| {
        let held = authorize::session(app, conn, holder.session.as_ref(), app.now())?.map(|session| session.id);
        flow::open(app, conn, &caller, &admitted, &verdict, device, held)
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Some((SignInProblem::WrongLogin, login, None)), &fresh).await;
    };
    let mut cookies = vec![cookies::SESSION.set(opened.session.id, &opened.secret), cookies::set_device(opened.device)];
    cookies.extend(fresh);
    let held = (opened.session.id, opened.secret.digest());
    kept::back::<Accounts>(app, visit, (held, &browser.id), back, &cookies).await
}
