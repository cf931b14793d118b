//! Redeeming a code: what the grant's row and the request together decide.

use crate::base::Timestamp;
use crate::base::id::KeyId;
use crate::protocol::grant::{Grant, GrantState};

use super::TokenRefusal;
use super::request::CodeGrant;

/// What the store is to do; it obeys with a conditional update, so that of two equal requests one finds the other's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redemption {
    /// Good: `offered` becomes `active`, and tokens are minted.
    Spend,
    /// The code's own client failed: the code is used up all the same (`offered` becomes `ended`).
    UseUp(TokenRefusal),
    /// A proven replay: the family ends.
    EndFamily(TokenRefusal),
    /// No change.
    Refuse(TokenRefusal),
}

/// What the machine knows besides the grant's row.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The person may use the platform.
    pub person_active: bool,
    /// The browser session in which the code was given is not over.
    pub session_alive: bool,
    /// The moments before which the person's and the key's tokens are dead.
    pub floors: [Option<Timestamp>; 2],
}

/// Decides a code's fate.
///
/// Replay is judged before expiry, so that a late replay still ends what a thief got; and by proof, so that a stolen code alone ends nobody's session.
/// Spec: RFC 6749 §4.1.3, §10.5, RFC 7636 §4.6, RFC 9700 §2.1.1
pub fn redeem(grant: &Grant, client: KeyId, asked: &CodeGrant, standing: Standing, now: Timestamp) -> Redemption {
    if grant.key_id != client {
        return Redemption::Refuse(TokenRefusal::CodeOfOtherClient);
    }
    let proof = proof(grant, asked);
    match grant.state {
        GrantState::Active if proof.is_ok() => Redemption::EndFamily(TokenRefusal::CodeReplayed),
        GrantState::Active => Redemption::Refuse(TokenRefusal::CodeReplayUnproven),
        GrantState::Ended => Redemption::Refuse(TokenRefusal::CodeReplayed),
        GrantState::Offered => {
            let good = proof.and_then(|()| still_good(grant, asked, standing, now));
            good.map_or_else(Redemption::UseUp, |()| Redemption::Spend)
        }
    }
}

fn proof(grant: &Grant, asked: &CodeGrant) -> Result<(), TokenRefusal> {
    if asked.redirect_uri.as_deref() != Some(grant.redirect_uri.as_str()) {
        return Err(TokenRefusal::RedirectDiffers);
    }
    match (&grant.challenge, asked.verifier.as_deref()) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(TokenRefusal::PkceDowngrade),
        (Some(_), None) => Err(TokenRefusal::VerifierMissing),
        (Some(challenge), Some(verifier)) if challenge.answered_by(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(TokenRefusal::VerifierWrong),
    }
}

