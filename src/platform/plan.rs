//! A plan of the Datamart: what an MLS offers, in versions, each with a digest to which terms and approvals are tied.

use serde::{Deserialize, Serialize};

use crate::base::id::{AccountId, PlanId};
use crate::base::{Digest, Timestamp};

use super::form::{self, Problems};
use super::personal_token::OwnData;
use super::role::Role;

/// For whom a plan can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offered {
    /// A specific broker or agent.
    Named,
    /// Multiple brokers or agents: the MLS's generic agent.
    Generic,
    /// Whichever the developer chooses.
    Either,
}

impl Offered {
    /// As forms spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Generic => "generic",
            Self::Either => "either",
        }
    }

    /// Reads a form's word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Named, Self::Generic, Self::Either].into_iter().find(|known| known.name() == text)
    }
}

/// What the developer gets at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// A key with one token that does not expire.
    Bearer,
    /// A key with a secret, for people who sign in.
    OpenId,
}

impl Credential {
    /// As forms spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::OpenId => "open_id",
        }
    }

    /// Reads a form's word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Bearer, Self::OpenId].into_iter().find(|known| known.name() == text)
    }
}

/// All that a developer accepts and an approver approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The plan's name.
    pub name: String,
    /// What it is, in a few sentences.
    pub description: String,
    /// Units: US cents a month.
    pub price_cents: i64,
    /// The licence.
    pub terms: String,
    /// What data it opens.
    pub role: Role,
    /// For whom.
    pub offered: Offered,
    /// An own-data plan: as what one may enrol.
    pub own_data: Vec<OwnData>,
    /// Which fields it opens, by name.
    pub fields: Vec<String>,
    /// What the developer is asked.
    pub questions: Vec<String>,
    /// What the developer gets.
    pub credential: Credential,
}

/// A plan as it is offered now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its row.
    pub id: PlanId,
    /// Whose it is.
    pub mls_id: AccountId,
    /// That MLS's name.
    pub mls_name: String,
    /// Which version this is.
    pub version: i64,
    /// When this version was published.
    pub published_at: Timestamp,
    /// What it says.
    pub content: Content,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// Why a plan does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was ended; what is ended stays so.
    Ended,
    /// Nothing is different.
    Same,
}

impl Plan {
    /// The version that follows when `content` is published.
    ///
    /// Refuses: see [`Refusal`].
    pub fn publish(&self, content: &Content) -> Result<i64, Refusal> {
        match self.ended_at {
            Some(_) => Err(Refusal::Ended),
            None if self.content == *content => Err(Refusal::Same),
            None => Ok(self.version + 1),
        }
    }

    /// Ends the plan.
    ///
    /// Refuses: one that was ended.
    pub fn end(&self) -> Result<(), Refusal> {
        self.ended_at.map_or(Ok(()), |_| Err(Refusal::Ended))
    }
}

impl Content {
    /// What approvals and terms are tied to: different wherever anything of the content is.
    pub fn digest(&self) -> String {
        // A struct of text, numbers and lists always has a JSON text.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default()).hex()
    }

    /// `$50.00 a month`.
    pub fn price(&self) -> String {
        match self.price_cents {
            0 => "free of charge".to_owned(),
            cents => format!("${}.{:02} a month", cents / 100, cents % 100),
        }
    }

    /// The role in plain words.
    pub fn role_in_words(&self) -> String {
        format!("{}: {}", self.role, self.role.explained())
    }

    /// Checks what staff typed.
    ///
    /// Refuses: all that is wrong at once, field by field.
    pub fn check(self) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let list =
            |texts: &[String], longest: usize| -> Vec<String> { texts.iter().filter_map(|text| form::line(text, longest).ok()).collect() };
        let checked = Self {
            name: problems.take("name", form::line(&self.name, 128)),
            description: problems.take("description", form::paragraphs(&self.description, 4000)),
            terms: problems.take("terms", form::paragraphs(&self.terms, 20_000)),
            fields: list(&self.fields, 128),
            questions: list(&self.questions, 256),
            ..self
        };
        if !(0..=10_000_000).contains(&checked.price_cents) {
            problems.note("price", "Please give a price between $0 and $100,000.");
        }
        if !checked.role.is_data_role() {
            problems.note("role", "Please choose a role that opens data.");
        }
        if checked.fields.len() > 1000 {
            problems.note("fields", "Please give at most 1,000 fields.");
        }
        if checked.questions.len() > 10 {
            problems.note("questions", "Please ask at most ten questions.");
        }
        if checked.offered == Offered::Generic && !checked.own_data.is_empty() {
            problems.note("own_data", "Own data belongs to someone: a plan for multiple agents cannot be limited to it.");
        }
        problems.unless(checked)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn content() -> Content {
        Content {
            name: "IDX".into(),
            description: "Listings for a public site.".into(),
            price_cents: 5000,
            terms: "Show the listing office.".into(),
            role: Role::Idx,
            offered: Offered::Either,
            own_data: Vec::new(),
            fields: vec!["ListPrice".into()],
            questions: vec!["Where will it run?".into()],
            credential: Credential::Bearer,
        }
    }

    fn plan() -> Plan {
        Plan {
            id: PlanId(1),
            mls_id: "20261001000000000000000001".parse().unwrap(),
            mls_name: "Cascade Valley MLS".into(),
            version: 3,
            published_at: Timestamp(0),
            content: content(),
            ended_at: None,
        }
    }

    #[test]
    fn pw_10_whatever_of_a_plan_changes_changes_its_digest() {
        let digest = content().digest();
        let others = [
            Content { name: "IDX 2".into(), ..content() },
            Content { price_cents: 5001, ..content() },
            Content { terms: "Anything.".into(), ..content() },
            Content { role: Role::Private, ..content() },
            Content { offered: Offered::Named, ..content() },
            Content { own_data: vec![OwnData::Office], ..content() },
            Content { fields: vec!["ListPrice".into(), "PrivateRemarks".into()], ..content() },
            Content { questions: vec![], ..content() },
            Content { credential: Credential::OpenId, ..content() },
            Content { description: "Other.".into(), ..content() },
        ];
        assert!(others.iter().all(|other| other.digest() != digest));
        assert_eq!(content().digest(), digest);
    }

    #[test]
    fn a_plan_goes_on_version_by_version_until_it_ends() {
        assert_eq!(plan().publish(&content()), Err(Refusal::Same));
        assert_eq!(plan().publish(&Content { price_cents: 1, ..content() }), Ok(4));
        assert_eq!(plan().end(), Ok(()));
        let ended = Plan { ended_at: Some(Timestamp(1)), ..plan() };
        assert_eq!(ended.publish(&Content { price_cents: 1, ..content() }), Err(Refusal::Ended));
        assert_eq!(ended.end(), Err(Refusal::Ended));
    }

    #[test]
    fn what_staff_typed_is_checked_field_by_field() {
        assert_eq!(content().check(), Ok(content()));
        let wrong = Content { name: " ".into(), price_cents: -1, role: Role::Replication, terms: String::new(), ..content() };
        let problems = wrong.check().unwrap_err();
        for field in ["name", "price", "role", "terms"] {
            assert!(problems.of(field).is_some(), "{field}");
        }
        let impossible = Content { offered: Offered::Generic, own_data: vec![OwnData::Member], ..content() };
        assert!(impossible.check().unwrap_err().of("own_data").is_some());
    }

    #[test]
    fn a_price_is_said_in_dollars() {
        assert_eq!(content().price(), "$50.00 a month");
        assert_eq!(Content { price_cents: 0, ..content() }.price(), "free of charge");
    }
}
