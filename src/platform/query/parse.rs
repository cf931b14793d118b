//! Reading a filter. `And` binds tighter than `Or`, `Not` tighter than both, parentheses tightest.

use crate::platform::problem::ApiProblem;

use super::lex::{Op, Token, Word, span_of, words, wrong};
use super::{Comparison, Field, Filter, Kind, Resource, Test};

/// How deep parentheses and `Not` may be nested.
const DEEPEST: usize = 8;
/// How many values a filter may compare with.
const MOST_VALUES: usize = 200;

const TOO_DEEP: &str = "The query is nested too deeply";
const TOO_MANY: &str = "The query has too many conditions or values";

/// Reads a filter.
///
/// Refuses: names the resource does not declare, values of another type, and what is too long, too deep or too much.
pub(super) fn filter(resource: &Resource, text: &str) -> Result<Filter, ApiProblem> {
    let words = words(text)?;
    let mut parser = Parser { resource, words: &words, end: text.chars().count(), values: 0, depth: 0 };
    let filter = parser.any()?;
    match parser.words.first() {
        None => Ok(filter),
        Some(word) => Err(wrong("The query should be over here, or go on with And or Or", word.at)),
    }
}

struct Parser<'a> {
    resource: &'a Resource,
    words: &'a [Word],
    end: usize,
    values: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.words.first().map(|word| &word.token)
    }

    fn next(&mut self) -> Option<&'a Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn takes(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        if there {
            self.next();
        }
        there
    }

    fn at(&self) -> usize {
        self.words.first().map_or(self.end, |word| word.at)
    }

    fn expect(&mut self, token: &Token, message: &str) -> Result<(), ApiProblem> {
        let at = self.at();
        if self.takes(token) { Ok(()) } else { Err(wrong(message, at)) }
    }

    fn any(&mut self) -> Result<Filter, ApiProblem> {
        let mut parts = vec![self.all()?];
        while self.takes(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Filter::Any))
    }

    fn all(&mut self) -> Result<Filter, ApiProblem> {
        let mut parts = vec![self.single()?];
        while self.takes(&Token::And) {
            parts.push(self.single()?);
        }
        Ok(one_or(parts, Filter::All))
    }

    fn single(&mut self) -> Result<Filter, ApiProblem> {
        if self.takes(&Token::Not) {
            return self.deeper(Self::single).map(|inner| Filter::Not(Box::new(inner)));
        }
        if self.takes(&Token::Open) {
            let inner = self.deeper(Self::any)?;
            self.expect(&Token::Close, "A parenthesis should be closed here")?;
            return Ok(inner);
        }
        self.condition()
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Filter, ApiProblem>) -> Result<Filter, ApiProblem> {
        if self.depth == DEEPEST {
            return Err(ApiProblem::QueryTooComplex(TOO_DEEP));
        }
        self.depth += 1;
        let inner = read(self)?;
        self.depth -= 1;
        Ok(inner)
    }

    fn condition(&mut self) -> Result<Filter, ApiProblem> {
        const NO_FIELD: &str = "Here should stand the name of an attribute that can be filtered by";
        let at = self.at();
        let Some(Token::Name(name)) = self.next().map(|word| &word.token) else { return Err(wrong(NO_FIELD, at)) };
        // What cannot be filtered by is refused like what does not exist.
        let field = self.resource.field(name).filter(|field| field.filterable).ok_or_else(|| wrong(NO_FIELD, at))?;
        let at = self.at();
        let Some(Token::Op(op)) = self.next().map(|word| &word.token) else {
            return Err(wrong("Here should stand Eq, Ne, Gt, Ge, Lt, Le or Bt", at));
        };
        let values = self.values(field)?;
        condition(field, *op, values, at)
    }

    fn values(&mut self, field: &Field) -> Result<Vec<(Value, usize)>, ApiProblem> {
        let mut values = Vec::new();
        loop {
            self.values += 1;
            if self.values > MOST_VALUES {
                return Err(ApiProblem::QueryTooComplex(TOO_MANY));
            }
            let at = self.at();
            values.push((self.value(field, at)?, at));
            if !self.takes(&Token::Comma) {
                return Ok(values);
            }
        }
    }

    fn value(&mut self, field: &Field, at: usize) -> Result<Value, ApiProblem> {
        let value = match (self.next().map(|word| &word.token), field.kind) {
            (Some(Token::Null), _) => Value::Nothing,
            (Some(Token::Name(name)), Kind::Text) if self.peek() == Some(&Token::Open) => return self.function(name, at),
            (Some(Token::Text(text)), Kind::Text | Kind::Members) => Value::Text(text.clone()),
            (Some(Token::Text(text)), Kind::Words) if !text.is_empty() && !text.contains(' ') => Value::Text(text.clone()),
            (Some(Token::Whole(number)), Kind::Whole | Kind::Digits) => Value::Whole(*number),
            (Some(Token::Above(number)), Kind::Whole | Kind::Digits) => Value::Above(*number),
            (Some(Token::Text(text)), Kind::Digits) => whole(text).map(Value::Whole).ok_or_else(|| field.wanted(at))?,
            (Some(Token::Truth(truth)), Kind::Truth | Kind::Present) => Value::Truth(*truth),
            (Some(Token::Day(day)), Kind::Day) => Value::Text(day.clone()),
            (Some(Token::Day(day)), Kind::Moment) => {
                span_of(day).map(|(from, to)| Value::Span(from, to)).ok_or_else(|| field.wanted(at))?
            }
            (Some(Token::Moment(from, to)), Kind::Moment) => Value::Span(*from, *to),
            _ => return Err(field.wanted(at)),
        };
        Ok(value)
    }

    fn function(&mut self, name: &str, at: usize) -> Result<Value, ApiProblem> {
        let make = match name.to_ascii_lowercase().as_str() {
            "contains" => Value::Contains,
            "startswith" => Value::StartsWith,
            _ => return Err(wrong("There is no such function; known are contains and startswith", at)),
        };
        self.expect(&Token::Open, "Here should stand an opening parenthesis")?;
        let at = self.at();
        let Some(Token::Text(text)) = self.next().map(|word| &word.token) else {
            return Err(wrong("Here should stand a text in single quotation marks", at));
        };
        self.expect(&Token::Close, "A parenthesis should be closed here")?;
        Ok(make(text.clone()))
    }
}

