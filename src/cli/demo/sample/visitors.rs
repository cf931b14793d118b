//! Who is at the sample in which browser: in memory, and only so many.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::base::Random;

use super::party::{Pending, Signed};

/// How many browsers are remembered; beyond it the one seen longest ago is forgotten.
const MOST: usize = 1000;
/// How many sign-ins may be under way in one browser, one in each tab.
const MOST_PENDING: usize = 8;

/// One browser.
#[derive(Default)]
pub struct Visitor {
    /// Sign-ins under way.
    pub pending: Vec<Pending>,
    /// The person, once signed in.
    pub signed: Option<Signed>,
    /// What just happened.
    pub notice: Option<String>,
    /// Shows that a form is ours.
    pub form_token: String,
    seen: u64,
}

/// Every browser, by the text of its cookie.
#[derive(Default)]
pub struct Visitors {
    random: Random,
    held: Mutex<(u64, HashMap<String, Visitor>)>,
}

impl Visitors {
    /// Works on the browser with that cookie, if it is known.
    pub fn with<T>(&self, cookie: Option<&str>, work: impl FnOnce(&mut Visitor) -> T) -> Option<T> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, map) = &mut *held;
        *count += 1;
        let visitor = map.get_mut(cookie?)?;
        visitor.seen = *count;
        Some(work(visitor))
    }

    /// A browser that is new, or that just signed in and gets another cookie. Answers the cookie.
    pub fn welcome(&self, visitor: Visitor) -> String {
        let cookie = self.random.token();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, map) = &mut *held;
        if map.len() >= MOST
            && let Some(oldest) = map.iter().min_by_key(|(_, visitor)| visitor.seen).map(|(cookie, _)| cookie.clone())
        {
            map.remove(&oldest);
        }
        *count += 1;
        map.insert(cookie.clone(), Visitor { form_token: self.random.token(), seen: *count, ..visitor });
        cookie
    }

    /// Forgets a browser, and gives what was held of it.
    pub fn forget(&self, cookie: Option<&str>) -> Option<Visitor> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).1.remove(cookie?)
    }
}

impl Visitor {
    /// A browser in which somebody just signed in.
    pub fn of(signed: Signed) -> Self {
        Self { signed: Some(signed), ..Self::default() }
    }

    /// Remembers a sign-in that begins.
    pub fn begins(&mut self, pending: Pending) {
        if self.pending.len() >= MOST_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(pending);
    }

    /// The sign-in of that state, which is used up by asking for it.
    pub fn ends(&mut self, state: &str) -> Option<Pending> {
        let place = self.pending.iter().position(|pending| pending.state.secret() == state)?;
        Some(self.pending.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_browsers_is_forgotten_from_its_beginning() {
        let visitors = Visitors::default();
        let first = visitors.welcome(Visitor::default());
        let second = visitors.welcome(Visitor::default());
        visitors.with(Some(&first), |_| ()).unwrap();
        for _ in 0..MOST - 1 {
            visitors.welcome(Visitor::default());
        }
        assert!(visitors.with(Some(&second), |_| ()).is_none());
        assert!(visitors.with(Some(&first), |_| ()).is_some());
        assert!(visitors.forget(Some(&first)).is_some() && visitors.with(Some(&first), |_| ()).is_none());
    }
}
