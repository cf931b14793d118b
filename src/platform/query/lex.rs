//! The words of SparkQL.

use chrono::{DateTime, NaiveDate};

use crate::platform::problem::ApiProblem;

/// The longest filter. Units: characters.
pub(super) const LONGEST: usize = 8192;
const DAY: i64 = 86_400_000;

/// A word, and where it begins. Units: characters from the beginning, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub token: Token,
    pub at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Whole(i64),
    /// A number between this whole one and the next.
    Above(i64),
    Truth(bool),
    Null,
    Day(String),
    /// The first millisecond and the first after it: a literal means all of the second, minute or day it names.
    Moment(i64, i64),
    Op(Op),
    And,
    Or,
    Not,
    Open,
    Close,
    Comma,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Bt,
}

pub(super) fn wrong(message: &str, position: usize) -> ApiProblem {
    ApiProblem::Query { message: message.to_owned(), position }
}

/// Parts a filter into its words.
///
/// Refuses: what is longer than [`LONGEST`], and what is no word.
pub(super) fn words(text: &str) -> Result<Vec<Word>, ApiProblem> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(ApiProblem::QueryTooComplex("The query is too long"));
    }
    let mut letters = text.chars().enumerate().peekable();
    let mut words = Vec::new();
    while let Some((at, letter)) = letters.next() {
        let token = match letter {
            ' ' | '\t' | '\r' | '\n' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' => Token::Text(quoted(&mut letters, at)?),
            _ if of_word(letter) => {
                let mut word = String::from(letter);
                while let Some((_, next)) = letters.next_if(|(_, next)| of_word(*next)) {
                    word.push(next);
                }
                unquoted(&word).ok_or_else(|| wrong("This is neither a number, a date nor a name", at))?
            }
            _ => return Err(wrong("This character has no place here", at)),
        };
        words.push(Word { token, at });
    }
    Ok(words)
}

fn of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '+' | '-')
}

/// What stands between quotation marks; a backslash before a quotation mark or another backslash takes its meaning away.
fn quoted(letters: &mut impl Iterator<Item = (usize, char)>, begin: usize) -> Result<String, ApiProblem> {
    let mut text = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Ok(text),
            '\\' => match letters.next() {
                Some((_, escaped @ ('\'' | '\\'))) => text.push(escaped),
                _ => return Err(wrong("A backslash stands only before a quotation mark or another backslash", at)),
            },
            '\0' => return Err(wrong("This character has no place here", at)),
            _ => text.push(letter),
        }
    }
    Err(wrong("This text has no closing quotation mark", begin))
}

fn unquoted(word: &str) -> Option<Token> {
    if word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.' | ':')) {
        let digits = word.strip_prefix('-').unwrap_or(word);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return word.parse().ok().map(Token::Whole);
        }
        if let Some((digits, part)) = word.split_once('.')
            && let Some(number) = decimal(digits, part)
        {
            return Some(number);
        }
        return if word.contains(':') { moment(word) } else { day(word) };
    }
    let keyword = match word.to_ascii_lowercase().as_str() {
        "eq" => Token::Op(Op::Eq),
        "ne" => Token::Op(Op::Ne),
        "gt" => Token::Op(Op::Gt),
        "ge" => Token::Op(Op::Ge),
        "lt" => Token::Op(Op::Lt),
        "le" => Token::Op(Op::Le),
        "bt" => Token::Op(Op::Bt),
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "true" => Token::Truth(true),
        "false" => Token::Truth(false),
        "null" => Token::Null,
        _ => Token::Name(word.to_owned()),
    };
    Some(keyword)
}

/// A number with a point in it: digits on either side. What is compared with it is whole, so nothing is lost where only the whole number
/// below it is kept.
fn decimal(whole: &str, part: &str) -> Option<Token> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let negative = whole.starts_with('-');
    if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(part) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match part.bytes().all(|b| b == b'0') {
        true => Some(Token::Whole(number)),
        false if negative => number.checked_sub(1).map(Token::Above),
        false => Some(Token::Above(number)),
    }
}

/// Whether `text` has a digit wherever `shape` has a 0, and the same character elsewhere.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(|(b, like)| if like == b'0' { b.is_ascii_digit() } else { b == like })
}

fn day(word: &str) -> Option<Token> {
    let real = is_shaped(word, "0000-00-00") && NaiveDate::parse_from_str(word, "%Y-%m-%d").is_ok();
    real.then(|| Token::Day(word.to_owned()))
}

/// The span a day covers in UTC. Units: milliseconds since 1970.
pub(super) fn span_of(day: &str) -> Option<(i64, i64)> {
    let begin = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
    Some((begin, begin + DAY))
}

/// A date and time as ISO 8601 has it: seconds and their parts may be left out, and the zone too, which then is UTC.
fn moment(word: &str) -> Option<Token> {
    let (date, rest) = word.split_at_checked(10)?;
    let rest = rest.strip_prefix('T')?;
    let (time, zone) = match rest.find(['Z', '+', '-']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "Z"),
    };
    let (time, part) = time.split_once('.').map_or((time, None), |(time, part)| (time, Some(part)));
    let (seconds, span) = match (is_shaped(time, "00:00"), is_shaped(time, "00:00:00"), part) {
        (true, _, None) => (":00".to_owned(), 60_000),
        (_, true, None) => (String::new(), 1000),
        (_, true, Some(part)) if (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()) => (format!(".{part}"), 1),
        _ => return None,
    };
    if !is_shaped(date, "0000-00-00") || !(zone == "Z" || is_shaped(zone, "+00:00") || is_shaped(zone, "-00:00")) {
        return None;
    }
    let begin = DateTime::parse_from_rfc3339(&format!("{date}T{time}{seconds}{zone}")).ok()?.timestamp_millis();
    Some(Token::Moment(begin, begin + span))
}
