//! Home buyers: who they are, whose contacts, at whose portals; and what their sites may do for them.

use latchkey::base::id::{AccountId, ConsumerId, ConsumerSessionId, ContactId, GrantId, PortalId};
use latchkey::base::{Digest, Seconds};
use latchkey::identity::consumer::{Consumer, ConsumerSession, Home};
use latchkey::platform::contact::{Contact, Facts, PortalAccount, RecordStatus};
use latchkey::platform::portal::{Portal, Required};
use latchkey::protocol::grant::{Acting, ConsumerRole, Grant, GrantState};
use latchkey::protocol::scope::Scopes;
use latchkey::store::{accounts, consumer_sessions, consumers, contacts, grants, portals};
use serde_json::Value;

use super::world::{Answer, Application, PASSWORD, Person, World, form};

/// A portal, a consumer and a contact that hang together.
#[derive(Debug, Clone)]
pub struct Bond {
    pub agent: AccountId,
    pub consumer: ConsumerId,
    pub contact: ContactId,
    pub session: ConsumerSessionId,
}

impl World {
    pub fn account_id(&self, login: &str) -> AccountId {
        let login = login.to_owned();
        self.app.db.read(move |conn| accounts::by_login(conn, &login)).unwrap().unwrap().0.id
    }

    /// The portal of an agent, who gets one where there is none.
    pub fn portal(&self, login: &str, display_name: &str) -> Portal {
        let (agent, now) = (self.account_id(login), self.app.now());
        let id: PortalId = self.app.random.digits(now);
        let new = Portal {
            id,
            account_id: agent.clone(),
            name: String::new(),
            display_name: display_name.to_owned(),
            enabled: true,
            required: Required::default(),
            created_at: now,
            modified_at: now,
        };
        self.change(move |conn| {
            let made = portals::add(conn, new)?;
            Ok(match made {
                Some(made) => made,
                None => portals::of_agent(conn, &agent)?.unwrap(),
            })
        })
    }

    /// Changes an agent's portal.
    pub fn changes_portal(&self, login: &str, change: impl FnOnce(&mut Portal) + Send + 'static) -> Portal {
        let (agent, now) = (self.account_id(login), self.app.now());
        self.change(move |conn| {
            let mut portal = portals::of_agent(conn, &agent)?.unwrap();
            change(&mut portal);
            Ok(portals::change(conn, portal, now)?.unwrap())
        })
    }

    /// A consumer whose address is proved, with everybody's password.
    pub fn consumer(&self, email: &str, name: &str) -> ConsumerId {
        let now = self.app.now();
        let id: ConsumerId = self.app.random.digits(now);
        let (given, family) = name.split_once(' ').unwrap_or((name, ""));
        let new = Consumer {
            id: id.clone(),
            email: email.to_owned(),
            login_name: email.to_owned(),
            name: name.to_owned(),
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            phone: "+1 509 555 0177".to_owned(),
            home: Home::default(),
            email_updates: false,
            email_verified_at: Some(now),
            tokens_valid_after: None,
            current_agent: None,
            last_login_at: None,
            created_at: now,
            modified_at: now,
        };
        self.change(move |conn| {
            let hash = accounts::by_login(conn, "cv.ada")?.unwrap().1.unwrap();
            consumers::add(conn, &new, &hash, None, now)
        });
        id
    }

    /// An agent's contact, by whom a consumer signs in or nobody.
    pub fn contact(&self, login: &str, email: &str, consumer: Option<&ConsumerId>) -> ContactId {
        let (agent, now) = (self.account_id(login), self.app.now());
        let id: ContactId = self.app.random.digits(now);
        let new = Contact {
            id: id.clone(),
            account_id: agent,
            consumer_id: consumer.cloned(),
            facts: Facts { display_name: email.to_owned(), email: email.to_owned(), ..Facts::default() },
            vow_enabled: true,
            status: RecordStatus::Active,
            portal: Some(PortalAccount { login_name: email.to_owned(), enabled: true, language: String::new() }),
            last_active: None,
            created_at: now,
            modified_at: now,
        };
        self.change(move |conn| contacts::add(conn, &new));
        id
    }

    /// Changes an agent's contact.
    pub fn changes_contact(&self, login: &str, id: &ContactId, change: impl FnOnce(&mut Contact) + Send + 'static) {
        let (agent, id, now) = (self.account_id(login), id.clone(), self.app.now());
        self.change(move |conn| {
            let mut contact = contacts::get(conn, &agent, &id)?.unwrap();
            change(&mut contact);
            contacts::change(conn, &contact, now)
        });
    }

