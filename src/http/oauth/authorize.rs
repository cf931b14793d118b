//! `/openid/authorize` and `/oauth2`: an authorization request comes in, a page or an answer goes out.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::authorize::{self, Ask, Browser, ConsentStage, PageRefusal, SignInStage, Stage};
use crate::flows::carry::{Carried, FlowRefusal, Page};
use crate::flows::{issue, record};
use crate::http::body::{self, BodyProblem};
use crate::http::cookies;
use crate::http::pages::{ConsentClient, ConsentPage, Person, SignInClient, SignInPage, SignInProblem};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::identity::account::Account;
use crate::protocol::authorize::request::PARAMETERS;
use crate::protocol::authorize::{AuthorizeRefusal, SignInReason, Surface};
use crate::protocol::params::Params;
use crate::protocol::redirect::DestinationRefusal;
use crate::protocol::scope::Scope;

/// `GET /openid/authorize`
pub async fn openid_get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    by_query(&app, &visit, &request, Surface::OpenId).await
}

/// `GET /oauth2`
pub async fn oauth2_get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    by_query(&app, &visit, &request, Surface::OAuth2).await
}

/// `POST /openid/authorize`. Spec: OpenID Connect Core §3.1.2.1
pub async fn openid_post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !request.query_string().is_empty() {
        // One source only: parameters split over URL and body are read differently by everybody.
        return unreadable(&app, &visit, &BodyProblem::Format);
    }
    match body::form(&request, payload).await {
        Ok(params) if cookies::came(&request) => begin(&app, &visit, &request, Surface::OpenId, params).await,
        Ok(params) => by_stranger(&app, &visit, &request, params).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault)),
        Err(why) => unreadable(&app, &visit, &why),
    }
}

/// A form without cookies: of a browser we do not know, or of another site. What depends on who is signed in is asked again by GET.
async fn by_stranger(app: &Hands, visit: &Visit, request: &HttpRequest, params: Params) -> Result<HttpResponse, Fault> {
    let round = respond::round_by_get("/openid/authorize", &params.to_form(PARAMETERS));
    let (browser, fresh) = cookies::browser(app, request);
    let ask = Ask::fresh(Surface::OpenId, params, app.now());
    let stage = reading(app, move |app, conn| authorize::look(app, conn, &browser, &ask)).await?;
    match (stage, round) {
        (Stage::SignIn(_) | Stage::Answer(_, AuthorizeRefusal::LoginRequired, _), Some(round)) => Ok(round),
        (stage, _) => finish(app, visit, stage, fresh.into_iter().collect()).await,
    }
}

async fn by_query(app: &Hands, visit: &Visit, request: &HttpRequest, surface: Surface) -> HttpResponse {
    match Params::from_query(request.query_string().as_bytes()) {
        Ok(params) => begin(app, visit, request, surface, params).await,
        Err(problem) => unreadable(app, visit, &BodyProblem::Params(problem)),
    }
}

/// Nothing of the request is believed, not even its redirect URI.
pub fn unreadable(app: &Hands, visit: &Visit, why: &BodyProblem) -> HttpResponse {
    record::refused(app, visit.caller(), "authz.rejected", why.refusal().reason(), None);
    Style::Page.unreadable(visit, why)
}

/// Looks at a request that has just come.
pub async fn begin(app: &Hands, visit: &Visit, request: &HttpRequest, surface: Surface, params: Params) -> HttpResponse {
    let (browser, fresh) = cookies::browser(app, request);
    let ask = Ask::fresh(surface, params, app.now());
    let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    walk_on(app, visit, browser, ask, cookies).await.unwrap_or_else(|fault| Style::Page.fault(visit, &fault))
}

/// `GET /openid/continue`: goes on with a request that was carried through a page, after a redirect of ours.
pub async fn go_on(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let params = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    match Carried::open(&app, &browser.id, &params, |page| *page == Page::Continue) {
        Ok(carried) => {
            walk_on(&app, &visit, browser, Ask::carried(&carried), vec![]).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
        }
        Err(why) => start_again(&app, &visit, why),
    }
}

/// Looks at the request as it now stands, and shows or does what comes next.
pub async fn walk_on(app: &Hands, visit: &Visit, browser: Browser, ask: Ask, cookies: Vec<Cookie<'static>>) -> Result<HttpResponse, Fault> {
    let stage = reading(app, move |app, conn| authorize::look(app, conn, &browser, &ask)).await?;
    finish(app, visit, stage, cookies).await
}

/// Shows or does what comes next.
pub async fn finish(app: &Hands, visit: &Visit, stage: Stage, cookies: Vec<Cookie<'static>>) -> Result<HttpResponse, Fault> {
    Ok(match stage {
        Stage::Page(why) => no_place(app, visit, why),
        Stage::Answer(answer, why, registered) => {
            visit.client(&registered.key.key);
            visit.ended(why.reason());
            record::refused(app, visit.caller(), "authz.denied", why.reason(), Some(&registered.key.key));
            respond::answer(&answer, &cookies)
        }
        Stage::SignIn(stage) => {
            visit.client(&stage.registered.key.key);
            sign_in_page(&stage, None, StatusCode::OK, &cookies)
        }
        Stage::Consent(stage) => {
            visit.client(&stage.registered.key.key);
            consent_page(&stage, &cookies)
        }
        Stage::Issue(ready) => {
            visit.client(&ready.registered.key.key);
            let caller = visit.caller().clone();
            let (ready, grant) = writing(app, move |app, conn| {
                let grant = issue::issue(app, conn, &caller, &ready)?;
                Ok((ready, grant))
            })
            .await?;
            respond::answer(&issue::answer(app, *ready, grant.as_ref())?, &cookies)
        }
    })
}

