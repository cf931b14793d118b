//! Tokens, forged and stale ones, and the keys that sign them (TK).
//!
//! A forgery is tried at every door that reads tokens: userinfo, the account API, introspection, `id_token_hint` at
//! authorization and logout. [`Forger`] holds our real private key, so that nothing but the one changed piece can be the reason.

use std::net::TcpListener;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use latchkey::base::{Seconds, Timestamp};
use latchkey::flows::{start, upkeep};
use latchkey::protocol::client::ResponseType;
use latchkey::signing::{Algorithm, plan, withdraw};
use latchkey::store::{accounts, grants, keys};
use serde_json::{Value, json};

use crate::support::world::{Answer, Application, BEGIN, Person, World, form, request_of};

/// Half the order of P-256: a signature with a larger `s` is a second spelling, and refused as such.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42,
    0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Header or claims of a JWT.
fn part(token: &str, place: usize) -> Value {
    serde_json::from_slice(&decoded(token.split('.').nth(place).unwrap())).unwrap()
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

/// Signs whatever it is given with the server's own ES256 key.
struct Forger {
    kid: String,
    key: EcdsaKeyPair,
}

impl Forger {
    fn of(world: &World) -> Self {
        let rows = world.app.db.read(start::stored).unwrap();
        let row = rows.iter().find(|row| row.algorithm == Algorithm::ES256).unwrap();
        let der = world.app.seal.open(&format!("signing_keys/private/{}", row.kid), &row.sealed_private).unwrap();
        Self { kid: row.kid.clone(), key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap() }
    }

    fn header(&self, typ: &str) -> Value {
        json!({ "alg": "ES256", "kid": self.kid, "typ": typ })
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        sealed(&self.key, header, claims)
    }
}

fn sealed(key: &EcdsaKeyPair, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    loop {
        let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        if signature.as_ref()[32..] <= HALF_ORDER[..] {
            return format!("{message}.{}", encoded(signature));
        }
    }
}

/// Ada, signed in, and what the key `es256` holds for her.
struct Scene<'w> {
    world: &'w World,
    app: Application,
    ada: Person<'w>,
    access: String,
    identity: String,
    forger: Forger,
}

impl<'w> Scene<'w> {
    fn of(world: &'w World) -> Self {
        let (app, ada) = (world.key("es256"), world.agent("cv.ada"));
        let tokens = ada.grants(&app);
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let scene = Self { world, app, ada, access: text("access_token"), identity: text("id_token"), forger: Forger::of(world) };
        // What the forger signs is good as long as nothing is changed: the tests below change one thing each.
        let honest = |typ, token: &str| scene.forger.sign(&scene.forger.header(typ).to_string(), &part(token, 1).to_string());
        assert_eq!(world.userinfo(&honest("at+jwt", &scene.access)).status, 200);
        assert!(scene.hinted(&honest("JWT", &scene.identity)).redirected("code").is_some());
        scene
    }

    fn hinted(&self, hint: &str) -> Answer {
        self.ada.opens(&self.app, &[("id_token_hint", hint)])
    }

    /// Asserts that `hint` counts for nothing, neither where one signs in nor where one signs out.
    fn is_no_hint(&self, what: &str, hint: &str) {
        let answer = self.hinted(hint);
        assert_eq!(answer.status, 303, "{what}: {answer:?}");
        assert_eq!(answer.redirected("error").as_deref(), Some("invalid_request"), "{what}");
        self.world.audited_because("authz.denied", "id_token_hint");
        let page = self.ada.get(&format!("/openid/logout?{}", form(&[("id_token_hint", hint)])));
        assert!(page.body.contains("id=\"sign-out\""), "{what}: {page:?}");
    }

    /// Tries forgeries of the access token and of the ID token at their doors.
    fn refuses(&self, forge: impl Fn(&Forger, &str, &Value) -> Vec<(String, String)>) {
        for (what, token) in forge(&self.forger, "at+jwt", &part(&self.access, 1)) {
            is_no_token(self.world, &what, &token);
        }
        for (what, token) in forge(&self.forger, "JWT", &part(&self.identity, 1)) {
            self.is_no_hint(&what, &token);
        }
        assert!(self.hinted(&self.identity).redirected("code").is_some(), "the session was harmed");
    }
}

/// Asserts that `token` opens nothing: 401 bearer, 401/1000, inactive.
fn is_no_token(world: &World, what: &str, token: &str) {
    is_dead(world, what, token, 1000);
}

/// Asserts that `token` opens nothing; the API says why in its own numbers.
fn is_dead(world: &World, what: &str, token: &str, code: u16) {
    let answer = world.userinfo(token);
    if answer.status == 431 {
        // Too long even for a header: refused before it is read as a token.
        return;
    }
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
    assert_eq!(answer.json()["error"], "invalid_token", "{what}");
    assert!(!answer.body.contains(token), "{what}");
    let answer = world.my_account(token);
    assert_eq!((answer.status, &answer.json()["D"]["Code"]), (401, &json!(code)), "{what}: {answer:?}");
    assert_eq!(world.introspect(token), json!({ "active": false }), "{what}");
}

