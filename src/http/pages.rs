//! What a person sees on the way through signing in: one struct per page, each drawn by the template of its name.
//!
//! The ids of form fields and buttons are a contract: tests, password managers and people's scripts find them by name.
//! No page has inline script or style, because the content security policy allows none.

use std::sync::LazyLock;

use askama::Template;

use crate::base::Digest;
use crate::http::assets::ASSETS;

/// A short word that changes whenever any file under `/static/` does, so that browsers may keep those files for ever.
pub fn asset_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let bytes: Vec<u8> = ASSETS.iter().flat_map(|(_, _, bytes)| bytes.iter().copied()).collect();
        Digest::of(&bytes).hex().chars().take(12).collect()
    });
    &VERSION
}

/// The accents an MLS may choose from; the first is what a page has without a choice.
pub const ACCENTS: [&str; 6] = ["accent-teal", "accent-navy", "accent-forest", "accent-plum", "accent-brick", "accent-slate"];

/// Whose page this is: the MLS stands at the top, not the software.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name at the top of the page.
    pub mls_name: String,
    /// A path under `/static/`; without one the first letter of the name stands in.
    pub logo: Option<String>,
    /// One of [`ACCENTS`]; any other word is as good as none.
    pub accent: Option<String>,
    /// Where members find help: an address, a link or a sentence.
    pub support: Option<String>,
}

impl Brand {
    /// A brand of which only the name is known.
    pub fn named(mls_name: impl Into<String>) -> Self {
        Self { mls_name: mls_name.into(), ..Self::default() }
    }

    /// Our own, for pages that belong to no MLS in particular.
    pub fn house() -> Self {
        Self { logo: Some("/static/favicon.svg".to_owned()), ..Self::named("Latchkey") }
    }

    fn accent_class(&self) -> &'static str {
        let [first, ..] = ACCENTS;
        ACCENTS.into_iter().find(|known| self.accent.as_deref() == Some(known)).unwrap_or(first)
    }

    fn initial(&self) -> String {
        self.mls_name.trim_start().chars().take(1).flat_map(char::to_uppercase).collect()
    }

    fn support_link(&self) -> Option<String> {
        let support = self.support.as_deref()?;
        if is_web_link(support) {
            Some(support.to_owned())
        } else if support.contains('@') && !support.contains(char::is_whitespace) {
            Some(format!("mailto:{support}"))
        } else {
            None
        }
    }
}

/// Whether `uri` may be the target of a link. Applications choose their own address, and `javascript:` is one too.
fn is_web_link(uri: &str) -> bool {
    let scheme = uri.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http"))
}

/// Somebody with a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As other people know them: "Ada Agent".
    pub name: String,
    /// What they type to sign in.
    pub login: String,
}

/// A field of a form that the person does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A place to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackLink {
    /// Its name, as in "Return to …".
    pub name: String,
    /// Its address; a registered one, for the page links to it as it is.
    pub href: String,
}

/// Asks for login name and password.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where every form of the page posts to.
    pub action: String,
    /// The sealed request, carried on as the hidden field `flow`.
    pub flow: String,
    /// The application the person comes from, when one is known; there is a way back to it.
    pub client: Option<SignInClient>,
    /// The login name typed before, so that it need not be typed again.
    pub login: String,
    /// What went wrong the last time.
    pub problem: Option<SignInProblem>,
    /// Who is signed in already and may go on with one click.
    pub current: Option<Person>,
}

/// The application a person signs in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInClient {
    /// Its registered name.
    pub name: String,
    /// The host of its site.
    pub site: Option<String>,
}

/// Why the sign-in page is shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInProblem {
    /// Login and password do not belong together. Which of them is wrong is nobody's business.
    WrongLogin,
    /// Too many attempts; the next is heard after so many minutes.
    Throttled {
        /// Units: minutes, at least 1.
        minutes: u64,
    },
    /// Something that is not the fault of what was typed, such as a page left open too long. A whole sentence.
    Notice(String),
}

impl SignInProblem {
    // Nobody did anything wrong by leaving a page open, so that is not said in red.
    fn class(&self) -> &'static str {
        match self {
            Self::Notice(_) => "notice",
            Self::WrongLogin | Self::Throttled { .. } => "problem",
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::WrongLogin => "That login name and password do not match.",
            Self::Throttled { .. } => "Too many attempts.",
            Self::Notice(_) => "Please sign in again.",
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::WrongLogin => "Check both and try again. Capital letters in the password matter.".to_owned(),
            Self::Throttled { minutes: 0 | 1 } => "Try again in 1 minute.".to_owned(),
            Self::Throttled { minutes } => format!("Try again in {minutes} minutes."),
            Self::Notice(sentence) => sentence.clone(),
        }
    }
}

impl SignInPage {
    fn doubts_fields(&self) -> bool {
        self.problem == Some(SignInProblem::WrongLogin)
    }

    // A person who may go on with one click is not dragged past that button to a field.
    fn starts_in_fields(&self) -> bool {
        self.current.is_none() || self.problem.is_some()
    }