/// The sign-in page, with what was wrong with the last try.
pub fn sign_in_page(
    stage: &SignInStage,
    tried: Option<(SignInProblem, String)>,
    status: StatusCode,
    cookies: &[Cookie<'_>],
) -> HttpResponse {
    let (problem, login) = match tried {
        Some((problem, login)) => (Some(problem), login),
        None => (notice(stage.reason), stage.login_hint.clone().unwrap_or_default()),
    };
    let key = &stage.registered.key;
    let page = SignInPage {
        brand: respond::brand(stage.mls.clone()),
        action: "/openid/sign-in".to_owned(),
        flow: stage.flow.clone(),
        client: Some(SignInClient { name: key.name.clone(), site: Some(stage.destination.host()) }),
        login,
        problem,
        current: stage.current.as_ref().map(person),
    };
    respond::page_towards(status, &page, Some(&stage.destination.form_action()), cookies)
}

fn notice(reason: SignInReason) -> Option<SignInProblem> {
    match reason {
        SignInReason::Nobody | SignInReason::Choose => None,
        SignInReason::Again => Some(SignInProblem::Notice("The application asks you to enter your password again.".to_owned())),
        SignInReason::SomebodyElse => {
            Some(SignInProblem::Notice("The application expects a different person than the one signed in.".to_owned()))
        }
    }
}

/// A person as pages show him.
pub fn person(account: &Account) -> Person {
    Person { name: account.profile.name.clone(), login: account.login_name.clone() }
}

fn consent_page(stage: &ConsentStage, cookies: &[Cookie<'_>]) -> HttpResponse {
    let key = &stage.registered.key;
    let missing = stage.missing;
    let roles = || key.roles.iter().map(|role| role.permission().to_owned());
    let scopes = |scopes: crate::protocol::scope::Scopes| scopes.iter().map(Scope::permission).map(str::to_owned).collect::<Vec<_>>();
    let only_more = !missing.already.is_empty();
    let (permissions, already) = if only_more {
        (scopes(missing.asked), roles().chain(scopes(missing.already)).collect())
    } else {
        (roles().chain(scopes(missing.asked)).collect(), Vec::new())
    };
    // A device's program asks again for what was allowed before: then all of it stands in the open.
    let (permissions, already) = if permissions.is_empty() { (already, Vec::new()) } else { (permissions, already) };
    let lifetimes = stage.registered.client.lifetimes;
    let page = ConsentPage {
        brand: respond::brand(stage.mls.clone()),
        action: "/openid/consent".to_owned(),
        flow: stage.flow.clone(),
        client: ConsentClient {
            name: key.name.clone(),
            application_uri: Some(key.application_uri.clone()),
            verified: stage.registered.client.policy.verified,
            owner: stage.owner.clone(),
        },
        person: person(&stage.account),
        permissions,
        already,
        redirect_host: stage.destination.host(),
        lifetime: format!(
            "Access lasts {} at a time and can be renewed without asking you for up to {}.",
            span(lifetimes.access_token.0),
            span(lifetimes.refresh_absolute.0)
        ),
    };
    respond::page_towards(StatusCode::OK, &page, Some(&stage.destination.form_action()), cookies)
}

/// A span of time as people say it. Units: seconds.
pub fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s >= 2 * 86_400 => (s / 86_400, "day"),
        s if s >= 3600 => (s / 3600, "hour"),
        s => ((s / 60).max(1), "minute"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// There is no place to redirect to: the person reads why, and nothing of the request is echoed.
pub fn no_place(app: &Hands, visit: &Visit, why: PageRefusal) -> HttpResponse {
    visit.ended(why.reason());
    record::refused(app, visit.caller(), "authz.rejected", why.reason(), None);
    let (explanation, code) = match why {
        PageRefusal::ClientUnknown | PageRefusal::ClientDisabled => {
            ("The application that sent you here is not known, or is switched off.", "invalid_client")
        }
        PageRefusal::Destination(DestinationRefusal::Differs) => {
            ("The application asks to send you to an address that it has not registered.", "redirect_uri_mismatch")
        }
        PageRefusal::Destination(_) => ("The application did not say where to send you afterwards.", "invalid_request"),
    };
    respond::problem(
        visit,
        StatusCode::BAD_REQUEST,
        "You cannot sign in from there",
        explanation,
        "Tell the people who run the application; the details below will help them.",
        code,
    )
}

/// The page was open too long, or belongs to another browser.
pub fn start_again(app: &Hands, visit: &Visit, why: FlowRefusal) -> HttpResponse {
    visit.ended(why.reason());
    record::refused(app, visit.caller(), "authz.rejected", why.reason(), None);
    begin_anew(visit, StatusCode::BAD_REQUEST)
}

/// A form that stands on none of our pages in this browser: it may be another site's, made up to sign the person in as somebody else.
pub fn unfit_form(app: &Hands, visit: &Visit, why: FlowRefusal) -> HttpResponse {
    if why == FlowRefusal::Over {
        return start_again(app, visit, why);
    }
    visit.ended(why.reason());
    record::refused(app, visit.caller(), "csrf.rejected", "form_token", None);
    begin_anew(visit, StatusCode::FORBIDDEN)
}

fn begin_anew(visit: &Visit, status: StatusCode) -> HttpResponse {
    respond::problem(
        visit,
        status,
        "Please start again",
        "This page was open for too long, or was opened in another browser.",
        "Go back to the application and sign in from there.",
        "flow_expired",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_as_people_say_it() {
        assert_eq!(
            (span(86_400), span(365 * 86_400), span(60), span(3600)),
            ("24 hours".into(), "365 days".into(), "1 minute".into(), "1 hour".into())
        );
    }
}
