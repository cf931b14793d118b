//! What a developer asks for when enrolling, and the record that is kept of it.

use crate::base::Timestamp;
use crate::base::id::{AccountId, DeveloperId, EnrolmentId, KeyId, PlanId};

use super::approval::Place;
use super::enrolment::Progress;
use super::form::{self, Problems};
use super::key::check_application_uri;
use super::naming;
use super::personal_token::OwnData;
use super::plan::{Content, Credential, Offered};

/// What was typed into the enrolment form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The application's name.
    pub application: String,
    /// Its web site.
    pub website: String,
    /// Where answers go, for a plan of people who sign in.
    pub redirect_uri: String,
    /// `named` or `generic`.
    pub audience: String,
    /// The MLS login of whom it is for.
    pub login: String,
    /// As what one enrols in an own-data plan.
    pub own_data: String,
    /// What is built, how data is used, who has access.
    pub purpose: String,
    /// The answers to the plan's questions, in their order.
    pub answers: Vec<String>,
    /// The version of the terms whose box was ticked.
    pub accepted: Option<i64>,
}

/// The same, checked against the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The application's name.
    pub application: String,
    /// Its web site.
    pub website: String,
    /// Where answers go.
    pub redirect_uri: Option<String>,
    /// The MLS login of whom it is for; `None` is the generic agent.
    pub login: Option<String>,
    /// To whose own listings it is limited.
    pub own_data: Option<OwnData>,
    /// What is built, how data is used, who has access.
    pub purpose: String,
    /// The answers to the plan's questions.
    pub answers: Vec<String>,
}

/// The names of the answer fields, by place.
pub const ANSWERS: [&str; 10] =
    ["answer_1", "answer_2", "answer_3", "answer_4", "answer_5", "answer_6", "answer_7", "answer_8", "answer_9", "answer_10"];

impl Wish {
    /// Checks what was typed against the plan as it is now. Whether the redirect URI may be registered is the protocol's question.
    ///
    /// Refuses: all that is wrong at once, field by field.
    pub fn parse(typed: &Typed, plan: &Content, version: i64) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let application = problems.take("application", naming::line(&typed.application, 128));
        let website = typed.website.trim().to_owned();
        if check_application_uri(&website).is_err() {
            problems.note("website", "Please give the application's web address, such as https://app.example/.");
        }
        let redirect_uri = (plan.credential == Credential::OpenId).then(|| typed.redirect_uri.trim().to_owned());
        let audience = match (plan.offered, typed.audience.as_str()) {
            (Offered::Named, _) => Some(Offered::Named),
            (Offered::Generic, _) => Some(Offered::Generic),
            (Offered::Either, word) => Offered::parse(word).filter(|chosen| *chosen != Offered::Either),
        };
        let login = match audience {
            Some(Offered::Named) => Some(problems.take("login", form::line(&typed.login, 256))),
            Some(_) => None,
            None => {
                problems.note("audience", "Please choose for whom you enroll.");
                None
            }
        };
        let own_data = if plan.own_data.is_empty() {
            None
        } else {
            let chosen = typed.own_data.parse::<OwnData>().ok().filter(|chosen| plan.own_data.contains(chosen));
            if chosen.is_none() {
                problems.note("own_data", "Please choose whose own listings you enroll for.");
            }
            chosen
        };
        let purpose = problems.take("purpose", form::paragraphs(&typed.purpose, 4000));
        let asked = plan.questions.iter().zip(ANSWERS).enumerate();
        let answers = asked
            .map(|(place, (_, name))| problems.take(name, form::paragraphs(typed.answers.get(place).map_or("", String::as_str), 1000)))
            .collect();
        match typed.accepted {
            Some(accepted) if accepted == version => {}
            Some(_) => problems.note("terms", "The plan has changed since you opened this page. Please read its terms again."),
            None => problems.note("terms", "Please read and accept the terms of the plan."),
        }
        problems.unless(Self { application, website, redirect_uri, login, own_data, purpose, answers })
    }
}

/// An enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Its row.
    pub id: EnrolmentId,
    /// Whose it is.
    pub developer_id: DeveloperId,
    /// In which plan.
    pub plan_id: PlanId,
    /// The version of the plan that is being approved.
    pub version: i64,
    /// Whose plan.
    pub mls_id: AccountId,
    /// For whom; `None` is the generic agent.
    pub account_id: Option<AccountId>,
    /// What was asked.
    pub wish: Wish,
    /// How far it has come.
    pub progress: Progress,
    /// The version whose terms the developer accepted last.
    pub accepted_version: i64,
    /// When.
    pub accepted_at: Timestamp,
    /// How often it changed: who changes it must have read it as it is.
    pub revision: i64,
    /// When it ended or was issued.
    pub closed_at: Option<Timestamp>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The key that was issued.
    pub key_id: Option<KeyId>,
    /// When the credentials were shown.
    pub revealed_at: Option<Timestamp>,
}

