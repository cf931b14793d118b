//! Redirect URIs: the one validator for every door they are registered through, and the one maker of a place to redirect to.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use super::client::{Client, ClientKind};
use super::params::{ParamProblem, Params};

/// A redirect URI that passed the rules of registration. Its text is kept byte by byte and compared so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    loopback: bool,
}

/// Why a URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriProblem {
    /// Not an absolute URI, or one that would read differently after parsing.
    Malformed,
    /// A fragment, with or without text.
    Fragment,
    /// User name or password before the host.
    UserInfo,
    /// A scheme that leads nowhere or runs code.
    Scheme,
    /// `http` to anywhere but this device.
    Insecure,
    /// This device, for a key whose program does not run on it.
    Loopback,
    /// A star or other pattern: a URI is one place.
    Pattern,
}

impl fmt::Display for UriProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "must be an absolute URI written in its normal form, such as https://app.example/callback",
            Self::Fragment => "must not have a fragment (#)",
            Self::UserInfo => "must not have a user name or password before the host",
            Self::Scheme => "must begin with https://, or for an installed application with a private scheme in reverse-domain form, such as com.example.app:/callback",
            Self::Insecure => "must begin with https://; http:// is only for an installed application on 127.0.0.1 or [::1]",
            Self::Loopback => "must not point at this device: only public (installed) applications may use 127.0.0.1 or [::1]",
            Self::Pattern => "must be one place: stars are not patterns here",
        })
    }
}

impl RedirectUri {
    /// Reads a redirect URI at registration, for a key of `kind`.
    ///
    /// Refuses: see [`UriProblem`].
    /// Spec: RFC 6749 §3.1.2, RFC 8252 §7, §8.4, RFC 9700 §2.1
    pub fn register(text: &str, kind: ClientKind) -> Result<Self, UriProblem> {
        let uri = Self::read(text)?;
        if uri.loopback && kind == ClientKind::Confidential {
            return Err(UriProblem::Loopback);
        }
        Ok(uri)
    }

    /// Reads a redirect URI for a key of the demo or of development, whose confidential applications live on this device too.
    pub fn register_on_this_device(text: &str) -> Result<Self, UriProblem> {
        Self::read(text)
    }

    fn read(text: &str) -> Result<Self, UriProblem> {
        if text.len() > 2048
            || text
                .bytes()
                .any(|b| !(0x21..=0x7e).contains(&b) || matches!(b, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}'))
        {
            return Err(UriProblem::Malformed);
        }
        if text.contains('*') {
            return Err(UriProblem::Pattern);
        }
        if text.contains('#') {
            return Err(UriProblem::Fragment);
        }
        let url = Url::parse(text).map_err(|_| UriProblem::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() || text.split('/').nth(2).is_some_and(|authority| authority.contains('@'))
        {
            return Err(UriProblem::UserInfo);
        }
        let loopback = match url.scheme() {
            "https" => false,
            "http" => match url.host() {
                Some(Host::Ipv4(Ipv4Addr::LOCALHOST) | Host::Ipv6(Ipv6Addr::LOCALHOST)) => true,
                _ => return Err(UriProblem::Insecure),
            },
            private if private.contains('.') && !url.has_host() && url.path().starts_with('/') => {
                return Ok(Self { text: text.to_owned(), loopback: false });
            }
            _ => return Err(UriProblem::Scheme),
        };
        // What a browser would make of it must be what was written: no `..`, no capital host, no odd spelling of an address.
        let normal = url.as_str();
        if normal != text && normal.strip_suffix('/') != Some(text) {
            return Err(UriProblem::Malformed);
        }
        Ok(Self { text: text.to_owned(), loopback })
    }

    /// Takes a URI from a row; it was validated when it came in, and is validated again because rows outlive rules.
    pub fn stored(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// Byte by byte as it was registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `asked` is this URI: byte by byte, but for the port of a public key's loopback URI.
    ///
    /// Spec: RFC 9700 §4.1.3, RFC 8252 §7.3
    fn admits(&self, asked: &str, kind: ClientKind) -> bool {
        asked == self.text
            || (self.loopback
                && kind == ClientKind::Public
                && without_port(asked).is_some_and(|bare| Some(bare) == without_port(&self.text)))
    }
}

/// A loopback URI without its port; `None` where there is no port or it is not from 1 to 65535 in plain digits.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let host = ["http://127.0.0.1", "http://[::1]"].into_iter().find(|host| uri.starts_with(host))?;
    let rest = uri.strip_prefix(host)?;
    let (port, path) = match rest.strip_prefix(':') {
        None => (None, rest),
        Some(after) => {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (port, path) = after.split_at_checked(end)?;
            (Some(port), path)
        }
    };
    let good = port.is_none_or(|port| !port.starts_with('0') && port.parse::<u16>().is_ok());
    (good && (path.is_empty() || path.starts_with(['/', '?']))).then_some((host, path))
}

/// A place that belongs to a client: the only thing this server can redirect a browser to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    uri: String,
}

/// Why there is no place to redirect to; the answer is a page of ours, never a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationRefusal {
    /// `redirect_uri` did not come.
    Missing,
    /// It came twice.
    Repeated,
    /// It cannot be read: bad encoding, a NUL.
    Unreadable,
    /// It is none of the client's.
    Differs,
}

