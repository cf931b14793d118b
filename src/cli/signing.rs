//! `latchkey signing`: the keys that sign tokens.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Done;
use super::{open, print, settings};
use crate::base::Timestamp;
use crate::flows::operate::{Desk, signing_keys};
use crate::flows::{start, upkeep};
use crate::signing::{RotationPolicy, Seal, Step};

/// List, rotate or withdraw the keys that sign tokens.
#[derive(Args)]
pub struct Signing {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Every signing key, oldest first.
    #[command(after_help = "Examples:\n  latchkey signing list\n  latchkey signing list --json")]
    List(Common),
    /// Publish a new key of each algorithm now; it signs once caches know it. A running server follows by itself.
    #[command(after_help = "Examples:\n  latchkey signing rotate\n  latchkey signing rotate --json")]
    Rotate(Common),
    /// In an emergency: believe nothing a key has signed, from now on, and sign with another at once.
    #[command(after_help = "Examples:\n  latchkey signing withdraw pSf0Jc1gm0bJzlBqmDCvK6bWE8rWHFAeMBrPnZcwvLQ")]
    Withdraw {
        /// Which key, as `latchkey signing list` names it
        kid: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Args)]
struct Common {
    #[command(flatten)]
    from: settings::From,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The hands of a change, after the master secret was seen to be the right one.
    fn open(&self) -> Result<(Desk, Seal, RotationPolicy), super::Failure> {
        let settings = self.from.load(&[])?;
        let seal = settings::seal(&settings)?;
        let desk = open::desk(&settings)?;
        start::check_master_secret(&desk.db, &seal).map_err(super::check::wrong_master)?;
        Ok((desk, seal, upkeep::rotation_policy(&settings)?))
    }

    fn tell(&self, steps: &[Step]) -> Done {
        let told: Vec<String> = steps.iter().map(sentence).collect();
        if self.json {
            return print::json(&json!({ "steps": told }));
        }
        if told.is_empty() {
            return print::line("nothing to do: new keys wait for their turn already");
        }
        told.iter().try_for_each(|line| print::line(line))
    }
}

fn sentence(step: &Step) -> String {
    match step {
        Step::Create(algorithm, from) => format!("a new {algorithm} key is published and signs from {}", from.iso()),
        Step::Activate(kid, from) => format!("{kid} signs from {}", from.iso()),
        Step::Retire(kid, until) => format!("{kid} signs until {}", until.iso()),
        Step::Withdraw(kid, at) => format!("{kid} is withdrawn at {}", at.iso()),
        Step::Remove(kid) => format!("{kid} is removed"),
    }
}

impl Signing {
    /// Carries the verb out.
    pub fn run(&self) -> Done {
        match &self.verb {
            Verb::List(common) => list(common),
            Verb::Rotate(common) => {
                let (desk, seal, policy) = common.open()?;
                common.tell(&signing_keys::rotate(&desk, &seal, &policy)?)
            }
            Verb::Withdraw { kid, common } => {
                let (desk, seal, policy) = common.open()?;
                common.tell(&signing_keys::withdraw_key(&desk, &seal, &policy, kid)??)
            }
        }
    }
}

fn list(common: &Common) -> Done {
    let desk = open::desk(&common.from.load(&[])?)?;
    let now = desk.clock.now();
    let keys = signing_keys::list(&desk)?;
    let state = |key: &crate::signing::KeyFacts| {
        if key.withdrawn_at.is_some() {
            "withdrawn"
        } else if key.may_sign(now) {
            "signs"
        } else if key.active_from > now {
            "waits"
        } else {
            "verifies"
        }
    };
    if common.json {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "kid": key.kid, "algorithm": key.algorithm.name(), "state": state(key), "published_at": key.published_at.iso(),
                    "active_from": key.active_from.iso(), "signs_until": key.signs_until.map(Timestamp::iso),
                    "withdrawn_at": key.withdrawn_at.map(Timestamp::iso),
                })
            })
            .collect();
        return print::json(&keys);
    }
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let until = key.signs_until.map(Timestamp::iso).unwrap_or_default();
            vec![key.kid.clone(), key.algorithm.to_string(), state(key).to_owned(), key.active_from.iso(), until]
        })
        .collect();
    print::table(&["KID", "ALGORITHM", "STATE", "FROM", "UNTIL"], &rows)
}
