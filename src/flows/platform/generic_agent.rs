//! The generic agent of an MLS: the account for which a feed speaks that belongs to nobody in particular.

use serde_json::json;

use crate::base::id::AccountId;
use crate::base::{Fault, Random, Timestamp};
use crate::identity::account::UserType;
use crate::store::accounts::{self, NewAccount};
use crate::store::{Conn, mlses};

/// By this it is known again among the MLS's accounts; no roster has such a row.
pub const ROSTER_KEY: &str = "generic-agent";

/// The generic agent of that MLS; it is made the first time it is needed. It has no password, so nobody signs in as it.
pub fn of(random: &Random, conn: &mut Conn, mls_id: &AccountId, now: Timestamp) -> Result<AccountId, Fault> {
    let mls = mlses::get(conn, mls_id)?.ok_or_else(|| Fault::broken(format!("there is no MLS {mls_id}")))?;
    let name = format!("Generic agent of {}", mls.name);
    let profile = json!({ "Name": name, "FirstName": "Generic agent", "LastName": mls.name, "Visible": false, "Billable": false });
    let new = NewAccount {
        id: random.account_id(now),
        mls_id,
        roster_key: ROSTER_KEY,
        login_name: &format!("generic-agent.{mls_id}"),
        user_type: UserType::Member.name(),
        active: true,
        password_hash: None,
        profile: &profile.to_string(),
    };
    accounts::add_once(conn, &new, now)
}
