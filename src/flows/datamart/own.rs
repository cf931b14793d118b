//! What a developer does with an enrolment of their own: take it back, accept changed terms, say something.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::EnrolmentId;
use crate::platform::enrolment::Event;
use crate::platform::wish::Enrolment;
use crate::store::{Conn, developers, enrolments, plans};

use super::answer::{self, Refusal};
use super::enrol::by;
use super::enter::DeveloperGuest;
use super::proceed;

/// What the developer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Takes it back.
    Withdraw,
    /// Accepts the terms of the plan that the page showed, by its digest.
    Accept(String),
    /// Says something to those who are asked.
    Say(String),
}

/// Does it. One write.
///
/// Refuses: another developer's enrolment, as if there were none; what the rules of enrolments refuse.
pub fn act(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: EnrolmentId, deed: &Deed) -> Result<Result<Enrolment, Refusal>, Fault> {
    let Some(enrolment) = enrolments::of(conn, guest.developer.id, id)? else { return Ok(Err(Refusal::Foreign)) };
    let by = by(guest);
    let event = match deed {
        Deed::Say(words) => return answer::say(app, conn, &enrolment, &by, words, false),
        Deed::Withdraw => Event::Withdraw,
        Deed::Accept(shown) => {
            // The plan before the developer, as everybody takes them.
            plans::hold(conn, enrolment.plan_id)?;
            // The last step to a key: nobody gets one who is switched off at this moment.
            if !developers::held(conn, guest.developer.id)?.is_some_and(|developer| developer.may_build()) {
                return Ok(Err(Refusal::DeveloperClosed));
            }
            if enrolment.progress.state.is_open() && answer::renewed(app, conn, &enrolment)? {
                return Ok(Err(Refusal::Rule(crate::platform::enrolment::Refusal::Stale)));
            }
            Event::Accept { shown }
        }
    };
    Ok(match proceed::let_happen(app, conn, id, event, &by, "")? {
        None => Err(Refusal::Foreign),
        Some(Err(why)) => Err(Refusal::Rule(why)),
        Some(Ok(after)) => Ok(after),
    })
}
