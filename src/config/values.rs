//! What single values mean. Each reader says what is wrong in a few words that never repeat the value.

use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use url::Url;

use super::names::Kind;
use super::settings::DatabaseUrl;
use crate::base::{Seconds, Secret, host};

/// What stands for a secret in examples; refused wherever a secret is wanted.
pub(super) const SAMPLE_SECRET: &str = "REPLACE-ME";

/// Words by which a secret shows that nobody has chosen it.
const SAMPLES: [&str; 8] = ["replace-me", "replace_me", "replaceme", "change-me", "change_me", "changeme", "your-secret", "placeholder"];
const TOO_PLAIN: [&str; 7] = ["secret", "password", "master_secret", "latchkey", "example", "test", "none"];

type Wrong = &'static str;

pub(super) fn issuer(text: &str) -> Result<String, Wrong> {
    let url = Url::parse(text).map_err(|_| "it is not an absolute URL")?;
    let this_machine = url.host_str().is_some_and(host::is_loopback);
    match url.scheme() {
        "https" => {}
        "http" if this_machine => {}
        "http" => return Err("it is http for a host that is not this machine"),
        _ => return Err("it is neither https nor http"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name or password in it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or fragment");
    }
    if url.path() != "/" {
        return Err("it has a path");
    }
    if text.ends_with('/') {
        return Err("it ends with a slash");
    }
    if text != url.origin().ascii_serialization() {
        return Err("it has a second spelling (upper case, a default port, letters beyond ASCII)");
    }
    Ok(text.to_owned())
}

pub(super) fn host(text: &str) -> Result<String, Wrong> {
    let name = text.len() <= 253
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    if name { Ok(text.to_owned()) } else { Err("it is no host name in lower case") }
}

pub(super) fn database(text: &str) -> Result<DatabaseUrl, Wrong> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        return match path {
            "" => Err("it has no path"),
            ":memory:" => Err("it would forget everything at the end"),
            _ if path.starts_with("//") => Err("it has slashes where a path begins"),
            _ if path.contains(['\0', '?']) => Err("the path has a character that no path should have"),
            _ => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
        };
    }
    let url = Url::parse(text).map_err(|_| "it is not a URL")?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err("it is no database that is known here");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host");
    }
    if url.path().trim_matches('/').is_empty() {
        return Err("it names no database");
    }
    if url.password().is_some_and(is_sample) {
        return Err("its password is the one from an example");
    }
    Ok(DatabaseUrl::Postgres(Secret::new(text)))
}

/// Whether `text`, given for a setting of this kind, must not be seen.
pub(super) fn holds_secret(kind: &Kind, text: &str) -> bool {
    match kind {
        Kind::Secret(_) => !text.is_empty(),
        // What cannot be read might hold one.
        Kind::Address(_) if !text.starts_with("sqlite:") => {
            Url::parse(text).map_or(!text.is_empty(), |url| url.password().is_some() || url.query().is_some_and(|q| q.contains("password")))
        }
        _ => false,
    }
}

pub(super) fn secret(text: &str) -> Result<Secret, Wrong> {
    if text.trim().is_empty() {
        return Err("it is empty");
    }
    if text.chars().any(char::is_control) {
        return Err("it has a line break or another control character");
    }
    if is_sample(text) {
        return Err("it is the one from an example");
    }
    Ok(Secret::new(text))
}

fn is_sample(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let first = lower.chars().next();
    SAMPLES.iter().any(|sample| lower.contains(sample)) || TOO_PLAIN.contains(&lower.as_str()) || lower.chars().all(|c| Some(c) == first)
}

/// A network, or one address.
pub(super) fn network(text: &str) -> Result<IpNet, Wrong> {
    let net =
        text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| "one of them is no address or network")?;
    if net.prefix_len() == 0 { Err("one of them is everyone") } else { Ok(net.trunc()) }
}

pub(super) fn number(text: &str) -> Result<i64, Wrong> {
    // No sign, no blanks, no digits of other scripts.
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("it is not a whole number");
    }
    text.parse().map_err(|_| "it is too large")
}

/// `90`, `90s`, `15m`, `12h` or `30d`.
pub(super) fn span(text: &str) -> Result<Seconds, Wrong> {
    let (digits, unit) = match text.chars().last() {
        Some('s') => (text.strip_suffix('s'), 1),
        Some('m') => (text.strip_suffix('m'), 60),
        Some('h') => (text.strip_suffix('h'), 3600),
        Some('d') => (text.strip_suffix('d'), 86_400),
        _ => (Some(text), 1),
    };
    let count = number(digits.unwrap_or_default()).map_err(|_| "it is not a span of time")?;
    count.checked_mul(unit).map(Seconds).ok_or("it is too long")
}

pub(super) fn switch(text: &str) -> Result<bool, Wrong> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("it is neither true nor false"),
    }
}