impl Destination {
    /// Where answers to this request go.
    ///
    /// Refuses: a missing, repeated or unregistered `redirect_uri`; nothing is ever guessed, not even for a client with a single one.
    /// Spec: OpenID Connect Core §3.1.2.1, RFC 9700 §4.1.3
    pub fn of(client: &Client, params: &Params) -> Result<Self, DestinationRefusal> {
        let asked = match params.one("redirect_uri") {
            Ok(Some(asked)) => asked,
            Ok(None) | Err(ParamProblem::Missing(_)) => return Err(DestinationRefusal::Missing),
            Err(ParamProblem::NotText(_)) => return Err(DestinationRefusal::Unreadable),
            Err(_) => return Err(DestinationRefusal::Repeated),
        };
        if client.redirect_uris.iter().any(|uri| uri.admits(asked, client.kind)) {
            Ok(Self { uri: asked.to_owned() })
        } else {
            Err(DestinationRefusal::Differs)
        }
    }

    /// The URI, byte by byte as the client asked for it.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// Host (or private scheme) as a person reads it on the consent page.
    pub fn host(&self) -> String {
        match Url::parse(&self.uri) {
            Ok(url) => url.host_str().map_or_else(|| format!("{}:", url.scheme()), str::to_owned),
            Err(_) => String::new(),
        }
    }

    /// What a page that ends in this redirect must allow in its `form-action`: the origin, or the private scheme.
    pub fn form_action(&self) -> String {
        match Url::parse(&self.uri) {
            Ok(url) if url.has_host() => url.origin().ascii_serialization(),
            Ok(url) => format!("{}:", url.scheme()),
            Err(_) => "'none'".to_owned(),
        }
    }

    /// The URI with `answer` added to its query; a query it already has stays.
    ///
    /// Spec: RFC 6749 §4.1.2
    pub fn with_query(&self, answer: &[(&str, &str)]) -> String {
        let glue = if self.uri.contains('?') { if self.uri.ends_with(['?', '&']) { "" } else { "&" } } else { "?" };
        format!("{}{glue}{}", self.uri, encode(answer))
    }

    /// The URI with `answer` as its fragment.
    ///
    /// Spec: OAuth 2.0 Multiple Response Type Encoding Practices §2.1
    pub fn with_fragment(&self, answer: &[(&str, &str)]) -> String {
        format!("{}#{}", self.uri, encode(answer))
    }
}

/// Everything but RFC 3986's unreserved characters as `%XX`: a space is `%20`, because not every client reads `+`.
fn encode(answer: &[(&str, &str)]) -> String {
    let escaped = |text| utf8_percent_encode(text, RESERVED);
    let pairs: Vec<String> = answer.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}

