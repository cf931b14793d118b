//! A developer: somebody who registers to build on the platform. Never an agent: a user class, a table and a cookie of its own.

use crate::base::Timestamp;
use crate::base::id::{DeveloperId, IdentityId};

use super::registration::{Registration, State};

/// A developer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Developer {
    /// The row.
    pub id: DeveloperId,
    /// Who they are.
    pub facts: Registration,
    /// Where the registration stands.
    pub state: State,
    /// Not switched off.
    pub enabled: bool,
    /// When the registration was sent.
    pub submitted_at: Timestamp,
    /// When the address was verified.
    pub verified_at: Option<Timestamp>,
    /// When it was activated or refused.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The record the Keys API shows; made by activation.
    pub identity_id: Option<IdentityId>,
    /// Sessions from before this moment are over.
    pub sessions_valid_after: Option<Timestamp>,
}

impl Developer {
    /// Whether he may sign in: once the address is his, unless refused or switched off.
    pub fn may_sign_in(&self) -> bool {
        self.enabled && matches!(self.state, State::Verified | State::Activated)
    }

    /// Whether he may enrol and use keys.
    pub fn may_build(&self) -> bool {
        self.enabled && self.state == State::Activated
    }
}

/// The invoice account of a developer. No card number ever comes here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentAccount {
    /// Who pays.
    pub legal_name: String,
    /// Where the invoice goes by post.
    pub billing_address: String,
    /// Where it goes by mail.
    pub email: String,
    /// The tax number, if there is one.
    pub tax_id: String,
}

impl PaymentAccount {
    /// Takes what was typed.
    ///
    /// Refuses: all that is wrong at once, field by field; a card number anywhere.
    pub fn parse(typed: &Self) -> Result<Self, super::form::Problems> {
        use super::form;
        let mut problems = form::Problems::default();
        let parsed = Self {
            legal_name: problems.take("legal_name", form::line(&typed.legal_name, 128)),
            billing_address: problems.take("billing_address", form::paragraphs(&typed.billing_address, 512)),
            email: problems.take("email", form::email(&typed.email)),
            tax_id: problems.take("tax_id", form::optional_line(&typed.tax_id, 64)),
        };
        for (field, text) in [("legal_name", &typed.legal_name), ("billing_address", &typed.billing_address), ("tax_id", &typed.tax_id)] {
            if looks_like_a_card(text) {
                problems.note(field, "This looks like a card number. Please never enter one here: we send invoices.");
            }
        }
        problems.unless(parsed)
    }
}

/// Thirteen to nineteen digits, at most parted by spaces or hyphens, that pass the check every card number passes.
fn looks_like_a_card(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == ' ' || c == '-')).any(|run| {
        let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(10)).collect();
        let sum: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| match place % 2 {
                0 => *digit,
                _ if *digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            })
            .sum();
        (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_number_enters() {
        let good = PaymentAccount {
            legal_name: "Builders LLC".into(),
            billing_address: "1 Main St\nWenatchee WA 98801".into(),
            email: "books@builders.example".into(),
            tax_id: "12-3456789".into(),
        };
        assert_eq!(PaymentAccount::parse(&good), Ok(good.clone()));
        for card in ["4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005"] {
            let typed = PaymentAccount { tax_id: card.into(), ..good.clone() };
            assert!(PaymentAccount::parse(&typed).unwrap_err().of("tax_id").is_some_and(|sentence| sentence.contains("card")), "{card}");
        }
        assert!(PaymentAccount::parse(&PaymentAccount { tax_id: String::new(), ..good }).is_ok());
    }
}
