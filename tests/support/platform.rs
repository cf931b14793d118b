//! The platform's API as staff of an MLS and their programs use it: developers, their keys, and who may call.

use diesel::prelude::*;
use latchkey::base::id::KeyId;
use latchkey::platform::role::Role;
use latchkey::protocol::client::{ClientKind, Policy, Privilege};
use latchkey::store::keys::{self, NewKey};
use latchkey::store::schema::{accounts, identities, keys as keys_table};
use serde_json::{Value, json};

use super::world::{Answer, BEGIN, World};

/// The MLS of everybody whose login begins with `cv.`.
pub const MLS: &str = "20261001000000000000000001";
/// Ada's account.
pub const ADA: &str = "20261001000000000000000101";
/// Ben's.
pub const BEN: &str = "20261001000000000000000102";
/// Of the staff of the MLS.
pub const STAFF: &str = "20261001000000000000000105";
/// Mia's, of the other MLS.
pub const MIA: &str = "20261001000000000000000103";

impl World {
    /// A developer of an MLS.
    pub fn developer(&self, id: i64, mls: &str) -> i64 {
        let mls = mls.to_owned();
        self.change(move |conn| {
            conn.execute(diesel::insert_into(identities::table).values((
                (
                    identities::id.eq(id),
                    identities::mls_id.eq(mls),
                    identities::first_name.eq("Dora"),
                    identities::last_name.eq("Developer"),
                ),
                (identities::company.eq("Dora Ltd."), identities::email.eq("dora@example.com"), identities::website.eq("")),
                (identities::phone.eq(""), identities::comments.eq(""), identities::additional_contacts.eq("[]")),
                (identities::created_at.eq(BEGIN.0), identities::modified_at.eq(BEGIN.0)),
            )))
        });
        id
    }

    /// A key of a developer; it has no secret, because nobody exchanges anything with it.
    pub fn key_of(&self, developer: i64, id: i64, mls: &str, roles: &[Role]) -> i64 {
        let (mls, roles) = (mls.parse().unwrap(), roles.to_vec());
        self.change(move |conn| {
            let new = NewKey {
                id: KeyId(id),
                mls_id: Some(&mls),
                name: &format!("Feed {id}"),
                key: &format!("feed{id:0>21}"),
                kind: ClientKind::Confidential.name(),
                application_uri: "https://feed.example/",
                redirect_uris: &["https://feed.example/cb".to_owned()],
                roles: &roles,
                policy: &Policy::default(),
                comments: "",
            };
            keys::add(conn, &new, BEGIN)?;
            conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::identity_id.eq(developer)))
        });
        id
    }

    /// Gives a key other roles.
    pub fn gives_roles(&self, id: i64, roles: &str) {
        let roles = roles.to_owned();
        self.change(move |conn| conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::roles.eq(roles))));
    }

    /// An access token of somebody who signed in to an application.
    pub fn token_of(&self, login: &str, key: &str) -> String {
        self.agent(login).grants(&self.key(key))["access_token"].as_str().unwrap().to_owned()
    }

    /// An access token of the staff of the MLS.
    pub fn staff(&self) -> String {
        self.token_of("cv.staff", "w")
    }

    /// An access token of the staff of the other MLS.
    pub fn foreign_staff(&self) -> String {
        self.change(|conn| conn.execute(diesel::update(accounts::table.find(MIA)).set(accounts::user_type.eq("Mls"))));
        self.token_of("hc.mia", "w2")
    }

    /// The own token of a key with that privilege beside the one of the Keys API, issued by that MLS or by none.
    pub fn privileged(&self, mls: Option<&str>, more: &[Privilege]) -> String {
        let (key, mls) = (self.key("es256"), mls.map(str::to_owned));
        let id = key.id.0;
        self.change(move |conn| conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::mls_id.eq(mls))));
        self.change_policy(&key, |policy| policy.privileges = [&[Privilege::Developers], more].concat());
        let own = self.token(&key, &[("grant_type", "client_credentials")]).json();
        own["access_token"].as_str().unwrap().to_owned()
    }

    /// A call of the API; `body` is what stands in the envelope.
    pub fn api(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let authorization = format!("OAuth {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        self.request(method, path, &headers, body.map(|inner| json!({ "D": inner }).to_string()).as_deref())
    }
}

impl Answer {
    /// The one result of an answer that went well.
    pub fn result(&self, status: u16) -> Value {
        let results = self.results(status);
        assert_eq!(results.len(), 1, "{self:?}");
        results[0].clone()
    }

    /// The results of an answer that went well.
    pub fn results(&self, status: u16) -> Vec<Value> {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json()["D"]["Success"], true, "{self:?}");
        self.json()["D"]["Results"].as_array().unwrap().clone()
    }

    /// Asserts a refusal that names this attribute.
    pub fn names(&self, attribute: &str) -> &Self {
        assert_eq!(self.json()["D"]["Errors"][0]["Attribute"], attribute, "{self:?}");
        self
    }
}
