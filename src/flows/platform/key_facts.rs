//! What somebody wants of a key, read against the rules of the platform and of the protocol: the same ones as at every other door.

use serde_json::{Map, Value, json};

use crate::base::Seconds;
use crate::base::id::AccountId;
use crate::platform::body::Body;
use crate::platform::change::Values;
use crate::platform::form;
use crate::platform::key::{AuthType, check_application_uri, check_roles};
use crate::platform::naming::{self, passes_for_ours};
use crate::platform::problem::ApiProblem;
use crate::platform::restriction;
use crate::platform::role::Role;
use crate::protocol::client::{ClientKind, OwnLifetimes, Policy, SigningAlgorithm};
use crate::protocol::redirect::RedirectUri;
use crate::store::key_records::State;
use crate::store::keys::Registered;

/// The longest name of an application. Units: characters.
const LONGEST_NAME: usize = 128;
/// The longest note. Units: characters.
const LONGEST_COMMENTS: usize = 4000;
/// How many places answers may go to.
const MOST_URIS: usize = 20;
/// How many MLSs a key may name.
const MOST_MLSES: usize = 500;

/// What only keys of type OAuth2 have.
const OAUTH_ONLY: [&str; 13] = [
    "RedirectUri",
    "ApplicationUri",
    "MultipleMls",
    "MlsIds",
    "TemplateId",
    "Comments",
    "Kind",
    "RedirectUris",
    "OpenIDEnabled",
    "RequirePkce",
    "RequiresAuthorization",
    "IdTokenSignedResponseAlg",
    "Lifetimes",
];
/// What every key has.
const OF_ALL: [&str; 6] = ["Name", "Type", "Roles", "Enabled", "PermittedIPAddresses", "PermittedUserAgents"];
/// What can only be read.
const SHOWN: [&str; 10] =
    ["Id", "ResourceUri", "IdentityId", "Key", "Secret", "Editable", "Deleted", "LastActive", "CreatedTimestamp", "ModificationTimestamp"];
/// The members of `Lifetimes`, and the longest each may be. Units: seconds.
const LIFETIMES: [(&str, i64); 5] =
    [("Code", 600), ("AccessToken", 2_147_483), ("RefreshSliding", 315_360_000), ("RefreshAbsolute", 315_360_000), ("IdToken", 2_147_483)];

/// What an administrator lets the caller write besides.
#[derive(Debug, Clone, Copy)]
pub struct Leave {
    /// Which MLSs a key serves.
    pub several: bool,
    /// Keys of type `SparkApiAuth`.
    pub signing: bool,
}

/// What is said of a key once, and what can be written later.
pub struct Wanted {
    /// How it signs in.
    pub auth_type: AuthType,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// The rest.
    pub state: State,
}

/// What every reading needs to know.
struct Terms<'a> {
    auth_type: AuthType,
    kind: ClientKind,
    leave: Leave,
    own: Option<&'a AccountId>,
}

/// Reads a new key that `own` issues.
///
/// Refuses: 1050 where something needed is missing, 1053 where anything is unfit, unknown or not to be written.
pub fn create(members: &Map<String, Value>, leave: Leave, own: Option<&AccountId>) -> Result<Wanted, ApiProblem> {
    let writable = [&OF_ALL[..], &OAUTH_ONLY[..]].concat();
    let mut body = Body::of(members, &writable, &SHOWN);
    body.need(&["Name", "Type"]);
    let known = body.text("Type", |text| {
        text.parse::<AuthType>().ok().filter(|kind| leave.signing || *kind == AuthType::OAuth2).ok_or("must be OAuth2")
    });
    let auth_type = known.unwrap_or(AuthType::OAuth2);
    let kind = kind(&mut body).unwrap_or(ClientKind::Confidential);
    if auth_type == AuthType::OAuth2 {
        body.need(if body.says("RedirectUris") { &["ApplicationUri"] } else { &["RedirectUri", "ApplicationUri"] });
    }
    let mut state = State {
        name: String::new(),
        redirect_uris: Vec::new(),
        application_uri: String::new(),
        multiple_mls: false,
        mls_ids: own.into_iter().cloned().collect(),
        roles: Vec::new(),
        template_id: None,
        enabled: true,
        openid_enabled: true,
        comments: String::new(),
        addresses: Vec::new(),
        agents: Vec::new(),
        policy: Policy::default(),
    };
    if auth_type == AuthType::SparkApiAuth {
        state.policy.grant_types.clear();
        state.policy.response_types.clear();
    }
    let nothing = |name| body.value(name).is_none_or(Value::is_null);
    if nothing("Roles") && nothing("TemplateId") {
        body.missing("Roles", "is needed, unless there is a TemplateId");
    }
    write(&mut state, &mut body, &Terms { auth_type, kind, leave, own });
    body.end(Wanted { auth_type, kind, state })
}

