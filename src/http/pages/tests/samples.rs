//! Every page in every notable state, with people and applications to fill it.

use askama::Template as _;

use super::super::*;
use super::{console, portal};

pub fn brand() -> Brand {
    Brand {
        mls_name: "Cascade Valley MLS".to_owned(),
        logo: Some("/static/mls-cascade-valley.svg".to_owned()),
        accent: None,
        support: Some("help@cascadevalley.example".to_owned()),
    }
}

pub fn ada() -> Person {
    Person { name: "Ada Agent".to_owned(), login: "ada".to_owned() }
}

pub fn sign_in() -> SignInPage {
    SignInPage {
        brand: brand(),
        action: "/sign-in".to_owned(),
        flow: "sealed".to_owned(),
        client: Some(SignInClient { name: "Sample Broker Site".to_owned(), site: Some("broker.example".to_owned()) }),
        login: String::new(),
        problem: None,
        current: None,
    }
}

pub fn consent() -> ConsentPage {
    ConsentPage {
        brand: Brand {
            mls_name: "Harbor Coast MLS".to_owned(),
            logo: Some("/static/mls-harbor-coast.svg".to_owned()),
            accent: Some("accent-navy".to_owned()),
            support: Some("Call the member desk at 555-0142, weekdays 8 to 5".to_owned()),
        },
        action: "/consent".to_owned(),
        flow: "sealed".to_owned(),
        client: ConsentClient {
            name: "Sample Broker Site".to_owned(),
            application_uri: Some("https://broker.example/about".to_owned()),
            verified: true,
            owner: Some("Sample Brokerage LLC".to_owned()),
        },
        person: ada(),
        permissions: vec![
            "See your name, office and e-mail address".to_owned(),
            "See the listings you may see, including the private remarks".to_owned(),
            "Keep working for you while you are away".to_owned(),
        ],
        already: Vec::new(),
        redirect_host: "broker.example".to_owned(),
        lifetime: "Until you withdraw it, or after 90 days without use.".to_owned(),
    }
}

pub fn callback(answer: CallbackAnswer) -> CallbackPage {
    CallbackPage { brand: brand(), answer }
}

pub fn form_post() -> FormPostPage {
    let field = |name: &str, value: &str| HiddenField { name: name.to_owned(), value: value.to_owned() };
    FormPostPage {
        brand: brand(),
        action: "https://broker.example/cb".to_owned(),
        fields: vec![field("code", "lkc_abc"), field("state", "\"></form>")],
    }
}

/// Every page in every notable state, by a name fit for a file.
pub(in crate::http) fn every_page() -> Vec<(&'static str, String)> {
    let code = || "lkc_mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiydcmrtgq2tmnzyha".to_owned();
    let state = || Some("af0ifjsldkj".to_owned());
    let home = |current| HomePage {
        brand: Brand::house(),
        issuer: "https://id.mls.example/openid".to_owned(),
        discovery: "/openid/.well-known/openid-configuration".to_owned(),
        health: "/health".to_owned(),
        current,
        sign_out: "/openid/logout".to_owned(),
    };
    let long = "An Application With A Very Long Name Indeed Made To Test Wrapping of Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz";
    let accented = |accent: &str| {
        let mut page = sign_in();
        page.brand = Brand { mls_name: format!("{accent} MLS"), logo: None, accent: Some(accent.to_owned()), support: None };
        page.current = Some(ada());
        page.problem = Some(SignInProblem::Notice("The page was open for more than ten minutes.".to_owned()));
        page
    };
    let mut pages = vec![
        ("sign-in", sign_in().render()),
        ("sign-in-plain", SignInPage { client: None, ..sign_in() }.render()),
        ("sign-in-wrong", SignInPage { login: "ada".to_owned(), problem: Some(SignInProblem::WrongLogin), ..sign_in() }.render()),
        (
            "sign-in-throttled",
            SignInPage { login: "ada".to_owned(), problem: Some(SignInProblem::Throttled { minutes: 5 }), ..sign_in() }.render(),
        ),
        ("sign-in-current", SignInPage { current: Some(ada()), ..sign_in() }.render()),
        ("consent", consent().render()),
        ("consent-more", {
            let mut page = consent();
            page.already = vec!["See your name, office and e-mail address".to_owned()];
            page.permissions.remove(0);
            page.client.verified = false;
            page.render()
        }),
        ("consent-long", {
            let mut page = consent();
            page.client.name = long.to_owned();
            page.client.verified = false;
            page.client.application_uri = Some("javascript:alert(1)".to_owned());
            page.render()
        }),
        (
            "error",
            ErrorPage {
                brand: brand(),
                title: "This application cannot be reached from here".to_owned(),
                explanation: "The address it asked us to send you to is not one it has registered, so we stopped.".to_owned(),
                next: "Go back to the application and start again. If it happens again, tell the people who run it.".to_owned(),
                code: "invalid_request".to_owned(),
                request_id: "01hf7c2k9qv3x".to_owned(),
                way_out: Some(("Back to the MLS console", "/mls")),
            }
            .render(),
        ),
        ("busy", ErrorPage::busy(Brand::named("Cascade Valley MLS"), "01hf7c2k9qv3x").render()),
        ("broken", ErrorPage::broken(brand(), "01hf7c2k9qv3x").render()),
        ("signed-out", SignedOutPage { brand: brand(), back: None, again: Some("/account") }.render()),
        ("signed-out-back", {
            let back = BackLink { name: "Sample Broker Site".to_owned(), href: "https://broker.example/".to_owned() };
            SignedOutPage { brand: brand(), back: Some(back), again: None }.render()
        }),
        (
            "sign-out",
            SignOutPage {
                brand: brand(),
                action: "/openid/logout".to_owned(),
                person: ada(),
                form_token: "token".to_owned(),
                hidden: vec![HiddenField { name: "flow".to_owned(), value: "sealed".to_owned() }],
            }
            .render(),
        ),
        ("callback", callback(CallbackAnswer::Code { code: code(), state: state() }).render()),
        (
            "callback-refused",
            callback(CallbackAnswer::Refused {
                error: "access_denied".to_owned(),
                description: Some("The person said no".to_owned()),
                state: state(),
            })
            .render(),
        ),
        ("form-post", form_post().render()),
        ("home", home(None).render()),
        ("home-signed-in", home(Some(ada())).render()),
        ("reference", crate::http::reference::page().render()),
    ];
    pages.extend([("console", console::full().render()), ("console-empty", console::empty().render())]);
    pages.extend([
        ("portal-sign-in", portal::sign_in().render()),
        ("portal-sign-up", portal::sign_up().render()),
        ("portal-choose", portal::choose().render()),
        ("portal-consent", portal::consent().render()),
    ]);
    pages.extend(ACCENTS.iter().map(|accent| (*accent, accented(accent).render())));
    pages.into_iter().map(|(name, page)| (name, page.unwrap())).collect()
}
