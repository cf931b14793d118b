//! Demo keys: they open the sample data and nothing else, because nobody of a real MLS may use them.

use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::base::text::readable;
use crate::base::{Fault, Random, Timestamp};
use crate::platform::role::Role;
use crate::protocol::client::{ClientKind, Policy};
use crate::store::keys::NewKey;
use crate::store::{Conn, developer_keys, keys};

use super::sample_mls;

/// A demo key that somebody wants.
pub struct Wish<'a> {
    /// Whose it is.
    pub identity: IdentityId,
    /// Its name.
    pub name: &'a str,
    /// The developer's web site.
    pub website: &'a str,
    /// What data it opens.
    pub role: Role,
    /// Who made it.
    pub comments: &'a str,
}

/// A demo key that was made.
pub struct Made {
    /// Its row.
    pub id: KeyId,
    /// The `client_id`.
    pub client_id: String,
    /// The invented MLS.
    pub mls: AccountId,
}

/// Makes a key for the sample data. Inside the caller's write.
pub fn make(random: &Random, conn: &mut Conn, wish: &Wish<'_>, now: Timestamp) -> Result<Made, Fault> {
    let mls = sample_mls::of(conn, now)?;
    let id = KeyId(random.small_id(now));
    let client_id = random.client_id();
    let new = NewKey {
        id,
        mls_id: Some(&mls),
        name: &readable(wish.name, 128),
        key: &client_id,
        kind: ClientKind::Confidential.name(),
        application_uri: wish.website,
        redirect_uris: &[],
        roles: &[wish.role, Role::SingleSession],
        policy: &standing(),
        comments: wish.comments,
    };
    keys::add(conn, &new, now)?;
    developer_keys::bind(conn, id, wish.identity, &mls)?;
    Ok(Made { id, client_id, mls })
}

/// What a key may do whose token is ready made: it sends nobody's browser anywhere.
pub fn standing() -> Policy {
    Policy { grant_types: Vec::new(), response_types: Vec::new(), ..Policy::default() }
}
