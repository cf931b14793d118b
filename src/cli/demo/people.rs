//! The demo's people. MLSs, offices and persons are invented; their records take the way every roster takes.

use crate::cli::Done;
use crate::cli::failure::Failure;
use crate::flows::operate::Desk;
use crate::flows::operate::add_mls::{MlsFacts, add_mls};
use crate::flows::operate::appoint::appoint;
use crate::flows::operate::import_accounts::{Row, import_accounts};
use crate::flows::operate::set_password::hash;
use crate::identity::password::Password;
use crate::identity::roster::Record;

/// The password of them all.
pub const PASSWORD: &str = "demo-password";

/// Somebody to sign in as.
pub struct Person {
    /// What they sign in with.
    pub login: &'static str,
    /// Name and part, for a person who chooses.
    pub who: &'static str,
    /// Member, Office, Company or Mls.
    pub user_type: &'static str,
    /// Whether they may.
    pub active: bool,
}

const fn person(login: &'static str, who: &'static str, user_type: &'static str, active: bool) -> Person {
    Person { login, who, user_type, active }
}

/// Everybody, the most useful first.
pub const PEOPLE: [Person; 8] = [
    person("cv.ada", "Ada Agent, an agent of Cascade Valley MLS", "Member", true),
    person("cv.summit", "Summit Realty, her office", "Office", true),
    person("cv.summitgroup", "Summit Group, its company", "Company", true),
    person("cv.staff", "Sam Staff, of the MLS itself", "Mls", true),
    person("cv.ben", "Ben Broker, the broker of her office", "Member", true),
    person("hc.mia", "Mia Marsh, an agent of Harbor Coast MLS", "Member", true),
    person("ps.pat", "Pat Platform, of the platform's own staff", "Member", true),
    person("cv.otto", "Otto Old, who may not sign in anymore", "Member", false),
];

const CASCADE: (&str, &str, &str, &str, &str) =
    ("Cascade Valley MLS", "America/Los_Angeles", "/static/mls-cascade-valley.svg", "accent-teal", "support@cascade-valley.example");
const HARBOR: (&str, &str, &str, &str, &str) =
    ("Harbor Coast MLS", "America/New_York", "/static/mls-harbor-coast.svg", "accent-navy", "support@harbor-coast.example");

/// Accounts belong to an MLS; the platform's own staff have one for themselves.
const PLATFORM: (&str, &str, &str, &str, &str) =
    ("Platform Staff", "UTC", "/static/favicon.svg", "accent-navy", "support@platform.example");

type Fields = &'static [(&'static str, &'static str)];

const OF_SUMMIT: Fields = &[
    ("OfficeKey", "20200101000000000000000701"),
    ("OfficeMlsId", "700"),
    ("OfficeName", "Summit Realty"),
    ("Company", "Summit Group"),
    ("CompanyId", "20200101000000000000000702"),
];

/// Each with the fields they share with others.
const CASCADE_ROSTER: [(Fields, Fields); 6] = [
    (
        &[
            ("MemberKey", "1001"),
            ("MemberMlsId", "1001"),
            ("MemberLoginId", "ada"),
            ("MemberFirstName", "Ada"),
            ("MemberMiddleName", "Grace"),
            ("MemberLastName", "Agent"),
            ("MemberNameSuffix", "Jr."),
            ("MemberFullName", "Ada Agent"),
            ("MemberEmail", "ada@summit-realty.example"),
            ("MemberEmail2", "ada.agent@mail.example"),
            ("MemberPreferredPhone", "509-555-0101"),
            ("MemberMobilePhone", "509-555-0102"),
            ("MemberOfficePhone", "509-555-0100"),
            ("MemberStatus", "Active"),
            ("MemberType", "Agent"),
            ("UserLevel", "Full"),
            ("MemberStateLicense", "WA-123456"),
            ("MemberNationalAssociationId", "088001001"),
            ("MemberAOR", "Cascade Valley Association of Realtors"),
            ("MemberAORkey", "A-88"),
            ("MemberPrimaryAorId", "8800"),
            ("MemberPrimaryAorKey", "A-88"),
            ("MemberAddress1", "12 Main Street"),
            ("MemberAddress2", "Suite 3"),
            ("MemberCity", "Wenatchee"),
            ("MemberStateOrProvince", "WA"),
            ("MemberPostalCode", "98801"),
            ("SocialMediaWebsiteUrlOrId", "https://ada.summit-realty.example/"),
            ("Billable", "true"),
        ],
        OF_SUMMIT,
    ),
    (
        &[
            ("MemberKey", "1002"),
            ("MemberMlsId", "1002"),
            ("MemberLoginId", "ben"),
            ("MemberFirstName", "Ben"),
            ("MemberLastName", "Broker"),
            ("MemberEmail", "ben@summit-realty.example"),
            ("MemberPreferredPhone", "509-555-0103"),
            ("MemberStatus", "Active"),
            ("MemberType", "Broker"),
            ("MemberStateLicense", "WA-123457"),
            ("Billable", "true"),
        ],
        OF_SUMMIT,
    ),
    (
        &[
            ("OfficeLoginId", "summit"),
            ("OfficeEmail", "desk@summit-realty.example"),
            ("OfficePhone", "509-555-0100"),
            ("OfficeStatus", "Active"),
            ("OfficeAddress1", "12 Main Street"),
            ("OfficeCity", "Wenatchee"),
            ("OfficeStateOrProvince", "WA"),
            ("OfficePostalCode", "98801"),
        ],
        OF_SUMMIT,
    ),
    (
        &[
            ("OfficeKey", "20200101000000000000000702"),
            ("OfficeMlsId", "70"),
            ("OfficeName", "Summit Group"),
            ("OfficeLoginId", "summitgroup"),
            ("UserType", "Company"),
            ("OfficeEmail", "office@summit-group.example"),
            ("OfficePhone", "509-555-0199"),
            ("OfficeStatus", "Active"),
            ("Company", "Summit Group"),
            ("CompanyId", "20200101000000000000000702"),
        ],
        &[],
    ),
    (
        &[
            ("MemberKey", "9001"),
            ("MemberLoginId", "staff"),
            ("UserType", "Mls"),
            ("MemberFirstName", "Sam"),
            ("MemberLastName", "Staff"),
            ("MemberEmail", "sam@cascade-valley.example"),
            ("MemberPreferredPhone", "509-555-0001"),
            ("MemberStatus", "Active"),
            ("MemberType", "MLS Staff"),
        ],
        &[],
    ),
    (
        &[
            ("MemberKey", "1003"),
            ("MemberMlsId", "1003"),
            ("MemberLoginId", "otto"),
            ("MemberFirstName", "Otto"),
            ("MemberLastName", "Old"),
            ("MemberEmail", "otto@mail.example"),
            ("MemberStatus", "Inactive"),
            ("MemberType", "Agent"),
        ],
        OF_SUMMIT,
    ),
];

