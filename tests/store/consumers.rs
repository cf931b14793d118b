//! Consumers, contacts and portals in their tables: what is whose, and what can be there only once.

use std::collections::BTreeSet;

use latchkey::base::Seconds;
use latchkey::base::id::{ConsumerId, ContactId};
use latchkey::platform::portal::Portal;
use latchkey::platform::query::{Query, paired};
use latchkey::protocol::authorize::Consent;
use latchkey::protocol::grant::ConsumerRole;
use latchkey::protocol::scope::Scopes;
use latchkey::store::contacts::Of;
use latchkey::store::grants::OfConsumer;
use latchkey::store::{consumer_consents, consumer_sessions, consumers, contacts, grants, portals, sweep};

use crate::support::world::{BEGIN, World};

fn kept(world: &World, id: &ConsumerId) -> consumers::Kept {
    let id = id.clone();
    world.app.db.read(move |conn| consumers::get(conn, &id)).unwrap().unwrap()
}

#[test]
fn a_consumer_a_contact_and_a_portal_read_as_they_were_written() {
    let world = World::new();
    let bond = world.bond("cv.ada", "Carla@Example.com");
    let consumer = kept(&world, &bond.consumer).consumer;
    assert_eq!((consumer.email.as_str(), consumer.name.as_str()), ("Carla@Example.com", "Carla Consumer"));
    let (agent, id) = (bond.agent.clone(), bond.contact.clone());
    let contact = world.app.db.read(move |conn| contacts::get(conn, &agent, &id)).unwrap().unwrap();
    assert_eq!(contact.consumer_id, Some(bond.consumer.clone()));
    let agent = bond.agent.clone();
    let portal = world.app.db.read(move |conn| portals::of_agent(conn, &agent)).unwrap().unwrap();
    assert_eq!((portal.name.as_str(), portal.display_name.as_str()), ("homesbycvada", "Homes by cv.ada"));
    for login in ["carla@example.com", " CARLA@example.COM "] {
        let found = world.app.db.read(move |conn| consumers::by_login(conn, login)).unwrap().unwrap();
        assert_eq!(found.consumer.id, bond.consumer);
    }
}

#[test]
fn an_address_has_one_consumer_who_proved_it_and_any_number_who_did_not() {
    let world = World::new();
    let first = world.consumer("carla@example.com", "Carla");
    let template = kept(&world, &first).consumer;
    let now = world.app.now();
    let sign_up = |n: i64| {
        let id: ConsumerId = world.app.random.digits(now);
        let new = latchkey::identity::consumer::Consumer { id: id.clone(), email_verified_at: None, ..template.clone() };
        world.change(move |conn| consumers::add(conn, &new, &format!("hash {n}"), Some("{}"), now));
        id
    };
    let (second, third) = (sign_up(2), sign_up(3));
    let waiting = kept(&world, &second).consumer;
    // The address is Carla's.
    assert!(!world.change({
        let waiting = waiting.clone();
        move |conn| consumers::verify(conn, &waiting, BEGIN)
    }));
    world.change(move |conn| {
        use diesel::prelude::*;
        conn.execute(diesel::delete(latchkey::store::schema::consumers::table.find(first.as_str())))
    });
    assert!(world.change(move |conn| consumers::verify(conn, &waiting, BEGIN)));
    // What others sent for the same address is worth nothing now.
    let other = kept(&world, &third);
    assert_eq!((other.hash.as_str(), other.signup, other.consumer.email_verified_at), ("", None, None));
    assert_eq!(kept(&world, &second).hash, "hash 2");
    let gone = world.change(|conn| sweep::batch(conn, BEGIN + Seconds::days(91)));
    assert!(gone > 0);
    let remaining = third.clone();
    assert!(world.app.db.read(move |conn| consumers::get(conn, &remaining)).unwrap().is_none());
    assert!(kept(&world, &second).consumer.may_sign_in());
}

#[test]
fn portals_of_one_display_name_have_different_names_and_an_agent_has_one_portal() {
    let world = World::new();
    let names: Vec<String> = ["cv.ada", "cv.ben", "hc.mia"].map(|login| world.portal(login, "Homes!").name).into();
    assert_eq!(names, ["homes", "homes2", "homes3"]);
    let now = world.app.now();
    let again = Portal { display_name: "Other".into(), ..world.portal("cv.ada", "") };
    assert!(world.change(move |conn| portals::add(conn, again)).is_none());
    let renamed = world.changes_portal("cv.ben", |portal| portal.display_name = "Ben's Homes".into());
    assert_eq!(renamed.name, "benshomes");
    let kept = world.changes_portal("hc.mia", |portal| portal.display_name = "HOMES".into());
    assert_eq!(kept.name, "homes3");
    assert!(world.app.db.read(|conn| portals::named(conn, "homes2")).unwrap().is_none());
    assert!(world.app.db.read(|conn| portals::named(conn, "Homes")).unwrap().is_none());
    assert!(now <= kept.modified_at);
}

