//! What a place's work comes to, and the answer that it becomes.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};

use crate::base::Secret;
use crate::http::pages::{Brand, ConsolePage, SignedOutPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;

use super::People;

/// What a place's work comes to.
pub enum Shown {
    /// A page.
    Page(Box<ConsolePage>),
    /// The page of a form again, with what is wrong.
    Refused(Box<ConsolePage>),
    /// It cannot be done as things stand.
    Conflict(Box<ConsolePage>),
    /// It is not for this person.
    Forbidden(Box<ConsolePage>),
    /// It was there and is over.
    Gone(Box<ConsolePage>),
    /// It is done; on to a path of ours.
    Go(String),
    /// The same, and the session has a new secret.
    GoRenewed(String, Secret),
    /// Nobody is signed in any more.
    Left,
    /// There is no such thing, or not for this person.
    Nothing,
}

/// The answer, with cookies to set, to somebody in `session` whose forms carry `token`; their pages begin at `home`.
pub fn answer<P: People>(
    (visit, home): (&Visit, &'static str),
    shown: Shown,
    session: P::Id,
    token: String,
    mut cookies: Vec<Cookie<'static>>,
) -> HttpResponse {
    let page = |outcome: Option<&'static str>, status: StatusCode, page: &ConsolePage| {
        if let Some(outcome) = outcome {
            visit.ended(outcome);
        }
        respond::own_page(status, page, token, &cookies)
    };
    match shown {
        Shown::Page(it) => page(None, StatusCode::OK, &it),
        Shown::Refused(it) => page(Some("form_refused"), StatusCode::UNPROCESSABLE_ENTITY, &it),
        Shown::Conflict(it) => page(Some("conflict"), StatusCode::CONFLICT, &it),
        Shown::Forbidden(it) => page(Some("not_yours"), StatusCode::FORBIDDEN, &it),
        Shown::Gone(it) => page(Some("gone"), StatusCode::GONE, &it),
        Shown::Go(path) => respond::see_other(&path, &cookies),
        Shown::GoRenewed(path, secret) => {
            cookies.retain(|cookie| !P::COOKIE.is(cookie));
            cookies.push(P::COOKIE.set(session, &secret));
            respond::see_other(&path, &cookies)
        }
        Shown::Left => {
            cookies.retain(|cookie| !P::COOKIE.is(cookie));
            cookies.push(P::COOKIE.gone());
            let mut answer = respond::page_towards(
                StatusCode::OK,
                &SignedOutPage { brand: Brand::house(), back: None, again: Some(home) },
                None,
                &cookies,
            );
            answer.headers_mut().insert(header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
            answer
        }
        Shown::Nothing => Style::Page.not_found(visit),
    }
}
