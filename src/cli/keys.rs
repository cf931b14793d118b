//! `latchkey keys`: the API keys of applications.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Done;
use super::failure::Failure;
use super::keys_create::Create;
use super::{open, print, settings};
use crate::base::Seconds;
use crate::flows::operate::rotate_secret::rotate_secret;
use crate::flows::operate::switch_key::switch_key;
use crate::flows::operate::{Desk, look};
use crate::protocol::client::{GrantType, Policy};
use crate::protocol::redirect::RedirectUri;
use crate::store::keys::Registered;

/// Create, list, switch on or off the API keys of applications.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Create a key; its secret is shown once and never again.
    Create(Box<Create>),
    /// List keys, oldest first.
    #[command(after_help = "Examples:\n  latchkey keys list\n  latchkey keys list --json")]
    List(Common),
    /// Switch a key off within a second on every node; what it was issued sleeps.
    #[command(after_help = "Examples:\n  latchkey keys disable dh1yk0vap56w07dk1gzzrcs8c")]
    Disable {
        /// Which key
        client_id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Switch a key on again.
    #[command(after_help = "Examples:\n  latchkey keys enable dh1yk0vap56w07dk1gzzrcs8c")]
    Enable {
        /// Which key
        client_id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Give a key a new secret; the others are accepted a while longer, so that nothing stops.
    #[command(
        after_help = "Examples:\n  latchkey keys rotate-secret dh1yk0vap56w07dk1gzzrcs8c --overlap-hours 24\n  latchkey keys rotate-secret dh1yk0vap56w07dk1gzzrcs8c --overlap-hours 0   # a secret has leaked"
    )]
    RotateSecret {
        /// Which key
        client_id: String,
        /// For how many hours the secrets before it are still accepted
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..=8760))]
        overlap_hours: i64,
        #[command(flatten)]
        common: Common,
    },
}

/// What every verb about keys takes.
#[derive(Args)]
pub struct Common {
    #[command(flatten)]
    from: settings::From,
    /// Tell the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl Common {
    /// The hands of the verb.
    pub fn desk(&self) -> Result<Desk, Failure> {
        open::desk(&self.from.load(&[])?)
    }

    /// The hands of the verb, and the settings they were made from.
    pub fn desk_and_settings(&self) -> Result<(Desk, crate::config::Settings), Failure> {
        let settings = self.from.load(&[])?;
        Ok((open::desk(&settings)?, settings))
    }
}

impl Keys {
    /// Carries the verb out.
    pub fn run(&self) -> Done {
        match &self.verb {
            Verb::Create(create) => create.run(),
            Verb::List(common) => list(common),
            Verb::Disable { client_id, common } => switch(common, client_id, false),
            Verb::Enable { client_id, common } => switch(common, client_id, true),
            Verb::RotateSecret { client_id, overlap_hours, common } => {
                let rotated = rotate_secret(&common.desk()?, client_id, Seconds::hours(*overlap_hours))??;
                let (secret, until) = (rotated.secret.expose(), rotated.others_until.iso());
                if common.json {
                    return print::json(&json!({ "client_id": client_id, "client_secret": secret, "others_until": until }));
                }
                print::line(&format!("client_secret  {secret}"))?;
                let others = if *overlap_hours == 0 { "no more".to_owned() } else { format!("until {until}") };
                print::line(&format!("This is the only time it is shown. The secrets before it are accepted {others}."))
            }
        }
    }
}

fn switch(common: &Common, client_id: &str, enabled: bool) -> Done {
    let name = switch_key(&common.desk()?, client_id, enabled)??;
    if common.json {
        return print::json(&json!({ "client_id": client_id, "name": name, "enabled": enabled }));
    }
    print::line(&format!("{client_id} ({name}) is {}", if enabled { "enabled" } else { "disabled" }))
}

fn list(common: &Common) -> Done {
    let found = look::keys(&common.desk()?)?;
    if common.json {
        return print::json(&found.iter().map(shown).collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|Registered { key, client }| {
            let state = if key.enabled { "enabled" } else { "disabled" };
            let last = key.last_active.clone().unwrap_or_else(|| "never".to_owned());
            vec![key.key.clone(), key.name.clone(), client.kind.to_string(), key.role_names.join(","), state.to_owned(), last]
        })
        .collect();
    print::table(&["CLIENT_ID", "NAME", "KIND", "ROLES", "STATE", "LAST USED"], &rows)
}

fn shown(registered: &Registered) -> Value {
    let Registered { key, client } = registered;
    let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let mut shown = json!({
        "client_id": key.key, "name": key.name, "kind": client.kind.name(), "application_uri": key.application_uri, "redirect_uris": uris,
        "roles": key.role_names, "enabled": key.enabled, "last_active": key.last_active, "created_at": key.created_at.iso(),
    });
    if let (Some(shown), Value::Object(policy)) = (shown.as_object_mut(), of_policy(&client.policy)) {
        shown.extend(policy);
    }
    shown
}

/// What a key may do, in the protocol's words.
pub fn of_policy(policy: &Policy) -> Value {
    json!({
        "grant_types": policy.grant_types.iter().copied().map(GrantType::name).collect::<Vec<_>>(),
        "response_types": policy.response_types.iter().map(|asked| asked.name()).collect::<Vec<_>>(),
        "scopes": policy.scopes,
        "id_token_signed_response_alg": policy.id_token_signed_response_alg.name(),
        "access_token_format": policy.access_token_format.name(),
        "require_pkce": policy.require_pkce,
        "first_party": policy.first_party,
        "verified": policy.verified,
        "introspects": policy.introspects,
    })
}
