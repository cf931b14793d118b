//! Our cookies: `__Host-` names, so that no neighbouring host can set them; a name that comes twice counts as absent.

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
const SESSION: &str = "__Host-latchkey_session";
/// The session of a developer: never taken for an account's, nor the reverse.
const DEVELOPER: &str = "__Host-latchkey_developer";
/// The session of a consumer: never taken for an account's or a developer's, nor the reverse.
const CONSUMER: &str = "__Host-latchkey_consumer";
/// The accounts this browser is known to.
const DEVICE: &str = "__Host-latchkey_device";

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
    let session = one(request, SESSION).and_then(|text| {
        let (id, secret) = text.split_once('.')?;
        Some((SessionId(id.parse().ok()?), Digest::of(secret.as_bytes())))
    });
    if let Some(id) = browser_id(request) {
        return (Browser { id, session }, None);
    }
    let id = app.random.token();
    (Browser { id: id.clone(), session }, Some(cookie(BROWSER, id)))
}

/// The session of a consumer that this browser holds: which, and the digest of its secret.
pub fn consumer(request: &HttpRequest) -> Option<(ConsumerSessionId, Digest)> {
    let text = one(request, CONSUMER)?;
    let (id, secret) = text.split_once('.')?;
    Some((ConsumerSessionId(id.parse().ok()?), Digest::of(secret.as_bytes())))
}

/// Sets the session cookie of a consumer. It ends with the browser; the server ends it earlier.
pub fn set_consumer(id: ConsumerSessionId, secret: &Secret) -> Cookie<'static> {
    cookie(CONSUMER, format!("{id}.{}", secret.expose()))
}

/// Takes the session cookie of a consumer back.
pub fn drop_consumer() -> Cookie<'static> {
    let mut gone = cookie(CONSUMER, String::new());
    gone.set_max_age(Duration::ZERO);
    gone
}

/// The session of a developer that this browser holds: which, and the digest of its secret.
pub fn developer(request: &HttpRequest) -> Option<(DeveloperSessionId, Digest)> {
    let text = one(request, DEVELOPER)?;
    let (id, secret) = text.split_once('.')?;
    Some((DeveloperSessionId(id.parse().ok()?), Digest::of(secret.as_bytes())))
}

/// Sets the session cookie of a developer. It ends with the browser; the server ends it earlier.
pub fn set_developer(id: DeveloperSessionId, secret: &Secret) -> Cookie<'static> {
    cookie(DEVELOPER, format!("{id}.{}", secret.expose()))
}

/// Whether a cookie to be set is a developer's session.
pub fn is_developer(cookie: &Cookie<'_>) -> bool {
    cookie.name() == DEVELOPER
}

/// Takes the session cookie of a developer back.
pub fn drop_developer() -> Cookie<'static> {
    let mut gone = cookie(DEVELOPER, String::new());
    gone.set_max_age(Duration::ZERO);
    gone
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
        .any(|line| line.to_str().is_ok_and(|line| line.contains(BROWSER) || line.contains(SESSION) || line.contains(CONSUMER)))
}

/// The device cookie's text.
pub fn device(request: &HttpRequest) -> Option<String> {
    one(request, DEVICE)
}

/// Sets the session cookie. It ends with the browser; the server ends it earlier.
pub fn set_session(id: SessionId, secret: &Secret) -> Cookie<'static> {
    cookie(SESSION, format!("{id}.{}", secret.expose()))
}

/// Whether a cookie to be set is the session's.
pub fn is_session(cookie: &Cookie<'_>) -> bool {
    cookie.name() == SESSION
}

/// Takes the session cookie back.
pub fn drop_session() -> Cookie<'static> {
    let mut gone = cookie(SESSION, String::new());
    gone.set_max_age(Duration::ZERO);
    gone
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
