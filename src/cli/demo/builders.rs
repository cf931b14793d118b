//! The demo's developer, the tokens for its sample data, and the plans that its MLSs offer.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder;
use super::people::PASSWORD;
use crate::cli::Done;
use crate::cli::failure::Failure;
use crate::flows::operate::set_password::hash;
use crate::flows::operate::{Desk, sandbox};
use crate::identity::password::Password;
use crate::platform::personal_token::OwnData;
use crate::platform::plan::{Content, Credential, Offered};
use crate::platform::registration::Registration;
use crate::platform::role::Role;

/// What the developer signs in with.
pub const EMAIL: &str = "dora@front-porch.example";

const DATA_ROLES: [Role; 5] = [Role::Private, Role::Idx, Role::Public, Role::Vow, Role::Portal];

/// A token for the sample data, by the role in which it opens it.
pub type Tokens = BTreeMap<String, String>;

/// Sees to it that developer, plans and tokens are there; tokens stay in the folder, so that programs written against one demo work with the next.
pub fn invite(desk: &Desk, data: &Path) -> Result<Tokens, Failure> {
    let hash = hash(desk, Password::typed(PASSWORD).ok_or_else(|| Failure::other("the demo's password is too long"))?)?;
    let identity = sandbox::invite(desk, &facts(), &hash)??;
    plans(desk)?;
    let path = data.join("sandbox.json");
    let kept: Tokens = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut tokens = Tokens::new();
    for role in DATA_ROLES {
        let token = match kept.get(role.name()) {
            Some(known) if sandbox::is_good(desk, known)? => known.clone(),
            _ => sandbox::open(desk, identity, role)?,
        };
        tokens.insert(role.name().to_owned(), token);
    }
    folder::replace(&path, &serde_json::to_string_pretty(&tokens).map_err(|why| Failure::other(why.to_string()))?)?;
    Ok(tokens)
}

fn facts() -> Registration {
    Registration {
        first_name: "Dora".to_owned(),
        last_name: "Developer".to_owned(),
        company: "Front Porch Software".to_owned(),
        email: EMAIL.to_owned(),
        website: "https://front-porch.example/".to_owned(),
        phone: "+1 509 555 0142".to_owned(),
        building: "Websites on which agents show their listings.".to_owned(),
    }
}

fn plans(desk: &Desk) -> Done {
    let all = |text: &[&str]| text.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let feed = Content {
        name: "IDX feed".to_owned(),
        description: "Active listings for the public website of an agent, of an office, or of many.".to_owned(),
        price_cents: 5000,
        terms:
            "Show the listing office beside every listing, as large as the rest.\n\nTake a listing down within twelve hours after it is \
                withdrawn.\n\nNeither sell the data nor pass it on."
                .to_owned(),
        role: Role::Idx,
        offered: Offered::Either,
        own_data: Vec::new(),
        fields: all(&[
            "ListingId",
            "StandardStatus",
            "ListPrice",
            "UnparsedAddress",
            "City",
            "BedroomsTotal",
            "BathroomsTotalInteger",
            "PublicRemarks",
        ]),
        questions: all(&["Where will the data be kept, and who has access to it?"]),
        credential: Credential::Bearer,
    };
    let own = Content {
        name: "Own listings".to_owned(),
        description: "The listings of one member, office or company with every field, for their own systems.".to_owned(),
        price_cents: 0,
        terms: "The data stays with the member, office or company whose it is.".to_owned(),
        role: Role::Private,
        offered: Offered::Named,
        own_data: vec![OwnData::Member, OwnData::Office, OwnData::Company],
        fields: Vec::new(),
        questions: Vec::new(),
        ..feed.clone()
    };
    let back_office = Content {
        name: "Agent sign-in".to_owned(),
        description: "OpenID Connect for applications to which many agents sign in with their MLS login.".to_owned(),
        price_cents: 9500,
        terms: "Ask for no more than the application needs. Delete what an agent disconnects.".to_owned(),
        role: Role::Private,
        offered: Offered::Generic,
        credential: Credential::OpenId,
        questions: all(&["How do you keep the client secret?"]),
        ..feed.clone()
    };
    let vow = Content {
        name: "VOW feed".to_owned(),
        description: "Listings with sold prices for home buyers who registered with an agent.".to_owned(),
        price_cents: 7500,
        role: Role::Vow,
        offered: Offered::Named,
        questions: Vec::new(),
        ..feed.clone()
    };
    for (mls, content) in
        [("Cascade Valley MLS", feed), ("Cascade Valley MLS", own), ("Cascade Valley MLS", back_office), ("Harbor Coast MLS", vow)]
    {
        sandbox::offer(desk, mls, &content)??;
    }
    Ok(())
}
