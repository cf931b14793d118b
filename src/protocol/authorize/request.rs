//! An authorization request that can be trusted: every field checked, once, in one place.

use crate::base::Seconds;
use crate::protocol::claims::ClaimsRequest;
use crate::protocol::client::{Client, GrantType, ResponseType};
use crate::protocol::openid2;
use crate::protocol::params::{ParamProblem, Params};
use crate::protocol::pkce::{self, Challenge};
use crate::protocol::scope::{Scope, Scopes};

use super::AuthorizeRefusal;
use super::answer::LONGEST_ECHO;

/// The longest `scope` that is read: every scope there is has room in it many times. Units: bytes.
const LONGEST_SCOPE: usize = 4096;

/// Every parameter of OAuth 2 and OpenID Connect that is read.
pub const PARAMETERS: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "claims",
    "request",
    "request_uri",
    "acr_values",
    "display",
    "ui_locales",
    "claims_locales",
];

/// Which of the platform's authorization pages was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Surface {
    /// `/openid/authorize`
    OpenId,
    /// `/oauth2`, older: OAuth only, a code only.
    OAuth2,
    /// `/openid`, older still: OpenID 2.0, and a code for OAuth.
    Hybrid,
    /// `/auth/vow` and its like, for home buyers: a code only, and OpenID Connect where the key may use it.
    Consumer,
}

impl Surface {
    /// Every parameter this page reads; none may come twice, all others are ignored.
    pub fn parameters(self) -> Vec<&'static str> {
        let more: &[&str] = if self == Self::Hybrid { &openid2::CARRIED } else { &[] };
        PARAMETERS.iter().chain(more).copied().collect()
    }
}

/// What the client wants the person to be shown. Spec: OpenID Connect Core §3.1.2.1 (`prompt`)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the parameter is a set of four words")]
pub struct Prompt {
    /// Show nothing: answer or refuse.
    pub none: bool,
    /// Sign in again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the person choose who to be.
    pub select_account: bool,
}

impl Prompt {
    /// The words, as the discovery document lists them.
    pub const WORDS: [&'static str; 4] = ["none", "login", "consent", "select_account"];

    fn parse(text: &str) -> Option<Self> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return None,
            }
        }
        let others = prompt.login || prompt.consent || prompt.select_account;
        (!(prompt.none && others)).then_some(prompt)
    }
}

/// A checked request.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// What is handed out.
    pub response_type: ResponseType,
    /// What is asked for, cut to what the key may have.
    pub scope: Scopes,
    /// To be echoed in the ID token.
    pub nonce: Option<String>,
    /// What the code will be bound to.
    pub challenge: Option<Challenge>,
    /// What the person is to be shown.
    pub prompt: Prompt,
    /// How old a sign-in may be.
    pub max_age: Option<Seconds>,
    /// The login name to begin with.
    pub login_hint: Option<String>,
    /// An ID token of the person who is expected.
    pub id_token_hint: Option<String>,
    /// Single claims asked for.
    pub claims: Option<ClaimsRequest>,
}

impl AuthorizationRequest {
    /// Checks a request of `client` that has a place to be answered at.
    ///
    /// Refuses: see [`AuthorizeRefusal`].
    /// Spec: RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1, §3.2.2.1, §6.1, RFC 9700 §2.1.1
    pub fn parse(surface: Surface, client: &Client, params: &Params) -> Result<Self, AuthorizeRefusal> {
        for name in surface.parameters() {
            params.one(name)?; // once, and readable, also where it changes nothing: RFC 6749 §3.1
        }
        if params.one("request")?.is_some() {
            return Err(AuthorizeRefusal::RequestObject);
        }
        if params.one("request_uri")?.is_some() {
            return Err(AuthorizeRefusal::RequestUri);
        }
        if matches!(surface, Surface::OpenId | Surface::Hybrid) && !client.openid_enabled {
            return Err(AuthorizeRefusal::OpenIdClosed);
        }
        let response_type = response_type(surface, client, params)?; // RFC 6749 §3.1.1
        Ok(Self {
            response_type,
            scope: scope(surface, client, response_type, params)?, // RFC 6749 §3.3, OpenID Connect Core §3.1.2.1
            nonce: nonce(response_type, params)?,                  // OpenID Connect Core §3.1.2.1, §3.2.2.1
            challenge: challenge(client, response_type, params)?,  // RFC 7636 §4.3
            prompt: params.one("prompt")?.map_or(Some(Prompt::default()), Prompt::parse).ok_or(AuthorizeRefusal::PromptUnfit)?,
            max_age: max_age(params)?,
            login_hint: params.one("login_hint")?.map(|hint| crate::base::text::readable(hint, 256)),
            id_token_hint: params.one("id_token_hint")?.map(str::to_owned),
            claims: params.one("claims")?.map(|text| ClaimsRequest::parse(text).ok_or(AuthorizeRefusal::ClaimsUnfit)).transpose()?, // OpenID Connect Core §5.5
        })
    }

