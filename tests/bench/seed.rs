//! What stands in the measured server's database: people, keys, and as many grants as were asked for.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use latchkey::app::App;
use latchkey::base::id::{AccountId, ConsentId, GrantId, KeyId, KeySecretId, SessionId};
use latchkey::base::{Fault, Seconds, Secret, Timestamp};
use latchkey::identity::password::Password;
use latchkey::identity::session::Session;
use latchkey::platform::role::Role;
use latchkey::protocol::authorize::Consent;
use latchkey::protocol::client::{AccessTokenFormat, ClientKind, GrantType, Policy, SigningAlgorithm};
use latchkey::protocol::grant::{Grant, GrantState};
use latchkey::protocol::handle::{self, Handle, Kind, Owner};
use latchkey::protocol::scope::Scopes;
use latchkey::store::mlses::Mls;
use latchkey::store::sessions::Origin;
use latchkey::store::{Conn, accounts, consents, grants, keys, mlses, sessions};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// Where codes go; nobody listens there.
pub const REDIRECT: &str = "http://127.0.0.1:9/cb";
/// How many connections the generator holds, each with a person of its own.
pub const LANES: usize = 8;
/// How many people's tokens are made ahead, over grants taken evenly from all there are.
const POOL: usize = 50_000;
/// How many tokens of keys themselves: each is revoked but once.
const OWN: usize = 250_000;
/// Grants written in one commit while filling up.
const BATCH: usize = 5_000;
const MLS: &str = "20261001000000000000000001";

/// The keys, by what their tokens are: an opaque one for client credentials, a JWT one, and two for people.
const KEYS: [(&str, SigningAlgorithm, AccessTokenFormat); 4] = [
    ("cc", SigningAlgorithm::ES256, AccessTokenFormat::Opaque),
    ("jwt", SigningAlgorithm::ES256, AccessTokenFormat::Jwt),
    ("es256", SigningAlgorithm::ES256, AccessTokenFormat::Opaque),
    ("rs256", SigningAlgorithm::RS256, AccessTokenFormat::Opaque),
];

/// The `client_id` of a key.
pub fn client_id(name: &str) -> String {
    format!("{name:0<25}")
}

/// The secret of a key: 43 characters, as real ones have.
pub fn secret(name: &str) -> String {
    format!("{name:x<43}")
}

/// The login name of a lane's person.
pub fn login(lane: usize) -> String {
    format!("cv.agent{lane}")
}

fn account_id(number: usize) -> AccountId {
    format!("20261001{number:018}").parse().unwrap()
}

/// Fills what is still empty; `told` hears each step.
pub fn fill(app: &App, wanted: usize, told: impl Fn(&str)) {
    let now = app.now();
    if app.db.read(mlses::all).unwrap().is_empty() {
        told("people and keys");
        let hash = app.hasher.hash(Password::typed(PASSWORD).unwrap(), &app.random).unwrap().recv().unwrap().unwrap();
        app.db.write(move |conn| people_and_keys(conn, &hash, now)).unwrap();
    }
    let there = usize::try_from(app.db.read(grants::count).unwrap()).unwrap();
    if there < wanted {
        let bar = ProgressBar::new(wanted as u64).with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} grants").unwrap());
        for start in (there..wanted).step_by(BATCH) {
            let until = wanted.min(start + BATCH);
            app.db.write(move |conn| (start..until).try_for_each(|number| grants::insert(conn, &grant(number, now)))).unwrap();
            bar.set_position(until as u64);
        }
        bar.finish_and_clear();
        told(&format!("{wanted} grants"));
    }
}

