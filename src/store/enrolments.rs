//! Enrolments, the answers they wait for, and what happened to them.

use diesel::prelude::*;

use crate::base::id::{AccountId, DeveloperId, EnrolmentId, KeyId, PlanId, StepId, TimelineId};
use crate::base::{Fault, Timestamp};
use crate::platform::approval::{Answer, Place, Step};
use crate::platform::enrolment::{Progress, State};
use crate::platform::personal_token::OwnData;
use crate::platform::wish::{Enrolment, Happening, Kind, Wish};

use super::conn::Conn;
use super::schema::{approval_steps, approvers, developers, enrolment_events, enrolments};
use super::search::{holding, lower};

#[derive(Queryable)]
struct Row {
    id: i64,
    developer_id: i64,
    plan_id: i64,
    version: i64,
    mls_id: String,
    account_id: Option<String>,
    own_data: Option<String>,
    application: String,
    website: String,
    redirect_uri: Option<String>,
    purpose: String,
    answers: String,
    state: String,
    content: String,
    accepted: String,
    accepted_version: i64,
    accepted_at: i64,
    round: i64,
    submitted_at: i64,
    waiting_since: i64,
    reminders: i64,
    revision: i64,
    #[expect(dead_code, reason = "read with the row; worked out from the others")]
    next_at: Option<i64>,
    closed_at: Option<i64>,
    reason: Option<String>,
    key_id: Option<i64>,
    revealed_at: Option<i64>,
}

impl Row {
    fn read(self, steps: Vec<Step>) -> Result<Enrolment, Fault> {
        let broken = |what: &str| Fault::broken(format!("enrollment {}: unreadable {what}", self.id));
        Ok(Enrolment {
            id: EnrolmentId(self.id),
            developer_id: DeveloperId(self.developer_id),
            plan_id: PlanId(self.plan_id),
            version: self.version,
            mls_id: self.mls_id.parse().map_err(|_| broken("mls_id"))?,
            account_id: self.account_id.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
            wish: Wish {
                application: self.application,
                website: self.website,
                redirect_uri: self.redirect_uri,
                login: None,
                own_data: self.own_data.map(|text| text.parse()).transpose().map_err(Fault::broken)?,
                purpose: self.purpose,
                answers: serde_json::from_str(&self.answers).map_err(Fault::broken)?,
            },
            progress: Progress {
                state: State::parse(&self.state).ok_or_else(|| Fault::broken("an enrollment's state cannot be read"))?,
                steps,
                content: self.content,
                accepted: self.accepted,
                round: self.round,
                submitted_at: Timestamp(self.submitted_at),
                waiting_since: Timestamp(self.waiting_since),
                reminders: self.reminders,
            },
            accepted_version: self.accepted_version,
            accepted_at: Timestamp(self.accepted_at),
            revision: self.revision,
            closed_at: self.closed_at.map(Timestamp),
            reason: self.reason,
            key_id: self.key_id.map(KeyId),
            revealed_at: self.revealed_at.map(Timestamp),
        })
    }
}

fn steps(conn: &mut Conn, enrolment: i64) -> Result<Vec<Step>, Fault> {
    type StepRow = (i64, i64, String, Option<String>, Option<i64>);
    let rows: Vec<StepRow> =
        conn.all(approval_steps::table.filter(approval_steps::enrolment_id.eq(enrolment)).order(approval_steps::id))?;
    let mut steps = Vec::new();
    for (id, _, place, by, at) in rows {
        let names: Vec<String> =
            conn.all(approvers::table.filter(approvers::step_id.eq(id)).order(approvers::account_id).select(approvers::account_id))?;
        steps.push(Step {
            id: StepId(id),
            place: Place::parse(&place).ok_or_else(|| Fault::broken("a step's place cannot be read"))?,
            addressees: names.into_iter().map(|name| name.parse().map_err(Fault::broken)).collect::<Result<_, _>>()?,
            approved: match (by, at) {
                (Some(by), Some(at)) => Some(Answer { by: by.parse().map_err(Fault::broken)?, at: Timestamp(at) }),
                _ => None,
            },
        });
    }
    // Whatever their numbers are: the chain's order is that of its places.
    steps.sort_by_key(|step| step.place);
    Ok(steps)
}

