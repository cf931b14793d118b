//! Home buyers against a model: whatever is done in whatever order, a session reads one agent's data, and only while that agent lets it in.

use std::collections::HashMap;

use latchkey::base::Seconds;
use latchkey::store::accounts;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::platform::{ADA, BEN};
use crate::support::world::{Application, PASSWORD, Person, World};

const AGENTS: [(&str, &str, &str); 2] = [("cv.ada", ADA, "Adas"), ("cv.ben", BEN, "Bens")];
const BUYERS: [&str; 3] = ["carla@example.com", "dan@example.com", "eve@example.com"];

/// Something that somebody does. Numbers of contacts and sessions count round those there are.
#[derive(Debug, Clone)]
enum Step {
    /// An agent writes a buyer's address down.
    Meets { agent: usize, buyer: usize },
    /// An agent gives a contact the address of a buyer, maybe of another one.
    Readdresses { contact: usize, buyer: usize },
    /// An agent opens or closes the data of registered visitors to a contact.
    Lets { contact: usize, on: bool },
    /// An agent enables a contact's portal account or not.
    Enables { contact: usize, on: bool },
    /// An agent deletes a contact.
    Deletes { contact: usize },
    /// An agent's portal is enabled or not.
    Portal { agent: usize, on: bool },
    /// An agent is active or not.
    Active { agent: usize, on: bool },
    /// A buyer comes through the door of an agent's portal.
    Enters { agent: usize, buyer: usize },
    /// A buyer comes through the door of every agent, and chooses one.
    Chooses { agent: usize, buyer: usize },
    /// A site refreshes what it has.
    Refreshes { session: usize },
    /// A buyer ends everything.
    Leaves { buyer: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (agent, buyer, number) = (|| 0..AGENTS.len(), || 0..BUYERS.len(), || 0..16_usize);
    prop_oneof![
        2 => (agent(), buyer()).prop_map(|(agent, buyer)| Step::Meets { agent, buyer }),
        1 => (number(), buyer()).prop_map(|(contact, buyer)| Step::Readdresses { contact, buyer }),
        2 => (number(), any::<bool>()).prop_map(|(contact, on)| Step::Lets { contact, on }),
        1 => (number(), any::<bool>()).prop_map(|(contact, on)| Step::Enables { contact, on }),
        1 => number().prop_map(|contact| Step::Deletes { contact }),
        1 => (agent(), prop::bool::weighted(0.7)).prop_map(|(agent, on)| Step::Portal { agent, on }),
        1 => (agent(), prop::bool::weighted(0.7)).prop_map(|(agent, on)| Step::Active { agent, on }),
        5 => (agent(), buyer()).prop_map(|(agent, buyer)| Step::Enters { agent, buyer }),
        2 => (agent(), buyer()).prop_map(|(agent, buyer)| Step::Chooses { agent, buyer }),
        2 => number().prop_map(|session| Step::Refreshes { session }),
        1 => buyer().prop_map(|buyer| Step::Leaves { buyer }),
    ]
}

/// Somebody an agent knows, as the model has it.
#[derive(Debug)]
struct Known {
    id: String,
    agent: usize,
    /// Whose address it bears.
    address: usize,
    /// Who signs in by it.
    buyer: Option<usize>,
    data: bool,
    account: bool,
    deleted: bool,
    /// Words that nobody but the agent and the contact may read.
    secret: String,
}

/// What a site got from a buyer, as the model has it.
#[derive(Debug)]
struct Session {
    buyer: usize,
    contact: usize,
    access: String,
    refresh: String,
    ended: bool,
}

struct Model<'a> {
    world: &'a World,
    site: Application,
    tokens: Vec<String>,
    browsers: Vec<Person<'a>>,
    portals: Vec<bool>,
    active: Vec<bool>,
    contacts: Vec<Known>,
    sessions: Vec<Session>,
}

impl<'a> Model<'a> {
    fn of(world: &'a World) -> Self {
        for (login, _, display_name) in AGENTS {
            world.portal(login, display_name);
        }
        for email in BUYERS {
            world.consumer(email, "Some Buyer");
        }
        Self {
            world,
            site: world.key("site"),
            tokens: AGENTS.iter().map(|(login, ..)| world.token_of(login, "w")).collect(),
            browsers: BUYERS.iter().map(|email| world.agent(email)).collect(),
            portals: vec![true; AGENTS.len()],
            active: vec![true; AGENTS.len()],
            contacts: Vec::new(),
            sessions: Vec::new(),
        }
    }

