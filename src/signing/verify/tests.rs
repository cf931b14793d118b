//! Tokens of ours, and tokens that would like to be: most forgeries carry a true signature, so that nothing but the check in
//! question stops them.

use std::sync::LazyLock;

use VerifyRefusal as R;
use aws_lc_rs::hmac;
use serde_json::json;

use super::*;
use crate::base::Random;
use crate::signing::{MasterSecret, Seal, SigningKey, StoredKey};

mod spellings;

const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);
const ISSUER: &str = "https://auth.example";

struct World {
    ring: KeyRing,
    /// RS256, ES256, EdDSA.
    keys: [SigningKey; 3],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let seal = Seal::new(&MasterSecret::parse(MasterSecret::generate(&Random::seeded(1)).expose()).unwrap()).unwrap();
    let rows = Algorithm::ALL.map(|algorithm| StoredKey::generate(algorithm, &seal, &Random::default(), NOW, NOW).unwrap());
    World { ring: KeyRing::load(&seal, &rows).unwrap().0, keys: rows.each_ref().map(|row| row.open(&seal).unwrap()) }
});

fn es256() -> &'static SigningKey {
    &WORLD.keys[1]
}

fn good() -> Value {
    json!({ "iss": ISSUER, "sub": "ada", "aud": ["app", "api"], "exp": NOW.seconds() + 60, "iat": NOW.seconds(), "jti": "1" })
}

/// A token of exactly these texts, truly signed.
fn signed(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(claims.as_bytes()));
    with_signature(&message, &key.signature(message.as_bytes()).unwrap())
}

fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", BASE64URL_NOPAD.encode(signature))
}

fn headed(header: &Value) -> String {
    signed(es256(), &header.to_string(), &good().to_string())
}

fn claiming(claims: &Value) -> String {
    es256().sign("at+jwt", claims).unwrap()
}

/// The good claims, one of them replaced, or left out for no value.
fn but(name: &str, value: Option<Value>) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    if let Some(value) = value {
        claims[name] = value;
    }
    claims
}

fn expecting(typ: &str, expiry: Expiry) -> Expected<'_> {
    Expected { typ, issuer: ISSUER, audience: Some("api"), expiry }
}

fn refusal(token: &str) -> Option<VerifyRefusal> {
    WORLD.ring.verify(token, &expecting("at+jwt", Expiry::Enforced(NOW))).err()
}

#[test]
fn what_each_key_signs_is_read_again() {
    for algorithm in Algorithm::ALL {
        let token = WORLD.ring.sign(algorithm, "at+jwt", &good(), NOW).unwrap();
        let claims = WORLD.ring.verify(&token, &expecting("at+jwt", Expiry::Enforced(NOW))).unwrap();
        assert_eq!(Value::Object(claims), good());
    }
    assert_eq!(refusal(&claiming(&but("aud", Some(json!("api"))))), None);
}

#[test]
fn tk_01_the_algorithm_is_that_of_the_key_and_nothing_the_header_says() {
    let kid = es256().kid();
    for alg in
        [json!("none"), json!("None"), json!("nOnE"), json!(""), json!(1), json!(["ES256"]), json!("RS256"), json!("es256"), json!(null)]
    {
        let token = headed(&json!({ "alg": alg, "kid": kid, "typ": "at+jwt" }));
        assert_eq!(refusal(&token), Some(R::AlgorithmDiffers), "{alg}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(refusal(&unsigned), Some(R::Malformed), "{alg}");
    }
    assert_eq!(refusal(&headed(&json!({ "kid": kid, "typ": "at+jwt" }))), Some(R::AlgorithmDiffers));
}

#[test]
fn tk_02_no_spelling_of_our_public_key_is_an_hmac_secret() {
    for key in &WORLD.keys {
        let jwk = serde_json::to_string(key.jwk()).unwrap();
        let material = serde_json::to_value(key.jwk()).unwrap();
        let bare = ["n", "x"].iter().find_map(|member| material[member].as_str()).unwrap().to_owned();
        let raw = BASE64URL_NOPAD.decode(bare.as_bytes()).unwrap();
        for secret in [jwk.as_bytes(), bare.as_bytes(), &raw, b""] {
            for (alg, hash) in [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)] {
                let header = json!({ "alg": alg, "kid": key.kid(), "typ": "at+jwt" }).to_string();
                let message =
                    format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(good().to_string().as_bytes()));
                let tag = hmac::sign(&hmac::Key::new(hash, secret), message.as_bytes());
                assert_eq!(refusal(&with_signature(&message, tag.as_ref())), Some(R::AlgorithmDiffers), "{alg}");
            }
        }
    }
}

