//! `/openid`: OpenID 2.0 with the platform's OAuth extension, for clients that were written before OpenID Connect.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::hybrid;
use crate::http::body::{self, BodyProblem};
use crate::http::pages::{Brand, IdentityPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, writing};
use crate::protocol::authorize::Surface;
use crate::protocol::openid2::{self, NS};
use crate::protocol::params::Params;

use super::authorize::{begin, unreadable};

/// `GET /openid`. Spec: OpenID Authentication 2.0 §9
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    match Params::from_query(request.query_string().as_bytes()).and_then(|params| openid2::as_oauth(&params)) {
        Ok(params) => begin(&app, &visit, &request, Surface::Hybrid, params).await,
        Err(problem) => unreadable(&app, &visit, &BodyProblem::Params(problem)),
    }
}

/// `POST /openid`: what a client asks us itself. A request that a browser posts is asked again by GET, with the browser's cookies.
///
/// Spec: OpenID Authentication 2.0 §8.2.4, §11.4.2
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return unreadable(&app, &visit, &why),
    };
    match params.text("openid.mode") {
        Some("check_authentication") => match writing(&app, move |app, conn| hybrid::check(app, conn, &params)).await {
            Ok(valid) => said(StatusCode::OK, &[("is_valid", if valid { "true" } else { "false" })]),
            Err(fault) => Style::Page.fault(&visit, &fault),
        },
        Some("associate") => {
            let how = [("error", "Signatures are checked here: send check_authentication."), ("error_code", "unsupported-type")];
            said(StatusCode::BAD_REQUEST, &how)
        }
        Some("checkid_setup" | "checkid_immediate") => {
            let names: Vec<&str> = params.names().collect();
            respond::round_by_get("/openid", &params.to_form(&names)).unwrap_or_else(|| unreadable(&app, &visit, &BodyProblem::Format))
        }
        _ => said(StatusCode::BAD_REQUEST, &[("error", "This openid.mode is not offered here.")]),
    }
}

/// An answer in key-value form. Spec: OpenID Authentication 2.0 §4.1.1, §5.1.2
fn said(status: StatusCode, members: &[(&str, &str)]) -> HttpResponse {
    let mut text = String::new();
    for (name, value) in [("ns", NS)].iter().chain(members) {
        text.extend([name, ":", value, "\n"]);
    }
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(text)
}

/// `GET /openid/userid/{login}`: what an identifier in an assertion leads to. It is the same for everybody, whether there is such a person or
/// not.
pub async fn identity(app: Hands) -> HttpResponse {
    respond::page(StatusCode::OK, &IdentityPage { brand: Brand::house(), endpoint: format!("{}/openid", app.settings.issuer) })
}
