//! What may be registered as a redirect URI, and whether what a client asks for is one of them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::protocol::client::ClientKind;

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
    pub(super) fn admits(&self, asked: &str, kind: ClientKind) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
