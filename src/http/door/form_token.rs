//! The token in every form of somebody who is signed in: it says in which session the page was drawn.
//!
//! Where a form comes from is asked of the browser too; whichever of the two is missing, nothing is done.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::app::App;
use crate::base::Fault;
use crate::flows::record;
use crate::http::respond;
use crate::http::visit::Visit;
use crate::protocol::params::Params;

use super::People;

/// The field's name, and that of the value by which templates find it.
pub const NAME: &str = "form_token";
const PURPOSE: &str = "form";

fn bound_to<P: People>(session: P::Id) -> String {
    format!("{}:{session}", P::COOKIE.name())
}

/// The token for a page of that session; another one each time, so that nothing is learnt from how a page compresses.
pub fn made<P: People>(app: &App, session: P::Id) -> Result<String, Fault> {
    app.seal.seal_flow(PURPOSE, bound_to::<P>(session).as_bytes(), &[], &app.random)
}

/// Whether a form stands on a page that was drawn in that session.
pub fn fits<P: People>(app: &App, session: P::Id, form: &Params) -> bool {
    form.text(NAME).is_some_and(|token| app.seal.open_flow(PURPOSE, bound_to::<P>(session).as_bytes(), token).is_some())
}

/// The answer to any other form.
pub fn refused(app: &App, visit: &Visit) -> HttpResponse {
    visit.ended("form_token");
    record::refused(app, visit.caller(), "csrf.rejected", "form_token", None);
    respond::problem(
        visit,
        StatusCode::FORBIDDEN,
        "This form has expired",
        "The page was opened by someone else, or before you signed in again. Nothing was changed.",
        "Go back, reload the page and submit the form again.",
        "form_token",
    )
}
