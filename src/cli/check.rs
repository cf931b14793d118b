//! `latchkey check`: would the server start? One line for each thing that was looked at.

use clap::Args;
use serde_json::json;

use super::Done;
use super::failure::Failure;
use super::open::{self, Mode};
use super::{print, settings};
use crate::base::Fault;
use crate::config::{Settings, TlsFiles};
use crate::flows::start;
use crate::http::server::server_config;

const EXAMPLES: &str = "\
Examples:
  latchkey check --config latchkey.toml
  latchkey doctor --json

Exits with the code with which `latchkey serve` would.";

/// Look at settings, database and secrets without starting or changing anything.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    #[command(flatten)]
    from: settings::From,
    /// Do not look whether the address is free (beside a running node on PostgreSQL; on SQLite a running server is noticed)
    #[arg(long)]
    skip_address: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Looks at everything in the order of a start; what cannot be looked at after a problem is left out.
    pub fn run(&self) -> Done {
        let mut found = Vec::new();
        let problem = self.look(&mut found).err();
        if self.json {
            let lines: &[String] = problem.as_ref().map_or(&[], |problem| problem.lines());
            print::json(&json!({ "ok": found, "problems": lines }))?;
        } else {
            found.iter().try_for_each(|line| print::line(&format!("ok       {line}")))?;
            if problem.is_some() {
                print::line("problem  see below")?;
            }
        }
        problem.map_or(Ok(()), Err)
    }

    fn look(&self, found: &mut Vec<String>) -> Done {
        let settings = self.from.load(&[])?;
        found.push(format!("settings: {} on {}", settings.issuer, settings.listen));
        let seal = settings::seal(&settings)?;
        found.push(format!("master secret: its name is {}", seal.key_id()));
        if let Some(files) = &settings.tls {
            tls(files)?;
            found.push("certificate: it fits its key".to_owned());
        }
        super::serve::mailer(&settings)?;
        found.push("mail: can be set up".to_owned());
        let mut own = settings.clone();
        own.database_threads = 1;
        let db = open::database(&own, Mode::Existing)?;
        found.push(format!("database: {} answers", db.engine_name()));
        start::check_schema(&db)?;
        found.push("schema: fits this version".to_owned());
        start::check_master_secret(&db, &seal).map_err(wrong_master)?;
        found.push("seal: the database belongs to this master secret".to_owned());
        if open::is_served(&settings) {
            found.push("server: one works on this database now".to_owned());
        } else if !self.skip_address {
            listen(&settings)?;
            found.push(format!("address: {} is free", settings.listen));
        }
        Ok(())
    }
}

fn listen(settings: &Settings) -> Done {
    std::net::TcpListener::bind(settings.listen).map(drop).map_err(|why| address_taken(settings.listen, &why))
}

/// Why a server cannot listen at an address.
pub fn address_taken(address: std::net::SocketAddr, why: &std::io::Error) -> Failure {
    Failure::config(format!("listen: {address} cannot be used ({why}); expected a free address of this machine"))
}

/// What a start with another master secret ends with.
pub fn wrong_master(fault: Fault) -> Failure {
    match fault {
        Fault::Broken(why) => Failure::config(format!("master_secret: {why}; expected the one this database was made with")),
        Fault::Unavailable(why) | Fault::TooSlow(why) => Failure::unavailable(why),
    }
}

/// Reads certificate and key as a start would.
pub fn tls(files: &TlsFiles) -> Done {
    server_config(files).map(drop).map_err(|fault| match fault {
        Fault::Broken(why) | Fault::Unavailable(why) | Fault::TooSlow(why) => {
            Failure::config(format!("tls.certificate: {why}; expected a certificate in PEM and the key that belongs to it"))
        }
    })
}
