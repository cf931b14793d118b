//! Whom and what the ids of the audit stand for: names that people know, and whose page tells more.

use std::collections::HashMap;

use crate::base::Fault;
use crate::base::id::{AccountId, ConsumerId, DeveloperId, EnrolmentId, KeyId, PlanId};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, consumers, developers, enrolments, keys, plans};

/// Somebody or something that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Whose page tells more.
    pub page: Page,
}

/// A page of a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// An account's.
    Account(AccountId),
    /// A key's.
    Key(KeyId),
    /// A registered developer's.
    Developer(DeveloperId),
    /// There is none.
    None,
}

/// The names of everything that some lines of the audit mention, by the id they have there.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<String, Option<Named>>);

impl Names {
    /// Looks up what these lines mention, each id once.
    pub fn of<'a>(conn: &mut Conn, lines: impl IntoIterator<Item = &'a Entry>) -> Result<Self, Fault> {
        let mut known = HashMap::new();
        for id in lines.into_iter().flat_map(|line| [&line.actor, &line.subject, &line.client]).flatten() {
            if !known.contains_key(id) {
                known.insert(id.clone(), named(conn, id)?);
            }
        }
        Ok(Self(known))
    }

    /// Whom or what an id stands for.
    pub fn get(&self, id: &str) -> Option<&Named> {
        self.0.get(id)?.as_ref()
    }
}

fn named(conn: &mut Conn, id: &str) -> Result<Option<Named>, Fault> {
    let key = |found: Option<keys::Registered>| {
        found.map(|registered| Named { name: registered.key.name.clone(), page: Page::Key(registered.key.id) })
    };
    if let Some((kind, id)) = id.split_once(':') {
        return Ok(match (kind, id.parse::<i64>()) {
            ("developer", Ok(id)) => developers::get(conn, DeveloperId(id))?
                .map(|(found, _)| Named { name: found.facts.name(), page: Page::Developer(found.id) }),
            ("plan", Ok(id)) => plans::get(conn, PlanId(id))?
                .map(|found| Named { name: format!("Plan {} of {}", found.content.name, found.mls_name), page: Page::None }),
            ("enrolment", Ok(id)) => enrolments::get(conn, EnrolmentId(id))?
                .map(|found| Named { name: format!("Enrollment of {}", found.wish.application), page: Page::None }),
            ("key", Ok(id)) => key(keys::get(conn, KeyId(id))?),
            ("consumer", _) => match id.parse::<ConsumerId>() {
                Ok(id) => consumers::get(conn, &id)?.map(|found| Named { name: found.consumer.name, page: Page::None }),
                Err(_) => None,
            },
            _ => None,
        });
    }
    if let Ok(account) = id.parse::<AccountId>() {
        return Ok(accounts::get(conn, &account)?.map(|found| Named { name: found.profile.name, page: Page::Account(found.id) }));
    }
    if let Ok(number) = id.parse::<i64>()
        && let Some(found) = key(keys::get(conn, KeyId(number))?)
    {
        return Ok(Some(found));
    }
    Ok(key(keys::by_client_id(conn, id)?))
}
