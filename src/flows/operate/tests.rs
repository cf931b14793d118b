//! The operator's verbs on a fresh database.

use crate::base::{Clock, Random, Seconds, Timestamp};
use crate::identity::password::{Password, StoredHash};
use crate::identity::roster::Record;
use crate::protocol::client::{ClientKind, GrantType, Policy, ResponseType};
use crate::signing::{MasterSecret, RotationPolicy, Seal};
use crate::store::{Db, accounts, audit, keys};

use super::add_mls::{MlsFacts, add_mls};
use super::create_key::{KeyWish, create_key};
use super::import_accounts::{BATCH, Imported, Row, import_accounts};
use super::rotate_secret::rotate_secret;
use super::set_password::{hash, set_password};
use super::switch_account::switch_account;
use super::switch_key::switch_key;
use super::{Declined, Desk, look, signing_keys, sweep};
use crate::flows::start;

const BCRYPT_OF_ABC: &str = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";

struct Place {
    desk: Desk,
    _folder: tempfile::TempDir,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::sqlite(&folder.path().join("a.db")).unwrap();
    let clock = Clock::fixed(Timestamp::from_seconds(1_792_800_000));
    start::migrate(&db, &clock, |_| ()).unwrap();
    Place { desk: Desk { db, clock, random: Random::seeded(1) }, _folder: folder }
}

fn row(line: usize, fields: &[(&str, &str)]) -> Row {
    Row { line, record: Ok(fields.iter().copied().collect::<Record>()) }
}

fn member(line: usize, key: &str, login: &str) -> Row {
    row(line, &[("MemberKey", key), ("MemberLoginId", login), ("MemberFullName", login)])
}

fn import(desk: &Desk, rows: Vec<Row>) -> Imported {
    let facts = MlsFacts { name: "Cascade Valley MLS".into(), time_zone: Some("America/Los_Angeles".into()), ..MlsFacts::default() };
    let mls = add_mls(desk, &facts).unwrap().unwrap();
    import_accounts(desk, &mls, "cv.", rows, |_| ()).unwrap()
}

fn events(desk: &Desk, event: &'static str) -> Vec<audit::Entry> {
    desk.db.read(move |conn| audit::newest(conn, Some(event), 100)).unwrap()
}

#[test]
fn a_roster_imported_twice_changes_nothing_the_second_time() {
    let place = place();
    let rows = || (0..BATCH + 10).map(|n| member(n + 2, &n.to_string(), &format!("m{n}"))).collect::<Vec<_>>();
    let mut told = Vec::new();
    let first = import(&place.desk, rows());
    assert_eq!((first.added, first.changed, first.same, first.bad.len()), (BATCH + 10, 0, 0, 0));
    let mls = add_mls(&place.desk, &MlsFacts { name: "Cascade Valley MLS".into(), ..MlsFacts::default() }).unwrap().unwrap();
    let second = import_accounts(&place.desk, &mls, "cv.", rows(), |done| told.push(done)).unwrap();
    assert_eq!((second.added, second.changed, second.same), (0, 0, BATCH + 10));
    assert_eq!(told, [BATCH, BATCH + 10]);
    let lines: Vec<_> =
        events(&place.desk, "admin.action").into_iter().filter(|line| line.reason.as_deref() == Some("accounts_imported")).collect();
    assert_eq!(lines.iter().map(|line| line.times).sum::<i64>(), i64::try_from(BATCH + 10).unwrap());
    assert!(lines.iter().all(|line| line.actor.as_deref() == Some("operator")));
}

#[test]
fn bad_rows_are_told_and_good_rows_are_kept() {
    let place = place();
    let rows = vec![
        member(2, "1", "ada"),
        Row { line: 3, record: Err("it has 3 fields where the header has 4".into()) },
        row(4, &[("MemberKey", "2"), ("MemberLoginId", "ben"), ("MemberFullName", "Ben"), ("MemberEmail", "nowhere")]),
        member(5, "3", "CV.ADA"),
        member(6, "1", "other"),
        member(7, "4", "eve"),
    ];
    let imported = import(&place.desk, rows);
    assert_eq!(imported.added, 2);
    let told: Vec<(usize, &str)> = imported.bad.iter().map(|bad| (bad.line, bad.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "it has 3 fields where the header has 4"),
            (4, "MemberEmail is not an e-mail address"),
            (5, "its login name CV.ADA stands in line 2 already"),
            (6, "its key stands in line 2 already"),
        ]
    );
}

