//! `latchkey audit`: whether the audit is as it was written.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Done;
use super::failure::Failure;
use super::{open, print, settings};
use crate::flows::audit_chain::{self, Found};

/// Look whether anybody changed, removed or slipped in lines of the audit.
#[derive(Args)]
pub struct Audit {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Read every line again that is older than a quarter of an hour. The running server ties them as they age.
    #[command(after_help = "Examples:\n  latchkey audit verify\n  latchkey audit verify --json")]
    Verify {
        #[command(flatten)]
        from: settings::From,
        /// Tell the result as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    /// Reads the lines again.
    pub fn run(&self) -> Done {
        let Verb::Verify { from, json } = &self.verb;
        let settings = from.load(&[])?;
        let seal = settings::seal(&settings)?;
        let desk = open::desk(&settings)?;
        let found = audit_chain::verify(&desk.db, &seal)?;
        let (sound, lines, link) = match &found {
            Found::Sound(reached) => (true, reached.lines, reached.link.as_str()),
            Found::Nothing => (true, 0, ""),
            Found::Broken { there, .. } => (false, *there, ""),
        };
        if *json {
            print::json(&json!({ "sound": sound, "lines": lines, "link": link }))?;
        }
        match found {
            Found::Sound(_) if !*json => print::line(&format!("{lines} lines are as they were written; the last link is {link}")),
            Found::Nothing if !*json => print::line("no line is tied yet"),
            Found::Sound(_) | Found::Nothing => Ok(()),
            Found::Broken { tied, there } => Err(Failure::database(format!(
                "the audit was changed: {tied} lines were tied and {there} are there, or some of them say something else"
            ))),
        }
    }
}