    fn api(&self, agent: usize, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.world.api(&self.tokens[agent], method, path, body);
        assert!(matches!(answer.status, 200 | 201), "{method} {path}: {answer:?}");
        answer.results(answer.status).first().cloned().unwrap_or_default()
    }

    /// The contact of that number, if its agent can do anything about it.
    fn living(&self, number: usize) -> Option<usize> {
        let number = number.checked_rem(self.contacts.len())?;
        let contact = &self.contacts[number];
        (!contact.deleted && self.active[contact.agent]).then_some(number)
    }

    fn path(&self, contact: usize) -> String {
        format!("/v1/contacts/{}", self.contacts[contact].id)
    }

    /// The one of an agent's contacts by whom a buyer signs in.
    fn link(&self, agent: usize, buyer: usize) -> Option<usize> {
        self.contacts.iter().position(|known| !known.deleted && known.agent == agent && known.buyer == Some(buyer))
    }

    /// The one of an agent's contacts that waits for a buyer.
    fn waiting(&self, agent: usize, buyer: usize) -> Option<usize> {
        self.contacts.iter().position(|known| !known.deleted && known.agent == agent && known.buyer.is_none() && known.address == buyer)
    }

    fn is_taken(&self, agent: usize, buyer: usize, but: Option<usize>) -> bool {
        let same = |known: &Known| !known.deleted && known.agent == agent && known.address == buyer;
        self.contacts.iter().enumerate().any(|(number, known)| Some(number) != but && same(known))
    }

    fn lets_in(&self, contact: usize) -> bool {
        let known = &self.contacts[contact];
        known.data && known.account && !known.deleted && self.portals[known.agent] && self.active[known.agent]
    }

    /// A contact nobody has seen yet: the agent gives it words that would show where they do not belong.
    fn remembers(&mut self, id: String, agent: usize, address: usize, buyer: Option<usize>) -> usize {
        let number = self.contacts.len();
        let secret = format!("secret-{number}-of-{agent}");
        self.contacts.push(Known { id, agent, address, buyer, data: true, account: true, deleted: false, secret: secret.clone() });
        self.api(agent, "PUT", &self.path(number), Some(json!({ "DisplayName": secret })));
        number
    }

    fn does(&mut self, step: &Step) {
        // So much time passes that nobody is slowed down for what was typed earlier.
        self.world.advance(Seconds::minutes(20));
        match *step {
            Step::Meets { agent, buyer } => self.meets(agent, buyer),
            Step::Readdresses { contact, buyer } => {
                let Some(contact) = self.living(contact) else { return };
                let (agent, wanted) = (self.contacts[contact].agent, json!({ "PrimaryEmail": BUYERS[buyer] }));
                if self.contacts[contact].address != buyer && self.is_taken(agent, buyer, Some(contact)) {
                    self.world.api(&self.tokens[agent], "PUT", &self.path(contact), Some(wanted)).is_api_error(409, 1055);
                } else {
                    self.api(agent, "PUT", &self.path(contact), Some(wanted));
                    self.contacts[contact].address = buyer;
                }
            }
            Step::Lets { contact, on } => {
                let Some(contact) = self.living(contact) else { return };
                self.api(self.contacts[contact].agent, "PUT", &self.path(contact), Some(json!({ "VowEnabled": on })));
                self.contacts[contact].data = on;
            }
            Step::Enables { contact, on } => {
                let Some(contact) = self.living(contact) else { return };
                let (path, wanted) = (format!("{}/portal", self.path(contact)), json!({ "Settings": { "Enabled": on } }));
                self.api(self.contacts[contact].agent, "PUT", &path, Some(wanted));
                self.contacts[contact].account = on;
            }
            Step::Deletes { contact } => {
                let Some(contact) = self.living(contact) else { return };
                self.api(self.contacts[contact].agent, "DELETE", &self.path(contact), None);
                self.contacts[contact].deleted = true;
                self.sessions.iter_mut().filter(|session| session.contact == contact).for_each(|session| session.ended = true);
            }
            Step::Portal { agent, on } if self.active[agent] => {
                self.api(agent, "PUT", "/v1/portal", Some(json!({ "Enabled": on })));
                self.portals[agent] = on;
            }
            Step::Portal { .. } => {}
            Step::Active { agent, on } => {
                let (id, now) = (self.world.account_id(AGENTS[agent].0), self.world.app.now());
                self.world.change(move |conn| accounts::set_active(conn, &id, on, now));
                self.active[agent] = on;
            }
            Step::Enters { agent, buyer } => self.enters(agent, buyer),
            Step::Chooses { agent, buyer } => self.chooses(agent, buyer),
            Step::Refreshes { session } => self.refreshes(session),
            Step::Leaves { buyer } => {
                let browser = &self.browsers[buyer];
                let flow = browser.get("/my/sign-in").field("flow");
                let answer = browser.post("/my/sign-in", &[("flow", &flow), ("username", BUYERS[buyer]), ("password", PASSWORD)]);
                assert_eq!(answer.location(), "/my/sessions");
                assert_eq!(browser.post("/my/everywhere", &[]).status, 200);
                self.sessions.iter_mut().filter(|session| session.buyer == buyer).for_each(|session| session.ended = true);
            }
        }
    }

