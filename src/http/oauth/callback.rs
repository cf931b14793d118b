//! `GET /oauth2/callback`: the default redirect URI of the platform's libraries for programs without a web server.
//!
//! Installed applications watch for this address; a person at a command line copies the code from the page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::text::readable;
use crate::http::body::BodyProblem;
use crate::http::pages::{Brand, CallbackAnswer, CallbackPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::protocol::params::Params;

/// `GET /oauth2/callback`
pub async fn get(visit: Visit, request: HttpRequest) -> HttpResponse {
    let params = match Params::from_form(request.query_string().as_bytes()) {
        Ok(params) => params,
        Err(problem) => return Style::Page.unreadable(&visit, &BodyProblem::Params(problem)),
    };
    let text = |name: &'static str, longest| params.one(name).ok().flatten().map(|value| readable(value, longest));
    let state = text("state", 2048);
    let answer = match (text("code", 512), text("error", 64)) {
        (Some(code), None) => CallbackAnswer::Code { code, state },
        (_, Some(error)) => CallbackAnswer::Refused { error, description: text("error_description", 256), state },
        (None, None) => CallbackAnswer::Refused { error: "invalid_request".to_owned(), description: None, state },
    };
    respond::page(StatusCode::OK, &CallbackPage { brand: Brand::house(), answer })
}