/// The same where the token cannot stand in a header: in the body of userinfo and introspection.
fn is_no_token_in_a_body(world: &World, what: &str, token: &str) {
    let answer = world.post_form("/openid/userinfo", &[("access_token", token)]);
    assert!([400, 401].contains(&answer.status), "{what}: {answer:?}");
    let answer = world.as_client(&world.key("resource"), "/openid/introspect", &[("token", token)]);
    assert!(answer.status == 400 || answer.json() == json!({ "active": false }), "{what}: {answer:?}");
}

#[test]
fn tk_01_a_token_that_names_no_algorithm_or_another_one_is_nobodys_token() {
    let world = World::new();
    Scene::of(&world).refuses(|forger, typ, claims| {
        let mut forged = Vec::new();
        for alg in [
            json!("none"),
            json!("None"),
            json!("nOnE"),
            json!(""),
            json!(null),
            json!(0),
            json!(["ES256"]),
            json!({}),
            json!("RS256"),
            json!("es256"),
        ] {
            let mut header = forger.header(typ);
            header["alg"] = alg.clone();
            let token = forger.sign(&header.to_string(), &claims.to_string());
            let unsigned = token.rsplit_once('.').unwrap().0;
            forged.extend([
                (format!("alg {alg}, signed"), token.clone()),
                (format!("alg {alg}, unsigned"), format!("{unsigned}.")),
                (format!("alg {alg}, two parts"), unsigned.to_owned()),
            ]);
        }
        let header = json!({ "kid": forger.kid, "typ": typ }).to_string();
        forged.push(("alg missing".to_owned(), forger.sign(&header, &claims.to_string())));
        forged
    });
}

#[test]
fn tk_02_no_spelling_of_our_public_keys_is_a_shared_secret() {
    let world = World::new();
    let set = world.get("/openid/jwks.json").json();
    Scene::of(&world).refuses(|forger, typ, claims| {
        let point = forger.key.public_key().as_ref().to_vec();
        let spki = [decoded("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")[..26].to_vec(), point.clone()].concat();
        let body = STANDARD.encode(&spki);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &body[..64], &body[64..]);
        let mut secrets = vec![
            ("empty".to_owned(), Vec::new()),
            ("the point".to_owned(), point),
            ("DER".to_owned(), spki),
            ("PEM".to_owned(), pem.clone().into_bytes()),
            ("PEM without its last line break".to_owned(), pem.trim_end().as_bytes().to_vec()),
        ];
        for key in set["keys"].as_array().unwrap() {
            secrets.push((format!("JWK {}", key["alg"]), key.to_string().into_bytes()));
            for member in ["n", "x", "y", "kid"] {
                if let Some(text) = key[member].as_str() {
                    secrets.push((format!("{member} as text"), text.as_bytes().to_vec()));
                    secrets.push((format!("{member} as bytes"), decoded(text)));
                }
            }
        }
        let mut forged = Vec::new();
        for (what, secret) in &secrets {
            for (alg, hash) in [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)] {
                let mut header = forger.header(typ);
                header["alg"] = json!(alg);
                let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
                let tag = hmac::sign(&hmac::Key::new(hash, secret), message.as_bytes());
                forged.push((format!("{alg} with {what}"), format!("{message}.{}", encoded(tag))));
            }
        }
        forged
    });
}

#[test]
fn tk_03_a_token_of_ours_for_another_purpose_is_no_access_token() {
    let world = World::new();
    let scene = Scene::of(&world);
    is_no_token(&world, "id_token", &scene.identity);
    let claims = part(&scene.access, 1);
    for typ in ["JWT", "logout+jwt", "oauth-authz-req+jwt", "dpop+jwt", "application/at+jwt", "AT+JWT", ""] {
        let token = world.app.ring.sign(Algorithm::ES256, typ, &claims, world.app.now()).unwrap();
        is_no_token(&world, typ, &token);
    }
    let header = json!({ "alg": "ES256", "kid": scene.forger.kid }).to_string();
    is_no_token(&world, "typ missing", &scene.forger.sign(&header, &claims.to_string()));
    // A client assertion in its usual form, signed by ours of all keys.
    let assertion = json!({ "iss": scene.app.client_id, "sub": scene.app.client_id, "aud": world.issuer, "jti": "1", "iat": BEGIN.seconds(), "exp": BEGIN.seconds() + 60 });
    is_no_token(&world, "assertion", &world.app.ring.sign(Algorithm::ES256, "JWT", &assertion, BEGIN).unwrap());
}

