//! The sample's addresses and pages.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{self, Data, Form, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use askama::Template;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::party::{Party, Signed, Trouble};
use super::visitors::{Visitor, Visitors};
use crate::cli::demo::people::{PASSWORD, PEOPLE};
use crate::http::assets::ASSETS;
use crate::http::pages_demo::{SampleClaim, SampleHome, SampleLogin, SampleProblem, SampleSignedIn, SampleToken};

const COOKIE: &str = "harborview";
/// How much of a token is shown. Units: characters.
const SHOWN: usize = 12;

struct Sample {
    party: Arc<Party>,
    visitors: Visitors,
}

/// The sample, listening; the main server's end is its end.
pub fn server(listener: TcpListener, party: Party) -> std::io::Result<Server> {
    let sample = Data::new(Sample { party: Arc::new(party), visitors: Visitors::default() });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(sample.clone())
            .route("/", web::get().to(home))
            .route("/sign-in", web::get().to(sign_in))
            .route("/callback", web::get().to(callback))
            .route("/refresh", web::post().to(refresh))
            .route("/sign-out", web::post().to(sign_out))
            .route("/static/{name}", web::get().to(asset))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn home(sample: Data<Sample>, request: HttpRequest) -> HttpResponse {
    let shown = sample.visitors.with(cookie(&request).as_deref(), |visitor| {
        visitor.signed.clone().map(|signed| signed_in(&signed, visitor.notice.take(), &visitor.form_token))
    });
    if let Some(Some(page)) = shown {
        return answer(&sample, StatusCode::OK, &page, None);
    }
    let host = sample.party.issuer.trim_start_matches("http://").to_owned();
    let logins = PEOPLE
        .iter()
        .map(|person| SampleLogin { who: person.who.to_owned(), login: person.login.to_owned(), password: PASSWORD.to_owned() })
        .collect();
    answer(&sample, StatusCode::OK, &SampleHome { sign_in: "/sign-in".to_owned(), server: host, logins }, None)
}

async fn sign_in(sample: Data<Sample>, request: HttpRequest) -> HttpResponse {
    let party = Arc::clone(&sample.party);
    match blocking(move || party.begin()).await {
        Ok((url, pending)) => {
            let mut pending = Some(pending);
            let known = sample.visitors.with(cookie(&request).as_deref(), |visitor| visitor.begins_with(&mut pending));
            let fresh = known.is_none().then(|| {
                let mut visitor = Visitor::default();
                visitor.begins_with(&mut pending);
                sample.visitors.welcome(visitor)
            });
            see_other(&url, fresh.as_deref())
        }
        Err(trouble) => problem(&sample, trouble),
    }
}

impl Visitor {
    fn begins_with(&mut self, pending: &mut Option<super::party::Pending>) {
        if let Some(pending) = pending.take() {
            self.begins(pending);
        }
    }
}

/// What comes back in the address.
#[derive(Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(sample: Data<Sample>, request: HttpRequest, Query(back): Query<Back>) -> HttpResponse {
    let cookie = cookie(&request);
    let state = back.state.unwrap_or_default();
    // Whatever came, the sign-in it belongs to is over: an answer without one of ours is somebody else's.
    let pending = sample.visitors.with(cookie.as_deref(), |visitor| visitor.ends(&state)).flatten();
    let said = |error: &str, description: &str| Trouble { error: error.to_owned(), description: description.to_owned() };
    let Some(pending) = pending else {
        return problem(&sample, said("state", "This answer belongs to no sign-in that was begun in this browser."));
    };
    if back.iss.is_some_and(|iss| iss != sample.party.issuer) {
        return problem(&sample, said("iss", "This answer comes from another server."));
    }
    if let Some(error) = back.error {
        return problem(&sample, Trouble { error, description: back.error_description.unwrap_or_default() });
    }
    let Some(code) = back.code else { return problem(&sample, said("code", "There is no code in this answer.")) };
    let party = Arc::clone(&sample.party);
    match blocking(move || party.finish(code, pending)).await {
        Ok(signed) => {
            sample.visitors.forget(cookie.as_deref());
            let fresh = sample.visitors.welcome(Visitor::of(signed));
            see_other("/", Some(&fresh))
        }
        Err(trouble) => problem(&sample, trouble),
    }
}

/// The one field of the sample's forms.
#[derive(Deserialize)]
struct Ours {
    form_token: String,
}

/// Who pressed a button of ours.
fn pressed(sample: &Sample, request: &HttpRequest, form: &Ours) -> Option<Signed> {
    let signed = sample
        .visitors
        .with(cookie(request).as_deref(), |visitor| if visitor.form_token == form.form_token { visitor.signed.clone() } else { None });
    signed.flatten()
}

