//! Where a verb's settings come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use crate::config::Settings;
use crate::signing::{MasterSecret, Seal};

/// The file that is read when none is named and it is there.
const USUAL: &str = "latchkey.toml";

/// The flags by which every verb finds its settings.
#[derive(Args)]
pub struct From {
    /// The settings file [default: latchkey.toml, if there is one here]
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting by its name in the file, such as log.level=debug; never a secret
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl From {
    /// Reads the settings: file, over it the environment, over it the flags (`more` are flags of the verb itself).
    pub fn load(&self, more: &[(&str, Option<String>)]) -> Result<Settings, Failure> {
        let usual = Path::new(USUAL);
        let file = self.config.as_deref().or_else(|| usual.is_file().then_some(usual));
        let mut flags: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &self.set {
            if flags.insert(name.clone(), value.clone()).is_some() {
                return Err(Failure::config(format!("--set {name} is given twice")));
            }
        }
        flags.extend(more.iter().filter_map(|(name, value)| value.clone().map(|value| ((*name).to_owned(), value))));
        // Variables that are not text cannot be ours.
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Ok(Settings::load(file, environment, &flags)?)
    }
}

/// The seal of the settings' master secret.
pub fn seal(settings: &Settings) -> Result<Seal, Failure> {
    let master = MasterSecret::parse(settings.master_secret.expose()).map_err(Failure::config)?;
    Ok(Seal::new(&master)?)
}
