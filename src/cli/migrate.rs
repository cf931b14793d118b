//! `latchkey migrate`: the database, brought to this version's schema.

use clap::Args;
use serde_json::json;

use super::Done;
use super::open::{self, Mode};
use super::print;
use super::settings::From;
use crate::base::Clock;
use crate::flows::start;
use crate::store::migrate::{self, Standing};

const EXAMPLES: &str = "\
Examples:
  latchkey migrate --config latchkey.toml
  latchkey migrate --json";

/// Create the database, or bring it to this version's schema. Doing it again changes nothing.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Migrate {
    #[command(flatten)]
    from: From,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Migrate {
    /// Applies what is missing.
    pub fn run(&self) -> Done {
        let settings = self.from.load(&[])?;
        super::settings::seal(&settings)?;
        let db = open::database(&settings, Mode::MayCreate)?;
        let missing = match db.read(migrate::standing)? {
            Standing::Behind(steps) => steps.len(),
            _ => 0,
        };
        // A server must not have its tables changed under it; one that only finds nothing to do harms nobody.
        let _lock = if missing > 0 { Some(open::lock(&settings)?) } else { None };
        let bar = print::bar(missing, self.json);
        let mut names = Vec::new();
        start::migrate(&db, &Clock::default(), |name| {
            bar.set_message(name.to_owned());
            bar.inc(1);
            names.push(name.to_owned());
        })?;
        bar.finish_and_clear();
        start::check_schema(&db)?;
        if self.json {
            return print::json(&json!({ "applied": names, "engine": db.engine_name() }));
        }
        match names.as_slice() {
            [] => print::line("the database has this version's schema already"),
            names => print::line(&format!("applied: {}", names.join(", "))),
        }
    }
}
