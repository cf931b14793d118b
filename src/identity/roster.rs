//! Rosters: what an MLS's record of a person or office means here. Records have the shape of RESO's `Member` and `Office`.

use std::collections::BTreeMap;

use url::Url;

use crate::base::text::readable;

use super::account::{UserType, login_key};
use super::password::StoredHash;
use super::profile::{Address, Email, Image, Phone, Profile, Website};

/// The longest text of one field. Units: characters.
pub const LONGEST: usize = 256;
/// The longest web address of one field. Units: characters.
const LONGEST_URI: usize = 2048;

/// One record: its fields by name, where upper and lower case do not count; an empty field is no field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record(BTreeMap<String, String>);

impl<K: AsRef<str>, V: Into<String>> FromIterator<(K, V)> for Record {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.as_ref().trim().to_lowercase(), value.into())).collect())
    }
}

impl Record {
    /// The first of these fields that has a text, as it may be shown.
    fn text(&self, names: &[&str]) -> String {
        self.raw(names).map(|text| readable(text, LONGEST)).unwrap_or_default()
    }

    fn raw(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.0.get(&name.to_lowercase())).map(|text| text.trim()).find(|text| !text.is_empty())
    }

    /// A text by which something is found again: cut short it would be another's.
    fn exact(&self, names: &[&str]) -> Result<Option<String>, String> {
        let Some(text) = self.raw(names) else { return Ok(None) };
        if text.chars().count() > LONGEST || readable(text, LONGEST) != text {
            return Err(format!("{} is too long or has characters that cannot be seen", first(names)));
        }
        Ok(Some(text.to_owned()))
    }

    fn switch(&self, name: &str, unless_given: bool) -> Result<bool, String> {
        match self.raw(&[name]).map(str::to_lowercase).as_deref() {
            None => Ok(unless_given),
            Some("true" | "1" | "yes" | "y") => Ok(true),
            Some("false" | "0" | "no" | "n") => Ok(false),
            Some(_) => Err(format!("{name} is neither true nor false")),
        }
    }

    fn uri(&self, names: &[&str]) -> Result<Option<String>, String> {
        let Some(text) = self.raw(names) else { return Ok(None) };
        let good =
            text.len() <= LONGEST_URI && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        if good { Ok(Some(text.to_owned())) } else { Err(format!("{} is not a web address", first(names))) }
    }

    fn email(&self, names: &[&str]) -> Result<Option<String>, String> {
        let Some(text) = self.raw(names) else { return Ok(None) };
        if is_email(text) { Ok(Some(text.to_owned())) } else { Err(format!("{} is not an e-mail address", first(names))) }
    }
}

fn first<'a>(names: &[&'a str]) -> &'a str {
    names.first().copied().unwrap_or_default()
}

/// Whether a letter could be addressed so: one `@`, something readable before it, a dotted name behind it.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && local.bytes().all(|b| b.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&b))
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// An account as a roster tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterAccount {
    /// By which the MLS knows it: the same key is the same account.
    pub roster_key: String,
    /// What it signs in with.
    pub login_name: String,
    /// What it stands for.
    pub user_type: UserType,
    /// May use the platform.
    pub active: bool,
    /// A hash from another system.
    pub password_hash: Option<String>,
    /// The rest.
    pub profile: Profile,
}

/// Reads a record; `login_prefix` goes before every login name that does not have it already.
///
/// Refuses: a record without key, login name or name, a hash that is not understood, an address that is none; with the field's name.
/// Spec: RESO Data Dictionary (Member, Office)
pub fn account(record: &Record, login_prefix: &str) -> Result<RosterAccount, String> {
    let member_key = record.exact(&["MemberKey"])?;
    let office_key = record.exact(&["OfficeKey"])?;
    let is_member = member_key.is_some();
    let user_type = match record.raw(&["UserType"]) {
        Some(word) => word.parse().map_err(|why| format!("UserType {why}"))?,
        None if is_member => UserType::Member,
        None => UserType::Office,
    };
    let roster_key = match (member_key, office_key) {
        (Some(key), _) => format!("member:{key}"),
        (None, Some(key)) => format!("office:{key}"),
        (None, None) => return Err("it has neither MemberKey nor OfficeKey".to_owned()),
    };
    let logins: &[&str] = if is_member { &["MemberLoginId", "MemberMlsId"] } else { &["OfficeLoginId", "OfficeMlsId"] };
    let login = record.exact(logins)?.ok_or_else(|| format!("it has no {}", first(logins)))?;
    let login_name = if login_key(&login).starts_with(&login_key(login_prefix)) { login } else { format!("{login_prefix}{login}") };
    let status = record.text(&[if is_member { "MemberStatus" } else { "OfficeStatus" }]);
    let profile = if is_member { member(record)? } else { office(record)? };
    if profile.name.is_empty() {
        return Err(format!("it has no {}", if is_member { "MemberFullName" } else { "OfficeName" }));
    }
    let password_hash = record.raw(&["PasswordHash"]).map(str::to_owned);
    if password_hash.as_deref().is_some_and(|hash| StoredHash::parse(hash).is_none()) {
        return Err("PasswordHash is no bcrypt or argon2 hash that is taken here".to_owned());
    }
    Ok(RosterAccount {
        roster_key,
        login_name,
        user_type,
        active: status.is_empty() || status.eq_ignore_ascii_case("active"),
        password_hash,
        profile,
    })
}

