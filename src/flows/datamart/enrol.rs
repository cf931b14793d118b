//! Enrolling in a plan: what it will take, and sending it.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{EnrolmentId, PlanId, StepId};
use crate::flows::platform::{generic_agent, own_data};
use crate::flows::record::record;
use crate::identity::account::{Account, UserType};
use crate::platform::approval::{Missing, Place, Step};
use crate::platform::enrolment::{Progress, State};
use crate::platform::form::Problems;
use crate::platform::plan::{Offered, Plan};
use crate::platform::wish::{Enrolment, Happening, Kind, Typed, Wish};
use crate::protocol::client::ClientKind;
use crate::protocol::redirect::RedirectUri;
use crate::store::{Conn, accounts, developers, enrolments, payment_accounts, plans};

use super::enter::{DeveloperGuest, actor};
use super::proceed::{self, Actor};
use super::{budget, chain};

/// How many enrolments of a developer are looked at for one that is the same.
const MOST: i64 = 500;

/// Up to `limit` MLSs with a plan on offer whose name holds `part`, with how many plans they offer.
pub fn search(conn: &mut Conn, part: &str, limit: i64) -> Result<Vec<(crate::base::id::AccountId, String, i64)>, Fault> {
    plans::offering(conn, part, limit)
}

/// The plans that an MLS offers.
pub fn offered(conn: &mut Conn, mls: &crate::base::id::AccountId) -> Result<Vec<Plan>, Fault> {
    plans::of_mls(conn, mls, false, PlanId(0), 100)
}

/// A plan that is on offer.
pub fn plan(conn: &mut Conn, id: PlanId) -> Result<Option<Plan>, Fault> {
    Ok(plans::get(conn, id)?.filter(|plan| plan.ended_at.is_none()))
}

/// What a plan said when it was enrolled in.
pub fn content(conn: &mut Conn, enrolment: &Enrolment) -> Result<Option<(Plan, crate::platform::plan::Content)>, Fault> {
    let Some(plan) = plans::get(conn, enrolment.plan_id)? else { return Ok(None) };
    Ok(plans::version(conn, enrolment.plan_id, enrolment.version)?.map(|content| (plan, content)))
}

/// The approvals that an enrolment in this plan needs, in their order, as far as they are known before it is said for whom.
pub fn needed(plan: &Plan) -> Vec<Place> {
    match plan.content.offered {
        Offered::Generic => vec![Place::Association],
        Offered::Named | Offered::Either => Place::ALL.to_vec(),
    }
}

/// Whether an invoice account is on file, without which nobody enrols.
pub fn can_pay(conn: &mut Conn, guest: &DeveloperGuest) -> Result<bool, Fault> {
    Ok(payment_accounts::get(conn, guest.developer.id)?.is_some())
}

/// A developer's enrolments, newest first, before the row `before`.
pub fn mine(conn: &mut Conn, guest: &DeveloperGuest, before: Option<i64>, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    enrolments::of_developer(conn, guest.developer.id, EnrolmentId(before.unwrap_or(i64::MAX)), limit)
}

/// One of a developer's enrolments, with its timeline.
pub fn one(conn: &mut Conn, guest: &DeveloperGuest, id: EnrolmentId) -> Result<Option<(Enrolment, Vec<Happening>)>, Fault> {
    let Some(found) = enrolments::of(conn, guest.developer.id, id)? else { return Ok(None) };
    let timeline = enrolments::timeline(conn, id)?;
    Ok(Some((found, timeline)))
}

/// Why an enrolment is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such plan on offer.
    NoPlan,
    /// No invoice account is on file.
    NoPayment,
    /// The form, field by field.
    Form(Problems),
}

