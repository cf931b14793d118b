//! Why a token request is refused: precise reasons for tests, audit and log; the document's few words for the caller.

use crate::protocol::grant::Lapse;
use crate::protocol::params::ParamProblem;

/// Why the token, revocation or introspection endpoint says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRefusal {
    /// The parameters do not follow their format.
    Params(ParamProblem),
    /// The body is neither a form nor JSON.
    BodyFormat,
    /// A credential stood in the URL.
    CredentialInQuery,
    /// Header and body name different clients or secrets, or two methods were used.
    CredentialsDisagree,
    /// No client said who it is.
    ClientMissing,
    /// No such key.
    ClientUnknown,
    /// The key is disabled or deleted.
    ClientDisabled,
    /// The secret is none of the key's live ones.
    SecretWrong,
    /// A confidential key came without a secret, or a public one with a secret.
    SecretMissing,
    /// A way of proving itself that this server does not offer.
    MethodUnsupported,
    /// The key may not be used from this address or by this User-Agent.
    KeyRestricted,
    /// Too many failures from this address for this key.
    Throttled,
    /// No such grant type here.
    GrantTypeUnknown,
    /// The key may not use this grant type.
    GrantTypeClosed,
    /// Not a code of ours.
    CodeUnknown,
    /// The code's time is over.
    CodeExpired,
    /// The code was used before, by its own client and with proof: its tokens are ended.
    CodeReplayed,
    /// The code was used before and the caller proved nothing: nothing is ended.
    CodeReplayUnproven,
    /// The code belongs to another client.
    CodeOfOtherClient,
    /// `redirect_uri` is not the one the code was sent to.
    RedirectDiffers,
    /// The code has a challenge and no verifier came.
    VerifierMissing,
    /// The verifier does not answer the challenge.
    VerifierWrong,
    /// A verifier came for a code without challenge: somebody may have stripped the challenge.
    PkceDowngrade,
    /// The browser session in which the code was given is over.
    SessionOver,
    /// What the token hangs on is over.
    GrantOver(Lapse),
    /// The person may not use the platform at the moment.
    PersonInactive,
    /// Not a refresh token of ours.
    RefreshUnknown,
    /// This person may not use this key any more: another MLS.
    PersonOutside,
    /// The refresh token was not used for too long.
    RefreshExpired,
    /// A refresh token that was replaced long ago: the family is ended.
    RefreshReused,
    /// Another client's refresh token: it leaked, the family is ended.
    RefreshOfOtherClient,
    /// A scope that is unknown or was never granted.
    ScopeBeyondGrant,
}

