//! What the demo tells: a page for people, a line for programs.

use std::path::Path;

use serde_json::json;

use super::builders::{EMAIL, Tokens};
use super::buyers::DemoBuyer;
use super::keys::DemoKey;
use super::people::{PASSWORD, PEOPLE};
use crate::cli::{Done, print};
use crate::platform::role::Role;

const DORA: &str = "Dora Developer, who builds for the MLSs";

/// One line of JSON.
pub fn json(issuer: &str, (sample, porch): (&str, &str), buyers: &[DemoBuyer], keys: &[DemoKey], tokens: &Tokens) -> Done {
    let accounts: Vec<_> = PEOPLE
        .iter()
        .map(|person| {
            json!({ "login": person.login, "password": PASSWORD, "type": person.user_type, "active": person.active, "who": person.who })
        })
        .chain(buyers.iter().map(|buyer| {
            json!({
                "login": buyer.login, "password": PASSWORD, "type": "Consumer", "active": true, "who": buyer.who, "portal": buyer.portal,
            })
        }))
        .collect();
    print::json(&json!({
        "issuer": issuer, "sample": sample, "portal_sample": porch, "accounts": accounts, "keys": keys,
        "developers": [{ "email": EMAIL, "password": PASSWORD, "who": DORA }],
        "sandbox_token": tokens.get(Role::Private.name()), "sandbox_tokens": tokens,
        "mailbox": format!("{issuer}/demo/mailbox"),
    }))
}

/// Addresses and logins.
pub fn people(issuer: &str, (sample, porch): (&str, &str), buyers: &[DemoBuyer], data: &Path) -> Done {
    let width = PEOPLE.iter().map(|person| person.login.len()).max().unwrap_or_default();
    let mut lines = vec![
        "Latchkey demo: everything here is invented and stays on this machine.".to_owned(),
        String::new(),
        format!("  Sample application  {sample}   <- open this in a browser and sign in"),
        format!("  Site for buyers     {porch}   <- and this, to sign up and in as a home buyer"),
        format!("  The server itself   {issuer}"),
        format!("  Discovery           {issuer}/.well-known/openid-configuration"),
        String::new(),
        format!("  The password is {PASSWORD} for everyone:"),
    ];
    lines.extend(PEOPLE.iter().map(|person| format!("    {:<width$}  {}", person.login, person.who)));
    lines.extend(buyers.iter().map(|buyer| format!("    {}  {}", buyer.login, buyer.who)));
    lines.extend([
        format!("    {EMAIL}  {DORA}"),
        String::new(),
        format!("  Your own pages      {issuer}/account, for MLS staff {issuer}/mls, for platform staff {issuer}/admin"),
        format!("  Home buyers' page   {issuer}/my/sessions"),
        format!("  Developer portal    {issuer}/developers, to register {issuer}/register/developers"),
        format!("  E-mails             {issuer}/demo/mailbox"),
        format!("  Sample data         {issuer}/v1/listings and {issuer}/Reso/OData/Property, with a token of sandbox.json"),
    ]);
    lines.extend([
        String::new(),
        format!(
            "  Kept in {0}: the keys in demo.json, tokens in sandbox.json, e-mails in {1}. Delete it to begin anew.",
            data.display(),
            super::folder::MAIL
        ),
        "  Ctrl-C ends it.".to_owned(),
    ]);
    let wide = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let rule = "─".repeat(wide + 2);
    print::line(&format!("┌{rule}┐"))?;
    lines.iter().try_for_each(|line| print::line(&format!("│ {line:<wide$} │")))?;
    print::line(&format!("└{rule}┘"))
}
