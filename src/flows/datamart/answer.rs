//! Answering: somebody of the chain approves, declines, lets a colleague answer, or says something.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, EnrolmentId, LinkId};
use crate::flows::console::enter::Guest;
use crate::flows::record;
use crate::flows::tell;
use crate::identity::account::Account;
use crate::mail::Notice;
use crate::platform::approval::{self, DelegateRefusal, Place, Step};
use crate::platform::developer::Developer;
use crate::platform::enrolment::{self, Event};
use crate::platform::plan::{Content, Plan};
use crate::platform::wish::{Enrolment, Happening, Kind};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, developers, enrolments, plans};

use super::asked::{self, Told};
use super::budget;
use super::chain::{self, colleague};
use super::link::{self, Purpose};
use super::proceed::{self, Actor};

/// Why an enrolment is over whose plan was ended; the developer reads it.
const PLAN_ENDED: &str = "The plan ended.";
/// How many things may be said about one enrolment.
const MOST_WORDS: usize = 50;
/// The most enrolments that a list of what waits for somebody shows.
const MOST: i64 = 100;

/// An enrolment with everything that somebody who is asked must know.
pub struct Facts {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// The plan, as it is now.
    pub plan: Plan,
    /// What is being approved.
    pub content: Content,
    /// Who enrols.
    pub developer: Developer,
    /// Whose data it is about; `None` is everybody's, by the generic agent.
    pub subject: Option<Account>,
    /// What happened so far.
    pub timeline: Vec<Happening>,
    /// Who is asked in each place, by name.
    pub asked: Vec<(Place, String)>,
}

/// Why an answer does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such enrolment, or not for this person.
    Foreign,
    /// The rules of enrolments say no.
    Rule(enrolment::Refusal),
    /// Whoever answers was asked, but has lost the right since.
    RightLost,
    /// The developer may not build any more: nothing is approved until that is settled.
    DeveloperClosed,
    /// Nobody has that login name, or the colleague may not be asked.
    Colleague(Option<DelegateRefusal>),
    /// Enough was said.
    TooMuch,
    /// This person has said enough for today.
    TooMuchToday,
}

impl Refusal {
    /// The audit's and the log's word for it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Foreign => "approval_not_yours",
            Self::Rule(why) => why.reason(),
            Self::RightLost => "approval_right_lost",
            Self::DeveloperClosed => "developer_disabled",
            Self::Colleague(Some(why)) => why.reason(),
            Self::Colleague(None) => "delegate_unknown",
            Self::TooMuch => "too_many_comments",
            Self::TooMuchToday => "too_many_comments_today",
        }
    }
}

/// What waits for this person's answer, oldest first.
pub fn waiting(conn: &mut Conn, guest: &Guest) -> Result<Vec<(Enrolment, Plan, String)>, Fault> {
    let mut found = Vec::new();
    for enrolment in enrolments::waiting_for(conn, &guest.account.id, MOST)? {
        let Some(plan) = plans::get(conn, enrolment.plan_id)? else { continue };
        let company = developers::get(conn, enrolment.developer_id)?.map(|(developer, _)| developer.facts.company).unwrap_or_default();
        found.push((enrolment, plan, company));
    }
    Ok(found)
}

/// What this person approved, newest first, before the row `before`: the vendors that act under his word.
pub fn approved(conn: &mut Conn, guest: &Guest, before: Option<i64>, limit: i64) -> Result<Vec<(Enrolment, Plan, String)>, Fault> {
    let mut found = Vec::new();
    for enrolment in enrolments::approved_by(conn, &guest.account.id, before.unwrap_or(i64::MAX), limit)? {
        let Some(plan) = plans::get(conn, enrolment.plan_id)? else { continue };
        let company = developers::get(conn, enrolment.developer_id)?.map(|(developer, _)| developer.facts.company).unwrap_or_default();
        found.push((enrolment, plan, company));
    }
    Ok(found)
}

fn is_asked(enrolment: &Enrolment, who: &AccountId) -> bool {
    enrolment.progress.steps.iter().any(|step| is_of(step, who))
}

fn is_of(step: &Step, who: &AccountId) -> bool {
    step.addressees.contains(who) || step.approved.as_ref().is_some_and(|answer| answer.by == *who)
}