/// Everything but RFC 3986's unreserved characters.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::KeyId;
    use crate::protocol::client::{Lifetimes, Policy};

    fn client(kind: ClientKind, uris: &[&str]) -> Client {
        Client {
            key_id: KeyId(1),
            client_id: "w".into(),
            kind,
            enabled: true,
            openid_enabled: true,
            redirect_uris: uris.iter().map(|uri| RedirectUri::stored(uri).unwrap()).collect(),
            secrets: vec![],
            policy: Policy::default(),
            lifetimes: Lifetimes::default(),
            tokens_valid_after: None,
        }
    }

    fn asks(client: &Client, uri: &str) -> Result<Destination, DestinationRefusal> {
        Destination::of(client, &[("redirect_uri", uri)].into_iter().collect())
    }

    #[test]
    fn ru_01_the_registered_uri_is_accepted_byte_by_byte() {
        let w = client(ClientKind::Confidential, &["https://app.example/cb"]);
        assert_eq!(asks(&w, "https://app.example/cb").unwrap().as_str(), "https://app.example/cb");
    }

    #[test]
    fn ru_02_to_09_nothing_that_only_resembles_the_registered_uri_is_accepted() {
        let w = client(ClientKind::Confidential, &["https://app.example/cb", "https://app.example/q?a=1"]);
        for bad in [
            "https://app.example/cb/",
            "https://app.example/c",
            "https://app.example/cb/.",
            "https://app.example/CB",
            "https://APP.example/cb",
            "HTTPS://app.example/cb",
            "https://app.example/cb?x=1",
            "https://app.example/cb&",
            "https://app.example/cb?",
            "https://app.example/q?a=1&b=2",
            "https://app.example/q",
            "https://app.example/cb#x",
            "https://app.example/cb#",
            "https://app.example@evil.example/cb",
            "https://evil.example@app.example/cb",
            "https://a@b@app.example/cb",
            "https://app.example/cb/../x",
            "https://app.example/cb/..;/x",
            "https://app.example/cb/%2e%2e/x",
            "https://app.example/x/../cb",
            "https://app.example\\@evil.example/cb",
            "https:\\\\app.example\\cb",
            "https://app.example/%2Fcb",
            "https://app.example/%63b",
            "https://app.example/cb\t",
            "\nhttps://app.example/cb",
            " https://app.example/cb",
            "https://app.example/cb\r\nX: y",
            "https://app.example.evil.example/cb",
            "https://app.exampleevil.com/cb",
            "https://evil.example/app.example/cb",
            "https://app.example:443/cb",
            "https://app.example.:/cb",
        ] {
            assert_eq!(asks(&w, bad), Err(DestinationRefusal::Differs), "{bad}");
        }
    }

    #[test]
    fn ru_11_ru_12_a_missing_or_repeated_uri_is_never_guessed() {
        for uris in [&["https://app.example/cb"][..], &["https://app.example/cb", "https://app.example/2"], &[]] {
            let w = client(ClientKind::Confidential, uris);
            assert_eq!(Destination::of(&w, &Params::default()), Err(DestinationRefusal::Missing));
            let twice = [("redirect_uri", "https://app.example/cb"), ("redirect_uri", "https://app.example/cb")].into_iter().collect();
            assert_eq!(Destination::of(&w, &twice), Err(DestinationRefusal::Repeated));
        }
    }

    #[test]
    fn ru_16_a_public_key_on_this_device_chooses_its_port() {
        let n = client(ClientKind::Public, &["http://127.0.0.1/cb", "http://[::1]/cb"]);
        for good in ["http://127.0.0.1:51423/cb", "http://127.0.0.1:1/cb", "http://[::1]:8080/cb", "http://127.0.0.1/cb"] {
            assert_eq!(asks(&n, good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn ru_17_ru_18_the_port_is_all_that_may_differ() {
        let n = client(ClientKind::Public, &["http://127.0.0.1/cb"]);
        for bad in [
            "http://127.0.0.1:5000/other",
            "http://127.0.0.1:5000/cb?x=1",
            "http://u@127.0.0.1:5000/cb",
            "http://127.0.0.1:5000/cb#f",
            "http://localhost:5000/cb",
            "http://127.1:5000/cb",
            "http://2130706433/cb",
            "http://0x7f000001/cb",
            "http://0177.0.0.1/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:080/cb",
            "https://127.0.0.1:5000/cb",
            "http://127.0.0.1:5000@evil.example/cb",
        ] {
            assert_eq!(asks(&n, bad), Err(DestinationRefusal::Differs), "{bad}");
        }
    }

    #[test]
    fn ru_19_a_confidential_key_gets_no_loopback_uri_and_no_other_port() {
        assert_eq!(RedirectUri::register("http://127.0.0.1/cb", ClientKind::Confidential), Err(UriProblem::Loopback));
        let migrated = client(ClientKind::Confidential, &["http://127.0.0.1:8081/cb"]);
        assert!(asks(&migrated, "http://127.0.0.1:8081/cb").is_ok());
        assert_eq!(asks(&migrated, "http://127.0.0.1:8082/cb"), Err(DestinationRefusal::Differs));
    }

    #[test]
    fn ru_14_ru_15_ru_20_ru_24_what_cannot_be_registered() {
        use UriProblem::{Fragment, Insecure, Malformed, Pattern, Scheme, UserInfo};
        for (bad, why) in [
            ("javascript:alert(1)", Scheme),
            ("JaVaScRiPt:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("vbscript:x", Scheme),
            ("file:///etc/passwd", Scheme),
            ("blob:https://a/b", Scheme),
            ("about:blank", Scheme),
            ("ws://a.example/", Scheme),
            (" https://a.example/", Malformed),
            ("\u{1}https://a.example/", Malformed),
            ("http://a.example/cb", Insecure),
            ("http://localhost/cb", Insecure),
            ("myapp:/cb", Scheme),
            ("com.example.app://cb", Scheme),
            ("httpss://a.example/cb", Scheme),
            ("https://*.example/cb", Pattern),
            ("https://app.example/*", Pattern),
            ("https://app.example/cb|x", Malformed),
            ("https://app.example/cb#", Fragment),
            ("https://u@app.example/cb", UserInfo),
            ("https://:p@app.example/cb", UserInfo),
            ("https://@app.example/cb", UserInfo),
            ("https://app.example/a/../b", Malformed),
            ("https://APP.example/cb", Malformed),
            ("https://app.example:443/cb", Malformed),
            ("https:/app.example/cb", Malformed),
            ("app.example/cb", Malformed),
            ("", Malformed),
            ("https://", Malformed),
            ("https://b\u{fc}cher.example/", Malformed),
        ] {
            for kind in [ClientKind::Confidential, ClientKind::Public] {
                assert_eq!(RedirectUri::register(bad, kind), Err(why), "{bad}");
            }
        }
        for good in [
            "https://app.example",
            "https://app.example/cb?tenant=7",
            "https://app.example:8443/cb",
            "https://app.example/caf%C3%A9",
            "com.example.app:/cb",
        ] {
            assert_eq!(RedirectUri::register(good, ClientKind::Public).unwrap().as_str(), good);
        }
        assert!(RedirectUri::register(&format!("https://a.example/{}", "x".repeat(3000)), ClientKind::Public).is_err());
    }

    #[test]
    fn an_answer_keeps_the_query_that_was_registered() {
        let w = client(ClientKind::Confidential, &["https://app.example/q?a=1"]);
        let destination = asks(&w, "https://app.example/q?a=1").unwrap();
        assert_eq!(destination.with_query(&[("code", "c"), ("state", "a b&c")]), "https://app.example/q?a=1&code=c&state=a%20b%26c");
        assert_eq!(destination.with_fragment(&[("code", "c")]), "https://app.example/q?a=1#code=c");
        assert_eq!(destination.form_action(), "https://app.example");
    }

    #[test]
    fn ru_25_a_huge_uri_is_refused_without_work() {
        let w = client(ClientKind::Confidential, &["https://app.example/cb"]);
        for bad in ["x".repeat(65_536), "../".repeat(10_000), "%".repeat(10_000)] {
            assert_eq!(asks(&w, &bad), Err(DestinationRefusal::Differs));
        }
    }
}