#[test]
fn a_login_name_that_another_account_has_is_told() {
    let place = place();
    import(&place.desk, vec![member(2, "1", "ada")]);
    let second = import(&place.desk, vec![member(2, "9", "Ada"), member(3, "2", "ben")]);
    assert_eq!((second.added, second.bad.len()), (1, 1));
    assert_eq!(second.bad[0].reason, "another account signs in as cv.Ada");
}

#[test]
fn a_hash_of_another_system_comes_along_and_a_password_set_here_stays() {
    let place = place();
    let desk = &place.desk;
    let rows = || vec![row(2, &[("MemberKey", "1"), ("MemberLoginId", "ada"), ("MemberFullName", "Ada"), ("PasswordHash", BCRYPT_OF_ABC)])];
    import(desk, rows());
    let stored = |desk: &Desk| desk.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().1.unwrap();
    assert!(matches!(StoredHash::parse(&stored(desk)), Some(StoredHash::Bcrypt(_))));
    set_password(desk, "cv.ada", "correct horse").unwrap().unwrap();
    assert!(matches!(StoredHash::parse(&stored(desk)), Some(StoredHash::Current(_))));
    assert_eq!(import(desk, rows()).same, 1);
    assert!(matches!(StoredHash::parse(&stored(desk)), Some(StoredHash::Current(_))));
}

#[test]
fn a_new_mls_needs_its_time_zone() {
    let place = place();
    let facts = MlsFacts { name: "New MLS".into(), ..MlsFacts::default() };
    assert!(add_mls(&place.desk, &facts).unwrap().unwrap_err().0[0].contains("time zone"));
    assert!(add_mls(&place.desk, &MlsFacts { time_zone: Some("here".into()), ..facts }).unwrap().is_err());
}

#[test]
fn a_new_password_ends_what_hung_on_the_old_one() {
    let place = place();
    let desk = &place.desk;
    import(desk, vec![member(2, "1", "ada")]);
    let account = set_password(desk, " CV.Ada", "correct horse").unwrap().unwrap();
    let session = crate::identity::session::Session {
        id: crate::base::id::SessionId(7),
        account_id: account.id.clone(),
        auth_time: desk.clock.now(),
        seen_at: desk.clock.now(),
        ends_at: desk.clock.now() + Seconds::hours(1),
        ended_at: None,
    };
    let digest = crate::base::Digest::of(b"secret");
    let opened = session.clone();
    desk.db.write(move |conn| crate::store::sessions::start(conn, &opened, &digest, &crate::store::sessions::Origin::default())).unwrap();
    desk.clock.advance(Seconds(10));
    set_password(desk, "cv.ada", "another horse").unwrap().unwrap();
    let id = session.id;
    assert!(!desk.db.read(move |conn| crate::store::sessions::not_ended(conn, id)).unwrap());
    let (account, _) = desk.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap();
    assert_eq!(account.tokens_valid_after, Some(desk.clock.now()));
    assert_eq!(events(desk, "password.changed").len(), 2);
    for (login, password, why) in [
        ("nobody", "correct horse", "no account signs in with that name"),
        ("cv.ada", "short", "the password must have at least 8 characters"),
        ("cv.ada", "cascade valley mls", "the password must not be the login name or the name of the MLS"),
    ] {
        assert_eq!(set_password(desk, login, password).unwrap().unwrap_err(), Declined(vec![why.to_owned()]));
    }
}

#[test]
fn an_account_is_switched_off_and_on_and_each_is_told_once() {
    let place = place();
    let desk = &place.desk;
    import(desk, vec![member(2, "1", "ada")]);
    for (active, lines) in [(false, 1), (false, 1), (true, 2)] {
        assert_eq!(switch_account(desk, "cv.ada", active).unwrap().unwrap().active, active);
        let told =
            events(desk, "admin.action").into_iter().filter(|line| line.reason.as_deref().is_some_and(|why| why.starts_with("account_")));
        assert_eq!(told.count(), lines);
    }
    assert!(switch_account(desk, "nobody", true).unwrap().is_err());
    assert_eq!(look::accounts(desk, 10, |_| true).unwrap().len(), 1);
}