fn people_and_keys(conn: &mut Conn, hash: &str, now: Timestamp) -> Result<(), Fault> {
    let mls = Mls {
        id: MLS.parse().unwrap(),
        name: "Cascade Valley MLS".into(),
        time_zone: "America/Los_Angeles".into(),
        logo: None,
        accent: None,
        support: None,
    };
    mlses::add(conn, &mls, now)?;
    for lane in 0..LANES {
        let profile = format!(
            r#"{{"Name":"Agent {lane}","FirstName":"Agent","LastName":"{lane}","Office":"Summit Realty",
            "Emails":[{{"Id":"1","Type":"Work","Address":"agent{lane}@example.com","Primary":true}}]}}"#
        );
        let new = accounts::NewAccount {
            id: account_id(lane),
            mls_id: &mls.id,
            roster_key: &login(lane),
            login_name: &login(lane),
            user_type: "Member",
            active: true,
            password_hash: Some(hash),
            profile: &profile,
        };
        accounts::write(conn, &new, now)?;
    }
    for (id, (name, algorithm, format)) in (1..).zip(KEYS) {
        let policy = Policy {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials],
            id_token_signed_response_alg: algorithm,
            access_token_format: format,
            ..Policy::default()
        };
        let new = keys::NewKey {
            id: KeyId(id),
            mls_id: Some(&mls.id),
            name,
            key: &client_id(name),
            kind: ClientKind::Confidential.name(),
            application_uri: "https://app.example/",
            redirect_uris: &[REDIRECT.to_owned()],
            roles: &[Role::Private],
            policy: &policy,
            comments: "",
        };
        keys::add(conn, &new, now)?;
        keys::add_secret(conn, KeySecretId(id), KeyId(id), "first", &Secret::new(secret(name)).digest(), None, now)?;
        for lane in 0..LANES {
            let consent = Consent { scope: Scopes::known("openid profile email"), terms: Role::Private.name().to_owned() };
            consents::put(conn, ConsentId(id * 1000 + i64::try_from(lane).unwrap()), &account_id(lane), KeyId(id), &consent, now)?;
        }
    }
    Ok(())
}

/// The `number`th grant: active, of one of the people, to the key with ES256.
fn grant(number: usize, now: Timestamp) -> Grant {
    Grant {
        id: GrantId(number as i64 + 1),
        key_id: KeyId(3),
        account_id: account_id(number % LANES),
        consumer: None,
        state: GrantState::Active,
        scope: Scopes::known("openid profile email"),
        nonce: Some("n".repeat(22)),
        challenge: None,
        redirect_uri: REDIRECT.to_owned(),
        claims: None,
        auth_time: now,
        session_id: None,
        offered_at: now,
        offer_ends: now,
        ends_at: now + Seconds::days(365),
        generation: 0,
        rotated_at: now,
        front_channel: false,
        some_revoked: false,
    }
}

/// Sessions and tokens made ahead, so that a measurement need not wait for them. They hang on grants taken from everywhere in the table.
pub fn tokens(app: &App, folder: &Path) {
    let now = app.now();
    let macs = app.macs.load();
    let count = usize::try_from(app.db.read(grants::count).unwrap()).unwrap();
    let access = |owner| {
        let handle = Handle {
            kind: Kind::Access,
            owner,
            generation: 0,
            issued: now,
            expires: now + Seconds::days(1),
            nonce: handle::nonce(&app.random),
            scope: matches!(owner, Owner::Key(_)).then_some(Scopes::NONE),
        };
        macs.write(&handle).unwrap()
    };
    // A step without a common divisor with the count visits every grant in an order that is nobody's.
    let taken: Vec<GrantId> = (0..POOL.min(count)).map(|place| GrantId((place * 7_919 % count) as i64 + 1)).collect();
    let es256 = app.db.read(|conn| keys::get(conn, KeyId(3))).unwrap().unwrap();
    let mut made: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    made.insert("own", (0..OWN).map(|_| access(Owner::Key(KeyId(1)))).collect());
    made.insert("access", taken.iter().map(|id| access(Owner::Grant(*id))).collect());
    made.insert(
        "refresh",
        taken
            .iter()
            .filter_map(|id| {
                let id = *id;
                let (grant, _) = app.db.read(move |conn| grants::with_person(conn, id)).unwrap()?;
                grant.refresh_token(&es256.client, &macs)
            })
            .take(2_000)
            .collect(),
    );
    made.insert("session", (0..LANES).map(|lane| session(app, lane, now)).collect());
    std::fs::write(folder.join("tokens.json"), serde_json::to_vec(&made).unwrap()).unwrap();
}

/// A browser's session of a lane's person: the cookie's value.
fn session(app: &App, lane: usize, now: Timestamp) -> String {
    let secret = Secret::new(app.random.token());
    let session = Session {
        id: SessionId(app.random.id(now)),
        account_id: account_id(lane),
        auth_time: now,
        seen_at: now,
        ends_at: now + Seconds::hours(12),
        ended_at: None,
    };
    let (id, digest) = (session.id, secret.digest());
    app.db.write(move |conn| sessions::start(conn, &session, &digest, &Origin::default())).unwrap();
    format!("{id}.{}", secret.expose())
}