    fn starts_at_login(&self) -> bool {
        self.starts_in_fields() && self.login.is_empty()
    }

    fn starts_at_password(&self) -> bool {
        self.starts_in_fields() && !self.login.is_empty()
    }
}

/// Asks whether an application may act for the person.
#[derive(Debug, Clone, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where the form posts to.
    pub action: String,
    /// The sealed request, carried on as the hidden field `flow`.
    pub flow: String,
    /// Who asks.
    pub client: ConsentClient,
    /// Who is asked.
    pub person: Person,
    /// What is asked for, each a phrase after "It will be able to": "See your name and e-mail address".
    pub permissions: Vec<String>,
    /// What was allowed before, when only the difference is asked for.
    pub already: Vec<String>,
    /// The data role the application works under, in words.
    pub role: Option<String>,
    /// The host the browser is sent to, whichever the answer.
    pub redirect_host: String,
    /// How long the permission lasts, as a sentence; says so when it does not end by itself.
    pub lifetime: String,
}

/// The application that asks for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentClient {
    /// Its registered name.
    pub name: String,
    /// Its home on the web; becomes a link only if it is http or https.
    pub application_uri: Option<String>,
    /// Whether somebody has checked who runs it.
    pub verified: bool,
    /// The company or person that runs it; of an unverified one the page says that this is only claimed.
    pub owner: Option<String>,
}

impl ConsentClient {
    fn links(&self) -> bool {
        self.application_uri.as_deref().is_some_and(is_web_link)
    }
}

/// Says that something cannot go on, and what to do about it. Serves refusals, broken machines and busy ones alike.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The heading: "This link cannot be used".
    pub title: String,
    /// What happened, in a sentence or two.
    pub explanation: String,
    /// What to do next.
    pub next: String,
    /// The error word of the protocol; `id="error-code"`.
    pub code: String,
    /// The request's id in our logs; `id="error-id"`.
    pub request_id: String,
}

impl ErrorPage {
    /// The page for a moment when there is more to do than hands.
    pub fn busy(brand: Brand, request_id: impl Into<String>) -> Self {
        Self {
            brand,
            title: "We are busy".to_owned(),
            explanation: "More people are signing in than we can serve at this moment. Nothing is lost.".to_owned(),
            next: "Wait a few seconds, then load this page again.".to_owned(),
            code: "temporarily_unavailable".to_owned(),
            request_id: request_id.into(),
        }
    }

    /// The page for a fault of ours, which tells nothing of its cause.
    pub fn broken(brand: Brand, request_id: impl Into<String>) -> Self {
        Self {
            brand,
            title: "Something went wrong here".to_owned(),
            explanation: "The fault is ours, not yours. It has been written down.".to_owned(),
            next: "Try again in a few minutes. If it happens again, ask for help and give the request number below.".to_owned(),
            code: "server_error".to_owned(),
            request_id: request_id.into(),
        }
    }
}

/// Says that nobody is signed in any more.
#[derive(Debug, Clone, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where to go from here, if the application named a registered place.
    pub back: Option<BackLink>,
}

/// Asks whether the person meant to sign out; a link alone must not do it.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_out.html")]
pub struct SignOutPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where the form posts to.
    pub action: String,
    /// Who is signed in.
    pub person: Person,
    /// Shows that the form is ours; the hidden field `form_token`.
    pub form_token: String,
    /// What else the form carries on.
    pub hidden: Vec<HiddenField>,
}

/// Shows the answer to a program that has no address of its own, so that a person can carry it over.
#[derive(Debug, Clone, Template)]
#[template(path = "callback.html")]
pub struct CallbackPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The answer to show.
    pub answer: CallbackAnswer,
}

impl CallbackPage {
    fn refused(&self) -> bool {
        matches!(self.answer, CallbackAnswer::Refused { .. })
    }
}

/// An authorization response as a person copies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    /// It went well.
    Code {
        /// The code to carry over.
        code: String,
        /// The state it belongs to.
        state: Option<String>,
    },
    /// It did not.
    Refused {
        /// The error word.
        error: String,
        /// What the response says about it. Anybody can write such a link, so the page shows it as a quotation.
        description: Option<String>,
        /// The state it belongs to.
        state: Option<String>,
    },
}

/// Carries an answer back to the application in a form (`response_mode=form_post`), by itself or at a click.
#[derive(Debug, Clone, Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The application's registered address.
    pub action: String,
    /// The answer.
    pub fields: Vec<HiddenField>,
}

/// What stands at `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// Whose page it is.
    pub brand: Brand,
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// Where the discovery document is.
    pub discovery: String,
    /// Where health is told.
    pub health: String,
    /// Who is signed in.
    pub current: Option<Person>,
    /// Where they can sign out.
    pub sign_out: String,
}

#[cfg(test)]
pub(in crate::http) mod tests {
    use super::*;

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
        let css = include_str!("../../static/latchkey.css");
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
}
