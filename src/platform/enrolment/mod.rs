//! A developer's enrolment in a plan: approved place by place, then issued; or declined, withdrawn or expired.

mod event;
#[cfg(test)]
mod model;
mod progress;
mod state;

pub use event::{Effect, Event, Refusal};
pub use progress::{EXPIRES, Progress, REMINDERS};
pub use state::State;
