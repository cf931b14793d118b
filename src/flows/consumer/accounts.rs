//! Consumers as others keep them: a privileged key makes them, it and the own agent rename them; and what `/v1/my/account` is to one of them.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{ConsumerId, ConsumerSessionId};
use crate::flows::check::Bearer;
use crate::flows::passwords::{Made, Passwords};
use crate::flows::record::{Caller, record};
use crate::identity::consumer::{self, Consumer};
use crate::identity::password::{Password, StoredHash};
use crate::identity::record::Record;
use crate::identity::throttle::Rule;
use crate::platform::access::AccessRefusal;
use crate::platform::body::Body;
use crate::platform::form;
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::role::Role;
use crate::protocol::client::Privilege;
use crate::store::audit::Entry;
use crate::store::grants::OfConsumer;
use crate::store::{Conn, accounts, consumer_sessions, consumers, contacts, grants, throttles};

use super::letters;
use super::oneself::{self, AgentRecord, ConsumerRecord};
use super::sign_up::{self, Newcomer, Signup, actor};

/// Whether an administrator lets the key keep consumers for others.
///
/// Refuses: every other key.
fn privileged(bearer: &Bearer) -> Result<(), ApiProblem> {
    let may = bearer.consumer().is_none() && bearer.registered.client.policy.privileges.contains(&Privilege::Consumers);
    if may { Ok(()) } else { Err(AccessRefusal::NotAtThisLevel.into()) }
}

/// Reads a new consumer.
///
/// Refuses: what is missing or unfit, then a key without the privilege.
fn newcomer(bearer: &Bearer, members: &Map<String, Value>) -> Result<(Newcomer, Password), ApiProblem> {
    const WRITABLE: [&str; 5] = ["LoginName", "Password", "PasswordConfirmation", "Name", "Email"];
    let mut body = Body::of(members, &WRITABLE, &["Id", "ResourceUri"]);
    body.need(&["Password", "PasswordConfirmation", "Name", "Email"]);
    let email = body.text("Email", |text| form::email(text).map_err(|_| "must be one e-mail address")).unwrap_or_default();
    let name = body.text("Name", |text| form::line(text, 128).map_err(|_| "must have 1 to 128 characters")).unwrap_or_default();
    let login_name = body.text("LoginName", |text| consumer::login_name(text, &email)).unwrap_or_else(|| email.clone());
    let password = body.text("Password", |text| consumer::password(text, &email, &name));
    let said = |name: &str| members.get(name).and_then(Value::as_str);
    if said("PasswordConfirmation").is_some() && said("Password") != said("PasswordConfirmation") {
        body.unfit("PasswordConfirmation", "is not the same as Password");
    }
    let (newcomer, password) = body.end((Newcomer { email, login_name, name, ..Newcomer::default() }, password))?;
    privileged(bearer)?;
    password.map(|password| (newcomer, password)).ok_or(ApiProblem::NotJson)
}

/// What must be hashed for a new consumer.
///
/// Refuses: what [`create`] refuses.
pub fn prepare(conn: &mut Conn, bearer: &Bearer, body: &Map<String, Value>) -> Result<Result<Passwords, ApiProblem>, Fault> {
    let (new, password) = match newcomer(bearer, body) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    let taken = match () {
        () if consumers::by_email(conn, &new.email)?.is_some() => Some("Email"),
        () if consumers::by_login(conn, &new.login_name)?.is_some() => Some("LoginName"),
        () => None,
    };
    Ok(match taken {
        Some(name) => Err(ApiProblem::Conflict(vec![FieldProblem::of(name, "is another consumer's")])),
        None => Ok(Passwords { compared: None, hashed: Some(password) }),
    })
}

/// Makes a consumer, who proves the address by a letter before anybody can sign in.
///
/// Refuses: what is missing or unfit, a key without the privilege, and what another consumer has.
pub fn create(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    (body, made): (&Map<String, Value>, Made),
) -> Result<Result<ConsumerRecord, ApiProblem>, Fault> {
    if let Err(problem) = prepare(conn, bearer, body)? {
        return Ok(Err(problem));
    }
    let (new, _) = match newcomer(bearer, body) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    let hash = made.hash.ok_or_else(|| Fault::broken("a password was not hashed"))?;
    let made = sign_up::begin(app, conn, caller, &new, &hash, &Signup::default(), &bearer.registered.key.name)?;
    let refused = || ApiProblem::Conflict(vec![FieldProblem::of("Email", "was written to too often within the hour")]);
    Ok(made.map(|consumer| ConsumerRecord::of(&consumer)).ok_or_else(refused))
}

