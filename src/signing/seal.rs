//! Sealing: authenticated encryption of what rests in the database and of what travels through a browser.

use aws_lc_rs::aead::{AES_256_GCM, AES_256_GCM_SIV, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use super::master::MasterSecret;
use crate::base::secret::MacKey;
use crate::base::{Digest, Fault, Random};

/// Names the way a row is sealed, so that a later way can live beside it.
const VERSION: &str = "v1.";

/// The keys derived from the master secret, each for one purpose.
pub struct Seal {
    rows: LessSafeKey,
    flows: LessSafeKey,
    chain: MacKey,
    assertions: MacKey,
    key_id: String,
    check: Digest,
}

impl Seal {
    /// Derives the keys from the master secret.
    pub fn new(master: &MasterSecret) -> Result<Self, Fault> {
        let id = master.derive("public key id")?;
        Ok(Self {
            rows: key(&AES_256_GCM, master, "rows at rest, AES-256-GCM")?,
            // Every sign-in page makes one of these under one key for years, more than random nonces of 96 bits are good for; with SIV
            // a repeated nonce tells no more than that two messages were the same.
            flows: key(&AES_256_GCM_SIV, master, "flow parameters, AES-256-GCM-SIV")?,
            chain: MacKey::new(&*master.derive("chain of the audit, HMAC-SHA256")?),
            assertions: MacKey::new(&*master.derive("assertions of OpenID 2.0, HMAC-SHA256")?),
            key_id: HEXLOWER.encode(id.first_chunk::<8>().map_or(&[], <[u8; 8]>::as_slice)),
            check: Digest::of(master.derive("check value")?.as_slice()),
        })
    }

    /// A short public name of the master secret: 16 hexadecimal digits, which tell nothing of it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What the database keeps to recognise its master secret: `v1.<key id>.<64 hexadecimal digits>`.
    pub fn check_value(&self) -> String {
        format!("{VERSION}{}.{}", self.key_id, self.check.hex())
    }

    /// Compares the master secret with the check value the database keeps.
    ///
    /// # Errors
    /// Both key ids, for the operator who gave the wrong file.
    pub fn verify(&self, check_value: &str) -> Result<(), Fault> {
        let kept = check_value.strip_prefix(VERSION).and_then(|rest| rest.split_once('.'));
        let Some((id, digest)) = kept.and_then(|(id, hex)| Some((id, Digest::from_hex(hex)?))) else {
            return Err(Fault::broken("the database's check value of its master secret cannot be read"));
        };
        if id == self.key_id && digest.matches(&self.check) {
            return Ok(());
        }
        Err(Fault::broken(format!("this database was sealed with the master secret {id}, the one given is {}", self.key_id)))
    }

    /// Encrypts `plain` for one `place` (`table/column/row`) as `v1.<base64url>`; at any other place it does not open.
    pub fn seal(&self, place: &str, plain: &[u8], random: &Random) -> Result<String, Fault> {
        Ok(format!("{VERSION}{}", BASE64URL_NOPAD.encode(&encrypt(&self.rows, place.as_bytes(), plain, random)?)))
    }

    /// Decrypts what was sealed for `place`.
    ///
    /// # Errors
    /// The place, when the text was altered, moved there from another row or column, or sealed under another master secret.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        sealed
            .strip_prefix(VERSION)
            .and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok())
            .and_then(|bytes| decrypt(&self.rows, place.as_bytes(), bytes))
            .ok_or_else(|| {
                Fault::broken(format!("what is sealed at {place} does not open: it was altered, moved or sealed under another key"))
            })
    }

    /// The link of a chain that ties `text` to the link `before`: 64 hexadecimal digits, which nobody finds without the master secret.
    pub fn link(&self, before: &str, text: &[u8]) -> String {
        HEXLOWER.encode(&self.chain.tag(&[&framed(before, text)]))
    }

    /// The signature of an OpenID 2.0 assertion: HMAC-SHA256 in base64.
    pub fn vouch(&self, text: &[u8]) -> String {
        BASE64.encode(&self.assertions.tag(&[text]))
    }

    /// Encrypts a parameter that a browser carries for a while, for one `purpose` and bound to what that browser holds; base64url.
    ///
    /// It says nothing of time: a moment it expires at belongs into `plain`.
    pub fn seal_flow(&self, purpose: &str, bound_to: &[u8], plain: &[u8], random: &Random) -> Result<String, Fault> {
        Ok(BASE64URL_NOPAD.encode(&encrypt(&self.flows, &framed(purpose, bound_to), plain, random)?))
    }

    /// Decrypts what [`Seal::seal_flow`] wrote for the same purpose and binding.
    ///
    /// Refuses: anything else, second spellings of the same bytes included.
    pub fn open_flow(&self, purpose: &str, bound_to: &[u8], text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        decrypt(&self.flows, &framed(purpose, bound_to), bytes).map(|mut plain| std::mem::take(&mut *plain))
    }
}

fn key(algorithm: &'static Algorithm, master: &MasterSecret, purpose: &str) -> Result<LessSafeKey, Fault> {
    let bytes = master.derive(purpose)?;
    UnboundKey::new(algorithm, bytes.as_slice()).map(LessSafeKey::new).map_err(|_| Fault::broken("a derived key does not fit its cipher"))
}

/// The length goes first: no two pairs read the same.
fn framed(purpose: &str, bound_to: &[u8]) -> Vec<u8> {
    let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX);
    [length.to_be_bytes().as_slice(), purpose.as_bytes(), bound_to].concat()
}

