//! Sample data: invented listings of two invented MLSs, and which of them a role opens. Nothing in here exists.

use serde_json::{Map, Value, json};

use super::role::Role;

/// The invented MLSs; demo keys belong to the first.
pub const MLS_IDS: [&str; 2] = ["20260101000000000000000901", "20260101000000000000000902"];
/// Their names.
pub const MLS_NAMES: [&str; 2] = ["Silver Birch MLS (sample)", "Granite Lake MLS (sample)"];
/// How many listings there are.
pub const COUNT: usize = 48;

/// What kind of value a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// A day.
    Day,
}

/// A field of a listing, as RESO's Data Dictionary and the platform name it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Only for agents, brokers and MLSs.
    pub confidential: bool,
    /// Tells where the home is.
    pub address: bool,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, confidential: false, address: false }
}

const fn confidential(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, confidential: true, address: false }
}

const fn address(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, confidential: false, address: true }
}

/// Every field; the key comes first.
pub const FIELDS: [Field; 32] = [
    field("ListingKey", Kind::Text),
    field("ListingId", Kind::Text),
    field("OriginatingSystemName", Kind::Text),
    field("StandardStatus", Kind::Text),
    field("PropertyType", Kind::Text),
    field("PropertySubType", Kind::Text),
    field("ListPrice", Kind::Number),
    field("ClosePrice", Kind::Number),
    address("StreetNumber"),
    address("StreetName"),
    address("UnparsedAddress"),
    field("City", Kind::Text),
    field("StateOrProvince", Kind::Text),
    field("PostalCode", Kind::Text),
    field("BedroomsTotal", Kind::Number),
    field("BathroomsTotalInteger", Kind::Number),
    field("LivingArea", Kind::Number),
    field("YearBuilt", Kind::Number),
    field("ListingContractDate", Kind::Day),
    field("CloseDate", Kind::Day),
    field("PublicRemarks", Kind::Text),
    field("ListAgentFullName", Kind::Text),
    field("ListOfficeName", Kind::Text),
    field("PhotosCount", Kind::Number),
    field("InternetEntireListingDisplayYN", Kind::Flag),
    field("InternetAddressDisplayYN", Kind::Flag),
    field("VOWEntireListingDisplayYN", Kind::Flag),
    field("VOWAddressDisplayYN", Kind::Flag),
    confidential("PrivateRemarks"),
    confidential("ShowingInstructions"),
    confidential("OwnerName"),
    confidential("LockBoxSerialNumber"),
];

const CITIES: [(&str, &str, &str); 8] = [
    ("Birchford", "WA", "98990"),
    ("Silver Falls", "WA", "98991"),
    ("Elk Meadow", "WA", "98992"),
    ("Harlow", "WA", "98993"),
    ("Granite Lake", "ME", "04990"),
    ("Port Amity", "ME", "04991"),
    ("Stonecove", "ME", "04992"),
    ("Winter Mills", "ME", "04993"),
];
const STREETS: [&str; 7] = ["Alder Lane", "Mill Street", "Orchard Way", "Ridge Road", "Lakeview Drive", "Second Avenue", "Quarry Court"];
const AGENTS: [(&str, &str); 5] = [
    ("Pia Sample", "Birch & Sons Realty"),
    ("Tom Example", "Silver Keys"),
    ("Una Invented", "Granite Homes"),
    ("Vic Madeup", "Lakeside Brokers"),
    ("Wes Nobody", "Harlow Real Estate"),
];
const STATUSES: [&str; 8] = ["Active", "Active", "Active", "Pending", "Active", "Closed", "Active", "Withdrawn"];
const SUBTYPES: [(&str, &str); 4] =
    [("Residential", "Single Family Residence"), ("Residential", "Condominium"), ("Residential", "Townhouse"), ("Land", "Unimproved Land")];

fn pick<T: Copy>(from: &[T], at: usize) -> Option<T> {
    from.get(at % from.len().max(1)).copied()
}

