//! Issuing a personal token: every door through which they come asks the same rules.

use crate::base::id::PersonalTokenId;
use crate::base::{Fault, Random, Secret, Timestamp};
use crate::identity::account::Account;
use crate::platform::key::AuthType;
use crate::platform::personal_token::{OwnData, PersonalToken, Unfit, value};
use crate::platform::role::Role;
use crate::store::keys::{self, Registered};
use crate::store::{Conn, personal_tokens};

use super::own_data;

/// The token somebody wants.
pub struct TokenWish<'a> {
    /// Of which key.
    pub registered: &'a Registered,
    /// For whom it speaks.
    pub account: &'a Account,
    /// To whose own listings it is limited.
    pub own_data: Option<OwnData>,
    /// Who makes it.
    pub created_by: String,
}

/// A token that was issued; its value is told now and never again.
pub struct Issued {
    /// The token.
    pub token: PersonalToken,
    /// Its value.
    pub value: Secret,
    /// Whether the same account had another one of this key, which is revoked now.
    pub replaced: bool,
}

/// Issues a token inside the caller's write; the one the same account had of this key is revoked.
///
/// Refuses: a key that signs people in or is switched off, an account that is off or may not use it, a second person on one key.
pub fn issue(random: &Random, conn: &mut Conn, wish: TokenWish<'_>, now: Timestamp) -> Result<Result<Issued, Unfit>, Fault> {
    let TokenWish { registered, account, own_data, created_by } = wish;
    if let Some(why) = unfit_key(registered).or_else(|| unfit_account(registered, account, own_data)) {
        return Ok(Err(why));
    }
    let key_id = registered.key.id;
    // Two who issue at once must see one another: one key, one person.
    keys::hold(conn, key_id)?;
    let holders = personal_tokens::holders(conn, key_id)?;
    if holders.iter().any(|holder| *holder != account.id) {
        return Ok(Err(Unfit::SomebodyElses));
    }
    let value = value(&random.word());
    let text = value.expose();
    let token = PersonalToken {
        id: PersonalTokenId(random.small_id(now)),
        key_id,
        account_id: account.id.clone(),
        last_four: text.chars().skip(text.len().saturating_sub(4)).collect(),
        own_data,
        created_by,
        created_at: now,
        last_used_on: None,
        revoked_at: None,
    };
    personal_tokens::put(conn, &token, &value.digest(), now)?;
    Ok(Ok(Issued { token, value, replaced: !holders.is_empty() }))
}

/// What is wrong with a key of which a token is wanted, whoever it is for.
pub fn unfit_key(registered: &Registered) -> Option<Unfit> {
    let key = &registered.key;
    if !key.has(Role::SingleSession) {
        return Some(Unfit::NotSingleSession);
    }
    let open = key.enabled && key.deleted_at.is_none() && key.auth_type == AuthType::OAuth2;
    (!open).then_some(Unfit::KeyClosed)
}

fn unfit_account(registered: &Registered, account: &Account, own_data: Option<OwnData>) -> Option<Unfit> {
    if !registered.key.admits(&account.mls_id) {
        return Some(Unfit::PersonOutside);
    }
    if !account.active {
        return Some(Unfit::PersonInactive);
    }
    own_data.filter(|own| own_data::owner(account, *own).is_none()).map(Unfit::NoSuchData)
}