    fn meets(&mut self, agent: usize, buyer: usize) {
        let wanted = json!({ "DisplayName": "Someone", "PrimaryEmail": BUYERS[buyer] });
        if !self.active[agent] {
            self.world.api(&self.tokens[agent], "POST", "/v1/contacts", Some(wanted)).is_api_error(403, 1015);
        } else if self.is_taken(agent, buyer, None) {
            self.world.api(&self.tokens[agent], "POST", "/v1/contacts", Some(wanted)).is_api_error(409, 1055);
        } else {
            let made = self.api(agent, "POST", "/v1/contacts", Some(wanted));
            self.remembers(made["Id"].as_str().unwrap().to_owned(), agent, buyer, None);
        }
    }

    /// Walks on with one password, typed once: who is not let in sees the sign-in page again. The code, if there is one.
    fn walks(&self, door: &str, agent: usize, buyer: usize) -> Option<String> {
        let browser = &self.browsers[buyer];
        let (mut answer, mut typed) = (browser.enters_at(door, &self.site, &[("scope", "openid")]), false);
        for _ in 0..8 {
            let flow = || answer.field("flow");
            answer = if answer.status == 303 && answer.location().starts_with('/') {
                browser.get(answer.location())
            } else if answer.body.contains("id=\"sign-in-form\"") && !typed {
                typed = true;
                browser.signs_in_at(&answer, PASSWORD)
            } else if answer.body.contains("id=\"choose-form\"") {
                browser.post("/auth/consumer/choose", &[("flow", &flow()), ("agent", AGENTS[agent].1)])
            } else if answer.body.contains("id=\"join-form\"") {
                browser.post("/auth/consumer/join", &[("flow", &flow()), ("join", "1")])
            } else if answer.body.contains("id=\"consent-allow\"") {
                browser.post("/auth/consumer/consent", &[("flow", &flow()), ("decision", "allow")])
            } else {
                break;
            };
        }
        if answer.status == 303 { answer.redirected("code") } else { None }
    }

    fn enters(&mut self, agent: usize, buyer: usize) {
        let code = self.walks(&format!("/auth/vow/{}", AGENTS[agent].2.to_lowercase()), agent, buyer);
        if !self.portals[agent] || !self.active[agent] {
            assert_eq!(code, None, "the door of a portal that is closed");
            return;
        }
        // Whoever comes is linked, with the contact that waits for them or a new one, whether or not that one is let in.
        if self.link(agent, buyer).is_none()
            && let Some(contact) = self.waiting(agent, buyer)
        {
            self.contacts[contact].buyer = Some(buyer);
        }
        match self.link(agent, buyer) {
            Some(contact) if !self.lets_in(contact) => assert_eq!(code, None, "the door to who is not let in"),
            contact => {
                let code = code.unwrap_or_else(|| panic!("no code for {} at {}'s", BUYERS[buyer], AGENTS[agent].0));
                self.begins(&code, agent, buyer, contact);
            }
        }
    }

