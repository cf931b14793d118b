//! A mailbox for a demonstration: every letter that leaves is kept here too, for whoever sits before this machine.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::Letter;
use crate::base::Timestamp;

/// How many letters are kept.
const MOST: usize = 500;

/// Letters that left since the start, in memory only: they hold links that open things.
#[derive(Debug, Default)]
pub struct Mailbox {
    letters: Mutex<VecDeque<Kept>>,
}

/// A letter that left.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number, from 1.
    pub number: usize,
    /// When it left.
    pub at: Timestamp,
    /// The letter.
    pub letter: Letter,
}

impl Mailbox {
    /// Keeps a letter; the oldest goes where there are too many.
    pub fn keep(&self, letter: &Letter, at: Timestamp) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let number = letters.back().map_or(1, |last| last.number + 1);
        if letters.len() >= MOST {
            letters.pop_front();
        }
        letters.push_back(Kept { number, at, letter: letter.clone() });
    }

    /// The letters, newest first: those to an address that holds `part`, or with it in their subject.
    pub fn newest(&self, part: &str) -> Vec<Kept> {
        let part = part.to_lowercase();
        let holds = |kept: &&Kept| kept.letter.to.to_lowercase().contains(&part) || kept.letter.subject.to_lowercase().contains(&part);
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().filter(holds).cloned().collect()
    }

    /// The letter of that number.
    pub fn get(&self, number: usize) -> Option<Kept> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|kept| kept.number == number).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::letter;
    use super::*;

    #[test]
    fn the_newest_letters_are_kept_under_numbers_of_their_own() {
        let mailbox = Mailbox::default();
        for _ in 0..=MOST {
            mailbox.keep(&letter(), Timestamp(0));
        }
        assert_eq!(mailbox.newest("").len(), MOST);
        assert_eq!((mailbox.newest("ADA")[0].number, mailbox.newest("nobody").len()), (MOST + 1, 0));
        assert!(mailbox.get(1).is_none() && mailbox.get(2).is_some());
    }
}
