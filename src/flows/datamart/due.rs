//! What becomes due by itself: reminders, the end of enrolments nobody answered, the end of registrations nobody verified.

use crate::app::App;
use crate::base::Fault;
use crate::platform::enrolment::Event;
use crate::platform::registration::VERIFY_WITHIN;
use crate::store::{developers, enrolments};

use super::proceed::{self, Actor};

/// How many enrolments go on in one write, so that no write pauses the others for long.
const BATCH: i64 = 20;

/// Does everything that is due; answers to how many enrolments something happened. Each batch is one write.
pub fn run(app: &std::sync::Arc<App>) -> Result<usize, Fault> {
    let now = app.now();
    app.db.write(move |conn| developers::expire(conn, now - VERIFY_WITHIN, now))?;
    let mut happened = 0;
    loop {
        let hands = std::sync::Arc::clone(app);
        let batch = app.db.write(move |conn| {
            let due = enrolments::due(conn, now, BATCH)?;
            let by = Actor::default();
            for enrolment in &due {
                let event = if now >= enrolment.progress.expires_at() { Event::Expire } else { Event::Remind };
                // What was answered meanwhile is not due any more.
                let _ = proceed::let_happen(&hands, conn, enrolment.id, event, &by, "")?;
            }
            Ok(due.len())
        })?;
        happened += batch;
        if batch == 0 {
            return Ok(happened);
        }
    }
}
