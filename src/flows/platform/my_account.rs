//! The account a token speaks for.

use crate::base::Fault;
use crate::flows::check::Bearer;
use crate::flows::consumer;
use crate::identity::record::Record;
use crate::platform::access::AccessRefusal;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Field, Resource};
use crate::store::{Conn, accounts};

/// What can be asked of its record.
pub const ACCOUNT: Resource = Resource::of(
    "",
    &[
        Field::shown("ResourceUri"),
        Field::shown("Id"),
        Field::shown("Name"),
        Field::shown("FirstName"),
        Field::shown("MiddleName"),
        Field::shown("LastName"),
        Field::shown("UserType"),
        Field::shown("UserLevel"),
        Field::shown("Active"),
        Field::shown("Office"),
        Field::shown("OfficeId"),
        Field::shown("OfficeMlsId"),
        Field::shown("Company"),
        Field::shown("CompanyId"),
        Field::shown("Mls"),
        Field::shown("MlsId"),
        Field::shown("FbsIdxCustomer"),
        Field::shown("Emails"),
        Field::shown("Phones"),
        Field::shown("Websites"),
        Field::shown("Addresses"),
        Field::shown("Images"),
        Field::shown("Qualifications"),
        Field::shown("Settings"),
        Field::shown("Permissions"),
        Field::shown("GetEmailUpdates"),
        Field::shown("ModificationTimestamp"),
    ],
);

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