/// Sends an enrolment: the first of the chain is asked. One write.
///
/// Refuses: see [`Refusal`].
pub fn submit(
    app: &App,
    conn: &mut Conn,
    guest: &DeveloperGuest,
    id: PlanId,
    typed: &Typed,
) -> Result<Result<EnrolmentId, Refusal>, Fault> {
    let now = app.now();
    // Nobody ends the plan between this look and the enrolment.
    plans::hold(conn, id)?;
    // Of two that he sends at once, the later one sees the earlier one.
    if !developers::held(conn, guest.developer.id)?.is_some_and(|developer| developer.may_build()) {
        return Ok(Err(Refusal::NoPlan));
    }
    let Some(plan) = plan(conn, id)? else { return Ok(Err(Refusal::NoPlan)) };
    if !can_pay(conn, guest)? {
        return Ok(Err(Refusal::NoPayment));
    }
    let wish = match Wish::parse(typed, &plan.content, plan.version) {
        Ok(wish) => wish,
        Err(problems) => return Ok(Err(Refusal::Form(problems))),
    };
    let refuse = |field: &'static str, sentence: String| {
        let mut problems = Problems::default();
        problems.note(field, sentence);
        Ok(Err(Refusal::Form(problems)))
    };
    if let Some(Err(why)) = wish.redirect_uri.as_ref().map(|uri| RedirectUri::register(uri, ClientKind::Confidential)) {
        return refuse("redirect_uri", format!("This address {why}."));
    }
    let subject = match &wish.login {
        None => None,
        Some(login) => match named(app, conn, guest, &plan, login)? {
            Ok(account) => Some(account),
            Err(sentence) => return refuse("login", sentence),
        },
    };
    if let (Some(own), Some(account)) = (wish.own_data, &subject)
        && own_data::owner(account, own).is_none()
    {
        return refuse("own_data", format!("{} has no such listings of its own.", account.profile.name));
    }
    let places = match chain::of(conn, &plan.mls_id, subject.as_ref())? {
        Ok(places) => places,
        Err(Missing::Broker) => {
            return refuse("login", format!("No one at that office can approve as broker. Please ask {}.", plan.mls_name));
        }
        Err(Missing::Staff) => {
            return refuse("application", format!("No one at {} can approve here. Please contact them.", plan.mls_name));
        }
    };
    let account_id = subject.as_ref().map(|account| account.id.clone());
    let earlier = enrolments::of_developer(conn, guest.developer.id, EnrolmentId(i64::MAX), MOST)?;
    let same = |other: &&Enrolment| other.plan_id == plan.id && other.account_id == account_id && other.wish.own_data == wish.own_data;
    let running = |other: &&Enrolment| other.progress.state.is_open() || other.progress.state == State::Issued;
    if earlier.iter().filter(same).any(|other| running(&other)) {
        return refuse("application", "You are already enrolled in this plan for the same people; see your enrollments.".to_owned());
    }
    if !budget::enrolment(app, conn, guest.developer.id)? {
        let sentence = format!(
            "You have sent {} enrollments today, which is the daily limit. This one was not sent; try again tomorrow.",
            budget::ENROLMENTS
        );
        return refuse("application", sentence);
    }
    let steps = places
        .into_iter()
        .map(|(place, addressees)| Step { id: StepId(app.random.small_id(now)), place, addressees, approved: None })
        .collect();
    let content = plan.content.digest();
    let enrolment = Enrolment {
        id: EnrolmentId(app.random.small_id(now)),
        developer_id: guest.developer.id,
        plan_id: plan.id,
        version: plan.version,
        mls_id: plan.mls_id.clone(),
        account_id,
        wish,
        progress: Progress::begin(steps, &content, now),
        accepted_version: plan.version,
        accepted_at: now,
        revision: 1,
        closed_at: None,
        reason: None,
        key_id: None,
        revealed_at: None,
    };
    enrolments::add(conn, &enrolment)?;
    let by = by(guest);
    proceed::line(app, conn, enrolment.id, Kind::Submitted, None, &by, "")?;
    if let Some(place) = enrolment.progress.waits_for().map(|step| step.place) {
        proceed::ask(app, conn, &enrolment, &plan, place, false)?;
    }
    record(conn, &guest.entry(app, "enrolment.submitted", &format!("enrolment:{}", enrolment.id)))?;
    Ok(Ok(enrolment.id))
}

/// A developer as the one who does something.
pub fn by(guest: &DeveloperGuest) -> Actor {
    Actor { name: guest.developer.facts.name(), id: Some(actor(&guest.developer)), caller: guest.caller.clone() }
}

/// The account somebody enrols for; what is tried is counted, and nothing but time resets that. `Err` is the sentence beside the field.
fn named(app: &App, conn: &mut Conn, guest: &DeveloperGuest, plan: &Plan, login: &str) -> Result<Result<Account, String>, Fault> {
    if !budget::login(app, conn, guest.developer.id, &guest.caller)? {
        return Ok(Err("You have reached today's limit of login names. Try again tomorrow.".to_owned()));
    }
    let found = accounts::by_login(conn, login)?.map(|(account, _)| account);
    let fits = |account: &Account| {
        account.mls_id == plan.mls_id
            && account.active
            && account.user_type != UserType::Mls
            && !account.login_name.starts_with(generic_agent::ROSTER_KEY)
    };
    match found.filter(fits) {
        Some(account) => Ok(Ok(account)),
        None => Ok(Err(format!("No one at {} with this login name can be the subject of a plan.", plan.mls_name))),
    }
}
