//! Developers of the portal, and what they and their approvers do in the Datamart.

use diesel::prelude::*;
use latchkey::base::id::{DeveloperId, EnrolmentId, IdentityId, PlanId};
use latchkey::identity::profile::Profile;
use latchkey::platform::plan::{Content, Credential, Offered};
use latchkey::platform::registration::Registration;
use latchkey::platform::role::Role;
use latchkey::platform::wish::Enrolment;
use latchkey::store::schema::{self, outbox};
use latchkey::store::{accounts, developers, enrolments, plans};

use super::platform::MLS;
use super::world::{Answer, BEGIN, PASSWORD, Person, World};

/// What somebody who registers says.
pub fn facts(email: &str) -> Registration {
    Registration {
        first_name: "Dora".into(),
        last_name: "Developer".into(),
        company: "Builders Ltd.".into(),
        email: email.into(),
        website: "https://builders.example/".into(),
        phone: "+1 509 555 0100".into(),
        building: "A site that shows listings.".into(),
    }
}

impl World {
    /// A developer of the portal whose address is verified, with everybody's password.
    pub fn verified(&self, id: i64, email: &str) -> DeveloperId {
        let facts = facts(email);
        self.change(move |conn| {
            let hash = accounts::by_login(conn, "cv.ada")?.unwrap().1.unwrap();
            developers::add(conn, DeveloperId(id), &facts, &hash, "2026-11", BEGIN)?;
            let (developer, _) = developers::get(conn, DeveloperId(id))?.unwrap();
            assert!(developers::verify(conn, &developer, BEGIN)?);
            Ok(DeveloperId(id))
        })
    }

    /// The same, activated: the Keys API knows an identity of this number.
    pub fn activated(&self, id: i64, email: &str) -> DeveloperId {
        self.verified(id, email);
        self.developer(id, MLS);
        self.change(move |conn| {
            assert!(developers::activate(conn, DeveloperId(id), IdentityId(id), "test", BEGIN)?);
            Ok(DeveloperId(id))
        })
    }

    /// A browser in which that developer is signed in.
    pub fn builder(&self, email: &str) -> Person<'_> {
        let person = self.agent(email);
        let answer = enters(&person, PASSWORD);
        assert_eq!(answer.status, 303, "{answer:?}");
        person
    }
}

/// Fills in the developers' sign-in page.
pub fn enters(person: &Person<'_>, password: &str) -> Answer {
    let page = person.get("/developers/sign-in");
    assert!(page.body.contains("id=\"sign-in\""), "{page:?}");
    person.post("/developers/sign-in", &[("flow", &page.field("flow")), ("email", &person.login), ("password", password)])
}

/// A plan as an MLS offers it.
pub fn idx() -> Content {
    Content {
        name: "IDX feed".into(),
        description: "Listings for a public website.".into(),
        price_cents: 5000,
        terms: "Show the listing office beside each listing.".into(),
        role: Role::Idx,
        offered: Offered::Either,
        own_data: Vec::new(),
        fields: vec!["ListPrice".into(), "City".into()],
        questions: vec!["Where will it run?".into()],
        credential: Credential::Bearer,
    }
}

/// What Dora types for that plan, for Ada.
pub fn wish<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("application", "Front Porch"),
        ("website", "https://porch.example/"),
        ("audience", "named"),
        ("login", "cv.ada"),
        ("purpose", "A site for buyers."),
        ("answer_1", "On our servers."),
        ("accepted", "1"),
        ("version", "1"),
    ]
}

impl World {
    /// Makes a member a broker of their office.
    pub fn makes_broker(&self, login: &str) {
        self.reshapes(login, |profile| profile.member_type = "Broker".into());
    }

    /// Changes what an MLS knows of somebody.
    pub fn reshapes(&self, login: &str, change: impl FnOnce(&mut Profile)) {
        let name = login.to_owned();
        let (account, _) = self.app.db.read(move |conn| accounts::by_login(conn, &name)).unwrap().unwrap();
        let mut profile = account.profile.clone();
        change(&mut profile);
        let text = serde_json::to_string(&profile).unwrap();
        let id = account.id;
        self.change(move |conn| {
            conn.execute(diesel::update(schema::accounts::table.find(id.as_str())).set(schema::accounts::profile.eq(text)))
        });
    }