/// The listing of that number, with everything that is known of it.
fn listing(number: usize) -> Map<String, Value> {
    let second = number % 2;
    let (city, state, postal) = pick(&CITIES, second * 4 + number / 2 % 4).unwrap_or_default();
    let street = pick(&STREETS, number).unwrap_or_default();
    let (agent, office) = pick(&AGENTS, number / 3).unwrap_or_default();
    let status = pick(&STATUSES, number / 2).unwrap_or_default();
    let (kind, subtype) = pick(&SUBTYPES, number / 5).unwrap_or_default();
    let land = kind == "Land";
    let price = 189_000 + (number * 37_503) % 940_000 / 500 * 500;
    let house = 100 + number * 7;
    let day = 1 + number % 28;
    let closed = status == "Closed";
    let values = json!({
        "ListingKey": format!("2026010100000000000001{number:04}"),
        "ListingId": format!("S{}-{:05}", if second == 0 { "B" } else { "G" }, 10_000 + number * 13),
        "OriginatingSystemName": pick(&MLS_NAMES, second),
        "StandardStatus": status,
        "PropertyType": kind,
        "PropertySubType": subtype,
        "ListPrice": price,
        "ClosePrice": closed.then(|| price - 4_500),
        "StreetNumber": house.to_string(),
        "StreetName": street,
        "UnparsedAddress": format!("{house} {street}, {city} {state} {postal}"),
        "City": city,
        "StateOrProvince": state,
        "PostalCode": postal,
        "BedroomsTotal": (!land).then_some(1 + number % 5),
        "BathroomsTotalInteger": (!land).then_some(1 + number % 3),
        "LivingArea": (!land).then_some(720 + (number * 97) % 2600),
        "YearBuilt": (!land).then_some(1921 + (number * 11) % 103),
        "ListingContractDate": format!("2026-{:02}-{day:02}", 1 + number % 9),
        "CloseDate": closed.then(|| format!("2026-10-{day:02}")),
        "PublicRemarks": format!("Sample data: this home in {city} is invented, and so is everything about it."),
        "ListAgentFullName": agent,
        "ListOfficeName": office,
        "PhotosCount": 0,
        "InternetEntireListingDisplayYN": number % 6 != 1,
        "InternetAddressDisplayYN": number % 4 != 2,
        "VOWEntireListingDisplayYN": number % 9 != 4,
        "VOWAddressDisplayYN": number % 5 != 3,
        "PrivateRemarks": "Sample data: the sellers would take less.",
        "ShowingInstructions": "Sample data: call an hour ahead, the dog is invented too.",
        "OwnerName": "Olive Owner (invented)",
        "LockBoxSerialNumber": format!("{:06}", 100_000 + number * 71),
    });
    match values {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn flag(listing: &Map<String, Value>, name: &str) -> bool {
    listing.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether somebody in this role sees the listing at all, and whether with its address.
fn display(listing: &Map<String, Value>, role: Role) -> Option<bool> {
    let status = listing.get("StandardStatus").and_then(Value::as_str).unwrap_or_default();
    let offered = matches!(status, "Active" | "Pending");
    let internet = flag(listing, "InternetEntireListingDisplayYN").then(|| flag(listing, "InternetAddressDisplayYN"));
    match role {
        Role::Private => Some(true),
        Role::Portal if offered || status == "Closed" => Some(true),
        Role::Vow if offered || status == "Closed" => {
            flag(listing, "VOWEntireListingDisplayYN").then(|| flag(listing, "VOWAddressDisplayYN"))
        }
        Role::Public if offered => internet,
        Role::Idx if status == "Active" => internet,
        _ => None,
    }
}

/// Which fields a role opens.
pub fn fields(role: Role) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| !field.confidential || role == Role::Private)
}

/// Every listing that a role opens, with what it may be shown of it, in the order of their keys.
///
/// idx: what is active and may stand on public web sites. public: pending ones too. vow: what home buyers who signed in may see, sold ones
/// too. portal: the same whatever the display flags say. private: everything, confidential fields included.
pub fn seen(role: Role) -> Vec<Map<String, Value>> {
    let shown = |number: usize| {
        let whole = listing(number);
        let with_address = display(&whole, role)?;
        let may = fields(role).filter(|field| with_address || !field.address);
        Some(may.filter_map(|field| Some((field.name.to_owned(), whole.get(field.name)?.clone()))).collect())
    };
    (0..COUNT).filter_map(shown).collect()
}

/// The field of that name, if the role opens it.
pub fn named(role: Role, name: &str) -> Option<&'static Field> {
    fields(role).find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(role: Role) -> Vec<String> {
        seen(role).iter().map(|listing| listing["ListingKey"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn each_role_opens_no_more_than_the_wider_ones() {
        let counts: Vec<usize> =
            [Role::Idx, Role::Public, Role::Vow, Role::Portal, Role::Private].into_iter().map(|role| keys(role).len()).collect();
        assert!(counts.is_sorted_by(|a, b| a < b), "{counts:?}");
        assert_eq!(*counts.last().unwrap(), COUNT);
        assert!(counts[0] >= 12, "enough to learn by");
        for (narrow, wide) in [(Role::Idx, Role::Public), (Role::Vow, Role::Portal), (Role::Portal, Role::Private)] {
            let wider = keys(wide);
            assert!(keys(narrow).iter().all(|key| wider.contains(key)), "{narrow} in {wide}");
        }
        assert!(keys(Role::Replication).is_empty() && keys(Role::SingleSession).is_empty());
    }

    #[test]
    fn pb_01_confidential_fields_are_for_private_alone() {
        for role in [Role::Idx, Role::Public, Role::Vow, Role::Portal] {
            for listing in seen(role) {
                for secret in FIELDS.iter().filter(|field| field.confidential) {
                    assert!(!listing.contains_key(secret.name), "{role}: {}", secret.name);
                }
            }
            assert!(named(role, "PrivateRemarks").is_none());
        }
        assert!(seen(Role::Private).iter().all(|listing| listing.contains_key("PrivateRemarks")));
    }

    #[test]
    fn display_flags_hide_listings_and_addresses() {
        for listing in seen(Role::Idx) {
            assert_eq!(listing["InternetEntireListingDisplayYN"], true);
            assert_eq!(listing.contains_key("UnparsedAddress"), listing["InternetAddressDisplayYN"] == true);
        }
        for listing in seen(Role::Vow) {
            assert_eq!(listing["VOWEntireListingDisplayYN"], true);
            assert_eq!(listing.contains_key("StreetName"), listing["VOWAddressDisplayYN"] == true);
        }
        let hidden = |role: Role| seen(role).iter().filter(|listing| !listing.contains_key("UnparsedAddress")).count();
        assert!(hidden(Role::Idx) > 0 && hidden(Role::Vow) > 0 && hidden(Role::Portal) == 0);
    }

    #[test]
    fn every_listing_says_that_it_is_a_sample_and_has_a_key_of_its_own() {
        let all = seen(Role::Private);
        let mut keys: Vec<&str> = all.iter().map(|listing| listing["ListingKey"].as_str().unwrap()).collect();
        assert!(keys.iter().all(|key| key.len() == 26));
        keys.dedup();
        assert_eq!(keys.len(), COUNT);
        for listing in &all {
            assert!(listing["PublicRemarks"].as_str().unwrap().starts_with("Sample data:"));
            assert!(listing["OriginatingSystemName"].as_str().unwrap().ends_with("(sample)"));
            assert_eq!(listing.len(), FIELDS.len());
        }
        for mls in MLS_NAMES {
            assert_eq!(all.iter().filter(|listing| listing["OriginatingSystemName"] == mls).count(), COUNT / 2);
        }
    }
}
