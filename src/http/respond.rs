//! Answers: one builder for pages, one for the protocol's JSON, one for the platform's envelope; faults and errors in each one's way.

use std::any::Any;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::{Template, Values};
use serde::Serialize;

use crate::base::Fault;
use crate::platform::access::AccessRefusal;
use crate::protocol::authorize::Answer;
use crate::protocol::token::TokenRefusal;
use crate::store::mlses::Mls;

use super::body::BodyProblem;
use super::door::form_token;
use super::pages::{Brand, ConsolePage, ErrorPage, FormPostPage, HiddenField};
use super::visit::Visit;
use super::way_out;

/// In which way a door speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// To a person.
    Page,
    /// To a client of the protocol.
    Token,
    /// To a client of the platform's API.
    Api,
    /// To a client of the RESO Web API.
    OData,
}

impl Style {
    /// The way of an address, also of one that leads nowhere.
    pub fn of_path(path: &str) -> Self {
        match path {
            "/v1/oauth2/grant" | "/openid/token" | "/openid/revoke" | "/openid/introspect" | "/openid/userinfo" => Self::Token,
            _ if path.contains("/Reso/OData") && super::odata::ROOTS.iter().any(|root| path.starts_with(root)) => Self::OData,
            _ if path.starts_with("/v1/") || path == "/v1" || path.starts_with("/authz/") => Self::Api,
            _ => Self::Page,
        }
    }

