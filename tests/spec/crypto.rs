//! What rests in the database, what opens it, and who may read the file.

use latchkey::base::id::AccountId;
use latchkey::base::{Clock, Digest, Random, Seconds, Secret};
use latchkey::flows::start;
use latchkey::signing::{MasterSecret, RotationPolicy, Seal};
use latchkey::store::{Db, accounts};

use crate::support::tables;
use crate::support::wire::say;
use crate::support::world::{BEGIN, PASSWORD, World};

fn policy() -> RotationPolicy {
    RotationPolicy::new(Seconds::days(25))
}

/// The column of every row.
fn column(world: &World, sql: &'static str) -> Vec<String> {
    world.app.db.read(move |conn| tables::lines(conn, sql)).unwrap()
}

#[test]
fn cr_01_whoever_steals_the_database_finds_only_digests_and_sealed_keys() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.grants(&w);
    let is_hex = |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let digests = column(&world, "SELECT digest AS line FROM key_secrets");
    assert!(digests.len() >= 5 && digests.iter().all(is_hex));
    assert!(digests.contains(&Secret::new(w.secret.clone().unwrap()).digest().hex()));
    let sessions = column(&world, "SELECT digest AS line FROM sessions");
    let cookie = ada.cookie("__Host-latchkey_session").unwrap();
    assert_eq!(sessions, [Digest::of(cookie.rsplit('.').next().unwrap().as_bytes()).hex()]);
    for hash in column(&world, "SELECT password_hash AS line FROM accounts WHERE password_hash IS NOT NULL") {
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
    let sealed = column(&world, "SELECT sealed_private AS line FROM signing_keys UNION ALL SELECT sealed AS line FROM mac_keys");
    assert!(sealed.len() >= 4 && sealed.iter().all(|text| text.starts_with("v1.")));
    for text in column(&world, "SELECT public_jwk AS line FROM signing_keys") {
        let jwk: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(["d", "p", "q", "dp", "dq", "qi", "k"].iter().all(|private| jwk.get(private).is_none()));
    }
    // No column is named for something that should not be there.
    for name in ["password", "secret", "token", "code", "cookie", "private"] {
        let columns = world
            .app
            .db
            .read(|conn| {
                let mut all = Vec::new();
                for table in tables::names(conn)? {
                    all.extend(tables::columns(conn, &table)?.into_iter().map(|column| column.name));
                }
                Ok(all)
            })
            .unwrap();
        let known = ["password_hash", "sealed_private", "sealed_secret", "postal_code"];
        assert!(
            columns.iter().all(|column| column != name && (known.contains(&column.as_str()) || !column.ends_with(&format!("_{name}")))),
            "{name}"
        );
    }
}

#[test]
fn cr_02_a_sealed_key_that_was_moved_to_another_row_signs_nothing() {
    let random = Random::default();
    let master = MasterSecret::parse(MasterSecret::generate(&random).expose()).unwrap();
    let seal = Seal::new(&master).unwrap();
    let (folder, db) = fresh();
    start::prepare(&db, &seal, &random, &policy(), BEGIN).unwrap();
    let kids = db.read(|conn| tables::lines(conn, "SELECT kid AS line FROM signing_keys WHERE algorithm IN ('ES256', 'EdDSA')")).unwrap();
    let (a, b) = (kids[0].clone(), kids[1].clone());
    db.write(move |conn| {
        conn.batch(&format!(
            "CREATE TABLE swap AS SELECT kid, sealed_private FROM signing_keys;
             UPDATE signing_keys SET sealed_private = (SELECT sealed_private FROM swap WHERE swap.kid = '{b}') WHERE kid = '{a}';
             UPDATE signing_keys SET sealed_private = (SELECT sealed_private FROM swap WHERE swap.kid = '{a}') WHERE kid = '{b}';
             DROP TABLE swap;"
        ))
    })
    .unwrap();
    let (ring, _) = start::prepare(&db, &seal, &random, &policy(), BEGIN).unwrap();
    let published = String::from_utf8(ring.jwks().bytes.clone()).unwrap();
    assert!(kids.iter().all(|kid| !published.contains(kid)), "a key that does not open is still published");
    // A MAC key under another version's name stops the start: nothing it made could be told from a forgery.
    db.write(|conn| conn.batch("UPDATE mac_keys SET version = 2")).unwrap();
    let why = start::prepare(&db, &seal, &random, &policy(), BEGIN).err().unwrap().to_string();
    assert!(why.contains("mac_keys/sealed/2"), "{why}");
    drop((db, folder));
}

/// An empty database of the engine that embeds, migrated.
fn fresh() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::sqlite(&folder.path().join("fresh.db")).unwrap();
    start::migrate(&db, &Clock::fixed(BEGIN), |_| {}).unwrap();
    (folder, db)
}

