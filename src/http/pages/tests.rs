//! What every page of the sign-in walk keeps to.

use super::brand::is_web_link;
use super::*;
use askama::Template as _;

const EVIL: &str = "\"><script>alert(1)</script>'&";

fn brand() -> Brand {
    Brand {
        mls_name: "Cascade Valley MLS".to_owned(),
        logo: Some("/static/mls-cascade-valley.svg".to_owned()),
        accent: None,
        support: Some("help@cascadevalley.example".to_owned()),
    }
}

fn ada() -> Person {
    Person { name: "Ada Agent".to_owned(), login: "ada".to_owned() }
}

fn sign_in() -> SignInPage {
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

fn consent() -> ConsentPage {
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
        role: Some("VOW: listings for registered home buyers".to_owned()),
        redirect_host: "broker.example".to_owned(),
        lifetime: "Until you withdraw it, or after 90 days without use.".to_owned(),
    }
}

fn callback(answer: CallbackAnswer) -> CallbackPage {
    CallbackPage { brand: brand(), answer }
}

fn form_post() -> FormPostPage {
    let field = |name: &str, value: &str| HiddenField { name: name.to_owned(), value: value.to_owned() };
    FormPostPage {
        brand: brand(),
        action: "https://broker.example/cb".to_owned(),
        fields: vec![field("code", "lkc_abc"), field("state", "\"></form>")],
    }
}

