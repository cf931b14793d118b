//! Keys in the consoles: looking at them, suspending them with a reason, taking them up again; and the developer's word in between.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{KeyId, SuspensionId};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::platform::history::{self, Told};
use crate::flows::platform::staff::Staff;
use crate::flows::record::record;
use crate::flows::tell;
use crate::identity::account::Account;
use crate::mail::Notice;
use crate::platform::change::{self, Action, RecordType};
use crate::platform::hand_issue::Approval;
use crate::platform::identity::Identity;
use crate::platform::lines::KeyLine;
use crate::platform::personal_token::PersonalToken;
use crate::platform::reach::Reach;
use crate::platform::role::Role;
use crate::platform::suspension::{self, Refusal, Standing, Suspension};
use crate::protocol::client::Policy;
use crate::store::audit::Entry;
use crate::store::key_lists;
pub use crate::store::key_lists::Wanted;
use crate::store::keys::{self, Registered};
use crate::store::mlses::{self, Mls};
use crate::store::{Conn, accounts, developer_keys, identities, key_approvals, key_suspensions, personal_tokens};

use super::enter::{Area, Guest};

/// How many suspensions and tokens of a key are shown.
const MOST: i64 = 50;

/// A page of the keys within reach, newest first.
pub fn list(conn: &mut Conn, reach: &Reach, wanted: &Wanted) -> Result<Vec<KeyLine>, Fault> {
    key_lists::keys_page(conn, reach, wanted)
}

/// A key with all that staff may know of it: no secret, no token's value.
pub struct Facts {
    /// The key.
    pub registered: Registered,
    /// Whose it is.
    pub identity: Option<Identity>,
    /// Who issued it.
    pub mls: Option<Mls>,
    /// Its suspensions, newest first, each with the names of who suspended and who took it up again.
    pub suspensions: Vec<(Suspension, String, String)>,
    /// On whose word it was issued by hand, and who did it.
    pub approval: Option<(Approval, String)>,
    /// The enrolment it came from.
    pub enrolment: Option<i64>,
    /// Its tokens, newest first, and for whom they speak.
    pub tokens: Vec<(PersonalToken, Option<Account>)>,
    plan_ended: bool,
}

impl Facts {
    /// The suspension that runs.
    pub fn running(&self) -> Option<&Suspension> {
        self.suspensions.iter().map(|(suspension, ..)| suspension).find(|suspension| suspension.resumed.is_none())
    }

    /// Whether people are asked about it and nobody has checked yet whose it is.
    pub fn can_be_verified(&self) -> bool {
        !self.registered.client.policy.verified && !self.registered.key.has(Role::SingleSession)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            enabled: self.registered.key.enabled,
            running: self.running(),
            plan_ended: self.plan_ended,
            developer_deleted: self.identity.as_ref().is_some_and(|identity| identity.deleted_at.is_some()),
        }
    }
}

/// The key of that row, if it is within reach.
pub fn one(conn: &mut Conn, reach: &Reach, id: KeyId) -> Result<Option<Facts>, Fault> {
    let Some(registered) = keys::get(conn, id)?.filter(|found| reach.covers(found.key.mls_id.as_ref()) && found.key.deleted_at.is_none())
    else {
        return Ok(None);
    };
    let identity = match registered.key.identity_id {
        // Who may see the key may see whose it is.
        Some(identity) => identities::get(conn, &Reach::Everything, identity)?,
        None => None,
    };
    let mls = match &registered.key.mls_id {
        Some(mls) => mlses::get(conn, mls)?,
        None => None,
    };
    let mut suspensions = Vec::new();
    for suspension in key_suspensions::of_key(conn, id, MOST)? {
        let by = name(conn, &suspension.suspended_by)?;
        let resumed_by = suspension.resumed.as_ref().map(|(by, _)| name(conn, by)).transpose()?.unwrap_or_default();
        suspensions.push((suspension, by, resumed_by));
    }
    let approval = match key_approvals::of_key(conn, id)? {
        Some(approval) => {
            let by = name(conn, &approval.recorded_by)?;
            Some((approval, by))
        }
        None => None,
    };
    let plan = key_lists::plan_of(conn, id)?;
    let mut tokens = Vec::new();
    for token in personal_tokens::of_key(conn, id, MOST)? {
        let holder = accounts::get(conn, &token.account_id)?;
        tokens.push((token, holder));
    }
    let (enrolment, plan_ended) = plan.map_or((None, false), |(enrolment, ended)| (Some(enrolment), ended));
    Ok(Some(Facts { registered, identity, mls, suspensions, approval, enrolment, tokens, plan_ended }))
}