fn still_good(grant: &Grant, asked: &CodeGrant, standing: Standing, now: Timestamp) -> Result<(), TokenRefusal> {
    if now >= asked.code.expires || now >= grant.offer_ends {
        return Err(TokenRefusal::CodeExpired);
    }
    if !standing.person_active {
        return Err(TokenRefusal::PersonInactive);
    }
    if !standing.session_alive {
        return Err(TokenRefusal::SessionOver);
    }
    grant.not_over(standing.floors, now).map_err(TokenRefusal::GrantOver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::protocol::grant::tests::sample;
    use crate::protocol::handle::{Handle, Kind, Owner};
    use crate::protocol::pkce::Challenge;

    const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);
    const GOOD: Standing = Standing { person_active: true, session_alive: true, floors: [None, None] };
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn offered() -> Grant {
        Grant { state: GrantState::Offered, challenge: Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ..sample(NOW) }
    }

    fn asks(grant: &Grant, redirect_uri: &str, verifier: Option<&str>) -> CodeGrant {
        let code = Handle {
            kind: Kind::Code,
            owner: Owner::Grant(grant.id),
            generation: 0,
            issued: grant.offered_at,
            expires: grant.offer_ends,
            nonce: 0,
            scope: None,
        };
        CodeGrant { code, redirect_uri: (!redirect_uri.is_empty()).then(|| redirect_uri.into()), verifier: verifier.map(str::to_owned) }
    }

    fn fate(grant: &Grant, redirect_uri: &str, verifier: Option<&str>) -> Redemption {
        redeem(grant, grant.key_id, &asks(grant, redirect_uri, verifier), GOOD, NOW)
    }

    #[test]
    fn a_good_code_is_spent() {
        assert_eq!(fate(&offered(), "https://app.example/cb", Some(VERIFIER)), Redemption::Spend);
    }

    #[test]
    fn pk_06_pk_07_ru_21_a_failed_try_of_its_own_client_uses_the_code_up() {
        for (uri, verifier, why) in [
            ("https://app.example/cb", None, TokenRefusal::VerifierMissing),
            ("https://app.example/cb", Some("x"), TokenRefusal::VerifierWrong),
            ("https://APP.example/cb", Some(VERIFIER), TokenRefusal::RedirectDiffers),
            ("", Some(VERIFIER), TokenRefusal::RedirectDiffers),
        ] {
            assert_eq!(fate(&offered(), uri, verifier), Redemption::UseUp(why));
        }
    }

    #[test]
    fn pk_09_a_verifier_without_challenge_fails() {
        let grant = Grant { challenge: None, ..offered() };
        assert_eq!(fate(&grant, "https://app.example/cb", Some(VERIFIER)), Redemption::UseUp(TokenRefusal::PkceDowngrade));
        assert_eq!(fate(&grant, "https://app.example/cb", None), Redemption::Spend);
    }

    #[test]
    fn cd_01_cd_05_a_replay_ends_the_family_only_with_proof_and_however_late() {
        let active = Grant { state: GrantState::Active, ..offered() };
        assert_eq!(fate(&active, "https://app.example/cb", Some(VERIFIER)), Redemption::EndFamily(TokenRefusal::CodeReplayed));
        assert_eq!(fate(&active, "https://app.example/cb", Some("wrong")), Redemption::Refuse(TokenRefusal::CodeReplayUnproven));
        let late = redeem(&active, active.key_id, &asks(&active, "https://app.example/cb", Some(VERIFIER)), GOOD, NOW + Seconds::days(30));
        assert_eq!(late, Redemption::EndFamily(TokenRefusal::CodeReplayed));
    }

    #[test]
    fn cd_02_another_client_neither_redeems_nor_spoils_a_code() {
        let grant = offered();
        let fate = redeem(&grant, KeyId(2), &asks(&grant, "https://app.example/cb", Some(VERIFIER)), GOOD, NOW);
        assert_eq!(fate, Redemption::Refuse(TokenRefusal::CodeOfOtherClient));
    }

    #[test]
    fn cd_03_cd_10_time_person_session_and_floors_are_asked_again() {
        let grant = offered();
        let asked = asks(&grant, "https://app.example/cb", Some(VERIFIER));
        assert_eq!(redeem(&grant, grant.key_id, &asked, GOOD, NOW + Seconds(59)), Redemption::Spend);
        assert_eq!(redeem(&grant, grant.key_id, &asked, GOOD, NOW + Seconds(60)), Redemption::UseUp(TokenRefusal::CodeExpired));
        for (standing, why) in [
            (Standing { person_active: false, ..GOOD }, TokenRefusal::PersonInactive),
            (Standing { session_alive: false, ..GOOD }, TokenRefusal::SessionOver),
            (
                Standing { floors: [Some(NOW + Seconds(1)), None], ..GOOD },
                TokenRefusal::GrantOver(crate::protocol::grant::Lapse::Superseded),
            ),
        ] {
            assert_eq!(redeem(&grant, grant.key_id, &asked, standing, NOW + Seconds(2)), Redemption::UseUp(why));
        }
    }
}
