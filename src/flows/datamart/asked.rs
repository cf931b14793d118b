//! Letters to those who are asked about an enrolment, besides the question itself: what the developer says, and that no answer is needed any more.

use crate::app::App;
use crate::base::Fault;
use crate::flows::tell;
use crate::mail::Notice;
use crate::platform::approval::Step;
use crate::platform::wish::Enrolment;
use crate::store::{Conn, accounts};

/// What is told.
pub enum Told<'a> {
    /// The developer wrote something.
    Said(&'a str),
    /// It was taken back, or its time is over; this is why.
    Over(&'static str),
}

/// Tells everybody who may answer at that step. Inside the caller's write.
pub fn tell(app: &App, conn: &mut Conn, enrolment: &Enrolment, step: &Step, from: &str, told: &Told<'_>) -> Result<(), Fault> {
    for addressee in &step.addressees {
        let Some(account) = accounts::get(conn, addressee)?.filter(|account| account.active) else { continue };
        let Some(to) = account.profile.primary_email() else { continue };
        let mut notice = Notice {
            name: account.profile.name.clone(),
            facts: vec![("Application", enrolment.wish.application.clone()), ("Developer", from.to_owned())],
            site: app.settings.issuer.clone(),
            ..Notice::default()
        };
        match told {
            Told::Said(words) => {
                "A developer commented".clone_into(&mut notice.subject);
                notice.paragraphs = vec!["the developer whose enrollment you are asked about commented.".to_owned()];
                notice.facts.push(("Says", words.replace('\n', " ")));
                notice.action = Some(("Read", format!("{}/account/approvals/{}", app.settings.issuer, enrolment.id)));
            }
            Told::Over(why) => {
                "Your approval is no longer needed".clone_into(&mut notice.subject);
                notice.paragraphs = vec![(*why).to_owned()];
                "You do not need to do anything.".clone_into(&mut notice.closing);
            }
        }
        tell::letter(app, conn, notice.letter(to)?)?;
    }
    Ok(())
}