/// Reads what is to become of a key; what is not said stays.
///
/// Refuses: 1053 where anything is unfit, unknown or not to be written.
pub fn change(registered: &Registered, members: &Map<String, Value>, leave: Leave) -> Result<State, ApiProblem> {
    let writable = [&OF_ALL[..], &OAUTH_ONLY[..]].concat();
    let mut body = Body::of(members, &writable, &SHOWN);
    let terms = Terms { auth_type: registered.key.auth_type, kind: registered.client.kind, leave, own: registered.key.mls_id.as_ref() };
    body.text("Type", |text| if text == terms.auth_type.name() { Ok(()) } else { Err("cannot be changed; make another key") });
    if kind(&mut body).is_some_and(|said| said != terms.kind) {
        body.unfit("Kind", "cannot be changed; make another key");
    }
    let mut state = state(registered);
    write(&mut state, &mut body, &terms);
    body.end(state)
}

fn kind(body: &mut Body<'_>) -> Option<ClientKind> {
    body.text("Kind", |text| text.parse::<ClientKind>().map_err(|_| "must be confidential or public"))
}

fn write(state: &mut State, body: &mut Body<'_>, terms: &Terms<'_>) {
    if let Some(name) = body.text("Name", |text| name(text, &state.name)) {
        state.name = name;
    }
    if let Some(enabled) = body.truth("Enabled") {
        state.enabled = enabled;
    }
    for (attribute, target, check) in [
        ("PermittedIPAddresses", &mut state.addresses, restriction::addresses as fn(&[&str]) -> Result<Vec<String>, String>),
        ("PermittedUserAgents", &mut state.agents, restriction::agents),
    ] {
        match body.texts(attribute).map(|entries| check(&entries)) {
            Some(Ok(list)) => *target = list,
            Some(Err(why)) => body.unfit(attribute, why),
            None => {}
        }
    }
    if terms.auth_type == AuthType::OAuth2 {
        write_oauth(state, body, terms);
    } else {
        for name in OAUTH_ONLY {
            if body.says(name) {
                body.unfit(name, "is for keys of type OAuth2 only");
            }
        }
    }
    if let Some(entries) = body.texts("Roles") {
        match roles(&entries) {
            Ok(roles) => state.roles = roles,
            Err(why) => body.unfit("Roles", why),
        }
    }
    let (roles, template) = (body.says("Roles"), body.says("TemplateId"));
    if let Err(why) = check_roles(&state.roles, state.template_id.as_deref())
        && (roles || template)
    {
        body.unfit("Roles", why);
    }
}

fn write_oauth(state: &mut State, body: &mut Body<'_>, terms: &Terms<'_>) {
    redirects(&mut state.redirect_uris, body, terms.kind);
    if let Some(uri) = body.text("ApplicationUri", |text| check_application_uri(text).map(|()| text.to_owned())) {
        state.application_uri = uri;
    }
    several(state, body, terms);
    if body.value("TemplateId").is_some_and(Value::is_null) {
        state.template_id = None;
    } else if let Some(id) = body.text("TemplateId", |text| text.parse::<AccountId>().map_err(|_| "must be the 26 digits of a template")) {
        state.template_id = Some(id.to_string());
    }
    if let Some(comments) = body.text("Comments", comments) {
        state.comments = comments;
    }
    for (attribute, target) in [
        ("OpenIDEnabled", &mut state.openid_enabled),
        ("RequirePkce", &mut state.policy.require_pkce),
        ("RequiresAuthorization", &mut state.policy.requires_authorization),
    ] {
        if let Some(truth) = body.truth(attribute) {
            *target = truth;
        }
    }
    let algorithm = |text: &str| text.parse::<SigningAlgorithm>().map_err(|_| "must be RS256, ES256 or EdDSA");
    if let Some(algorithm) = body.text("IdTokenSignedResponseAlg", algorithm) {
        state.policy.id_token_signed_response_alg = algorithm;
    }
    let before = state.policy.lifetimes;
    if let Some(lifetimes) = body.read("Lifetimes", |value| lifetimes(before, value)) {
        state.policy.lifetimes = lifetimes;
    }
}

