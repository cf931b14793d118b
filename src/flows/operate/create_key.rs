//! Creating a key: every door through which keys come asks the same rules.

use crate::base::id::{AccountId, KeyId, KeySecretId};
use crate::base::text::readable;
use crate::base::{Fault, Secret};
use crate::platform::key::{check_application_uri, check_roles};
use crate::platform::role::Role;
use crate::protocol::client::{ClientKind, GrantType, Policy};
use crate::protocol::redirect::RedirectUri;
use crate::protocol::scope::Scopes;
use crate::store::keys::{self, NewKey};
use crate::store::{audit, mlses};

use super::{Declined, Desk};

/// By this a leak scanner finds a client secret.
pub const SECRET_PREFIX: &str = "lks_";
/// The longest name of an application. Units: characters.
const LONGEST_NAME: usize = 128;

/// The key somebody wants.
#[derive(Debug, Clone)]
pub struct KeyWish {
    /// The application's name, as the consent page shows it.
    pub name: String,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// The application's web site.
    pub application_uri: String,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// What data it opens.
    pub roles: Vec<Role>,
    /// What it may do.
    pub policy: Policy,
    /// The name of the MLS that issues it.
    pub mls: Option<String>,
    /// Notes.
    pub comments: String,
    /// The application runs on this very machine (a demonstration): plain http is good enough for it.
    pub on_this_device: bool,
}

/// A key that was created; its secret is told now and never again.
pub struct Created {
    /// Its row.
    pub id: KeyId,
    /// The `client_id`.
    pub client_id: String,
    /// The secret, for a confidential key.
    pub secret: Option<Secret>,
    /// What it may do.
    pub policy: Policy,
}

/// Creates a key. One write.
///
/// Refuses: all that is wrong with the wish at once, one sentence each.
pub fn create_key(desk: &Desk, wish: &KeyWish) -> Result<Result<Created, Declined>, Fault> {
    let policy = settled(wish);
    let problems = problems(wish, &policy);
    if !problems.is_empty() {
        return Ok(Err(Declined(problems)));
    }
    let mut mls_id: Option<AccountId> = None;
    if let Some(name) = wish.mls.clone() {
        let shown = readable(&name, LONGEST_NAME);
        match desk.db.read(move |conn| mlses::named(conn, &name))? {
            Some(mls) => mls_id = Some(mls.id),
            None => return Ok(Err(Declined::because(format!("there is no MLS named {shown}")))),
        }
    }
    let now = desk.clock.now();
    let created = Created {
        id: KeyId(desk.random.small_id(now)),
        client_id: desk.random.client_id(),
        secret: (wish.kind == ClientKind::Confidential).then(|| Secret::generate(SECRET_PREFIX, &desk.random)),
        policy: policy.clone(),
    };
    let (id, client_id) = (created.id, created.client_id.clone());
    let digest = created.secret.as_ref().map(|secret| (KeySecretId(desk.random.small_id(now)), secret.digest()));
    let entry = audit::Entry { client: Some(client_id.clone()), ..desk.entry("key.created", &id.to_string(), now) };
    let KeyWish { name, kind, application_uri, redirect_uris, roles, comments, .. } = wish.clone();
    desk.db.write(move |conn| {
        let new = NewKey {
            id,
            mls_id: mls_id.as_ref(),
            name: &readable(&name, LONGEST_NAME),
            key: &client_id,
            kind: kind.name(),
            application_uri: &application_uri,
            redirect_uris: &redirect_uris,
            roles: &roles,
            policy: &policy,
            comments: &comments,
        };
        keys::add(conn, &new, now)?;
        if let Some((secret_id, digest)) = &digest {
            keys::add_secret(conn, *secret_id, id, "first", digest, None, now)?;
        }
        audit::write(conn, &entry)
    })?;
    Ok(Ok(created))
}

/// The policy with what follows from it: who never sends a browser has no response types, who gets tokens from the
/// authorization endpoint says so among the grant types.
fn settled(wish: &KeyWish) -> Policy {
    let mut policy = wish.policy.clone();
    let browser = policy.grant_types.iter().any(|grant| matches!(grant, GrantType::AuthorizationCode | GrantType::Implicit));
    if !browser {
        policy.response_types.clear();
    }
    let direct = policy.response_types.iter().any(|asked| asked.has_token() || asked.has_id_token());
    if direct && !policy.grant_types.contains(&GrantType::Implicit) {
        policy.grant_types.push(GrantType::Implicit);
    }
    policy
}

fn problems(wish: &KeyWish, policy: &Policy) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |wrong: bool, sentence: &str| {
        if wrong {
            problems.push(sentence.to_owned());
        }
    };
    let public = wish.kind == ClientKind::Public;
    let name = readable(&wish.name, LONGEST_NAME + 1);
    note(name.is_empty() || name.chars().count() > LONGEST_NAME, "the name must have 1 to 128 characters");
    note(policy.grant_types.is_empty(), "at least one grant type is needed");
    note(
        public && policy.grant_types.contains(&GrantType::ClientCredentials),
        "client_credentials needs a secret, and a public key has none",
    );
    note(public && policy.introspects, "introspection needs a secret, and a public key has none");
    let code = policy.grant_types.contains(&GrantType::AuthorizationCode);
    let codes = policy.response_types.iter().any(|asked| asked.has_code());
    note(code && !codes, "authorization_code needs a response type with code");
    note(codes && !code, "a response type with code needs the grant type authorization_code");
    note(policy.grant_types.contains(&GrantType::RefreshToken) && !code, "refresh_token needs the grant type authorization_code");
    note(!policy.response_types.is_empty() && wish.redirect_uris.is_empty(), "a redirect URI is needed");
    if let Some(scopes) = &policy.scopes {
        note(Scopes::exactly(scopes).is_none(), "the scopes must be words of openid, profile, email, address, phone, RESO, FBS");
    }
    if let Err(why) = check_application_uri(&wish.application_uri) {
        problems.push(format!("the application URI {why}"));
    }
    if let Err(why) = check_roles(&wish.roles, None) {
        problems.push(format!("the roles {why}"));
    }
    for (place, uri) in wish.redirect_uris.iter().enumerate() {
        let read = if wish.on_this_device { RedirectUri::register_on_this_device(uri) } else { RedirectUri::register(uri, wish.kind) };
        if let Err(why) = read {
            problems.push(format!("redirect URI {} {why}", place + 1));
        }
    }
    problems
}