#[test]
fn tk_03_tk_04_a_token_for_one_purpose_does_not_serve_another() {
    for typ in ["JWT", "logout+jwt", "dpop+jwt", "AT+JWT", "application/at+jwt", ""] {
        assert_eq!(refusal(&es256().sign(typ, &good()).unwrap()), Some(R::TypeDiffers), "{typ}");
    }
    assert_eq!(refusal(&headed(&json!({ "alg": "ES256", "kid": es256().kid() }))), Some(R::TypeDiffers));
    let hint = expecting("JWT", Expiry::Ignored);
    assert_eq!(WORLD.ring.verify(&claiming(&good()), &hint), Err(R::TypeDiffers));
}

#[test]
fn tk_04_an_expired_hint_serves_where_the_caller_says_so_and_nowhere_else() {
    let token = es256().sign("JWT", &but("exp", Some(json!(1)))).unwrap();
    assert!(WORLD.ring.verify(&token, &expecting("JWT", Expiry::Ignored)).is_ok());
    assert_eq!(WORLD.ring.verify(&token, &expecting("JWT", Expiry::Enforced(NOW))), Err(R::Expired));
    let any = Expected { audience: None, ..expecting("JWT", Expiry::Ignored) };
    assert!(WORLD.ring.verify(&es256().sign("JWT", &but("aud", None)).unwrap(), &any).is_ok());
}

#[test]
fn tk_05_tk_27_audience_and_issuer_are_compared_byte_by_byte() {
    for aud in [json!("other"), json!(["app"]), json!([]), json!("API"), json!("api ")] {
        assert_eq!(refusal(&claiming(&but("aud", Some(aud.clone())))), Some(R::AudienceDiffers), "{aud}");
    }
    for iss in ["https://other.example", "https://auth.example/", "HTTPS://auth.example", ""] {
        assert_eq!(refusal(&claiming(&but("iss", Some(json!(iss))))), Some(R::IssuerDiffers), "{iss}");
    }
    assert_eq!(refusal(&claiming(&but("iss", None))), Some(R::ClaimMissing("iss")));
    assert_eq!(refusal(&claiming(&but("aud", None))), Some(R::ClaimMissing("aud")));
}

#[test]
fn tk_07_a_kid_is_compared_with_those_we_have_and_never_followed() {
    let long = "a".repeat(1000);
    for kid in ["../../etc/passwd", "https://evil.example/k", "' OR 1=1 --", "\0", "", &long] {
        assert_eq!(refusal(&headed(&json!({ "alg": "ES256", "kid": kid, "typ": "at+jwt" }))), Some(R::UnknownKey), "{kid}");
    }
    assert_eq!(refusal(&headed(&json!({ "alg": "ES256", "kid": 1, "typ": "at+jwt" }))), Some(R::UnknownKey));
    assert_eq!(refusal(&headed(&json!({ "alg": "ES256", "typ": "at+jwt" }))), Some(R::UnknownKey));
}

