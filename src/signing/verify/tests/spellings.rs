//! A token has one spelling: no other form of its signature, and no changed character, is taken.

use super::*;

#[test]
fn tk_12_every_other_form_of_an_ecdsa_signature_is_refused() {
    let token = claiming(&good());
    let (message, text) = token.rsplit_once('.').unwrap();
    let true_one = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let (r, s) = true_one.split_at(32);
    let der = [&[0x30, 68, 2, 32], r, &[2, 32], s].concat();
    let zero = [0; 32];
    let long = [true_one.as_slice(), &[0]].concat();
    let before = [&[0], true_one.as_slice()].concat();
    for forged in
        [vec![0; 64], [r, &zero].concat(), [&zero, s].concat(), r.to_vec(), true_one[..63].to_vec(), der, [s, r].concat(), long, before]
    {
        assert_eq!(refusal(&with_signature(message, &forged)), Some(R::SignatureDiffers), "{forged:?}");
    }
    assert_eq!(refusal(&with_signature(message, &true_one)), None);
}

#[test]
fn tk_12_the_second_value_of_s_that_mathematics_allows_is_refused() {
    let token = claiming(&good());
    let (message, text) = token.rsplit_once('.').unwrap();
    let low = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let high = low_s::raised(&low);
    let valid = jsonwebtoken::crypto::verify(&BASE64URL_NOPAD.encode(&high), message.as_bytes(), es256().public(), Algorithm::ES256.jose());
    assert!(valid.unwrap(), "the library takes it");
    assert_eq!(refusal(&with_signature(message, &high)), Some(R::SignatureDiffers));
}

#[test]
fn tk_12_an_rsa_signature_without_its_leading_zero_or_with_one_more_is_refused() {
    let key = &WORLD.keys[0];
    // One signature in 256 begins with a zero byte.
    let (token, short) = (0..20_000)
        .find_map(|n| {
            let token = key.sign("at+jwt", &but("jti", Some(json!(n.to_string())))).unwrap();
            let bytes = BASE64URL_NOPAD.decode(token.rsplit_once('.').unwrap().1.as_bytes()).unwrap();
            (bytes[0] == 0).then(|| (token, bytes[1..].to_vec()))
        })
        .unwrap();
    assert_eq!(refusal(&token), None);
    let message = token.rsplit_once('.').unwrap().0;
    assert_eq!(refusal(&with_signature(message, &short)), Some(R::SignatureDiffers));
    assert_eq!(refusal(&with_signature(message, &[&[0, 0], short.as_slice()].concat())), Some(R::SignatureDiffers));
}

#[test]
fn tk_18_no_character_of_a_token_can_be_changed_added_or_left_out() {
    for algorithm in Algorithm::ALL {
        let token = WORLD.ring.sign(algorithm, "at+jwt", &good(), NOW).unwrap();
        for cut in 1..=40 {
            assert!(refusal(token.split_at(token.len() - cut).0).is_some(), "{cut} less");
        }
        for other in [" ", "\t", "\0", "\n", "=", "A", "."] {
            assert!(refusal(&format!("{token}{other}")).is_some(), "{other:?} behind");
            assert!(refusal(&format!("{other}{token}")).is_some(), "{other:?} before");
        }
        for (at, letter) in token.char_indices().filter(|(_, letter)| letter.is_ascii_alphabetic()) {
            let flipped = if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
            let changed: String = token.char_indices().map(|(here, c)| if here == at { flipped } else { c }).collect();
            assert!(refusal(&changed).is_some(), "{letter} at {at}");
        }
    }
}
