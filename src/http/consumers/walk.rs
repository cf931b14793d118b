//! What every door for home buyers does alike: who is here, is the form ours, and what comes next.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;

use crate::base::{Fault, Timestamp};
use crate::flows::consumer::carry::{Ask, Carried, Page};
use crate::flows::consumer::enter::Browser;
use crate::flows::consumer::look::{self, DoorRefusal, Stage};
use crate::flows::consumer::{enter, issue, sign_in};
use crate::flows::device::Device;
use crate::flows::record;
use crate::http::oauth::authorize::{no_place, unfit_form};
use crate::http::oauth::origin;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::http::{body, cookies};
use crate::identity::consumer::ConsumerSession;
use crate::protocol::params::Params;

use super::{choose, consent, join, sign_in as pages};

/// The browser at the door; one that has no cookie of ours yet gets an id, to be set with the answer.
pub fn browser(app: &Hands, request: &HttpRequest) -> (Browser, Vec<Cookie<'static>>) {
    let (known, fresh) = cookies::browser(app, request);
    (Browser { id: known.id, held: cookies::CONSUMER.held(request) }, fresh.into_iter().collect())
}

/// Looks at the request as it now stands, and shows or does what comes next.
pub async fn walk_on(app: &Hands, visit: &Visit, browser: Browser, ask: Ask, cookies: Vec<Cookie<'static>>) -> Result<HttpResponse, Fault> {
    let caller = visit.caller().clone();
    let stage = reading(app, move |app, conn| look::look(app, conn, &browser, &caller, &ask)).await?;
    finish(app, visit, stage, cookies).await
}

/// Shows or does what comes next.
pub async fn finish(app: &Hands, visit: &Visit, stage: Stage, cookies: Vec<Cookie<'static>>) -> Result<HttpResponse, Fault> {
    Ok(match stage {
        Stage::Page(why) => turned_away(app, visit, why),
        Stage::Answer(answer, why, registered) => {
            visit.client(&registered.key.key);
            visit.ended(why.reason());
            record::refused(app, visit.caller(), "authz.denied", why.reason(), Some(&registered.key.key));
            respond::answer(&answer, &cookies)
        }
        Stage::SignIn(shown, reason) => {
            visit.client(&shown.registered.key.key);
            pages::page(&shown, reason, None, StatusCode::OK, &cookies)
        }
        Stage::Choose(shown, hosts) => choose::page(&shown, &hosts, &cookies),
        Stage::Join(shown) => join::page(&shown, None, &cookies),
        Stage::Consent(shown, missing) => consent::page(&shown, missing, &cookies),
        Stage::Issue(ready) => {
            visit.client(&ready.registered.key.key);
            let (ready, grant) = writing(app, move |app, conn| {
                let grant = issue::issue(app, conn, &ready)?;
                Ok((ready, grant))
            })
            .await?;
            match grant {
                Some(grant) => respond::answer(&issue::answer(app, *ready, &grant)?, &cookies),
                None => over(visit),
            }
        }
    })
}

/// What was open a moment ago is not any more.
fn over(visit: &Visit) -> HttpResponse {
    visit.ended("link_over");
    respond::problem(
        visit,
        StatusCode::CONFLICT,
        "Please start again",
        "Something changed while you were signing in.",
        "Go back to the site and sign in from there.",
        "changed",
    )
}

/// There is no place to redirect to, or no portal: the person reads why, and nothing of the request is echoed.
pub fn turned_away(app: &Hands, visit: &Visit, why: DoorRefusal) -> HttpResponse {
    match why {
        DoorRefusal::Client(why) => no_place(app, visit, why),
        DoorRefusal::ClientUnfit => {
            visit.ended(why.reason());
            record::refused(app, visit.caller(), "authz.rejected", why.reason(), None);
            respond::problem(
                visit,
                StatusCode::BAD_REQUEST,
                "You cannot sign in from there",
                "The site that sent you here is not allowed to sign in home buyers.",
                "Tell the people who run the site; the details below will help them.",
                "unauthorized_client",
            )
        }
        DoorRefusal::PortalUnknown => {
            record::refused(app, visit.caller(), "authz.rejected", why.reason(), None);
            visit.ended(why.reason());
            respond::problem(
                visit,
                StatusCode::NOT_FOUND,
                "There is no portal here",
                "No agent's portal has this address, or it is closed.",
                "Check the address, or ask your agent for the right one.",
                "portal_unknown",
            )
        }
    }
}

/// A form that stands on a page of ours in this browser.
pub struct Posted {
    /// What it says.
    pub params: Params,
    /// The browser.
    pub browser: Browser,
    /// The request that the page carried.
    pub carried: Carried,
}

/// Reads a form of the walk; `Err` is the answer to one that is none of ours, cannot be read, or was open for too long.
pub async fn posted(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    payload: Payload,
    fits: impl Fn(&Page) -> bool,
) -> Result<Posted, HttpResponse> {
    if !origin::is_ours(app, request.headers()) {
        return Err(origin::refused(app, visit));
    }
    let params = body::form(request, payload).await.map_err(|why| Style::Page.unreadable(visit, &why))?;
    let (browser, _) = browser(app, request);
    let carried = Carried::open(app, &browser.id, &params, fits).map_err(|why| unfit_form(app, visit, why))?;
    Ok(Posted { params, browser, carried })
}

/// On from a form to what comes next: at an address of its own, so that reloading it sends nothing again.
pub fn on(app: &Hands, browser: &str, ask: &Ask, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
    let flow = ask.seal(app, browser, Page::Continue)?;
    Ok(respond::see_other(&format!("/auth/consumer/continue?flow={flow}"), cookies))
}

/// What the browser at the door says of who signed in in it before.
pub fn device(app: &Hands, request: &HttpRequest) -> Device {
    Device::open(app, cookies::device(request).as_deref())
}

/// The browser once a session was opened in it, and the cookies that say so and make it known.
pub fn renewed(
    app: &Hands,
    request: &HttpRequest,
    browser: &Browser,
    opened: &sign_in::Opened,
) -> Result<(Browser, [Cookie<'static>; 2]), Fault> {
    let held = Some((opened.id, opened.secret.digest()));
    let known = cookies::set_device(opened.remembered(app, device(app, request))?);
    Ok((Browser { id: browser.id.clone(), held }, [cookies::CONSUMER.set(opened.id, &opened.secret), known]))
}

/// The session that this browser really holds; an id alone is nothing.
pub fn held(
    app: &crate::app::App,
    conn: &mut crate::store::Conn,
    browser: &Browser,
    caller: &record::Caller,
) -> Result<Option<ConsumerSession>, Fault> {
    Ok(enter::enter(app, conn, browser.held.as_ref(), caller)?.map(|guest| guest.session))
}

/// Says when the next try is heard.
pub fn retry_after(app: &Hands, answer: &mut HttpResponse, until: Timestamp) {
    let wait = ((until.0 - app.now().0 + 999) / 1000).max(1);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
}

/// "Try again in 2 minutes."
pub fn later(app: &Hands, until: Timestamp) -> String {
    let minutes = (until.0 - app.now().0 + 59_999).max(60_000) / 60_000;
    format!("Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" })
}

/// A fault, on a page.
pub fn or_fault(visit: &Visit, answered: Result<HttpResponse, Fault>) -> HttpResponse {
    answered.unwrap_or_else(|fault| Style::Page.fault(visit, &fault))
}
