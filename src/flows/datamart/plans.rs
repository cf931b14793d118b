//! Plans: what an MLS offers. A change begins the approvals of open enrolments anew; an end ends them, and the keys with them.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{DeveloperId, KeyId, PlanId};
use crate::flows::console::enter::Guest;
use crate::flows::record::{Caller, record};
use crate::flows::tell;
use crate::mail::Notice;
use crate::platform::enrolment::State;
use crate::platform::form::Problems;
use crate::platform::plan::{Content, Plan, Refusal};
use crate::platform::wish::Enrolment;
use crate::store::audit::Entry;
use crate::store::{Conn, developers, enrolments, enrolments_due, keys, plans};

use super::answer;

/// The most open enrolments of a plan that one write goes on with; those beyond are looked at when somebody answers.
const MOST: i64 = 200;

/// Why a plan does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRefusal {
    /// There is no such plan, or it is another MLS's.
    Foreign,
    /// The form, field by field.
    Form(Problems),
    /// The rules of plans say no.
    Rule(Refusal),
    /// Somebody else changed it at the same moment.
    Changed,
}

/// The plans of the MLS whose staff this is in which `part` stands, ended ones too.
pub fn of_mine(conn: &mut Conn, guest: &Guest, part: &str, after: Option<i64>, limit: i64) -> Result<Vec<Plan>, Fault> {
    plans::holding_part(conn, &guest.account.mls_id, part, PlanId(after.unwrap_or(0)), limit)
}

/// One plan of the MLS whose staff this is.
pub fn mine(conn: &mut Conn, guest: &Guest, id: PlanId) -> Result<Option<Plan>, Fault> {
    Ok(plans::get(conn, id)?.filter(|plan| plan.mls_id == guest.account.mls_id))
}

/// Adds a plan. One write.
///
/// Refuses: a form that is not good.
pub fn add(app: &App, conn: &mut Conn, guest: &Guest, typed: Content) -> Result<Result<PlanId, PlanRefusal>, Fault> {
    let content = match typed.check() {
        Ok(content) => content,
        Err(problems) => return Ok(Err(PlanRefusal::Form(problems))),
    };
    let now = app.now();
    let id = PlanId(app.random.small_id(now));
    plans::add(conn, id, &guest.account.mls_id, &content, guest.account.id.as_str(), now)?;
    record(conn, &line(app, guest, "plan.published", id))?;
    Ok(Ok(id))
}

/// Publishes another version: every open enrolment begins its approvals anew. One write.
///
/// Refuses: see [`PlanRefusal`].
pub fn publish(app: &App, conn: &mut Conn, guest: &Guest, id: PlanId, typed: Content) -> Result<Result<i64, PlanRefusal>, Fault> {
    let Some(plan) = mine(conn, guest, id)? else { return Ok(Err(PlanRefusal::Foreign)) };
    let content = match typed.check() {
        Ok(content) => content,
        Err(problems) => return Ok(Err(PlanRefusal::Form(problems))),
    };
    let version = match plan.publish(&content) {
        Ok(version) => version,
        Err(why) => return Ok(Err(PlanRefusal::Rule(why))),
    };
    if !plans::publish(conn, &plan, &content, guest.account.id.as_str(), app.now())? {
        return Ok(Err(PlanRefusal::Changed));
    }
    for enrolment in enrolments::outdated(conn, id, &content.digest(), MOST)? {
        answer::renewed(app, conn, &enrolment)?;
    }
    record(conn, &line(app, guest, "plan.published", id))?;
    Ok(Ok(version))
}

/// Ends a plan: the keys that came of it open nothing from this moment on; those who enrolled are told soon after. One write.
///
/// Refuses: see [`PlanRefusal`].
pub fn end(app: &App, conn: &mut Conn, guest: &Guest, id: PlanId) -> Result<Result<(), PlanRefusal>, Fault> {
    let Some(plan) = mine(conn, guest, id)? else { return Ok(Err(PlanRefusal::Foreign)) };
    if let Err(why) = plan.end() {
        return Ok(Err(PlanRefusal::Rule(why)));
    }
    let now = app.now();
    if !plans::end(conn, id, now)? {
        return Ok(Err(PlanRefusal::Changed));
    }
    // However many they are, they are told one by one afterwards.
    enrolments_due::end_of_plan(conn, id, now)?;
    app.keys.forget();
    record(conn, &line(app, guest, "plan.ended", id))?;
    Ok(Ok(()))
}

/// Goes on with an enrolment whose plan was ended: an open one is over, and whose key was switched off is told. Inside the caller's write.
pub fn close(app: &App, conn: &mut Conn, plan: &Plan, enrolment: &Enrolment) -> Result<(), Fault> {
    if enrolment.progress.state.is_open() {
        answer::renewed(app, conn, enrolment)?;
        return Ok(());
    }
    // Two who look at once tell it once.
    let Some(key) = enrolment.key_id.filter(|_| enrolment.progress.state == State::Issued) else { return Ok(()) };
    if !enrolments_due::rest(conn, enrolment.id)? {
        return Ok(());
    }
    switched_off(app, conn, plan, key, enrolment.developer_id)?;
    let client = keys::named(conn, key)?.map(|(_, _, _, client)| client);
    let entry = Caller::default().entry(app, "key.disabled", false, app.now());
    record(conn, &Entry { reason: Some("plan_ended".to_owned()), subject: Some(key.to_string()), client, ..entry })
}

/// Tells a developer that the plan was ended from which a key came.
fn switched_off(app: &App, conn: &mut Conn, plan: &Plan, key: KeyId, developer: DeveloperId) -> Result<(), Fault> {
    let (Some((developer, _)), Some((_, _, name, client_id))) = (developers::get(conn, developer)?, keys::named(conn, key)?) else {
        return Ok(());
    };
    let notice = Notice {
        subject: "A plan was ended: your key is switched off".to_owned(),
        name: developer.facts.name(),
        paragraphs: vec![format!("{} ended the plan that one of your keys came from. No one can use the key anymore.", plan.mls_name)],
        facts: vec![("Application", name), ("Key", client_id), ("Plan", plan.content.name.clone())],
        action: Some(("See what the MLS offers now", format!("{}/appstore/datamart/{}", app.settings.issuer, plan.mls_id))),
        closing: String::new(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)
}

fn line(app: &App, guest: &Guest, event: &str, id: PlanId) -> Entry {
    Entry {
        actor: Some(guest.account.id.to_string()),
        subject: Some(format!("plan:{id}")),
        session: Some(guest.session.id.to_string()),
        ..guest.caller.entry(app, event, false, app.now())
    }
}
