//! A whole configuration with one thing wrong at a time.

mod good;
mod mutations;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Problems, Settings};

/// Stands for every secret; must never be seen.
const CANARY: &str = "canary-7hq2m9x4vb";

/// A directory with the files a configuration may name.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.file("certificate.pem", "-----BEGIN CERTIFICATE-----\n", 0o644);
        place.file("key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{CANARY}"), 0o600);
        place.file("open-key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{CANARY}"), 0o640);
        place.file("secret", &format!("{CANARY}-from-file\n"), 0o600);
        place.file("open-secret", CANARY, 0o604);
        place.file("empty", "", 0o600);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    /// `text` with `DIR` for this directory, as a file for its owner only.
    pub fn config(&self, text: &str) -> PathBuf {
        self.file("latchkey.toml", &text.replace("DIR", self.0.path().to_str().unwrap()), 0o600)
    }
}

pub fn load(file: Option<&Path>, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, Problems> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let flags: BTreeMap<_, _> = flags.iter().map(owned).collect();
    Settings::load(file, environment.iter().map(owned), &flags)
}

/// The lines of complaint; panics if there are none or one of them shows a secret.
pub fn complaints(loaded: Result<Settings, Problems>) -> Vec<String> {
    let problems = loaded.err().expect("it loaded");
    let text = problems.to_string();
    assert!(!text.contains("canary"), "{text}");
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), problems.0.len(), "{text}");
    for line in &lines {
        assert!(line.contains("; expected ") && !line.contains(char::is_control) && line.len() < 500, "{line}");
    }
    lines
}