#[test]
fn cr_03_another_master_secret_does_not_start_the_server_and_changes_nothing() {
    let world = World::new();
    let random = Random::default();
    let before = tables::dump(&world.app.db);
    for _ in 0..2 {
        let wrong = Seal::new(&MasterSecret::parse(MasterSecret::generate(&random).expose()).unwrap()).unwrap();
        let why = start::prepare(&world.app.db, &wrong, &random, &policy(), BEGIN).err().expect("it started").to_string();
        assert!(why.contains(wrong.key_id()) && why.contains(world.app.seal.key_id()), "{why}");
    }
    assert!(tables::dump(&world.app.db) == before, "something was written");
    assert!(start::prepare(&world.app.db, &world.app.seal, &random, &policy(), BEGIN).is_ok());
}

#[cfg(unix)]
#[test]
fn cr_06_only_its_owner_can_read_the_database_and_its_logs() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, db) = fresh();
    db.read(tables::names).unwrap();
    let mut seen = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
        seen += 1;
    }
    assert!(seen >= 3, "the database, its log and the log's index");
    let open = folder.path().join("open.db");
    for mode in [0o640, 0o604, 0o660, 0o644] {
        std::fs::write(&open, "").unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(mode)).unwrap();
        let why = Db::sqlite(&open).err().expect("it was opened").to_string();
        assert!(why.contains("chmod 600"), "{why}");
    }
}

#[test]
fn cr_07_a_password_hash_of_older_or_other_parameters_is_made_anew_at_the_next_sign_in() {
    let world = World::new();
    let (w, id) = (world.w(), "20261001000000000000000101".parse::<AccountId>().unwrap());
    let stored = || column(&world, "SELECT password_hash AS line FROM accounts WHERE id = '20261001000000000000000101'").remove(0);
    let todays = stored();
    world.agent("cv.ada").approves(&w);
    assert_eq!(stored(), todays, "today's hash stays");
    // The vectors of bcrypt and of argon2's reference program.
    for (typed, old) in [
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
    ] {
        let account = id.clone();
        world.change(move |conn| accounts::set_password(conn, &account, old, BEGIN));
        let ada = world.agent("cv.ada");
        let page = ada.opens(&w, &[]);
        assert_eq!(ada.signs_in(&page, PASSWORD).status, 422);
        assert_eq!(stored(), old, "a wrong password changes nothing");
        assert_eq!(ada.signs_in(&page, typed).status, 303);
        let fresh = stored();
        assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{fresh}");
        let salt = fresh.split('$').nth(4).unwrap();
        assert!(salt.len() >= 22, "16 bytes of salt: {salt}");
        let ada = world.agent("cv.ada");
        assert_eq!(ada.signs_in(&ada.opens(&w, &[]), typed).status, 303);
    }
}

#[test]
fn cr_08_what_is_handed_out_is_256_bits_of_chance_or_carries_a_mac_and_never_repeats() {
    let world = World::new();
    let w = world.w();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let ada = world.agent("cv.ada");
        let tokens = ada.grants(&w);
        for name in ["access_token", "refresh_token"] {
            assert!(seen.insert(tokens[name].as_str().unwrap().to_owned()), "{name}");
        }
        assert!(seen.insert(ada.cookie("__Host-latchkey_browser").unwrap()));
        let session = ada.cookie("__Host-latchkey_session").unwrap();
        let secret = session.split_once('.').unwrap().1.to_owned();
        assert_eq!(data_encoding::BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap().len(), 32);
        assert_eq!(data_encoding::BASE64URL_NOPAD.decode(ada.cookie("__Host-latchkey_browser").unwrap().as_bytes()).unwrap().len(), 32);
        assert!(seen.insert(secret));
        let own = world.token(&w, &[("grant_type", "client_credentials")]).json();
        assert!(seen.insert(own["access_token"].as_str().unwrap().to_owned()));
    }
    // One bit of a handle, wherever it is, makes it somebody else's.
    let token = world.token(&w, &[("grant_type", "client_credentials")]).json()["access_token"].as_str().unwrap().to_owned();
    for at in (4..token.len()).step_by(5) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        assert!(!world.is_active(std::str::from_utf8(&bytes).unwrap()), "character {at}");
    }
}

#[test]
fn cr_14_without_tls_nothing_is_answered_but_that_it_is_needed() {
    let world = World::with(&[("issuer", "https://id.example"), ("trusted_proxies", "10.0.0.0/8")]);
    let plain = world.app.settings.issuer.clone();
    assert_eq!(plain, "https://id.example");
    for (path, wanted) in [
        ("/v1/my/account", "\"Code\":1030"),
        ("/openid/token", "invalid_request"),
        ("/openid/authorize", "tls_required"),
        ("/.well-known/openid-configuration", "tls_required"),
        ("/nowhere", "tls_required"),
    ] {
        // A peer that is no proxy of ours is not believed.
        for header in ["", "X-Forwarded-Proto: https\r\n", "Forwarded: proto=https\r\n"] {
            let heard = say(&world, format!("GET {path} HTTP/1.1\r\nHost: id.example\r\n{header}Connection: close\r\n\r\n"));
            assert_eq!(heard.status(), 403, "{path}: {heard:?}");
            assert!(heard.body().contains(wanted), "{path}: {heard:?}");
        }
    }
    assert_eq!(say(&world, "GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").status(), 200);
}
