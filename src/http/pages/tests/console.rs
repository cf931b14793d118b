//! A page of a console with every part on it, some of them wrong.

use super::samples::brand;
use crate::base::{Problems, Timestamp};
use crate::http::form::Form;
use crate::http::pages::parts::{
    Bar, Block, Button, CardLink, Cell, Chart, Choice, Copy, Empty, Facts, Field, Filter, FormBlock, Notice, Pager, Search, Section, Step,
    StepState, Table, Timeline, Tone,
};
use crate::http::pages::{ConsolePage, NavItem, Person, Shell};
use crate::protocol::params::Params;

const AT: Timestamp = Timestamp(1_795_747_620_000);

pub fn full() -> ConsolePage {
    let form = Form::sent(
        &Params::from_form(b"name=Harborview+%3Cb%3E&uris=https%3A%2F%2Fa.example%2Fcb%0Ahttp%3A%2F%2Fb.example&kind=public&role_vow=1")
            .unwrap(),
        Problems::one("uris", "http://b.example: use https."),
    );
    ConsolePage {
        shell: shell(),
        title: "Keys in Cascade Valley MLS".to_owned(),
        lede: "Applications that work with our listings, who runs them, and what they may see.".to_owned(),
        notice: Some(Notice::problems(&form.problems)),
        action: Some(CardLink::action("new-key", "Issue a key", "/mls/keys/new")),
        blocks: vec![rows(), usage(), fields(&form), more()],
    }
}

pub fn empty() -> ConsolePage {
    let empty = Empty {
        link: Some(("Issue the first".to_owned(), "/mls/keys/new".to_owned())),
        ..Empty::new("No keys yet", "A key lets an application ask for our listings.")
    };
    let table = Table { id: "keys", caption: "Keys".to_owned(), columns: vec!["Key"], rows: vec![], empty, pager: Pager::default() };
    ConsolePage {
        shell: Shell { person: None, crumbs: vec![], ..shell() },
        title: "Keys".to_owned(),
        blocks: vec![Block::Table(table)],
        ..ConsolePage::default()
    }
}

fn shell() -> Shell {
    let room = |id, text, href, current| NavItem { id, text, href, current };
    Shell {
        brand: brand(),
        area: "MLS console".to_owned(),
        home: "/mls".to_owned(),
        person: Some(Person { name: "Sam Staff".to_owned(), login: "cv.staff".to_owned() }),
        sign_out: "/account/sign-out".to_owned(),
        nav: vec![
            room("nav-overview", "Overview", "/mls", false),
            room("nav-keys", "Keys", "/mls/keys", true),
            room("nav-people", "People", "/mls/accounts", false),
        ],
        elsewhere: vec![("Your account".to_owned(), "/account".to_owned())],
        crumbs: vec![("Overview".to_owned(), "/mls".to_owned())],
    }
}

fn rows() -> Block {
    let row = |n: u8, state, tone| {
        vec![
            Cell::Lines(vec![Cell::link(format!("Harborview Homes {n}"), "/mls/keys/1"), Cell::Code("demo_harborview_key".to_owned())]),
            Cell::badge(state, tone),
            Cell::List(vec!["vow".to_owned(), "private".to_owned()]),
            Cell::Time(AT),
            Button::new(format!("suspend-{n}"), "Suspend", "/mls/keys/1/suspend").about(format!("Harborview Homes {n}")).ends().cell(),
        ]
    };
    let state =
        Filter { name: "state", label: "State", options: vec![("", "Every state"), ("off", "Suspended")], chosen: "off".to_owned() };
    let table = Table {
        id: "keys",
        caption: "Keys".to_owned(),
        columns: vec!["Application", "State", "Roles", "Issued", ""],
        rows: vec![row(1, "On", Tone::Good), row(2, "Suspended", Tone::Bad), row(3, "Waiting", Tone::Waiting)],
        empty: Empty::default(),
        pager: Pager { first: Some("/mls/keys".to_owned()), next: Some("/mls/keys?after=3".to_owned()) },
    };
    let search = Search { filters: vec![state], ..Search::new("/mls/keys", "Name or key", "harbor") };
    Block::Section(Section::new("keys-section", "Keys", "Newest first.", vec![Block::Search(search), Block::Table(table)]))
}

fn usage() -> Block {
    let bars = (1..=28).map(|n| Bar { label: format!("{n} Nov 2026"), good: (n * 37) % 113, bad: (n * 5) % 11 }).collect();
    let chart = Chart { id: "requests", title: "Requests per day".to_owned(), parts: ("answered", "refused"), bars };
    Block::Section(Section::new("usage", "Usage", "Requests of the last four weeks.", vec![Block::Chart(chart)]))
}

fn fields(form: &Form) -> Block {
    let roles = vec![
        Choice::new("role_idx", "IDX", "Listings other brokers agreed to show in public."),
        Choice::new("role_vow", "VOW", "Listings for home buyers who registered with an agent."),
    ];
    let kinds =
        vec![Choice::new("confidential", "A server", "It can keep a secret."), Choice::new("public", "A browser or phone", "It cannot.")];
    let fields = vec![
        Field::line("name", "Name").required().from(form),
        Field::lines("uris", "Redirect URIs", 4).hint("One a line.").required().from(form),
        Field::radios("kind", "Where does it run?", kinds).from(form),
        Field::boxes("roles", "What may it see?", roles).from(form),
        Field::password("current_password", "Your password", "current-password").hint("Because this changes what others may do."),
        Field::select("owner", "Developer", vec![Choice::new("1", "Summit Software", "")]).from(form),
    ];
    let sheet = FormBlock::new("edit-form", "/mls/keys/1", ("save", "Save"), fields).cancel("/mls/keys");
    Block::Section(Section::new("edit", "Change it", "", vec![Block::Form(sheet)]))
}

fn more() -> Block {
    let step = |state, title: &str, when: &str| Step { state, title: title.to_owned(), when: when.to_owned(), text: String::new() };
    let blocks = vec![
        Block::Notice(Notice::new("shown-once", Tone::Good, "Copy the secret now.", "It is shown this once and nowhere else.")),
        Block::Copy(Copy {
            id: "secret",
            label: "Secret".to_owned(),
            text: "lks_aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkkllllmmmm".to_owned(),
        }),
        Block::Facts(Facts::new(
            "facts",
            [
                ("Key", Cell::Code("demo_harborview_key".to_owned())),
                ("Nothing", Cell::text("")),
                ("Last used", Cell::Day("2026-11-27".to_owned())),
            ],
        )),
        Block::Timeline(Timeline {
            id: "steps",
            steps: vec![
                step(StepState::Done, "Ada Agent approved", "27 Nov 2026"),
                step(StepState::Current, "The broker is asked", "since today"),
                step(StepState::Later, "The association is asked", ""),
                step(StepState::Failed, "Expired", "30 Nov 2026"),
            ],
        }),
        Block::Buttons(vec![Button::new("disable", "Deactivate", "/x").ends(), Button::new("enable", "Activate", "/x").sends("id", "1")]),
        Block::Links(vec![CardLink { about: "Shown once.".to_owned(), ..CardLink::action("to-secrets", "Secrets", "/developers") }]),
        Block::Prose(vec!["Plain words.".to_owned()]),
    ];
    Block::Section(Section::new("more", "More", "", blocks))
}
