//! How an enrolment goes on: the rules decide, and what follows (record, letters, links, key) is written with it.

use crate::app::App;
use crate::base::id::{EnrolmentId, KeyId, StepId, TimelineId};
use crate::base::text::readable;
use crate::base::{Fault, Timestamp};
use crate::flows::record::{Caller, record};
use crate::flows::tell;
use crate::mail::{Notice, moment};
use crate::platform::approval::{Place, Step};
use crate::platform::developer::Developer;
use crate::platform::enrolment::{Effect, Event, Refusal, State};
use crate::platform::plan::{Content, Credential, Plan};
use crate::platform::role::Role;
use crate::platform::wish::{Enrolment, Happening, Kind};
use crate::protocol::client::{ClientKind, Policy};
use crate::store::audit::Entry;
use crate::store::keys::NewKey;
use crate::store::{Conn, accounts, developer_keys, developers, enrolments, keys, links, plans};

use super::asked::{self, Told};
use super::credentials::{self, Of};
use super::demo_key::standing;
use super::link::{self, Purpose};

/// How often a lost race is tried again.
const TRIES: usize = 5;

/// Who makes something happen.
#[derive(Debug, Clone, Default)]
pub struct Actor {
    /// The name, as the timeline shows it.
    pub name: String,
    /// As the audit names it.
    pub id: Option<String>,
    /// Where it was done.
    pub caller: Caller,
}

/// Lets an event happen to an enrolment, with everything that follows. Inside the caller's write.
///
/// Of two who answer at once the second finds the enrolment as the first left it.
///
/// Refuses: see [`Refusal`]; `None` where there is no such enrolment.
pub fn let_happen(
    app: &App,
    conn: &mut Conn,
    id: EnrolmentId,
    event: Event<'_>,
    by: &Actor,
    words: &str,
) -> Result<Option<Result<Enrolment, Refusal>>, Fault> {
    let now = app.now();
    for _ in 0..TRIES {
        let Some(before) = enrolments::get(conn, id)? else { return Ok(None) };
        let (progress, effects) = match before.progress.after(event, now) {
            Ok(after) => after,
            Err(why) => return Ok(Some(Err(why))),
        };
        let Some(plan) = plans::get(conn, before.plan_id)? else { return Err(Fault::broken("an enrollment has no plan")) };
        let mut after = Enrolment { progress, ..before.clone() };
        if !after.progress.state.is_open() {
            after.closed_at = Some(now);
        }
        match event {
            Event::PlanChanged { .. } => after.version = plan.version,
            Event::Accept { .. } => (after.accepted_version, after.accepted_at) = (after.version, now),
            Event::Decline { .. } | Event::EndPlan => after.reason = Some(words.to_owned()),
            _ => {}
        }
        if !enrolments::save(conn, &after)? {
            continue;
        }
        after.revision += 1;
        let story = Story { app, plan: &plan, before: &before, by, words, now };
        story.tell(conn, &mut after, event, &effects)?;
        return Ok(Some(Ok(after)));
    }
    Err(Fault::unavailable("an enrollment is contended"))
}

struct Story<'a> {
    app: &'a App,
    plan: &'a Plan,
    before: &'a Enrolment,
    by: &'a Actor,
    words: &'a str,
    now: Timestamp,
}

