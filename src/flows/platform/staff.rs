//! Who asks at the Keys API, and how far his word goes.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::flows::check::Bearer;
use crate::flows::datamart::enter;
use crate::flows::record::Caller;
use crate::identity::account::{Account, UserType};
use crate::platform::access::AccessRefusal;
use crate::platform::developer::Developer;
use crate::platform::identity::Identity;
use crate::platform::key::Key;
use crate::platform::problem::ApiProblem;
use crate::platform::reach::{Reach, Speaker};
use crate::protocol::client::Privilege;
use crate::store::audit::Entry;
use crate::store::keys::{self, Registered};
use crate::store::{Conn, identities};

use super::key_record::editable;

/// Which key of which developer.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The developer.
    pub identity: IdentityId,
    /// The key.
    pub key: KeyId,
}

impl Place {
    /// Its address.
    pub fn uri(self) -> String {
        format!("/v1/developers/identities/{}/keys/{}", self.identity, self.key)
    }
}

/// Who asks: staff of an MLS, by a token or at the console; the platform's staff; a key with the privilege; a developer about what is his. At
/// the few services that are open to everybody, anybody.
pub struct Staff<'g> {
    by: By<'g>,
    caller: &'g Caller,
    reach: Reach,
}

/// By what he is known.
#[derive(Clone, Copy)]
enum By<'g> {
    Token(&'g Bearer),
    Account(&'g Account),
    Platform(&'g Account),
    Developer(&'g Developer),
}

impl<'g> Staff<'g> {
    /// Whoever holds that token.
    pub fn of(bearer: &'g Bearer, caller: &'g Caller) -> Self {
        let speaker = bearer.person().map(|person| Speaker { mls: &person.mls_id, staff: person.user_type == UserType::Mls });
        let privileged = bearer.registered.client.policy.privileges.contains(&Privilege::Developers);
        let reach = Reach::of(speaker, bearer.registered.key.mls_id.as_ref(), privileged);
        Self { by: By::Token(bearer), caller, reach }
    }

    /// Whoever is signed in at the console of his MLS.
    pub fn at_console(account: &'g Account, caller: &'g Caller) -> Self {
        let speaker = Speaker { mls: &account.mls_id, staff: account.user_type == UserType::Mls };
        Self { by: By::Account(account), caller, reach: Reach::of(Some(speaker), None, false) }
    }

    /// Whoever is signed in at the console of the platform.
    pub fn of_platform(account: &'g Account, caller: &'g Caller) -> Self {
        Self { by: By::Platform(account), caller, reach: Reach::Everything }
    }

    /// A developer at his own portal; what he makes there belongs to `sandbox`.
    pub fn developer(developer: &'g Developer, identity: IdentityId, sandbox: AccountId, caller: &'g Caller) -> Self {
        Self { by: By::Developer(developer), caller, reach: Reach::Own { identity, sandbox } }
    }

    /// The key whose token it is.
    pub fn own_key(&self) -> Option<&'g Key> {
        match self.by {
            By::Token(bearer) => Some(&bearer.registered.key),
            _ => None,
        }
    }

    /// The account he is.
    pub fn account_id(&self) -> Option<&AccountId> {
        match self.by {
            By::Token(bearer) => bearer.account_id(),
            By::Account(account) | By::Platform(account) => Some(&account.id),
            By::Developer(_) => None,
        }
    }

    /// How far his word goes.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether he is a developer about what is his.
    pub const fn is_developer(&self) -> bool {
        matches!(self.by, By::Developer(_))
    }

    /// Whether he made that key himself, and no MLS gave it to him.
    pub fn made(&self, key: &Key) -> bool {
        matches!(&self.reach, Reach::Own { sandbox, .. } if key.mls_id.as_ref() == Some(sandbox))
    }

    /// Whether he has that privilege: an administrator gave it to his key, or he is one.
    pub fn may(&self, privilege: Privilege) -> bool {
        match self.by {
            By::Token(bearer) => bearer.registered.client.policy.privileges.contains(&privilege),
            By::Platform(_) => true,
            By::Account(_) | By::Developer(_) => false,
        }
    }

    /// Who he is, as rows tell it: the person, the developer, or else the key.
    pub fn actor(&self) -> String {
        match self.by {
            By::Token(bearer) => bearer.actor(),
            By::Account(account) | By::Platform(account) => account.id.to_string(),
            By::Developer(developer) => enter::actor(developer),
        }
    }

    /// A line of the audit about something he did.
    pub fn entry(&self, app: &App, event: &str) -> Entry {
        Entry { actor: Some(self.actor()), ..self.caller.entry(app, event, false, app.now()) }
    }

    /// That developer, deleted or not.
    ///
    /// Refuses: one beyond his reach, as if he were not there.
    pub fn identity(&self, conn: &mut Conn, id: IdentityId) -> Result<Result<Identity, ApiProblem>, Fault> {
        Ok(identities::get(conn, &self.reach, id)?.ok_or(ApiProblem::not_found()))
    }

    /// The key at that place, deleted or not.
    ///
    /// Refuses: one beyond his reach or of another developer, as if it were not there.
    pub fn key(&self, conn: &mut Conn, place: Place) -> Result<Result<Registered, ApiProblem>, Fault> {
        Ok(keys::within(conn, &self.reach, place.identity, place.key)?.ok_or(ApiProblem::not_found()))
    }

    /// The key at that place.
    ///
    /// Refuses: what [`Staff::key`] refuses, and one that was deleted.
    pub fn living_key(&self, conn: &mut Conn, place: Place) -> Result<Result<Registered, ApiProblem>, Fault> {
        let found = keys::within(conn, &self.reach, place.identity, place.key)?.filter(|found| found.key.deleted_at.is_none());
        Ok(found.ok_or(ApiProblem::not_found()))
    }

    /// The key at that place, which the caller may change and nobody else changes meanwhile.
    ///
    /// Refuses: what [`Staff::living_key`] refuses, and 1018 where the key may do more than the caller.
    pub fn held_key(&self, conn: &mut Conn, place: Place) -> Result<Result<Registered, ApiProblem>, Fault> {
        keys::hold(conn, place.key)?;
        Ok(match self.living_key(conn, place)? {
            Ok(registered) if !editable(self, &registered) => Err(AccessRefusal::MethodForbidden.into()),
            found => found,
        })
    }
}
