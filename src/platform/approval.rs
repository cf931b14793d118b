//! Who must approve an enrolment: agent, then broker, then association; who may stand in each place, and for whom.

use crate::base::Timestamp;
use crate::base::id::{AccountId, StepId};

/// Where in the chain somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The agent whose data it is about.
    Agent,
    /// The broker of that agent's office.
    Broker,
    /// The association, or MLS administration.
    Association,
}

impl Place {
    /// Every one, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Broker, Self::Association];

    /// As rows spell it, and as pages do.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Broker => "broker",
            Self::Association => "association",
        }
    }

    /// Reads a row's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == text)
    }
}

/// What an account is to the others of its MLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// The account.
    pub id: AccountId,
    /// Its MLS.
    pub mls_id: AccountId,
    /// Its office; empty where it has none.
    pub office_id: String,
    /// Its company; empty where it has none.
    pub company_id: String,
    /// May use the platform.
    pub active: bool,
    /// What it stands for.
    pub part: Part,
}

/// What an account stands for, as far as approvals go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An agent.
    Agent,
    /// A broker.
    Broker,
    /// An office itself.
    Office,
    /// A company itself.
    Company,
    /// Staff of the association.
    Staff,
}

/// One answer the chain waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its row.
    pub id: StepId,
    /// Where in the chain.
    pub place: Place,
    /// Who may answer: one person, or the association's staff, of whom one answers for all.
    pub addressees: Vec<AccountId>,
    /// Who approved, and when.
    pub approved: Option<Answer>,
}

/// An approval that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// By whom.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// Why there is no chain for an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The office has nobody who can approve as its broker.
    Broker,
    /// The association has nobody with a login here.
    Staff,
}

/// Why somebody cannot be asked in another's stead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DelegateRefusal {
    /// An agent's consent is his own.
    AgentsOwn,
    /// Not of the same office, or not of the association's staff.
    Outsider,
    /// Asked already, or has answered in another place of this chain.
    AlreadyInChain,
}

impl DelegateRefusal {
    /// The audit's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AgentsOwn => "delegate_agents_own",
            Self::Outsider => "delegate_outsider",
            Self::AlreadyInChain => "delegate_already_in_chain",
        }
    }
}

impl Colleague {
    fn shares_office(&self, other: &Self) -> bool {
        self.mls_id == other.mls_id && !self.office_id.is_empty() && self.office_id == other.office_id
    }

    fn is_company_of(&self, other: &Self) -> bool {
        self.part == Part::Company && self.mls_id == other.mls_id && !self.company_id.is_empty() && self.company_id == other.company_id
    }
}

/// Who approves as broker for `subject`: himself where he is one, else a broker of the office, else the office, else the company.
pub fn broker_of(subject: &Colleague, others: &[Colleague]) -> Option<AccountId> {
    if subject.part != Part::Agent {
        return Some(subject.id.clone());
    }
    let active = || others.iter().filter(|other| other.active && other.id != subject.id);
    let of_office = |part: Part| active().find(|other| other.part == part && other.shares_office(subject));
    of_office(Part::Broker)
        .or_else(|| of_office(Part::Office))
        .or_else(|| active().find(|other| other.is_company_of(subject)))
        .map(|found| found.id.clone())
}

/// The places of the chain and who is asked in each. Without a subject (a generic agent) the association alone is asked.
///
/// Refuses: a chain that nobody could complete.
pub fn chain(subject: Option<&Colleague>, others: &[Colleague], staff: &[AccountId]) -> Result<Vec<(Place, Vec<AccountId>)>, Missing> {
    if staff.is_empty() {
        return Err(Missing::Staff);
    }
    let mut chain = Vec::new();
    if let Some(subject) = subject {
        chain.push((Place::Agent, vec![subject.id.clone()]));
        chain.push((Place::Broker, vec![broker_of(subject, others).ok_or(Missing::Broker)?]));
    }
    chain.push((Place::Association, staff.to_vec()));
    Ok(chain)
}

/// Whether `person` has, at this moment, the right to answer at `place` about `subject` for the plan of `mls`; `delegated` is that somebody
/// who had it handed it on.
pub fn may_stand(place: Place, person: &Colleague, subject: Option<&Colleague>, mls: &AccountId, delegated: bool) -> bool {
    if !person.active || person.mls_id != *mls {
        return false;
    }
    match (place, subject) {
        (Place::Association, _) => person.part == Part::Staff,
        (Place::Agent, Some(subject)) => person.id == subject.id,
        (Place::Broker, Some(subject)) => {
            let speaks_for_office = delegated || matches!(person.part, Part::Broker | Part::Office);
            person.id == subject.id && subject.part != Part::Agent
                || speaks_for_office && person.shares_office(subject)
                || person.is_company_of(subject)
        }
        (Place::Agent | Place::Broker, None) => false,
    }
}