impl TokenRefusal {
    /// The word of RFC 6749 §5.2.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Params(_) | Self::BodyFormat | Self::CredentialInQuery | Self::CredentialsDisagree => "invalid_request",
            Self::ClientMissing
            | Self::ClientUnknown
            | Self::ClientDisabled
            | Self::SecretWrong
            | Self::SecretMissing
            | Self::MethodUnsupported => "invalid_client",
            Self::Throttled => "temporarily_unavailable",
            Self::GrantTypeUnknown => "unsupported_grant_type",
            Self::GrantTypeClosed | Self::KeyRestricted => "unauthorized_client",
            Self::ScopeBeyondGrant => "invalid_scope",
            Self::PersonOutside => "access_denied",
            _ => "invalid_grant",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self.word() {
            "invalid_client" => 401,
            "temporarily_unavailable" => 429,
            _ => 400,
        }
    }

    /// A fixed sentence for the developer; never anything from the request, and nothing that tells a thief how close he came.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Params(ParamProblem::Missing(name)) => match name.as_bytes() {
                b"grant_type" => "The parameter grant_type is missing.",
                b"code" => "The parameter code is missing.",
                b"refresh_token" => "The parameter refresh_token is missing.",
                b"token" => "The parameter token is missing.",
                _ => "A parameter is missing.",
            },
            Self::Params(ParamProblem::Repeated(_)) => "A parameter was sent more than once.",
            Self::Params(ParamProblem::NotText(_)) => "A parameter must be text.",
            Self::Params(ParamProblem::TooMany) => "Too many parameters.",
            Self::Params(ParamProblem::Malformed) => "The request cannot be read: check its encoding.",
            Self::BodyFormat => "Send the parameters as application/x-www-form-urlencoded or as a JSON object.",
            Self::CredentialInQuery => "Credentials belong in the body or the Authorization header, never in the URL.",
            Self::CredentialsDisagree => "The Authorization header and the body say different things about the client.",
            Self::ClientMissing
            | Self::ClientUnknown
            | Self::ClientDisabled
            | Self::SecretWrong
            | Self::SecretMissing
            | Self::MethodUnsupported => "Client authentication failed.",
            Self::KeyRestricted => "This key may not be used from this address or by this User-Agent.",
            Self::Throttled => "Too many failed attempts; wait a minute and try again.",
            Self::GrantTypeUnknown => "This grant type is not offered here.",
            Self::GrantTypeClosed => "This key may not use this grant type.",
            Self::ScopeBeyondGrant => "The scope goes beyond what was granted.",
            Self::RefreshUnknown | Self::RefreshExpired | Self::RefreshReused | Self::RefreshOfOtherClient => {
                "The refresh token is invalid, expired or revoked."
            }
            Self::PersonOutside => "This person cannot use this application.",
            Self::GrantOver(_) | Self::PersonInactive => "The permission behind this token is over.",
            _ => "The code is invalid, expired, already used, or does not fit redirect_uri, client or code_verifier.",
        }
    }

    /// The audit's and the log's word for it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Params(ParamProblem::Missing(_)) => "parameter_missing",
            Self::Params(ParamProblem::Repeated(_)) => "parameter_repeated",
            Self::Params(_) => "parameters_malformed",
            Self::BodyFormat => "body_format",
            Self::CredentialInQuery => "credential_in_query",
            Self::CredentialsDisagree => "credentials_disagree",
            Self::ClientMissing => "client_missing",
            Self::ClientUnknown => "client_unknown",
            Self::ClientDisabled => "client_disabled",
            Self::SecretWrong => "secret_wrong",
            Self::SecretMissing => "secret_missing",
            Self::MethodUnsupported => "method_unsupported",
            Self::KeyRestricted => "key_restricted",
            Self::Throttled => "throttled",
            Self::GrantTypeUnknown => "grant_type_unknown",
            Self::GrantTypeClosed => "grant_type_closed",
            Self::CodeUnknown => "code_unknown",
            Self::CodeExpired => "code_expired",
            Self::CodeReplayed => "code_replayed",
            Self::CodeReplayUnproven => "code_replay_unproven",
            Self::CodeOfOtherClient => "client_mismatch",
            Self::RedirectDiffers => "redirect_mismatch",
            Self::VerifierMissing => "verifier_missing",
            Self::VerifierWrong => "verifier_wrong",
            Self::PkceDowngrade => "pkce_downgrade",
            Self::SessionOver => "session_over",
            Self::GrantOver(Lapse::Ended) => "grant_ended",
            Self::GrantOver(Lapse::NotRedeemed) => "grant_not_redeemed",
            Self::GrantOver(Lapse::Expired) => "grant_expired",
            Self::GrantOver(Lapse::Superseded) => "grant_superseded",
            Self::PersonInactive => "person_inactive",
            Self::PersonOutside => "person_outside",
            Self::RefreshUnknown => "refresh_unknown",
            Self::RefreshExpired => "refresh_expired",
            Self::RefreshReused => "refresh_reused",
            Self::RefreshOfOtherClient => "refresh_leaked",
            Self::ScopeBeyondGrant => "scope_beyond_grant",
        }
    }

    /// The audit event it is told under.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::ClientMissing
            | Self::ClientUnknown
            | Self::ClientDisabled
            | Self::SecretWrong
            | Self::SecretMissing
            | Self::MethodUnsupported => "client.auth_failed",
            Self::KeyRestricted => "key.restriction_denied",
            Self::Throttled => "ratelimit.hit",
            Self::CodeReplayed => "code.replayed",
            Self::CodeReplayUnproven => "code.replay_unproven",
            Self::CodeOfOtherClient => "code.client_mismatch",
            Self::RefreshReused => "token.reuse_detected",
            Self::RefreshOfOtherClient => "token.leak_suspected",
            _ => "token.rejected",
        }
    }
}

impl From<ParamProblem> for TokenRefusal {
    fn from(problem: ParamProblem) -> Self {
        Self::Params(problem)
    }
}