/// The name of whoever the audit calls so.
fn name(conn: &mut Conn, actor: &str) -> Result<String, Fault> {
    let account = actor.parse().ok().map(|id| accounts::get(conn, &id)).transpose()?.flatten();
    Ok(account.map_or_else(|| actor.to_owned(), |account| account.profile.name))
}

/// Suspends a key: nobody can use it from this moment on, and its developer is told why. One write.
///
/// Refuses: see [`Refusal`]; `None` where there is no such key within reach.
pub fn suspend(
    app: &App,
    conn: &mut Conn,
    guest: &Guest,
    area: Area,
    id: KeyId,
    reason: &str,
) -> Result<Option<Result<(), Refusal>>, Fault> {
    keys::hold(conn, id)?;
    let Some(facts) = one(conn, &guest.reach(area), id)? else { return Ok(None) };
    if let Err(why) = suspension::may_suspend(facts.standing()) {
        return Ok(Some(Err(why)));
    }
    let now = app.now();
    let new = Suspension {
        id: SuspensionId(app.random.id(now)),
        key_id: id,
        reason: reason.to_owned(),
        suspended_by: guest.account.id.to_string(),
        by_platform: area == Area::Admin,
        suspended_at: now,
        appeal: None,
        resumed: None,
    };
    if !key_suspensions::add(conn, &new)? {
        return Ok(Some(Err(Refusal::Already)));
    }
    keys::set_enabled(conn, id, false, now)?;
    app.keys.forget();
    record(conn, &entry(app, guest, "key.suspended", &facts.registered))?;
    let by = if area == Area::Admin { "the platform's staff".to_owned() } else { guest.account.mls_name.clone() };
    let mut notice = notice(app, &facts, format!("{by} suspended one of your keys. No one can use it until it is reinstated."));
    "Your key is suspended".clone_into(&mut notice.subject);
    notice.facts.push(("Reason", reason.replace('\n', " ")));
    notice.action = Some(("Appeal", format!("{}/developers/keys/{id}/suspension", app.settings.issuer)));
    "If you think it is a mistake, or you fixed the problem, you can appeal on that page.".clone_into(&mut notice.closing);
    send(app, conn, &facts, &notice)?;
    Ok(Some(Ok(())))
}

/// Ends the suspension of a key, and tells its developer. One write.
///
/// Refuses: see [`Refusal`]; `None` where there is no such key within reach.
pub fn resume(app: &App, conn: &mut Conn, guest: &Guest, area: Area, id: KeyId) -> Result<Option<Result<(), Refusal>>, Fault> {
    // Whatever ends it for good meanwhile, by its developer or its plan, is before this look or after this write.
    if let Some((_, Some(identity), ..)) = keys::named(conn, id)? {
        identities::hold(conn, identity)?;
    }
    keys::hold(conn, id)?;
    let Some(facts) = one(conn, &guest.reach(area), id)? else { return Ok(None) };
    let running = match suspension::may_resume(facts.standing(), Guest::side(area)) {
        Ok(running) => running.id,
        Err(why) => return Ok(Some(Err(why))),
    };
    let now = app.now();
    if !key_suspensions::resume(conn, running, guest.account.id.as_str(), now)? {
        return Ok(Some(Err(Refusal::Not)));
    }
    keys::set_enabled(conn, id, true, now)?;
    app.keys.forget();
    record(conn, &entry(app, guest, "key.resumed", &facts.registered))?;
    let mut notice = notice(app, &facts, "one of your keys has been reinstated. Its tokens and secrets are the same as before.".to_owned());
    "Your key can be used again".clone_into(&mut notice.subject);
    send(app, conn, &facts, &notice)?;
    Ok(Some(Ok(())))
}

