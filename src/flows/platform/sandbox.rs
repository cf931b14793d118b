//! The sandbox: invented listings, for whoever learns to build on the platform.

use crate::flows::check::{Bearer, Who};
use crate::platform::listing::Listing;
use crate::platform::role::Role;
use crate::platform::sample;

/// Every listing that the token opens, in the order of their keys.
pub fn seen(bearer: &Bearer) -> Vec<Listing> {
    // Nothing that is invented is anybody's own.
    let own_only = matches!(&bearer.who, Who::Personal(token, _) if token.own_data.is_some());
    bearer.role().filter(|_| !own_only).map(sample::seen).unwrap_or_default()
}

/// The data role in which the token acts, where it only matters which fields it opens.
pub fn role(bearer: &Bearer) -> Role {
    // Who has none is let in nowhere; the narrowest is no wider than that.
    bearer.role().unwrap_or(Role::Idx)
}
