//! What comes next in an authorization request: one decision, made anew at each step of the walk.

use crate::base::Timestamp;
use crate::base::id::{AccountId, SessionId};
use crate::protocol::client::Client;
use crate::protocol::redirect::Destination;
use crate::protocol::scope::Scopes;

use super::consent::{self, Consent, Missing};
use super::{AuthorizationRequest, AuthorizeRefusal};

/// Who is signed in in this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The person.
    pub account_id: AccountId,
    /// The browser session.
    pub session_id: SessionId,
    /// When the password was given.
    pub auth_time: Timestamp,
}

/// Why the sign-in page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInReason {
    /// Nobody is signed in.
    Nobody,
    /// The client asks for a fresh sign-in (`prompt=login`, `max_age`).
    Again,
    /// The client lets the person choose (`prompt=select_account`).
    Choose,
    /// The client expects somebody else.
    SomebodyElse,
}

/// What happened on our pages since the request began; kept in the sealed flow parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// When the request came.
    pub began: Option<Timestamp>,
    /// The person chose to go on as who is signed in.
    pub chosen: bool,
    /// What the person allowed on the consent page.
    pub allowed: Option<Scopes>,
}

/// What the client expects of the person, by `id_token_hint` or the `claims` parameter.
pub type Expected = Option<AccountId>;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Show the sign-in page.
    SignIn(SignInReason),
    /// Show the consent page.
    Consent(Missing),
    /// Answer with an error.
    Refuse(AuthorizeRefusal),
    /// Answer with what was asked for.
    Issue(Approved),
}

/// A permission that was given; only [`next`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    login: Login,
    scope: Scopes,
}

impl Approved {
    /// Who gave it.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// What was given.
    pub fn scope(&self) -> Scopes {
        self.scope
    }
}

/// Decides what comes next.
///
/// Spec: OpenID Connect Core §3.1.2.3, §3.1.2.4, §3.1.2.6
#[expect(clippy::too_many_arguments, reason = "the facts of one decision, each from another hand")]
pub fn next(
    request: &AuthorizationRequest,
    client: &Client,
    destination: &Destination,
    login: Option<&Login>,
    earlier: Option<&Consent>,
    terms: &str,
    expected: &Expected,
    walk: &Walk,
    now: Timestamp,
) -> Next {
    let login = match sign_in(request, login, expected, walk, now) {
        Ok(login) => login,
        Err(_) if request.prompt.none => return Next::Refuse(AuthorizeRefusal::LoginRequired),
        Err(why) => return Next::SignIn(why),
    };
    let wanted = request.permission(client);
    let allowed_now = walk.allowed.is_some_and(|allowed| wanted.within(allowed));
    let missing = if request.prompt.consent && !client.policy.first_party {
        Some(Missing { asked: wanted, already: Scopes::NONE })
    } else {
        consent::missing(client, destination, wanted, terms, earlier)
    };
    match missing {
        Some(_) if request.prompt.none => Next::Refuse(AuthorizeRefusal::ConsentRequired),
        Some(missing) if !allowed_now => Next::Consent(missing),
        _ => Next::Issue(Approved { login: login.clone(), scope: request.scope }),
    }
}

/// Whether a sign-in of that moment is too old for the request that came at `began`.
///
/// Spec: OpenID Connect Core §3.1.2.1 (`prompt`, `max_age`)
pub fn is_stale(request: &AuthorizationRequest, auth_time: Timestamp, began: Option<Timestamp>, now: Timestamp) -> bool {
    let signed_in_here = began.is_some_and(|began| auth_time >= began);
    let too_old = request.max_age.is_some_and(|age| now.0 - auth_time.0 > age.0.saturating_mul(1000));
    (request.prompt.login || too_old) && !signed_in_here
}