    /// The machine could not: 503 where waiting may help, 500 otherwise. Nothing of the fault is shown but the request's id.
    pub fn fault(self, visit: &Visit, fault: &Fault) -> HttpResponse {
        visit.fault(fault.to_string());
        let passing = matches!(fault, Fault::Unavailable(_) | Fault::TooSlow(_));
        let status = if passing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
        let mut answer = match self {
            Self::Page => {
                let id = visit.caller().request_id.clone();
                page(status, &if passing { ErrorPage::busy(Brand::house(), id) } else { ErrorPage::broken(Brand::house(), id) })
            }
            Self::Token => {
                let word = if passing { "temporarily_unavailable" } else { "server_error" };
                json(status, &OAuthError { error: word, error_description: "The server cannot answer at the moment; try again shortly." })
            }
            Self::Api => {
                let (code, said) = match fault {
                    Fault::Unavailable(_) => (1510, UNAVAILABLE),
                    Fault::TooSlow(_) => (1516, "The _filter or _orderby takes too long; ask for less at once"),
                    Fault::Broken(_) => (500, UNAVAILABLE),
                };
                json(status, &envelope_error(code, said))
            }
            Self::OData => odata_error(status, UNAVAILABLE),
        };
        if passing {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        answer
    }

    /// No such address.
    pub fn not_found(self, visit: &Visit) -> HttpResponse {
        visit.ended("not_found");
        match self {
            Self::Page | Self::Token => problem(
                visit,
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is nothing at this address.",
                "Check the address, or go back to where you came from.",
                "not_found",
            ),
            Self::Api => api_refusal(AccessRefusal::NotFound),
            Self::OData => odata_error(StatusCode::NOT_FOUND, AccessRefusal::NotFound.sentence()),
        }
    }

    /// Not this method at this address.
    pub fn wrong_method(self, visit: &Visit, allow: &str) -> HttpResponse {
        visit.ended("wrong_method");
        let mut answer = match self {
            Self::Page => problem(
                visit,
                StatusCode::METHOD_NOT_ALLOWED,
                "This address works differently",
                "This address cannot be opened this way.",
                "Go back to where you came from and try again.",
                "method_not_allowed",
            ),
            Self::Token => json(
                StatusCode::METHOD_NOT_ALLOWED,
                &OAuthError { error: "invalid_request", error_description: "This method is not offered at this address." },
            ),
            Self::Api => api_refusal(AccessRefusal::Method),
            Self::OData => odata_error(StatusCode::METHOD_NOT_ALLOWED, AccessRefusal::Method.sentence()),
        };
        if let Ok(allow) = HeaderValue::from_str(allow) {
            answer.headers_mut().insert(header::ALLOW, allow);
        }
        answer
    }

    /// The request did not come over TLS.
    pub fn insecure(self, visit: &Visit) -> HttpResponse {
        visit.ended("insecure");
        match self {
            Self::Page => problem(
                visit,
                StatusCode::FORBIDDEN,
                "A secure connection is needed",
                "This address must be opened with https://.",
                "Change http:// to https:// in the address.",
                "tls_required",
            ),
            Self::Token => json(StatusCode::FORBIDDEN, &OAuthError { error: "invalid_request", error_description: "Use https." }),
            Self::Api => api_refusal(AccessRefusal::Insecure),
            Self::OData => odata_error(StatusCode::FORBIDDEN, AccessRefusal::Insecure.sentence()),
        }
    }

    /// The headers are longer than anybody honest needs.
    pub fn headers_too_long(self, visit: &Visit) -> HttpResponse {
        visit.ended("headers_too_long");
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        match self {
            Self::Page => problem(
                visit,
                status,
                "This request is too long",
                "Your browser sent more than this address accepts.",
                "Delete the cookies of this site and try again.",
                "headers_too_long",
            ),
            Self::Token => json(status, &OAuthError { error: "invalid_request", error_description: "The headers are too long." }),
            Self::Api => json(status, &envelope_error(431, "Request headers are too long")),
            Self::OData => odata_error(status, "Request headers are too long"),
        }
    }

    /// The body cannot be read.
    pub fn unreadable(self, visit: &Visit, why: &BodyProblem) -> HttpResponse {
        visit.ended("body_unreadable");
        let status = match why {
            BodyProblem::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            BodyProblem::TooSlow => StatusCode::REQUEST_TIMEOUT,
            BodyProblem::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            BodyProblem::Format | BodyProblem::Params(_) => StatusCode::BAD_REQUEST,
        };
        match self {
            Self::Page => problem(
                visit,
                status,
                "This request cannot be read",
                "What your browser sent is incomplete or damaged.",
                "Go back to the application and start again.",
                "invalid_request",
            ),
            Self::Token => json(status, &OAuthError { error: "invalid_request", error_description: why.refusal().sentence() }),
            Self::Api => json(status, &envelope_error(1035, "Request body is not valid JSON")),
            Self::OData => odata_error(status, "Request body is not valid JSON"),
        }
    }
}

/// An error of the protocol. Spec: RFC 6749 §5.2
#[derive(Serialize)]
pub struct OAuthError {
    /// One of the document's words.
    pub error: &'static str,
    /// A fixed sentence.
    pub error_description: &'static str,
}

/// A refusal of the token, revocation or introspection endpoint.
pub fn token_refusal(visit: &Visit, refusal: &TokenRefusal, basic: bool) -> HttpResponse {
    visit.ended(refusal.reason());
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = json(status, &OAuthError { error: refusal.word(), error_description: refusal.sentence() });
    if status == StatusCode::UNAUTHORIZED && basic {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"latchkey\", charset=\"UTF-8\""));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    answer
}

/// A refusal of the platform's API.
pub fn api_refusal(refusal: AccessRefusal) -> HttpResponse {
    let (code, status) = refusal.code_and_status();
    let mut answer = json(StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN), &envelope_error(code, refusal.sentence()));
    let challenge = match refusal {
        AccessRefusal::Over => Some("OAuth realm='latchkey', error='expired_token'"),
        AccessRefusal::Unknown | AccessRefusal::KeyDisabled => Some("OAuth realm='latchkey', error='invalid_token'"),
        _ => None,
    };
    if let Some(challenge) = challenge {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    answer
}

const UNAVAILABLE: &str = "API temporarily unavailable";

/// An error as OData describes it; its code is the status, as the platform has it.
pub fn in_odata(status: u16, message: &str) -> serde_json::Value {
    serde_json::json!({ "code": status, "message": message })
}

fn odata_error(status: StatusCode, message: &str) -> HttpResponse {
    json(status, &serde_json::json!({ "error": in_odata(status.as_u16(), message) }))
}