    /// A consumer who is linked with an agent and signed in; the agent has a portal.
    pub fn bond(&self, login: &str, email: &str) -> Bond {
        self.portal(login, &format!("Homes by {login}"));
        let known = email.to_owned();
        let known = self.app.db.read(move |conn| consumers::by_email(conn, &known)).unwrap();
        let consumer = known.map_or_else(|| self.consumer(email, "Carla Consumer"), |kept| kept.consumer.id);
        let contact = self.contact(login, email, Some(&consumer));
        let now = self.app.now();
        let session = ConsumerSession {
            id: ConsumerSessionId(self.app.random.id(now)),
            consumer_id: consumer.clone(),
            auth_time: now,
            seen_at: now,
            ends_at: now + Seconds::hours(12),
            ended_at: None,
            peer: None,
            user_agent: "test".to_owned(),
        };
        let id = session.id;
        self.change(move |conn| consumer_sessions::start(conn, &session, &Digest::of(b"secret")));
        Bond { agent: self.account_id(login), consumer, contact, session: id }
    }

    /// The code that a consumer's permission to a site gives.
    pub fn code_by(&self, bond: &Bond, site: &Application, role: ConsumerRole, scope: &str) -> String {
        let now = self.app.now();
        let grant = Grant {
            id: GrantId(self.app.random.id(now)),
            key_id: site.id,
            account_id: bond.agent.clone(),
            consumer: Some(Acting { consumer_id: bond.consumer.clone(), contact_id: bond.contact.clone(), role, session_id: bond.session }),
            state: GrantState::Offered,
            scope: Scopes::known(scope),
            nonce: Some("n-1".to_owned()),
            challenge: None,
            redirect_uri: site.redirect_uri.clone(),
            claims: None,
            auth_time: now,
            session_id: None,
            offered_at: now,
            offer_ends: now + Seconds(60),
            ends_at: now + Seconds::days(365),
            generation: 0,
            rotated_at: now,
            front_channel: false,
            some_revoked: false,
        };
        let code = grant.code(&self.app.macs.load()).unwrap();
        self.change(move |conn| grants::insert(conn, &grant));
        code
    }

    /// Redeems a code for which no verifier is asked.
    pub fn redeems(&self, site: &Application, code: &str) -> Answer {
        self.token(site, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &site.redirect_uri)])
    }

    /// The tokens of a consumer at a site.
    pub fn tokens_by(&self, bond: &Bond, site: &Application) -> Value {
        let code = self.code_by(bond, site, ConsumerRole::Vow, "openid profile email");
        let answer = self.redeems(site, &code);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// What a site asks at a consumer's door; `extra` replaces or adds parameters, an empty value leaves one out.
pub fn site_request(site: &Application, extra: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("client_id", site.client_id.as_str()),
        ("redirect_uri", site.redirect_uri.as_str()),
        ("response_type", "code"),
        ("state", "https://site.example/listing?id=7&tab=a%20b#top"),
    ];
    fields.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    fields.extend(extra.iter().filter(|(_, value)| !value.is_empty()));
    form(&fields)
}

/// What somebody types who signs up.
pub fn newcomer(email: &str) -> Vec<(&str, &str)> {
    vec![("given_name", "Carla"), ("family_name", "Consumer"), ("email", email), ("password", PASSWORD), ("password_again", PASSWORD)]
}

impl Person<'_> {
    /// Opens a door for consumers.
    pub fn enters_at(&self, door: &str, site: &Application, extra: &[(&str, &str)]) -> Answer {
        self.get(&format!("{door}?{}", site_request(site, extra)))
    }

    /// Fills in the sign-in page of a portal.
    pub fn signs_in_at(&self, page: &Answer, password: &str) -> Answer {
        let fields = [("flow", &*page.field("flow")), ("username", &self.login), ("password", password)];
        self.post("/auth/consumer/sign-in", &fields)
    }

    /// Walks on from an answer until the browser leaves our pages or something must be typed: signs in, connects, chooses the agent and
    /// allows where asked.
    pub fn walks_as_consumer(&self, mut answer: Answer, agent: &str) -> Answer {
        for _ in 0..8 {
            let flow = || answer.field("flow");
            answer = if answer.status == 303 && answer.location().starts_with('/') {
                self.get(answer.location())
            } else if answer.status == 200 && answer.body.contains("id=\"sign-in-form\"") {
                self.signs_in_at(&answer, PASSWORD)
            } else if answer.body.contains("id=\"choose-form\"") {
                self.post("/auth/consumer/choose", &[("flow", &flow()), ("agent", agent)])
            } else if answer.status == 200 && answer.body.contains("id=\"join-form\"") {
                self.post("/auth/consumer/join", &[("flow", &flow()), ("join", "1")])
            } else if answer.body.contains("id=\"consent-allow\"") {
                self.post("/auth/consumer/consent", &[("flow", &flow()), ("decision", "allow")])
            } else {
                break;
            };
        }
        answer
    }

    /// Signs in at a door and allows; the answer is the redirect to the site.
    pub fn approves_at(&self, door: &str, site: &Application, extra: &[(&str, &str)]) -> Answer {
        self.walks_as_consumer(self.enters_at(door, site, extra), "")
    }
}