fn whole(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Enrolment>, Fault> {
    rows.into_iter().map(|row| steps(conn, row.id).and_then(|steps| row.read(steps))).collect()
}

/// Writes an enrolment down, with the answers it waits for.
pub fn add(conn: &mut Conn, new: &Enrolment) -> Result<(), Fault> {
    let (wish, progress) = (&new.wish, &new.progress);
    conn.execute(diesel::insert_into(enrolments::table).values((
        (
            enrolments::id.eq(new.id.0),
            enrolments::developer_id.eq(new.developer_id.0),
            enrolments::plan_id.eq(new.plan_id.0),
            enrolments::version.eq(new.version),
            enrolments::mls_id.eq(new.mls_id.as_str()),
            enrolments::account_id.eq(new.account_id.as_ref().map(AccountId::as_str)),
            enrolments::own_data.eq(wish.own_data.map(OwnData::name)),
        ),
        (
            enrolments::application.eq(&wish.application),
            enrolments::website.eq(&wish.website),
            enrolments::redirect_uri.eq(&wish.redirect_uri),
            enrolments::purpose.eq(&wish.purpose),
            enrolments::answers.eq(serde_json::to_string(&wish.answers).map_err(Fault::broken)?),
        ),
        (
            enrolments::state.eq(progress.state.name()),
            enrolments::content.eq(&progress.content),
            enrolments::accepted.eq(&progress.accepted),
            enrolments::accepted_version.eq(new.accepted_version),
            enrolments::accepted_at.eq(new.accepted_at.0),
            enrolments::round.eq(progress.round),
            enrolments::submitted_at.eq(progress.submitted_at.0),
            enrolments::waiting_since.eq(progress.waiting_since.0),
            enrolments::reminders.eq(progress.reminders),
            enrolments::revision.eq(new.revision),
            enrolments::next_at.eq(progress.next_at().map(|at| at.0)),
        ),
    )))?;
    for step in &progress.steps {
        conn.execute(diesel::insert_into(approval_steps::table).values((
            approval_steps::id.eq(step.id.0),
            approval_steps::enrolment_id.eq(new.id.0),
            approval_steps::place.eq(step.place.name()),
        )))?;
        ask(conn, step)?;
    }
    Ok(())
}

fn ask(conn: &mut Conn, step: &Step) -> Result<(), Fault> {
    for addressee in &step.addressees {
        let row = (approvers::account_id.eq(addressee.as_str()), approvers::step_id.eq(step.id.0));
        conn.execute(diesel::insert_into(approvers::table).values(row))?;
    }
    Ok(())
}

/// Writes an enrolment as it became; `false` where it changed since it was read, and then nothing is written.
pub fn save(conn: &mut Conn, now_is: &Enrolment) -> Result<bool, Fault> {
    let progress = &now_is.progress;
    let unchanged = diesel::update(enrolments::table.find(now_is.id.0)).filter(enrolments::revision.eq(now_is.revision));
    let set = (
        enrolments::version.eq(now_is.version),
        enrolments::state.eq(progress.state.name()),
        enrolments::content.eq(&progress.content),
        enrolments::accepted.eq(&progress.accepted),
        enrolments::accepted_version.eq(now_is.accepted_version),
        enrolments::accepted_at.eq(now_is.accepted_at.0),
        enrolments::round.eq(progress.round),
        enrolments::waiting_since.eq(progress.waiting_since.0),
        enrolments::reminders.eq(progress.reminders),
        enrolments::revision.eq(now_is.revision + 1),
        enrolments::next_at.eq(progress.next_at().map(|at| at.0)),
        enrolments::closed_at.eq(now_is.closed_at.map(|at| at.0)),
        enrolments::reason.eq(&now_is.reason),
        enrolments::key_id.eq(now_is.key_id.map(|id| id.0)),
        enrolments::revealed_at.eq(now_is.revealed_at.map(|at| at.0)),
    );
    if conn.execute(unchanged.set(set))? != 1 {
        return Ok(false);
    }
    let before = steps(conn, now_is.id.0)?;
    for (step, was) in progress.steps.iter().zip(&before).filter(|(step, was)| step != was) {
        let answer = step.approved.as_ref();
        let set = (
            approval_steps::approved_by.eq(answer.map(|answer| answer.by.as_str())),
            approval_steps::approved_at.eq(answer.map(|answer| answer.at.0)),
        );
        conn.execute(diesel::update(approval_steps::table.find(step.id.0)).set(set))?;
        if step.addressees != was.addressees {
            conn.execute(diesel::delete(approvers::table.filter(approvers::step_id.eq(step.id.0))))?;
            ask(conn, step)?;
        }
    }
    Ok(true)
}

/// The enrolment of that row.
pub fn get(conn: &mut Conn, id: EnrolmentId) -> Result<Option<Enrolment>, Fault> {
    let row: Option<Row> = conn.one(enrolments::table.find(id.0))?;
    Ok(whole(conn, row.into_iter().collect())?.pop())
}

/// The enrolment of that row, if it is this developer's.
pub fn of(conn: &mut Conn, developer: DeveloperId, id: EnrolmentId) -> Result<Option<Enrolment>, Fault> {
    let row: Option<Row> = conn.one(enrolments::table.find(id.0).filter(enrolments::developer_id.eq(developer.0)))?;
    Ok(whole(conn, row.into_iter().collect())?.pop())
}

/// The enrolment that the step belongs to.
pub fn of_step(conn: &mut Conn, step: StepId) -> Result<Option<EnrolmentId>, Fault> {
    Ok(conn.one::<i64>(approval_steps::table.find(step.0).select(approval_steps::enrolment_id))?.map(EnrolmentId))
}

/// Up to `limit` enrolments of a developer before the row `before`, newest first.
pub fn of_developer(conn: &mut Conn, developer: DeveloperId, before: EnrolmentId, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    let rows: Vec<Row> = conn.all(
        enrolments::table
            .filter(enrolments::developer_id.eq(developer.0))
            .filter(enrolments::id.lt(before.0))
            .order(enrolments::id.desc())
            .limit(limit),
    )?;
    whole(conn, rows)
}

/// Up to `limit` enrolments in an MLS's plans before the row `before`, newest first: those in one of `states` of whose application or
/// developer's company the name holds `part`.
pub fn of_mls(conn: &mut Conn, mls: &AccountId, states: &[State], part: &str, before: i64, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    let pattern = holding(part);
    let mut found = Vec::new();
    // Each state by its own part of the index, and the pages together: all at once would have to sort everything.
    for state in states {
        let rows: Vec<Row> = conn.all(
            enrolments::table
                .inner_join(developers::table)
                .filter(enrolments::mls_id.eq(mls.as_str()))
                .filter(enrolments::state.eq(state.name()))
                .filter(enrolments::id.lt(before))
                .filter(
                    lower(enrolments::application)
                        .like(pattern.clone())
                        .escape('\\')
                        .or(lower(developers::company).like(pattern.clone()).escape('\\')),
                )
                .order(enrolments::id.desc())
                .limit(limit)
                .select(enrolments::all_columns),
        )?;
        found.extend(rows);
    }
    found.sort_by_key(|row| std::cmp::Reverse(row.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    whole(conn, found)
}

/// How many enrolments in an MLS's plans are in a state.
pub fn count(conn: &mut Conn, mls: &AccountId, state: State) -> Result<i64, Fault> {
    let query = enrolments::table.filter(enrolments::mls_id.eq(mls.as_str())).filter(enrolments::state.eq(state.name())).count();
    Ok(conn.one(query)?.unwrap_or_default())
}

/// Up to `limit` open enrolments that wait for this account's answer, oldest first.
pub fn waiting_for(conn: &mut Conn, account: &AccountId, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    let open: Vec<&str> = Place::ALL.into_iter().map(|place| State::Awaiting(place).name()).collect();
    let ids: Vec<i64> = conn.all(
        approvers::table
            .inner_join(approval_steps::table.inner_join(enrolments::table))
            .filter(approvers::account_id.eq(account.as_str()))
            .filter(approval_steps::approved_by.is_null())
            .filter(enrolments::state.eq_any(open))
            .order(enrolments::id)
            .select(enrolments::id)
            .limit(limit),
    )?;
    let mut found: Vec<Enrolment> = Vec::new();
    for id in ids {
        if found.last().is_none_or(|last| last.id.0 != id) {
            found.extend(get(conn, EnrolmentId(id))?);
        }
    }
    found.retain(|enrolment| enrolment.progress.waits_for().is_some_and(|step| step.addressees.contains(account)));
    Ok(found)
}

/// Up to `limit` enrolments that this account approved in some place, before the row `before`, newest first.
pub fn approved_by(conn: &mut Conn, account: &AccountId, before: i64, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    let mine = approval_steps::table
        .filter(approval_steps::approved_by.eq(account.as_str()))
        .filter(approval_steps::enrolment_id.lt(before))
        .order(approval_steps::enrolment_id.desc())
        .select(approval_steps::enrolment_id)
        .distinct()
        .limit(limit);
    let ids: Vec<i64> = conn.all(mine)?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(get(conn, EnrolmentId(id))?);
    }
    Ok(found)
}

/// Up to `limit` open enrolments of a plan that go by another digest than `content`.
pub fn outdated(conn: &mut Conn, plan: PlanId, content: &str, limit: i64) -> Result<Vec<Enrolment>, Fault> {
    let open: Vec<&str> = State::ALL.into_iter().filter(|state| state.is_open()).map(State::name).collect();
    let rows: Vec<Row> = conn.all(
        enrolments::table
            .filter(enrolments::plan_id.eq(plan.0))
            .filter(enrolments::state.eq_any(open))
            .filter(enrolments::content.ne(content))
            .order(enrolments::id)
            .limit(limit),
    )?;
    whole(conn, rows)
}

/// Whether somebody handed an answer at that place on to a colleague.
pub fn was_delegated(conn: &mut Conn, id: EnrolmentId, place: Place) -> Result<bool, Fault> {
    let handed_on = enrolment_events::table
        .filter(enrolment_events::enrolment_id.eq(id.0))
        .filter(enrolment_events::kind.eq(Kind::Delegated.name()))
        .filter(enrolment_events::place.eq(place.name()))
        .select(enrolment_events::id)
        .limit(1);
    Ok(conn.one::<i64>(handed_on)?.is_some())
}

/// Adds a line to an enrolment's timeline.
pub fn tell(conn: &mut Conn, id: TimelineId, enrolment: EnrolmentId, line: &Happening, actor: Option<&str>) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(enrolment_events::table).values((
        enrolment_events::id.eq(id.0),
        enrolment_events::enrolment_id.eq(enrolment.0),
        enrolment_events::at.eq(line.at.0),
        enrolment_events::kind.eq(line.kind.name()),
        enrolment_events::place.eq(line.place.map(Place::name)),
        enrolment_events::actor.eq(&line.actor),
        enrolment_events::actor_id.eq(actor),
        enrolment_events::words.eq(&line.words),
    )))?;
    Ok(())
}

/// An enrolment's timeline, first things first.
pub fn timeline(conn: &mut Conn, enrolment: EnrolmentId) -> Result<Vec<Happening>, Fault> {
    type Line = (i64, String, Option<String>, String, String);
    let rows: Vec<Line> = conn.all(
        enrolment_events::table
            .filter(enrolment_events::enrolment_id.eq(enrolment.0))
            .order(enrolment_events::id)
            .select((
                enrolment_events::at,
                enrolment_events::kind,
                enrolment_events::place,
                enrolment_events::actor,
                enrolment_events::words,
            ))
            .limit(500),
    )?;
    rows.into_iter()
        .map(|(at, kind, place, actor, words)| {
            Ok(Happening {
                at: Timestamp(at),
                kind: Kind::parse(&kind).ok_or_else(|| Fault::broken("a timeline cannot be read"))?,
                place: place.as_deref().and_then(Place::parse),
                actor,
                words,
            })
        })
        .collect()
}
