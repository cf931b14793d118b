//! The pages of "Front Porch Listings", the sample site on which home buyers sign up and in through Latchkey.
//!
//! It stands for somebody else's site: its words share nothing with [`crate::http::pages`].

use askama::Template;

use super::pages_demo::SampleLogin;

/// The site before anybody has signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "porch/home.html")]
pub struct PorchHome {
    /// The host that will ask for the password.
    pub server: String,
    /// The demonstration's home buyers.
    pub logins: Vec<SampleLogin>,
}

/// A home on the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PorchListing {
    /// Its place in the list.
    pub number: usize,
    /// Where it is.
    pub address: String,
    /// What it is.
    pub facts: String,
    /// Whether it is a favourite.
    pub favourite: bool,
}

/// Something the site tried with the home buyer's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PorchTry {
    /// The path of the API.
    pub path: String,
    /// What it is.
    pub about: String,
    /// Whether it was answered.
    pub allowed: bool,
    /// Status, code and sentence.
    pub said: String,
}

/// The site once somebody has signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "porch/inside.html")]
pub struct PorchInside {
    /// How to greet the person.
    pub name: String,
    /// Their agent.
    pub agent: String,
    /// Shows that a form is ours.
    pub form_token: String,
    /// Whether favourites may be read.
    pub favourites_open: bool,
    /// The homes.
    pub listings: Vec<PorchListing>,
    /// What was tried.
    pub tries: Vec<PorchTry>,
    /// The contact as the API tells it, indented.
    pub contact: String,
    /// The person's own page at the server.
    pub own_page: String,
}

/// The site when signing in did not work, or is over.
#[derive(Debug, Clone, Template)]
#[template(path = "porch/problem.html")]
pub struct PorchProblem {
    /// The error word.
    pub error: String,
    /// What the answer said about it.
    pub description: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_platform_answers_stays_text_and_nothing_is_inline() {
        let login = SampleLogin { who: "Cara".to_owned(), login: "cara@home.example".to_owned(), password: "x".to_owned() };
        let evil = "<script>alert(1)</script>".to_owned();
        let inside = PorchInside {
            name: evil.clone(),
            agent: evil.clone(),
            form_token: "token".to_owned(),
            favourites_open: true,
            listings: vec![PorchListing { number: 0, address: evil.clone(), facts: String::new(), favourite: true }],
            tries: vec![PorchTry { path: evil.clone(), about: evil.clone(), allowed: false, said: evil.clone() }],
            contact: evil.clone(),
            own_page: "http://127.0.0.1:8080/my/sessions".to_owned(),
        };
        let pages = [
            PorchHome { server: "id.example".to_owned(), logins: vec![login] }.render().unwrap(),
            inside.render().unwrap(),
            PorchProblem { error: evil.clone(), description: Some(evil) }.render().unwrap(),
        ];
        for page in pages {
            assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("onclick"), "{page}");
            assert!(page.contains("Front Porch Listings"));
        }
    }
}
