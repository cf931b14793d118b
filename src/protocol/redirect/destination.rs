//! Where answers of the authorization endpoint go: a registered place of the client's, and how they are put into its address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::protocol::client::Client;
use crate::protocol::params::{ParamProblem, Params};

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
    use super::super::{RedirectUri, UriProblem};
    use super::*;
    use crate::base::id::KeyId;
    use crate::protocol::client::{ClientKind, Lifetimes, Policy};

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
