//! Client authentication: who asks at the token, revocation and introspection endpoints.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::id::KeySecretId;
use crate::base::{Secret, Timestamp};

use super::client::{Client, ClientKind};
use super::params::Params;
use super::token::TokenRefusal;

/// What a request says about the client.
pub struct Credentials {
    /// The `client_id`.
    pub client_id: String,
    /// The secret, by header or body.
    secret: Option<Secret>,
}

impl Credentials {
    /// Takes the credentials from an `Authorization` header and the body.
    ///
    /// Any scheme but Basic is ignored, because clients of the platform send `OAuth` and an old token here.
    ///
    /// Refuses: header and body that disagree; assertions, which are not offered; nothing at all.
    /// Spec: RFC 6749 §2.3.1
    pub fn of(authorization: Option<&str>, params: &Params) -> Result<Self, TokenRefusal> {
        let basic = authorization.and_then(|header| header.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        let header = basic.map(|(_, encoded)| read_basic(encoded.trim())).transpose()?;
        let body_id = params.one("client_id")?.map(str::to_owned);
        let body_secret = params.one("client_secret")?.map(Secret::new);
        if params.has("client_assertion") || params.has("client_assertion_type") {
            return Err(if header.is_some() || body_secret.is_some() {
                TokenRefusal::CredentialsDisagree
            } else {
                TokenRefusal::MethodUnsupported
            });
        }
        match (header, body_id) {
            (None, None) => Err(TokenRefusal::ClientMissing),
            (None, Some(client_id)) => Ok(Self { client_id, secret: body_secret }),
            (Some((client_id, secret)), body_id) => {
                let same_client = body_id.is_none_or(|id| id == client_id);
                let same_secret = body_secret.is_none_or(|other| other.digest().matches(&secret.digest()));
                if same_client && same_secret {
                    Ok(Self { client_id, secret: Some(secret) })
                } else {
                    Err(TokenRefusal::CredentialsDisagree)
                }
            }
        }
    }
}

fn read_basic(encoded: &str) -> Result<(String, Secret), TokenRefusal> {
    let wrong = |()| TokenRefusal::ClientMissing;
    let text = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(()).map_err(wrong)?;
    let (id, secret) = text.split_once(':').ok_or(()).map_err(wrong)?;
    // Each half is form-encoded before the pair is base64-encoded; 25 characters of [a-z0-9] read the same either way.
    let halves = Params::from_form(format!("i={}&s={}", guarded(id), guarded(secret)).as_bytes()).map_err(|_| TokenRefusal::SecretWrong)?;
    let id = halves.one("i").ok().flatten().ok_or(TokenRefusal::ClientMissing)?.to_owned();
    let secret = Secret::new(halves.one("s").ok().flatten().unwrap_or_default());
    Ok((id, secret))
}

/// A raw `&` would end the half early.
fn guarded(half: &str) -> String {
    half.replace('&', "%26")
}

/// A client that proved itself (or, being public, has nothing to prove); only [`authenticate`] makes one.
#[derive(Clone)]
pub struct AuthenticatedClient {
    client: Arc<Client>,
    secret: Option<KeySecretId>,
}

impl AuthenticatedClient {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The secret it used, so that its last use can be shown.
    pub fn secret_used(&self) -> Option<KeySecretId> {
        self.secret
    }
}

/// Compares what was presented with what is known; an unknown client costs the same as a wrong secret.
///
/// Refuses: unknown and disabled clients, wrong, expired and missing secrets, a secret from a public client.
/// Spec: RFC 6749 §2.3, §3.2.1
pub fn authenticate(known: Option<Arc<Client>>, credentials: &Credentials, now: Timestamp) -> Result<AuthenticatedClient, TokenRefusal> {
    let presented = credentials.secret.as_ref().map(Secret::digest);
    let client = known.ok_or(TokenRefusal::ClientUnknown)?;
    let secret = match (client.kind, presented) {
        (ClientKind::Public, None) => None,
        (ClientKind::Confidential, None) | (ClientKind::Public, Some(_)) => return Err(TokenRefusal::SecretMissing),
        // Nothing is nobody's secret, whatever stands in the row.
        (ClientKind::Confidential, Some(_)) if credentials.secret.as_ref().is_some_and(Secret::is_empty) => {
            return Err(TokenRefusal::SecretWrong);
        }
        (ClientKind::Confidential, Some(presented)) => {
            let live = client.secrets.iter().filter(|secret| secret.expires_at.is_none_or(|at| now < at));
            // Every live secret is compared, whichever fits.
            let fitting = live.fold(None, |found, secret| if secret.digest.matches(&presented) { Some(secret.id) } else { found });
            Some(fitting.ok_or(TokenRefusal::SecretWrong)?)
        }
    };
    if !client.enabled {
        return Err(TokenRefusal::ClientDisabled);
    }
    Ok(AuthenticatedClient { client, secret })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::KeyId;
    use crate::protocol::client::{ClientSecret, Lifetimes, Policy};

    const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);

