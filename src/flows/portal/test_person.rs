//! Somebody to sign in as, on sample data: an invented agent of the invented MLS, one for each developer, with a password of the developer's.

use serde_json::json;

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::{DeveloperGuest, actor};
use crate::flows::datamart::sample_mls;
use crate::flows::record::record;
use crate::identity::account::UserType;
use crate::store::accounts::NewAccount;
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, sessions};

/// What the developer's invented agent signs in with.
pub fn login(guest: &DeveloperGuest) -> String {
    format!("sandbox.{}", guest.developer.id)
}

/// Whether that agent has a password yet.
pub fn is_there(conn: &mut Conn, guest: &DeveloperGuest) -> Result<bool, Fault> {
    Ok(accounts::by_login(conn, &login(guest))?.is_some_and(|(_, hash)| hash.is_some()))
}

/// Gives the agent a password; it is made where it is not there yet. Whatever hung on the old one is over. One write.
pub fn set(app: &App, conn: &mut Conn, guest: &DeveloperGuest, hash: &str) -> Result<(), Fault> {
    let now = app.now();
    let mls = sample_mls::of(conn, now)?;
    let login = login(guest);
    let email = &guest.developer.facts.email;
    let profile = json!({
        "Name": "Pia Sample", "FirstName": "Pia", "LastName": "Sample", "MemberType": "Agent", "MemberMlsId": "S-1", "Office": "Birch & Sons Realty",
        "OfficeId": "20260101000000000000000911", "Emails": [{ "Type": "Work", "Name": "Primary", "Address": email, "Primary": true }],
    });
    let new = NewAccount {
        id: app.random.account_id(now),
        mls_id: &mls,
        roster_key: &login,
        login_name: &login,
        user_type: UserType::Member.name(),
        active: true,
        password_hash: None,
        profile: &profile.to_string(),
    };
    let id = accounts::add_once(conn, &new, now)?;
    accounts::set_password(conn, &id, hash, now)?;
    sessions::end_all(conn, &id, None, now)?;
    let line = Entry {
        actor: Some(actor(&guest.developer)),
        reason: Some("sandbox_person".to_owned()),
        ..guest.entry(app, "password.changed", id.as_str())
    };
    record(conn, &line)
}