#[test]
fn pb_09_an_agents_contacts_are_found_by_that_agent_alone() {
    let world = World::new();
    let (ada, ben) = (world.bond("cv.ada", "carla@example.com"), world.bond("cv.ben", "carla@example.com"));
    world.contact("cv.ada", "other@example.com", None);
    let everything = Query::of_list(&latchkey::platform::contact::CONTACTS, &paired("_pagination=1")).unwrap();
    for (agent, total) in [(&ada.agent, 2), (&ben.agent, 1)] {
        let (agent, query) = (agent.clone(), everything.clone());
        let page = world.app.db.read(move |conn| contacts::page(conn, Of::Agent(&agent), &query)).unwrap();
        assert_eq!((page.total, page.records.len()), (total, usize::try_from(total).unwrap()));
    }
    let (agent, id, now) = (ben.agent.clone(), ada.contact.clone(), world.app.now());
    assert!(
        world
            .app
            .db
            .read({
                let (agent, id) = (agent.clone(), id.clone());
                move |conn| contacts::get(conn, &agent, &id)
            })
            .unwrap()
            .is_none()
    );
    assert!(!world.change(move |conn| contacts::delete(conn, &agent, &id, now)));
    let consumer = ada.consumer.clone();
    let both = world.app.db.read(move |conn| contacts::of_consumer(conn, &consumer)).unwrap();
    let found: BTreeSet<ContactId> = both.into_iter().map(|contact| contact.id).collect();
    assert_eq!(found, BTreeSet::from([ada.contact, ben.contact]));
}

#[test]
fn a_contact_takes_one_consumer_and_a_consumer_one_contact_of_an_agent() {
    let world = World::new();
    let (carla, eve) = (world.consumer("carla@example.com", "Carla"), world.consumer("eve@example.com", "Eve"));
    let (first, second) = (world.contact("cv.ada", "carla@example.com", None), world.contact("cv.ada", "carla@example.com", None));
    let link = |contact: &ContactId, consumer: &ConsumerId| {
        let (contact, consumer) = (contact.clone(), consumer.clone());
        world.app.db.write(move |conn| contacts::link(conn, &contact, &consumer, BEGIN))
    };
    assert!(link(&first, &carla).unwrap());
    assert!(!link(&first, &eve).unwrap());
    assert!(link(&second, &carla).is_err());
    assert!(link(&second, &eve).unwrap());
    let agent = world.account_id("cv.ada");
    let found = world.app.db.read(move |conn| contacts::waiting_for(conn, &agent, "carla@example.com")).unwrap();
    assert!(found.is_none());
}

#[test]
fn ending_a_consumers_permissions_reaches_those_that_are_meant() {
    let world = World::new();
    let (ada, ben) = (world.bond("cv.ada", "carla@example.com"), world.bond("cv.ben", "carla@example.com"));
    let (site, family) = (world.key("site"), world.key("family"));
    let states = |world: &World| world.grant_states();
    let fresh = || {
        for (bond, key) in [(&ada, &site), (&ben, &site), (&ada, &family)] {
            world.code_by(bond, key, ConsumerRole::Vow, "openid");
        }
        states(&world).len()
    };
    let ended = |which: OfConsumer<'static>| {
        let (consumer, now) = (ada.consumer.clone(), world.app.now());
        world.change(move |conn| grants::end_of_consumer(conn, &consumer, which, now))
    };
    fresh();
    assert_eq!(ended(OfConsumer::ToKey(family.id)), 1);
    assert_eq!(ended(OfConsumer::In(ben.session)), 1);
    assert_eq!(ended(OfConsumer::All), 1);
    fresh();
    assert_eq!(ended(OfConsumer::NotIn(ada.session)), 1);
    let (consumer, contact) = (ada.consumer.clone(), ada.contact.clone());
    assert_eq!(world.change(move |conn| grants::end_of_consumer(conn, &consumer, OfConsumer::By(&contact), BEGIN)), 2);
    assert!(states(&world).iter().all(|state| state == "ended"));
}

#[test]
fn a_consumers_consents_and_sessions_are_kept_apart_from_those_of_accounts() {
    let world = World::new();
    let bond = world.bond("cv.ada", "carla@example.com");
    let site = world.key("site");
    let consent = Consent { scope: Scopes::known("openid"), terms: "vow".into() };
    let (one, id) = (bond.clone(), site.id);
    world.change(move |conn| consumer_consents::put(conn, &one.consumer, id, &one.agent, &consent, BEGIN));
    world.tokens_by(&bond, &site);
    let consumer = bond.consumer.clone();
    let connected = world.app.db.read(move |conn| consumer_consents::connected(conn, &consumer, BEGIN)).unwrap();
    assert_eq!(connected.len(), 1);
    assert_eq!((connected[0].key_id, connected[0].renewed_at), (site.id, Some(BEGIN)));
    let consumer = bond.consumer.clone();
    assert_eq!(world.change(move |conn| consumer_consents::forget(conn, &consumer, id)), 1);
    let (one, id) = (bond.clone(), site.id);
    assert!(world.app.db.read(move |conn| consumer_consents::get(conn, &one.consumer, id, &one.agent)).unwrap().is_none());

    let consumer = bond.consumer.clone();
    let listed = world.app.db.read(move |conn| consumer_sessions::of_consumer(conn, &consumer, 10)).unwrap();
    assert_eq!(listed.len(), 1);
    let (eve, session) = (world.consumer("eve@example.com", "Eve"), bond.session);
    assert!(!world.change(move |conn| consumer_sessions::end(conn, &eve, session, BEGIN)));
    let consumer = bond.consumer.clone();
    assert_eq!(world.change(move |conn| consumer_sessions::end_all(conn, &consumer, None, BEGIN)), 1);
    assert!(!world.app.db.read(move |conn| consumer_sessions::not_ended(conn, session)).unwrap());
}
