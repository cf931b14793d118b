//! How much one person may cause here in a day (UTC): looks at login names, and letters to others.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{DeveloperId, EnrolmentId};
use crate::base::peer::line_of;
use crate::flows::record::Caller;
use crate::identity::throttle::Rule;
use crate::store::{Conn, throttles};

/// How many enrolments a developer sends in a day.
pub const ENROLMENTS: i64 = 20;
/// How many login names a developer tries in a day, right ones and wrong ones alike: each answer tells whether somebody has it.
const LOGINS: i64 = 40;
/// How many are tried from one address, whoever tries.
const LOGINS_OF_ADDRESS: i64 = 120;
/// How often one person says something about one enrolment in a day.
const WORDS: i64 = 20;

fn spend(app: &App, conn: &mut Conn, most: i64, bucket: &str) -> Result<bool, Fault> {
    Ok(throttles::count(conn, Rule::Day(most), bucket, app.now())?.is_ok())
}

/// Whether a developer may send one more enrolment today.
pub fn enrolment(app: &App, conn: &mut Conn, developer: DeveloperId) -> Result<bool, Fault> {
    spend(app, conn, ENROLMENTS, &format!("enrolments:{developer}"))
}

/// Whether a developer may try one more login name today.
pub fn login(app: &App, conn: &mut Conn, developer: DeveloperId, caller: &Caller) -> Result<bool, Fault> {
    let peer = caller.peer.map_or_else(|| "unknown".to_owned(), |peer| line_of(peer).to_string());
    let by_address = spend(app, conn, LOGINS_OF_ADDRESS, &format!("enrol-address:{peer}"))?;
    Ok(by_address && spend(app, conn, LOGINS, &format!("enrol:{developer}"))?)
}

/// Whether somebody may say one more thing about an enrolment today.
pub fn words(app: &App, conn: &mut Conn, enrolment: EnrolmentId, who: &str) -> Result<bool, Fault> {
    spend(app, conn, WORDS, &format!("words:{enrolment}:{who}"))
}