fn member(record: &Record) -> Result<Profile, String> {
    let (first, middle, last) = (record.text(&["MemberFirstName"]), record.text(&["MemberMiddleName"]), record.text(&["MemberLastName"]));
    let full = record.text(&["MemberFullName"]);
    let name = if full.is_empty() { joined(&[&first, &middle, &last], " ") } else { full };
    let phones = [
        ("Work", "MemberPreferredPhone"),
        ("Mobile", "MemberMobilePhone"),
        ("Office", "MemberOfficePhone"),
        ("Direct", "MemberDirectPhone"),
        ("Home", "MemberHomePhone"),
    ];
    Ok(Profile {
        name,
        first_name: first,
        middle_name: middle,
        last_name: last,
        name_suffix: record.text(&["MemberNameSuffix"]),
        member_type: record.text(&["MemberType"]),
        member_mls_id: record.text(&["MemberMlsId"]),
        member_nrds_id: record.text(&["MemberNationalAssociationId"]),
        member_state_license: record.text(&["MemberStateLicense"]),
        member_aor: record.text(&["MemberAOR"]),
        member_aor_key: record.text(&["MemberAORkey"]),
        member_primary_aor_id: record.text(&["MemberPrimaryAorId"]),
        member_primary_aor_key: record.text(&["MemberPrimaryAorKey"]),
        emails: emails(&[("Work", record.email(&["MemberEmail"])?), ("Home", record.email(&["MemberEmail2", "MemberHomeEmail"])?)]),
        phones: numbers(record, &phones),
        designations: listed(&record.text(&["MemberDesignation"])),
        addresses: address(record, "Member"),
        ..shared(record)?
    })
}

fn office(record: &Record) -> Result<Profile, String> {
    Ok(Profile {
        name: record.text(&["OfficeName"]),
        emails: emails(&[("Work", record.email(&["OfficeEmail"])?)]),
        phones: numbers(record, &[("Work", "OfficePhone")]),
        addresses: address(record, "Office"),
        ..shared(record)?
    })
}

/// What records of both kinds say alike.
fn shared(record: &Record) -> Result<Profile, String> {
    let image = |kind: &str, names: &[&str]| {
        let uri = record.uri(names)?;
        Ok::<_, String>(uri.map(|uri| Image { kind: kind.to_owned(), name: kind.to_owned(), uri }))
    };
    let photo = image("Photo", &["MediaURL", "MemberPhotoURL", "Photo"])?;
    let logo = image("Logo", &["OfficeLogoURL", "Logo"])?;
    let website = record.uri(&["SocialMediaWebsiteUrlOrId", "Website"])?;
    Ok(Profile {
        user_level: record.text(&["UserLevel"]),
        office: record.text(&["OfficeName"]),
        office_id: record.text(&["OfficeKey"]),
        office_mls_id: record.text(&["OfficeMlsId"]),
        company: record.text(&["Company", "CompanyName"]),
        company_id: record.text(&["CompanyId", "CompanyKey", "MainOfficeKey"]),
        websites: website.into_iter().map(|uri| Website { uri }).collect(),
        images: photo.into_iter().chain(logo).collect(),
        visible: record.switch("Visible", true)?,
        billable: record.switch("Billable", false)?,
        ..Profile::default()
    })
}

/// The first address is the one to write to.
fn emails(given: &[(&str, Option<String>)]) -> Vec<Email> {
    let given = given.iter().filter_map(|(kind, address)| address.as_ref().map(|address| (*kind, address)));
    let email = |(place, (kind, address)): (usize, (&str, &String))| Email {
        id: (place + 1).to_string(),
        kind: kind.to_owned(),
        name: format!("{kind} e-mail"),
        address: address.clone(),
        primary: place == 0,
    };
    given.enumerate().map(email).collect()
}

/// The first number is the one to ring; a number given twice is told once.
fn numbers(record: &Record, fields: &[(&str, &str)]) -> Vec<Phone> {
    let mut phones: Vec<Phone> = Vec::new();
    for (kind, field) in fields {
        let number = record.text(&[field]);
        if !number.is_empty() && phones.iter().all(|phone| phone.number != number) {
            let (id, primary) = ((phones.len() + 1).to_string(), phones.is_empty());
            phones.push(Phone { id, kind: (*kind).to_owned(), name: format!("{kind} phone"), number, primary });
        }
    }
    phones
}

fn address(record: &Record, whose: &str) -> Vec<Address> {
    let part = |name: &str| record.text(&[&format!("{whose}{name}")]);
    let region = joined(&[&part("StateOrProvince"), &part("PostalCode")], " ");
    let address = joined(&[&part("Address1"), &part("Address2"), &part("City"), &region], ", ");
    if address.is_empty() { Vec::new() } else { vec![Address { address }] }
}

