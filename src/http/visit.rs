//! One request, as every door needs to see it: who asks, from where, and what became of it.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::app::App;
use crate::base::peer::client_address;
use crate::base::text::readable;
use crate::flows::record::Caller;

/// A request, and what is to be told of it afterwards.
#[derive(Clone)]
pub struct Visit(Rc<Inner>);

struct Inner {
    caller: Caller,
    secure: bool,
    path: String,
    outcome: Cell<Option<&'static str>>,
    client: RefCell<Option<String>>,
    fault: RefCell<Option<String>>,
}

impl Visit {
    /// Looks at a request's connection and headers.
    pub fn of(app: &App, peer: Option<IpAddr>, tls: bool, (path, headers): (&str, &HeaderMap)) -> Self {
        let settings = &app.settings;
        let forwarded: Vec<&str> =
            headers.get_all(settings.forwarded_header.name()).map(|value| value.to_str().unwrap_or("unknown")).collect();
        let address = peer.and_then(|peer| client_address(peer, &forwarded, settings.forwarded_header, &settings.trusted_proxies));
        let from_proxy = peer.is_some_and(|peer| settings.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical())));
        let proxied_tls = from_proxy && headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
        let request_id = headers
            .get("x-request-id")
            .and_then(|id| id.to_str().ok())
            .filter(|id| is_id(id))
            .map_or_else(|| app.random.token().chars().take(20).collect(), str::to_owned);
        let user_agent =
            headers.get(header::USER_AGENT).map(|agent| readable(&String::from_utf8_lossy(agent.as_bytes()), 256)).unwrap_or_default();
        Self(Rc::new(Inner {
            caller: Caller { peer: address, request_id, user_agent },
            secure: tls || proxied_tls || settings.issuer.starts_with("http://"),
            path: path.to_owned(),
            outcome: Cell::new(None),
            client: RefCell::new(None),
            fault: RefCell::new(None),
        }))
    }

    /// Who is at the door.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// Which address was asked for.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// TLS all the way, or from a trusted proxy that says so; always where the issuer itself is plain http on this device.
    pub fn is_secure(&self) -> bool {
        self.0.secure
    }

    /// Notes the reason of a refusal for the log line.
    pub fn ended(&self, outcome: &'static str) {
        self.0.outcome.set(Some(outcome));
    }

    /// Notes which key asked.
    pub fn client(&self, client_id: &str) {
        *self.0.client.borrow_mut() = Some(readable(client_id, 64));
    }

    /// Notes a fault; only the log ever sees its text.
    pub fn fault(&self, text: String) {
        *self.0.fault.borrow_mut() = Some(text);
    }

    /// What the log line says of it: outcome, key, fault.
    pub fn story(&self) -> (Option<&'static str>, Option<String>, Option<String>) {
        (self.0.outcome.get(), self.0.client.borrow().clone(), self.0.fault.borrow().clone())
    }
}

fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Self>().cloned();
        std::future::ready(visit.ok_or_else(|| actix_web::error::ErrorInternalServerError("no visit")))
    }
}
