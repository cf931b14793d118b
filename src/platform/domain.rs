//! Web domains of a key: where its application is at home.

use url::Url;

use crate::base::Timestamp;
use crate::base::id::{DomainId, KeyId};

use super::query::{Field, Resource};

/// How many domains a key may have.
pub const MOST: usize = 100;

/// What lists of domains can be asked.
pub const DOMAINS: Resource = Resource::of(
    "domains",
    &[
        Field::whole("Id", "id"),
        Field::text("Uri", "uri"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
);

/// A web domain of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its row.
    pub id: DomainId,
    /// Whose it is.
    pub key_id: KeyId,
    /// Its address.
    pub uri: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// Takes the address of a web domain, in its one spelling.
///
/// Refuses: anything but `http` or `https` with a host, and perhaps a port, and nothing else.
pub fn uri(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "must be the web address of a domain, such as https://www.example.com";
    let url = Url::parse(text).map_err(|_| WRONG)?;
    let good = text.len() <= 512
        && text.bytes().all(|b| (0x21..=0x7e).contains(&b) && !matches!(b, b'\\' | b'*'))
        && matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if good { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(WRONG) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dr_01_a_domain_is_a_host_and_has_one_spelling() {
        for (text, spelling) in [
            ("https://www.Example.com", "https://www.example.com"),
            ("https://www.example.com/", "https://www.example.com"),
            ("http://example.com:80/", "http://example.com"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("https://[2001:DB8::1]/", "https://[2001:db8::1]"),
        ] {
            assert_eq!(uri(text).as_deref(), Ok(spelling), "{text}");
        }
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "https://u:p@example.com",
            "https://example.com/path",
            "https://example.com/?a=b",
            "https://example.com/#x",
            "https://*.example.com",
            "https://exa mple.com",
            "https:///",
            "https://example.com\\@evil.example",
        ] {
            assert!(uri(bad).is_err(), "{bad}");
        }
        assert!(uri(&format!("https://{}.example", "a".repeat(600))).is_err());
    }
}