fn wish() -> KeyWish {
    KeyWish {
        name: "Harborview Homes".into(),
        kind: ClientKind::Confidential,
        application_uri: "https://homes.example/".into(),
        redirect_uris: vec!["https://homes.example/callback".into()],
        roles: vec![crate::platform::role::Role::Idx],
        policy: Policy::default(),
        mls: None,
        comments: String::new(),
        on_this_device: false,
    }
}

#[test]
fn a_key_has_a_secret_that_only_its_maker_learns() {
    let place = place();
    let created = create_key(&place.desk, &wish()).unwrap().unwrap();
    let registered = look::key(&place.desk, &created.client_id).unwrap().unwrap();
    let secret = created.secret.unwrap();
    assert!(secret.expose().starts_with("lks_"));
    assert!(registered.client.secrets[0].digest.matches(&secret.digest()));
    assert_eq!(events(&place.desk, "key.created").len(), 1);
    assert_eq!(look::keys(&place.desk).unwrap().len(), 1);
    let public = KeyWish { kind: ClientKind::Public, redirect_uris: vec!["http://127.0.0.1/cb".into()], ..wish() };
    assert!(create_key(&place.desk, &public).unwrap().unwrap().secret.is_none());
}

#[test]
fn all_that_is_wrong_with_a_wish_is_said_at_once() {
    let place = place();
    let bad = KeyWish {
        name: " \u{200b}".into(),
        kind: ClientKind::Public,
        application_uri: "javascript:alert(1)".into(),
        redirect_uris: vec!["https://homes.example/cb".into(), "http://homes.example/cb".into()],
        roles: vec![],
        policy: Policy {
            grant_types: vec![GrantType::ClientCredentials, GrantType::RefreshToken],
            introspects: true,
            scopes: Some("openid nonsense".into()),
            ..Policy::default()
        },
        ..wish()
    };
    let Err(Declined(why)) = create_key(&place.desk, &bad).unwrap() else { panic!("created") };
    assert_eq!(why.len(), 8, "{why:#?}");
    for confidential in ["http://127.0.0.1:8081/callback", "https://*.example/"] {
        assert!(
            create_key(&place.desk, &KeyWish { redirect_uris: vec![confidential.into()], ..wish() }).unwrap().is_err(),
            "{confidential}"
        );
    }
    assert!(create_key(&place.desk, &KeyWish { mls: Some("No such MLS".into()), ..wish() }).unwrap().is_err());
    assert!(look::keys(&place.desk).unwrap().is_empty());
}

#[test]
fn what_follows_from_a_policy_is_filled_in() {
    let place = place();
    let machine = KeyWish {
        policy: Policy { grant_types: vec![GrantType::ClientCredentials], ..Policy::default() },
        redirect_uris: vec![],
        ..wish()
    };
    assert!(create_key(&place.desk, &machine).unwrap().unwrap().policy.response_types.is_empty());
    let every = KeyWish { policy: Policy { response_types: ResponseType::ALL.to_vec(), ..Policy::default() }, ..wish() };
    assert!(create_key(&place.desk, &every).unwrap().unwrap().policy.grant_types.contains(&GrantType::Implicit));
}

#[test]
fn old_and_new_secrets_overlap_and_then_only_the_new_one_lives() {
    let place = place();
    let desk = &place.desk;
    let created = create_key(desk, &wish()).unwrap().unwrap();
    let rotated = rotate_secret(desk, &created.client_id, Seconds::hours(24)).unwrap().unwrap();
    let secrets = || look::key(desk, &created.client_id).unwrap().unwrap().client.secrets.clone();
    let (old, new) = (created.secret.as_ref().unwrap().digest(), rotated.secret.digest());
    let until = |digest: &crate::base::Digest| secrets().into_iter().find(|secret| secret.digest.matches(digest)).unwrap().expires_at;
    assert_eq!((until(&old), until(&new)), (Some(desk.clock.now() + Seconds::hours(24)), None));
    // A second rotation never lengthens what the first one ended.
    rotate_secret(desk, &created.client_id, Seconds::hours(48)).unwrap().unwrap();
    assert_eq!(until(&old), Some(desk.clock.now() + Seconds::hours(24)));
    assert_eq!(events(desk, "key.secret_rotated").len(), 2);
    let public = KeyWish { kind: ClientKind::Public, redirect_uris: vec!["com.example.app:/cb".into()], ..wish() };
    let public = create_key(desk, &public).unwrap().unwrap();
    assert!(rotate_secret(desk, &public.client_id, Seconds(0)).unwrap().is_err());
    assert!(rotate_secret(desk, "nobody", Seconds(0)).unwrap().is_err());
}

