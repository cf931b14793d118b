//! What frames every answer, framework-made ones included: request id, security headers, one log line.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use crate::base::Fault;
use crate::observe::RequestLine;

use super::gate;
use super::odata;
use super::respond;
use super::unread::{self, Reader};
use super::visit::Visit;
use super::work::Hands;

/// Headers that every answer has.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The longest headers a request may have, all together: no browser of ours sends more than a tenth of it. Units: bytes.
const LONGEST_HEADERS: usize = 32 * 1024;

/// Frames one request.
pub async fn frame<B: MessageBody + 'static>(mut request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<unread::Answer>, Error> {
    let unread = Reader::hold(&mut request);
    let started = Instant::now();
    let app = request.app_data::<Hands>().cloned().ok_or_else(|| actix_web::error::ErrorInternalServerError("no hands"))?;
    let tls = request.app_config().secure();
    let visit = Visit::of(&app, request.peer_addr().map(|peer| peer.ip()), tls, (request.path(), request.headers()));
    request.extensions_mut().insert(visit.clone());

    let method = request.method().clone();
    let style = respond::Style::of_path(request.path());
    let outcome = if let Some(refused) = refuse(&request, &visit) {
        Ok(request.into_response(refused).map_into_right_body())
    } else {
        match contained(next.call(request)).await {
            Some(answered) => Ok(answered?.map_into_left_body()),
            None => Err(style.fault(&visit, &Fault::broken("a request panicked"))),
        }
    };
    match outcome {
        Ok(mut response) => {
            dress(response.response_mut().head_mut(), &visit);
            let route = response.request().match_pattern();
            tell(&visit, &method, route.as_deref().unwrap_or("-"), response.status(), started);
            Ok(response.map_body(|_, body| unread::Answer { body: body.boxed(), unread }))
        }
        Err(mut answer) => {
            dress(answer.head_mut(), &visit);
            tell(&visit, &method, "-", answer.status(), started);
            Err(InternalError::from_response("panic", answer).into())
        }
    }
}

/// Runs the doors; nothing comes of a panic in them but the end of this one request.
async fn contained<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// Puts on what every answer has.
fn dress(head: &mut ResponseHead, visit: &Visit) {
    for (name, value) in ALWAYS {
        head.headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&visit.caller().request_id) {
        head.headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if !head.headers.contains_key(header::CACHE_CONTROL) {
        head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !head.headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        head.headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    if matches!(head.status.as_u16(), 408 | 413 | 431) {
        // What was not read must not be taken for the next request. A header alone would not end anything.
        head.set_connection_type(ConnectionType::Close);
    }
}

fn tell(visit: &Visit, method: &Method, route: &str, status: StatusCode, started: Instant) {
    let (outcome, client, fault) = visit.story();
    RequestLine {
        request_id: &visit.caller().request_id,
        method: method.as_str(),
        route,
        status: status.as_u16(),
        micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        peer: visit.caller().peer,
        client_id: client.as_deref(),
        outcome,
        fault: fault.as_deref(),
    }
    .emit();
}

/// Requests no door should see: plain HTTP where TLS is due, headers without end, and paths with a second spelling.
fn refuse(request: &ServiceRequest, visit: &Visit) -> Option<actix_web::HttpResponse> {
    let path = request.uri().path();
    let style = respond::Style::of_path(path);
    if !visit.is_secure() && !path.starts_with("/health/") {
        return Some(style.insecure(visit));
    }
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers > LONGEST_HEADERS {
        return Some(style.headers_too_long(visit));
    }
    if path.starts_with(gate::ORIGINAL) {
        // Somebody else's path, which the gateway's door judges.
        return None;
    }
    let path = odata::plain(path);
    let odd = path.bytes().any(|b| matches!(b, b'%' | b';' | b'\\')) || path.contains("//");
    odd.then(|| style.not_found(visit))
}
