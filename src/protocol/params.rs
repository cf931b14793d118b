//! The parameters of a request: each name at most once, each value text, nothing guessed.

use std::fmt;

use percent_encoding::percent_decode;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// More parameters than any request of the protocol needs.
const MOST: usize = 100;

/// What is wrong with a request's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamProblem {
    /// The body or query does not follow its format: bad percent-encoding, not UTF-8, a NUL, not a JSON object.
    Malformed,
    /// More than 100 parameters.
    TooMany,
    /// This name came more than once.
    Repeated(String),
    /// This name came with a number, list, object … where text belongs.
    NotText(&'static str),
    /// This name is needed and did not come.
    Missing(&'static str),
}

/// The parameters of one request, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Params {
    fields: Vec<(String, Given)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Text(String),
    NotText,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` text, strictly.
    ///
    /// Refuses: broken percent-encoding, bytes that are not UTF-8, NUL, more than 100 parameters.
    /// Spec: RFC 6749 Appendix B
    pub fn from_form(text: &[u8]) -> Result<Self, ParamProblem> {
        let params = Self::from_query(text)?;
        if params.fields.iter().any(|(_, given)| *given == Given::NotText) { Err(ParamProblem::Malformed) } else { Ok(params) }
    }

    /// Reads the same where one value that cannot be read must not hide the others: whoever asks for it meets the problem, so that
    /// the authorization endpoint can still say it to the client.
    ///
    /// Refuses: names that cannot be read, more than 100 parameters.
    pub fn from_query(text: &[u8]) -> Result<Self, ParamProblem> {
        let mut fields = Vec::new();
        for pair in text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MOST {
                return Err(ParamProblem::TooMany);
            }
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default()).map_or(Given::NotText, Given::Text);
            fields.push((name, value));
        }
        Ok(Self { fields })
    }

    /// Reads a JSON object, as the platform's own clients send to the token endpoints; members we do not know may hold anything.
    ///
    /// Refuses: anything but an object, NUL in text, more than 100 members, nesting beyond serde_json's 128.
    pub fn from_json(text: &[u8]) -> Result<Self, ParamProblem> {
        let Members(members) = serde_json::from_slice(text).map_err(|_| ParamProblem::Malformed)?;
        if members.len() > MOST {
            return Err(ParamProblem::TooMany);
        }
        if members.iter().any(|(_, given)| matches!(given, Given::Text(text) if text.contains('\0'))) {
            return Err(ParamProblem::Malformed);
        }
        Ok(Self { fields: members })
    }

    /// The value of `name`, if it came; an empty value counts as not sent.
    ///
    /// Spec: RFC 6749 §3.1 (a parameter without a value is treated as omitted; none may come twice)
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, ParamProblem> {
        let mut found = None;
        for (_, given) in self.fields.iter().filter(|(field, _)| field == name) {
            let Given::Text(text) = given else { return Err(ParamProblem::NotText(name)) };
            if found.replace(text.as_str()).is_some() {
                return Err(ParamProblem::Repeated(name.to_owned()));
            }
        }
        Ok(found.filter(|text| !text.is_empty()))
    }

    /// The value of `name`, which must have come.
    pub fn need(&self, name: &'static str) -> Result<&str, ParamProblem> {
        self.one(name)?.ok_or(ParamProblem::Missing(name))
    }

    /// The value of a form's field, if it came exactly once and is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut given = self.fields.iter().filter(|(field, _)| field == name).map(|(_, given)| given);
        match (given.next(), given.next()) {
            (Some(Given::Text(text)), None) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The names that came, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// Whether `name` came at all, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Refuses a request in which any of `names` came twice.
    ///
    /// Spec: RFC 6749 §3.1, §3.2
    pub fn none_repeated(&self, names: &[&str]) -> Result<(), ParamProblem> {
        for name in names {
            if self.fields.iter().filter(|(field, _)| field == name).count() > 1 {
                return Err(ParamProblem::Repeated((*name).to_owned()));
            }
        }
        Ok(())
    }

    /// The fields of these names again as a form, to be carried through the sign-in and consent pages.
    pub fn to_form(&self, names: &[&str]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, given) in &self.fields {
            if let (Given::Text(value), true) = (given, names.contains(&name.as_str())) {
                form.append_pair(name, value);
            }
        }
        form.finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self { fields: pairs.into_iter().map(|(n, v)| (n.into(), Given::Text(v.into()))).collect() }
    }
}

/// Undoes form encoding; a `%` must be followed by two hexadecimal digits.
fn decode(raw: &[u8]) -> Result<String, ParamProblem> {
    let spaced: Vec<u8> = raw.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    let mut rest = spaced.as_slice();
    while let Some(at) = rest.iter().position(|b| *b == b'%') {
        match rest.get(at + 1..at + 3) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => rest = rest.get(at + 3..).unwrap_or_default(),
            _ => return Err(ParamProblem::Malformed),
        }
    }
    let text = String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| ParamProblem::Malformed)?;
    if text.contains('\0') { Err(ParamProblem::Malformed) } else { Ok(text) }
}

/// A JSON object's members in order, a repeated name kept twice so that it can be refused.
struct Members(Vec<(String, Given)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if members.len() > MOST {
                        return Err(de::Error::custom("too many members"));
                    }
                    members.push((name, map.next_value::<Given>()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Self::Text(text),
            // `null` says what an absent member says.
            serde_json::Value::Null => Self::Text(String::new()),
            _ => Self::NotText,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_once_and_strictly() {
        let params = Params::from_form(b"a=1+2&b=%C3%A9&c=&d").unwrap();
        assert_eq!(params.one("a"), Ok(Some("1 2")));
        assert_eq!(params.one("b"), Ok(Some("\u{e9}")));
        assert_eq!(params.one("c"), Ok(None));
        assert_eq!(params.one("d"), Ok(None));
        for bad in ["a=%zz", "a=%c0%af", "a=%00", "a=%", "a=%4", "%ff=1"] {
            assert_eq!(Params::from_form(bad.as_bytes()).unwrap_err(), ParamProblem::Malformed, "{bad}");
        }
    }

    #[test]
    fn mx_04_a_value_that_cannot_be_read_is_that_parameters_problem() {
        for bad in ["%zz", "%c0%af", "%00", "%ed%a0%80", "%4"] {
            let params = Params::from_query(format!("a=1&b={bad}").as_bytes()).unwrap();
            assert_eq!((params.one("a"), params.one("b")), (Ok(Some("1")), Err(ParamProblem::NotText("b"))), "{bad}");
            assert_eq!(Params::from_query(format!("{bad}=1").as_bytes()).unwrap_err(), ParamProblem::Malformed, "{bad}");
        }
    }

    #[test]
    fn a_parameter_that_comes_twice_is_refused_even_with_equal_values() {
        let params = Params::from_form(b"a=1&a=1&b=2").unwrap();
        assert_eq!(params.one("a"), Err(ParamProblem::Repeated("a".into())));
        assert!(params.none_repeated(&["b"]).is_ok());
        let json = Params::from_json(br#"{"a":"1","a":"1"}"#).unwrap();
        assert_eq!(json.one("a"), Err(ParamProblem::Repeated("a".into())));
    }

    #[test]
    fn json_members_we_do_not_ask_for_may_hold_anything() {
        let params = Params::from_json(br#"{"code":"c","expires_at":17,"x":{"y":[1]},"n":null}"#).unwrap();
        assert_eq!(params.need("code"), Ok("c"));
        assert_eq!(params.one("n"), Ok(None));
        assert_eq!(params.one("expires_at"), Err(ParamProblem::NotText("expires_at")));
    }

    #[test]
    fn a_hundred_parameters_are_enough() {
        let form = vec!["a=1"; 101].join("&");
        assert_eq!(Params::from_form(form.as_bytes()).unwrap_err(), ParamProblem::TooMany);
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(Params::from_json(format!("{{\"a\":{deep}}}").as_bytes()).unwrap_err(), ParamProblem::Malformed);
        for bad in ["", "[]", "\"a\"", "{\"a\":\"\\u0000\"}", "{\"a\":1e999999}", "nonsense"] {
            assert_eq!(Params::from_json(bad.as_bytes()).unwrap_err(), ParamProblem::Malformed, "{bad}");
        }
    }
}