#[test]
fn tk_08_a_key_in_the_header_is_not_looked_at() {
    let attacker = SigningKey::generate(Algorithm::ES256).unwrap();
    for (name, value) in [
        ("jwk", serde_json::to_value(attacker.jwk()).unwrap()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/x5u")),
        ("x5c", json!(["AAAA"])),
        ("jwk", json!("nonsense")),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": es256().kid(), "typ": "at+jwt" });
        header[name] = value;
        assert_eq!(refusal(&signed(&attacker, &header.to_string(), &good().to_string())), Some(R::SignatureDiffers), "{name}");
        assert_eq!(refusal(&headed(&header)), None, "{name}");
        header["kid"] = json!(attacker.kid());
        assert_eq!(refusal(&signed(&attacker, &header.to_string(), &good().to_string())), Some(R::UnknownKey), "{name}");
    }
}

#[test]
fn tk_09_a_claim_of_the_wrong_type_is_never_taken_for_absent() {
    let wrong = [
        json!("1792800060"),
        json!(1_792_800_060.5),
        json!(-1),
        json!(null),
        json!([1]),
        json!(1e30),
        json!(u64::MAX),
        json!(1_u64 << 53),
        json!({}),
    ];
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for value in &wrong {
            for expiry in [Expiry::Enforced(NOW), Expiry::Ignored] {
                let token = claiming(&but(name, Some(value.clone())));
                assert_eq!(WORLD.ring.verify(&token, &expecting("at+jwt", expiry)), Err(R::ClaimMistyped(name)), "{name} {value}");
            }
        }
    }
    for name in ["exp", "iat"] {
        let token = claiming(&but(name, None));
        assert_eq!(WORLD.ring.verify(&token, &expecting("at+jwt", Expiry::Ignored)), Err(R::ClaimMissing(name)));
    }
    for name in ["iss", "sub", "jti", "sid", "client_id", "azp", "scope", "nonce", "acr"] {
        for value in [json!({}), json!(1), json!(null), json!(["a"])] {
            assert_eq!(refusal(&claiming(&but(name, Some(value)))), Some(R::ClaimMistyped(name)));
        }
    }
    for aud in [json!(1), json!(null), json!(["api", 1]), json!({ "api": true })] {
        assert_eq!(refusal(&claiming(&but("aud", Some(aud)))), Some(R::ClaimMistyped("aud")));
    }
}

#[test]
fn tk_10_a_member_that_stands_twice_is_refused_in_header_and_claims() {
    let kid = es256().kid();
    let header = format!(r#"{{"alg":"ES256","alg":"ES256","kid":"{kid}","typ":"at+jwt"}}"#);
    assert_eq!(refusal(&signed(es256(), &header, &good().to_string())), Some(R::HeaderMalformed));
    let header = format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"at+jwt"}}"#);
    let text = good().to_string();
    for claims in [
        text.replacen('{', r#"{"sub":"eve","#, 1),
        text.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
        format!("{text} {{}}"),
        "[]".to_owned(),
    ] {
        assert_eq!(refusal(&signed(es256(), &header, &claims)), Some(R::ClaimsMalformed), "{claims}");
    }
    assert_eq!(refusal(&signed(es256(), &header, &text)), None);
}

#[test]
fn tk_11_any_crit_is_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!(null), json!("x")] {
        let header = json!({ "alg": "ES256", "kid": es256().kid(), "typ": "at+jwt", "crit": crit, "b64": false });
        assert_eq!(refusal(&headed(&header)), Some(R::Critical), "{crit}");
    }
}

#[test]
fn tk_28_what_is_too_long_is_refused_before_it_is_read() {
    assert_eq!(refusal(&"a".repeat(LONGEST_TOKEN + 1)), Some(R::TooLong));
    let padded = |pad: usize| headed(&json!({ "alg": "ES256", "kid": es256().kid(), "typ": "at+jwt", "x": "a".repeat(pad) }));
    let bare = json!({ "alg": "ES256", "kid": es256().kid(), "typ": "at+jwt", "x": "" }).to_string().len();
    assert_eq!(refusal(&padded(LONGEST_HEADER - bare)), None);
    assert_eq!(refusal(&padded(LONGEST_HEADER - bare + 1)), Some(R::TooLong));
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    let header = json!({ "alg": "ES256", "kid": es256().kid(), "typ": "at+jwt" }).to_string();
    assert_eq!(refusal(&signed(es256(), &header, &deep)), Some(R::ClaimsMalformed));
    for bad in ["", ".", "..", "...", "a.b", "a.b.c.d", "e30.e30.", "e30..e30", ".e30.e30", "e30.e30.e30.e30.e30"] {
        assert!(matches!(refusal(bad), Some(R::Malformed)), "{bad}");
    }
}

#[test]
fn a_token_lives_from_its_beginning_until_just_before_its_end() {
    let at = |offset: i64| json!(NOW.seconds() + offset);
    assert_eq!(refusal(&claiming(&but("exp", Some(at(0))))), Some(R::Expired));
    assert_eq!(refusal(&claiming(&but("exp", Some(at(1))))), None);
    for name in ["iat", "nbf"] {
        assert_eq!(refusal(&claiming(&but(name, Some(at(60))))), None);
        assert_eq!(refusal(&claiming(&but(name, Some(at(61))))), Some(R::NotYetValid));
    }
}
