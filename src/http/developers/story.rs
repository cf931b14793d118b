//! An enrolment as a story: what happened, what it waits for, and what is still to come; for developers and for those who are asked.

use crate::flows::datamart::answer::Facts;
use crate::http::pages::parts::{Badge, Block, Cell, Facts as FactList, Section, Step, StepState, Timeline, Tone, moment};
use crate::platform::approval::Place;
use crate::platform::enrolment::State;
use crate::platform::personal_token::OwnData;
use crate::platform::plan::{Content, Credential};
use crate::platform::wish::{Happening, Kind};

/// A state in one word.
pub fn badge(state: State) -> Cell {
    let tone = match state {
        State::Issued => Tone::Good,
        State::Awaiting(_) | State::AwaitingDeveloper => Tone::Waiting,
        State::Declined | State::Expired | State::Withdrawn => Tone::Bad,
    };
    Cell::Badge(Badge { text: state.words().to_owned(), tone })
}

fn line(happening: &Happening) -> Step {
    let failed = matches!(happening.kind, Kind::Declined | Kind::Expired | Kind::Withdrawn | Kind::PlanEnded);
    let whom = match (happening.place, happening.actor.is_empty()) {
        (Some(place), false) => format!(" ({}: {})", place.name(), happening.actor),
        (Some(place), true) => format!(" ({})", place.name()),
        (None, false) => format!(" ({})", happening.actor),
        (None, true) => String::new(),
    };
    Step {
        state: if failed { StepState::Failed } else { StepState::Done },
        title: format!("{}{whom}", happening.kind.words()),
        when: moment(happening.at),
        text: happening.words.clone(),
    }
}

/// The whole story, first things first.
pub fn timeline(facts: &Facts) -> Block {
    let mut steps: Vec<Step> = facts.timeline.iter().map(line).collect();
    let progress = &facts.enrolment.progress;
    let names = |place: Place| facts.asked.iter().find(|(known, _)| *known == place).map(|(_, names)| names.clone()).unwrap_or_default();
    if progress.state.is_open() {
        let mut state = StepState::Current;
        for step in progress.steps.iter().filter(|step| step.approved.is_none()) {
            steps.push(Step {
                state,
                title: format!("Approval of the {}", step.place.name()),
                when: if state == StepState::Current { format!("waiting since {}", moment(progress.waiting_since)) } else { String::new() },
                text: names(step.place),
            });
            state = StepState::Later;
        }
        if progress.accepted != progress.content {
            let title = "The developer accepts the plan's new terms".to_owned();
            steps.push(Step { state, title, when: String::new(), text: String::new() });
        }
        let title = "The key is issued".to_owned();
        steps.push(Step { state: StepState::Later, title, when: String::new(), text: format!("Until {}", moment(progress.expires_at())) });
    }
    Block::Timeline(Timeline { id: "story", steps })
}

/// The places of a chain, in the words of a page that lists what will be needed.
pub fn places(places: &[Place]) -> Block {
    let step = |place: &Place| Step {
        state: StepState::Later,
        title: match place {
            Place::Agent => "The agent whose data it is",
            Place::Broker => "The broker of that agent's office",
            Place::Association => "The association, or MLS administration",
        }
        .to_owned(),
        when: String::new(),
        text: "Asked by e-mail after the previous approval".to_owned(),
    };
    let mut steps: Vec<Step> = places.iter().map(step).collect();
    if let Some(first) = steps.first_mut() {
        "Asked by e-mail right away".clone_into(&mut first.text);
    }
    Block::Timeline(Timeline { id: "needed", steps })
}

/// What a plan says.
pub fn plan(content: &Content, mls_name: &str, version: i64) -> Vec<Block> {
    let gets = match content.credential {
        Credential::Bearer => "a key with one token that does not expire",
        Credential::OpenId => "a key with a secret, for people who sign in with their MLS login",
    };
    let own: Vec<String> = content.own_data.iter().map(|own| own.name().to_owned()).collect();
    let items = FactList::new(
        "plan",
        [
            ("Plan", Cell::text(content.name.clone())),
            ("MLS", Cell::text(mls_name)),
            ("Version", Cell::text(version.to_string())),
            ("Price", Cell::text(content.price())),
            ("Data", Cell::text(content.role_in_words())),
            ("Only own data of a", if own.is_empty() { Cell::text("") } else { Cell::List(own) }),
            ("Fields", if content.fields.is_empty() { Cell::text("") } else { Cell::List(content.fields.clone()) }),
            ("You get", Cell::text(gets)),
        ],
    );
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
    vec![
        Block::Section(Section::new("plan-section", "The plan", "", vec![Block::Prose(lines(&content.description)), Block::Facts(items)])),
        Block::Section(Section::new("terms-section", "Terms", "", vec![Block::Prose(lines(&content.terms))])),
    ]
}

/// What was asked for.
pub fn wish(facts: &Facts) -> Block {
    let wish = &facts.enrolment.wish;
    let whom = match &facts.subject {
        Some(account) => format!("{} ({}), {}", account.profile.name, account.login_name, account.profile.office),
        None => "multiple brokers or agents, by the generic agent of the MLS".to_owned(),
    };
    let mut items = vec![
        ("Application".to_owned(), Cell::text(wish.application.clone())),
        ("Website".to_owned(), Cell::text(wish.website.clone())),
        ("Redirect addresses".to_owned(), wish.redirect_uri.clone().map_or_else(|| Cell::text(""), Cell::Code)),
        ("For".to_owned(), Cell::text(whom.trim_end_matches([',', ' ']))),
        ("Own data of the".to_owned(), Cell::text(wish.own_data.map_or("", OwnData::name))),
        ("Purpose, use, access".to_owned(), Cell::text(wish.purpose.clone())),
    ];
    for (question, answer) in facts.content.questions.iter().zip(&wish.answers) {
        items.push((question.clone(), Cell::text(answer.clone())));
    }
    items.push((
        "Terms accepted".to_owned(),
        Cell::text(format!("version {}, {}", facts.enrolment.accepted_version, moment(facts.enrolment.accepted_at))),
    ));
    Block::Section(Section::new("wish-section", "The request", "", vec![Block::Facts(FactList::new("wish", items))]))
}
