//! Where links in letters lead first: away from the secret in the address bar, to the page of what the link is for.
//!
//! Opening a link changes nothing, however often and by whomever it is done.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::datamart::link::{self, Carried, Purpose};
use crate::flows::record;
use crate::http::cookies;
use crate::http::limit::Failures;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};

/// Every purpose, with where its links are opened and where they lead on to.
pub const LETTERS: [(Purpose, &str, &str); 4] = [
    (Purpose::Verify, "/register/developers/verify/{secret}", "/register/developers/verify/letter"),
    (Purpose::Reset, "/developers/reset/{secret}", "/developers/reset/letter"),
    (Purpose::Credentials, "/developers/credentials/{secret}", "/developers/credentials/letter"),
    (Purpose::Approval, "/approvals/{secret}", "/account/approvals/letter"),
];

/// `GET` of a link.
pub async fn open(
    app: Hands,
    visit: Visit,
    failures: Data<Failures>,
    request: HttpRequest,
    purpose: Purpose,
    on: &'static str,
) -> HttpResponse {
    // Nobody guesses 256 bits; this keeps who tries from costing everybody else.
    if failures.exceeded(visit.caller().peer, "letter") {
        visit.ended("throttled");
        return respond::problem(
            &visit,
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts",
            "Too many invalid links were opened from your network.",
            "Wait a minute and open the link in your e-mail again.",
            "throttled",
        );
    }
    let secret = request.match_info().get("secret").unwrap_or_default().to_owned();
    match reading(&app, move |app, conn| link::find(app, conn, purpose, &secret)).await {
        Ok(Some(found)) => {
            let (browser, fresh) = cookies::browser(&app, &request);
            let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
            let carried = Carried { purpose, id: found.id().0, at: app.now() };
            match carried.seal(&app, &browser.id) {
                Ok(flow) => respond::see_other(&format!("{on}/{flow}"), &cookies),
                Err(fault) => Style::Page.fault(&visit, &fault),
            }
        }
        Ok(None) => {
            failures.count(visit.caller().peer, "letter");
            record::refused(&app, visit.caller(), "link.rejected", "link_unknown", None);
            over(&visit)
        }
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

/// The answer to a link that works no more, or never did.
pub fn over(visit: &Visit) -> HttpResponse {
    visit.ended("link_over");
    respond::problem(
        visit,
        StatusCode::GONE,
        "This link is no longer valid",
        "It was already used, it expired, or a newer one was sent.",
        "If you have a newer e-mail, open the link in that one.",
        "link_over",
    )
}
