//! The form of a plan: what staff type, and back.

use crate::http::form::{Form, lines};
use crate::http::pages::parts::{Choice, Field};
use crate::platform::personal_token::OwnData;
use crate::platform::plan::{Content, Credential, Offered};
use crate::platform::role::Role;
use crate::protocol::params::Params;

use super::explained;

const OWN: [(OwnData, &str, &str, &str); 3] = [
    (OwnData::Member, "own_member", "As a member", "The listings of one agent."),
    (OwnData::Office, "own_office", "As an office", "The listings of everyone in the office."),
    (OwnData::Company, "own_company", "As a company", "The listings of every office of the company."),
];

/// The fields, filled with what stands in `form`.
pub fn fields(form: &Form) -> Vec<Field> {
    let roles = Role::ALL.into_iter().filter(|role| role.is_data_role());
    vec![
        Field::line("name", "Name").required().hint("Such as IDX feed.").from(form),
        Field::lines("description", "What it is", 4).required().hint("What developers get, and what it is for.").from(form),
        Field::line("price", "Price").required().hint("Dollars per month, such as 50 or 49.90. Enter 0 for free.").from(form),
        Field::lines("terms", "Terms", 10)
            .required()
            .hint("Developers accept exactly this version; a change restarts approvals in progress.")
            .from(form),
        Field::radios("role", "What data it opens", roles.map(|role| Choice::new(role.name(), role.name(), explained(role))).collect())
            .from(form),
        Field::radios(
            "offered",
            "For whom",
            vec![
                Choice::new("named", "A specific broker or agent", "Agent, broker and association approve."),
                Choice::new("generic", "Multiple brokers or agents", "By the generic agent; the association alone approves."),
                Choice::new("either", "Whichever the developer chooses", ""),
            ],
        )
        .from(form),
        Field::boxes("own_data", "Only own data", OWN.map(|(_, name, label, about)| Choice::new(name, label, about)).to_vec())
            .hint("Check who may enroll; leave all unchecked if the plan is not limited to own listings.")
            .from(form),
        Field::lines("fields", "Fields", 5)
            .hint("One field per line, as named in RESO's Data Dictionary. Leave empty if the role alone decides.")
            .from(form),
        Field::lines("questions", "Questions", 3)
            .hint("What the developer is asked when enrolling: one question per line, up to ten.")
            .from(form),
        Field::radios(
            "credential",
            "What the developer gets",
            vec![
                Choice::new("bearer", "One token that does not expire", "For a feed."),
                Choice::new(
                    "open_id",
                    "A secret, for people who sign in",
                    "OpenID Connect: agents sign in with their MLS login and allow it.",
                ),
            ],
        )
        .from(form),
    ]
}

/// A form for a plan that is new.
pub fn blank() -> Form {
    Form::default().with("role", "idx").with("offered", "either").with("credential", "bearer").with("price", "0")
}

/// A form with what a plan says now.
pub fn filled(content: &Content) -> Form {
    let cents = content.price_cents;
    let price = if cents % 100 == 0 { (cents / 100).to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) };
    let form = Form::default()
        .with("name", content.name.clone())
        .with("description", content.description.clone())
        .with("price", price)
        .with("terms", content.terms.clone())
        .with("role", content.role.name())
        .with("offered", content.offered.name())
        .with("fields", content.fields.join("\n"))
        .with("questions", content.questions.join("\n"))
        .with("credential", content.credential.name());
    OWN.iter().filter(|(own, ..)| content.own_data.contains(own)).fold(form, |form, (_, name, ..)| form.with(name, "1"))
}

/// What was typed; whatever cannot be read is something the rules of plans refuse.
pub fn typed(form: &Params) -> Content {
    let text = |name: &str| form.text(name).unwrap_or_default().to_owned();
    Content {
        name: text("name"),
        description: text("description"),
        price_cents: cents(&text("price")).unwrap_or(-1),
        terms: text("terms"),
        // A role that only modifies opens nothing: the rules say so.
        role: text("role").parse().unwrap_or(Role::SingleSession),
        offered: Offered::parse(&text("offered")).unwrap_or(Offered::Either),
        own_data: OWN.iter().filter(|(_, name, ..)| !text(name).is_empty()).map(|(own, ..)| *own).collect(),
        fields: lines(form, "fields", 128),
        questions: lines(form, "questions", 256),
        credential: Credential::parse(&text("credential")).unwrap_or(Credential::Bearer),
    }
}

/// Dollars as people write them. Units: US cents.
fn cents(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('$').replace(',', "");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    let rest = format!("{rest:0<2}");
    Some(whole.parse::<i64>().ok()? * 100 + rest.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_people_write_it() {
        for (text, read) in [("50", 5000), ("49.9", 4990), ("$1,000.05", 100_005), ("0", 0), (" 7 ", 700)] {
            assert_eq!(cents(text), Some(read), "{text}");
        }
        for bad in ["", "-1", "1.234", "1e3", ".5", "fifty", "9999999999"] {
            assert_eq!(cents(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_plan_goes_through_its_form_unchanged() {
        let content = Content {
            name: "IDX".into(),
            description: "Listings.".into(),
            price_cents: 4990,
            terms: "Show the office.".into(),
            role: Role::Vow,
            offered: Offered::Named,
            own_data: vec![OwnData::Office],
            fields: vec!["ListPrice".into(), "City".into()],
            questions: vec!["Where?".into()],
            credential: Credential::OpenId,
        };
        let form = filled(&content);
        let sent: Vec<(&str, &str)> =
            ["name", "description", "price", "terms", "role", "offered", "own_office", "fields", "questions", "credential"]
                .iter()
                .map(|name| (*name, form.value(name)))
                .collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
        assert_eq!(typed(&Params::from_form(body.as_bytes()).unwrap()), content);
    }
}
