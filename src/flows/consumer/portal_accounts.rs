//! `/v1/contacts/<Id>/portal`: the portal account of a contact, by which somebody may sign in.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::id::ContactId;
use crate::base::{Fault, Timestamp};
use crate::flows::check::Bearer;
use crate::flows::passwords::{Made, Passwords};
use crate::flows::record::Caller;
use crate::identity::consumer;
use crate::platform::contact::{Contact, PortalAccount};
use crate::platform::form;
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::store::{Conn, consumers, contacts, portals};

use super::contacts::{find, tell};
use super::sign_up::{self, Newcomer, Signup};

/// The contact that is meant: one of the agent's, or a consumer's own.
///
/// Refuses: everybody else's.
fn meant(conn: &mut Conn, bearer: &Bearer, id: Option<&ContactId>) -> Result<Result<Contact, ApiProblem>, Fault> {
    let Some(speaker) = bearer.consumer() else { return find(conn, bearer, id) };
    if id != Some(&speaker.acting.contact_id) {
        return Ok(Err(ApiProblem::not_found()));
    }
    Ok(contacts::get(conn, &speaker.grant.account_id, &speaker.acting.contact_id)?.ok_or(ApiProblem::not_found()))
}

/// The portal account of a contact.
///
/// Refuses: a contact that is not the caller's to see, and one without a portal account. Both are 404, by which programs of the platform
/// learn that there is none.
pub fn get(conn: &mut Conn, bearer: &Bearer, id: Option<&ContactId>) -> Result<Result<AccountRecord, ApiProblem>, Fault> {
    match meant(conn, bearer, id)? {
        Ok(contact) => record(conn, &contact),
        Err(problem) => Ok(Err(problem)),
    }
}

fn record(conn: &mut Conn, contact: &Contact) -> Result<Result<AccountRecord, ApiProblem>, Fault> {
    let Some(account) = &contact.portal else { return Ok(Err(ApiProblem::not_found())) };
    let email = match &contact.consumer_id {
        Some(id) => consumers::get(conn, id)?.map(|kept| kept.consumer.email),
        None => None,
    };
    Ok(Ok(AccountRecord {
        resource_uri: format!("/v1/contacts/{}/portal", contact.id),
        id: contact.id.to_string(),
        owner_id: contact.account_id.to_string(),
        login_name: account.login_name.clone(),
        enabled: account.enabled,
        settings: Settings { enabled: account.enabled.to_string() },
        last_active: contact.last_active.map(Timestamp::iso),
        locale: Locale { language: account.language.clone() },
        identity: Identity { connected: email.is_some(), email: email.unwrap_or_else(|| contact.facts.email.clone()) },
    }))
}

/// What was read of a request's body.
#[derive(Debug, Default)]
struct Read {
    login_name: Option<String>,
    password: Option<String>,
    enabled: Option<bool>,
    language: Option<String>,
}

impl Read {
    fn of(body: &Map<String, Value>) -> Result<Self, ApiProblem> {
        let mut read = Self::default();
        let mut problems = Vec::new();
        for (name, value) in body {
            if let Err(why) = read.take(name, value) {
                problems.push(FieldProblem::of(name, why));
            }
        }
        if problems.is_empty() { Ok(read) } else { Err(ApiProblem::Constraint(problems)) }
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), &'static str> {
        match (name, value) {
            ("LoginName", Value::String(text)) => self.login_name = Some(text.clone()),
            ("Password", Value::String(text)) => self.password = Some(text.clone()),
            ("LoginName" | "Password", _) => return Err("must be text"),
            ("Settings", Value::Object(settings)) if settings.keys().all(|known| known == "Enabled") => {
                // A client of the platform sends and compares the word, not the boolean.
                self.enabled = match settings.get("Enabled") {
                    None => None,
                    Some(Value::Bool(on)) => Some(*on),
                    Some(Value::String(text)) if text == "true" => Some(true),
                    Some(Value::String(text)) if text == "false" => Some(false),
                    Some(_) => return Err("must have Enabled as true or false"),
                };
            }
            ("Locale", Value::Object(locale)) if locale.keys().all(|known| known == "Language") => {
                let fits = |text: &str| (2..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                self.language = match locale.get("Language") {
                    None => None,
                    Some(Value::String(text)) if fits(text) => Some(text.clone()),
                    Some(_) => return Err("must have Language as a tag such as en or en-US"),
                };
            }
            ("Settings", _) => return Err("must hold Enabled and nothing else"),
            ("Locale", _) => return Err("must hold Language and nothing else"),
            _ => return Err("is not an attribute that can be written"),
        }
        Ok(())
    }
}

/// What a request asks for, made fit for the contact.
struct Fit {
    contact: Contact,
    account: PortalAccount,
    address: String,
    password: Option<crate::identity::password::Password>,
}

/// Reads what is asked of the contact's portal account.
///
/// Refuses: an account where one is (1110) or none where one must be (1100), unfit values, and a password for who is connected already.
fn fit(
    conn: &mut Conn,
    bearer: &Bearer,
    id: Option<&ContactId>,
    body: &Map<String, Value>,
    new: bool,
) -> Result<Result<Fit, ApiProblem>, Fault> {
    let contact = match meant(conn, bearer, id)? {
        Ok(contact) => contact,
        Err(problem) => return Ok(Err(problem)),
    };
    match (&contact.portal, new) {
        (Some(_), true) => return Ok(Err(ApiProblem::PortalAccountExists)),
        (None, false) => return Ok(Err(ApiProblem::PortalAccountMissing)),
        _ => {}
    }
    Ok(Read::of(body).and_then(|read| read.applied(contact)))
}

