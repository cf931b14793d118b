//! Issuing a key by hand: what staff type, and the approval on whose word they do it.

use chrono::NaiveDate;

use crate::base::Timestamp;
use crate::base::id::AccountId;

use super::form::{self, Problems};
use super::key::check_application_uri;
use super::naming;
use super::personal_token::OwnData;
use super::plan::Credential;
use super::role::Role;

/// How old an approval may be when a key is issued on it. Units: days.
const OLDEST: i64 = 366;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The developer's address.
    pub developer: String,
    /// The application's name.
    pub application: String,
    /// Its web site.
    pub website: String,
    /// `bearer` or `open_id`.
    pub credential: String,
    /// What data it opens.
    pub role: String,
    /// Where answers go, one a line, for people who sign in.
    pub redirect_uris: String,
    /// The MLS login of whom a token speaks for; empty is the generic agent.
    pub login: String,
    /// To whose own listings it is limited.
    pub own_data: String,
    /// Who approved.
    pub approved_by: String,
    /// On which day, as `YYYY-MM-DD`.
    pub approved_on: String,
    /// In which document.
    pub document: String,
}

/// The same, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The developer's address.
    pub developer: String,
    /// The application's name.
    pub application: String,
    /// Its web site.
    pub website: String,
    /// What the developer gets.
    pub credential: Credential,
    /// What data it opens.
    pub role: Role,
    /// Where answers go; whether they may be registered is the protocol's question.
    pub redirect_uris: Vec<String>,
    /// The MLS login of whom a token speaks for.
    pub login: Option<String>,
    /// To whose own listings it is limited.
    pub own_data: Option<OwnData>,
    /// Who approved.
    pub approved_by: String,
    /// On which day.
    pub approved_on: String,
    /// In which document.
    pub document: String,
}

/// On whose word a key was issued by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub approved_by: String,
    /// On which day, as `YYYY-MM-DD`.
    pub approved_on: String,
    /// In which document.
    pub document: String,
    /// Who issued the key on it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// For whom its token speaks; nobody is the generic agent.
    pub account_id: Option<AccountId>,
    /// To whose own listings it is limited.
    pub own_data: Option<OwnData>,
}

impl Wish {
    /// Checks what was typed on the day `today`.
    ///
    /// Refuses: all that is wrong at once, field by field; a key without an approval above all.
    pub fn parse(typed: &Typed, today: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let website = typed.website.trim().to_owned();
        if check_application_uri(&website).is_err() {
            problems.note("website", "Please give the application's web address, such as https://app.example/.");
        }
        let credential = Credential::parse(&typed.credential);
        if credential.is_none() {
            problems.note("credential", "Please choose what the developer gets.");
        }
        let role = typed.role.parse::<Role>().ok().filter(|role| role.is_data_role());
        if role.is_none() {
            problems.note("role", "Please choose what data it opens.");
        }
        let open_id = credential == Some(Credential::OpenId);
        let redirect_uris: Vec<String> =
            typed.redirect_uris.lines().map(str::trim).filter(|line| open_id && !line.is_empty()).map(str::to_owned).collect();
        if open_id && redirect_uris.is_empty() {
            problems.note("redirect_uris", "Please give at least one address to which people return after signing in.");
        }
        if redirect_uris.len() > 20 {
            problems.note("redirect_uris", "Please give at most twenty addresses.");
        }
        let login = problems.take("login", form::optional_line(if open_id { "" } else { &typed.login }, 256));
        let own_data = match typed.own_data.as_str() {
            "" => None,
            _ if open_id => None,
            text => {
                let own = text.parse::<OwnData>().ok();
                if own.is_none() {
                    problems.note("own_data", "Please choose one of these.");
                } else if login.is_empty() {
                    problems.note("own_data", "Own listings belong to someone: give their login name.");
                }
                own
            }
        };
        let approved_on = problems.take("approved_on", day(&typed.approved_on, today));
        let wish = Self {
            developer: problems.take("developer", form::email(&typed.developer)),
            application: problems.take("application", naming::line(&typed.application, 128)),
            website,
            credential: credential.unwrap_or(Credential::Bearer),
            role: role.unwrap_or(Role::Idx),
            redirect_uris,
            login: Some(login).filter(|login| !login.is_empty()),
            own_data,
            approved_by: problems.take("approved_by", form::line(&typed.approved_by, 200)),
            approved_on,
            document: problems.take("document", form::line(&typed.document, 500)),
        };
        problems.unless(wish)
    }
}

/// The day of an approval.
///
/// Refuses: what is no day, a day to come, and one too long ago.
fn day(text: &str, today: &str) -> Result<String, &'static str> {
    let read = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
    let day = read(text.trim()).ok_or("Please give a day, such as 2026-11-27.")?;
    let today = read(today).ok_or("Please give a day, such as 2026-11-27.")?;
    match (today - day).num_days() {
        // Somebody west of here may be a day behind, nobody is ahead by more than one.
        ago if ago < -1 => Err("This day is still to come."),
        ago if ago > OLDEST => Err("This is too long ago; please get a new approval."),
        _ => Ok(day.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            developer: "dora@builders.example".into(),
            application: "Porch".into(),
            website: "https://porch.example/".into(),
            credential: "bearer".into(),
            role: "idx".into(),
            approved_by: "Sam Staff".into(),
            approved_on: "2026-11-20".into(),
            document: "letter of 20 November".into(),
            ..Typed::default()
        }
    }

    fn parse(typed: &Typed) -> Result<Wish, Problems> {
        Wish::parse(typed, "2026-11-27")
    }

    #[test]
    fn no_key_is_issued_by_hand_without_who_when_and_in_which_document() {
        assert!(parse(&typed()).is_ok());
        let problems =
            parse(&Typed { approved_by: " ".into(), approved_on: String::new(), document: String::new(), ..typed() }).unwrap_err();
        for field in ["approved_by", "approved_on", "document"] {
            assert!(problems.of(field).is_some(), "{field}");
        }
        let all = parse(&Typed::default()).unwrap_err();
        for field in ["developer", "application", "website", "credential", "role"] {
            assert!(all.of(field).is_some(), "{field}");
        }
        for bad in ["2026-11-29", "2025-11-01", "2026-02-30", "27.11.2026", "2026-1-1"] {
            assert!(parse(&Typed { approved_on: bad.into(), ..typed() }).unwrap_err().of("approved_on").is_some(), "{bad}");
        }
        assert!(parse(&Typed { approved_on: "2026-11-28".into(), ..typed() }).is_ok(), "it may be tomorrow elsewhere");
    }

    #[test]
    fn people_who_sign_in_need_somewhere_to_return_to_and_tokens_somebody_to_speak_for() {
        let sign_in = Typed { credential: "open_id".into(), login: "cv.ada".into(), own_data: "office".into(), ..typed() };
        assert!(parse(&sign_in).unwrap_err().of("redirect_uris").is_some());
        let good = parse(&Typed { redirect_uris: " https://a.example/cb \r\n\r\nhttps://b.example/cb".into(), ..sign_in }).unwrap();
        assert_eq!((good.redirect_uris.len(), good.login, good.own_data), (2, None, None));
        assert!(parse(&Typed { own_data: "office".into(), ..typed() }).unwrap_err().of("own_data").is_some());
        assert!(parse(&Typed { role: "replication".into(), ..typed() }).unwrap_err().of("role").is_some());
    }
}