#[test]
fn tk_04_an_access_token_is_no_hint_and_an_expired_id_token_one_only_for_signing_out() {
    let world = World::with(&[("sessions.idle", "8h")]);
    let scene = Scene::of(&world);
    scene.is_no_hint("JWT access token", &scene.access);
    scene.is_no_hint("opaque access token", world.agent("cv.ada").grants(&world.w())["access_token"].as_str().unwrap());
    scene.is_no_hint("garbage", "a.b.c");
    // Another client's, about the same person.
    let foreign = scene.ada.grants(&world.w())["id_token"].as_str().unwrap().to_owned();
    scene.hinted(&foreign).is_refused_to(&scene.app, "invalid_request", &world.issuer);

    world.advance(Seconds(3599));
    assert!(scene.hinted(&scene.identity).redirected("code").is_some());
    world.advance(Seconds(1));
    scene.hinted(&scene.identity).is_refused_to(&scene.app, "invalid_request", &world.issuer);
    let leave = format!("/openid/logout?{}", form(&[("id_token_hint", &scene.identity)]));
    let answer = scene.ada.get_with(&leave, &[("sec-fetch-site", "cross-site")]);
    assert!(answer.body.contains("id=\"signed-out\""), "{answer:?}");
}

#[test]
fn tk_05_tk_27_a_token_for_another_audience_or_of_another_issuer_opens_nothing() {
    let world = World::new();
    let scene = Scene::of(&world);
    for (member, value) in [
        ("aud", json!("https://other-api.example")),
        ("aud", json!([])),
        ("aud", json!([world.issuer.to_uppercase()])),
        ("aud", json!(format!("{}/", world.issuer))),
        ("aud", json!(scene.app.client_id)),
        ("iss", json!("https://other.example")),
        ("iss", json!(format!("{}/", world.issuer))),
    ] {
        let mut claims = part(&scene.access, 1);
        claims[member] = value.clone();
        is_no_token(
            &world,
            &format!("{member} {value}"),
            &world.app.ring.sign(Algorithm::ES256, "at+jwt", &claims, world.app.now()).unwrap(),
        );
    }
}

#[test]
fn tk_07_a_kid_is_a_name_and_never_a_place_to_look() {
    let world = World::new();
    Scene::of(&world).refuses(|forger, typ, claims| {
        let long = "a".repeat(10_240);
        let mut forged: Vec<(String, String)> = [
            json!("../../../../etc/passwd"),
            json!("file:///dev/null"),
            json!("https://evil.example/jwks"),
            json!("' OR '1'='1"),
            json!("x'; DROP TABLE signing_keys; --"),
            json!(format!("{}\0", forger.kid)),
            json!(forger.kid.to_lowercase()),
            json!(format!(" {}", forger.kid)),
            json!(""),
            json!(1),
            json!(null),
            json!([forger.kid]),
            json!(long),
        ]
        .into_iter()
        .map(|kid| {
            let mut header = forger.header(typ);
            header["kid"] = kid.clone();
            (format!("kid {kid:.40}"), forger.sign(&header.to_string(), &claims.to_string()))
        })
        .collect();
        let header = json!({ "alg": "ES256", "typ": typ }).to_string();
        forged.push(("kid missing".to_owned(), forger.sign(&header, &claims.to_string())));
        forged
    });
}

#[test]
fn tk_08_a_key_that_a_token_brings_along_is_neither_believed_nor_fetched() {
    let world = World::new();
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let address = format!("http://{}/jwks.json", canary.local_addr().unwrap());
    let attacker = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = attacker.public_key().as_ref().to_vec();
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]), "alg": "ES256", "use": "sig", "kid": "attacker" });
    Scene::of(&world).refuses(|forger, typ, claims| {
        let mut forged = Vec::new();
        for (name, value) in
            [("jwk", jwk.clone()), ("jku", json!(address)), ("x5u", json!(address)), ("x5c", json!([STANDARD.encode(&point)]))]
        {
            for kid in [json!(forger.kid), json!("attacker"), json!(address)] {
                let mut header = forger.header(typ);
                header[name] = value.clone();
                header["kid"] = kid.clone();
                forged.push((format!("{name} with kid {kid}"), sealed(&attacker, &header.to_string(), &claims.to_string())));
            }
        }
        forged
    });
    assert!(canary.accept().is_err(), "the server called the address that a token named");
}

#[test]
fn tk_09_a_claim_of_the_wrong_type_is_not_an_absent_one() {
    let world = World::new();
    Scene::of(&world).refuses(|forger, typ, claims| {
        let header = forger.header(typ).to_string();
        let mut forged = Vec::new();
        let mut with = |name: &str, value: Option<&str>| {
            let mut changed = claims.clone();
            changed.as_object_mut().unwrap().remove(name);
            let mut text = changed.to_string();
            if let Some(value) = value {
                // As text, because not every number survives a JSON library.
                text = text.replacen('{', &format!("{{\"{name}\":{value},"), 1);
            }
            forged.push((format!("{name} {value:?}"), forger.sign(&header, &text)));
        };
        let exp = claims["exp"].to_string();
        for name in ["exp", "nbf", "iat"] {
            for value in
                [format!("\"{exp}\"").as_str(), &format!("{exp}.5"), "-1", "null", "[1]", "1e30", "{}", "true", "99999999999999999999"]
            {
                with(name, Some(value));
            }
        }
        with("exp", None);
        with("iat", None);
        with("iss", None);
        with("aud", None);
        for (name, value) in [("aud", "1"), ("aud", "{}"), ("aud", "[1]"), ("sub", "{}"), ("sub", "1"), ("iss", "[]"), ("jti", "1")] {
            with(name, Some(value));
        }
        forged
    });
}

