//! The demo's keys. Their secrets stay in the folder, so that programs written against one demo work with the next.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::folder;
use crate::cli::failure::Failure;
use crate::flows::operate::create_key::{KeyWish, create_key};
use crate::flows::operate::switch_key::move_callbacks;
use crate::flows::operate::{Desk, look};
use crate::platform::role::Role;
use crate::protocol::client::{ClientKind, GrantType, Policy, ResponseType};

/// A key as the folder keeps it and `--json` tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoKey {
    /// The application's name.
    pub name: String,
    /// The `client_id`.
    pub client_id: String,
    /// The secret, for a confidential key.
    pub client_secret: Option<String>,
    /// Where its answers go.
    pub redirect_uri: Option<String>,
    /// confidential or public.
    pub kind: String,
    /// What data it opens.
    pub roles: Vec<String>,
    /// How it may ask for tokens.
    pub grant_types: Vec<String>,
    /// What the authorization endpoint hands it.
    pub response_types: Vec<String>,
}

/// The sample application's name, by which its key is found.
pub const SAMPLE: &str = "Harborview Homes";
/// The same of the sample site for home buyers.
pub const PORCH: &str = "Front Porch Listings";

/// Sees to it that every key is there, and answers them in the order in which programs should try them.
pub fn hand_out(desk: &Desk, data: &Path, home: &str, porch: &str) -> Result<Vec<DemoKey>, Failure> {
    let path = data.join("demo.json");
    let kept: Vec<DemoKey> = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut keys = Vec::new();
    for wish in wishes(home, porch) {
        let known = kept.iter().find(|key| key.name == wish.name).cloned();
        let known = match known {
            Some(key) => look::key(desk, &key.client_id)?.map(|_| key),
            None => None,
        };
        keys.push(match known {
            Some(key) => {
                move_callbacks(desk, &key.client_id, &wish.redirect_uris)??;
                DemoKey { redirect_uri: wish.redirect_uris.first().cloned(), ..key }
            }
            None => created(desk, &wish)?,
        });
    }
    let text = serde_json::to_string_pretty(&keys).map_err(|why| Failure::other(why.to_string()))?;
    folder::replace(&path, &text)?;
    Ok(keys)
}

fn created(desk: &Desk, wish: &KeyWish) -> Result<DemoKey, Failure> {
    let made = create_key(desk, wish)??;
    Ok(DemoKey {
        name: wish.name.clone(),
        client_id: made.client_id,
        client_secret: made.secret.map(|secret| secret.expose().to_owned()),
        redirect_uri: wish.redirect_uris.first().cloned(),
        kind: wish.kind.name().to_owned(),
        roles: wish.roles.iter().map(ToString::to_string).collect(),
        grant_types: made.policy.grant_types.iter().map(ToString::to_string).collect(),
        response_types: made.policy.response_types.iter().map(ToString::to_string).collect(),
    })
}

/// One key of each sort that an application may need.
fn wishes(home: &str, porch: &str) -> Vec<KeyWish> {
    let usual = Policy::default;
    let own = |path: &str| vec![format!("http://127.0.0.1:8082{path}")];
    let wish = |name: &str, kind: ClientKind, role: Role, redirect_uris: Vec<String>, policy: Policy| KeyWish {
        name: name.to_owned(),
        kind,
        application_uri: format!("{home}/"),
        redirect_uris,
        roles: vec![role],
        policy,
        mls: Some("Cascade Valley MLS".to_owned()),
        comments: "made by latchkey demo".to_owned(),
        on_this_device: true,
    };
    let machine = Policy { grant_types: vec![GrantType::ClientCredentials], introspects: true, ..usual() };
    let every = Policy { response_types: ResponseType::ALL.to_vec(), ..usual() };
    let house = Policy { first_party: true, verified: true, ..usual() };
    let checked = Policy { verified: true, ..usual() };
    vec![
        KeyWish {
            application_uri: format!("{porch}/"),
            ..wish(PORCH, ClientKind::Confidential, Role::Idx, vec![format!("{porch}/callback")], usual())
        },
        // The second place is where the browser lands after signing out.
        wish(SAMPLE, ClientKind::Confidential, Role::Private, vec![format!("{home}/callback"), format!("{home}/")], checked),
        wish("Agent Pocket", ClientKind::Public, Role::Private, vec!["http://127.0.0.1/callback".to_owned()], usual()),
        wish("Valley Data Service", ClientKind::Confidential, Role::Private, Vec::new(), machine),
        wish("Every Answer", ClientKind::Confidential, Role::Idx, own("/every"), every),
        wish("Valley Dashboard", ClientKind::Confidential, Role::Private, own("/dashboard"), house),
    ]
}
