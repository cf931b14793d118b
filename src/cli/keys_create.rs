//! `latchkey keys create`.

use clap::Args;
use serde_json::{Value, json};

use super::Done;
use super::keys::{Common, of_policy};
use super::print;
use crate::base::Secret;
use crate::flows::operate::create_key::{KeyWish, create_key};
use crate::platform::role::Role;
use crate::protocol::client::{AccessTokenFormat, ClientKind, GrantType, Policy, Privilege, ResponseType, SigningAlgorithm};

const EXAMPLES: &str = "\
Examples:
  latchkey keys create --name \"Harborview Homes\" --kind confidential --role idx \\
      --application-uri https://homes.example/ --redirect-uri https://homes.example/callback
  latchkey keys create --name \"Agent Pocket\" --kind public --role private \\
      --application-uri https://pocket.example/ --redirect-uri com.example.pocket:/callback
  latchkey keys create --name \"Data API\" --kind confidential --role private \\
      --application-uri https://api.example/ --grant-type client_credentials --introspects --json";

/// Create a key; its secret is shown once and never again.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct Create {
    /// The application's name, as the consent page shows it
    #[arg(long)]
    name: String,
    /// confidential (runs on a server, has a secret) or public (runs on a device or in a browser, uses PKCE)
    #[arg(long)]
    kind: ClientKind,
    /// The application's web site
    #[arg(long, value_name = "URL")]
    application_uri: String,
    /// Where answers may go, byte for byte; give it as often as needed
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// idx, public, vow, portal, private, single_session or replication; give it as often as needed
    #[arg(long, required = true)]
    role: Vec<Role>,
    /// authorization_code, refresh_token or client_credentials [default: the first two]
    #[arg(long)]
    grant_type: Vec<GrantType>,
    /// Such as code or "code id_token" [default: code]
    #[arg(long, value_parser = response_type)]
    response_type: Vec<ResponseType>,
    /// A scope it may ask for [default: all]
    #[arg(long)]
    scope: Vec<String>,
    /// RS256, ES256 or EdDSA
    #[arg(long, default_value = "RS256", value_name = "ALG")]
    id_token_alg: SigningAlgorithm,
    /// opaque or jwt
    #[arg(long, default_value = "opaque", value_name = "FORMAT")]
    access_token_format: AccessTokenFormat,
    /// Refuse its requests without PKCE (a public key always needs it)
    #[arg(long)]
    require_pkce: bool,
    /// It belongs to the platform itself: nobody is asked for consent
    #[arg(long)]
    first_party: bool,
    /// Somebody checked who owns it; the consent page says so
    #[arg(long)]
    verified: bool,
    /// It may introspect the tokens of other keys
    #[arg(long)]
    introspects: bool,
    /// Only people whom an administrator authorized may use it
    #[arg(long)]
    requires_authorization: bool,
    /// It belongs to the platform's own applications: home buyers act as portal, not as vow
    #[arg(long)]
    ecosystem: bool,
    /// What it may do beyond its role: developers, multiple_mls, spark_api_auth or consumers
    #[arg(long)]
    privilege: Vec<Privilege>,
    /// How many requests it may send in one window; 0 is no limit [default: that of its role]
    #[arg(long, value_name = "NUMBER")]
    requests: Option<u32>,
    /// The name of the MLS that issues it
    #[arg(long, value_name = "NAME")]
    mls: Option<String>,
    /// A note for administrators
    #[arg(long, default_value = "", value_name = "TEXT")]
    comments: String,
    #[command(flatten)]
    common: Common,
}

fn response_type(text: &str) -> Result<ResponseType, String> {
    ResponseType::parse(text).ok_or_else(|| "write code, id_token, \"code id_token\" or the like".to_owned())
}

impl Create {
    /// Creates the key and tells its secret.
    pub fn run(&self) -> Done {
        let (desk, _) = self.common.desk_and_settings()?;
        let created = create_key(&desk, &self.wish())??;
        let secret = created.secret.as_ref().map(Secret::expose);
        if self.common.json {
            let mut told = json!({ "client_id": created.client_id, "client_secret": secret, "kind": self.kind.name(), "name": self.name });
            if let (Some(told), Value::Object(policy)) = (told.as_object_mut(), of_policy(&created.policy)) {
                told.extend(policy);
            }
            return print::json(&told);
        }
        print::line(&format!("client_id      {}", created.client_id))?;
        match secret {
            Some(secret) => {
                print::line(&format!("client_secret  {secret}"))?;
                print::line("This is the only time the secret is shown.")
            }
            None => print::line("A public key has no secret; its application uses PKCE."),
        }
    }

    fn wish(&self) -> KeyWish {
        let unless_given = Policy::default();
        let given = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(" "));
        KeyWish {
            name: self.name.clone(),
            kind: self.kind,
            application_uri: self.application_uri.clone(),
            redirect_uris: self.redirect_uri.clone(),
            roles: self.role.clone(),
            policy: Policy {
                grant_types: if self.grant_type.is_empty() { unless_given.grant_types } else { self.grant_type.clone() },
                response_types: if self.response_type.is_empty() { unless_given.response_types } else { self.response_type.clone() },
                require_pkce: self.require_pkce,
                id_token_signed_response_alg: self.id_token_alg,
                access_token_format: self.access_token_format,
                scopes: given(&self.scope),
                first_party: self.first_party,
                verified: self.verified,
                introspects: self.introspects,
                rotates: unless_given.rotates,
                requires_authorization: self.requires_authorization,
                ecosystem: self.ecosystem,
                privileges: self.privilege.clone(),
                requests: self.requests,
                lifetimes: unless_given.lifetimes,
            },
            mls: self.mls.clone(),
            comments: self.comments.clone(),
            on_this_device: false,
        }
    }
}
