//! Who stands behind a grant, and whether anything issued on it may speak at the moment.
//!
//! Of an account's grant all of it came with the grant; of a consumer's it is one more read.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::identity::subject::Subject;
use crate::protocol::grant::Grant;
use crate::store::contacts::{self, Link};
use crate::store::grants::Person;
use crate::store::{Conn, accounts, consumer_sessions, consumers, sessions};

/// How a grant's person stands.
#[derive(Debug, Clone)]
pub struct Holder {
    /// What binds the person to the permission is still there.
    pub bound: bool,
    /// The person may use the platform, and where it is a consumer, so may the agent.
    pub active: bool,
    /// Anything issued for the person before this moment is dead.
    pub floor: Option<Timestamp>,
    /// How consumer and agent stand to one another, of a consumer's grant.
    pub link: Option<Link>,
}

/// How the person of a grant stands.
pub fn of(conn: &mut Conn, grant: &Grant, person: &Person) -> Result<Holder, Fault> {
    let Some(acting) = &grant.consumer else {
        return Ok(Holder { bound: true, active: person.active, floor: person.tokens_valid_after, link: None });
    };
    Ok(match contacts::linked(conn, &acting.consumer_id, &grant.account_id, &acting.contact_id)? {
        // What the agent's own password does is no business of the consumer's tokens.
        Some(link) => Holder { bound: link.holds, active: person.active && link.open, floor: link.tokens_valid_after, link: Some(link) },
        None => Holder { bound: false, active: person.active, floor: None, link: None },
    })
}

/// Whether the browser session in which a permission was given was not ended.
pub fn session_not_ended(conn: &mut Conn, grant: &Grant) -> Result<bool, Fault> {
    match (&grant.consumer, grant.session_id) {
        (Some(acting), _) => consumer_sessions::not_ended(conn, acting.session_id),
        (None, Some(session)) => sessions::not_ended(conn, session),
        (None, None) => Ok(true),
    }
}

/// Whom a grant's tokens are about, in full.
pub fn subject(_: &App, conn: &mut Conn, grant: &Grant) -> Result<Option<Subject>, Fault> {
    Ok(match &grant.consumer {
        Some(acting) => consumers::get(conn, &acting.consumer_id)?.map(|kept| Subject::Consumer(Box::new(kept.consumer))),
        None => accounts::get(conn, &grant.account_id)?.map(|account| Subject::Account(Box::new(account))),
    })
}
