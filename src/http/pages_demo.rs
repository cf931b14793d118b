//! The pages of "Harborview Homes", the sample application that signs people in through Latchkey.
//!
//! It stands for somebody else's site: its layout, stylesheet and words share nothing with [`crate::http::pages`].

use askama::Template;

/// The sample application before anybody has signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "demo/home.html")]
pub struct SampleHome {
    /// Where "Sign in with your MLS" leads.
    pub sign_in: String,
    /// The host that will ask for the password.
    pub server: String,
    /// The demonstration's people; empty where there are none to show.
    pub logins: Vec<SampleLogin>,
}

/// Somebody to sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleLogin {
    /// The name and what they are: "Ada Agent, an agent of Cascade Valley MLS".
    pub who: String,
    /// The login name.
    pub login: String,
    /// The password, which opens nothing but the demonstration.
    pub password: String,
}

/// The sample application once somebody has signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "demo/signed_in.html")]
pub struct SampleSignedIn {
    /// How to greet the person.
    pub name: String,
    /// What just happened, such as "The tokens were refreshed."
    pub notice: Option<String>,
    /// Where the refresh button posts to.
    pub refresh: String,
    /// Where the sign-out button posts to.
    pub sign_out: String,
    /// Shows that a form is ours; the hidden field `form_token` of both.
    pub form_token: String,
    /// The verified claims of the ID token, in the order to show them.
    pub claims: Vec<SampleClaim>,
    /// The claims of userinfo, in the order to show them.
    pub userinfo: Vec<SampleClaim>,
    /// The tokens held.
    pub tokens: Vec<SampleToken>,
    /// The JSON answer of `/v1/my/account`, already indented.
    pub account: String,
}

/// One claim of an ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleClaim {
    /// The claim's name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// One token, as much of it as may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleToken {
    /// "Access token".
    pub kind: String,
    /// Its first few characters; the page adds the ellipsis.
    pub beginning: String,
    /// How long it lasts, in words.
    pub lasts: String,
}

/// The sample application when signing in did not work.
#[derive(Debug, Clone, Template)]
#[template(path = "demo/problem.html")]
pub struct SampleProblem {
    /// The error word.
    pub error: String,
    /// What the answer said about it.
    pub description: Option<String>,
}

#[cfg(test)]
pub(in crate::http) mod tests {
    use super::*;

    pub(in crate::http) fn every_page() -> Vec<(&'static str, String)> {
        let login = |who: &str, login: &str| SampleLogin {
            who: who.to_owned(),
            login: login.to_owned(),
            password: "correct horse battery".to_owned(),
        };
        let claim = |name: &str, value: &str| SampleClaim { name: name.to_owned(), value: value.to_owned() };
        let token = |kind: &str, beginning: &str, lasts: &str| SampleToken {
            kind: kind.to_owned(),
            beginning: beginning.to_owned(),
            lasts: lasts.to_owned(),
        };
        let home = SampleHome {
            sign_in: "/sign-in".to_owned(),
            server: "id.mls.example".to_owned(),
            logins: vec![
                login("Ada Agent, an agent of Cascade Valley MLS", "ada"),
                login("Olive Office, an office of Harbor Coast MLS", "olive"),
            ],
        };
        let signed_in = SampleSignedIn {
            name: "Ada Agent".to_owned(),
            notice: Some("The tokens were refreshed.".to_owned()),
            refresh: "/refresh".to_owned(),
            sign_out: "/sign-out".to_owned(),
            form_token: "token".to_owned(),
            claims: vec![
                claim("iss", "https://id.mls.example/openid"),
                claim("sub", "20260101000000000001000000"),
                claim("name", "Ada <Agent>"),
            ],
            userinfo: vec![claim("email", "ada@summit.example"), claim("MemberMlsId", "<Agent> 1001")],
            tokens: vec![token("Access token", "lka_mfrggzdf", "1 hour"), token("Refresh token", "lkr_nmxgs5dj", "90 days without use")],
            account: "{\n  \"D\": {\n    \"Success\": true,\n    \"Results\": [\n      { \"Name\": \"Ada <Agent>\" }\n    ]\n  }\n}"
                .to_owned(),
        };
        let problem = |description| SampleProblem { error: "access_denied".to_owned(), description };
        [
            ("demo-home", home.render()),
            ("demo-signed-in", signed_in.render()),
            ("demo-problem", problem(Some("The person said no <b>".to_owned())).render()),
            ("demo-problem-bare", problem(None).render()),
        ]
        .into_iter()
        .map(|(name, page)| (name, page.unwrap()))
        .collect()
    }

    #[test]
    fn the_promised_ids_are_there_once() {
        let pages = every_page();
        for (name, id) in [
            ("demo-home", "demo-sign-in"),
            ("demo-signed-in", "claims"),
            ("demo-signed-in", "userinfo"),
            ("demo-signed-in", "tokens"),
            ("demo-signed-in", "account"),
            ("demo-signed-in", "demo-refresh"),
            ("demo-signed-in", "demo-sign-out"),
            ("demo-problem", "error"),
            ("demo-problem", "error-description"),
        ] {
            let (_, page) = pages.iter().find(|(known, _)| *known == name).unwrap();
            assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{name}: {id}");
        }
    }

    #[test]
    fn what_the_platform_answers_stays_text() {
        for (name, page) in every_page() {
            assert!(!page.contains("<Agent>") && !page.contains("<b>"), "{name}");
        }
    }

    #[test]
    fn the_sample_has_its_own_look_and_nothing_inline() {
        for (name, page) in every_page() {
            assert!(page.contains("/static/demo.css?v="), "{name}");
            assert!(!page.contains("latchkey.css"), "{name}");
            assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("<script"), "{name}");
            assert_eq!(page.matches("<h1").count(), 1, "{name}");
        }
    }
}
