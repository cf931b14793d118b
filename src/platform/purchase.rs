//! Who uses an application of the store.

use crate::base::id::AccountId;

use super::query::{Field, Resource};

/// What the list can be asked.
pub const PURCHASES: Resource = Resource {
    key: "account_id",
    ..Resource::of("purchases", &[Field::text("Id", "account_id"), Field::shown("Name"), Field::truth("Purchased", "purchased")])
};

/// Whether somebody uses an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Who.
    pub account: AccountId,
    /// The full name.
    pub name: String,
    /// Does, or did.
    pub purchased: bool,
}
