//! `/authz/check`: the reverse proxy of a data API asks whether a request it holds is allowed.
//!
//! Three proxies ask in three forms: nginx (`auth_request`) in the headers `X-Original-*`, Traefik (`forwardAuth`) in the headers
//! `X-Forwarded-*`, Envoy (`ext_authz` over HTTP) by sending the request itself under this path. Only proxies in the setting `gateways` are answered, because what they say of a
//! request is believed; a request that mixes forms was tampered with by its sender and is refused.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::json;

use crate::app::App;
use crate::base::peer::client_address;
use crate::flows::check::{self, Admission, Seen, Situation};
use crate::flows::gate::{Passport, passport};
use crate::flows::record::{self, Caller};
use crate::flows::usage::{self, Asked};
use crate::platform::problem::ApiProblem;
use crate::platform::rate::Allowance;
use crate::platform::service::{Act, Service};

use super::api::door::{one_agent, spark_user_agent, take, turned_away};
use super::api::envelope;
use super::oauth::userinfo::bearer;
use super::respond::{self, Style};
use super::visit::Visit;
use super::work::{Hands, reading};

/// Before the path of a request that Envoy sends as it is.
pub const ORIGINAL: &str = "/authz/check/";
/// Any such path.
pub const ANY_ORIGINAL: &str = "/authz/check/{original:.*}";

/// In which form the proxy asks, so that it is answered in a form it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// It knows 200, 401 and 403, and takes anything else for a failure of ours.
    Nginx,
    /// It passes on to the caller whatever it is answered.
    Whole,
}

/// The request the proxy holds.
struct Original {
    form: Form,
    method: String,
    path: String,
    situation: Situation,
    token: Option<String>,
    caller: Caller,
    spark_user_agent: Option<String>,
}

/// `GET` or `POST` of `/authz/check`: the request is described in headers.
pub async fn check(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let headers = request.headers();
    let original = match (single(headers, "x-original-uri"), single(headers, "x-forwarded-uri")) {
        (Header::One(uri), Header::None) => described(headers, Form::Nginx, uri, "x-original-method"),
        (Header::None, Header::One(uri)) => described(headers, Form::Whole, uri, "x-forwarded-method"),
        (Header::None, Header::None) => Err("The gateway must send X-Original-URI or X-Forwarded-Uri"),
        _ => Err("X-Original-URI and X-Forwarded-Uri: exactly one of them may come, once; let the gateway remove the other"),
    };
    let named = headers.get("x-forwarded-host").and_then(|host| host.to_str().ok());
    decided(&app, &visit, &request, original, named).await
}

/// Any method below `/authz/check/`: the request itself, without its body.
pub async fn check_original(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let path = request.uri().path().get(ORIGINAL.len() - 1..).unwrap_or_default().to_owned();
    let original = Ok((Form::Whole, request.method().to_string(), path));
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    decided(&app, &visit, &request, original, host).await
}

type Described = Result<(Form, String, String), &'static str>;

fn described(headers: &HeaderMap, form: Form, uri: &str, method: &'static str) -> Described {
    let Header::One(method) = single(headers, method) else {
        return Err("The gateway must send X-Original-Method or X-Forwarded-Method, once");
    };
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    Ok((form, method.to_owned(), path.to_owned()))
}

async fn decided(app: &Hands, visit: &Visit, request: &HttpRequest, original: Described, host: Option<&str>) -> HttpResponse {
    let began = Instant::now();
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let Some(gateway) = peer.filter(|peer| app.settings.gateways.iter().any(|net| net.contains(peer))) else {
        record::refused(app, visit.caller(), "gateway.denied", "not_a_gateway", None);
        return misasked(visit, "not_a_gateway", "Only the gateways in this server's settings may ask");
    };
    let (form, method, path) = match original {
        Ok(described) => described,
        Err(sentence) => return misasked(visit, "gateway_request_unclear", sentence),
    };
    let headers = request.headers();
    let original = Original {
        form,
        situation: situation(app, gateway, headers, host),
        method,
        path,
        token: bearer(headers),
        caller: Caller::default(),
        spark_user_agent: spark_user_agent(headers),
    };
    let original = Original { caller: Caller { peer: original.situation.peer, ..visit.caller().clone() }, ..original };
    answered(app, visit, &original, began).await
}

