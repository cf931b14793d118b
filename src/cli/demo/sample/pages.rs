//! The sample's addresses and pages.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::party::{Party, Signed};
use super::visitors::{Visitor, Visitors};
use crate::cli::demo::people::{PASSWORD, PEOPLE};
use crate::cli::demo::web::{Trouble, Web, asset, blocking};
use crate::http::pages_demo::{SampleClaim, SampleHome, SampleLogin, SampleProblem, SampleSignedIn, SampleToken};

const COOKIE: &str = "harborview";
/// How much of a token is shown. Units: characters.
const SHOWN: usize = 12;

struct Sample {
    web: Web,
    party: Arc<Party>,
    visitors: Visitors,
}

/// The sample, listening; the main server's end is its end.
pub fn server(listener: TcpListener, party: Party) -> std::io::Result<Server> {
    let sample = Data::new(Sample { web: Web::new(COOKIE, &party.issuer), party: Arc::new(party), visitors: Visitors::default() });
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
    let shown = sample.visitors.with(sample.web.cookie(&request).as_deref(), |visitor| {
        visitor.signed.clone().map(|signed| signed_in(&signed, visitor.notice.take(), &visitor.form_token))
    });
    if let Some(Some(page)) = shown {
        return sample.web.page(StatusCode::OK, &page);
    }
    let host = sample.party.issuer.trim_start_matches("http://").to_owned();
    let logins = PEOPLE
        .iter()
        .map(|person| SampleLogin { who: person.who.to_owned(), login: person.login.to_owned(), password: PASSWORD.to_owned() })
        .collect();
    sample.web.page(StatusCode::OK, &SampleHome { sign_in: "/sign-in".to_owned(), server: host, logins })
}

async fn sign_in(sample: Data<Sample>, request: HttpRequest) -> HttpResponse {
    let party = Arc::clone(&sample.party);
    match blocking(move || party.begin()).await {
        Ok((url, pending)) => {
            let mut pending = Some(pending);
            let known = sample.visitors.with(sample.web.cookie(&request).as_deref(), |visitor| visitor.begins_with(&mut pending));
            let fresh = known.is_none().then(|| {
                let mut visitor = Visitor::default();
                visitor.begins_with(&mut pending);
                sample.visitors.welcome(visitor)
            });
            sample.web.see_other(&url, fresh.as_deref())
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
    let cookie = sample.web.cookie(&request);
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
            sample.web.see_other("/", Some(&fresh))
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
    let signed = sample.visitors.with(sample.web.cookie(request).as_deref(), |visitor| {
        if visitor.form_token == form.form_token { visitor.signed.clone() } else { None }
    });
    signed.flatten()
}

async fn refresh(sample: Data<Sample>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(signed) = pressed(&sample, &request, &form) else { return sample.web.see_other("/", None) };
    let party = Arc::clone(&sample.party);
    match blocking(move || party.refresh(&signed)).await {
        Ok(signed) => {
            sample.visitors.with(sample.web.cookie(&request).as_deref(), |visitor| {
                visitor.signed = Some(signed);
                visitor.notice = Some("The tokens were refreshed.".to_owned());
            });
            sample.web.see_other("/", None)
        }
        Err(trouble) => {
            // Tokens that cannot be refreshed are good for nothing any more.
            sample.visitors.forget(sample.web.cookie(&request).as_deref());
            problem(&sample, trouble)
        }
    }
}

async fn sign_out(sample: Data<Sample>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(signed) = pressed(&sample, &request, &form) else { return sample.web.see_other("/", None) };
    sample.visitors.forget(sample.web.cookie(&request).as_deref());
    let party = Arc::clone(&sample.party);
    match blocking(move || party.leave(&signed)).await {
        Ok(url) => sample.web.see_other(&url, Some("")),
        Err(trouble) => problem(&sample, trouble),
    }
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
    sample.web.page(StatusCode::BAD_REQUEST, &SampleProblem { error: trouble.error, description })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn spans_are_told_in_words() {
        assert_eq!([60, 3600, 86_400, 7_776_000].map(words), ["60 seconds", "60 minutes", "24 hours", "90 days"]);
    }
}