#[test]
fn a_key_is_switched_off_and_on() {
    let place = place();
    let created = create_key(&place.desk, &wish()).unwrap().unwrap();
    assert_eq!(switch_key(&place.desk, &created.client_id, false).unwrap().unwrap(), "Harborview Homes");
    let id = created.id;
    assert!(!place.desk.db.read(move |conn| keys::get(conn, id)).unwrap().unwrap().client.enabled);
    switch_key(&place.desk, &created.client_id, true).unwrap().unwrap();
    assert_eq!((events(&place.desk, "key.disabled").len(), events(&place.desk, "key.updated").len()), (1, 1));
    assert!(switch_key(&place.desk, "nobody", true).unwrap().is_err());
}

fn seal(seed: u64) -> Seal {
    Seal::new(&MasterSecret::parse(MasterSecret::generate(&Random::seeded(seed)).expose()).unwrap()).unwrap()
}

#[test]
fn cr_03_another_master_secret_is_refused_and_nothing_is_made() {
    let place = place();
    let Desk { db, clock, random } = &place.desk;
    let policy = RotationPolicy::new(Seconds::days(1));
    start::prepare(db, &seal(1), random, &policy, clock.now()).unwrap();
    let count = || (signing_keys::list(&place.desk).unwrap().len(), events(&place.desk, "signingkey.rotated").len());
    let before = count();
    assert!(start::check_master_secret(db, &seal(2)).is_err());
    assert!(start::settle_master_secret(db, &seal(2)).is_err());
    assert!(start::prepare(db, &seal(2), random, &policy, clock.now()).is_err());
    assert_eq!(count(), before);
}

#[test]
fn keys_made_before_the_first_start_bind_the_database_to_their_master_secret() {
    let place = place();
    let (db, random, clock) = (&place.desk.db, &place.desk.random, &place.desk.clock);
    let policy = RotationPolicy::new(Seconds::days(1));
    assert_eq!(signing_keys::rotate(&place.desk, &seal(1), &policy).unwrap().len(), 3);
    assert!(start::check_master_secret(db, &seal(2)).is_err());
    assert!(start::prepare(db, &seal(2), random, &policy, clock.now()).is_err());
    assert!(signing_keys::rotate(&place.desk, &seal(2), &policy).is_err());
    assert!(start::prepare(db, &seal(1), random, &policy, clock.now()).is_ok());
}

#[test]
fn signing_keys_follow_one_another_and_a_withdrawn_one_is_replaced() {
    let place = place();
    let Desk { db, clock, random } = &place.desk;
    let (seal, policy) = (seal(1), RotationPolicy::new(Seconds::days(1)));
    start::prepare(db, &seal, random, &policy, clock.now()).unwrap();
    assert_eq!(signing_keys::list(&place.desk).unwrap().len(), 3);
    assert_eq!(signing_keys::rotate(&place.desk, &seal, &policy).unwrap().len(), 6);
    assert!(signing_keys::rotate(&place.desk, &seal, &policy).unwrap().is_empty(), "new keys wait already");
    let kid = signing_keys::list(&place.desk).unwrap()[0].kid.clone();
    signing_keys::withdraw_key(&place.desk, &seal, &policy, &kid).unwrap().unwrap();
    assert!(signing_keys::withdraw_key(&place.desk, &seal, &policy, &kid).unwrap().is_err());
    let told = events(&place.desk, "signingkey.rotated");
    assert_eq!((told[0].reason.as_deref(), told[0].subject.as_deref()), (Some("withdrawn"), Some(kid.as_str())));
    assert_eq!(told.iter().filter(|line| line.actor.as_deref() == Some("operator")).count(), 2);
}

#[test]
fn sweeping_an_empty_database_leaves_no_trace() {
    let place = place();
    assert_eq!(sweep::sweep_all(&place.desk, |_| ()).unwrap(), 0);
    assert!(events(&place.desk, "purge.done").is_empty());
    assert!(place.desk.db.read(crate::store::soundness::first_flaw).unwrap().is_none());
}

#[test]
fn a_hash_made_at_the_desk_is_todays() {
    let place = place();
    let hash = hash(&place.desk, Password::typed("demo-password").unwrap()).unwrap();
    assert!(matches!(StoredHash::parse(&hash), Some(StoredHash::Current(_))));
}