#[test]
fn tk_10_a_token_that_says_a_thing_twice_is_not_read() {
    let world = World::new();
    Scene::of(&world).refuses(|forger, typ, claims| {
        let header = forger.header(typ).to_string();
        let claims = claims.to_string();
        let twice = |text: &str, again: &str| text.replacen('{', &format!("{{{again},"), 1);
        vec![
            ("two subs".into(), forger.sign(&header, &twice(&claims, r#""sub":"20261001000000000000000102""#))),
            ("two subs, one escaped".into(), forger.sign(&header, &twice(&claims, r#""su\u0062":"20261001000000000000000102""#))),
            ("two deep members".into(), forger.sign(&header, &twice(&claims, r#""x":{"a":1,"a":2}"#))),
            ("two algs".into(), forger.sign(&twice(&header, r#""alg":"none""#), &claims)),
            ("two equal algs".into(), forger.sign(&twice(&header, r#""alg":"ES256""#), &claims)),
            ("two kids".into(), forger.sign(&twice(&header, r#""kid":"x""#), &claims)),
        ]
    });
}

#[test]
fn tk_11_a_token_with_critical_extensions_is_refused() {
    let world = World::new();
    Scene::of(&world).refuses(|forger, typ, claims| {
        [json!(["sparkle"]), json!(["exp"]), json!(["b64"]), json!([]), json!(null), json!("exp")]
            .into_iter()
            .map(|crit| {
                let mut header = forger.header(typ);
                header["crit"] = crit.clone();
                header["sparkle"] = json!(true);
                header["b64"] = json!(false);
                (format!("crit {crit}"), forger.sign(&header.to_string(), &claims.to_string()))
            })
            .collect()
    });
}

#[test]
fn tk_12_a_signature_has_one_spelling_and_is_over_this_text() {
    let world = World::new();
    let scene = Scene::of(&world);
    scene.refuses(|forger, typ, claims| {
        let token = forger.sign(&forger.header(typ).to_string(), &claims.to_string());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let raw = decoded(signature);
        let (r, s) = raw.split_at(32);
        let integer = |half: &[u8]| [&[2, 33, 0], half].concat();
        let der = [vec![0x30, 70], integer(r), integer(s)].concat();
        let order = decoded("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
        let mut forged: Vec<(String, String)> = [
            ("zeroes", vec![0; 64]),
            ("no bytes", vec![]),
            ("one byte less", raw[..63].to_vec()),
            ("half of it", r.to_vec()),
            ("DER", der),
            ("swapped halves", [s, r].concat()),
            ("a byte more", [raw.as_slice(), &[0]].concat()),
            ("a byte before", [&[0], raw.as_slice()].concat()),
            ("r and s are the order", [order.as_slice(), &order].concat()),
            ("r is zero", [&[0; 32], s].concat()),
            ("s is zero", [r, &[0; 32]].concat()),
            ("a flipped bit", raw.iter().enumerate().map(|(i, b)| if i == 5 { b ^ 1 } else { *b }).collect()),
        ]
        .into_iter()
        .map(|(what, bytes)| (what.to_owned(), format!("{message}.{}", encoded(bytes))))
        .collect();
        // The other valid `s` of the same signature.
        let mut high = vec![0_u8; 32];
        let mut borrow = 0_i16;
        for i in (0..32).rev() {
            let digit = i16::from(order[i]) - i16::from(s[i]) - borrow;
            borrow = i16::from(digit < 0);
            high[i] = u8::try_from(digit.rem_euclid(256)).unwrap();
        }
        forged.push(("the mirrored s".into(), format!("{message}.{}", encoded([r, &high].concat()))));
        forged.push(("padded base64".into(), format!("{token}==")));
        let other = forger.sign(&forger.header(typ).to_string(), r#"{"sub":"x"}"#);
        forged.push(("another token's".into(), format!("{message}.{}", other.rsplit_once('.').unwrap().1)));
        forged
    });

    // RSA: a signature that begins with a zero byte, without it; and one with a zero byte too many.
    let (w, ada) = (world.w(), &scene.ada);
    let mut claims = part(ada.grants(&w)["id_token"].as_str().unwrap(), 1);
    let (token, raw) = (0..100_000)
        .find_map(|n| {
            claims["nonce"] = json!(n.to_string());
            let token = world.app.ring.sign(Algorithm::RS256, "JWT", &claims, world.app.now()).unwrap();
            let raw = decoded(token.rsplit_once('.').unwrap().1);
            (raw[0] == 0).then_some((token, raw))
        })
        .unwrap();
    let hinted = |token: &str| ada.opens(&w, &[("id_token_hint", token)]);
    assert!(hinted(&token).redirected("code").is_some());
    let message = token.rsplit_once('.').unwrap().0;
    for (what, bytes) in [("cut", raw[1..].to_vec()), ("longer", [&[0], raw.as_slice()].concat()), ("zeroes", vec![0; raw.len()])] {
        let answer = hinted(&format!("{message}.{}", encoded(bytes)));
        assert_eq!(answer.redirected("error").as_deref(), Some("invalid_request"), "{what}");
    }
}

/// What upkeep does each minute, at the world's time.
fn turns_keys(world: &World) {
    let policy = upkeep::rotation_policy(&world.app.settings).unwrap();
    let now = world.app.now();
    start::rotate(&world.app.db, &world.app.seal, &world.app.random, now, "test", |keys| plan(now, keys, &policy)).unwrap();
    upkeep::reload(&world.app).unwrap();
}

fn published(world: &World) -> Vec<String> {
    let set = world.get("/openid/jwks.json").json();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn own_token(world: &World) -> String {
    let answer = world.token(&world.key("es256"), &[("grant_type", "client_credentials")]);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn tk_14_a_client_that_keeps_the_key_set_as_long_as_it_may_never_meets_an_unknown_key() {
    let world = World::with(&[("signing.rotate_every", "1d"), ("signing.publish_ahead", "1h")]);
    let max_age = Seconds(900);
    assert!(world.get("/openid/jwks.json").header("cache-control").unwrap().contains(&format!("max-age={}", max_age.0)));
    let mut kept = published(&world);
    let mut issued: Vec<(Timestamp, String)> = Vec::new();
    for _ in 0..110 {
        world.advance(Seconds(max_age.0 + 300));
        turns_keys(&world);
        let token = own_token(&world);
        assert!(kept.contains(&kid(&token)), "a key signed before the set of 20 minutes ago had it");
        kept = published(&world);
        issued.push((world.app.now(), token));
    }
    let first = kid(&issued[0].1);
    let last = kid(&issued.last().unwrap().1);
    assert_ne!(first, last, "no rotation happened");
    for (at, token) in &issued {
        let alive = world.app.now().since(*at) < Seconds(86_400);
        assert_eq!(world.is_active(token), alive, "issued {}", at.iso());
        assert!(!alive || kept.contains(&kid(token)));
    }
    world.advance(Seconds::days(27));
    turns_keys(&world);
    assert!(!published(&world).contains(&first));
}

#[test]
fn tk_15_a_key_withdrawn_in_an_emergency_counts_for_nothing_at_once() {
    let world = World::new();
    let scene = Scene::of(&world);
    let gone = kid(&scene.access);
    let policy = upkeep::rotation_policy(&world.app.settings).unwrap();
    let now = world.app.now();
    start::rotate(&world.app.db, &world.app.seal, &world.app.random, now, "test", |keys| {
        withdraw(now, keys, &policy, &gone).unwrap_or_default()
    })
    .unwrap();
    upkeep::reload(&world.app).unwrap();

    assert!(!published(&world).contains(&gone));
    is_no_token(&world, "signed by the withdrawn key", &scene.access);
    scene.is_no_hint("signed by the withdrawn key", &scene.identity);
    let fresh = own_token(&world);
    assert_ne!(kid(&fresh), gone);
    assert!(published(&world).contains(&kid(&fresh)));
    assert!(world.is_active(&fresh));
}

#[test]
fn tk_16_a_token_in_a_url_opens_nothing() {
    let world = World::new();
    let token = world.agent("cv.ada").grants(&world.w())["access_token"].as_str().unwrap().to_owned();
    world.get(&format!("/v1/my/account?access_token={token}")).is_api_error(401, 1000);
    let answer = world.get(&format!("/openid/userinfo?access_token={token}"));
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")));
    let answer = world.post_form(&format!("/openid/userinfo?access_token={token}"), &[]);
    assert_eq!(answer.status, 400);
    // TK-17: the same token at two places.
    let header = format!("Bearer {token}");
    let both = [("authorization", header.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(world.request("POST", "/openid/userinfo", &both, Some(&form(&[("access_token", &token)]))).status, 400);
    assert_eq!(world.request("GET", &format!("/openid/userinfo?access_token={token}"), &both[..1], None).status, 400);
}

#[test]
fn tk_18_a_token_cut_extended_or_written_differently_is_another_token() {
    let world = World::new();
    let scene = Scene::of(&world);
    let opaque = scene.ada.grants(&world.w())["access_token"].as_str().unwrap().to_owned();
    for good in [&opaque, &scene.access] {
        for cut in 1..=40 {
            is_no_token(&world, &format!("cut by {cut}"), &good[..good.len() - cut]);
        }
        for bad in [
            format!("{good}a"),
            format!("{good}A"),
            format!("{good}="),
            format!("{good}."),
            format!("a{good}"),
            good.to_uppercase(),
            good.chars().map(|c| if c == 'a' { 'A' } else { c }).collect(),
            format!("{good},{good}"),
            format!("{good} {good}"),
            format!("\"{good}\""),
        ] {
            is_no_token(&world, &bad, &bad);
        }
        for bad in [
            format!(" {good}"),
            format!("{good} "),
            format!("{good}\t"),
            format!("{good}\n"),
            format!("{good}\0"),
            format!("\u{feff}{good}"),
            good.replacen('a', "\u{430}", 1),
        ] {
            is_no_token_in_a_body(&world, &bad, &bad);
        }
        assert_eq!(world.userinfo(good).status, 200);
    }
}

#[test]
fn tk_19_what_is_not_an_access_token_does_not_pass_for_one() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let code = ada.approves(&w);
    let session = ada.cookie("__Host-latchkey_session").unwrap();
    let (id, secret) = session.split_once('.').unwrap();
    let secret_of_key = w.secret.clone().unwrap();
    for (what, other) in [
        ("refresh token", refresh),
        ("code", &code),
        ("session cookie", &session),
        ("session id", id),
        ("session secret", secret),
        ("device cookie", &ada.cookie("__Host-latchkey_device").unwrap()),
        ("client secret", &secret_of_key),
        ("client id", &w.client_id),
        ("refresh token under another name", &refresh.replacen("lkr_", "lka_", 1)),
        ("code under another name", &code.replacen("lkc_", "lka_", 1)),
    ] {
        let answer = world.userinfo(other);
        assert_eq!(answer.status, 401, "{what}");
        world.my_account(other).is_api_error(401, 1000);
        assert_eq!(world.refresh(&w, other).status, if what == "refresh token" { 200 } else { 400 }, "{what}");
    }
}

#[test]
fn tk_20_a_new_account_under_an_old_name_is_somebody_else() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let old = tokens["access_token"].as_str().unwrap();
    let sub = world.userinfo(old).json()["sub"].as_str().unwrap().to_owned();
    assert!(sub.len() == 26 && sub.bytes().all(|b| b.is_ascii_digit()), "{sub}");

    let mls = "20261001000000000000000001";
    let hash = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().1.unwrap();
    world.change(move |conn| {
        let mls = mls.parse().unwrap();
        let account = |id: &str, roster_key, login_name, active| accounts::NewAccount {
            id: id.parse().unwrap(),
            mls_id: &mls,
            roster_key,
            login_name,
            user_type: "Member",
            active,
            password_hash: Some(&hash),
            profile: r#"{"Name":"Another Ada","Emails":[{"Address":"ada@example.com","Primary":true}]}"#,
        };
        accounts::write(conn, &account("20261001000000000000000101", "cv.ada", "cv.ada.left", false), BEGIN)?;
        accounts::write(conn, &account("20261001000000000000000199", "cv.ada.2", "cv.ada", true), BEGIN)
    });
    assert_eq!(world.userinfo(old).status, 401);
    world.my_account(old).is_api_error(403, 1015);
    assert!(!world.is_active(old));
    world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");

    let fresh = world.agent("cv.ada").grants(&w);
    let said = world.userinfo(fresh["access_token"].as_str().unwrap()).json();
    assert_eq!((said["sub"].as_str(), said["name"].as_str()), (Some("20261001000000000000000199"), Some("Another Ada")));
    assert_eq!(world.userinfo(old).status, 401);
}

#[test]
fn tk_21_nothing_in_a_profile_passes_for_a_claim_of_the_protocol() {
    let world = World::new();
    let mut profile = serde_json::Map::new();
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nonce",
        "acr",
        "amr",
        "azp",
        "sid",
        "at_hash",
        "roles",
        "Roles",
        "scope",
        "active",
        "mls_system_access",
        "user_is_active",
        "UserType",
        "MlsId",
        "email_verified",
        "EmailVerified",
    ] {
        profile.insert(name.to_owned(), json!(if name == "EmailVerified" { json!(false) } else { json!("forged") }));
    }
    profile.insert("Name".to_owned(), json!("Ada \"sub\":\"forged\""));
    let profile = Value::Object(profile).to_string();
    world.change(move |conn| {
        let new = accounts::NewAccount {
            id: "20261001000000000000000101".parse().unwrap(),
            mls_id: &"20261001000000000000000001".parse().unwrap(),
            roster_key: "cv.ada",
            login_name: "cv.ada",
            user_type: "Member",
            active: true,
            password_hash: None,
            profile: &profile,
        };
        accounts::write(conn, &new, BEGIN)
    });
    let wishes = json!({ "id_token": { "sub": null, "iss": null, "aud": { "value": "forged" }, "exp": null, "name": null, "acr": null, "at_hash": null, "mls_system_access": null }, "userinfo": { "sub": null, "iss": null, "roles": null } });
    let (app, ada) = (world.key("es256"), world.agent("cv.ada"));
    let code =
        ada.approves_with(&app, &[("scope", "openid profile email RESO FBS"), ("claims", &wishes.to_string())]).redirected("code").unwrap();
    let tokens = world.exchange(&app, &code).json();
    let access = tokens["access_token"].as_str().unwrap();
    let said = world.userinfo(access);
    assert_eq!(said.json()["sub"], "20261001000000000000000101");
    assert_eq!(said.json()["mls_system_access"], true);
    assert_eq!(said.json()["UserType"], "Member");
    assert_eq!(said.json()["name"], "Ada \"sub\":\"forged\"");
    let identity = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!((&identity["iss"], &identity["aud"]), (&json!(world.issuer), &json!(app.client_id)));
    assert_eq!((&identity["sub"], &identity["exp"]), (&json!("20261001000000000000000101"), &json!(BEGIN.seconds() + 3600)));
    assert_eq!((&identity["nonce"], &identity["mls_system_access"]), (&json!("n-1"), &json!(true)));
    for (what, claims) in [("userinfo", said.json()), ("id_token", identity), ("access token", part(access, 1))] {
        let name = claims.get("name").map(Value::to_string).unwrap_or_default();
        assert!(!claims.to_string().replace(&name, "").contains("forged"), "{what}: {claims}");
    }
    let account = world.my_account(access).json();
    assert_eq!(
        (&account["D"]["Results"][0]["MlsId"], &account["D"]["Results"][0]["Active"]),
        (&json!("20261001000000000000000001"), &json!(true))
    );
    assert_eq!(world.introspect(access)["roles"], json!(["private"]));
}

#[test]
fn tk_24_every_response_type_binds_its_id_token_to_what_comes_with_it() {
    let world = World::new();
    let (app, ada) = (world.key("hybrid"), world.agent("cv.ada"));
    let half = |text: &str| encoded(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref()[..16]);
    ada.approves(&app);
    world.advance(Seconds(90));
    for response_type in ResponseType::ALL {
        let what = response_type.name();
        let answer = ada.approves_with(&app, &[("response_type", what)]);
        let given = |name: &str| answer.redirected(name);
        assert_eq!(given("code").is_some(), response_type.has_code(), "{what}: {answer:?}");
        assert_eq!(given("access_token").is_some(), response_type.has_token(), "{what}");
        assert_eq!(given("id_token").is_some(), response_type.has_id_token(), "{what}");
        if let Some(token) = given("access_token") {
            assert_eq!((given("token_type").as_deref(), given("expires_in").as_deref()), (Some("Bearer"), Some("86400")), "{what}");
            assert_eq!(world.userinfo(&token).status, 200, "{what}");
        }
        let mut tokens = Vec::new();
        if let Some(token) = given("id_token") {
            tokens.push((part(&token, 1), given("access_token"), given("code")));
        }
        if let Some(code) = given("code") {
            let answer = world.exchange(&app, &code).json();
            tokens.push((part(answer["id_token"].as_str().unwrap(), 1), answer["access_token"].as_str().map(str::to_owned), None));
        }
        for (claims, token, code) in tokens {
            assert_eq!(claims.get("at_hash"), token.as_deref().map(|token| json!(half(token))).as_ref(), "{what}: {claims}");
            assert_eq!(claims.get("c_hash"), code.as_deref().map(|code| json!(half(code))).as_ref(), "{what}: {claims}");
            assert_eq!((&claims["nonce"], &claims["acr"]), (&json!("n-1"), &json!("urn:latchkey:acr:password")), "{what}");
            assert_eq!((&claims["auth_time"], &claims["iat"]), (&json!(BEGIN.seconds()), &json!(BEGIN.seconds() + 90)), "{what}");
            assert_eq!((&claims["aud"], &claims["iss"]), (&json!(app.client_id), &json!(world.issuer)), "{what}");
            assert!(claims.get("azp").is_none_or(|azp| *azp == json!(app.client_id)), "{what}");
            // What can be fetched with a token is not sent through the browser.
            assert_eq!(claims.get("name").is_some(), *response_type == ResponseType::IdToken, "{what}");
        }
    }
    // The session's own time survives a refresh; the nonce answered the request and is not repeated (RT-16).
    let refresh = ada.grants(&app)["refresh_token"].as_str().unwrap().to_owned();
    world.advance(Seconds(600));
    let later = part(world.refresh(&app, &refresh).json()["id_token"].as_str().unwrap(), 1);
    assert_eq!((&later["auth_time"], &later["nonce"]), (&json!(BEGIN.seconds()), &Value::Null));
}

#[test]
fn tk_25_a_token_dies_with_its_key_its_person_its_permission_and_its_order() {
    // (what happens, the API's status and number)
    type Change = fn(&World, &Application, &str);
    let person: Change = |world, _, _| {
        world.change(|conn| accounts::set_active(conn, &"20261001000000000000000101".parse().unwrap(), false, BEGIN));
    };
    let key: Change = |world, app, _| {
        let id = app.id;
        world.change(move |conn| keys::set_enabled(conn, id, false, BEGIN));
    };
    let consent: Change = |world, app, _| {
        let id = app.id;
        world.change(move |conn| grants::end_all(conn, &"20261001000000000000000101".parse().unwrap(), id, BEGIN));
    };
    let password: Change = |world, _, _| {
        world.advance(Seconds(1));
        let now = world.app.now();
        world.change(move |conn| accounts::set_password(conn, &"20261001000000000000000101".parse().unwrap(), "x", now));
    };
    let revoked: Change = |world, app, token| {
        assert_eq!(world.as_client(app, "/openid/revoke", &[("token", token)]).status, 200);
    };
    let time: Change = |world, _, _| world.advance(Seconds(86_400));
    for (what, change, status, code) in [
        ("person switched off", person, 403, 1015),
        ("key switched off", key, 401, 1010),
        ("permission taken back", consent, 401, 1020),
        ("password changed", password, 401, 1020),
        ("token revoked", revoked, 401, 1020),
        ("token expired", time, 401, 1020),
    ] {
        for name in ["w", "es256"] {
            let world = World::new();
            let app = world.key(name);
            let tokens = world.agent("cv.ada").grants(&app);
            let token = tokens["access_token"].as_str().unwrap();
            assert_eq!(world.userinfo(token).status, 200);
            change(&world, &app, token);
            let answer = world.userinfo(token);
            assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("invalid_token")), "{what}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
            let answer = world.my_account(token);
            assert_eq!((answer.status, &answer.json()["D"]["Code"]), (status, &json!(code)), "{what}, {name}: {answer:?}");
            assert_eq!(world.introspect(token), json!({ "active": false }), "{what}");
        }
    }
}

#[test]
fn tk_26_unknown_expired_revoked_and_malformed_tokens_are_told_in_the_same_words() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let expired = ada.grants(&w)["access_token"].as_str().unwrap().to_owned();
    world.advance(Seconds(86_400));
    let revoked = ada.grants(&w)["access_token"].as_str().unwrap().to_owned();
    world.as_client(&w, "/openid/revoke", &[("token", &revoked)]);
    let told: Vec<_> = [expired.as_str(), &revoked, "lka_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a.b.c", "nonsense", "-"]
        .into_iter()
        .map(|token| {
            let answer = world.userinfo(token);
            (answer.status, answer.header("www-authenticate").map(str::to_owned), answer.body)
        })
        .collect();
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
}

#[test]
fn tk_28_an_enormous_token_is_refused_before_it_is_read() {
    let world = World::new();
    let scene = Scene::of(&world);
    let claims = part(&scene.access, 1);
    let header = |extra: &str| format!(r#"{{"alg":"ES256","kid":"{}","typ":"at+jwt","x":{extra}}}"#, scene.forger.kid);
    let mut many = claims.clone();
    for n in 0..2000 {
        many[format!("c{n}")] = json!(n);
    }
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let honest = scene.forger.header("at+jwt").to_string();
    let nested = claims.to_string().replacen('{', &format!("{{\"x\":{deep},"), 1);
    for (what, token) in [
        ("a header of 30 KiB", scene.forger.sign(&header(&format!("\"{}\"", "a".repeat(30_720))), &claims.to_string())),
        ("a nested header", scene.forger.sign(&header(&deep), &claims.to_string())),
        ("two thousand claims", scene.forger.sign(&honest, &many.to_string())),
        ("nested claims", scene.forger.sign(&honest, &nested)),
        ("8 KiB and a byte", "a".repeat(8193)),
        ("as many dots", ".".repeat(8192)),
        ("a handle of 30 KiB", format!("lka_{}", "a".repeat(30_720))),
    ] {
        is_no_token(&world, what, &token);
    }
    // Ten thousand claims and a header of 1 MiB do not even fit a body.
    for token in [scene.forger.sign(&header(&format!("\"{}\"", "a".repeat(1 << 20))), "{}"), format!("lka_{}", "a".repeat(1 << 17))] {
        assert_eq!(world.post_form("/openid/userinfo", &[("access_token", &token)]).status, 413);
        assert_eq!(world.as_client(&world.key("resource"), "/openid/introspect", &[("token", &token)]).status, 413);
        let fields = request_of(&scene.app, &[("id_token_hint", &token)]);
        assert_eq!(world.post_form("/openid/authorize", &fields).status, 413);
    }
    assert_eq!(world.userinfo(&scene.access).status, 200);
}