/// A consumer whom the caller may see: with the privilege, somebody who is a contact of an agent of the caller's MLS; else a contact of
/// the caller's own.
fn visible(conn: &mut Conn, bearer: &Bearer, id: Option<&ConsumerId>) -> Result<Option<(Consumer, bool)>, Fault> {
    let (Some(id), None) = (id, bearer.consumer()) else { return Ok(None) };
    let Some(kept) = consumers::get(conn, id)?.filter(|kept| kept.consumer.may_sign_in()) else { return Ok(None) };
    let own = match bearer.account_id() {
        Some(agent) => contacts::between(conn, id, agent)?.is_some(),
        None => false,
    };
    let privileged = privileged(bearer).is_ok();
    let mut within = false;
    if privileged && let Some(mls) = bearer.mls_id().cloned() {
        for contact in contacts::of_consumer(conn, id)? {
            within |= accounts::get(conn, &contact.account_id)?.is_some_and(|agent| agent.mls_id == mls);
        }
    }
    Ok((own || within).then_some((kept.consumer, within)))
}

/// The agents of a consumer: of the caller's own contact none but the caller, with the privilege those of the caller's MLS.
///
/// Refuses: a consumer whom the caller may not see.
pub fn agents(conn: &mut Conn, bearer: &Bearer, id: Option<&ConsumerId>) -> Result<Result<Vec<AgentRecord>, ApiProblem>, Fault> {
    let Some((consumer, within)) = visible(conn, bearer, id)? else { return Ok(Err(ApiProblem::not_found())) };
    let mls = bearer.mls_id().cloned();
    let seen = |agent: &crate::identity::account::Account| {
        Some(&agent.id) == bearer.account_id() || (within && Some(&agent.mls_id) == mls.as_ref())
    };
    Ok(Ok(oneself::agents_of(conn, &consumer.id)?.iter().filter(|agent| seen(agent)).map(AgentRecord::of).collect()))
}

/// A consumer: the caller's own self, or one whom the caller may see.
///
/// Refuses: every other.
pub fn get(conn: &mut Conn, bearer: &Bearer, id: Option<&ConsumerId>) -> Result<Result<ConsumerRecord, ApiProblem>, Fault> {
    if bearer.consumer().is_some_and(|speaker| Some(&speaker.acting.consumer_id) == id) {
        return oneself::me(conn, bearer);
    }
    Ok(visible(conn, bearer, id)?.map(|(consumer, within)| told(ConsumerRecord::of(&consumer), within)).ok_or(ApiProblem::not_found()))
}

/// A consumer as others see it: when somebody was at the portal of another agent is no agent's business.
fn told(record: ConsumerRecord, within: bool) -> ConsumerRecord {
    ConsumerRecord { last_login_timestamp: record.last_login_timestamp.filter(|_| within), ..record }
}

/// Changes what people call a consumer. Nothing by which somebody signs in can be changed for another, whoever's contact they are.
///
/// Refuses: a consumer whom the caller may not see, every role but private, and every attribute but the name.
pub fn change(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    id: Option<&ConsumerId>,
    body: &Map<String, Value>,
) -> Result<Result<ConsumerRecord, ApiProblem>, Fault> {
    let Some((consumer, within)) = visible(conn, bearer, id)? else { return Ok(Err(ApiProblem::not_found())) };
    if bearer.role() != Some(Role::Private) {
        return Ok(Err(AccessRefusal::NotAtThisLevel.into()));
    }
    match oneself::rename(consumer, body) {
        Ok(consumer) => Ok(Ok(told(oneself::written(app, conn, bearer, caller, consumer)?, within))),
        Err(problem) => Ok(Err(problem)),
    }
}