/// What the proxy says of the request; an address it does not tell is no address.
fn situation(app: &App, gateway: IpAddr, headers: &HeaderMap, host: Option<&str>) -> Situation {
    let settings = &app.settings;
    let forwarded: Vec<&str> = headers.get_all(settings.forwarded_header.name()).map(|value| value.to_str().unwrap_or("unknown")).collect();
    let hops: Vec<_> = settings.gateways.iter().chain(&settings.trusted_proxies).copied().collect();
    let peer = if forwarded.is_empty() { None } else { client_address(gateway, &forwarded, settings.forwarded_header, &hops) };
    let tls = matches!(single(headers, "x-forwarded-proto"), Header::One("https"));
    Situation {
        secure: tls || settings.issuer.starts_with("http://"),
        peer,
        agent: one_agent(headers),
        replication_host: settings
            .replication_host
            .as_deref()
            .is_some_and(|known| host.is_some_and(|host| host.eq_ignore_ascii_case(known))),
    }
}

async fn answered(app: &Hands, visit: &Visit, original: &Original, began: Instant) -> HttpResponse {
    let wanted = (Service::of_path(&original.path), Act::of_method(&original.method));
    loop {
        let (token, situation) = (original.token.clone(), original.situation.clone());
        let judged = reading(app, move |app, conn| {
            Ok(match check::admit(app, conn, token.as_deref(), &situation, wanted)? {
                Admission::In(bearer, seen, allowance) => Step::In(passport(conn, &bearer)?, seen, allowance),
                Admission::Out(why, seen) => Step::Out(why, seen),
                Admission::Share(share) => Step::Share(share),
            })
        });
        return match judged.await {
            Ok(Step::Share(share)) => {
                take(app, share).await;
                continue;
            }
            Ok(Step::In(passport, seen, allowance)) => {
                visit.client(&passport.key);
                noted(app, original, began, &seen, 200, None);
                passed(&passport, allowance)
            }
            Ok(Step::Out(why, seen)) => {
                turned_away(app, visit, &original.caller, &why);
                let mut answer = envelope::refused(&why);
                let (code, status) = why.code_and_status();
                if let Some(seen) = seen {
                    noted(app, original, began, &seen, status, Some((code, why.reason())));
                }
                set(&mut answer, "x-latchkey-code", &code.to_string());
                set(&mut answer, "x-latchkey-status", &status.to_string());
                if original.form == Form::Nginx && status != 401 {
                    *answer.status_mut() = StatusCode::FORBIDDEN;
                }
                answer
            }
            Err(fault) => Style::Api.fault(visit, &fault),
        };
    }
}

enum Step {
    In(Passport, Seen, Option<Allowance>),
    Out(ApiProblem, Option<Seen>),
    Share(crate::flows::rates::Share),
}

fn noted(app: &App, original: &Original, began: Instant, seen: &Seen, status: u16, refusal: Option<(u16, &'static str)>) {
    let asked = Asked {
        seen,
        method: &original.method,
        path: &original.path,
        status,
        refusal,
        micros: i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX),
        caller: &original.caller,
        spark_user_agent: original.spark_user_agent.as_deref(),
    };
    usage::note(app, &asked);
}

/// 200 with what the data API needs to know of the token.
fn passed(passport: &Passport, allowance: Option<Allowance>) -> HttpResponse {
    let mut answer = HttpResponseBuilder::new(StatusCode::OK).finish();
    for (name, value) in passport.headers() {
        set(&mut answer, name, value);
    }
    if let Some(allowance) = allowance {
        envelope::tell_allowance(&mut answer, allowance);
    }
    answer
}

fn set(answer: &mut HttpResponse, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// A question that cannot be answered: 403, which every proxy takes for a no.
fn misasked(visit: &Visit, reason: &'static str, sentence: &'static str) -> HttpResponse {
    visit.ended(reason);
    let mut answer = respond::json(StatusCode::FORBIDDEN, &json!({ "D": { "Success": false, "Code": 1050, "Message": sentence } }));
    set(&mut answer, "x-latchkey-code", "1050");
    set(&mut answer, "x-latchkey-status", "403");
    answer
}

/// A header that may come once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header<'h> {
    None,
    One(&'h str),
    Odd,
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Header<'h> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Header::None,
        (Some(value), None) => match value.to_str() {
            // A proxy that clears a header may send it empty.
            Ok("") => Header::None,
            Ok(text) => Header::One(text),
            Err(_) => Header::Odd,
        },
        _ => Header::Odd,
    }
}