async fn refresh(sample: Data<Sample>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(signed) = pressed(&sample, &request, &form) else { return see_other("/", None) };
    let party = Arc::clone(&sample.party);
    match blocking(move || party.refresh(&signed)).await {
        Ok(signed) => {
            sample.visitors.with(cookie(&request).as_deref(), |visitor| {
                visitor.signed = Some(signed);
                visitor.notice = Some("The tokens were refreshed.".to_owned());
            });
            see_other("/", None)
        }
        Err(trouble) => {
            // Tokens that cannot be refreshed are good for nothing any more.
            sample.visitors.forget(cookie(&request).as_deref());
            problem(&sample, trouble)
        }
    }
}

async fn sign_out(sample: Data<Sample>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(signed) = pressed(&sample, &request, &form) else { return see_other("/", None) };
    sample.visitors.forget(cookie(&request).as_deref());
    let party = Arc::clone(&sample.party);
    match blocking(move || party.leave(&signed)).await {
        Ok(url) => see_other(&url, Some("")),
        Err(trouble) => problem(&sample, trouble),
    }
}

async fn asset(name: Path<String>) -> HttpResponse {
    let own = ASSETS.iter().find(|(known, ..)| *known == name.as_str() && known.starts_with("demo"));
    match own {
        Some((_, kind, bytes)) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, *kind))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(*bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Runs what waits for the network off the worker.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    let gone = |_| Err(Trouble { error: "server_error".to_owned(), description: "The sample application is ending.".to_owned() });
    web::block(work).await.unwrap_or_else(gone)
}

fn cookie(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

fn signed_in(signed: &Signed, notice: Option<String>, form_token: &str) -> SampleSignedIn {
    let token =
        |kind: &str, text: &str, lasts: String| SampleToken { kind: kind.to_owned(), beginning: text.chars().take(SHOWN).collect(), lasts };
    let span = |name: &str| signed.claims.get(name).and_then(Value::as_u64);
    let id_lasts = span("exp").zip(span("iat")).map_or_else(String::new, |(exp, iat)| words(exp.saturating_sub(iat)));
    let mut tokens = vec![
        token("ID token", &signed.id_token, id_lasts),
        token("Access token", &signed.access_token, signed.lasts.map_or_else(String::new, |lasts| words(lasts.as_secs()))),
    ];
    if let Some(refresh) = &signed.refresh_token {
        tokens.push(token("Refresh token", refresh, "until it is used, or long unused".to_owned()));
    }
    SampleSignedIn {
        name: signed.userinfo.get("name").and_then(Value::as_str).unwrap_or("you").to_owned(),
        notice,
        refresh: "/refresh".to_owned(),
        sign_out: "/sign-out".to_owned(),
        form_token: form_token.to_owned(),
        claims: lines(&signed.claims),
        userinfo: lines(&signed.userinfo),
        tokens,
        account: signed.account.clone(),
    }
}

fn lines(claims: &Map<String, Value>) -> Vec<SampleClaim> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    claims
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| SampleClaim { name: name.clone(), value: text(value) })
        .collect()
}

/// A span of time as people say it.
fn words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7200 => format!("{} minutes", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn problem(sample: &Sample, trouble: Trouble) -> HttpResponse {
    let description = Some(trouble.description).filter(|text| !text.is_empty());
    answer(sample, StatusCode::BAD_REQUEST, &SampleProblem { error: trouble.error, description }, None)
}

fn answer(sample: &Sample, status: StatusCode, page: &impl Template, set: Option<&str>) -> HttpResponse {
    let Ok(html) = page.render() else { return HttpResponse::InternalServerError().finish() };
    // Browsers apply form-action to redirects too, and signing out leads to the server.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        sample.party.issuer
    );
    let mut response = HttpResponse::build(status);
    if let Some(value) = set {
        response.insert_header((header::SET_COOKIE, crumb(value)));
    }
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

fn see_other(place: &str, set: Option<&str>) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    if let Some(value) = set {
        response.insert_header((header::SET_COOKIE, crumb(value)));
    }
    response.insert_header((header::LOCATION, place)).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

/// The cookie's line; an empty text takes it away.
fn crumb(value: &str) -> String {
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{end}")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn spans_are_told_in_words() {
        assert_eq!([60, 3600, 86_400, 7_776_000].map(words), ["60 seconds", "60 minutes", "24 hours", "90 days"]);
    }
}