    fn chooses(&mut self, agent: usize, buyer: usize) {
        let code = self.walks("/auth/vow", agent, buyer);
        let open: Vec<usize> = (0..AGENTS.len()).filter(|&agent| self.link(agent, buyer).is_some_and(|it| self.lets_in(it))).collect();
        // Where there is one agent only, nobody is asked.
        let chosen = if open.contains(&agent) { Some(agent) } else { open.first().copied().filter(|_| open.len() == 1) };
        match (chosen, code) {
            (Some(agent), Some(code)) => self.begins(&code, agent, buyer, self.link(agent, buyer)),
            (chosen, code) => assert_eq!((chosen, code), (None, None), "a choice of {open:?}"),
        }
    }

    fn begins(&mut self, code: &str, agent: usize, buyer: usize, contact: Option<usize>) {
        let tokens = self.world.redeems(&self.site, code).json();
        let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        let contact = contact.unwrap_or_else(|| {
            let own = self.world.api(&access, "GET", "/v1/my/contact", None).result(200);
            self.remembers(own["Id"].as_str().unwrap().to_owned(), agent, buyer, Some(buyer))
        });
        self.sessions.push(Session { buyer, contact, access, refresh, ended: false });
    }

    fn refreshes(&mut self, number: usize) {
        let Some(number) = number.checked_rem(self.sessions.len()) else { return };
        let good = !self.sessions[number].ended && self.lets_in(self.sessions[number].contact);
        let answer = self.world.refresh(&self.site, &self.sessions[number].refresh);
        if !good {
            answer.is_token_error(400, "invalid_grant");
            return;
        }
        let tokens = answer.json();
        let session = &mut self.sessions[number];
        session.access = tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
        session.refresh = tokens["refresh_token"].as_str().unwrap_or(&session.refresh).to_owned();
    }

    /// What holds after every step, for every session there ever was.
    fn holds(&self) {
        for session in &self.sessions {
            let own = &self.contacts[session.contact];
            if session.ended {
                self.world.api(&session.access, "GET", "/v1/my/contact", None).is_api_error(401, 1020);
            } else if self.lets_in(session.contact) {
                self.reads_its_own(session, own);
            } else {
                self.world.api(&session.access, "GET", "/v1/my/contact", None).is_api_error(403, 1015);
            }
            for other in self.contacts.iter().filter(|known| known.id != own.id) {
                let answer = self.world.api(&session.access, "GET", &format!("/v1/contacts/{}/portal", other.id), None);
                assert_ne!(answer.status, 200, "{session:?} reads {other:?}");
            }
        }
    }

    /// Each answer the session gets is the own agent's, and bears nobody else's words.
    fn reads_its_own(&self, session: &Session, own: &Known) {
        let (_, agent, portal) = AGENTS[own.agent];
        let mut read = HashMap::new();
        let others = AGENTS.iter().filter(|(_, id, _)| *id != agent).map(|(_, id, _)| format!("/v1/consumers/me/agents/{id}/contacts"));
        let mine = format!("/v1/contacts/{}/portal", own.id);
        let here = format!("/v1/consumers/me/agents/{agent}/contacts");
        for path in ["/v1/my/contact", "/v1/portal", "/v1/consumers/me", "/v1/consumers/me/agents", "/v1/contacts", &mine, &here]
            .into_iter()
            .map(str::to_owned)
            .chain(others)
        {
            let answer = self.world.api(&session.access, "GET", &path, None);
            for other in self.contacts.iter().filter(|known| known.id != own.id) {
                assert!(!answer.body.contains(&other.secret), "{path} shows {other:?} to {session:?}: {answer:?}");
            }
            read.insert(path, answer);
        }
        for path in ["/v1/my/contact", here.as_str()] {
            let contact = read[path].result(200);
            assert_eq!((&contact["Id"], &contact["OwnerId"], &contact["DisplayName"]), (&json!(own.id), &json!(agent), &json!(own.secret)));
        }
        assert_eq!(read["/v1/portal"].result(200)["DisplayName"], portal);
        assert_eq!(read["/v1/consumers/me"].result(200)["Email"], BUYERS[session.buyer]);
        assert_eq!(read[&mine].status, 200, "{:?}", read[&mine]);
        read["/v1/contacts"].is_api_error(403, 1500);
        for (path, answer) in read.iter().filter(|(path, _)| path.ends_with("/contacts") && **path != here && path.len() > 20) {
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn pb_09_no_sequence_of_steps_lets_a_session_read_outside_its_agent(steps in prop::collection::vec(step(), 1..24)) {
        let world = World::new();
        let mut model = Model::of(&world);
        for step in &steps {
            model.does(step);
            model.holds();
        }
    }
}
