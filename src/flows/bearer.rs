//! A token that is good: to which key it was issued, for whom it speaks, and in which role.

use std::sync::Arc;

use crate::base::Timestamp;
use crate::base::id::AccountId;
use crate::identity::account::UserType;
use crate::platform::personal_token::PersonalToken;
use crate::platform::role::Role;
use crate::platform::service::Standing;
use crate::protocol::client::Privilege;
use crate::protocol::grant::{Acting, ConsumerRole, Grant};
use crate::protocol::scope::Scopes;
use crate::store::grants::Person;
use crate::store::keys::Registered;

/// A token that is good.
pub struct Bearer {
    /// The key it was issued to.
    pub registered: Arc<Registered>,
    /// For whom it speaks.
    pub who: Who,
    /// What it opens.
    pub scope: Scopes,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it is over by itself; a personal token never is.
    pub expires: Option<Timestamp>,
}

/// For whom a token speaks.
pub enum Who {
    /// For the key itself.
    Key,
    /// For somebody who allowed it.
    Granted(Box<Grant>, Person),
    /// For the account of a personal token.
    Personal(PersonalToken, Person),
    /// For a consumer who allowed it, with the agent whose portal it is.
    Consumer(Box<Speaker>),
}

/// A consumer for whom a token speaks.
pub struct Speaker {
    /// The permission.
    pub grant: Grant,
    /// Who, by which contact, in which role.
    pub acting: Acting,
    /// The agent.
    pub agent: Person,
    /// What the consumer signs in with.
    pub login_name: String,
}

impl Bearer {
    /// The account it speaks for; none where it speaks for a consumer, to whom nothing of the agent's own is open.
    pub fn account_id(&self) -> Option<&AccountId> {
        match &self.who {
            Who::Key | Who::Consumer(_) => None,
            Who::Granted(grant, _) => Some(&grant.account_id),
            Who::Personal(token, _) => Some(&token.account_id),
        }
    }

    /// The agent on whose behalf, or with whom, it acts: the account it speaks for, or else the consumer's agent.
    pub fn agent_id(&self) -> Option<&AccountId> {
        self.account_id().or_else(|| self.consumer().map(|speaker| &speaker.grant.account_id))
    }

    /// The consumer it speaks for.
    pub fn consumer(&self) -> Option<&Speaker> {
        match &self.who {
            Who::Consumer(speaker) => Some(speaker),
            _ => None,
        }
    }

    /// Whether its key copies in bulk.
    pub fn copies_in_bulk(&self) -> bool {
        self.registered.key.has(Role::Replication)
    }

    /// Whom it is about: the `sub`.
    pub fn subject(&self) -> &str {
        match &self.who {
            Who::Key => &self.registered.key.key,
            Who::Granted(grant, _) => grant.subject(),
            Who::Personal(token, _) => token.account_id.as_str(),
            Who::Consumer(speaker) => speaker.grant.subject(),
        }
    }

    /// What is known of the account it speaks for.
    pub fn person(&self) -> Option<&Person> {
        match &self.who {
            Who::Key | Who::Consumer(_) => None,
            Who::Granted(_, person) | Who::Personal(_, person) => Some(person),
        }
    }

    /// What whoever it speaks for signs in with.
    pub fn login_name(&self) -> Option<&str> {
        let consumer = self.consumer().map(|speaker| speaker.login_name.as_str());
        consumer.or_else(|| self.person().map(|person| person.login_name.as_str()))
    }

    /// The data role in which it acts: the key's own, or where it speaks for a consumer the one of the session, as long as the key may
    /// make such sessions at all.
    pub fn role(&self) -> Option<Role> {
        match self.consumer().map(|speaker| speaker.acting.role) {
            None => self.registered.key.data_role(),
            Some(_) if !self.registered.key.signs_consumers_in() => None,
            Some(ConsumerRole::Vow) => Some(Role::Vow),
            Some(ConsumerRole::Portal) => Some(Role::Portal),
        }
    }

    /// The MLS on whose data it acts.
    pub fn mls_id(&self) -> Option<&AccountId> {
        let person = self.person().or_else(|| self.consumer().map(|speaker| &speaker.agent));
        person.map(|person| &person.mls_id).or(self.registered.key.mls_id.as_ref())
    }

    /// Who acts, as rows tell it: the person, or else the key. A consumer is never to be taken for an account.
    pub fn actor(&self) -> String {
        match &self.who {
            Who::Consumer(speaker) => format!("consumer:{}", speaker.acting.consumer_id),
            _ => self.subject().to_owned(),
        }
    }

    /// How its level is judged.
    pub fn standing(&self) -> Standing {
        let staff = self.person().is_some_and(|person| person.user_type == UserType::Mls);
        let key = &self.registered;
        Standing {
            role: self.role(),
            staff: staff || key.client.policy.privileges.contains(&Privilege::Developers),
            templated: key.key.template_id.is_some(),
        }
    }
}
