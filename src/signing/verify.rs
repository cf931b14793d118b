//! Our own JWTs coming back: `id_token_hint` and JWT access tokens.
//!
//! The token chooses nothing but which of our keys it claims; algorithm and type are what we signed with that key. Headers that carry or
//! point at keys are not even looked at.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::low_s;
use super::ring::KeyRing;
use crate::base::json::StrictObject;
use crate::base::{Seconds, Timestamp};

/// Units: bytes of the whole token.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Units: bytes of the decoded header.
const LONGEST_HEADER: usize = 2 * 1024;
/// How far ahead the clock of the node that signed may be.
const LEEWAY: Seconds = Seconds(60);
/// The largest integer every JSON reader holds exactly.
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// What the caller knows of the token before reading it.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The header's `typ`: `JWT`, `at+jwt`.
    pub typ: &'a str,
    /// Our issuer, compared byte by byte.
    pub issuer: &'a str,
    /// Who must be among the audience; `None` only where the token is asked whom it was for, as a logout hint is.
    pub audience: Option<&'a str>,
    /// Whether a token past its time will do.
    pub expiry: Expiry,
}

/// Whether time matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// `exp` must lie after this moment; `iat` and `nbf` not more than a minute after it.
    Enforced(Timestamp),
    /// The times must be there and be times, no more: logout takes an expired hint.
    ///
    /// Spec: RP-Initiated Logout §4
    Ignored,
}

/// Why a token is not one of ours, or not the one expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyRefusal {
    /// More than 8 KiB, or a header of more than 2 KiB.
    TooLong,
    /// Not three parts of canonical base64url.
    Malformed,
    /// The header is no JSON object, or names a member twice.
    HeaderMalformed,
    /// The header has `crit`: we use no extension.
    Critical,
    /// The header names no key of ours, or a withdrawn one.
    UnknownKey,
    /// The header names another algorithm than its key has.
    AlgorithmDiffers,
    /// A token for another purpose.
    TypeDiffers,
    /// The signature is not ours, or is another spelling of ours.
    SignatureDiffers,
    /// The claims are no JSON object, or name a member twice.
    ClaimsMalformed,
    /// This claim is missing.
    ClaimMissing(&'static str),
    /// This claim has the wrong type.
    ClaimMistyped(&'static str),
    /// Signed by another installation.
    IssuerDiffers,
    /// Meant for somebody else.
    AudienceDiffers,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
}

impl KeyRing {
    /// Verifies one of our own JWTs and returns its claims.
    ///
    /// Every claim we ever sign that is present has the type we sign it with; `iss`, `exp` and `iat` are always present.
    ///
    /// Spec: RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3, RFC 9068 §4
    pub fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<Map<String, Value>, VerifyRefusal> {
        if token.len() > LONGEST_TOKEN {
            return Err(VerifyRefusal::TooLong);
        }
        let (message, signature_text) = token.rsplit_once('.').ok_or(VerifyRefusal::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(VerifyRefusal::Malformed)?;
        let (header, claims, signature) = (part(header)?, part(claims)?, part(signature_text)?);
        if header.len() > LONGEST_HEADER {
            return Err(VerifyRefusal::TooLong);
        }
        let StrictObject(header) = serde_json::from_slice(&header).map_err(|_| VerifyRefusal::HeaderMalformed)?;
        if header.contains_key("crit") {
            return Err(VerifyRefusal::Critical);
        }
        let named = |member: &str| header.get(member).and_then(Value::as_str);
        let ring = self.snapshot();
        let held = named("kid").and_then(|kid| ring.held(kid)).ok_or(VerifyRefusal::UnknownKey)?;
        let algorithm = held.key.algorithm();
        if named("alg") != Some(algorithm.name()) {
            return Err(VerifyRefusal::AlgorithmDiffers);
        }
        if named("typ") != Some(expected.typ) {
            return Err(VerifyRefusal::TypeDiffers);
        }
        if algorithm == Algorithm::ES256 && !low_s::is_low(&signature) {
            return Err(VerifyRefusal::SignatureDiffers);
        }
        match jsonwebtoken::crypto::verify(signature_text, message.as_bytes(), held.key.public(), algorithm.jose()) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(VerifyRefusal::SignatureDiffers),
        }
        let StrictObject(claims) = serde_json::from_slice(&claims).map_err(|_| VerifyRefusal::ClaimsMalformed)?;
        check(&claims, expected)?;
        Ok(claims)
    }
}

/// One part of a token. A part is never empty, and has exactly one spelling.
fn part(text: &str) -> Result<Vec<u8>, VerifyRefusal> {
    match BASE64URL_NOPAD.decode(text.as_bytes()) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(VerifyRefusal::Malformed),
    }
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), VerifyRefusal> {
    for name in ["iss", "sub", "jti", "sid", "client_id", "azp", "scope", "nonce", "acr"] {
        if claims.get(name).is_some_and(|value| !value.is_string()) {
            return Err(VerifyRefusal::ClaimMistyped(name));
        }
    }
    let expires = need(moment(claims, "exp")?, "exp")?;
    let issued = need(moment(claims, "iat")?, "iat")?;
    let begins = moment(claims, "nbf")?.unwrap_or(issued);
    moment(claims, "auth_time")?;
    let audience = audience(claims)?;

    if need(claims.get("iss").and_then(Value::as_str), "iss")? != expected.issuer {
        return Err(VerifyRefusal::IssuerDiffers);
    }
    if let Some(me) = expected.audience
        && !need(audience, "aud")?.contains(&me)
    {
        return Err(VerifyRefusal::AudienceDiffers);
    }
    match expected.expiry {
        Expiry::Enforced(now) if expires <= now => Err(VerifyRefusal::Expired),
        Expiry::Enforced(now) if issued.max(begins) > now + LEEWAY => Err(VerifyRefusal::NotYetValid),
        Expiry::Enforced(_) | Expiry::Ignored => Ok(()),
    }
}

fn need<T>(claim: Option<T>, name: &'static str) -> Result<T, VerifyRefusal> {
    claim.ok_or(VerifyRefusal::ClaimMissing(name))
}

/// A whole number of seconds, the only kind of time we sign.
fn moment(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, VerifyRefusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_u64().filter(|seconds| *seconds <= LARGEST_INTEGER).and_then(|seconds| i64::try_from(seconds).ok());
    seconds.map(|seconds| Some(Timestamp::from_seconds(seconds))).ok_or(VerifyRefusal::ClaimMistyped(name))
}

/// A text or a list of texts.
fn audience(claims: &Map<String, Value>) -> Result<Option<Vec<&str>>, VerifyRefusal> {
    let texts = match claims.get("aud") {
        None => return Ok(None),
        Some(Value::String(one)) => Some(vec![one.as_str()]),
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    texts.map(Some).ok_or(VerifyRefusal::ClaimMistyped("aud"))
}

#[cfg(test)]
mod tests;
