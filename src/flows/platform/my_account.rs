//! The account a token speaks for.

use crate::base::Fault;
use crate::flows::check::Bearer;
use crate::flows::consumer;
use crate::identity::record::Record;
use crate::platform::access::AccessRefusal;
use crate::platform::problem::ApiProblem;
use crate::store::{Conn, accounts};

/// The record of that account.
///
/// Refuses: a key that speaks for itself.
pub fn record(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Record, ApiProblem>, Fault> {
    if bearer.consumer().is_some() {
        return consumer::accounts::record_of(conn, bearer);
    }
    let Some(id) = bearer.account_id() else { return Ok(Err(AccessRefusal::NotAtThisLevel.into())) };
    Ok(accounts::get(conn, id)?.map(|account| account.record()).ok_or(ApiProblem::Access(AccessRefusal::Over)))
}
