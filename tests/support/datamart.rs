//! Developers of the portal, and what they and their approvers do in the Datamart.

use latchkey::base::id::{DeveloperId, IdentityId};
use latchkey::platform::registration::Registration;
use latchkey::store::{accounts, developers};

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
