//! Personal tokens at the command line: the same rules as behind the Keys API, for every MLS.

use crate::base::Fault;
use crate::base::id::PersonalTokenId;
use crate::base::text::readable;
use crate::flows::platform::generic_agent;
use crate::flows::platform::issue_token::{Issued, TokenWish, issue, unfit_key};
use crate::identity::account::Account;
use crate::platform::personal_token::{OwnData, PersonalToken};
use crate::store::audit::Entry;
use crate::store::keys::Registered;
use crate::store::{Conn, accounts, audit, keys, mlses, personal_tokens};

use super::{Declined, Desk};

const NO_SUCH: &str = "there is no key with that client_id";
/// The most tokens a list shows.
const MOST: i64 = 1000;

/// For whom a token is to speak.
#[derive(Debug, Clone)]
pub enum Holder {
    /// Who signs in with that name.
    Login(String),
    /// The generic agent of the MLS of that name, or else of the key's.
    GenericAgent(Option<String>),
}

/// A token, and whose it is.
pub type Held = (PersonalToken, Option<Account>);

/// Issues a token; its value is told now and never again. One write.
///
/// Refuses: a key, login or MLS nobody has, and what [`issue`] refuses.
pub fn create(
    desk: &Desk,
    client_id: &str,
    holder: &Holder,
    own_data: Option<OwnData>,
) -> Result<Result<(Issued, Account), Declined>, Fault> {
    let (wanted, holder) = (client_id.to_owned(), holder.clone());
    let now = desk.clock.now();
    let line = desk.entry("personal_token.created", "", now);
    // The write runs on a thread of its own, which borrows nothing.
    let random = crate::base::Random::default();
    desk.db.write(move |conn| {
        let Some(registered) = living(conn, &wanted)? else { return Ok(Err(Declined::because(NO_SUCH))) };
        if let Some(why) = unfit_key(&registered) {
            return Ok(Err(Declined::because(format!("{} {}", why.attribute(), why.sentence()))));
        }
        let account = match holder {
            Holder::Login(login) => {
                accounts::by_login(conn, &login)?.map(|(account, _)| account).ok_or("there is no account with that login name")
            }
            Holder::GenericAgent(named) => {
                let mls = match &named {
                    Some(name) => mlses::named(conn, name)?.map(|mls| mls.id),
                    None => registered.key.mls_id.clone(),
                };
                let id = mls.map(|mls| generic_agent::of(&random, conn, &mls, now)).transpose()?;
                let account = id.map(|id| accounts::get(conn, &id)).transpose()?.flatten();
                account.ok_or(if named.is_some() { "there is no MLS of that name" } else { "the key belongs to no MLS: give --mls" })
            }
        };
        let account = match account {
            Ok(account) => account,
            Err(why) => return Ok(Err(Declined::because(why))),
        };
        let wish = TokenWish { registered: &registered, account: &account, own_data, created_by: "operator".to_owned() };
        let issued = match issue(&random, conn, wish, now)? {
            Ok(issued) => issued,
            Err(why) => return Ok(Err(Declined::because(format!("{} {}", why.attribute(), why.sentence())))),
        };
        let reason = issued.replaced.then(|| "replaced".to_owned());
        audit::write(conn, &Entry { subject: Some(account.id.to_string()), client: Some(wanted), reason, ..line })?;
        Ok(Ok((issued, account)))
    })
}

/// The tokens of a key, newest first, and whose they are; never their values. Reads only.
///
/// Refuses: a `client_id` nobody has.
pub fn list(desk: &Desk, client_id: &str) -> Result<Result<Vec<Held>, Declined>, Fault> {
    let wanted = client_id.to_owned();
    desk.db.read(move |conn| {
        let Some(registered) = keys::by_client_id(conn, &wanted)? else { return Ok(Err(Declined::because(NO_SUCH))) };
        let tokens = personal_tokens::of_key(conn, registered.key.id, MOST)?;
        let held = |token: PersonalToken| accounts::get(conn, &token.account_id).map(|account| (token, account));
        tokens.into_iter().map(held).collect::<Result<_, Fault>>().map(Ok)
    })
}

/// Revokes a token; every server refuses it from now on. One write.
///
/// Refuses: a token that is not there, or was revoked before.
pub fn revoke(desk: &Desk, id: PersonalTokenId) -> Result<Result<PersonalToken, Declined>, Fault> {
    let now = desk.clock.now();
    let line = desk.entry("personal_token.revoked", "", now);
    desk.db.write(move |conn| {
        let Some(token) = personal_tokens::get(conn, id)? else {
            return Ok(Err(Declined::because(format!("there is no personal token {id}"))));
        };
        keys::hold(conn, token.key_id)?;
        if !personal_tokens::revoke(conn, id, token.key_id, now)? {
            return Ok(Err(Declined::because(format!("the personal token {id} was revoked before"))));
        }
        let client = keys::get(conn, token.key_id)?.map(|registered| registered.key.key);
        audit::write(conn, &Entry { subject: Some(token.account_id.to_string()), client, ..line })?;
        Ok(Ok(token))
    })
}

fn living(conn: &mut Conn, client_id: &str) -> Result<Option<Registered>, Fault> {
    Ok(keys::by_client_id(conn, client_id)?.filter(|found| found.key.deleted_at.is_none()))
}

/// A name as it may be shown on a terminal.
pub fn shown_name(account: Option<&Account>) -> String {
    account.map_or_else(|| "(gone)".to_owned(), |account| readable(&account.login_name, 64))
}
