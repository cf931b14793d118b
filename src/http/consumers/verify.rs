//! `/r/verify/letter/<flow>`: proving that an address is one's own, with the password that was chosen.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::base::{Digest, Fault, Problems};
use crate::flows::consumer::carry::{Ask, Entrance};
use crate::flows::consumer::verify::{self as flow, Verified, Waiting};
use crate::flows::datamart::link::{Carried, Purpose};
use crate::http::body;
use crate::http::developers::{letters, too_many};
use crate::http::form::Form;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Field, Notice};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::face;
use super::walk::{browser, held, on, or_fault, renewed};

const WRONG: &str = "That is not the password you chose.";

fn page(path: &str, waiting: &Waiting, problem: Option<&str>) -> HttpResponse {
    let lede = format!("You signed up with {}. Enter the password you chose.", waiting.consumer.email);
    let mut page = face::page(waiting.host.as_ref(), "Confirm your address", lede);
    let mut problems = Problems::default();
    if let Some(sentence) = problem {
        problems.add("password", sentence);
        page.notice = Some(Notice::problems(&problems));
    }
    let form = Form::sent(&Params::default(), problems).with("username", waiting.consumer.email.clone());
    let field = Field::password("password", "Password", "current-password").from(&form);
    page.parts.push(Part::Form(PortalForm::new("verify-form", path, "", ("verify", "Confirm"), vec![field])));
    page.parts.push(Part::Prose("This protects you if someone else reads your e-mail.".to_owned()));
    respond::page(if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `GET /r/verify/letter/<flow>`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = browser(&app, &request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(&app, &browser.id, Purpose::ConsumerVerify, text) else { return letters::over(&visit) };
    match reading(&app, move |app, conn| flow::behind(app, conn, id)).await {
        Ok(Some(waiting)) => page(request.path(), &waiting, None),
        Ok(None) => letters::over(&visit),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

/// `POST /r/verify/letter/<flow>`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, verify(&app, &visit, &request, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn verify(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, _) = browser(app, request);
    let text = request.match_info().get("flow").unwrap_or_default();
    let Some(id) = Carried::open(app, &browser.id, Purpose::ConsumerVerify, text) else { return Ok(letters::over(visit)) };
    let asked = match writing(app, move |app, conn| flow::guess(app, conn, id)).await? {
        Some(Ok(asked)) => asked,
        Some(Err(until)) => return Ok(too_many(app, visit, until)),
        None => return Ok(letters::over(visit)),
    };
    let (path, signup) = (request.path(), asked.waiting.signup.clone());
    let Some(password) = Password::typed(params.text("password").unwrap_or_default()) else {
        return Ok(page(path, &asked.waiting, Some(WRONG)));
    };
    let verdict = hashed(app.hasher.verify(password, asked.stored.clone(), &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let (asked, done) = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        let done = flow::verify(app, conn, &caller, id, &asked, &verdict, held.as_ref())?;
        Ok((asked, done))
    })
    .await?;
    let opened = match done {
        Verified::Done(opened) => opened,
        Verified::Wrong => {
            visit.ended("login_failed");
            return Ok(page(path, &asked.waiting, Some(WRONG)));
        }
        Verified::Over => return Ok(letters::over(visit)),
    };
    let same_browser = signup.browser.as_deref() == Some(Digest::of(browser.id.as_bytes()).hex().as_str());
    let (browser, cookies) = renewed(app, request, &browser, &opened)?;
    match (signup.request, &asked.waiting.host) {
        // The site's request goes on only in the browser in which it began: elsewhere it would be somebody else's.
        (Some(request), Some(host)) if same_browser => {
            let params = Params::from_form(request.as_bytes()).unwrap_or_default();
            let ask = Ask::fresh(Entrance::Portal(host.portal.name.clone()), params, app.now());
            on(app, &browser.id, &ask, &cookies)
        }
        _ => Ok(respond::see_other("/my/sessions?said=consumer-confirmed", &cookies)),
    }
}
