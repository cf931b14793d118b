//! The ways to reach somebody, as records of the API show them: with every member that programs of the platform read.

use serde::Serialize;
use utoipa::ToSchema;

use super::profile::{Email, Image, Phone, Profile, Website};

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Email)]
pub struct EmailRecord {
    /// Its number within the account.
    pub id: String,
    /// Work, Home …
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// The address.
    pub address: String,
    /// The one to write to.
    pub primary: bool,
    /// Whether others are to see it; null, because no roster says so of a single address.
    pub profile_display: Option<bool>,
}

impl EmailRecord {
    /// The record of an address.
    pub fn of(email: &Email) -> Self {
        let Email { id, kind, name, address, primary } = email.clone();
        Self { id, kind, name, address, primary, profile_display: None }
    }
}

/// A telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Phone)]
pub struct PhoneRecord {
    /// Its number within the account.
    pub id: String,
    /// Work, Mobile …
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// As people write it.
    pub number: String,
    /// The one to ring.
    pub primary: bool,
    /// Its parts.
    #[serde(flatten)]
    pub parts: PhoneParts,
}

/// The parts of a telephone number of the North American plan; all empty where the number is of another one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PhoneParts {
    /// The country's, where it is written.
    pub international_code: String,
    /// The first three digits.
    pub area_code: String,
    /// The next three.
    pub prefix: String,
    /// The last four.
    pub line_number: String,
    /// Behind the number.
    pub extension: String,
}

impl PhoneRecord {
    /// The record of a telephone.
    pub fn of(phone: &Phone) -> Self {
        let Phone { id, kind, name, number, primary } = phone.clone();
        Self { parts: PhoneParts::of(&number), id, kind, name, number, primary }
    }
}

impl PhoneParts {
    /// Reads the parts of a number as people write it, such as `+1 (509) 555-0100 ext. 12`.
    pub fn of(number: &str) -> Self {
        let lower = number.to_ascii_lowercase();
        let (main, extension) = match lower.find(['e', 'x', '#']) {
            Some(at) => lower.split_at(at),
            None => (lower.as_str(), ""),
        };
        let plain = |text: &str, signs: &[char]| text.chars().all(|c| c.is_ascii_digit() || signs.contains(&c));
        let extension = extension.trim_start_matches("ext").trim_start_matches(['x', '#']).trim_start_matches(['.', ':', ' ']).trim_end();
        if !plain(main, &['+', ' ', '-', '.', '(', ')', '/']) || !plain(extension, &[]) {
            return Self::default();
        }
        let digits: String = main.chars().filter(char::is_ascii_digit).collect();
        let (country, national) = match digits.strip_prefix('1') {
            Some(national) if digits.len() == 11 => ("1", national),
            _ if main.contains('+') => return Self::default(),
            _ => ("", digits.as_str()),
        };
        match (national.get(..3), national.get(3..6), national.get(6..)) {
            // Neither an area code nor a prefix begins with 0 or 1.
            (Some(area), Some(prefix), Some(line))
                if line.len() == 4 && !area.starts_with(['0', '1']) && !prefix.starts_with(['0', '1']) =>
            {
                Self {
                    international_code: country.to_owned(),
                    area_code: area.to_owned(),
                    prefix: prefix.to_owned(),
                    line_number: line.to_owned(),
                    extension: extension.to_owned(),
                }
            }
            _ => Self::default(),
        }
    }
}

/// A web site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Website)]
pub struct WebsiteRecord {
    /// Its number within the account.
    pub id: String,
    /// A label; empty where nobody gave one.
    pub name: String,
    /// The one to open.
    pub primary: bool,
    /// Where it is.
    pub uri: String,
    /// What kind of site it is; empty where nobody says.
    #[serde(rename = "Type")]
    pub kind: String,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Image)]
pub struct ImageRecord {
    /// Its number within the account.
    pub id: String,
    /// Photo or Logo.
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// Where it is.
    pub uri: String,
}

/// The number of what stands at a place, counted from 1.
fn number(place: usize) -> String {
    (place + 1).to_string()
}

impl Profile {
    /// Its addresses, the primary one first.
    pub fn email_records(&self) -> Vec<EmailRecord> {
        self.emails_primary_first().into_iter().map(EmailRecord::of).collect()
    }

    /// Its telephones.
    pub fn phone_records(&self) -> Vec<PhoneRecord> {
        self.phones.iter().map(PhoneRecord::of).collect()
    }

    /// Its web sites, the primary one first.
    pub fn website_records(&self) -> Vec<WebsiteRecord> {
        let record = |(place, site): (usize, &Website)| WebsiteRecord {
            id: number(place),
            name: String::new(),
            primary: place == 0,
            uri: site.uri.clone(),
            kind: String::new(),
        };
        self.websites.iter().enumerate().map(record).collect()
    }

    /// Its pictures.
    pub fn image_records(&self) -> Vec<ImageRecord> {
        let record = |(place, Image { kind, name, uri }): (usize, &Image)| ImageRecord {
            id: number(place),
            kind: kind.clone(),
            name: name.clone(),
            uri: uri.clone(),
        };
        self.images.iter().enumerate().map(record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(number: &str) -> [String; 5] {
        let PhoneParts { international_code, area_code, prefix, line_number, extension } = PhoneParts::of(number);
        [international_code, area_code, prefix, line_number, extension]
    }

    #[test]
    fn a_number_of_the_north_american_plan_has_its_parts_however_it_is_written() {
        for (number, country, extension) in [
            ("+1 509 555 0100", "1", ""),
            ("1-509-555-0100", "1", ""),
            ("(509) 555-0100", "", ""),
            ("509.555.0100 x12", "", "12"),
            ("5095550100 Ext. 12", "", "12"),
            ("+1 (509) 555-0100 #7", "1", "7"),
        ] {
            assert_eq!(parts(number), [country, "509", "555", "0100", extension].map(str::to_owned), "{number}");
        }
    }

    #[test]
    fn a_number_of_another_plan_is_not_taken_apart() {
        for number in ["", "+44 20 7946 0958", "+49 5095550100", "555 0100", "109 555 0100", "509 155 0100", "509-555-HOME"] {
            assert_eq!(PhoneParts::of(number), PhoneParts::default(), "{number}");
        }
    }
}