/// What the operator once named stays as it is: whoever changes something else of such a key sends its name as well.
fn name(text: &str, before: &str) -> Result<String, &'static str> {
    let shown = form::line(text, LONGEST_NAME).map_err(|_| "must have 1 to 128 characters")?;
    if shown != before && passes_for_ours(&shown) { Err(naming::REFUSED) } else { Ok(shown) }
}

fn comments(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    form::paragraphs(text, LONGEST_COMMENTS).map_err(|_| "must have at most 4000 characters")
}

fn roles(entries: &[&str]) -> Result<Vec<Role>, String> {
    let mut roles: Vec<Role> = Vec::new();
    for entry in entries {
        let role = entry.parse().map_err(|_| format!("must be a list of roles: {}", Role::ALL.map(Role::name).join(", ")))?;
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    Ok(roles)
}

/// `RedirectUri` is the first of `RedirectUris`: whoever writes the one leaves the others, whoever writes the list replaces it.
fn redirects(uris: &mut Vec<String>, body: &mut Body<'_>, kind: ClientKind) {
    let check = |text: &str| match RedirectUri::register(text, kind) {
        Ok(uri) => Ok(uri.as_str().to_owned()),
        Err(why) => Err(why.to_string()),
    };
    let one = body.text("RedirectUri", check);
    match body.texts("RedirectUris").map(|texts| texts.into_iter().map(check).collect::<Result<Vec<_>, _>>()) {
        Some(Ok(list)) if list.is_empty() || list.len() > MOST_URIS => {
            body.unfit("RedirectUris", format!("must have 1 to {MOST_URIS} entries"));
        }
        Some(Ok(list)) if one.is_some() && one.as_ref() != list.first() => body.unfit("RedirectUris", "must begin with the RedirectUri"),
        Some(Ok(list)) => *uris = list,
        Some(Err(why)) => body.unfit("RedirectUris", format!("has an entry that {why}")),
        None => match (one, uris.first_mut()) {
            (Some(uri), Some(first)) => *first = uri,
            (Some(uri), None) => uris.push(uri),
            (None, _) => {}
        },
    }
}

/// Without several MLSs a key is for people of the one that issued it.
fn several(state: &mut State, body: &mut Body<'_>, terms: &Terms<'_>) {
    if !terms.leave.several {
        return unchanged(state, body);
    }
    let wrong = || "must be a list of the 26 digits of MLSs".to_owned();
    let ids = body.texts("MlsIds").map(|texts| texts.iter().map(|text| text.parse::<AccountId>()).collect::<Result<Vec<_>, _>>());
    let ids = match ids {
        Some(Ok(ids)) if ids.len() <= MOST_MLSES => Some(ids),
        Some(_) => return body.unfit("MlsIds", wrong()),
        None => None,
    };
    let before = state.multiple_mls;
    state.multiple_mls = body.truth("MultipleMls").unwrap_or(before);
    match (state.multiple_mls, ids) {
        (true, Some(ids)) if !ids.is_empty() => state.mls_ids = ids,
        (true, None) if before => {}
        (true, _) => body.unfit("MlsIds", "must name the MLSs where MultipleMls is true"),
        (false, Some(ids)) if !ids.is_empty() => body.unfit("MlsIds", "must be empty where MultipleMls is not true"),
        (false, _) if before => state.mls_ids = terms.own.into_iter().cloned().collect(),
        (false, _) => {}
    }
}

/// Whoever may not write which MLSs a key serves may still say what is so: programs send a whole record back.
fn unchanged(state: &State, body: &mut Body<'_>) {
    const WHY: &str = "takes a special permission to write";
    if body.truth("MultipleMls").is_some_and(|said| said != state.multiple_mls) {
        body.unfit("MultipleMls", WHY);
    }
    let shown: &[AccountId] = if state.multiple_mls { &state.mls_ids } else { &[] };
    if body.texts("MlsIds").is_some_and(|said| !said.iter().copied().eq(shown.iter().map(AccountId::as_str))) {
        body.unfit("MlsIds", WHY);
    }
}

fn lifetimes(before: OwnLifetimes, value: &Value) -> Result<OwnLifetimes, String> {
    let members = match value {
        Value::Null => return Ok(OwnLifetimes::default()),
        Value::Object(members) => members,
        _ => return Err("must be an object".to_owned()),
    };
    let names = || LIFETIMES.map(|(name, _)| name).join(", ");
    let mut lifetimes = before;
    for (name, value) in members {
        let (_, longest) = LIFETIMES.into_iter().find(|(known, _)| known == name).ok_or_else(|| format!("may have {}", names()))?;
        let seconds = match value.as_i64() {
            None if value.is_null() => None,
            Some(seconds) if (1..=longest).contains(&seconds) => Some(Seconds(seconds)),
            _ => return Err(format!("must have 1 to {longest} seconds in {name}, or null")),
        };
        let target = match name.as_str() {
            "Code" => &mut lifetimes.code,
            "AccessToken" => &mut lifetimes.access_token,
            "RefreshSliding" => &mut lifetimes.refresh_sliding,
            "RefreshAbsolute" => &mut lifetimes.refresh_absolute,
            _ => &mut lifetimes.id_token,
        };
        *target = seconds;
    }
    Ok(lifetimes)
}

/// What can be written of a key, as it is.
pub fn state(registered: &Registered) -> State {
    let (key, client) = (&registered.key, &registered.client);
    State {
        name: key.name.clone(),
        redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        application_uri: key.application_uri.clone(),
        multiple_mls: key.multiple_mls,
        mls_ids: key.mls_ids.clone(),
        roles: key.roles.clone(),
        template_id: key.template_id.clone(),
        enabled: key.enabled,
        openid_enabled: client.openid_enabled,
        comments: key.comments.clone(),
        addresses: key.restrictions.addresses(),
        agents: key.restrictions.agents().to_vec(),
        policy: client.policy.clone(),
    }
}

/// The same as the history tells it; there is no secret in it.
pub fn told(state: &State) -> Values {
    let State { policy, .. } = state;
    let mut values = Values::from_iter([
        ("Name".to_owned(), json!(state.name)),
        ("RedirectUri".to_owned(), json!(state.redirect_uris.first())),
        ("ApplicationUri".to_owned(), json!(state.application_uri)),
        ("MultipleMls".to_owned(), json!(state.multiple_mls)),
        ("Roles".to_owned(), json!(state.roles)),
        ("TemplateId".to_owned(), json!(state.template_id)),
        ("Enabled".to_owned(), json!(state.enabled)),
        ("OpenIDEnabled".to_owned(), json!(state.openid_enabled)),
        ("Comments".to_owned(), json!(state.comments)),
        ("PermittedIPAddresses".to_owned(), json!(state.addresses)),
        ("PermittedUserAgents".to_owned(), json!(state.agents)),
        ("RequirePkce".to_owned(), json!(policy.require_pkce)),
        ("Verified".to_owned(), json!(policy.verified)),
        ("RequiresAuthorization".to_owned(), json!(policy.requires_authorization)),
        ("IdTokenSignedResponseAlg".to_owned(), json!(policy.id_token_signed_response_alg)),
        ("Lifetimes".to_owned(), lifetimes_told(policy.lifetimes)),
    ]);
    if state.redirect_uris.len() > 1 {
        values.insert("RedirectUris".to_owned(), json!(state.redirect_uris));
    }
    if state.multiple_mls {
        values.insert("MlsIds".to_owned(), json!(state.mls_ids));
    }
    values
}

fn lifetimes_told(own: OwnLifetimes) -> Value {
    let each = [own.code, own.access_token, own.refresh_sliding, own.refresh_absolute, own.id_token];
    let said = LIFETIMES.iter().zip(each).filter_map(|((name, _), seconds)| Some(((*name).to_owned(), Value::from(seconds?.0))));
    Value::Object(said.collect())
}