impl Read {
    fn applied(self, contact: Contact) -> Result<Fit, ApiProblem> {
        let named = self.login_name.as_deref().unwrap_or_default();
        // Where nothing else is known to write to, the login name is the address.
        let known = [contact.facts.email.as_str(), named].into_iter().find_map(|text| form::email(text).ok());
        let Some(address) = known else {
            return Err(ApiProblem::Missing(vec![FieldProblem::of("LoginName", "is needed: an e-mail address")]));
        };
        let before = contact.portal.clone();
        let login_name = match (self.login_name.as_deref(), &before) {
            (None, Some(account)) => account.login_name.clone(),
            (said, _) => {
                consumer::login_name(said.unwrap_or_default(), &address).map_err(|why| ApiProblem::constraint("LoginName", why))?
            }
        };
        if contact.consumer_id.is_some() {
            if self.password.is_some() {
                return Err(ApiProblem::constraint("Password", "can be changed by nobody but the person who signs in with it"));
            }
            if before.as_ref().is_some_and(|account| account.login_name != login_name) {
                return Err(ApiProblem::constraint("LoginName", "cannot be changed once someone signs in with it"));
            }
        }
        let check = |text: &String| {
            consumer::password(text, &address, &contact.facts.display_name).map_err(|why| ApiProblem::constraint("Password", why))
        };
        let password = self.password.as_ref().map(check).transpose()?;
        let account = PortalAccount {
            login_name,
            enabled: self.enabled.unwrap_or(before.as_ref().is_none_or(|account| account.enabled)),
            language: self.language.or(before.map(|account| account.language)).unwrap_or_default(),
        };
        Ok(Fit { contact, account, address, password })
    }
}

/// What must be hashed before the account can be written.
///
/// Refuses: what [`put`] refuses.
pub fn prepare(
    conn: &mut Conn,
    bearer: &Bearer,
    id: Option<&ContactId>,
    body: &Map<String, Value>,
    new: bool,
) -> Result<Result<Passwords, ApiProblem>, Fault> {
    Ok(fit(conn, bearer, id, body, new)?.map(|fit| Passwords { compared: None, hashed: fit.password }))
}

/// Makes or changes the contact's portal account. With a password somebody is asked by letter to prove the address: until then nobody can
/// sign in with it, whoever chose it.
///
/// Refuses: see `fit`.
pub fn put(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    id: Option<&ContactId>,
    (body, new, made): (&Map<String, Value>, bool, Made),
) -> Result<Result<AccountRecord, ApiProblem>, Fault> {
    // The agent of whoever speaks, be it the agent or a consumer.
    if let (Some(agent), Some(id)) = (bearer.agent_id(), id) {
        contacts::hold(conn, agent, id)?;
    }
    let fit = match fit(conn, bearer, id, body, new)? {
        Ok(fit) => fit,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    let login_name = fit.account.login_name.clone();
    let mut contact = Contact { portal: Some(fit.account), ..fit.contact };
    if contact.facts.email.is_empty() {
        contact.facts.email.clone_from(&fit.address);
    }
    contacts::change(conn, &contact, now)?;
    if let Some(hash) = &made.hash {
        let portal = portals::of_agent(conn, &contact.account_id)?.map(|portal| portal.display_name).unwrap_or_default();
        let facts = &contact.facts;
        let newcomer = Newcomer {
            email: fit.address,
            login_name,
            name: facts.display_name.clone(),
            given_name: facts.given_name.clone(),
            family_name: facts.family_name.clone(),
            phone: facts.phone.clone(),
            ..Newcomer::default()
        };
        let signup = Signup { agent: Some(contact.account_id.clone()), contact: Some(contact.id.clone()), ..Signup::default() };
        sign_up::begin(app, conn, caller, &newcomer, hash, &signup, &portal)?;
    }
    let enabled = contact.portal.as_ref().is_some_and(|account| account.enabled);
    let event = match (new, enabled) {
        (true, _) => "contact.portal_created",
        (false, true) => "contact.portal_updated",
        (false, false) => "contact.portal_disabled",
    };
    tell(app, conn, bearer, caller, &contact.id, event)?;
    record(conn, &contact)
}

/// The portal account of a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = PortalAccount)]
pub struct AccountRecord {
    /// Where it is.
    pub resource_uri: String,
    /// Its 26 digits: those of the contact.
    pub id: String,
    /// The agent whose contact it is.
    pub owner_id: String,
    /// What they sign in with, besides the address.
    pub login_name: String,
    /// They may sign in at the agent's portal.
    pub enabled: bool,
    /// The same as programs of the platform read it.
    pub settings: Settings,
    /// When they were last here, to the hour.
    pub last_active: Option<String>,
    /// In which language they are spoken to.
    pub locale: Locale,
    /// Who signs in with it.
    pub identity: Identity,
}

/// Settings of a portal account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = PortalAccountSettings)]
pub struct Settings {
    /// The word true or the word false.
    pub enabled: String,
}

/// How somebody is spoken to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = PortalAccountLocale)]
pub struct Locale {
    /// A language tag; empty where nobody said.
    pub language: String,
}

/// Who signs in with a portal account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = PortalAccountIdentity)]
pub struct Identity {
    /// Somebody does.
    pub connected: bool,
    /// Their address, or the one they would prove.
    pub email: String,
}

/// What somebody wants of a portal account; what is not said stays as it is.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = PortalAccountWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What they sign in with, besides the address.
    pub login_name: Option<String>,
    /// Only for who does not sign in yet: a letter asks for the address to be proved before it works.
    pub password: Option<String>,
    /// `{"Enabled": true}` or the word.
    pub settings: Option<Settings>,
    /// `{"Language": "en"}`.
    pub locale: Option<Locale>,
}