/// A line of an enrolment's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Kind,
    /// At which place of the chain.
    pub place: Option<Place>,
    /// Who, by name.
    pub actor: String,
    /// What was said.
    pub words: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $says:literal),+ $(,)?) => {
        /// What can happen to an enrolment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            /// As rows spell it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// As pages say it.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $says),+ }
            }

            /// Reads a row's word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// The developer sent it.
    Submitted = "submitted", "Sent, and the terms accepted",
    /// Somebody was asked by letter.
    Asked = "asked", "Asked by e-mail",
    /// Somebody said yes.
    Approved = "approved", "Approved",
    /// Somebody said no.
    Declined = "declined", "Declined",
    /// Somebody lets another answer.
    Delegated = "delegated", "Handed to a colleague",
    /// Somebody was reminded.
    Reminded = "reminded", "Reminded by e-mail",
    /// Somebody said something.
    Commented = "commented", "Comment",
    /// The MLS published another version.
    PlanChanged = "plan_changed", "The plan changed: the approvals start over",
    /// The developer accepted the new terms.
    Accepted = "accepted", "The plan's new terms accepted",
    /// The developer took it back.
    Withdrawn = "withdrawn", "Withdrawn",
    /// Nobody answered in time.
    Expired = "expired", "Expired",
    /// The plan was ended.
    PlanEnded = "plan_ended", "The plan ended",
    /// The key was issued.
    Issued = "issued", "The key was issued",
    /// The credentials were shown.
    Revealed = "revealed", "The credentials were shown",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::plan::tests::content;

    fn typed() -> Typed {
        Typed {
            application: "Front Porch".into(),
            website: "https://porch.example/".into(),
            audience: "named".into(),
            login: "cv.ada".into(),
            purpose: "A site.".into(),
            answers: vec!["On our servers.".into()],
            accepted: Some(3),
            ..Typed::default()
        }
    }

    fn problem(typed: &Typed, plan: &Content, field: &str) -> bool {
        Wish::parse(typed, plan, 3).is_err_and(|problems| problems.of(field).is_some())
    }

    #[test]
    fn terms_are_accepted_in_the_version_that_is_offered() {
        assert!(Wish::parse(&typed(), &content(), 3).is_ok());
        assert!(problem(&Typed { accepted: Some(2), ..typed() }, &content(), "terms"));
        assert!(problem(&Typed { accepted: None, ..typed() }, &content(), "terms"));
    }

    #[test]
    fn only_a_plan_that_offers_the_choice_asks_for_whom() {
        let generic = Typed { audience: "generic".into(), login: String::new(), ..typed() };
        assert_eq!(Wish::parse(&generic, &content(), 3).unwrap().login, None);
        // A plan for a named agent takes no generic one, whatever the form says.
        assert!(problem(&generic, &Content { offered: Offered::Named, ..content() }, "login"));
        assert!(problem(&Typed { audience: "either".into(), ..typed() }, &content(), "audience"));
        assert_eq!(Wish::parse(&typed(), &Content { offered: Offered::Generic, ..content() }, 3).unwrap().login, None);
    }

    #[test]
    fn own_data_is_one_of_what_the_plan_allows() {
        let plan = Content { own_data: vec![OwnData::Member, OwnData::Office], ..content() };
        assert_eq!(Wish::parse(&Typed { own_data: "office".into(), ..typed() }, &plan, 3).unwrap().own_data, Some(OwnData::Office));
        assert!(problem(&Typed { own_data: "company".into(), ..typed() }, &plan, "own_data"));
        assert!(problem(&typed(), &plan, "own_data"));
        assert_eq!(Wish::parse(&Typed { own_data: "office".into(), ..typed() }, &content(), 3).unwrap().own_data, None);
    }

    #[test]
    fn every_question_wants_its_answer() {
        assert!(problem(&Typed { answers: vec![], ..typed() }, &content(), "answer_1"));
        let problems = Wish::parse(&Typed::default(), &content(), 3).unwrap_err();
        for field in ["application", "website", "audience", "purpose", "answer_1", "terms"] {
            assert!(problems.of(field).is_some(), "{field}");
        }
    }
}
