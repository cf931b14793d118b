//! Where a form was posted from: a browser form of ours is accepted only from a page of ours.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};

use crate::flows::record;
use crate::http::respond;
use crate::http::visit::Visit;
use crate::http::work::Hands;

/// Whether the browser says that the form stands on a page of ours.
///
/// `Sec-Fetch-Site` decides where the browser sends it, else `Origin`; neither, or `null` alone, is a no.
pub fn is_ours(app: &Hands, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin = text(header::ORIGIN.as_str());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin" && origin.is_none_or(|origin| origin == "null" || origin == app.settings.issuer),
        None => origin == Some(app.settings.issuer.as_str()),
    }
}

/// The answer to a form that stands elsewhere.
pub fn refused(app: &Hands, visit: &Visit) -> HttpResponse {
    visit.ended("cross_site");
    record::refused(app, visit.caller(), "csrf.rejected", "cross_site", None);
    respond::problem(
        visit,
        StatusCode::FORBIDDEN,
        "This form came from somewhere else",
        "The form you sent is not from one of our pages.",
        "Go back to the application and start again.",
        "cross_site",
    )
}