    /// What the person must allow: the scopes, and those whose claims are asked for one by one, cut to what the key may have.
    pub fn permission(&self, client: &Client) -> Scopes {
        let by_name = self.claims.as_ref().map(ClaimsRequest::scopes).unwrap_or_default();
        self.scope.or(by_name.and(client.scopes()))
    }

    /// Whether this is an OpenID Connect request.
    pub fn is_openid(&self) -> bool {
        self.scope.has(Scope::Openid)
    }
}

fn response_type(surface: Surface, client: &Client, params: &Params) -> Result<ResponseType, AuthorizeRefusal> {
    let response_type = ResponseType::parse(params.need("response_type")?).ok_or(AuthorizeRefusal::ResponseTypeUnknown)?;
    let open = client.policy.response_types.contains(&response_type)
        && (!response_type.has_code() || client.may(GrantType::AuthorizationCode))
        && (surface == Surface::OpenId || response_type == ResponseType::Code);
    if open { Ok(response_type) } else { Err(AuthorizeRefusal::ResponseTypeClosed) }
}

fn scope(surface: Surface, client: &Client, response_type: ResponseType, params: &Params) -> Result<Scopes, AuthorizeRefusal> {
    let text = params.one("scope")?.unwrap_or_default();
    if text.len() > LONGEST_SCOPE || !text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\')) {
        return Err(AuthorizeRefusal::ScopeMalformed);
    }
    let asked = Scopes::known(text).and(client.scopes());
    if response_type.has_id_token() && !asked.has(Scope::Openid) {
        return Err(AuthorizeRefusal::OpenIdScopeMissing);
    }
    Ok(match surface {
        Surface::OpenId => asked,
        Surface::Consumer if client.openid_enabled => asked,
        Surface::OAuth2 | Surface::Hybrid | Surface::Consumer => asked.without(Scopes::from_iter([Scope::Openid])),
    })
}

