//! To whose own data a token is limited, for whoever serves that data.

use crate::base::Fault;
use crate::flows::check::{Bearer, Who};
use crate::identity::account::Account;
use crate::platform::personal_token::{DataRestriction, OwnData};
use crate::store::{Conn, accounts};

/// What the resource server must hold requests of this token to; nothing is read for a token without a restriction.
pub fn of(conn: &mut Conn, bearer: &Bearer) -> Result<Option<DataRestriction>, Fault> {
    let Who::Personal(token, _) = &bearer.who else { return Ok(None) };
    let Some(own_data) = token.own_data else { return Ok(None) };
    let account = accounts::get(conn, &token.account_id)?;
    // Without the account nothing is anybody's own.
    let id = account.and_then(|account| owner(&account, own_data)).unwrap_or_default();
    Ok(Some(DataRestriction { own_data: own_data.name(), id }))
}

/// Whose data is meant: the account's own, its office's or its company's; `None` where it has no such.
pub fn owner(account: &Account, own_data: OwnData) -> Option<String> {
    let id = match own_data {
        OwnData::Member => account.id.as_str(),
        OwnData::Office => &account.profile.office_id,
        OwnData::Company => &account.profile.company_id,
    };
    (!id.is_empty()).then(|| id.to_owned())
}
