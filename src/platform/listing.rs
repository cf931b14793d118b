//! Listings as lists are asked for them: by which fields each role may filter, sort and select.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::query::{Cell, Field as Asked, Resource};
use super::role::Role;
use super::sample::{self, Field, Kind};

/// A listing, as much of it as somebody may see.
pub type Listing = Map<String, Value>;

/// The member that holds all fields of a listing.
pub const WHOLE: &str = "StandardFields";
/// The most listings of a page for keys that copy in bulk.
const IN_BULK: i64 = 1000;

fn asked(field: &Field) -> Asked {
    match field.kind {
        Kind::Text => Asked::text(field.name, field.name),
        Kind::Number => Asked::whole(field.name, field.name),
        Kind::Flag => Asked::truth(field.name, field.name),
        Kind::Day => Asked::day(field.name, field.name),
    }
}

fn of(role: Role) -> Resource {
    // Made once: what a query names lives as long as the process.
    let own = [Asked::text("Id", "ListingKey"), Asked::shown("ResourceUri"), Asked::shown(WHOLE)];
    let fields: &'static [Asked] = own.into_iter().chain(sample::fields(role).map(asked)).collect::<Vec<_>>().leak();
    Resource::of("", fields)
}

/// What lists of listings can be asked in a role: a field the role does not open is a name that is not known.
pub fn resource(role: Role, in_bulk: bool) -> &'static Resource {
    static RESOURCES: LazyLock<[Resource; 4]> =
        LazyLock::new(|| [of(Role::Idx), of(Role::Idx).most(IN_BULK), of(Role::Private), of(Role::Private).most(IN_BULK)]);
    let [open, open_in_bulk, all, all_in_bulk] = &*RESOURCES;
    match (role == Role::Private, in_bulk) {
        (false, false) => open,
        (false, true) => open_in_bulk,
        (true, false) => all,
        (true, true) => all_in_bulk,
    }
}

/// What a listing has in a field, for whoever compares; what may not be seen is nothing.
pub fn cell(listing: &Listing, field: &str) -> Cell {
    Cell::of(listing.get(field))
}

/// The key of a listing.
pub fn key(listing: &Listing) -> &str {
    listing.get("ListingKey").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::query::{Query, paired};
    use super::*;

    fn found(role: Role, query: &str) -> Vec<Listing> {
        let query = Query::of_list(resource(role, false), &paired(query)).unwrap();
        query.page_of(sample::seen(role), cell).records
    }

    #[test]
    fn listings_are_filtered_and_sorted_by_what_is_seen() {
        let cheap = found(Role::Private, "_filter=ListPrice+Lt+300000+And+StandardStatus+Eq+'Active'&_orderby=-ListPrice&_limit=25");
        let prices: Vec<i64> = cheap.iter().map(|listing| listing["ListPrice"].as_i64().unwrap()).collect();
        assert!(prices.len() > 1 && prices.iter().all(|price| *price < 300_000) && prices.is_sorted_by(|a, b| a >= b), "{prices:?}");
    }

    #[test]
    fn pb_01_no_role_but_private_can_ask_by_a_confidential_field() {
        for role in [Role::Idx, Role::Public, Role::Vow, Role::Portal] {
            for asked in ["_filter=OwnerName+Eq+'x'", "_orderby=OwnerName", "_select=PrivateRemarks"] {
                assert!(Query::of_list(resource(role, false), &paired(asked)).is_err(), "{role} {asked}");
            }
        }
        assert!(Query::of_list(resource(Role::Private, false), &paired("_select=PrivateRemarks")).is_ok());
    }

    #[test]
    fn a_hidden_address_is_found_by_nobody_who_may_not_see_it() {
        let all = found(Role::Private, "_limit=25&_filter=InternetAddressDisplayYN+Eq+false+And+StandardStatus+Eq+'Active'");
        let hidden = all.iter().find(|listing| listing["InternetEntireListingDisplayYN"] == true).unwrap();
        let street = hidden["StreetName"].as_str().unwrap().replace(' ', "+");
        let by_street = format!("_limit=25&_filter=StreetName+Eq+'{street}'");
        assert!(found(Role::Private, &by_street).iter().any(|listing| key(listing) == key(hidden)));
        assert!(!found(Role::Idx, &by_street).iter().any(|listing| key(listing) == key(hidden)));
        assert!(found(Role::Idx, "_limit=25").iter().any(|listing| key(listing) == key(hidden)), "without its address it is there");
    }

    #[test]
    fn who_copies_in_bulk_may_ask_for_more_at_once() {
        assert!(Query::of_list(resource(Role::Idx, false), &paired("_limit=26")).is_err());
        assert!(Query::of_list(resource(Role::Idx, true), &paired("_limit=1000")).is_ok());
    }
}