    fn client(kind: ClientKind, secrets: &[(&str, Option<Timestamp>)]) -> Arc<Client> {
        let secrets = secrets
            .iter()
            .enumerate()
            .map(|(i, (text, expires_at))| ClientSecret {
                id: KeySecretId(i64::try_from(i).unwrap()),
                digest: Secret::new(*text).digest(),
                expires_at: *expires_at,
            })
            .collect();
        Arc::new(Client {
            key_id: KeyId(1),
            client_id: "w".into(),
            kind,
            enabled: true,
            openid_enabled: true,
            redirect_uris: vec![],
            secrets,
            policy: Policy::default(),
            lifetimes: Lifetimes::default(),
            tokens_valid_after: None,
        })
    }

    fn params(pairs: &[(&str, &str)]) -> Params {
        pairs.iter().copied().collect()
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn tried(known: Arc<Client>, header: Option<&str>, body: &[(&str, &str)]) -> Result<AuthenticatedClient, TokenRefusal> {
        authenticate(Some(known), &Credentials::of(header, &params(body))?, NOW)
    }

    #[test]
    fn ca_01_basic_credentials_are_form_decoded_first() {
        let w = client(ClientKind::Confidential, &[("a:b%c+d \u{e9}", None)]);
        assert!(tried(w.clone(), Some(&basic("w:a%3Ab%25c%2Bd+%C3%A9")), &[]).is_ok());
        assert!(tried(w, Some(&basic("w:a:b%c+d \u{e9}")), &[]).is_err());
        let plain = client(ClientKind::Confidential, &[("25lettersanddigits0123456", None)]);
        assert!(tried(plain, Some(&basic("w:25lettersanddigits0123456")), &[]).is_ok());
    }

    #[test]
    fn both_ways_at_once_are_accepted_when_they_agree() {
        let w = client(ClientKind::Confidential, &[("s", None)]);
        assert!(tried(w.clone(), Some(&basic("w:s")), &[("client_id", "w"), ("client_secret", "s")]).is_ok());
        assert!(tried(w.clone(), Some(&basic("w:s")), &[("client_id", "w")]).is_ok());
        for body in [&[("client_id", "x")][..], &[("client_secret", "t")]] {
            assert_eq!(tried(w.clone(), Some(&basic("w:s")), body).err(), Some(TokenRefusal::CredentialsDisagree));
        }
    }

    #[test]
    fn a_stray_oauth_header_is_ignored() {
        let w = client(ClientKind::Confidential, &[("s", None)]);
        for stray in ["OAuth ", "OAuth expired", "Bearer x", "nonsense"] {
            assert!(tried(w.clone(), Some(stray), &[("client_id", "w"), ("client_secret", "s")]).is_ok(), "{stray}");
        }
    }

    #[test]
    fn ca_07_ca_08_nothing_never_equals_nothing() {
        for w in [
            client(ClientKind::Confidential, &[]),
            client(ClientKind::Confidential, &[("", None)]),
            client(ClientKind::Confidential, &[("s", None)]),
        ] {
            assert!(tried(w.clone(), None, &[("client_id", "w"), ("client_secret", "")]).is_err());
            assert!(tried(w.clone(), None, &[("client_id", "w")]).is_err());
            assert!(tried(w.clone(), Some(&basic("w:")), &[]).is_err());
        }
        let w = client(ClientKind::Confidential, &[("s", None)]);
        assert_eq!(tried(w, Some(&basic("w:")), &[]).err(), Some(TokenRefusal::SecretWrong));
        assert_eq!(
            tried(client(ClientKind::Public, &[]), None, &[("client_id", "w"), ("client_secret", "x")]).err(),
            Some(TokenRefusal::SecretMissing)
        );
        assert!(tried(client(ClientKind::Public, &[]), None, &[("client_id", "w")]).is_ok());
    }

    #[test]
    fn ca_20_two_secrets_work_side_by_side_until_one_expires() {
        let w = client(ClientKind::Confidential, &[("old", Some(NOW)), ("older", Some(NOW + crate::base::Seconds(1))), ("new", None)]);
        for (secret, good) in [("old", false), ("older", true), ("new", true), ("other", false)] {
            assert_eq!(tried(w.clone(), None, &[("client_id", "w"), ("client_secret", secret)]).is_ok(), good, "{secret}");
        }
    }

    #[test]
    fn ca_02_ca_09_assertions_are_not_offered() {
        let w = client(ClientKind::Confidential, &[("s", None)]);
        assert_eq!(
            tried(w.clone(), None, &[("client_id", "w"), ("client_assertion", "a.b.c")]).err(),
            Some(TokenRefusal::MethodUnsupported)
        );
        assert_eq!(tried(w, Some(&basic("w:s")), &[("client_assertion", "a.b.c")]).err(), Some(TokenRefusal::CredentialsDisagree));
    }

    #[test]
    fn ca_23_a_disabled_key_fails_like_any_other_failure() {
        let off = Arc::new(Client { enabled: false, ..(*client(ClientKind::Confidential, &[("s", None)])).clone() });
        assert_eq!(tried(off, None, &[("client_id", "w"), ("client_secret", "s")]).err(), Some(TokenRefusal::ClientDisabled));
        assert_eq!(TokenRefusal::ClientDisabled.sentence(), TokenRefusal::ClientUnknown.sentence());
    }
}
