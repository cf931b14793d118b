//! `latchkey accounts`: the people of an MLS.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::Done;
use super::failure::Failure;
use super::{open, print, roster_file, settings};
use crate::base::text::readable;
use crate::flows::operate::add_mls::{MlsFacts, add_mls};
use crate::flows::operate::appoint::appoint;
use crate::flows::operate::import_accounts::import_accounts;
use crate::flows::operate::set_password::set_password;
use crate::flows::operate::switch_account::switch_account;
use crate::flows::operate::{Desk, look};
use crate::identity::account::Account;
use crate::identity::password::LONGEST;

/// Import, list, switch on or off the people of an MLS.
#[derive(Args)]
pub struct Accounts {
    #[command(subcommand)]
    verb: Verb,
}

const IMPORT: &str = "\
Examples:
  latchkey accounts import roster.csv --mls \"Cascade Valley MLS\" \\
      --time-zone America/Los_Angeles --login-prefix cv.
  latchkey accounts import members.json --mls \"Cascade Valley MLS\" --json

Fields are those of RESO's Member and Office (MemberKey, MemberLoginId, MemberFullName, MemberEmail,
OfficeKey, OfficeName …), and ours: OfficeLoginId, UserType (Member, Office, Company, Mls), Company,
CompanyId, UserLevel, PasswordHash (bcrypt or argon2), Visible, Billable.

Importing again changes only what is different. A status in the roster outranks one set by `enable` or `disable`.";

#[derive(Subcommand)]
enum Verb {
    /// Add or update accounts from a roster: CSV with a header, a JSON array, or an OData answer.
    #[command(after_help = IMPORT)]
    Import(Import),
    /// Set the password of an account; its sessions and tokens end.
    #[command(
        after_help = "Examples:\n  latchkey accounts set-password cv.ada\n  printf %s \"$PASSWORD\" | latchkey accounts set-password cv.ada --stdin"
    )]
    SetPassword {
        /// What the account signs in with
        login: String,
        /// Read the password from standard input instead of asking twice; one line end behind it does not count
        #[arg(long)]
        stdin: bool,
        #[command(flatten)]
        common: Common,
    },
    /// List accounts by login name.
    #[command(after_help = "Examples:\n  latchkey accounts list --mls \"Cascade Valley MLS\"\n  latchkey accounts list --json")]
    List {
        /// Only those of this MLS
        #[arg(long, value_name = "NAME")]
        mls: Option<String>,
        /// How many
        #[arg(long, default_value_t = 1000, value_name = "N")]
        limit: usize,
        #[command(flatten)]
        common: Common,
    },
    /// Show one account.
    #[command(after_help = "Examples:\n  latchkey accounts show cv.ada --json")]
    Show {
        /// What the account signs in with
        login: String,
        #[command(flatten)]
        common: Common,
    },
    /// Let an account sign in again; what it was issued wakes up.
    #[command(after_help = "Examples:\n  latchkey accounts enable cv.ada")]
    Enable {
        /// What the account signs in with
        login: String,
        #[command(flatten)]
        common: Common,
    },
    /// Make an account staff of the platform: it may activate developers and see every MLS.
    #[command(after_help = "Examples:\n  latchkey accounts appoint ps.pat")]
    Appoint {
        /// What the account signs in with
        login: String,
        #[command(flatten)]
        common: Common,
    },
    /// Let an account be staff of the platform no more.
    #[command(after_help = "Examples:\n  latchkey accounts dismiss ps.pat")]
    Dismiss {
        /// What the account signs in with
        login: String,
        #[command(flatten)]
        common: Common,
    },
    /// Let an account sign in no more; what it was issued sleeps.
    #[command(after_help = "Examples:\n  latchkey accounts disable cv.ada")]
    Disable {
        /// What the account signs in with
        login: String,
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
    fn desk(&self) -> Result<Desk, Failure> {
        open::desk(&self.from.load(&[])?)
    }
}

#[derive(Args)]
struct Import {
    /// The roster
    file: PathBuf,
    /// The name of the MLS whose roster it is; it is added where it is new
    #[arg(long, value_name = "NAME")]
    mls: String,
    /// The IANA time zone of an MLS that is new, such as America/Los_Angeles
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Goes before every login name that does not have it already, so that two MLSs never share one
    #[arg(long, default_value = "", value_name = "PREFIX")]
    login_prefix: String,
    #[command(flatten)]
    common: Common,
}