impl Story<'_> {
    fn tell(&self, conn: &mut Conn, after: &mut Enrolment, event: Event<'_>, effects: &[Effect]) -> Result<(), Fault> {
        let at = self.before.progress.waits_for().map(|step| step.place);
        let kind = match event {
            Event::Approve { .. } | Event::Expire | Event::Remind => None,
            Event::Decline { .. } => Some((Kind::Declined, "enrolment.declined")),
            Event::Delegate { .. } => Some((Kind::Delegated, "enrolment.delegated")),
            Event::PlanChanged { .. } => Some((Kind::PlanChanged, "enrolment.restarted")),
            Event::Accept { .. } => Some((Kind::Accepted, "enrolment.accepted")),
            Event::Withdraw => Some((Kind::Withdrawn, "enrolment.withdrawn")),
            Event::EndPlan => Some((Kind::PlanEnded, "enrolment.declined")),
        };
        if let Some((kind, event_name)) = kind {
            self.line(conn, kind, at)?;
            self.audit(conn, event_name, None)?;
        }
        if let Event::Delegate { .. } | Event::PlanChanged { .. } = event {
            self.void(conn, &after.progress.steps)?;
        }
        for effect in effects {
            match effect {
                Effect::Approved(place) => {
                    self.line(conn, Kind::Approved, Some(*place))?;
                    self.audit(conn, "enrolment.approved", Some(place.name()))?;
                    let answered: Vec<Step> = after.progress.steps.iter().filter(|step| step.place == *place).cloned().collect();
                    self.void(conn, &answered)?;
                }
                Effect::Ask(place) => ask(self.app, conn, after, self.plan, *place, false)?,
                Effect::AskDeveloper => self.ask_developer(conn, after)?,
                Effect::Remind => {
                    if let Some(place) = at {
                        // The newest letter is the one that counts.
                        let waiting: Vec<Step> = after.progress.waits_for().cloned().into_iter().collect();
                        self.void(conn, &waiting)?;
                        self.line(conn, Kind::Reminded, Some(place))?;
                        ask(self.app, conn, after, self.plan, place, true)?;
                    }
                }
                Effect::Issue => self.issue(conn, after)?,
                Effect::Close => self.close(conn, after)?,
            }
        }
        Ok(())
    }

    fn line(&self, conn: &mut Conn, kind: Kind, place: Option<Place>) -> Result<(), Fault> {
        line(self.app, conn, self.before.id, kind, place, self.by, self.words)
    }

    fn audit(&self, conn: &mut Conn, event: &str, reason: Option<&str>) -> Result<(), Fault> {
        let entry = Entry {
            actor: self.by.id.clone(),
            subject: Some(format!("enrolment:{}", self.before.id)),
            reason: reason.map(str::to_owned),
            ..self.by.caller.entry(self.app, event, false, self.now)
        };
        record(conn, &entry)
    }

    /// The links of these steps work no more.
    fn void(&self, conn: &mut Conn, steps: &[Step]) -> Result<(), Fault> {
        for step in steps {
            links::void(conn, Purpose::Approval.name(), &step.id.to_string(), self.now)?;
        }
        Ok(())
    }

    fn developer(&self, conn: &mut Conn) -> Result<Developer, Fault> {
        let found = developers::get(conn, self.before.developer_id)?;
        found.map(|(developer, _)| developer).ok_or_else(|| Fault::broken("an enrollment has no developer"))
    }

    fn notice(&self, developer: &Developer, subject: &str, paragraph: String) -> Notice {
        Notice {
            subject: subject.to_owned(),
            name: developer.facts.name(),
            paragraphs: vec![paragraph],
            facts: vec![
                ("Application", self.before.wish.application.clone()),
                ("Plan", self.plan.content.name.clone()),
                ("MLS", self.plan.mls_name.clone()),
            ],
            action: Some(("See the enrollment", format!("{}/appstore/datamart/enrolments/{}", self.app.settings.issuer, self.before.id))),
            closing: String::new(),
            site: self.app.settings.issuer.clone(),
        }
    }

    fn ask_developer(&self, conn: &mut Conn, after: &Enrolment) -> Result<(), Fault> {
        let developer = self.developer(conn)?;
        let what = if after.progress.state == State::AwaitingDeveloper {
            "everyone has approved your enrollment, but the plan has changed: please read and accept its new terms, then your key is issued."
        } else {
            "the MLS changed the plan you enrolled in: the approvals start over, and you need to accept its new terms too."
        };
        let notice = self.notice(&developer, "The plan you enrolled in has changed", what.to_owned());
        tell::letter(self.app, conn, notice.letter(&developer.facts.email)?)
    }

    fn close(&self, conn: &mut Conn, after: &Enrolment) -> Result<(), Fault> {
        self.void(conn, &after.progress.steps)?;
        let (subject, what) = match after.progress.state {
            State::Declined => ("Your enrollment was declined", "your enrollment was declined; the reason is below."),
            State::Expired => {
                self.line(conn, Kind::Expired, None)?;
                self.audit(conn, "enrolment.expired", None)?;
                (
                    "Your enrollment has expired",
                    "not everyone answered within thirty days, so your enrollment has expired. You can enroll again.",
                )
            }
            _ => ("You withdrew your enrollment", "you withdrew your enrollment. No one is asked about it anymore."),
        };
        let developer = self.developer(conn)?;
        let why = match after.progress.state {
            State::Withdrawn => Some("the developer withdrew an enrollment you were asked about."),
            State::Expired => Some("an enrollment you were asked about has expired after thirty days."),
            _ => None,
        };
        if let (Some(why), Some(step)) = (why, self.before.progress.waits_for()) {
            asked::tell(self.app, conn, self.before, step, &developer.facts.name(), &Told::Over(why))?;
        }
        let mut notice = self.notice(&developer, subject, what.to_owned());
        if let Some(reason) = &after.reason {
            notice.facts.push(("Reason", reason.replace('\n', " ")));
        }
        tell::letter(self.app, conn, notice.letter(&developer.facts.email)?)
    }

    /// Makes the key, and announces it with a one-time link to what belongs to it.
    fn issue(&self, conn: &mut Conn, after: &mut Enrolment) -> Result<(), Fault> {
        let developer = self.developer(conn)?;
        let Some(identity) = developer.identity_id else { return Err(Fault::broken("a developer without identity enrolled")) };
        let Some(content) = plans::version(conn, after.plan_id, after.version)? else {
            return Err(Fault::broken("a plan's version is gone"));
        };
        let id = KeyId(self.app.random.small_id(self.now));
        let client_id = self.app.random.client_id();
        let (roles, policy) = terms(&content);
        let redirect_uris: Vec<String> = after.wish.redirect_uri.iter().cloned().collect();
        let new = NewKey {
            id,
            mls_id: Some(&after.mls_id),
            name: &readable(&after.wish.application, 128),
            key: &client_id,
            kind: ClientKind::Confidential.name(),
            application_uri: &after.wish.website,
            redirect_uris: &redirect_uris,
            roles: &roles,
            policy: &policy,
            comments: &format!("Enrolled in the plan {}, version {}.", self.plan.content.name, after.version),
        };
        keys::add(conn, &new, self.now)?;
        developer_keys::bind(conn, id, identity, &after.mls_id)?;
        after.key_id = Some(id);
        if !enrolments::save(conn, after)? {
            return Err(Fault::unavailable("the enrollment changed at the same moment"));
        }
        after.revision += 1;
        line(self.app, conn, after.id, Kind::Issued, None, &Actor { name: self.plan.mls_name.clone(), ..Actor::default() }, "")?;
        self.audit(conn, "enrolment.issued", None)?;
        let entry = Entry {
            client: Some(client_id.clone()),
            subject: Some(id.to_string()),
            actor: self.by.id.clone(),
            reason: Some("datamart".to_owned()),
            ..self.by.caller.entry(self.app, "key.created", false, self.now)
        };
        record(conn, &entry)?;
        let address = credentials::link(self.app, conn, Of::Enrolment(after.id), &developer)?;
        let what = match content.credential {
            Credential::Bearer => "everyone has approved: your key is issued. Its token is shown once, on the page behind this link.",
            Credential::OpenId => "everyone has approved: your key is issued. Its secret is shown once, on the page behind this link.",
        };
        let mut notice = self.notice(&developer, "Your key is issued", what.to_owned());
        notice.facts.push(("Key", client_id));
        notice.action = Some(("Show my credentials", address));
        "The link works once, for seven days, and only for you: you have to sign in.".clone_into(&mut notice.closing);
        tell::letter(self.app, conn, notice.letter(&developer.facts.email)?)
    }
}

