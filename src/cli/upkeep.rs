//! `latchkey sweep` and `latchkey outbox`: what the running server does by itself, to do or to look at.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Done;
use super::{open, print, settings};
use crate::base::Timestamp;
use crate::flows::operate::{look, sweep};

/// Delete what has expired. A running server does this by itself every minute.
#[derive(Args)]
#[command(after_help = "Examples:\n  latchkey sweep\n  latchkey sweep --json")]
pub struct Sweep {
    #[command(flatten)]
    from: settings::From,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Sweep {
    /// Sweeps until nothing more may go.
    pub fn run(&self) -> Done {
        let desk = open::desk(&self.from.load(&[])?)?;
        let gone = sweep::sweep_all(&desk, |_| ())?;
        if self.json { print::json(&json!({ "deleted": gone })) } else { print::line(&format!("deleted {gone} rows")) }
    }
}

/// Look at the letters that wait to be sent.
#[derive(Args)]
pub struct Outbox {
    #[command(subcommand)]
    verb: OutboxVerb,
}

#[derive(Subcommand)]
enum OutboxVerb {
    /// The newest letters: to whom, about what, and what went wrong. Never their text.
    #[command(after_help = "Examples:\n  latchkey outbox list\n  latchkey outbox list --limit 500 --json")]
    List {
        #[command(flatten)]
        from: settings::From,
        /// How many
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: i64,
        /// Tell them as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Outbox {
    /// Lists letters.
    pub fn run(&self) -> Done {
        let OutboxVerb::List { from, limit, json } = &self.verb;
        let desk = open::desk(&from.load(&[])?)?;
        let look::Letters { newest: lines, counts } = look::outbox(&desk, (*limit).max(0))?;
        if *json {
            let letters: Vec<_> = lines
                .iter()
                .map(|line| {
                    json!({
                        "id": line.id, "to": line.recipient, "subject": line.subject, "state": line.state,
                        "attempts": line.attempts, "next_at": Timestamp(line.next_at).iso(), "problem": line.problem,
                    })
                })
                .collect();
            let counts: serde_json::Map<_, _> = counts.into_iter().map(|(state, count)| (state, count.into())).collect();
            return print::json(&json!({ "letters": letters, "counts": counts }));
        }
        let rows: Vec<Vec<String>> = lines
            .into_iter()
            .map(|line| {
                let next = if line.state == "waiting" { Timestamp(line.next_at).iso() } else { String::new() };
                vec![line.state, line.attempts.to_string(), next, line.recipient, line.subject, line.problem.unwrap_or_default()]
            })
            .collect();
        print::table(&["STATE", "TRIES", "NEXT", "TO", "SUBJECT", "PROBLEM"], &rows)
    }
}