impl Accounts {
    /// Carries the verb out.
    pub fn run(&self) -> Done {
        match &self.verb {
            Verb::Import(import) => import.run(),
            Verb::SetPassword { login, stdin, common } => {
                let desk = common.desk()?;
                let password = if *stdin { piped()? } else { asked()? };
                let account = set_password(&desk, login, &password)??;
                told(common, &account, "has a new password; its sessions and tokens have ended")
            }
            Verb::List { mls, limit, common } => list(common, mls.as_deref(), *limit),
            Verb::Show { login, common } => show(common, login),
            Verb::Enable { login, common } => told(common, &switch_account(&common.desk()?, login, true)??, "is enabled"),
            Verb::Appoint { login, common } => told(common, &appoint(&common.desk()?, login, true)??, "is staff of the platform"),
            Verb::Dismiss { login, common } => {
                told(common, &appoint(&common.desk()?, login, false)??, "is no longer staff of the platform")
            }
            Verb::Disable { login, common } => told(common, &switch_account(&common.desk()?, login, false)??, "is disabled"),
        }
    }
}

impl Import {
    fn run(&self) -> Done {
        let desk = self.common.desk()?;
        let rows = roster_file::read(&self.file)?;
        let prefix = readable(&self.login_prefix, 32);
        if prefix != self.login_prefix {
            return Err(Failure::config("--login-prefix: it is too long or cannot be read; expected something like cv."));
        }
        let facts = MlsFacts { name: self.mls.clone(), time_zone: self.time_zone.clone(), ..MlsFacts::default() };
        let mls = add_mls(&desk, &facts)??;
        let bar = print::bar(rows.len(), self.common.json);
        bar.set_message(mls.name.clone());
        let imported = import_accounts(&desk, &mls, &prefix, rows, |done| bar.set_position(u64::try_from(done).unwrap_or(u64::MAX)))?;
        bar.finish_and_clear();
        if self.common.json {
            print::json(&json!({
                "mls": mls.name, "mls_id": mls.id, "added": imported.added, "changed": imported.changed, "same": imported.same, "bad": imported.bad,
            }))?;
        } else {
            imported.bad.iter().try_for_each(|bad| print::line(&format!("line {}: {}", bad.line, bad.reason)))?;
            print::line(&format!(
                "{}: {} added, {} changed, {} the same, {} bad",
                mls.name,
                imported.added,
                imported.changed,
                imported.same,
                imported.bad.len()
            ))?;
        }
        if imported.bad.is_empty() { Ok(()) } else { Err(Failure::other(format!("not every row was taken: {} bad", imported.bad.len()))) }
    }
}

fn told(common: &Common, account: &Account, what: &str) -> Done {
    if common.json {
        return print::json(&json!({ "id": account.id, "login": account.login_name, "active": account.active }));
    }
    print::line(&format!("{} ({}) {what}", account.login_name, account.profile.name))
}

fn list(common: &Common, mls: Option<&str>, limit: usize) -> Done {
    let mut found = look::accounts(&common.desk()?, limit.saturating_add(1), |account| mls.is_none_or(|name| account.mls_name == name))?;
    if found.len() > limit {
        // On stderr, so that neither table nor JSON is disturbed.
        eprintln!("latchkey: there are more than these {limit}: give --limit");
        found.truncate(limit);
    }
    if common.json {
        let lines: Vec<_> = found
            .iter()
            .map(|account| {
                json!({
                    "id": account.id, "login": account.login_name, "name": account.profile.name, "type": account.user_type.name(),
                    "active": account.active, "mls": account.mls_name,
                })
            })
            .collect();
        return print::json(&lines);
    }
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|account| {
            let state = if account.active { "active" } else { "inactive" };
            vec![account.login_name, account.profile.name, account.user_type.to_string(), state.to_owned(), account.mls_name]
        })
        .collect();
    print::table(&["LOGIN", "NAME", "TYPE", "STATE", "MLS"], &rows)
}

fn show(common: &Common, login: &str) -> Done {
    let Some((account, has_password)) = look::account(&common.desk()?, login)? else {
        return Err(Failure::other("no account signs in with that name"));
    };
    if common.json {
        return print::json(&json!({ "login": account.login_name, "has_password": has_password, "account": account.record() }));
    }
    let record = serde_json::to_value(account.record()).map_err(|error| Failure::other(error.to_string()))?;
    print::line(&format!("{}  {}", account.login_name, if has_password { "has a password" } else { "has no password yet" }))?;
    for (name, value) in record.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !text.is_empty() && text != "[]" {
            print::line(&format!("{name:<22}{text}"))?;
        }
    }
    Ok(())
}

/// Asks twice, and shows nothing of what is typed.
fn asked() -> Result<Zeroizing<String>, Failure> {
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| Failure::other("there is no terminal to ask at: use --stdin"))
    };
    let first = ask("New password: ")?;
    let second = ask("The same again: ")?;
    if *first == *second { Ok(first) } else { Err(Failure::other("the two are not the same; nothing was changed")) }
}

fn piped() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX) + 3;
    std::io::stdin().take(most).read_to_string(&mut text).map_err(|_| Failure::other("the password is not UTF-8 text"))?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Zeroizing::new(line.to_owned()))
}