/// The roles of a plan's key, and what it may do.
fn terms(content: &Content) -> (Vec<Role>, Policy) {
    match content.credential {
        Credential::Bearer => (vec![content.role, Role::SingleSession], standing()),
        Credential::OpenId => (vec![content.role], Policy { verified: true, ..Policy::default() }),
    }
}

/// Adds a line to the timeline.
pub fn line(app: &App, conn: &mut Conn, id: EnrolmentId, kind: Kind, place: Option<Place>, by: &Actor, words: &str) -> Result<(), Fault> {
    let now = app.now();
    let happening = Happening { at: now, kind, place, actor: by.name.clone(), words: words.to_owned() };
    enrolments::tell(conn, TimelineId(app.random.id(now)), id, &happening, by.id.as_deref())
}

/// Asks everybody who may answer at `place` by letter, each with a link of their own.
pub fn ask(app: &App, conn: &mut Conn, enrolment: &Enrolment, plan: &Plan, place: Place, again: bool) -> Result<(), Fault> {
    let Some(step) = enrolment.progress.steps.iter().find(|step| step.place == place) else { return Ok(()) };
    let Some((developer, _)) = developers::get(conn, enrolment.developer_id)? else { return Ok(()) };
    for addressee in &step.addressees {
        let Some(account) = accounts::get(conn, addressee)?.filter(|account| account.active) else { continue };
        let Some(to) = account.profile.primary_email().map(str::to_owned) else { continue };
        let address = link::make(app, conn, Purpose::Approval, &step.id.to_string(), &to, addressee.as_str())?;
        let what = format!(
            "a developer wants to use data of {}, and your approval as {} is {}.",
            plan.mls_name,
            place.name(),
            if again { "still needed" } else { "needed" }
        );
        let notice = Notice {
            subject: if again { "Reminder: your approval is needed" } else { "Your approval is needed" }.to_owned(),
            name: account.profile.name.clone(),
            paragraphs: vec![
                what,
                "The page behind the link has all the facts. Opening it approves nothing; you sign in and decide there.".to_owned(),
            ],
            facts: vec![
                ("Developer", developer.facts.name()),
                ("Company", developer.facts.company.clone()),
                ("Application", enrolment.wish.application.clone()),
                ("Plan", plan.content.name.clone()),
            ],
            action: Some(("Review and decide", address)),
            closing: format!("Without your answer it expires on {}.", moment(enrolment.progress.expires_at())),
            site: app.settings.issuer.clone(),
        };
        tell::letter(app, conn, notice.letter(&to)?)?;
    }
    if !again {
        let names = super::chain::names(conn, &step.addressees)?.join(", ");
        let by = Actor { name: names, ..Actor::default() };
        line(app, conn, enrolment.id, Kind::Asked, Some(place), &by, "")?;
    }
    Ok(())
}

/// The step a link is about.
pub fn step_of(subject: &str) -> Option<StepId> {
    subject.parse().ok().map(StepId)
}