fn envelope_error(code: u16, message: &str) -> serde_json::Value {
    serde_json::json!({ "D": { "Success": false, "Code": code, "Message": message } })
}

/// JSON that nobody may keep.
pub fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => bytes_json(status, bytes),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// Ready JSON that nobody may keep.
pub fn bytes_json(status: StatusCode, bytes: impl Into<actix_web::web::Bytes>) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((header::PRAGMA, HeaderValue::from_static("no-cache")))
        .body(bytes.into())
}

/// A page for somebody who is signed in, whose forms carry `token`.
pub fn own_page(status: StatusCode, page: &ConsolePage, token: String, cookies: &[Cookie<'_>]) -> HttpResponse {
    html(HttpResponse::build(status), page, &(form_token::NAME, Box::new(token) as Box<dyn Any>), &policy(None), cookies)
}

/// A page whose forms end on our own origin.
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    page_towards(status, template, None, &[])
}

/// A page one of whose forms ends at `destination`, which browsers check too; and cookies to set.
pub fn page_towards(status: StatusCode, template: &impl Template, destination: Option<&str>, cookies: &[Cookie<'_>]) -> HttpResponse {
    html(HttpResponse::build(status), template, askama::NO_VALUES, &policy(destination), cookies)
}

/// What a page may do: nothing but show our own styles and pictures, and send forms to us and to `destination`.
fn policy(destination: Option<&str>) -> String {
    let sealed = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    destination.map_or_else(|| sealed.to_owned(), |destination| format!("{sealed} {destination}"))
}

fn html(
    mut answer: HttpResponseBuilder,
    template: &impl Template,
    values: &dyn Values,
    policy: &str,
    cookies: &[Cookie<'_>],
) -> HttpResponse {
    for cookie in cookies {
        answer.cookie(cookie.clone());
    }
    match template.render_with_values(values) {
        Ok(text) => answer
            .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")))
            .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// An error page.
pub fn problem(visit: &Visit, status: StatusCode, title: &str, explanation: &str, next: &str, code: &str) -> HttpResponse {
    page(
        status,
        &ErrorPage {
            brand: Brand::house(),
            title: title.to_owned(),
            explanation: explanation.to_owned(),
            next: next.to_owned(),
            code: code.to_owned(),
            request_id: visit.caller().request_id.clone(),
            way_out: way_out::from(visit.path()),
        },
    )
}

/// A redirect that turns every method into GET. Spec: RFC 9700 §4.12
pub fn see_other(location: &str, cookies: &[Cookie<'_>]) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    for cookie in cookies {
        answer.cookie(cookie.clone());
    }
    answer.insert_header((header::LOCATION, location)).insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store"))).finish()
}

/// The longest query that is asked for again by GET. Units: bytes.
const LONGEST_QUERY: usize = 8 * 1024;

/// Sends a form that came without our cookies round by GET, to which browsers add them; `None` where it is too long for that.
///
/// No cookie is set or taken: whatever was decided without knowing the browser must not count in it.
pub fn round_by_get(path: &str, form: &str) -> Option<HttpResponse> {
    (form.len() <= LONGEST_QUERY).then(|| see_other(&if form.is_empty() { path.to_owned() } else { format!("{path}?{form}") }, &[]))
}

/// An answer of the authorization endpoint on its way to the client: a redirect, or a form that posts itself.
pub fn answer(answer: &Answer, cookies: &[Cookie<'_>]) -> HttpResponse {
    if let Some(location) = answer.location() {
        return see_other(&location, cookies);
    }
    let fields = answer.members.iter().map(|(name, value)| HiddenField { name: (*name).to_owned(), value: value.clone() }).collect();
    let page = FormPostPage { brand: Brand::house(), action: answer.destination.as_str().to_owned(), fields };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {}",
        answer.destination.form_action()
    );
    html(HttpResponse::Ok(), &page, askama::NO_VALUES, &policy, cookies)
}

/// An MLS's face.
pub fn brand(mls: Option<Mls>) -> Brand {
    mls.map_or_else(Brand::house, |mls| Brand { mls_name: mls.name, logo: mls.logo, accent: mls.accent, support: mls.support })
}
