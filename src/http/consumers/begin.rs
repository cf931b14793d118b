//! `/auth/vow`, `/auth/vow/<portal>`, `/r/login/<portal>`: a site's request comes in, a page or an answer goes out.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::flows::consumer::carry::{Ask, Entrance, Page};
use crate::flows::record;
use crate::http::body::BodyProblem;
use crate::http::limit::Failures;
use crate::http::oauth::authorize::start_again;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::Hands;
use crate::protocol::params::Params;

use super::porch;
use super::walk::{browser, or_fault, walk_on};

/// By this word tries at portals that are not there are counted.
const GUESSES: &str = "portal";

/// `GET /auth/vow`
pub async fn any(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest) -> HttpResponse {
    begin(&app, &visit, &failures, &request, Entrance::Any).await
}

/// `GET /auth/vow/<portal>` and `GET /r/login/<portal>`
pub async fn portal(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest) -> HttpResponse {
    let entrance = named(&request);
    begin(&app, &visit, &failures, &request, entrance).await
}

/// The portal that an address names.
pub fn named(request: &HttpRequest) -> Entrance {
    Entrance::Portal(request.match_info().get("portal").unwrap_or_default().to_owned())
}

/// The request's parameters, unless somebody looks for portals by trying names.
pub fn read(app: &Hands, visit: &Visit, failures: &Failures, request: &HttpRequest) -> Result<Params, Box<HttpResponse>> {
    if failures.exceeded(visit.caller().peer, GUESSES) {
        visit.ended("throttled");
        return Err(Box::new(respond::problem(
            visit,
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts",
            "Too many unknown portals were requested from your network.",
            "Wait a minute and try again.",
            "throttled",
        )));
    }
    Params::from_query(request.query_string().as_bytes()).map_err(|problem| {
        let why = BodyProblem::Params(problem);
        record::refused(app, visit.caller(), "authz.rejected", why.refusal().reason(), None);
        Box::new(Style::Page.unreadable(visit, &why))
    })
}

/// Counts an answer that says that there is no such portal.
pub fn counted(visit: &Visit, failures: &Failures, answer: HttpResponse) -> HttpResponse {
    if answer.status() == StatusCode::NOT_FOUND {
        failures.count(visit.caller().peer, GUESSES);
    }
    answer
}

async fn begin(app: &Hands, visit: &Visit, failures: &Failures, request: &HttpRequest, entrance: Entrance) -> HttpResponse {
    let params = match read(app, visit, failures, request) {
        Ok(params) => params,
        Err(answer) => return *answer,
    };
    let (browser, cookies) = browser(app, request);
    if let Entrance::Portal(name) = &entrance
        && request.path().starts_with("/r/login/")
        && params.names().next().is_none()
    {
        // No site sent anybody here: somebody typed the address, or kept it.
        return counted(visit, failures, or_fault(visit, porch::page(app, visit, name.clone(), &cookies).await));
    }
    let ask = Ask::fresh(entrance, params, app.now());
    counted(visit, failures, or_fault(visit, walk_on(app, visit, browser, ask, cookies).await))
}

/// `GET /auth/consumer/continue`: goes on with a request that was carried through a page.
pub async fn go_on(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, cookies) = browser(&app, &request);
    let params = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    match crate::flows::consumer::carry::Carried::open(&app, &browser.id, &params, |page| *page == Page::Continue) {
        Ok(carried) => or_fault(&visit, walk_on(&app, &visit, browser, Ask::carried(&carried), cookies).await),
        Err(why) => start_again(&app, &visit, why),
    }
}