/// Nonce, ciphertext, tag.
fn encrypt(key: &LessSafeKey, bound: &[u8], plain: &[u8], random: &Random) -> Result<Vec<u8>, Fault> {
    let nonce = random.bytes::<NONCE_LEN>();
    let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let tag = out
        .get_mut(NONCE_LEN..)
        .and_then(|text| key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), text).ok())
        .ok_or_else(|| Fault::broken("sealing failed"))?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

fn decrypt(key: &LessSafeKey, bound: &[u8], bytes: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(bytes);
    let (nonce, text) = bytes.split_first_chunk_mut::<NONCE_LEN>()?;
    let plain = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(bound), text).ok()?;
    Some(Zeroizing::new(plain.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_with(seed: u64) -> Seal {
        let text = MasterSecret::generate(&Random::seeded(seed));
        Seal::new(&MasterSecret::parse(text.expose()).unwrap()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let (seal, random) = (sealed_with(1), Random::default());
        for plain in [b"".as_slice(), b"x", &[7; 5000]] {
            let sealed = seal.seal("signing_keys/private/k1", plain, &random).unwrap();
            assert!(sealed.starts_with("v1."));
            assert_eq!(seal.open("signing_keys/private/k1", &sealed).unwrap().as_slice(), plain);
        }
    }

    #[test]
    fn cr_02_a_ciphertext_moved_to_another_row_or_column_does_not_open() {
        let (seal, random) = (sealed_with(1), Random::default());
        let sealed = seal.seal("signing_keys/private/k1", b"private", &random).unwrap();
        for place in ["signing_keys/private/k2", "signing_keys/public/k1", "totp/secret/k1", "signing_keys/private/k1 ", ""] {
            let Err(Fault::Broken(why)) = seal.open(place, &sealed) else { panic!("opened at {place}") };
            assert!(why.contains(place) && !why.contains("v1."), "{why}");
        }
    }

    #[test]
    fn an_altered_or_respelled_ciphertext_does_not_open() {
        let (seal, random) = (sealed_with(1), Random::default());
        let sealed = seal.seal("p", b"private", &random).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(seal.open("p", std::str::from_utf8(&altered).unwrap()).is_err(), "byte {at}");
            assert!(seal.open("p", sealed.split_at(at).0).is_err(), "cut to {at}");
        }
        for other in [format!("{sealed}="), format!("{sealed}\n"), format!(" {sealed}"), sealed.replacen("v1.", "v2.", 1)] {
            assert!(seal.open("p", &other).is_err(), "{other}");
        }
    }

    #[test]
    fn cr_01_equal_secrets_do_not_look_equal_and_another_master_secret_opens_nothing() {
        let (seal, random) = (sealed_with(1), Random::default());
        let sealed = seal.seal("p", b"private", &random).unwrap();
        assert_ne!(sealed, seal.seal("p", b"private", &random).unwrap());
        assert!(sealed_with(2).open("p", &sealed).is_err());
    }

    #[test]
    fn cr_03_a_wrong_master_secret_is_recognised_and_both_key_ids_are_named() {
        let (right, wrong) = (sealed_with(1), sealed_with(2));
        assert!(right.verify(&right.check_value()).is_ok());
        assert!(sealed_with(1).verify(&right.check_value()).is_ok());
        let Err(Fault::Broken(why)) = wrong.verify(&right.check_value()) else { panic!("accepted") };
        assert!(why.contains(right.key_id()) && why.contains(wrong.key_id()), "{why}");
        // The id alone does not convince, nor does anything that cannot be read.
        let forged = right.check_value().replace(right.key_id(), wrong.key_id());
        for bad in [forged.as_str(), "", "v1.", "v1..", "v1.0123456789abcdef.00"] {
            assert!(wrong.verify(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_flow_parameter_opens_only_for_its_purpose_and_its_browser() {
        let (seal, random) = (sealed_with(1), Random::default());
        let text = seal.seal_flow("sign-in", b"browser", b"request", &random).unwrap();
        assert_eq!(seal.open_flow("sign-in", b"browser", &text).unwrap(), b"request");
        for (purpose, browser) in [("consent", b"browser".as_slice()), ("sign-in", b"other"), ("sign-inb", b"rowser"), ("sign-in", b"")] {
            assert!(seal.open_flow(purpose, browser, &text).is_none(), "{purpose}");
        }
        assert!(sealed_with(2).open_flow("sign-in", b"browser", &text).is_none());
        // A row is no flow parameter, even where the bound bytes would agree.
        let row = seal.seal("", b"request", &random).unwrap();
        assert!(seal.open_flow("", b"", row.trim_start_matches("v1.")).is_none());
    }

    #[test]
    fn a_flow_parameter_has_one_spelling() {
        let (seal, random) = (sealed_with(1), Random::default());
        // 12 + 1 + 16 bytes: the last of the 39 characters carries bits that mean nothing and must be zero.
        let text = seal.seal_flow("p", b"", b"x", &random).unwrap();
        let (body, last) = text.split_at(text.len() - 1);
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n".chars().filter(|c| !last.contains(*c)) {
            assert!(seal.open_flow("p", b"", &format!("{body}{other}")).is_none(), "{other:?}");
        }
        assert!(seal.open_flow("p", b"", &format!("{text}=")).is_none());
    }
}
