//! Why an authorization request is refused, once there is a place to say so.

use crate::protocol::params::ParamProblem;

/// Why a request is answered with an error on the client's redirect URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// A parameter came twice, is missing or is no text.
    Params(ParamProblem),
    /// `state` or `nonce` is longer than 2 KiB or cannot be returned.
    EchoTooLong,
    /// No such response type.
    ResponseTypeUnknown,
    /// The key may not use this response type or this endpoint.
    ResponseTypeClosed,
    /// The key may not use OpenID Connect.
    OpenIdClosed,
    /// The key comes with its tokens ready made, or signs its requests: no browser is ever sent for it.
    BrowserClosed,
    /// An unknown mode, or one that would put tokens into a query.
    ResponseModeUnfit,
    /// A public key, or one that must use PKCE, sent no challenge.
    ChallengeMissing,
    /// Any method but `S256`, or a method without challenge.
    ChallengeMethod,
    /// Not the 43 characters of a SHA-256.
    ChallengeMalformed,
    /// `prompt` has an unknown word, or `none` among others.
    PromptUnfit,
    /// `max_age` is not a number of seconds.
    MaxAgeUnfit,
    /// `claims` is not what OpenID Connect Core §5.5 describes.
    ClaimsUnfit,
    /// `scope` is endless, or has characters that no scope has.
    ScopeMalformed,
    /// `nonce` is missing where an ID token is handed out at once.
    NonceMissing,
    /// An ID token is to be handed out at once, without the scope `openid`.
    OpenIdScopeMissing,
    /// `id_token_hint` is not a valid ID token of ours for this client.
    HintUnfit,
    /// Request objects are not offered.
    RequestObject,
    /// Request URIs are not offered.
    RequestUri,
    /// `prompt=none` and nobody (or somebody else) is signed in.
    LoginRequired,
    /// `prompt=none` and the person has not allowed this.
    ConsentRequired,
    /// The person said no.
    Denied,
    /// The person went back without signing in.
    Cancelled,
    /// This person may not use this key: another MLS.
    PersonOutside,
    /// The key takes an authorization by the staff of its MLS, and this person has none.
    NotAuthorized,
    /// The database is away or the server is too busy.
    Unavailable,
}

impl AuthorizeRefusal {
    /// The word of RFC 6749 §4.1.2.1 or OpenID Connect Core §3.1.2.6.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::ResponseTypeUnknown => "unsupported_response_type",
            Self::ResponseTypeClosed | Self::OpenIdClosed | Self::BrowserClosed => "unauthorized_client",
            Self::ScopeMalformed | Self::OpenIdScopeMissing => "invalid_scope",
            Self::RequestObject => "request_not_supported",
            Self::RequestUri => "request_uri_not_supported",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::Denied | Self::Cancelled | Self::PersonOutside | Self::NotAuthorized => "access_denied",
            Self::Unavailable => "temporarily_unavailable",
            _ => "invalid_request",
        }
    }

    /// A fixed sentence for the developer.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Params(ParamProblem::Missing("response_type")) => "The parameter response_type is missing.",
            Self::Params(ParamProblem::Repeated(_)) => "A parameter was sent more than once.",
            Self::Params(_) => "A parameter is missing or cannot be read.",
            Self::EchoTooLong => "state and nonce may have 2048 bytes each.",
            Self::ResponseTypeUnknown => "This response type is not offered here.",
            Self::ResponseTypeClosed => "This key may not use this response type.",
            Self::OpenIdClosed => "This key may not use OpenID Connect.",
            Self::BrowserClosed => "This key has a personal token and does not sign anyone in.",
            Self::ResponseModeUnfit => "This response mode does not fit the response type.",
            Self::ChallengeMissing => "This key must use PKCE: send code_challenge with code_challenge_method=S256.",
            Self::ChallengeMethod => "The only code_challenge_method is S256, and it must be named.",
            Self::ChallengeMalformed => "code_challenge must be the 43 characters of a SHA-256 in base64url.",
            Self::PromptUnfit => "prompt has an unknown value, or none together with others.",
            Self::MaxAgeUnfit => "max_age must be a number of seconds.",
            Self::ClaimsUnfit => "claims must be a JSON object with the members userinfo and id_token.",
            Self::ScopeMalformed => "scope must be a list of words with single spaces, at most 4096 bytes.",
            Self::NonceMissing => "This response type needs a nonce.",
            Self::OpenIdScopeMissing => "This response type needs the scope openid, and a key that may have it.",
            Self::HintUnfit => "id_token_hint is not a valid ID token for this client.",
            Self::RequestObject => "Request objects are not offered here.",
            Self::RequestUri => "Request URIs are not offered here.",
            Self::LoginRequired => "Nobody is signed in who fits the request.",
            Self::ConsentRequired => "The person has not allowed this yet.",
            Self::Denied => "The person did not allow it.",
            Self::Cancelled => "The person went back without signing in.",
            Self::PersonOutside => "This person cannot use this application.",
            Self::NotAuthorized => "Only people whom the MLS authorized can use this application.",
            Self::Unavailable => "The server cannot answer at the moment; try again shortly.",
        }
    }

    /// The audit's and the log's word for it.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Params(ParamProblem::Repeated(_)) => "parameter_repeated",
            Self::Params(ParamProblem::Missing(_)) => "parameter_missing",
            Self::Params(_) => "parameters_malformed",
            Self::EchoTooLong => "echo_too_long",
            Self::ResponseTypeUnknown => "response_type_unknown",
            Self::ResponseTypeClosed => "response_type_closed",
            Self::OpenIdClosed => "openid_closed",
            Self::BrowserClosed => "browser_closed",
            Self::ResponseModeUnfit => "response_mode",
            Self::ChallengeMissing => "challenge_missing",
            Self::ChallengeMethod => "challenge_method",
            Self::ChallengeMalformed => "challenge_malformed",
            Self::PromptUnfit => "prompt",
            Self::MaxAgeUnfit => "max_age",
            Self::ClaimsUnfit => "claims",
            Self::ScopeMalformed => "scope_malformed",
            Self::NonceMissing => "nonce_missing",
            Self::OpenIdScopeMissing => "openid_scope_missing",
            Self::HintUnfit => "id_token_hint",
            Self::RequestObject => "request_object",
            Self::RequestUri => "request_uri",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::PersonOutside => "person_outside",
            Self::NotAuthorized => "authorization_missing",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<ParamProblem> for AuthorizeRefusal {
    fn from(problem: ParamProblem) -> Self {
        Self::Params(problem)
    }
}