const HARBOR_ROSTER: [(Fields, Fields); 1] = [(
    &[
        ("MemberKey", "55"),
        ("MemberMlsId", "55"),
        ("MemberLoginId", "mia"),
        ("MemberFirstName", "Mia"),
        ("MemberLastName", "Marsh"),
        ("MemberEmail", "mia@tidewater.example"),
        ("MemberPreferredPhone", "207-555-0155"),
        ("MemberStatus", "Active"),
        ("MemberType", "Agent"),
        ("OfficeKey", "20200101000000000000000801"),
        ("OfficeMlsId", "8"),
        ("OfficeName", "Tidewater Homes"),
    ],
    &[],
)];

const PLATFORM_ROSTER: [(Fields, Fields); 1] = [(
    &[
        ("MemberKey", "1"),
        ("MemberLoginId", "pat"),
        ("MemberFirstName", "Pat"),
        ("MemberLastName", "Platform"),
        ("MemberEmail", "pat@platform.example"),
        ("MemberStatus", "Active"),
        ("MemberType", "Platform staff"),
    ],
    &[],
)];

/// Sees to it that everybody is there; who is there already keeps what they have.
pub fn invite(desk: &Desk, issuer: &str) -> Done {
    let hash = hash(desk, Password::typed(PASSWORD).ok_or_else(|| Failure::other("the demo's password is too long"))?)?;
    import(desk, CASCADE, ("cv.", issuer), &CASCADE_ROSTER, &hash)?;
    import(desk, HARBOR, ("hc.", issuer), &HARBOR_ROSTER, &hash)?;
    import(desk, PLATFORM, ("ps.", issuer), &PLATFORM_ROSTER, &hash)?;
    appoint(desk, "ps.pat", true)??;
    Ok(())
}

fn import(
    desk: &Desk,
    mls: (&str, &str, &str, &str, &str),
    (prefix, issuer): (&str, &str),
    roster: &[(Fields, Fields)],
    hash: &str,
) -> Done {
    let (name, time_zone, logo, accent, support) = mls;
    let facts = MlsFacts {
        name: name.to_owned(),
        time_zone: Some(time_zone.to_owned()),
        logo: Some(logo.to_owned()),
        accent: Some(accent.to_owned()),
        support: Some(support.to_owned()),
    };
    let mls = add_mls(desk, &facts)??;
    let record = |(own, shared): &(Fields, Fields)| -> Record {
        // Some have a face, which the server keeps itself.
        let login = own.iter().find(|(name, _)| *name == "MemberLoginId").map_or("", |(_, login)| login);
        let face = format!("{issuer}/static/demo-{login}.svg");
        let face = ["ada", "ben", "mia"].contains(&login).then_some(("MediaURL", face.as_str()));
        own.iter().chain(*shared).copied().chain([("PasswordHash", hash)]).chain(face).collect()
    };
    let rows = roster.iter().enumerate().map(|(place, fields)| Row { line: place + 1, record: Ok(record(fields)) }).collect();
    let imported = import_accounts(desk, &mls, prefix, rows, |_| ())?;
    match imported.bad.first() {
        Some(bad) => Err(Failure::other(format!("the demo's people of {name}, {}: {}", bad.line, bad.reason))),
        None => Ok(()),
    }
}