/// Whether this person has, at this moment, the right to answer in one of the places where he is asked or has answered.
fn still_stands(conn: &mut Conn, enrolment: &Enrolment, who: &AccountId) -> Result<bool, Fault> {
    for step in enrolment.progress.steps.iter().filter(|step| is_of(step, who)) {
        if chain::may_stand(conn, enrolment, step.place, who)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An enrolment in whose chain this person stands; `None` for anything else, and once he has lost the right.
pub fn look(conn: &mut Conn, guest: &Guest, id: EnrolmentId) -> Result<Option<Facts>, Fault> {
    match enrolments::get(conn, id)? {
        Some(enrolment) if still_stands(conn, &enrolment, &guest.account.id)? => facts(conn, enrolment),
        _ => Ok(None),
    }
}

/// Everything about an enrolment; whoever calls has asked whether it may be shown.
pub fn facts(conn: &mut Conn, enrolment: Enrolment) -> Result<Option<Facts>, Fault> {
    let Some(plan) = plans::get(conn, enrolment.plan_id)? else { return Ok(None) };
    let Some(content) = plans::version(conn, enrolment.plan_id, enrolment.version)? else { return Ok(None) };
    let Some((developer, _)) = developers::get(conn, enrolment.developer_id)? else { return Ok(None) };
    let subject = match &enrolment.account_id {
        Some(account) => accounts::get(conn, account)?,
        None => None,
    };
    let mut asked = Vec::new();
    for step in &enrolment.progress.steps {
        let who = match &step.approved {
            Some(answer) => vec![answer.by.clone()],
            None => step.addressees.clone(),
        };
        asked.push((step.place, chain::names(conn, &who)?.join(", ")));
    }
    let timeline = enrolments::timeline(conn, enrolment.id)?;
    Ok(Some(Facts { enrolment, plan, content, developer, subject, timeline, asked }))
}

/// Where a link of a letter leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Led {
    /// To this enrolment.
    To(EnrolmentId),
    /// Nowhere any more.
    Over,
    /// It was sent to somebody else.
    NotYours,
}

/// Where a link leads this person; one that was sent to somebody else leads nowhere, and the audit tells of it. Reads only.
pub fn led(app: &App, conn: &mut Conn, guest: &Guest, id: LinkId) -> Result<Led, Fault> {
    let Some(link) = link::get(app, conn, Purpose::Approval, id)? else { return Ok(Led::Over) };
    let step = proceed::step_of(&link.subject);
    let enrolment = match step {
        Some(step) => enrolments::of_step(conn, step)?,
        None => None,
    };
    let Some(enrolment) = enrolment else { return Ok(Led::Over) };
    if link.detail != guest.account.id.as_str() {
        let entry = Entry {
            actor: Some(guest.account.id.to_string()),
            subject: Some(format!("enrolment:{enrolment}")),
            reason: Some("approval_not_yours".to_owned()),
            ..guest.caller.entry(app, "link.rejected", true, app.now())
        };
        // A refusal that cannot be written down is still a refusal.
        app.db.write_beside("a refused link", move |conn| record::record(conn, &entry));
        return Ok(Led::NotYours);
    }
    Ok(Led::To(enrolment))
}

/// What somebody of the chain does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes, to what the page showed.
    Approve,
    /// No, and why.
    Decline(String),
    /// A colleague answers in one's stead.
    Delegate(String),
    /// Something to be read by the others.
    Say(String),
}

/// Takes an answer; `shown` is the digest of what the page showed. One write.
///
/// Refuses: see [`Refusal`].
pub fn take(
    app: &App,
    conn: &mut Conn,
    guest: &Guest,
    id: EnrolmentId,
    shown: &str,
    answer: &Answer,
) -> Result<Result<Enrolment, Refusal>, Fault> {
    let taken = judge(app, conn, guest, id, shown, answer)?;
    if let Err(why) = &taken {
        let entry = Entry {
            actor: Some(guest.account.id.to_string()),
            subject: Some(format!("enrolment:{id}")),
            reason: Some(why.reason().to_owned()),
            ..guest.caller.entry(app, "approval.rejected", true, app.now())
        };
        record::refused_in_write(app, conn, &guest.caller, "approval.rejected", why.reason(), &entry)?;
    }
    Ok(taken)
}

fn judge(
    app: &App,
    conn: &mut Conn,
    guest: &Guest,
    id: EnrolmentId,
    shown: &str,
    answer: &Answer,
) -> Result<Result<Enrolment, Refusal>, Fault> {
    let me = &guest.account.id;
    let Some(enrolment) = enrolments::get(conn, id)?.filter(|enrolment| is_asked(enrolment, me)) else { return Ok(Err(Refusal::Foreign)) };
    let by = Actor { name: guest.account.profile.name.clone(), id: Some(me.to_string()), caller: guest.caller.clone() };
    if let Answer::Say(words) = answer {
        if !still_stands(conn, &enrolment, me)? {
            return Ok(Err(Refusal::RightLost));
        }
        return say(app, conn, &enrolment, &by, words, true);
    }
    // What the plan says now is what is approved; whoever saw something else looks again.
    if enrolment.progress.state.is_open() && renewed(app, conn, &enrolment)? {
        return Ok(Err(Refusal::Rule(enrolment::Refusal::Stale)));
    }
    if let Some(step) = enrolment.progress.waits_for().filter(|step| step.addressees.contains(me)) {
        // For every place one answers for at once, the right is looked at anew.
        let asked = enrolment.progress.steps.iter().skip_while(|step| step.approved.is_some());
        for step in asked.take_while(|step| step.addressees.contains(me)) {
            if !chain::may_stand(conn, &enrolment, step.place, me)? {
                return Ok(Err(Refusal::RightLost));
            }
        }
        if *answer == Answer::Approve && !developers::held(conn, enrolment.developer_id)?.is_some_and(|developer| developer.may_build()) {
            return Ok(Err(Refusal::DeveloperClosed));
        }
        if let Answer::Delegate(login) = answer {
            return delegate(app, conn, &enrolment, step.place, &by, me, login);
        }
    }
    let (event, words) = match answer {
        Answer::Decline(reason) => (Event::Decline { by: me, shown, reason }, reason.as_str()),
        _ => (Event::Approve { by: me, shown }, ""),
    };
    happen(app, conn, id, event, &by, words)
}

