//! `latchkey init`: a settings file to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::Done;
use super::failure::Failure;
use super::print;
use crate::base::Random;
use crate::config::commented_example;
use crate::signing::MasterSecret;

const EXAMPLES: &str = "\
Examples:
  latchkey init
  latchkey init --config /etc/latchkey.toml --issuer https://auth.mls.example \\
      --database sqlite:/var/lib/latchkey/latchkey.db";

/// Write a commented settings file with a fresh master secret.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// The file to write; one that is there is never touched
    #[arg(long, short, default_value = "latchkey.toml", value_name = "FILE")]
    config: PathBuf,
    /// The address under which everybody will reach the server
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    issuer: String,
    /// Where the server will listen
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: String,
    /// Where everything will be kept: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, default_value = "sqlite:latchkey.db", value_name = "URL")]
    database: String,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    /// Writes the file, if it would load.
    pub fn run(&self) -> Done {
        let secret = MasterSecret::generate(&Random::default());
        let text = commented_example(&self.issuer, &self.listen, &self.database, secret.expose());
        let shown = self.config.display();
        let cannot = |why: std::io::Error| match why.kind() {
            ErrorKind::AlreadyExists => Failure::other(format!("{shown} is there already and stays as it is")),
            _ => Failure::other(format!("{shown} cannot be written: {why}")),
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.config).map_err(cannot)?;
        let kept = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot).and_then(|()| {
            // What was asked for must make a file that works, or there is no file.
            crate::config::Settings::load(Some(&self.config), std::iter::empty(), &std::collections::BTreeMap::new())?;
            Ok(())
        });
        if let Err(why) = kept {
            let _ = std::fs::remove_file(&self.config);
            return Err(why);
        }
        if self.json {
            return print::json(&serde_json::json!({ "config": shown.to_string(), "issuer": self.issuer, "listen": self.listen }));
        }
        print::line(&format!("wrote {shown}, which holds the master secret: keep a copy of it in a safe place, apart from the database"))?;
        print::line(&format!("next: latchkey migrate --config {shown}, then latchkey serve --config {shown}"))
    }
}
