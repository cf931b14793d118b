//! `latchkey tokens`: personal tokens, which do not expire.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Done;
use super::keys::Common;
use super::print;
use crate::base::Timestamp;
use crate::base::id::PersonalTokenId;
use crate::flows::operate::personal_tokens::{self, Holder, shown_name};
use crate::identity::account::Account;
use crate::platform::personal_token::{OwnData, PersonalToken};

/// Create, list or revoke personal tokens: bearer tokens that do not expire.
#[derive(Args)]
pub struct Tokens {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Create a personal token of a key with the role single_session; it is shown once and never again.
    ///
    /// The token of the same account and key before it is revoked.
    #[command(
        after_help = "Examples:\n  latchkey tokens create dh1yk0vap56w07dk1gzzrcs8c --account cv.ada --own-data office\n  latchkey tokens create dh1yk0vap56w07dk1gzzrcs8c --generic-agent --mls \"Cascade Valley MLS\""
    )]
    Create {
        /// Of which key
        client_id: String,
        /// Speaks for who signs in with this name
        #[arg(long, value_name = "LOGIN", conflicts_with = "generic_agent", required_unless_present = "generic_agent")]
        account: Option<String>,
        /// Speaks for the generic agent of an MLS, who is made where there is none yet
        #[arg(long)]
        generic_agent: bool,
        /// The MLS of the generic agent [default: the key's]
        #[arg(long, value_name = "NAME", requires = "generic_agent")]
        mls: Option<String>,
        /// Limit it to the account's own data: member, office or company
        #[arg(long, value_name = "WHOSE")]
        own_data: Option<OwnData>,
        #[command(flatten)]
        common: Common,
    },
    /// List the personal tokens of a key, newest first; never their values.
    #[command(after_help = "Examples:\n  latchkey tokens list dh1yk0vap56w07dk1gzzrcs8c --json")]
    List {
        /// Of which key
        client_id: String,
        #[command(flatten)]
        common: Common,
    },
    /// Revoke a personal token; every server refuses it from now on.
    #[command(after_help = "Examples:\n  latchkey tokens revoke 891023441234567")]
    Revoke {
        /// Its number, as the list tells it
        id: i64,
        #[command(flatten)]
        common: Common,
    },
}

impl Tokens {
    /// Carries the verb out.
    pub fn run(&self) -> Done {
        match &self.verb {
            Verb::Create { client_id, account, generic_agent: _, mls, own_data, common } => {
                let holder = account.clone().map_or_else(|| Holder::GenericAgent(mls.clone()), Holder::Login);
                let (issued, account) = personal_tokens::create(&common.desk()?, client_id, &holder, *own_data)??;
                if common.json {
                    let mut told = shown(&issued.token, Some(&account));
                    if let Some(told) = told.as_object_mut() {
                        told.insert("token".to_owned(), Value::from(issued.value.expose()));
                        told.insert("replaced".to_owned(), Value::from(issued.replaced));
                    }
                    return print::json(&told);
                }
                print::line(&format!("token  {}", issued.value.expose()))?;
                let before = if issued.replaced { " The one before it is revoked." } else { "" };
                print::line(&format!(
                    "It speaks for {} and does not expire. This is the only time it is shown.{before}",
                    shown_name(Some(&account))
                ))
            }
            Verb::List { client_id, common } => {
                let found = personal_tokens::list(&common.desk()?, client_id)??;
                if common.json {
                    return print::json(&found.iter().map(|(token, account)| shown(token, account.as_ref())).collect::<Vec<_>>());
                }
                let rows: Vec<Vec<String>> = found.iter().map(|(token, account)| row(token, account.as_ref())).collect();
                print::table(&["ID", "ACCOUNT", "ENDS IN", "OWN DATA", "CREATED", "LAST USED", "STATE"], &rows)
            }
            Verb::Revoke { id, common } => {
                let token = personal_tokens::revoke(&common.desk()?, PersonalTokenId(*id))??;
                if common.json {
                    return print::json(&json!({ "id": token.id, "revoked": true }));
                }
                print::line(&format!("{} (…{}) is revoked", token.id, token.last_four))
            }
        }
    }
}

fn row(token: &PersonalToken, account: Option<&Account>) -> Vec<String> {
    vec![
        token.id.to_string(),
        shown_name(account),
        format!("…{}", token.last_four),
        token.own_data.map_or("", OwnData::name).to_owned(),
        token.created_at.day(),
        token.last_used_on.clone().unwrap_or_else(|| "never".to_owned()),
        token.revoked_at.map_or_else(|| "live".to_owned(), |at| format!("revoked {}", at.day())),
    ]
}

fn shown(token: &PersonalToken, account: Option<&Account>) -> Value {
    json!({
        "id": token.id, "key_id": token.key_id, "account_id": token.account_id.as_str(), "login": account.map(|account| &account.login_name),
        "last_four": token.last_four, "own_data": token.own_data.map(OwnData::name), "created_by": token.created_by,
        "created_at": token.created_at.iso(), "last_used": token.last_used_on, "revoked_at": token.revoked_at.map(Timestamp::iso),
    })
}
