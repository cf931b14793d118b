//! Published vectors, and jsonwebtoken as the independent reader of what we sign.

use std::sync::LazyLock;

use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::{Value, json};

use super::*;

static KEYS: LazyLock<[SigningKey; 3]> = LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap()));

fn read(token: &str, key: &SigningKey) -> Option<Value> {
    let mut lenient = Validation::new(key.algorithm().jose());
    lenient.required_spec_claims.clear();
    lenient.validate_exp = false;
    lenient.validate_aud = false;
    // Read back through the published JWK, as a client does.
    let published: Jwk = serde_json::from_str(&serde_json::to_string(key.jwk()).unwrap()).unwrap();
    decode(token, &DecodingKey::from_jwk(&published).unwrap(), &lenient).ok().map(|token| token.claims)
}

fn verifies(message: &str, signature: &[u8], key: &SigningKey) -> bool {
    let signature = BASE64URL_NOPAD.encode(signature);
    jsonwebtoken::crypto::verify(&signature, message.as_bytes(), key.public(), key.algorithm().jose()).unwrap()
}

#[test]
fn a_client_with_the_published_jwk_verifies_what_each_key_signs() {
    let claims = json!({ "sub": "ü", "aud": ["a"], "exp": 1 });
    for key in KEYS.iter() {
        let token = key.sign("at+jwt", &claims).unwrap();
        assert_eq!(read(&token, key), Some(claims.clone()));
        let header = decode_header(&token).unwrap();
        assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("at+jwt"), Some(key.kid())));
        assert_eq!(header.alg, key.algorithm().jose());
        let stranger = SigningKey::generate(key.algorithm()).unwrap();
        assert_eq!(read(&token, &stranger), None);
    }
}

#[test]
fn a_header_has_alg_kid_and_typ_and_nothing_else() {
    let key = &KEYS[1];
    let token = key.sign("JWT", &json!({})).unwrap();
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    assert_eq!(String::from_utf8(header).unwrap(), format!(r#"{{"alg":"ES256","kid":"{}","typ":"JWT"}}"#, key.kid()));
}

#[test]
fn a_key_survives_its_export_and_keeps_its_name() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        let again = SigningKey::from_pkcs8(key.algorithm(), &der).unwrap();
        assert_eq!(again.kid(), key.kid());
        assert_eq!(again.jwk(), key.jwk());
        assert!(read(&again.sign("JWT", &json!({ "a": 1 })).unwrap(), key).is_some());
    }
}

#[test]
fn a_key_of_another_algorithm_or_a_damaged_one_is_not_read() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        for other in Algorithm::ALL.into_iter().filter(|other| *other != key.algorithm()) {
            assert!(SigningKey::from_pkcs8(other, &der).is_err(), "{other}");
        }
        assert!(SigningKey::from_pkcs8(key.algorithm(), &der[..der.len() - 1]).is_err());
        assert!(SigningKey::from_pkcs8(key.algorithm(), b"").is_err());
    }
}

#[test]
fn tk_13_a_jwk_shows_public_members_only() {
    for (key, members) in KEYS.iter().zip([
        ["alg", "e", "kid", "kty", "n", "use"].as_slice(),
        &["alg", "crv", "kid", "kty", "use", "x", "y"],
        &["alg", "crv", "kid", "kty", "use", "x"],
    ]) {
        let jwk = serde_json::to_value(key.jwk()).unwrap();
        assert_eq!(jwk.as_object().unwrap().keys().collect::<Vec<_>>(), members);
        assert_eq!((&jwk["use"], &jwk["alg"], &jwk["kid"]), (&json!("sig"), &json!(key.algorithm()), &json!(key.kid())));
    }
    let modulus = serde_json::to_value(KEYS[0].jwk()).unwrap()["n"].as_str().unwrap().to_owned();
    assert_eq!(BASE64URL_NOPAD.decode(modulus.as_bytes()).unwrap().len(), 256);
}

#[test]
fn tk_12_an_es256_signature_is_64_bytes_with_the_lower_s() {
    for _ in 0..32 {
        let signature = KEYS[1].signature(b"message").unwrap();
        assert_eq!(signature.len(), 64);
        assert!(low_s::is_low(&signature));
    }
}

#[test]
fn rfc8037_a_4_an_ed25519_key_signs_the_published_signature() {
    let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let public = BASE64URL_NOPAD.decode(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    let key = SigningKey::from_pair(Pair::Ed(Box::new(Ed25519KeyPair::from_seed_and_public_key(&seed, &public).unwrap()))).unwrap();
    // RFC 8037 A.3: the thumbprint of the same key.
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let published = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(BASE64URL_NOPAD.encode(&key.signature(message.as_bytes()).unwrap()), published);
}

#[test]
fn rfc7515_a_3_the_published_es256_signature_verifies_and_so_does_its_lower_spelling() {
    let [d, x, y] = [
        b"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        b"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        b"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]
    .map(|text| BASE64URL_NOPAD.decode(text).unwrap());
    let point = [[4].as_slice(), &x, &y].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &d, &point).unwrap();
    let key = SigningKey::from_pair(Pair::Ec(Box::new(pair))).unwrap();
    let jwk = serde_json::to_value(key.jwk()).unwrap();
    assert_eq!([&jwk["x"], &jwk["y"]], [&json!(BASE64URL_NOPAD.encode(&x)), &json!(BASE64URL_NOPAD.encode(&y))]);

    let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let published = b"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let mut signature = BASE64URL_NOPAD.decode(published).unwrap();
    assert!(verifies(message, &signature, &key));
    assert!(!low_s::is_low(&signature));
    low_s::lower(&mut signature);
    assert!(low_s::is_low(&signature) && verifies(message, &signature, &key));
}

#[test]
fn rfc7515_a_2_the_published_rs256_signature_verifies() {
    let modulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_\
                   YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxv\
                   b3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let message = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ\
                     jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES\
                     c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let public = DecodingKey::from_rsa_components(modulus, "AQAB").unwrap();
    assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &public, Algorithm::RS256.jose()).unwrap());
    // RS256 gives every message one signature only, so what verifies with the vector's rules signs by them too.
    let ours = KEYS[0].signature(message.as_bytes()).unwrap();
    assert!(verifies(message, &ours, &KEYS[0]) && ours == KEYS[0].signature(message.as_bytes()).unwrap());
}

#[test]
fn rfc7638_3_1_the_thumbprint_follows_the_published_vector() {
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W\
              -5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q\
              NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    }))
    .unwrap();
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}