/// Whether `to` may be asked in the stead of who is asked now at `place`.
///
/// Refuses: see [`DelegateRefusal`].
pub fn may_delegate(
    place: Place,
    to: &Colleague,
    subject: Option<&Colleague>,
    mls: &AccountId,
    steps: &[Step],
) -> Result<(), DelegateRefusal> {
    let involved = steps.iter().any(|step| {
        step.approved.as_ref().is_some_and(|answer| answer.by == to.id) || (step.place == place && step.addressees.contains(&to.id))
    });
    // The agent has answered for himself; nobody else's question is put to him.
    let is_subject = subject.is_some_and(|subject| subject.id == to.id);
    match place {
        Place::Agent => Err(DelegateRefusal::AgentsOwn),
        _ if !may_stand(place, to, subject, mls, true) => Err(DelegateRefusal::Outsider),
        _ if involved || is_subject => Err(DelegateRefusal::AlreadyInChain),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn id(number: u8) -> AccountId {
        format!("202610010000000000000001{number:02}").parse().unwrap()
    }

    fn colleague(number: u8, part: Part, office: &str) -> Colleague {
        Colleague { id: id(number), mls_id: id(90), office_id: office.into(), company_id: "C".into(), active: true, part }
    }

    #[test]
    fn a_broker_of_the_office_is_asked_before_the_office_and_the_office_before_the_company() {
        let ada = colleague(1, Part::Agent, "O");
        let mut others = vec![
            colleague(2, Part::Company, "C"),
            colleague(3, Part::Office, "O"),
            colleague(4, Part::Broker, "O"),
            colleague(5, Part::Broker, "P"),
        ];
        assert_eq!(broker_of(&ada, &others), Some(id(4)));
        others[2].active = false;
        assert_eq!(broker_of(&ada, &others), Some(id(3)));
        others.remove(1);
        assert_eq!(broker_of(&ada, &others), Some(id(2)));
        others.remove(0);
        assert_eq!(broker_of(&ada, &others), None);
        assert_eq!(broker_of(&Colleague { office_id: String::new(), ..ada }, &[colleague(4, Part::Broker, "")]), None);
    }

    #[test]
    fn a_generic_agent_needs_the_association_only() {
        let staff = [id(7), id(8)];
        assert_eq!(chain(None, &[], &staff), Ok(vec![(Place::Association, staff.to_vec())]));
        assert_eq!(chain(None, &[], &[]), Err(Missing::Staff));
        let ada = colleague(1, Part::Agent, "O");
        assert_eq!(chain(Some(&ada), &[], &staff), Err(Missing::Broker));
        let places: Vec<Place> =
            chain(Some(&ada), &[colleague(4, Part::Broker, "O")], &staff).unwrap().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, Place::ALL);
    }

    #[test]
    fn a_broker_is_asked_as_agent_and_as_broker() {
        let ben = colleague(4, Part::Broker, "O");
        let chain = chain(Some(&ben), &[], &[id(7)]).unwrap();
        assert_eq!((&chain[0].1, &chain[1].1), (&vec![id(4)], &vec![id(4)]));
    }

    #[test]
    fn a_right_that_was_lost_is_no_right() {
        let ada = colleague(1, Part::Agent, "O");
        let ben = colleague(4, Part::Broker, "O");
        let sam = colleague(7, Part::Staff, "");
        let mls = id(90);
        assert!(may_stand(Place::Agent, &ada, Some(&ada), &mls, false) && may_stand(Place::Broker, &ben, Some(&ada), &mls, false));
        assert!(may_stand(Place::Association, &sam, Some(&ada), &mls, false));
        for lost in [
            Colleague { active: false, ..ben.clone() },
            Colleague { office_id: "P".into(), ..ben.clone() },
            Colleague { mls_id: id(91), ..ben.clone() },
        ] {
            assert!(!may_stand(Place::Broker, &lost, Some(&ada), &mls, false), "{lost:?}");
        }
        assert!(!may_stand(Place::Association, &Colleague { part: Part::Agent, ..sam.clone() }, Some(&ada), &mls, false));
        assert!(!may_stand(Place::Association, &Colleague { mls_id: id(91), ..sam }, Some(&ada), &mls, false));
        assert!(!may_stand(Place::Broker, &ben, None, &mls, false) && !may_stand(Place::Agent, &ben, Some(&ada), &mls, false));
    }

    #[test]
    fn only_a_colleague_who_has_not_answered_can_be_asked_instead() {
        let (ada, ben, otto) = (colleague(1, Part::Agent, "O"), colleague(4, Part::Broker, "O"), colleague(5, Part::Agent, "O"));
        let step = |place, addressee: &Colleague, approved: bool| Step {
            id: StepId(1),
            place,
            addressees: vec![addressee.id.clone()],
            approved: approved.then(|| Answer { by: addressee.id.clone(), at: Timestamp(0) }),
        };
        let steps = [step(Place::Agent, &ada, true), step(Place::Broker, &ben, false)];
        let delegate = |place, to: &Colleague| may_delegate(place, to, Some(&ada), &id(90), &steps);
        assert_eq!(delegate(Place::Broker, &otto), Ok(()));
        assert_eq!(delegate(Place::Broker, &ada), Err(DelegateRefusal::AlreadyInChain));
        assert_eq!(delegate(Place::Broker, &ben), Err(DelegateRefusal::AlreadyInChain));
        assert_eq!(delegate(Place::Broker, &colleague(6, Part::Broker, "P")), Err(DelegateRefusal::Outsider));
        assert_eq!(delegate(Place::Agent, &otto), Err(DelegateRefusal::AgentsOwn));
        assert_eq!(delegate(Place::Association, &otto), Err(DelegateRefusal::Outsider));
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![Just(Part::Agent), Just(Part::Broker), Just(Part::Office), Just(Part::Company), Just(Part::Staff)]
    }

    fn anybody() -> impl Strategy<Value = Colleague> {
        (1..30_u8, part(), prop_oneof![Just("O"), Just("P"), Just("")], any::<bool>(), prop_oneof![4 => Just(90_u8), 1 => Just(91)])
            .prop_map(|(number, part, office, active, mls)| Colleague { active, mls_id: id(mls), ..colleague(number, part, office) })
    }

    proptest! {
        /// Against a model that asks for each place who could stand there, and never how he was found.
        #[test]
        fn a_chain_asks_exactly_those_who_may_answer(
            subject in anybody(),
            others in prop::collection::vec(anybody(), 0..12),
            staff in prop::collection::vec(70..75_u8, 0..3),
        ) {
            let subject = Colleague { active: true, mls_id: id(90), ..subject };
            let mut others: Vec<Colleague> = others.into_iter().filter(|other| other.id != subject.id).collect();
            others.sort_by(|one, other| one.id.cmp(&other.id));
            others.dedup_by(|one, other| one.id == other.id);
            let staff: Vec<AccountId> = staff.into_iter().map(id).collect();
            let stands = |place, person: &Colleague| may_stand(place, person, Some(&subject), &id(90), true);
            let could = |other: &Colleague| matches!(other.part, Part::Broker | Part::Office | Part::Company) && stands(Place::Broker, other);
            let complete = !staff.is_empty() && (subject.part != Part::Agent || others.iter().any(could));
            match chain(Some(&subject), &others, &staff) {
                Err(_) => prop_assert!(!complete),
                Ok(asked) => {
                    prop_assert!(complete);
                    let places: Vec<Place> = asked.iter().map(|(place, _)| *place).collect();
                    prop_assert_eq!(places, Place::ALL.to_vec());
                    let agent = asked[0].1.clone();
                    let broker = asked[1].1.clone();
                    prop_assert_eq!(&agent, &vec![subject.id.clone()]);
                    let found = others.iter().chain([&subject]).find(|one| one.id == broker[0]).unwrap();
                    prop_assert!(stands(Place::Agent, &subject) && stands(Place::Broker, found), "{:?}", found);
                    prop_assert_eq!(&asked[2].1, &staff);
                    // Nobody of them can hand on to somebody who could not have been asked.
                    let steps: Vec<Step> = asked
                        .into_iter()
                        .zip(1..)
                        .map(|((place, addressees), n)| Step { id: StepId(n), place, addressees, approved: None })
                        .collect();
                    for other in &others {
                        for place in Place::ALL {
                            if may_delegate(place, other, Some(&subject), &id(90), &steps).is_ok() {
                                prop_assert!(place != Place::Agent && stands(place, other));
                            }
                        }
                    }
                }
            }
            prop_assert_eq!(chain(None, &others, &staff).is_ok(), !staff.is_empty());
        }
    }
}
