//! The operator's door: one subcommand, one file. Every failure is one clear line on stderr and an exit code that tells its kind.

mod accounts;
mod audit;
mod check;
mod demo;
mod failure;
mod init;
mod keys;
mod keys_create;
mod migrate;
mod open;
mod print;
mod roster_file;
mod serve;
mod settings;
mod signing;
mod tokens;
mod upkeep;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

const AFTER_HELP: &str = "\
To see it work: latchkey demo
To install it:  latchkey init, latchkey migrate, latchkey serve

Exit codes: 0 done, 1 refused, 2 wrong usage, 69 something is not reachable, 74 the database is missing or damaged, 78 wrong settings";

/// An OAuth 2 and OpenID Connect authorization server for a real-estate MLS data platform.
#[derive(Parser)]
#[command(name = "latchkey", version, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Show it all on this machine: server, people, keys and a sample application, with nothing to set up.
    Demo(demo::Demo),
    /// Write a commented settings file with a fresh master secret.
    Init(init::Init),
    /// Run the server.
    Serve(serve::Serve),
    /// Create the database, or bring it to this version's schema.
    Migrate(migrate::Migrate),
    /// Look at settings, database and secrets without starting anything.
    #[command(visible_alias = "doctor")]
    Check(check::Check),
    /// Import, list, switch on or off the people of an MLS.
    Accounts(accounts::Accounts),
    /// Create, list, switch on or off the API keys of applications.
    Keys(keys::Keys),
    /// Create, list or revoke personal tokens: bearer tokens that do not expire.
    Tokens(tokens::Tokens),
    /// List, rotate or withdraw the keys that sign tokens.
    Signing(signing::Signing),
    /// Look whether anybody changed the audit.
    Audit(audit::Audit),
    /// Delete what has expired (a running server does it by itself).
    Sweep(upkeep::Sweep),
    /// Look at the letters that wait to be sent.
    Outbox(upkeep::Outbox),
}

/// Runs the program with the arguments it was given.
pub fn run() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Demo(verb) => verb.run(),
        Verb::Init(verb) => verb.run(),
        Verb::Serve(verb) => verb.run(),
        Verb::Migrate(verb) => verb.run(),
        Verb::Check(verb) => verb.run(),
        Verb::Accounts(verb) => verb.run(),
        Verb::Keys(verb) => verb.run(),
        Verb::Tokens(verb) => verb.run(),
        Verb::Signing(verb) => verb.run(),
        Verb::Audit(verb) => verb.run(),
        Verb::Sweep(verb) => verb.run(),
        Verb::Outbox(verb) => verb.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// What a verb comes to.
type Done = Result<(), Failure>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_sound_and_every_verb_has_an_example() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        command.build();
        let mut verbs: Vec<_> = command.get_subcommands().cloned().collect();
        while let Some(mut verb) = verbs.pop() {
            if verb.get_name() == "help" {
                continue;
            }
            if verb.has_subcommands() {
                verbs.extend(verb.get_subcommands().cloned());
            } else {
                let help = verb.render_long_help().to_string();
                assert!(help.contains("Example"), "{}:\n{help}", verb.get_name());
                // A line that is wrapped can no longer be copied to a shell.
                let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
                let long = examples.lines().find(|line| line.starts_with("  ") && line.chars().count() > 100);
                assert_eq!(long, None, "{}", verb.get_name());
            }
        }
    }
}
