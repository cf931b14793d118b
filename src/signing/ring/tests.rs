//! Rings of real keys over a few moments.

use jsonwebtoken::decode_header;
use serde_json::{Value, json};

use super::*;
use crate::base::{Random, Seconds};
use crate::signing::MasterSecret;

const NOON: Timestamp = Timestamp::from_seconds(1_792_800_000);

fn seal() -> Seal {
    Seal::new(&MasterSecret::parse(MasterSecret::generate(&Random::seeded(1)).expose()).unwrap()).unwrap()
}

fn key(algorithm: Algorithm, active_from: Timestamp) -> StoredKey {
    StoredKey::generate(algorithm, &seal(), &Random::default(), NOON - Seconds::days(1), active_from).unwrap()
}

fn load(rows: &[StoredKey]) -> KeyRing {
    let (ring, bad) = KeyRing::load(&seal(), rows).unwrap();
    assert!(bad.is_empty(), "{bad:?}");
    ring
}

fn signed_by(ring: &KeyRing, algorithm: Algorithm, now: Timestamp) -> Option<String> {
    let token = ring.sign(algorithm, "JWT", &json!({}), now).ok()?;
    decode_header(&token).unwrap().kid
}

fn published(ring: &KeyRing) -> Vec<String> {
    let document: Value = serde_json::from_slice(&ring.jwks().bytes).unwrap();
    document["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_newest_key_whose_time_has_come_signs() {
    let mut old = key(Algorithm::ES256, NOON - Seconds::hours(5));
    let new = key(Algorithm::ES256, NOON);
    let ring = load(&[new.clone(), old.clone()]);
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON - Seconds(1)), Some(old.kid.clone()));
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON), Some(new.kid.clone()));
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON - Seconds::hours(6)), None);
    old.signs_until = Some(NOON - Seconds(1));
    assert!(ring.replace(&seal(), &[old]).unwrap().is_empty());
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON - Seconds(1)), None);
    assert!(matches!(ring.sign(Algorithm::EdDSA, "JWT", &json!({}), NOON), Err(Fault::Unavailable(_))));
}

#[test]
fn a_key_does_not_sign_before_it_is_published() {
    let mut hasty = key(Algorithm::ES256, NOON - Seconds::hours(1));
    hasty.published_at = NOON;
    let ring = load(std::slice::from_ref(&hasty));
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON - Seconds(1)), None);
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON), Some(hasty.kid));
}

#[test]
fn tk_13_the_jwks_has_rsa_first_a_stable_order_and_no_private_member() {
    let [ed, ec, older_ec, rsa] =
        [key(Algorithm::EdDSA, NOON), key(Algorithm::ES256, NOON), key(Algorithm::ES256, NOON - Seconds(9)), key(Algorithm::RS256, NOON)];
    let order = [&rsa, &ec, &older_ec, &ed].map(|key| key.kid.clone());
    let ring = load(&[ed.clone(), older_ec.clone(), ec.clone(), rsa.clone()]);
    assert_eq!(published(&ring), order);
    let before = ring.jwks();
    assert!(ring.replace(&seal(), &[rsa, ec, ed, older_ec]).unwrap().is_empty());
    assert_eq!((&ring.jwks().bytes, &ring.jwks().etag), (&before.bytes, &before.etag));
    let text = String::from_utf8(before.bytes.clone()).unwrap();
    for private in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\"", "\"oct\"", "\"oth\""] {
        assert!(!text.contains(private), "{private}");
    }
    assert!(before.etag.starts_with('"') && before.etag.len() == 34);
}

#[test]
fn another_set_of_keys_has_another_etag() {
    let [one, two] = [key(Algorithm::ES256, NOON), key(Algorithm::ES256, NOON)];
    let ring = load(std::slice::from_ref(&one));
    let before = ring.jwks().etag.clone();
    assert!(ring.replace(&seal(), &[one, two]).unwrap().is_empty());
    assert_ne!(ring.jwks().etag, before);
}

#[test]
fn tk_15_a_withdrawn_key_leaves_the_jwks_and_signs_no_more() {
    let old = key(Algorithm::ES256, NOON - Seconds::hours(5));
    let mut new = key(Algorithm::ES256, NOON);
    new.withdrawn_at = Some(NOON + Seconds(1));
    let ring = load(&[old.clone(), new]);
    assert_eq!(published(&ring), [old.kid.as_str()]);
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON), Some(old.kid));
    assert_eq!(ring.facts().len(), 2);
}

#[test]
fn cr_02_swapped_private_keys_are_left_out_and_named_while_the_others_go_on() {
    let (mut a, mut b, c) = (key(Algorithm::ES256, NOON), key(Algorithm::ES256, NOON), key(Algorithm::EdDSA, NOON));
    std::mem::swap(&mut a.sealed_private, &mut b.sealed_private);
    let (ring, bad) = KeyRing::load(&seal(), &[a.clone(), b.clone(), c.clone()]).unwrap();
    assert_eq!(bad.iter().map(|bad| &bad.kid).collect::<Vec<_>>(), [&a.kid, &b.kid]);
    assert_eq!(published(&ring), [c.kid.as_str()]);
    assert_eq!(signed_by(&ring, Algorithm::EdDSA, NOON), Some(c.kid));
    assert_eq!(signed_by(&ring, Algorithm::ES256, NOON), None);
    assert_eq!(ring.facts().len(), 1);
}

#[test]
fn a_row_whose_public_half_is_not_its_own_is_left_out() {
    let (mut a, b) = (key(Algorithm::ES256, NOON), key(Algorithm::ES256, NOON));
    a.public_jwk = b.public_jwk.clone();
    let (ring, bad) = KeyRing::load(&seal(), &[a.clone(), b.clone()]).unwrap();
    assert_eq!((bad.len(), published(&ring)), (1, vec![b.kid]));
    a.public_jwk = "{}".to_owned();
    assert_eq!(KeyRing::load(&seal(), &[a]).unwrap().1.len(), 1);
}