impl Field {
    fn wanted(&self, at: usize) -> ApiProblem {
        let message = match self.kind {
            Kind::Text | Kind::Words | Kind::Members | Kind::Shown => "Here should stand a text in single quotation marks",
            Kind::Whole | Kind::Digits => "Here should stand a number",
            Kind::Truth | Kind::Present => "Here should stand true or false",
            Kind::Day => "Here should stand a date such as 2026-10-01",
            Kind::Moment => "Here should stand a date, or a date and time such as 2026-10-01T08:00:00Z",
        };
        wrong(message, at)
    }
}

/// What a condition compares with.
enum Value {
    Nothing,
    Text(String),
    Contains(String),
    StartsWith(String),
    Whole(i64),
    /// A number between this whole one and the next.
    Above(i64),
    Truth(bool),
    Span(i64, i64),
}

/// A whole number that stands between quotation marks, as records show it.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
}

fn one_or(mut parts: Vec<Filter>, many: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            many(parts)
        }
    }
}

fn condition(field: &Field, op: Op, values: Vec<(Value, usize)>, at: usize) -> Result<Filter, ApiProblem> {
    let equal = |values: Vec<(Value, usize)>| {
        let tests = values.into_iter().map(|(value, _)| equal(field, value)).collect();
        one_or(tests, Filter::Any)
    };
    match op {
        Op::Eq => Ok(equal(values)),
        Op::Ne => Ok(Filter::Not(Box::new(equal(values)))),
        Op::Bt => {
            let mut values = values.into_iter();
            match (values.next(), values.next(), values.next()) {
                (Some(least), Some(most), None) => Ok(Filter::All(vec![compared(field, Op::Ge, least)?, compared(field, Op::Le, most)?])),
                _ => Err(wrong("Bt takes exactly two values", at)),
            }
        }
        Op::Gt | Op::Ge | Op::Lt | Op::Le => {
            let mut values = values.into_iter();
            match (values.next(), values.next()) {
                (Some(only), None) => compared(field, op, only),
                _ => Err(wrong("Several values can be given only to Eq, Ne and Bt", at)),
            }
        }
    }
}

fn equal(field: &Field, value: Value) -> Filter {
    let on = |what| Filter::Test(field.column, what);
    match value {
        // What is true where there is something has a value everywhere.
        Value::Nothing if field.kind == Kind::Present => Filter::Any(Vec::new()),
        Value::Nothing => on(Test::Absent),
        Value::Text(word) if field.kind == Kind::Words => on(Test::HasWord(word)),
        Value::Text(text) if field.kind == Kind::Members => on(Test::HasMember(text)),
        Value::Text(text) => on(Test::Text(Comparison::Equal, text)),
        Value::Contains(text) => on(Test::Contains(text)),
        Value::StartsWith(text) => on(Test::StartsWith(text)),
        Value::Whole(number) => on(Test::Whole(Comparison::Equal, number)),
        // No whole number is that.
        Value::Above(_) => Filter::Any(Vec::new()),
        Value::Truth(truth) if field.kind == Kind::Present => {
            let absent = on(Test::Absent);
            if truth { Filter::Not(Box::new(absent)) } else { absent }
        }
        Value::Truth(truth) => on(Test::Truth(truth)),
        Value::Span(from, to) => {
            Filter::All(vec![on(Test::Whole(Comparison::GreaterOrEqual, from)), on(Test::Whole(Comparison::Less, to))])
        }
    }
}

fn compared(field: &Field, op: Op, (value, at): (Value, usize)) -> Result<Filter, ApiProblem> {
    let comparison = match op {
        Op::Gt => Comparison::Greater,
        Op::Ge => Comparison::GreaterOrEqual,
        Op::Lt => Comparison::Less,
        _ => Comparison::LessOrEqual,
    };
    let test = match (value, field.kind) {
        (Value::Text(text), Kind::Text | Kind::Day) => Test::Text(comparison, text),
        (Value::Whole(number), _) => Test::Whole(comparison, number),
        (Value::Above(number), _) => match op {
            Op::Gt | Op::Ge => Test::Whole(Comparison::Greater, number),
            _ => Test::Whole(Comparison::LessOrEqual, number),
        },
        (Value::Span(from, to), _) => match op {
            Op::Gt => Test::Whole(Comparison::GreaterOrEqual, to),
            Op::Ge => Test::Whole(Comparison::GreaterOrEqual, from),
            Op::Lt => Test::Whole(Comparison::Less, from),
            _ => Test::Whole(Comparison::Less, to),
        },
        _ => return Err(wrong("This value can be compared only by Eq and Ne", at)),
    };
    Ok(Filter::Test(field.column, test))
}
