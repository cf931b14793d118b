//! `/openid/logout`: RP-initiated logout, and the address the platform's own applications open before every sign-in.
//!
//! A bare GET answers 200 at this very address and logs out at once, because those applications expect it; but only where
//! the browser says that no other site sent it, or an ID token of the person does.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::authorize::Browser;
use crate::flows::consumer::own;
use crate::flows::logout::{self, Leaving};
use crate::http::body::{self, BodyProblem};
use crate::http::cookies;
use crate::http::pages::{Brand, HiddenField, Person, SignOutPage, SignedOutPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::protocol::params::Params;

use super::authorize::person;
use super::origin;

const PURPOSE: &str = "sign-out";
const CARRIED: [&str; 4] = ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"];

/// `GET /openid/logout`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let params = match Params::from_form(request.query_string().as_bytes()) {
        Ok(params) => params,
        Err(problem) => return Style::Page.unreadable(&visit, &BodyProblem::Params(problem)),
    };
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let asked_for = matches!(site, None | Some("none" | "same-origin"));
    leave(&app, &visit, (browser, cookies::CONSUMER.held(&request)), &params, asked_for)
        .await
        .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// `POST /openid/logout`: the confirmation page's button, or a client's own form.
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    if !cookies::came(&request)
        && let Some(round) = respond::round_by_get("/openid/logout", &params.to_form(&CARRIED))
    {
        // An application's own form, or anybody's: only with the cookies can it be seen whose session it is about.
        return round;
    }
    let token = params.one("form_token").ok().flatten();
    let confirmed = origin::is_ours(&app, request.headers())
        && token.is_some_and(|token| app.seal.open_flow(PURPOSE, browser.id.as_bytes(), token).is_some());
    leave(&app, &visit, (browser, cookies::CONSUMER.held(&request)), &params, confirmed)
        .await
        .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// `HEAD /openid/logout` looks and does nothing.
pub async fn head() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").finish()
}

async fn leave(
    app: &Hands,
    visit: &Visit,
    (browser, held): (Browser, logout::Held),
    params: &Params,
    confirmed: bool,
) -> Result<HttpResponse, Fault> {
    let (looking, caller, asked) = (browser.clone(), visit.caller().clone(), params.clone());
    let leaving = reading(app, move |app, conn| logout::look(app, conn, &looking, &held, &caller, &asked)).await?;
    let Leaving { current, consumer, hint_fits, landing } = leaving;
    let somebody = match (&current, &consumer) {
        (Some((_, account)), _) => Some((Brand::named(account.mls_name.clone()), person(account))),
        (None, Some(guest)) => Some((Brand::house(), Person { name: guest.consumer.name.clone(), login: guest.consumer.email.clone() })),
        (None, None) => None,
    };
    let hinted = params.has("id_token_hint");
    let may = hint_fits || (confirmed && (!hinted || params.has("form_token")));
    if let Some((brand, person)) = somebody.filter(|_| !may) {
        return ask(app, &browser, params, brand, person);
    }
    let mut gone: Vec<_> = Vec::new();
    if let Some((session, account)) = current {
        let caller = visit.caller().clone();
        writing(app, move |app, conn| logout::end(app, conn, &caller, session, &account.id)).await?;
        gone.push(cookies::SESSION.gone());
    } else if browser.session.is_some() && !hinted {
        gone.push(cookies::SESSION.gone());
    }
    if let Some(guest) = consumer {
        writing(app, move |app, conn| own::end_session(app, conn, &guest, guest.session.id)).await?;
        gone.push(cookies::CONSUMER.gone());
    }
    match landing {
        Some(place) => Ok(respond::see_other(&place, &gone)),
        None => Ok(respond::page_towards(StatusCode::OK, &SignedOutPage { brand: Brand::house(), back: None, again: None }, None, &gone)),
    }
}

/// Asks whether somebody meant to sign out.
fn ask(app: &Hands, browser: &Browser, params: &Params, brand: Brand, person: Person) -> Result<HttpResponse, Fault> {
    let form_token = app.seal.seal_flow(PURPOSE, browser.id.as_bytes(), b"", &app.random)?;
    let hidden = CARRIED
        .iter()
        .filter_map(|name| params.one(name).ok().flatten().map(|value| HiddenField { name: (*name).to_owned(), value: value.to_owned() }))
        .collect();
    let page = SignOutPage { brand, action: "/openid/logout".to_owned(), person, form_token, hidden };
    Ok(respond::page_towards(StatusCode::OK, &page, None, &[]))
}
