//! `POST /openid/sign-in`: what the sign-in page sends.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Timestamp};
use crate::flows::authorize::{self, Ask, Browser, Stage};
use crate::flows::carry::{Carried, Page};
use crate::flows::device::Device;
use crate::flows::sign_in;
use crate::http::body::{self, BodyProblem};
use crate::http::cookies;
use crate::http::pages::SignInProblem;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::authorize::AuthorizeRefusal;
use crate::protocol::params::Params;

use super::authorize::{finish, sign_in_page, unfit_form, walk_on};
use super::origin;

/// The longest login name that is looked up. Units: bytes.
const LONGEST_LOGIN: usize = 256;

/// `POST /openid/sign-in`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let (browser, _) = cookies::browser(&app, &request);
    let carried = match Carried::open(&app, &browser.id, &params, |page| *page == Page::SignIn) {
        Ok(carried) => carried,
        Err(why) => return unfit_form(&app, &visit, why),
    };
    let mut ask = Ask::carried(&carried);
    let answered = if params.has("cancel") {
        match reading(&app, move |app, conn| authorize::turn_down(app, conn, &ask, AuthorizeRefusal::Cancelled)).await {
            Ok(stage) => finish(&app, &visit, stage, vec![]).await,
            Err(fault) => Err(fault),
        }
    } else if params.has("continue_as") {
        ask.walk.chosen = true;
        walk_on(&app, &visit, browser, ask, vec![]).await
    } else {
        sign_in(&app, &visit, &request, browser, ask, &params).await
    };
    answered.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

async fn sign_in(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    browser: Browser,
    ask: Ask,
    params: &Params,
) -> Result<HttpResponse, Fault> {
    let (Ok(login), Ok(password)) = (params.one("username"), params.one("password")) else {
        return Ok(Style::Page.unreadable(visit, &BodyProblem::Format));
    };
    let (login, typed) = (login.unwrap_or_default().to_owned(), password.unwrap_or_default());
    let Some(password) = Password::typed(typed).filter(|_| login.len() <= LONGEST_LOGIN) else {
        return Ok(respond::problem(
            visit,
            StatusCode::BAD_REQUEST,
            "That is too long",
            "A password may have 1,024 bytes and a login name 256.",
            "Go back and check what you entered.",
            "invalid_request",
        ));
    };

    let device = Device::open(app, cookies::device(request).as_deref());
    let (caller, name, known) = (visit.caller().clone(), login.clone(), device.clone());
    let admitted = match writing(app, move |app, conn| sign_in::admit(app, conn, &caller, &name, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => return again(app, visit, browser, ask, throttled(app, until), login, Some(until)).await,
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let caller = visit.caller().clone();
    let replaced = browser.session.as_ref().map(|(id, _)| *id);
    let holder = browser.clone();
    let opened = writing(app, move |app, conn| {
        // Only a session this browser really holds is replaced; an id alone ends nothing.
        let held = match replaced {
            Some(_) => authorize::session(app, conn, holder.session.as_ref(), app.now())?.map(|session| session.id),
            None => None,
        };
        sign_in::open(app, conn, &caller, &admitted, &verdict, device, held)
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return again(app, visit, browser, ask, SignInProblem::WrongLogin, login, None).await;
    };

    let cookies = vec![cookies::SESSION.set(opened.session.id, &opened.secret), cookies::set_device(opened.device)];
    let browser = Browser { session: Some((opened.session.id, opened.secret.digest())), ..browser };
    let (looking, asked) = (browser.clone(), ask.clone());
    let stage = reading(app, move |app, conn| authorize::look(app, conn, &looking, &asked)).await?;
    if let Stage::Issue(_) | Stage::Answer(..) | Stage::Page(_) = stage {
        return finish(app, visit, stage, cookies).await;
    }
    // A page follows: it gets an address of its own, so that reloading it does not send the password again.
    let flow = authorize::carried(&ask, Page::Continue, app.now()).seal(app, &browser.id)?;
    Ok(respond::see_other(&format!("/openid/continue?flow={flow}"), &cookies))
}

/// The sign-in page again: the same for a wrong password, an unknown name and an account that is switched off.
async fn again(
    app: &Hands,
    visit: &Visit,
    browser: Browser,
    mut ask: Ask,
    problem: SignInProblem,
    login: String,
    until: Option<Timestamp>,
) -> Result<HttpResponse, Fault> {
    // Whoever is signed in meanwhile, this page is about signing in.
    let looking = Browser { session: None, ..browser };
    ask.walk.allowed = None;
    let stage = reading(app, move |app, conn| authorize::look(app, conn, &looking, &ask)).await?;
    let Stage::SignIn(stage) = stage else { return finish(app, visit, stage, vec![]).await };
    let status = if until.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut answer = sign_in_page(&stage, Some((problem, login)), status, &[]);
    if let Some(until) = until {
        visit.ended("login_throttled");
        let wait = (until.0 - app.now().0 + 999) / 1000;
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.max(1)));
    }
    Ok(answer)
}

/// What the sign-in page says while no guess is taken.
pub fn throttled(app: &Hands, until: Timestamp) -> SignInProblem {
    let minutes = (until.0 - app.now().0 + 59_999) / 60_000;
    SignInProblem::Throttled { minutes: u64::try_from(minutes.max(1)).unwrap_or(1) }
}
