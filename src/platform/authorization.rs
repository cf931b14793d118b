//! Permissions of people for keys as the Keys API shows them: what it calls Authorizations.

use crate::base::Timestamp;
use crate::base::id::{AccountId, ConsentId};

use super::query::{Field, Resource};

/// What lists of authorizations can be asked.
pub const AUTHORIZATIONS: Resource = Resource::of(
    "consents",
    &[
        Field::whole("Id", "id"),
        Field::shown("ResourceUri"),
        Field::shown("User"),
        Field::text("UserId", "account_id"),
        Field::text("GivenBy", "given_by"),
        Field::shown("Scope"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "granted_at"),
    ],
);

/// A permission of somebody for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Its row.
    pub id: ConsentId,
    /// Who allows it.
    pub account_id: AccountId,
    /// What of him may be told.
    pub scope: String,
    /// Who of the staff gave it for him; `None` is he himself.
    pub given_by: Option<String>,
    /// When it was given first.
    pub created_at: Timestamp,
    /// When it was given last.
    pub modified_at: Timestamp,
}