/// What `/v1/my/account` shows to a consumer's session.
///
/// Refuses: a token that speaks for no consumer.
pub fn record_of(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Record, ApiProblem>, Fault> {
    let consumer = match oneself::own(conn, bearer)? {
        Ok(consumer) => consumer,
        Err(problem) => return Ok(Err(problem)),
    };
    let agent = match bearer.agent_id() {
        Some(id) => accounts::get(conn, id)?,
        None => None,
    };
    Ok(agent.map(|agent| consumer.record(&agent)).ok_or(ApiProblem::Access(AccessRefusal::Over)))
}

/// What a consumer wants of the own account.
struct Change {
    email_updates: Option<bool>,
    password: Option<(Password, Password)>,
}

fn read(consumer: &Consumer, members: &Map<String, Value>) -> Result<Change, ApiProblem> {
    let mut body = Body::of(members, &["GetEmailUpdates", "Password", "PasswordValidation"], &["Id", "Name", "Emails", "UserType"]);
    let email_updates = body.truth("GetEmailUpdates");
    if body.says("Password") || body.says("PasswordValidation") {
        body.need(&["Password", "PasswordValidation"]);
    }
    let new = body.text("Password", |text| consumer::password(text, &consumer.email, &consumer.name));
    let old = body.text("PasswordValidation", |text| Password::typed(text).ok_or("must have at most 1024 bytes"));
    let change = body.end(Change { email_updates, password: old.zip(new) })?;
    let same = members.get("Password").is_some() && members.get("Password") == members.get("PasswordValidation");
    if same { Err(ApiProblem::Reused(vec![FieldProblem::of("Password", "is the one you have")])) } else { Ok(change) }
}

/// What must be compared and hashed before a consumer's account is changed; a guess at the old password is counted as one at signing in.
///
/// Refuses: a token that speaks for no consumer, and what does not fit.
pub fn prepare_own(app: &App, conn: &mut Conn, bearer: &Bearer, body: &Map<String, Value>) -> Result<Result<Passwords, ApiProblem>, Fault> {
    let Some(speaker) = bearer.consumer() else { return Ok(unwritable(body).map(|()| Passwords::default())) };
    let Some(kept) = consumers::get(conn, &speaker.acting.consumer_id)? else { return Ok(Err(ApiProblem::not_found())) };
    let change = match read(&kept.consumer, body) {
        Ok(change) => change,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some((old, new)) = change.password else { return Ok(Ok(Passwords::default())) };
    if throttles::count(conn, Rule::Account, &super::bucket(&kept.consumer.email), app.now())?.is_err() {
        return Ok(Err(wrong()));
    }
    Ok(Ok(Passwords { compared: Some((old, StoredHash::parse(&kept.hash))), hashed: Some(new) }))
}

fn wrong() -> ApiProblem {
    ApiProblem::ProofWrong(vec![FieldProblem::of("PasswordValidation", "is not your password")])
}

/// An account of an MLS is changed at the MLS.
fn unwritable(body: &Map<String, Value>) -> Result<(), ApiProblem> {
    Body::of(body, &[], &[]).end(())
}

/// Changes the account of the consumer a token speaks for. A new password ends everything issued on the old one.
///
/// Refuses: what does not fit, and an old password that is not (1060).
pub fn change_own(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    (body, made): (&Map<String, Value>, Made),
) -> Result<Result<Record, ApiProblem>, Fault> {
    if bearer.consumer().is_none() {
        return match unwritable(body) {
            Ok(()) => crate::flows::platform::my_account::record(conn, bearer),
            Err(problem) => Ok(Err(problem)),
        };
    }
    let consumer = match oneself::own(conn, bearer)? {
        Ok(consumer) => consumer,
        Err(problem) => return Ok(Err(problem)),
    };
    let change = match read(&consumer, body) {
        Ok(change) => change,
        Err(problem) => return Ok(Err(problem)),
    };
    if made.verdict.as_ref().is_some_and(|verdict| !verdict.matches) {
        return Ok(Err(wrong()));
    }
    let consumer = Consumer { email_updates: change.email_updates.unwrap_or(consumer.email_updates), ..consumer };
    oneself::written(app, conn, bearer, caller, consumer.clone())?;
    let said = record_of(conn, bearer)?;
    if let (Some(_), Some(hash)) = (change.password, made.hash) {
        set_password(app, conn, caller, &consumer, &hash, None)?;
    }
    Ok(said)
}

/// Gives a consumer a new password: every session but `kept` and everything issued is over, and the person is told by letter. Within a
/// write.
pub fn set_password(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    consumer: &Consumer,
    hash: &str,
    kept: Option<ConsumerSessionId>,
) -> Result<(), Fault> {
    let now = app.now();
    consumers::set_password(conn, &consumer.id, hash, now)?;
    consumer_sessions::end_all(conn, &consumer.id, kept, now)?;
    grants::end_of_consumer(conn, &consumer.id, OfConsumer::All, now)?;
    throttles::clear(conn, &super::bucket(&consumer.email))?;
    letters::password_changed(app, conn, caller, consumer, now)?;
    record(conn, &Entry { subject: Some(actor(&consumer.id)), ..caller.entry(app, "password.changed", false, now) })
}

/// What a consumer can change of the own account.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = AccountWish, rename_all = "PascalCase")]
pub struct OwnAsked {
    /// Wants letters about new listings.
    pub get_email_updates: Option<bool>,
    /// A new password; everything issued on the old one ends.
    pub password: Option<String>,
    /// The old password.
    pub password_validation: Option<String>,
}

/// A consumer to be made.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewConsumer, rename_all = "PascalCase")]
pub struct Asked {
    /// What they sign in with, besides the address.
    pub login_name: Option<String>,
    /// The password.
    pub password: String,
    /// The password again.
    pub password_confirmation: String,
    /// What people call them.
    pub name: String,
    /// The address, which a letter asks them to prove.
    pub email: String,
}