/// Words parted by commas.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn joined(parts: &[&str], between: &str) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &[(&str, &str)] = &[
        ("MemberKey", "M-1001"),
        ("MemberMlsId", "1001"),
        ("MemberLoginId", "ada"),
        ("MemberFirstName", "Ada"),
        ("MemberLastName", "Agent"),
        ("MemberEmail", "ada@summit.example"),
        ("MemberPreferredPhone", "509-555-0101"),
        ("MemberMobilePhone", "509-555-0101"),
        ("MemberDesignation", "ABR, CRS"),
        ("MemberAddress1", "12 Main St"),
        ("MemberCity", "Wenatchee"),
        ("MemberStateOrProvince", "WA"),
        ("MemberPostalCode", "98801"),
        ("OfficeKey", "O-7"),
        ("OfficeName", "Summit Realty"),
        ("MemberStatus", "Active"),
    ];

    fn with(changes: &[(&str, &str)]) -> Result<RosterAccount, String> {
        account(&ADA.iter().chain(changes).copied().collect(), "cv.")
    }

    #[test]
    fn a_member_record_becomes_an_account() {
        let ada = with(&[]).unwrap();
        assert_eq!(
            (ada.roster_key.as_str(), ada.login_name.as_str(), ada.user_type, ada.active),
            ("member:M-1001", "cv.ada", UserType::Member, true)
        );
        assert_eq!((ada.profile.name.as_str(), ada.profile.primary_email()), ("Ada Agent", Some("ada@summit.example")));
        assert_eq!(ada.profile.phones.len(), 1, "the same number twice is one");
        assert_eq!(ada.profile.designations, ["ABR", "CRS"]);
        assert_eq!(ada.profile.addresses[0].address, "12 Main St, Wenatchee, WA 98801");
        assert_eq!((ada.profile.office.as_str(), ada.profile.office_id.as_str()), ("Summit Realty", "O-7"));
    }

    #[test]
    fn an_office_record_becomes_an_account_of_its_own() {
        let fields =
            [("OfficeKey", "O-7"), ("OfficeName", "Summit Realty"), ("OfficeLoginId", "cv.summit"), ("OfficeEmail", "desk@summit.example")];
        let office = account(&fields.into_iter().collect(), "cv.").unwrap();
        assert_eq!(
            (office.roster_key.as_str(), office.login_name.as_str(), office.user_type),
            ("office:O-7", "cv.summit", UserType::Office)
        );
        let company = account(&fields.into_iter().chain([("UserType", "company")]).collect(), "").unwrap();
        assert_eq!(company.user_type, UserType::Company);
    }

    #[test]
    fn a_status_other_than_active_is_inactive() {
        assert!(with(&[("MemberStatus", "")]).unwrap().active);
        assert!(with(&[("MemberStatus", "ACTIVE")]).unwrap().active);
        assert!(!with(&[("MemberStatus", "Suspended")]).unwrap().active);
    }

    #[test]
    fn a_bad_field_is_named_and_never_repeated() {
        for (field, value, expected) in [
            ("MemberEmail", "canary", "MemberEmail is not an e-mail address"),
            ("MemberEmail", "canary@x.example\r\nBcc: b@x.example", "MemberEmail is not an e-mail address"),
            ("MemberEmail", "a@b@x.example", "MemberEmail is not an e-mail address"),
            ("MediaURL", "javascript:canary", "MediaURL is not a web address"),
            ("PasswordHash", "canary", "PasswordHash is no bcrypt or argon2 hash that is taken here"),
            ("UserType", "canary", "UserType must be Member, Office, Company or Mls"),
            ("Visible", "canary", "Visible is neither true nor false"),
            ("MemberLoginId", "ada\u{202e}canary", "MemberLoginId is too long or has characters that cannot be seen"),
        ] {
            assert_eq!(with(&[(field, value)]).unwrap_err(), expected);
        }
        assert!(with(&[("MemberLoginId", &"x".repeat(257))]).is_err());
        assert!(account(&Record::default(), "").unwrap_err().contains("neither MemberKey nor OfficeKey"));
        assert_eq!(
            account(&[("MemberKey", "1"), ("MemberFullName", "A")].into_iter().collect(), "").unwrap_err(),
            "it has no MemberLoginId"
        );
        assert_eq!(account(&[("MemberKey", "1"), ("MemberMlsId", "1")].into_iter().collect(), "").unwrap_err(), "it has no MemberFullName");
    }

    #[test]
    fn long_texts_are_cut_and_hashes_of_other_systems_are_kept() {
        let ada =
            with(&[("OfficeName", &"é".repeat(500)), ("PasswordHash", "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW")])
                .unwrap();
        assert_eq!(ada.profile.office.chars().count(), LONGEST);
        assert!(ada.password_hash.is_some());
    }
}
