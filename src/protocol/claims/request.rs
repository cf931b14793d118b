//! The `claims` parameter of an authorization request.

use serde_json::{Map, Value};

use crate::protocol::scope::Scopes;

use super::table::CLAIMS;

/// The longest `claims` parameter that is read. Units: bytes.
const LONGEST: usize = 8192;

/// Claims asked for one by one; "essential" is taken as advice, as the specification allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimsRequest {
    /// Asked for at the userinfo endpoint.
    pub userinfo: Vec<String>,
    /// Asked for in the ID token.
    pub id_token: Vec<String>,
    /// The one person the client will accept (`id_token.sub.value`).
    pub subject: Option<String>,
    text: String,
}

impl ClaimsRequest {
    /// Reads the parameter; `None` unless it is an object whose members are objects of claims, each `null` or an object.
    ///
    /// Spec: OpenID Connect Core §5.5
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let Value::Object(members) = serde_json::from_str(text).ok()? else { return None };
        Some(Self {
            userinfo: names(&members, "userinfo")?,
            id_token: names(&members, "id_token")?,
            subject: members.get("id_token").and_then(|claims| claims.get("sub")?.get("value")?.as_str()).map(str::to_owned),
            text: text.to_owned(),
        })
    }

    /// The scopes that would open the claims asked for: a claim by name needs the same permission as by its scope.
    pub fn scopes(&self) -> Scopes {
        let asked = |name: &str| self.userinfo.iter().chain(&self.id_token).any(|asked| asked == name);
        CLAIMS.iter().filter(|(name, _)| asked(name)).filter_map(|(_, by)| *by).collect()
    }

    /// The parameter as it came, for the grant's row.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn names(members: &Map<String, Value>, place: &str) -> Option<Vec<String>> {
    match members.get(place) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Object(claims)) if claims.values().all(|wish| wish.is_null() || wish.is_object()) => {
            Some(claims.keys().cloned().collect())
        }
        Some(_) => None,
    }
}