/// Notes that somebody checked whose application it is, as it stands now: the consent page says so from then on. One write.
///
/// `None` where there is no such key within reach, or nobody is ever asked about it.
pub fn verify(app: &App, conn: &mut Conn, guest: &Guest, area: Area, id: KeyId) -> Result<Option<()>, Fault> {
    // Nobody changes meanwhile what was looked at.
    keys::hold(conn, id)?;
    let Some(facts) = one(conn, &guest.reach(area), id)?.filter(Facts::can_be_verified) else { return Ok(None) };
    let key = &facts.registered.key;
    let policy = Policy { verified: true, ..facts.registered.client.policy.clone() };
    keys::set_policy(conn, id, &policy, app.now())?;
    app.keys.forget();
    record(conn, &entry(app, guest, "key.verified", &facts.registered))?;
    let told = Told {
        action: Action::Update,
        record: RecordType::Key,
        id: id.to_string(),
        mls: key.mls_id.as_ref(),
        identity: key.identity_id,
        key: Some(id),
        values: change::one("Verified", false, true),
    };
    let staff = if area == Area::Admin {
        Staff::of_platform(&guest.account, &guest.caller)
    } else {
        Staff::at_console(&guest.account, &guest.caller)
    };
    history::tell(app, conn, &staff, told)?;
    Ok(Some(()))
}

fn entry(app: &App, guest: &Guest, event: &str, registered: &Registered) -> Entry {
    Entry { subject: Some(registered.key.id.to_string()), client: Some(registered.key.key.clone()), ..guest.entry(app, event) }
}

fn notice(app: &App, facts: &Facts, what: String) -> Notice {
    let key = &facts.registered.key;
    Notice {
        name: facts.identity.as_ref().map(|identity| identity.facts.first_name.clone()).unwrap_or_default(),
        paragraphs: vec![what],
        facts: vec![("Application", key.name.clone()), ("Key", key.key.clone())],
        action: Some(("Open the developer portal", format!("{}/developers", app.settings.issuer))),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    }
}

fn send(app: &App, conn: &mut Conn, facts: &Facts, notice: &Notice) -> Result<(), Fault> {
    match facts.identity.as_ref().map(|identity| identity.facts.email.as_str()).filter(|email| !email.is_empty()) {
        Some(email) => tell::letter(app, conn, notice.letter(email)?),
        None => Ok(()),
    }
}

/// Suspensions that run of a developer's keys, each with the key's name.
pub fn of_mine(conn: &mut Conn, guest: &DeveloperGuest) -> Result<Vec<(Suspension, String)>, Fault> {
    match guest.developer.identity_id {
        Some(identity) => key_suspensions::of_developer(conn, identity, MOST),
        None => Ok(Vec::new()),
    }
}

/// A key of the developer's own, and the suspension of it that runs.
pub fn mine(conn: &mut Conn, guest: &DeveloperGuest, id: KeyId) -> Result<Option<(Registered, Option<Suspension>)>, Fault> {
    let Some(identity) = guest.developer.identity_id else { return Ok(None) };
    if !developer_keys::is_of(conn, id, identity)? {
        return Ok(None);
    }
    let Some(registered) = keys::get(conn, id)? else { return Ok(None) };
    let running = key_suspensions::running(conn, id)?;
    Ok(Some((registered, running)))
}

/// Writes down what the developer says to a suspension, once; who suspended it is told by letter. One write.
///
/// Refuses: see [`Refusal`]; `None` where it is not the developer's key.
pub fn appeal(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: KeyId, words: &str) -> Result<Option<Result<(), Refusal>>, Fault> {
    let Some((registered, running)) = mine(conn, guest, id)? else { return Ok(None) };
    let running = match suspension::may_appeal(running.as_ref()) {
        Ok(running) => running,
        Err(why) => return Ok(Some(Err(why))),
    };
    if !key_suspensions::appeal(conn, running.id, words, app.now())? {
        return Ok(Some(Err(Refusal::Appealed)));
    }
    record(conn, &Entry { client: Some(registered.key.key.clone()), ..guest.entry(app, "key.appealed", &id.to_string()) })?;
    let staff = running.suspended_by.parse().ok().map(|id| accounts::get(conn, &id)).transpose()?.flatten();
    if let Some((staff, to)) = staff.as_ref().and_then(|staff| Some((staff, staff.profile.primary_email()?))) {
        let console = if running.by_platform { "admin" } else { "mls" };
        let notice = Notice {
            subject: "A developer appeals".to_owned(),
            name: staff.profile.name.clone(),
            paragraphs: vec!["the developer of a key you suspended has appealed.".to_owned()],
            facts: vec![
                ("Application", registered.key.name.clone()),
                ("Developer", guest.developer.facts.name()),
                ("Says", words.replace('\n', " ")),
            ],
            action: Some(("View key", format!("{}/{console}/keys/{id}", app.settings.issuer))),
            closing: "It stays suspended until someone reinstates it.".to_owned(),
            site: app.settings.issuer.clone(),
        };
        tell::letter(app, conn, notice.letter(to)?)?;
    }
    Ok(Some(Ok(())))
}
