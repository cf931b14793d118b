//! Reading a token that a developer pastes: what it says, and whether this server made it. Nothing of it is kept.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::app::App;
use crate::base::Timestamp;
use crate::platform::personal_token;
use crate::protocol::handle::Kind;
use crate::signing::{Expected, Expiry};

/// The longest text that is looked at. Units: bytes.
const LONGEST: usize = 8192;

/// What a text is.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoded {
    /// An opaque token of this server.
    Handle {
        /// What it is for.
        kind: &'static str,
        /// When it was issued.
        issued: Timestamp,
        /// When it ends by itself.
        expires: Timestamp,
    },
    /// A personal token, spelled as this server spells them.
    Personal,
    /// A JWT.
    Jwt {
        /// Its header.
        header: Map<String, Value>,
        /// Its claims.
        claims: Map<String, Value>,
        /// Whether it was signed by this server, for its issuer.
        ours: bool,
    },
    /// A client secret: it belongs in no such field.
    ClientSecret,
    /// None of these.
    Unknown,
}

/// What `text` is.
pub fn decode(app: &App, text: &str) -> Decoded {
    let text = text.trim();
    if text.len() > LONGEST {
        return Decoded::Unknown;
    }
    if text.starts_with("lks_") {
        return Decoded::ClientSecret;
    }
    if personal_token::is_well_formed(text) {
        return Decoded::Personal;
    }
    let macs = app.macs.load();
    for (kind, name) in [(Kind::Access, "access token"), (Kind::Refresh, "refresh token"), (Kind::Code, "authorization code")] {
        if let Some(handle) = macs.read(kind, text) {
            return Decoded::Handle { kind: name, issued: handle.issued, expires: handle.expires };
        }
    }
    jwt(app, text).unwrap_or(Decoded::Unknown)
}

fn jwt(app: &App, text: &str) -> Option<Decoded> {
    let mut parts = text.split('.');
    let (header, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let object = |part: &str| serde_json::from_slice::<Map<String, Value>>(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok();
    let (header, claims) = (object(header)?, object(claims)?);
    let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default();
    let expected = Expected { typ, issuer: &app.settings.issuer, audience: None, expiry: Expiry::Ignored };
    let ours = app.ring.verify(text, &expected).is_ok();
    Some(Decoded::Jwt { header, claims, ours })
}
