//! What becomes due by itself: reminders, the end of enrolments nobody answered or whose plan was ended, the end of registrations nobody
//! verified.

use std::sync::Arc;

use crate::app::App;
use crate::base::id::EnrolmentId;
use crate::base::{Fault, Timestamp};
use crate::platform::enrolment::Event;
use crate::platform::registration::VERIFY_WITHIN;
use crate::store::{Conn, developers, enrolments, enrolments_due, plans as rows};

use super::plans;
use super::proceed::{self, Actor};

/// How many enrolments are looked up at once.
const BATCH: i64 = 100;

/// Does everything that is due; answers to how many enrolments something happened. Each is one write: one that cannot be read, or that is too
/// much for the machine, stops none of the others, and is tried again the next time.
pub fn run(app: &Arc<App>) -> Result<usize, Fault> {
    let now = app.now();
    app.db.write(move |conn| developers::expire(conn, now - VERIFY_WITHIN, now))?;
    let mut happened = 0;
    let mut after = (i64::MIN, EnrolmentId(0));
    loop {
        let batch = app.db.read(move |conn| enrolments_due::due(conn, now, after, BATCH))?;
        let Some(last) = batch.last() else { return Ok(happened) };
        after = *last;
        for (_, id) in batch {
            let hands = Arc::clone(app);
            match app.db.write(move |conn| go_on(&hands, conn, id, now)) {
                Ok(()) => happened += 1,
                Err(fault) => tracing::warn!(enrolment = %id, %fault, "an enrolment does not go on and will be tried again"),
            }
        }
    }
}

fn go_on(app: &App, conn: &mut Conn, id: EnrolmentId, now: Timestamp) -> Result<(), Fault> {
    let Some(enrolment) = enrolments::get(conn, id)? else { return Ok(()) };
    // Nobody ends the plan between this look and what is told of it.
    rows::hold(conn, enrolment.plan_id)?;
    if let Some(plan) = rows::get(conn, enrolment.plan_id)?.filter(|plan| plan.ended_at.is_some()) {
        return plans::close(app, conn, &plan, &enrolment);
    }
    let event = if now >= enrolment.progress.expires_at() { Event::Expire } else { Event::Remind };
    // What was answered meanwhile is not due any more.
    let _ = proceed::let_happen(app, conn, id, event, &Actor::default(), "")?;
    Ok(())
}
