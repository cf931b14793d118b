//! Our cookies: `__Host-` names, so that no neighbouring host can set them; a name that comes twice counts as absent.

use std::fmt::Display;
use std::marker::PhantomData;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;

use crate::app::App;
use crate::base::id::{ConsumerSessionId, DeveloperSessionId, SessionId};
use crate::base::{Digest, Secret};
use crate::flows::authorize::Browser;

/// Binds pages to the browser that opened them.
const BROWSER: &str = "__Host-latchkey_browser";
/// The session of an account.
pub const SESSION: SessionCookie<SessionId> = SessionCookie::named("__Host-latchkey_session");
/// The session of a developer.
pub const DEVELOPER: SessionCookie<DeveloperSessionId> = SessionCookie::named("__Host-latchkey_developer");
/// The session of a consumer.
pub const CONSUMER: SessionCookie<ConsumerSessionId> = SessionCookie::named("__Host-latchkey_consumer");
/// The accounts this browser is known to.
const DEVICE: &str = "__Host-latchkey_device";

/// The cookie of one class of people's sessions: which session, and the secret that proves it. None is ever taken for another's.
pub struct SessionCookie<I> {
    name: &'static str,
    ids: PhantomData<fn() -> I>,
}

impl<I: Copy + From<i64> + Display> SessionCookie<I> {
    const fn named(name: &'static str) -> Self {
        Self { name, ids: PhantomData }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The session that this browser holds: which, and the digest of its secret.
    pub fn held(&self, request: &HttpRequest) -> Option<(I, Digest)> {
        let text = one(request, self.name)?;
        let (id, secret) = text.split_once('.')?;
        Some((I::from(id.parse::<i64>().ok()?), Digest::of(secret.as_bytes())))
    }

    /// Gives a session. It ends with the browser; the server ends it earlier.
    pub fn set(&self, id: I, secret: &Secret) -> Cookie<'static> {
        cookie(self.name, format!("{id}.{}", secret.expose()))
    }

    /// Takes it back.
    pub fn gone(&self) -> Cookie<'static> {
        let mut gone = cookie(self.name, String::new());
        gone.set_max_age(Duration::ZERO);
        gone
    }

    /// Whether a cookie to be set is this one.
    pub fn is(&self, cookie: &Cookie<'_>) -> bool {
        cookie.name() == self.name
    }
}

/// The value of a cookie that came exactly once.
fn one(request: &HttpRequest, name: &str) -> Option<String> {
    let mut found = None;
    for line in request.headers().get_all(header::COOKIE) {
        // As bytes, because a cookie of a neighbouring host may hold anything.
        for pair in line.as_bytes().split(|b| *b == b';') {
            let value = pair.trim_ascii().strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            if let Some(value) = value
                && found.replace(std::str::from_utf8(value).ok()?.to_owned()).is_some()
            {
                return None;
            }
        }
    }
    found
}

/// The browser at the door; one that has no cookie of ours yet gets an id, to be set with the answer.
pub fn browser(app: &App, request: &HttpRequest) -> (Browser, Option<Cookie<'static>>) {
    let session = SESSION.held(request);
    if let Some(id) = browser_id(request) {
        return (Browser { id, session }, None);
    }
    let id = app.random.token();
    (Browser { id: id.clone(), session }, Some(cookie(BROWSER, id)))
}

/// The id of the browser at the door, if it has one of ours.
pub fn browser_id(request: &HttpRequest) -> Option<String> {
    one(request, BROWSER).filter(|id| id.len() == 43 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
}

/// Whether any cookie of ours came. A form of another site comes without them, because they are `SameSite=Lax`.
pub fn came(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all(header::COOKIE)
        .any(|line| line.to_str().is_ok_and(|line| [BROWSER, SESSION.name, CONSUMER.name].iter().any(|name| line.contains(name))))
}

/// The device cookie's text.
pub fn device(request: &HttpRequest) -> Option<String> {
    one(request, DEVICE)
}

/// Sets the device cookie, for a year.
pub fn set_device(text: String) -> Cookie<'static> {
    let mut known = cookie(DEVICE, text);
    known.set_max_age(Duration::days(365));
    known
}

fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).secure(true).http_only(true).same_site(SameSite::Lax).path("/").finish()
}
