//! Who is at the site in which browser, and the favourites of its small data service: in memory, and only so many.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::base::Random;

use super::site::Tokens;

/// How many browsers are remembered; beyond it all are forgotten.
const MOST: usize = 1000;
/// How many sign-ins may be under way in one browser, one in each tab.
const MOST_PENDING: usize = 8;

/// One browser.
#[derive(Debug, Clone, Default)]
pub struct Guest {
    /// The states of sign-ins under way.
    pub pending: Vec<String>,
    /// The tokens, once signed in.
    pub tokens: Option<Tokens>,
    /// Shows that a form is ours.
    pub form_token: String,
}

/// Every browser by the text of its cookie, and every contact's favourites.
#[derive(Default)]
pub struct Guests {
    random: Random,
    held: Mutex<HashMap<String, Guest>>,
    favourites: Mutex<HashMap<String, BTreeSet<usize>>>,
}

impl Guests {
    /// The browser with that cookie.
    pub fn get(&self, cookie: Option<&str>) -> Option<Guest> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(cookie?).cloned()
    }

    /// Works on the browser with that cookie; one that is not known gets a cookie, which is answered.
    pub fn with(&self, cookie: Option<&str>, work: impl FnOnce(&mut Guest)) -> Option<String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(guest) = cookie.and_then(|cookie| held.get_mut(cookie)) {
            work(guest);
            return None;
        }
        if held.len() >= MOST {
            held.clear();
        }
        let fresh = self.random.token();
        let mut guest = Guest { form_token: self.random.token(), ..Guest::default() };
        work(&mut guest);
        held.insert(fresh.clone(), guest);
        Some(fresh)
    }

    /// Forgets a browser.
    pub fn forget(&self, cookie: Option<&str>) -> Option<Guest> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(cookie?)
    }

    /// The favourites of a contact.
    pub fn favourites(&self, contact: &str) -> BTreeSet<usize> {
        self.favourites.lock().unwrap_or_else(PoisonError::into_inner).get(contact).cloned().unwrap_or_default()
    }

    /// Makes a home a favourite of a contact, or no longer.
    pub fn turn(&self, contact: &str, home: usize) {
        let mut favourites = self.favourites.lock().unwrap_or_else(PoisonError::into_inner);
        if favourites.len() >= MOST && !favourites.contains_key(contact) {
            favourites.clear();
        }
        let own = favourites.entry(contact.to_owned()).or_default();
        if !own.remove(&home) {
            own.insert(home);
        }
    }
}

impl Guest {
    /// Remembers a sign-in that begins.
    pub fn begins(&mut self, state: String) {
        if self.pending.len() >= MOST_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(state);
    }

    /// Whether a sign-in of that state is under way; it is used up by asking.
    pub fn ends(&mut self, state: &str) -> bool {
        let before = self.pending.len();
        self.pending.retain(|known| known != state);
        self.pending.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_good_once_and_favourites_are_each_contacts_own() {
        let guests = Guests::default();
        let cookie = guests.with(None, |guest| guest.begins("s".to_owned())).unwrap();
        assert!(guests.with(Some(&cookie), |guest| assert!(guest.ends("s"))).is_none());
        guests.with(Some(&cookie), |guest| assert!(!guest.ends("s")));
        guests.turn("1", 2);
        assert!(guests.favourites("1").contains(&2) && guests.favourites("2").is_empty());
        guests.turn("1", 2);
        assert!(guests.favourites("1").is_empty());
        assert!(guests.forget(Some(&cookie)).is_some() && guests.get(Some(&cookie)).is_none());
    }
}
