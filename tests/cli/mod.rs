//! The command line as an operator meets it: the program itself, started anew for each verb.

mod failures;
mod sample;
mod tokens;
mod verbs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::binary;

/// An operator's folder.
pub struct Place(TempDir);

/// How a verb ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub lines: Vec<String>,
    pub took: Duration,
}

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with settings and a database, as `init` and `migrate` make them.
    pub fn installed() -> Self {
        let place = Self::new();
        assert_eq!(place.run(&["init", "--listen", "127.0.0.1:0"]).code, 0);
        assert_eq!(place.run(&["migrate"]).code, 0);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program in this folder, with none of our own variables.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LATCHKEY")) {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(&mut self.command(arguments))
    }

    pub fn piped(&self, arguments: &[&str], input: &str) -> Ended {
        self.write("input", input);
        ended(self.command(arguments).stdin(fs::File::open(self.path("input")).unwrap()))
    }

    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {:?}", ended.lines);
        serde_json::from_str(&ended.out).unwrap()
    }

    /// The names of all files here.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Runs a verb that must end by itself: one that goes on after some seconds is killed and is a failure.
fn ended(command: &mut Command) -> Ended {
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = started.elapsed();
    let _ = child.kill();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code().unwrap_or(-1), out: text(stdout), lines: text(stderr).lines().map(str::to_owned).collect(), took }
}
