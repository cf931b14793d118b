//! Whom tokens are about: an account or a consumer. Each has its own claims and its own space of ids.

use serde_json::Value;

use super::account::Account;
use super::consumer::Consumer;

/// Somebody tokens are about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A person or office of an MLS.
    Account(Box<Account>),
    /// A home buyer.
    Consumer(Box<Consumer>),
}

impl Subject {
    /// The `sub`.
    pub fn id(&self) -> &str {
        match self {
            Self::Account(account) => account.id.as_str(),
            Self::Consumer(consumer) => consumer.id.as_str(),
        }
    }

    /// One claim, where there is a value for it.
    pub fn claim(&self, name: &str) -> Option<Value> {
        match self {
            Self::Account(account) => account.claim(name),
            Self::Consumer(consumer) => consumer.claim(name),
        }
    }
}
