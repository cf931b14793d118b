//! What a data API is told of a token that may pass its gateway.

use crate::base::Fault;
use crate::store::Conn;

use super::check::Bearer;
use super::platform::own_data;

/// What the data API needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passport {
    /// The `client_id`.
    pub key: String,
    members: Vec<(&'static str, String)>,
}

/// The passport of a token that was let in.
pub fn passport(conn: &mut Conn, bearer: &Bearer) -> Result<Passport, Fault> {
    let key = &bearer.registered.key;
    let mut members = Vec::with_capacity(8);
    let mut tell = |name, value: Option<String>| members.extend(value.map(|value| (name, value)));
    tell("x-latchkey-account", bearer.agent_id().map(ToString::to_string));
    tell("x-latchkey-consumer", bearer.consumer().map(|speaker| speaker.acting.consumer_id.to_string()));
    tell("x-latchkey-contact", bearer.consumer().map(|speaker| speaker.acting.contact_id.to_string()));
    tell("x-latchkey-role", bearer.role().map(|role| role.name().to_owned()));
    tell("x-latchkey-mls", bearer.mls_id().map(ToString::to_string));
    tell("x-latchkey-scope", Some(bearer.scope.to_string()).filter(|scope| !scope.is_empty()));
    tell("x-latchkey-template", key.template_id.clone());
    let restriction = own_data::of(conn, bearer)?;
    tell("x-latchkey-restriction", restriction.map(|restriction| serde_json::to_string(&restriction)).transpose().map_err(Fault::broken)?);
    Ok(Passport { key: key.key.clone(), members })
}

impl Passport {
    /// As headers, names in lower case; what is not said has no header.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        std::iter::once(("x-latchkey-key", self.key.as_str())).chain(self.members.iter().map(|(name, value)| (*name, value.as_str())))
    }
}