fn happen(
    app: &App,
    conn: &mut Conn,
    id: EnrolmentId,
    event: Event<'_>,
    by: &Actor,
    words: &str,
) -> Result<Result<Enrolment, Refusal>, Fault> {
    Ok(match proceed::let_happen(app, conn, id, event, by, words)? {
        None => Err(Refusal::Foreign),
        Some(Err(why)) => Err(Refusal::Rule(why)),
        Some(Ok(after)) => Ok(after),
    })
}

/// Whether the plan says something else by now; then the chain begins anew. Inside the caller's write.
pub fn renewed(app: &App, conn: &mut Conn, enrolment: &Enrolment) -> Result<bool, Fault> {
    // Nobody ends the plan between this look and the key that may come of it.
    plans::hold(conn, enrolment.plan_id)?;
    let Some(plan) = plans::get(conn, enrolment.plan_id)? else { return Ok(false) };
    let by = Actor { name: plan.mls_name.clone(), ..Actor::default() };
    if plan.ended_at.is_some() {
        let ended = proceed::let_happen(app, conn, enrolment.id, Event::EndPlan, &by, PLAN_ENDED)?;
        return Ok(matches!(ended, Some(Ok(_))));
    }
    let content = plan.content.digest();
    if content == enrolment.progress.content {
        return Ok(false);
    }
    Ok(matches!(proceed::let_happen(app, conn, enrolment.id, Event::PlanChanged { content: &content }, &by, "")?, Some(Ok(_))))
}

fn delegate(
    app: &App,
    conn: &mut Conn,
    enrolment: &Enrolment,
    place: Place,
    by: &Actor,
    me: &AccountId,
    login: &str,
) -> Result<Result<Enrolment, Refusal>, Fault> {
    let Some((other, _)) = accounts::by_login(conn, login)?.filter(|(other, _)| other.mls_id == enrolment.mls_id) else {
        return Ok(Err(Refusal::Colleague(None)));
    };
    let subject = match &enrolment.account_id {
        Some(id) => accounts::get(conn, id)?.as_ref().map(colleague),
        None => None,
    };
    let steps = &enrolment.progress.steps;
    if let Err(why) = approval::may_delegate(place, &colleague(&other), subject.as_ref(), &enrolment.mls_id, steps) {
        return Ok(Err(Refusal::Colleague(Some(why))));
    }
    let event = Event::Delegate { by: me, to: &other.id };
    happen(app, conn, enrolment.id, event, by, &format!("to {}", other.profile.name))
}

/// Adds words to the timeline; the developer is told of an approver's, and who is asked of the developer's. Inside the caller's write.
///
/// Refuses: an enrolment that is over, and more words than anybody reads.
pub fn say(
    app: &App,
    conn: &mut Conn,
    enrolment: &Enrolment,
    by: &Actor,
    words: &str,
    to_developer: bool,
) -> Result<Result<Enrolment, Refusal>, Fault> {
    if !enrolment.progress.state.is_open() {
        return Ok(Err(Refusal::Rule(enrolment::Refusal::AlreadyDecided)));
    }
    let said = enrolments::timeline(conn, enrolment.id)?.iter().filter(|line| line.kind == Kind::Commented).count();
    if said >= MOST_WORDS {
        return Ok(Err(Refusal::TooMuch));
    }
    if !budget::words(app, conn, enrolment.id, by.id.as_deref().unwrap_or_default())? {
        return Ok(Err(Refusal::TooMuchToday));
    }
    proceed::line(app, conn, enrolment.id, Kind::Commented, None, by, words)?;
    if to_developer && let Some((developer, _)) = developers::get(conn, enrolment.developer_id)? {
        let notice = Notice {
            subject: "A comment on your enrollment".to_owned(),
            name: developer.facts.name(),
            paragraphs: vec!["someone who is asked about your enrollment commented; you can answer on its page.".to_owned()],
            facts: vec![("Application", enrolment.wish.application.clone()), ("From", by.name.clone())],
            action: Some(("Read", format!("{}/appstore/datamart/enrolments/{}", app.settings.issuer, enrolment.id))),
            closing: String::new(),
            site: app.settings.issuer.clone(),
        };
        tell::letter(app, conn, notice.letter(&developer.facts.email)?)?;
    }
    if let (false, Some(step)) = (to_developer, enrolment.progress.waits_for()) {
        asked::tell(app, conn, enrolment, step, &by.name, &Told::Said(words))?;
    }
    let entry = Entry {
        actor: by.id.clone(),
        subject: Some(format!("enrolment:{}", enrolment.id)),
        ..by.caller.entry(app, "enrolment.commented", false, app.now())
    };
    record::record(conn, &entry)?;
    Ok(Ok(enrolment.clone()))
}
