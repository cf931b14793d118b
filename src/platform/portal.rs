//! An agent's portal: the site on which home buyers sign in with that agent.

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use crate::base::Timestamp;
use crate::base::id::{AccountId, PortalId};

use super::form;
use super::naming;
use super::problem::{ApiProblem, FieldProblem};

/// The longest name. Units: characters.
const LONGEST: usize = 40;
/// What a portal is named whose display name has no letter or digit of the ASCII alphabet.
const NAMELESS: &str = "portal";

/// What signing up at a portal asks for besides name and address of mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Required {
    /// Where they live.
    pub address: bool,
    /// Where to ring.
    pub phone: bool,
}

impl Required {
    /// The words, as the API lists them.
    pub fn words(self) -> Vec<&'static str> {
        [(self.address, "Address"), (self.phone, "Phone")].into_iter().filter_map(|(asked, word)| asked.then_some(word)).collect()
    }

    /// Reads the words; `None` where one is unknown.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut required = Self::default();
        for word in words {
            match word {
                "Address" => required.address = true,
                "Phone" => required.phone = true,
                _ => return None,
            }
        }
        Some(required)
    }
}

/// A portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// The platform's 26 digits.
    pub id: PortalId,
    /// The agent whose it is.
    pub account_id: AccountId,
    /// The path element of its sign-in page: lower case, made from the display name, nobody else's.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// People may sign in at it.
    pub enabled: bool,
    /// What signing up asks for.
    pub required: Required,
    /// When it was made.
    pub created_at: Timestamp,
    /// When any of it last changed.
    pub modified_at: Timestamp,
}

/// The name that is made from a display name: ASCII letters and digits in lower case, accents taken off, all else left out.
pub fn name_of(display_name: &str) -> String {
    let plain = display_name.nfkd().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    let name: String = plain.take(LONGEST).collect();
    if name.is_empty() { NAMELESS.to_owned() } else { name }
}

/// The `n`th name that may be tried for a display name, from 0: `adashomes`, `adashomes2`, `adashomes3` …
pub fn candidate(display_name: &str, n: u32) -> String {
    let name = name_of(display_name);
    if n == 0 { name } else { format!("{name}{}", n + 1) }
}

/// Whether a portal of that name keeps it under this display name.
pub fn keeps_name(name: &str, display_name: &str) -> bool {
    name.strip_prefix(name_of(display_name).as_str()).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// What somebody wants of a portal; what is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// What people are to call it.
    pub display_name: Option<String>,
    /// Whether people may sign in at it.
    pub enabled: Option<bool>,
    /// What signing up asks for.
    pub required: Option<Required>,
}

impl Wish {
    /// Reads the body of a request.
    ///
    /// Refuses: attributes that cannot be written, and values that do not fit (1053).
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ApiProblem> {
        let mut problems = Vec::new();
        let mut wish = Self::default();
        for (name, value) in body {
            let wrong = match (name.as_str(), value) {
                ("DisplayName", Value::String(text)) => match form::line(text, 128) {
                    Ok(line) if naming::passes_for_ours(&line) => Some(naming::REFUSED),
                    Ok(line) => {
                        wish.display_name = Some(line);
                        None
                    }
                    Err(_) => Some("must have 1 to 128 characters"),
                },
                ("Enabled", Value::Bool(enabled)) => {
                    wish.enabled = Some(*enabled);
                    None
                }
                ("RequiredFields", Value::Array(words)) => {
                    wish.required = words.iter().map(Value::as_str).collect::<Option<Vec<_>>>().and_then(Required::parse);
                    wish.required.is_none().then_some("must be a list of Address, Phone, both or neither")
                }
                ("DisplayName", _) => Some("must be text"),
                ("Enabled", _) => Some("must be true or false"),
                ("RequiredFields", _) => Some("must be a list of Address, Phone, both or neither"),
                _ => Some("is not an attribute that can be written"),
            };
            problems.extend(wrong.map(|why| FieldProblem::of(name, why)));
        }
        if problems.is_empty() { Ok(wish) } else { Err(ApiProblem::Constraint(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Wish, ApiProblem> {
        Wish::parse(body.as_object().unwrap())
    }

    #[test]
    fn a_name_is_made_of_the_letters_and_digits_of_the_display_name() {
        for (display, name) in [
            ("Ada's Homes", "adashomes"),
            ("Señor Peña Nº 7", "senorpenano7"),
            ("\u{ff21}\u{ff24}\u{ff21}", "ada"),
            ("家", "portal"),
            ("../../etc/passwd", "etcpasswd"),
        ] {
            assert_eq!(name_of(display), name, "{display}");
        }
        assert_eq!((candidate("Ada", 0), candidate("Ada", 1)), ("ada".into(), "ada2".into()));
        assert!(keeps_name("ada2", "ADA!") && keeps_name("ada", "Ada") && !keeps_name("adas", "Ada"));
    }

    #[test]
    fn what_a_portal_is_to_be_is_read_strictly() {
        let wish = read(&json!({ "DisplayName": " Ada's Homes ", "Enabled": false, "RequiredFields": ["Phone", "Address"] })).unwrap();
        assert_eq!(wish.display_name.as_deref(), Some("Ada's Homes"));
        assert_eq!(wish.required.unwrap().words(), ["Address", "Phone"]);
        assert_eq!(read(&json!({})), Ok(Wish::default()));
        for (bad, attribute) in [
            (json!({ "DisplayName": "" }), "DisplayName"),
            (json!({ "DisplayName": 7 }), "DisplayName"),
            (json!({ "DisplayName": "L\u{430}tchkey Homes" }), "DisplayName"),
            (json!({ "Enabled": "yes" }), "Enabled"),
            (json!({ "RequiredFields": ["Email"] }), "RequiredFields"),
            (json!({ "RequiredFields": "Phone" }), "RequiredFields"),
            (json!({ "Name": "mine" }), "Name"),
            (json!({ "OwnerId": "1" }), "OwnerId"),
        ] {
            let Err(ApiProblem::Constraint(problems)) = read(&bad) else { panic!("{bad}") };
            assert_eq!(problems[0].attribute, attribute);
        }
    }

    proptest! {
        #[test]
        fn a_name_always_fits_a_path(display in ".{0,80}", n in 0..20_u32) {
            let name = candidate(&display, n);
            prop_assert!((1..=50).contains(&name.len()));
            prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            prop_assert!(keeps_name(&name, &display));
        }
    }
}