fn nonce(response_type: ResponseType, params: &Params) -> Result<Option<String>, AuthorizeRefusal> {
    match params.one("nonce")? {
        Some(nonce) if nonce.len() > LONGEST_ECHO => Err(AuthorizeRefusal::EchoTooLong),
        None if response_type.has_id_token() => Err(AuthorizeRefusal::NonceMissing),
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

fn challenge(client: &Client, response_type: ResponseType, params: &Params) -> Result<Option<Challenge>, AuthorizeRefusal> {
    match (params.one("code_challenge")?, params.one("code_challenge_method")?) {
        (Some(challenge), Some(pkce::METHOD)) => Challenge::parse(challenge).map(Some).ok_or(AuthorizeRefusal::ChallengeMalformed),
        (Some(_), _) | (None, Some(_)) => Err(AuthorizeRefusal::ChallengeMethod),
        // An empty value is still somebody's attempt at PKCE, not its absence.
        (None, None) if params.has("code_challenge") || params.has("code_challenge_method") => Err(AuthorizeRefusal::ChallengeMethod),
        (None, None) if client.requires_pkce() && response_type.has_code() => Err(AuthorizeRefusal::ChallengeMissing),
        (None, None) => Ok(None),
    }
}

fn max_age(params: &Params) -> Result<Option<Seconds>, AuthorizeRefusal> {
    match params.one("max_age") {
        Ok(None) => Ok(None),
        Ok(Some(text)) if text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().map(|n| Some(Seconds(n))).map_err(|_| AuthorizeRefusal::MaxAgeUnfit)
        }
        Ok(Some(_)) | Err(ParamProblem::NotText(_)) => Err(AuthorizeRefusal::MaxAgeUnfit),
        Err(problem) => Err(problem.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::KeyId;
    use crate::protocol::client::{ClientKind, Lifetimes, Policy};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client(kind: ClientKind) -> Client {
        Client {
            key_id: KeyId(1),
            client_id: "w".into(),
            kind,
            enabled: true,
            openid_enabled: true,
            redirect_uris: vec![],
            secrets: vec![],
            policy: Policy::default(),
            lifetimes: Lifetimes::default(),
            tokens_valid_after: None,
        }
    }

    fn parsed(kind: ClientKind, extra: &[(&str, &str)]) -> Result<AuthorizationRequest, AuthorizeRefusal> {
        let base = [("client_id", "w"), ("response_type", "code"), ("scope", "openid")];
        let kept = base.into_iter().filter(|(name, _)| !extra.iter().any(|(other, _)| other == name));
        AuthorizationRequest::parse(Surface::OpenId, &client(kind), &kept.chain(extra.iter().copied()).collect())
    }

    fn refused(extra: &[(&str, &str)]) -> AuthorizeRefusal {
        parsed(ClientKind::Confidential, extra).unwrap_err()
    }

    #[test]
    fn pk_01_to_pk_05_pkce_is_s256_or_nothing_and_never_nothing_for_public_keys() {
        assert_eq!(parsed(ClientKind::Public, &[]).unwrap_err(), AuthorizeRefusal::ChallengeMissing);
        assert!(parsed(ClientKind::Confidential, &[]).unwrap().challenge.is_none());
        for extra in [
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")][..],
            &[("code_challenge", CHALLENGE)],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "s256")],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "S512")],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "")],
            &[("code_challenge_method", "S256")],
            &[("code_challenge", "")],
        ] {
            assert_eq!(refused(extra), AuthorizeRefusal::ChallengeMethod, "{extra:?}");
        }
        for bad in ["short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c="] {
            assert_eq!(refused(&[("code_challenge", bad), ("code_challenge_method", "S256")]), AuthorizeRefusal::ChallengeMalformed);
        }
        assert!(parsed(ClientKind::Public, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).is_ok());
    }

    #[test]
    fn mx_10_only_the_response_types_switched_on_for_the_key() {
        for closed in ["id_token", "id_token token", "code token", "code id_token token"] {
            assert_eq!(refused(&[("response_type", closed), ("nonce", "n")]), AuthorizeRefusal::ResponseTypeClosed);
        }
        for unknown in ["token", "none", "code code"] {
            assert_eq!(refused(&[("response_type", unknown)]), AuthorizeRefusal::ResponseTypeUnknown);
        }
    }

    #[test]
    fn a_nonce_is_compulsory_where_an_id_token_leaves_at_once() {
        let mut open = client(ClientKind::Confidential);
        open.policy.response_types = ResponseType::ALL.to_vec();
        let ask = |extra: &[(&str, &str)]| AuthorizationRequest::parse(Surface::OpenId, &open, &extra.iter().copied().collect());
        assert_eq!(ask(&[("response_type", "code id_token"), ("scope", "openid")]).unwrap_err(), AuthorizeRefusal::NonceMissing);
        assert!(ask(&[("response_type", "code id_token"), ("scope", "openid"), ("nonce", "n")]).is_ok());
        assert!(ask(&[("response_type", "code token")]).is_ok());
    }

    #[test]
    fn mx_11_mx_12_prompt_max_age_and_claims_are_read_strictly() {
        for bad in ["none login", "sparkle", "none consent"] {
            assert_eq!(refused(&[("prompt", bad)]), AuthorizeRefusal::PromptUnfit);
        }
        for bad in ["-1", "1e99", "soon", "99999999999", "1.5", "+1"] {
            assert_eq!(refused(&[("max_age", bad)]), AuthorizeRefusal::MaxAgeUnfit, "{bad}");
        }
        for bad in ["nonsense", "[]", "{\"userinfo\":1}"] {
            assert_eq!(refused(&[("claims", bad)]), AuthorizeRefusal::ClaimsUnfit, "{bad}");
        }
        assert_eq!(parsed(ClientKind::Confidential, &[("max_age", "0")]).unwrap().max_age, Some(Seconds(0)));
    }

    #[test]
    fn cn_15_a_scope_that_is_endless_or_no_list_of_words_is_refused() {
        for bad in
            ["openid\tprofile", "openid\nprofile", "openid \u{7}", "openid \u{7f}", "openid \"x\"", "a\\b", "caf\u{e9}", &"s ".repeat(2049)]
        {
            assert_eq!(refused(&[("scope", bad)]), AuthorizeRefusal::ScopeMalformed, "{bad:.20}");
        }
        assert!(parsed(ClientKind::Confidential, &[("scope", "openid  urn:x:y/z sparkle!")]).is_ok());
    }

    #[test]
    fn unknown_parameters_are_ignored_and_known_ones_come_once() {
        assert!(parsed(ClientKind::Confidential, &[("mls", "x"), ("schema", "openid"), ("mls", "y")]).is_ok());
        for name in PARAMETERS {
            let twice: Params = [("response_type", "code"), (name, "a"), (name, "a")].into_iter().collect();
            assert!(AuthorizationRequest::parse(Surface::OpenId, &client(ClientKind::Confidential), &twice).is_err(), "{name}");
        }
        assert_eq!(refused(&[("request", "a.b.c")]), AuthorizeRefusal::RequestObject);
        assert_eq!(refused(&[("request_uri", "https://evil.example/")]), AuthorizeRefusal::RequestUri);
    }

    #[test]
    fn the_older_page_is_oauth_only() {
        let w = client(ClientKind::Confidential);
        let params = [("response_type", "code"), ("scope", "openid email")].into_iter().collect();
        assert_eq!(AuthorizationRequest::parse(Surface::OAuth2, &w, &params).unwrap().scope.to_string(), "email");
        assert_eq!(AuthorizationRequest::parse(Surface::Consumer, &w, &params).unwrap().scope.to_string(), "openid email");
        let closed = Client { openid_enabled: false, ..w };
        assert_eq!(AuthorizationRequest::parse(Surface::Consumer, &closed, &params).unwrap().scope.to_string(), "email");
        assert_eq!(AuthorizationRequest::parse(Surface::OpenId, &closed, &params).unwrap_err(), AuthorizeRefusal::OpenIdClosed);
        assert!(AuthorizationRequest::parse(Surface::OAuth2, &closed, &params).is_ok());
    }
}
