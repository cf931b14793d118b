//! Browsers that people signed in from before: each is told from strangers' by a sealed cookie, so that nobody is locked out by strangers.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::{Digest, Fault, Timestamp};

/// To how many logins a browser is known.
const KNOWN: usize = 5;
const PURPOSE: &str = "device";

/// Who signed in in this browser before, of whatever class of people; sealed into its device cookie.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Device {
    #[serde(alias = "accounts")]
    logins: Vec<Known>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    /// As the audit names them.
    id: String,
    nonce: String,
    since: Timestamp,
}

impl Device {
    /// Reads a device cookie; anything else is a browser nobody knows.
    pub fn open(app: &App, cookie: Option<&str>) -> Self {
        cookie
            .and_then(|text| app.seal.open_flow(PURPOSE, b"", text))
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .unwrap_or_default()
    }

    /// By what guesses from here at the password of `who` are counted, where they are known here and nothing from before `floor` counts.
    pub fn bucket(&self, who: &str, floor: Option<Timestamp>) -> Option<String> {
        let known = self.logins.iter().find(|known| known.id == who && floor.is_none_or(|floor| known.since >= floor))?;
        Some(format!("device:{}", Digest::of(known.nonce.as_bytes()).hex()))
    }

    /// The cookie's text once `who` has signed in here.
    pub fn remembering(mut self, app: &App, who: &str) -> Result<String, Fault> {
        self.logins.retain(|known| known.id != who);
        self.logins.truncate(KNOWN - 1);
        self.logins.insert(0, Known { id: who.to_owned(), nonce: app.random.token(), since: app.now() });
        app.seal.seal_flow(PURPOSE, b"", &serde_json::to_vec(&self).map_err(Fault::broken)?, &app.random)
    }
}
