//! What is wrong with the settings, one line each.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which setting, and in brackets where it was given.
    pub name: String,
    /// What is wrong with it; never its value.
    pub wrong: String,
    /// What would be right.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; expected {}", self.name, self.wrong, self.expected)
    }
}

/// Everything that is wrong, in the order found; shows as one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, name: impl Into<String>, wrong: impl Into<String>, expected: impl Into<String>) {
        self.0.push(Problem { name: name.into(), wrong: wrong.into(), expected: expected.into() });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