fn sign_in<'a>(
    request: &AuthorizationRequest,
    login: Option<&'a Login>,
    expected: &Expected,
    walk: &Walk,
    now: Timestamp,
) -> Result<&'a Login, SignInReason> {
    let login = login.ok_or(SignInReason::Nobody)?;
    let signed_in_here = walk.began.is_some_and(|began| login.auth_time >= began);
    if is_stale(request, login.auth_time, walk.began, now) {
        return Err(SignInReason::Again);
    }
    if expected.as_ref().is_some_and(|expected| *expected != login.account_id) {
        return Err(SignInReason::SomebodyElse);
    }
    if request.prompt.select_account && !signed_in_here && !walk.chosen {
        return Err(SignInReason::Choose);
    }
    Ok(login)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::base::id::KeyId;
    use crate::protocol::authorize::Surface;
    use crate::protocol::client::{ClientKind, Lifetimes, Policy};
    use crate::protocol::params::Params;
    use crate::protocol::redirect::RedirectUri;

    const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);

    struct Scene {
        client: Client,
        extra: Vec<(&'static str, &'static str)>,
        login: Option<Login>,
        earlier: Option<Consent>,
        expected: Expected,
        walk: Walk,
    }

    fn ada() -> AccountId {
        "20261123014000123456789012".parse().unwrap()
    }

    fn scene(extra: &[(&'static str, &'static str)]) -> Scene {
        Scene {
            client: Client {
                key_id: KeyId(1),
                client_id: "w".into(),
                kind: ClientKind::Confidential,
                enabled: true,
                openid_enabled: true,
                redirect_uris: vec![
                    RedirectUri::stored("https://app.example/cb").unwrap(),
                    RedirectUri::stored("com.example.app:/cb").unwrap(),
                ],
                secrets: vec![],
                policy: Policy::default(),
                lifetimes: Lifetimes::default(),
                tokens_valid_after: None,
            },
            extra: extra.to_vec(),
            login: Some(Login { account_id: ada(), session_id: SessionId(1), auth_time: NOW - Seconds(100) }),
            earlier: Some(Consent { scope: Scopes::known("openid email"), terms: "private".into() }),
            expected: None,
            walk: Walk { began: Some(NOW), ..Walk::default() },
        }
    }

    fn played(scene: &Scene) -> Next {
        let mut pairs = vec![
            ("response_type", "code"),
            ("scope", "openid email"),
            ("redirect_uri", "https://app.example/cb"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(name, _)| !scene.extra.iter().any(|(other, _)| other == name));
        pairs.extend(&scene.extra);
        let params: Params = pairs.into_iter().collect();
        let request = AuthorizationRequest::parse(Surface::OpenId, &scene.client, &params).unwrap();
        let destination = Destination::of(&scene.client, &params).unwrap();
        next(
            &request,
            &scene.client,
            &destination,
            scene.login.as_ref(),
            scene.earlier.as_ref(),
            "private",
            &scene.expected,
            &scene.walk,
            NOW,
        )
    }

    #[test]
    fn somebody_who_allowed_it_before_sees_nothing() {
        assert!(matches!(played(&scene(&[])), Next::Issue(approved) if approved.scope().to_string() == "openid email"));
    }

    #[test]
    fn cn_01_prompt_none_answers_or_refuses_and_shows_nothing() {
        let none = scene(&[("prompt", "none")]);
        assert!(matches!(played(&none), Next::Issue(_)));
        assert_eq!(played(&Scene { login: None, ..scene(&[("prompt", "none")]) }), Next::Refuse(AuthorizeRefusal::LoginRequired));
        assert_eq!(played(&Scene { earlier: None, ..scene(&[("prompt", "none")]) }), Next::Refuse(AuthorizeRefusal::ConsentRequired));
        assert_eq!(played(&scene(&[("prompt", "none"), ("max_age", "99")])), Next::Refuse(AuthorizeRefusal::LoginRequired));
        assert!(matches!(played(&scene(&[("prompt", "none"), ("max_age", "100")])), Next::Issue(_)));
    }

    #[test]
    fn cn_02_a_public_key_on_a_device_is_never_answered_silently() {
        let mut native = scene(&[("prompt", "none"), ("redirect_uri", "com.example.app:/cb")]);
        native.client.kind = ClientKind::Public;
        assert_eq!(played(&native), Next::Refuse(AuthorizeRefusal::ConsentRequired));
        native.extra = vec![("prompt", "none")];
        assert!(matches!(played(&native), Next::Issue(_)));
    }

    #[test]
    fn cn_09_a_key_that_asks_for_more_is_asked_about_the_difference_only() {
        let Next::Consent(missing) = played(&scene(&[("scope", "openid email phone")])) else { panic!("no consent page") };
        assert_eq!((missing.asked.to_string(), missing.already.to_string()), ("phone".into(), "openid email".into()));
    }

    #[test]
    fn changed_roles_are_asked_about_from_the_start() {
        let changed = Scene { earlier: Some(Consent { scope: Scopes::all(), terms: "idx".into() }), ..scene(&[]) };
        assert!(matches!(played(&changed), Next::Consent(missing) if missing.already.is_empty()));
    }

    #[test]
    fn cn_11_prompt_login_and_max_age_ask_for_the_password_once() {
        for extra in [("prompt", "login"), ("max_age", "0")] {
            assert_eq!(played(&scene(&[extra])), Next::SignIn(SignInReason::Again));
            let fresh = Login { account_id: ada(), session_id: SessionId(2), auth_time: NOW };
            assert!(matches!(played(&Scene { login: Some(fresh), ..scene(&[extra]) }), Next::Issue(_)));
        }
    }

    #[test]
    fn cn_13_somebody_else_than_expected_signs_in_again() {
        let other: AccountId = "20261123014000999999999999".parse().unwrap();
        assert_eq!(played(&Scene { expected: Some(other.clone()), ..scene(&[]) }), Next::SignIn(SignInReason::SomebodyElse));
        assert_eq!(played(&Scene { expected: Some(other), ..scene(&[("prompt", "none")]) }), Next::Refuse(AuthorizeRefusal::LoginRequired));
    }

    #[test]
    fn select_account_shows_the_choice_once() {
        let mut choose = scene(&[("prompt", "select_account")]);
        assert_eq!(played(&choose), Next::SignIn(SignInReason::Choose));
        choose.walk.chosen = true;
        assert!(matches!(played(&choose), Next::Issue(_)));
    }

    #[test]
    fn prompt_consent_asks_everything_again_and_first_party_keys_nothing() {
        let mut ask = scene(&[("prompt", "consent")]);
        assert!(matches!(played(&ask), Next::Consent(missing) if missing.asked.to_string() == "openid email"));
        ask.walk.allowed = Some(Scopes::known("openid email"));
        assert!(matches!(played(&ask), Next::Issue(_)));
        let mut first = Scene { earlier: None, ..scene(&[]) };
        first.client.policy.first_party = true;
        assert!(matches!(played(&first), Next::Issue(_)));
    }

    #[test]
    fn cn_03_what_was_allowed_on_the_page_never_covers_more_than_it_showed() {
        let mut more = Scene { earlier: None, ..scene(&[("scope", "openid email phone")]) };
        more.walk.allowed = Some(Scopes::known("openid email"));
        assert!(matches!(played(&more), Next::Consent(_)));
    }
}