    /// Makes somebody staff of the platform.
    pub fn makes_platform_staff(&self, login: &str) {
        let login = login.to_owned();
        self.change(move |conn| {
            let (account, _) = accounts::by_login(conn, &login)?.unwrap();
            accounts::set_platform_staff(conn, &account.id, true, BEGIN)
        });
    }

    /// A plan of the MLS of everybody whose login begins with `cv.`.
    pub fn offers(&self, id: i64, content: Content) -> i64 {
        self.change(move |conn| plans::add(conn, PlanId(id), &MLS.parse().unwrap(), &content, "test", BEGIN));
        id
    }

    /// The letters to an address, oldest first: subject and text.
    pub fn letters_to(&self, address: &str) -> Vec<(String, String)> {
        let address = address.to_owned();
        let rows = outbox::table
            .filter(outbox::recipient.eq(address))
            .filter(outbox::subject.not_like("New sign-in%"))
            .order(outbox::id)
            .select((outbox::subject, outbox::text_body));
        self.app.db.read(move |conn| conn.all(rows)).unwrap()
    }

    /// Where the link of the newest letter to an address that has one leads: a path here.
    pub fn link_to(&self, address: &str) -> String {
        let letters = self.letters_to(address);
        let link = |text: &str| text.lines().find(|line| line.starts_with(&self.issuer) && line.contains("/lkl_")).map(str::to_owned);
        let newest = letters.iter().rev().find_map(|(_, text)| link(text));
        newest.unwrap_or_else(|| panic!("no link to {address} in {letters:?}")).strip_prefix(&self.issuer).unwrap().to_owned()
    }

    /// Dora, activated, signed in, with an invoice account.
    pub fn dora(&self) -> Person<'_> {
        self.activated(1, "dora@example.com");
        let dora = self.builder("dora@example.com");
        let account =
            [("legal_name", "Builders Ltd."), ("billing_address", "1 Main St\nWenatchee WA 98801"), ("email", "books@builders.example")];
        assert_eq!(dora.post("/appstore/datamart/payment", &account).status, 303);
        dora
    }

    /// A plan of everybody's, a broker, and Dora's enrolment for Ada in it; answers its number.
    pub fn enrolled(&self, dora: &Person<'_>) -> i64 {
        self.makes_broker("cv.ben");
        self.offers(11, idx());
        enrols(dora, 11, &wish())
    }

    /// How an enrolment stands.
    pub fn standing(&self, id: i64) -> Enrolment {
        self.app.db.read(move |conn| enrolments::get(conn, EnrolmentId(id))).unwrap().unwrap()
    }
}

/// Sends the form of a plan; answers the enrolment's number.
pub fn enrols(dora: &Person<'_>, plan: i64, wish: &[(&str, &str)]) -> i64 {
    let answer = dora.post(&format!("/appstore/datamart/plans/{plan}/enrol"), wish);
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap()
}

/// Opens the link of a letter as far as a page, signing in where asked.
pub fn follows(person: &Person<'_>, link: &str) -> Answer {
    let mut answer = person.get(link);
    for _ in 0..6 {
        if answer.status == 303 {
            answer = person.get(answer.location());
        } else if answer.body.contains("MLS login name") && answer.body.contains("id=\"sign-in\"") {
            let flow = answer.field("flow");
            answer = person.post("/account/sign-in", &[("flow", &flow), ("username", &person.login), ("password", PASSWORD)]);
        } else if answer.body.contains("id=\"sign-in\"") {
            let flow = answer.field("flow");
            answer = person.post("/developers/sign-in", &[("flow", &flow), ("email", &person.login), ("password", PASSWORD)]);
        } else {
            break;
        }
    }
    answer
}

/// Presses a button of a page by its form: where it posts to, with the fields it holds unseen and those typed.
pub fn presses(person: &Person<'_>, page: &Answer, form: &str, typed: &[(&str, &str)]) -> Answer {
    let start = page.body.find(&format!("id=\"{form}\"")).unwrap_or_else(|| panic!("no {form} on {page:?}"));
    let text = page.body[start..].split("</form>").next().unwrap();
    let action = text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut fields: Vec<(String, String)> = text
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let name = rest.split('"').next().unwrap().to_owned();
            (name, rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
        })
        .collect();
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let borrowed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    person.post(&action, &borrowed)
}
