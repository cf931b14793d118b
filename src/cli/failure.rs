//! How a verb fails: one line for the person, one code for the script that called.

use std::process::ExitCode;

use crate::base::Fault;
use crate::config::Problems;
use crate::flows::operate::Declined;

/// `EX_UNAVAILABLE`: something this needs does not answer.
const UNAVAILABLE: u8 = 69;
/// `EX_IOERR`: the database is missing, damaged or not to be read.
const DATABASE: u8 = 74;
/// `EX_CONFIG`: what the operator gave cannot be right.
const CONFIG: u8 = 78;

/// A failure, ready to be told.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    lines: Vec<String>,
}

impl Failure {
    /// What the operator gave cannot be right.
    pub fn config(line: impl Into<String>) -> Self {
        Self { code: CONFIG, lines: vec![line.into()] }
    }

    /// The database is missing, damaged or not to be read.
    pub fn database(line: impl Into<String>) -> Self {
        Self { code: DATABASE, lines: vec![line.into()] }
    }

    /// Something this needs does not answer.
    pub fn unavailable(line: impl Into<String>) -> Self {
        Self { code: UNAVAILABLE, lines: vec![line.into()] }
    }

    /// Anything else.
    pub fn other(line: impl Into<String>) -> Self {
        Self { code: 1, lines: vec![line.into()] }
    }

    /// The sentences of the failure.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Tells it on stderr.
    pub fn tell(&self) -> ExitCode {
        for line in &self.lines {
            // A fault's text may hold what a library said in several lines.
            eprintln!("latchkey: {}", line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        ExitCode::from(self.code)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self { code: CONFIG, lines: problems.0.iter().map(ToString::to_string).collect() }
    }
}

/// A fault while working on an open database.
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(why) | Fault::TooSlow(why) => Self::unavailable(why),
            Fault::Broken(why) => Self::database(why),
        }
    }
}

impl From<Declined> for Failure {
    fn from(Declined(lines): Declined) -> Self {
        Self { code: 1, lines }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::other(error.to_string())
    }
}
