//! Samples of the pages of agents' portals.

use crate::base::Problems;
use crate::http::form::Form;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{AgentCard, Brand, Part, Person, PortalConsentPage, PortalForm, PortalPage};
use crate::protocol::params::Params;

fn brand() -> Brand {
    Brand { accent: Some("accent-forest".to_owned()), ..Brand::named("Ada's Homes <b>") }
}

fn card(name: &str, photo: Option<&str>) -> AgentCard {
    AgentCard {
        name: name.to_owned(),
        office: "Summit Realty".to_owned(),
        mls: "Cascade Valley MLS".to_owned(),
        photo: photo.map(str::to_owned),
    }
}

/// Signing in after a try that failed, with every way to go on.
pub fn sign_in() -> PortalPage {
    let form = Form::default().with("username", "carla@example.com\"><b>");
    let fields = vec![
        Field::line("username", "E-mail address").required().autocomplete("username").from(&form),
        Field::password("password", "Password", "current-password"),
    ];
    PortalPage {
        brand: brand(),
        agent: Some(card("Ada Agent", Some("/static/favicon.svg"))),
        title: "Sign in".to_owned(),
        lede: "to continue to Harborview Homes (harborview.example)".to_owned(),
        notice: Some(Notice::new("problem", Tone::Bad, "That address and password do not match.", "Check both and try again.")),
        parts: vec![
            Part::Form(PortalForm::new("sign-in-form", "/auth/consumer/sign-in", "sealed", ("sign-in", "Sign in"), fields)),
            Part::Or("or".to_owned()),
            Part::Links(vec![("to-sign-up", "New here? Sign up".to_owned(), "/r/login/ada/signup/?a=b&c=d".to_owned())]),
            Part::Form(PortalForm::new("cancel-form", "/auth/consumer/sign-in", "sealed", ("cancel", "Back"), vec![]).aside("cancel")),
        ],
    }
}

/// Signing up with something wrong.
pub fn sign_up() -> PortalPage {
    let form = Form::sent(&Params::default(), Problems::one("email", "Please give one e-mail address."));
    let fields = vec![Field::typed("email", "E-mail address", "email").required().hint("We write to it at once.").from(&form)];
    PortalPage {
        notice: Some(Notice::problems(&form.problems)),
        title: "Sign up".to_owned(),
        parts: vec![Part::Form(PortalForm::new("sign-up-form", "/auth/consumer/sign-up", "sealed", ("sign-up", "Sign up"), fields))],
        ..sign_in()
    }
}

/// Choosing an agent.
pub fn choose() -> PortalPage {
    let agents = vec![
        ("20261001000000000000000101".to_owned(), card("Ada Agent", Some("/static/favicon.svg"))),
        ("20261001000000000000000102".to_owned(), card("Ben <Broker>", None)),
    ];
    let action = "/auth/consumer/choose".to_owned();
    PortalPage {
        brand: Brand::house(),
        agent: None,
        title: "Choose your agent".to_owned(),
        notice: None,
        parts: vec![Part::Prose("One of them.".to_owned()), Part::Agents { action, flow: "sealed".to_owned(), agents }],
        ..sign_in()
    }
}

/// Letting a site act.
pub fn consent() -> PortalConsentPage {
    PortalConsentPage {
        brand: brand(),
        agent: Some(card("Ada Agent", None)),
        agent_name: "Ada Agent".to_owned(),
        action: "/auth/consumer/consent".to_owned(),
        flow: "sealed".to_owned(),
        site: "Harborview <Homes>".to_owned(),
        home: "https://harborview.example/".to_owned(),
        verified: false,
        owner: Some("Harbor <Software>".to_owned()),
        person: Person { name: "Carla Consumer".to_owned(), login: "carla@example.com".to_owned() },
        permissions: vec!["See your name.".to_owned()],
        already: vec!["See your e-mail address.".to_owned()],
        role: "A registered visitor (vow)".to_owned(),
        redirect_host: "harborview.example".to_owned(),
        lifetime: "Access lasts 24 hours at a time.".to_owned(),
    }
}
