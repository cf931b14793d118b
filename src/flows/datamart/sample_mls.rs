//! The invented MLS to which demo keys belong; it is made the first time it is needed.

use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};
use crate::platform::sample::{MLS_IDS, MLS_NAMES};
use crate::store::Conn;
use crate::store::mlses::{self, Mls};

/// The id of the MLS of demo keys. Inside the caller's write.
pub fn of(conn: &mut Conn, now: Timestamp) -> Result<AccountId, Fault> {
    let [id, _] = MLS_IDS;
    let [name, _] = MLS_NAMES;
    let id: AccountId = id.parse().map_err(Fault::broken)?;
    if mlses::get(conn, &id)?.is_none() {
        let mls = Mls {
            id: id.clone(),
            name: name.to_owned(),
            time_zone: "America/Los_Angeles".to_owned(),
            logo: None,
            accent: None,
            support: None,
        };
        mlses::add_sample(conn, &mls, now)?;
    }
    Ok(id)
}

/// Which MLS that is.
pub fn id() -> Option<AccountId> {
    let [id, _] = MLS_IDS;
    id.parse().ok()
}