/// A page of a console with every part on it, some of them wrong.
fn console() -> ConsolePage {
    use crate::base::{Problems, Timestamp};
    use crate::http::form::Form;
    use parts::*;
    let at = Timestamp::from_seconds(1_795_747_620);
    let form = Form::sent(
        &crate::protocol::params::Params::from_form(
            b"name=Harborview+%3Cb%3E&uris=https%3A%2F%2Fa.example%2Fcb%0Ahttp%3A%2F%2Fb.example&kind=public&role_vow=1",
        )
        .unwrap(),
        Problems::one("uris", "http://b.example: use https."),
    );
    let row = |n: u8, state, tone| {
        vec![
            Cell::Lines(vec![Cell::link(format!("Harborview Homes {n}"), "/mls/keys/1"), Cell::Code("demo_harborview_key".to_owned())]),
            Cell::badge(state, tone),
            Cell::List(vec!["vow".to_owned(), "private".to_owned()]),
            Cell::Time(at),
            Button::new(format!("suspend-{n}"), "Suspend", "/mls/keys/1/suspend").about(format!("Harborview Homes {n}")).ends().cell(),
        ]
    };
    let bars = (1..=28).map(|n| Bar { label: format!("{n} Nov 2026"), good: (n * 37) % 113, bad: (n * 5) % 11 }).collect();
    let step = |state, title: &str, when: &str| Step { state, title: title.to_owned(), when: when.to_owned(), text: String::new() };
    let roles = vec![
        Choice::new("role_idx", "IDX", "Listings other brokers agreed to show in public."),
        Choice::new("role_vow", "VOW", "Listings for home buyers who registered with an agent."),
    ];
    let kinds =
        vec![Choice::new("confidential", "A server", "It can keep a secret."), Choice::new("public", "A browser or phone", "It cannot.")];
    ConsolePage {
        shell: shell(),
        title: "Keys in Cascade Valley MLS".to_owned(),
        lede: "Applications that work with our listings, who runs them, and what they may see.".to_owned(),
        notice: Some(Notice {
            fields: form.problems.iter().map(|(field, text)| (field.to_owned(), text.to_owned())).collect(),
            ..Notice::new("problem", Tone::Bad, "One thing needs another look.", "")
        }),
        action: Some(CardLink {
            id: "new-key".to_owned(),
            text: "Issue a key".to_owned(),
            href: "/mls/keys/new".to_owned(),
            about: String::new(),
        }),
        blocks: vec![
            Block::Search(Search {
                filters: vec![(
                    "state",
                    "State".to_owned(),
                    vec![(String::new(), "Every state".to_owned()), ("off".to_owned(), "Suspended".to_owned())],
                    "off".to_owned(),
                )],
                ..Search::new("/mls/keys", "Name or key", "harbor")
            }),
            Block::Section(Section::new(
                "keys-section",
                "Keys",
                "Newest first.",
                vec![Block::Table(Table {
                    id: "keys",
                    caption: "Keys".to_owned(),
                    columns: vec!["Application", "State", "Roles", "Issued", ""],
                    rows: vec![row(1, "On", Tone::Good), row(2, "Suspended", Tone::Bad), row(3, "Waiting", Tone::Waiting)],
                    empty: Empty::default(),
                    pager: Pager { first: Some("/mls/keys".to_owned()), next: Some("/mls/keys?after=3".to_owned()) },
                })],
            )),
            Block::Section(Section::new(
                "usage",
                "Usage",
                "Requests of the last four weeks.",
                vec![Block::Chart(Chart { id: "requests", title: "Requests a day".to_owned(), parts: ("answered", "refused"), bars })],
            )),
            Block::Section(Section::new(
                "edit",
                "Change it",
                "",
                vec![Block::Form(
                    FormBlock::new(
                        "edit-form",
                        "/mls/keys/1",
                        ("save", "Save"),
                        vec![
                            Field::line("name", "Name").required().from(&form),
                            Field::lines("uris", "Redirect URIs", 4).hint("One a line.").required().from(&form),
                            Field::radios("kind", "Where does it run?", kinds).from(&form),
                            Field::boxes("roles", "What may it see?", roles).from(&form),
                            Field::password("current_password", "Your password", "current-password")
                                .hint("Because this changes what others may do."),
                            Field::select("owner", "Developer", vec![Choice::new("1", "Summit Software", "")]).from(&form),
                        ],
                    )
                    .cancel("/mls/keys"),
                )],
            )),
            Block::Section(Section::new(
                "more",
                "More",
                "",
                vec![
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
                    Block::Buttons(vec![
                        Button::new("disable", "Deactivate", "/x").ends(),
                        Button::new("enable", "Activate", "/x").sends("id", "1"),
                    ]),
                    Block::Links(vec![CardLink {
                        id: "to-secrets".to_owned(),
                        text: "Secrets".to_owned(),
                        href: "/developers".to_owned(),
                        about: "Shown once.".to_owned(),
                    }]),
                    Block::Prose(vec!["Plain words.".to_owned()]),
                ],
            )),
        ],
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

fn empty_console() -> ConsolePage {
    use parts::{Block, Empty, Table};
    let empty = Empty {
        link: Some(("Issue the first".to_owned(), "/mls/keys/new".to_owned())),
        ..Empty::new("No keys yet", "A key lets an application ask for our listings.")
    };
    let table = Table { id: "keys", caption: "Keys".to_owned(), columns: vec!["Key"], rows: vec![], empty, pager: parts::Pager::default() };
    ConsolePage {
        shell: Shell { person: None, crumbs: vec![], ..shell() },
        title: "Keys".to_owned(),
        lede: String::new(),
        notice: None,
        action: None,
        blocks: vec![Block::Table(table)],
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
            }
            .render(),
        ),
        ("busy", ErrorPage::busy(Brand::named("Cascade Valley MLS"), "01hf7c2k9qv3x").render()),
        ("broken", ErrorPage::broken(brand(), "01hf7c2k9qv3x").render()),
        ("signed-out", SignedOutPage { brand: brand(), back: None }.render()),
        ("signed-out-back", {
            let back = BackLink { name: "Sample Broker Site".to_owned(), href: "https://broker.example/".to_owned() };
            SignedOutPage { brand: brand(), back: Some(back) }.render()
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
    ];
    pages.extend([("console", console().render()), ("console-empty", empty_console().render())]);
    pages.extend(ACCENTS.iter().map(|accent| (*accent, accented(accent).render())));
    pages.into_iter().map(|(name, page)| (name, page.unwrap())).collect()
}

fn page(name: &str) -> String {
    every_page().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// The opening tag of the element with this id, without its brackets.
fn tag<'a>(page: &'a str, id: &str) -> &'a str {
    let mut tags = page.split('<').filter_map(|rest| rest.split('>').next());
    tags.find(|tag| tag.contains(&format!(" id=\"{id}\""))).unwrap_or_else(|| panic!("no element {id}"))
}

#[test]
fn a_name_with_markup_stays_text() {
    let mut consent = consent();
    consent.client.name = EVIL.to_owned();
    consent.person.name = EVIL.to_owned();
    consent.permissions = vec![EVIL.to_owned()];
    let mut sign_in = sign_in();
    sign_in.client = Some(SignInClient { name: EVIL.to_owned(), site: Some(EVIL.to_owned()) });
    sign_in.login = EVIL.to_owned();
    sign_in.brand.mls_name = EVIL.to_owned();
    let refused = callback(CallbackAnswer::Refused { error: EVIL.to_owned(), description: Some(EVIL.to_owned()), state: None });
    for page in [consent.render().unwrap(), sign_in.render().unwrap(), refused.render().unwrap()] {
        assert!(!page.contains("<script"));
        assert!(page.contains("&#60;script&#62;"));
    }
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong() {
    let page = page("console");
    assert!(tag(&page, "name").contains("value=\"Harborview &#60;b&#62;\""));
    assert!(page.contains("https://a.example/cb\nhttp://b.example</textarea>"));
    assert!(
        tag(&page, "uris").contains("aria-invalid=\"true\"") && tag(&page, "uris").contains("aria-describedby=\"uris-hint uris-problem\"")
    );
    assert!(page.contains("<a href=\"#uris\">http://b.example: use https.</a>"));
    assert!(tag(&page, "kind-public").contains(" checked") && !tag(&page, "kind-confidential").contains(" checked"));
    assert!(tag(&page, "role_vow").contains(" checked") && !tag(&page, "role_idx").contains(" checked"));
    assert!(page.contains("<title>Problem: "));
}

#[test]
fn an_answer_with_quotes_cannot_leave_its_field() {
    let page = page("form-post");
    assert_eq!(page.matches("</form>").count(), 1);
    assert!(page.contains(r#"name="state" value="&#34;&#62;&#60;/form&#62;""#));
}

#[test]
fn allowing_and_denying_look_alike() {
    let page = page("consent");
    let class = |id| tag(&page, id).split("class=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(class("consent-allow"), class("consent-deny"));
    assert!(tag(&page, "consent-allow").contains(r#"name="decision" value="allow""#));
    assert!(tag(&page, "consent-deny").contains(r#"name="decision" value="deny""#));
}

#[test]
fn no_page_has_inline_style_or_script_or_anything_from_elsewhere() {
    for (name, page) in every_page() {
        assert!(!page.contains("style="), "{name}");
        assert!(!page.contains("<style"), "{name}");
        assert!(page.matches("<script").count() == page.matches("<script src=\"/static/").count(), "{name}");
        assert!(page.matches(" src=\"").count() == page.matches(" src=\"/static/").count(), "{name}");
        assert!(!page.contains(" onclick=") && !page.contains(" onload=") && !page.contains(" onsubmit="), "{name}");
        assert!(!page.contains("href=\"javascript:"), "{name}");
    }
}

#[test]
fn only_the_form_post_page_has_a_script() {
    for (name, page) in every_page() {
        assert_eq!(page.contains("<script"), name == "form-post", "{name}");
    }
}

#[test]
fn every_page_has_its_language_one_heading_and_one_main_part() {
    for (name, page) in every_page() {
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\""), "{name}");
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        assert!(!page.contains("<title> –"), "{name}");
    }
}

#[test]
fn an_id_stands_once_on_a_page() {
    for (name, page) in every_page() {
        let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}");
    }
}

#[test]
fn the_promised_ids_are_there() {
    for (name, ids) in [
        ("sign-in", &["username", "password", "sign-in", "cancel"] as &[_]),
        ("sign-in-current", &["continue-as", "username"]),
        ("sign-in-wrong", &["problem"]),
        ("consent", &["not-you", "consent-allow", "consent-deny", "redirect-host", "lifetime"]),
        ("consent-more", &["already"]),
        ("error", &["error-code", "error-id"]),
        ("signed-out", &["signed-out"]),
        ("sign-out", &["sign-out"]),
        ("callback", &["code", "state"]),
        ("callback-refused", &["error", "error-description"]),
        ("form-post", &["continue"]),
        ("home", &["issuer", "discovery", "health"]),
        ("home-signed-in", &["sign-out"]),
    ] {
        let page = page(name);
        for id in ids {
            tag(&page, id);
        }
    }
}

#[test]
fn every_form_of_the_sign_in_walk_carries_the_request_on() {
    for name in ["sign-in", "sign-in-current", "consent"] {
        let page = page(name);
        assert_eq!(page.matches("<form").count(), page.matches(r#"name="flow" value="sealed""#).count(), "{name}");
    }
}

#[test]
fn pressing_enter_in_a_field_signs_in_and_does_nothing_else() {
    let page = page("sign-in-current");
    let form = page.split("<form").find(|form| form.contains("id=\"password\"")).unwrap();
    assert_eq!(form.split("</form>").next().unwrap().matches("<button").count(), 1);
}

#[test]
fn a_wrong_login_marks_both_fields_and_starts_at_the_password() {
    let page = page("sign-in-wrong");
    for id in ["username", "password"] {
        assert!(tag(&page, id).contains("aria-invalid=\"true\""));
        assert!(tag(&page, id).contains("aria-describedby=\"problem\""));
    }
    assert!(tag(&page, "problem").contains("role=\"alert\""));
    assert!(tag(&page, "username").contains("value=\"ada\""));
    assert!(tag(&page, "password").contains(" autofocus"));
    assert!(!tag(&page, "username").contains(" autofocus"));
    assert!(page.contains("<title>Problem: Sign in"));
}

#[test]
fn waiting_is_told_in_minutes_and_blames_no_field() {
    let page = page("sign-in-throttled");
    assert!(page.contains("Try again in 5 minutes."));
    assert!(!page.contains("aria-invalid"));
}

#[test]
fn a_fresh_page_starts_at_the_login_name_unless_one_click_would_do() {
    assert!(tag(&page("sign-in"), "username").contains(" autofocus"));
    assert!(!page("sign-in-current").contains(" autofocus"));
}

#[test]
fn without_a_client_there_is_nowhere_to_go_back_to() {
    assert!(!page("sign-in-plain").contains("id=\"cancel\""));
}

#[test]
fn what_an_unverified_application_says_of_itself_is_only_a_claim() {
    let page = page("consent-more");
    assert!(page.contains("Not verified"));
    assert!(page.contains("Says it is run by"));
    assert!(!page.contains("id=\"client-verified\""));
}

#[test]
fn only_a_web_address_becomes_a_link() {
    assert!(page("consent").contains("href=\"https://broker.example/about\""));
    assert!(!page("consent-long").contains("href=\"javascript"));
    assert!(is_web_link("HTTPS://broker.example/"));
    assert!(!is_web_link("javascript://broker.example/%0aalert(1)"));
    assert!(!is_web_link(" https://broker.example/"));
}

#[test]
fn an_unknown_accent_is_no_way_into_the_page() {
    let brand = Brand { accent: Some("x\" onload=".to_owned()), ..Brand::named("ab") };
    assert_eq!(brand.accent_class(), "accent-teal");
    assert_eq!(brand.initial(), "A");
}

#[test]
fn help_links_when_it_can_be_followed() {
    let support = |text: &str| Brand { support: Some(text.to_owned()), ..Brand::default() }.support_link();
    assert_eq!(support("help@mls.example").as_deref(), Some("mailto:help@mls.example"));
    assert_eq!(support("https://mls.example/help").as_deref(), Some("https://mls.example/help"));
    assert_eq!(support("Call 555-0142 or write to help@mls.example"), None);
}

#[test]
fn pages_name_the_stylesheet_by_its_content() {
    assert_eq!(asset_version().len(), 12);
    for (name, page) in every_page() {
        assert!(page.contains(&format!("/static/latchkey.css?v={}", asset_version())), "{name}");
    }
}

#[test]
fn every_accent_has_its_place_in_the_stylesheet() {
    let css = include_str!("../../../static/latchkey.css");
    for accent in ACCENTS.iter().skip(1) {
        assert_eq!(css.matches(&format!(".{accent} ")).count(), 2, "{accent} needs a light and a dark value");
    }
}

#[test]
fn everything_a_page_names_under_static_is_there() {
    for (page_name, page) in every_page() {
        for path in page.split("\"/static/").skip(1).filter_map(|rest| rest.split(['"', '?']).next()) {
            assert!(ASSETS.iter().any(|(name, _, _)| *name == path), "{page_name}: {path}");
        }
    }
}

// Looking is the only test of looks: LATCHKEY_PAGES=folder writes every page there, beside the files it names.
#[test]
fn every_page_can_be_written_out_to_be_looked_at() {
    let Some(folder) = std::env::var_os("LATCHKEY_PAGES").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(folder.join("static")).unwrap();
    for (name, _, bytes) in ASSETS {
        std::fs::write(folder.join("static").join(name), bytes).unwrap();
    }
    for (name, page) in every_page().into_iter().chain(crate::http::pages_demo::tests::every_page()) {
        std::fs::write(folder.join(name).with_extension("html"), page).unwrap();
    }
}
