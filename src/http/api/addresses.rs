//! The one table of the API's addresses. What is not in it is not mounted; what is in it is in the document and in the test that
//! walks every address with every method as everybody.

use super::address::Address;
use super::{
    appstore_users, authorizations, consumers, contacts, domains, identities, keys, listings, my_account, my_contact, openapi,
    personal_tokens, portal, roles, secrets, system, templates, usage,
};

/// Every address under `/v1/`, resource by resource; each resource declares its own beside its handlers.
pub const ADDRESSES: &[&[Address]] = &[
    my_account::ADDRESSES,
    my_contact::ADDRESSES,
    contacts::ADDRESSES,
    consumers::ADDRESSES,
    portal::ADDRESSES,
    system::ADDRESSES,
    identities::ADDRESSES,
    keys::ADDRESSES,
    secrets::ADDRESSES,
    authorizations::ADDRESSES,
    domains::ADDRESSES,
    personal_tokens::ADDRESSES,
    roles::ADDRESSES,
    templates::ADDRESSES,
    usage::ADDRESSES,
    appstore_users::ADDRESSES,
    listings::ADDRESSES,
    openapi::ADDRESSES,
];

/// Every address.
pub fn all() -> impl Iterator<Item = &'static Address> {
    ADDRESSES.iter().copied().flatten()
}
