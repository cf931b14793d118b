//! Using a refresh token: rotation by generation.

use crate::base::Timestamp;
use crate::protocol::client::Client;
use crate::protocol::grant::{Grant, REFRESH_GRACE};
use crate::protocol::scope::Scopes;

use super::TokenRefusal;
use super::request::RefreshGrant;

/// What the store is to do, by an update that expects the generation this was judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshing {
    /// The generation goes up by one; the new refresh token replaces the old.
    Rotate,
    /// The same refresh token is answered (again): nothing changes.
    Repeat,
    /// Somebody holds a token he should not have: the family ends.
    EndFamily(TokenRefusal),
    /// No change.
    Refuse(TokenRefusal),
}

/// Decides what using `asked` does.
///
/// Reuse is judged before expiry.
/// Spec: RFC 6749 §6, §10.4, RFC 9700 §4.14.2
pub fn refresh(
    grant: &Grant,
    client: &Client,
    asked: &RefreshGrant,
    person_active: bool,
    floors: [Option<Timestamp>; 2],
    now: Timestamp,
) -> Refreshing {
    if let Err(lapse) = grant.serves(floors, now) {
        return Refreshing::Refuse(TokenRefusal::GrantOver(lapse));
    }
    if grant.key_id != client.key_id {
        return Refreshing::EndFamily(TokenRefusal::RefreshOfOtherClient);
    }
    let presented = asked.token.generation;
    let outcome = if !client.policy.rotates && presented == grant.generation {
        Refreshing::Repeat
    } else if presented == grant.generation {
        Refreshing::Rotate
    } else if presented.checked_add(1) == Some(grant.generation) && now <= grant.rotated_at + REFRESH_GRACE {
        Refreshing::Repeat
    } else {
        return Refreshing::EndFamily(TokenRefusal::RefreshReused);
    };
    if now >= asked.token.expires {
        return Refreshing::Refuse(TokenRefusal::RefreshExpired);
    }
    if !person_active {
        return Refreshing::Refuse(TokenRefusal::PersonInactive);
    }
    if asked.redirect_uri.as_ref().is_some_and(|uri| *uri != grant.redirect_uri) {
        return Refreshing::Refuse(TokenRefusal::RedirectDiffers);
    }
    outcome
}

/// The scope of the access token to be minted: what was granted, cut to what the key may still have and to what was asked.
///
/// Refuses: a scope that is unknown, beyond the grant, or spaces alone.
/// Spec: RFC 6749 §6
pub fn scope(grant: &Grant, client: &Client, asked: Option<&str>) -> Result<Scopes, TokenRefusal> {
    let granted = grant.scope.and(client.scopes());
    match asked {
        None => Ok(granted),
        Some(text) => match Scopes::exactly(text) {
            Some(asked) if !asked.is_empty() && asked.within(granted) => Ok(asked),
            _ => Err(TokenRefusal::ScopeBeyondGrant),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::base::id::KeyId;
    use crate::protocol::client::{ClientKind, Lifetimes, Policy};
    use crate::protocol::grant::tests::sample;
    use crate::protocol::handle::{Handle, Kind, Owner};

    const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);

    fn client(id: i64) -> Client {
        Client {
            key_id: KeyId(id),
            client_id: "w".into(),
            kind: ClientKind::Confidential,
            enabled: true,
            openid_enabled: true,
            redirect_uris: vec![],
            secrets: vec![],
            policy: Policy::default(),
            lifetimes: Lifetimes::default(),
            tokens_valid_after: None,
        }
    }

    fn asks(generation: u32) -> RefreshGrant {
        let token = Handle {
            kind: Kind::Refresh,
            owner: Owner::Grant(sample(NOW).id),
            generation,
            issued: NOW,
            expires: NOW + Seconds::days(90),
            nonce: 0,
            scope: None,
        };
        RefreshGrant { token, scope: None, redirect_uri: None }
    }

    fn judged(grant: &Grant, generation: u32, at: Timestamp) -> Refreshing {
        refresh(grant, &client(1), &asks(generation), true, [None, None], at)
    }

    #[test]
    fn rt_01_to_rt_05_only_the_present_token_and_for_half_a_minute_the_one_before_it() {
        let grant = Grant { generation: 2, ..sample(NOW) };
        assert_eq!(judged(&grant, 2, NOW), Refreshing::Rotate);
        assert_eq!(judged(&grant, 1, NOW + Seconds(30)), Refreshing::Repeat);
        assert_eq!(judged(&grant, 1, NOW + Seconds(31)), Refreshing::EndFamily(TokenRefusal::RefreshReused));
        assert_eq!(judged(&grant, 0, NOW), Refreshing::EndFamily(TokenRefusal::RefreshReused));
    }

    #[test]
    fn rt_07_another_clients_refresh_token_has_leaked() {
        assert_eq!(
            refresh(&sample(NOW), &client(2), &asks(0), true, [None, None], NOW),
            Refreshing::EndFamily(TokenRefusal::RefreshOfOtherClient)
        );
    }

    #[test]
    fn rt_10_rt_11_rt_15_person_floors_and_absolute_time_are_asked_again() {
        let grant = sample(NOW);
        assert_eq!(refresh(&grant, &client(1), &asks(0), false, [None, None], NOW), Refreshing::Refuse(TokenRefusal::PersonInactive));
        assert!(matches!(
            refresh(&grant, &client(1), &asks(0), true, [Some(NOW + Seconds(1)), None], NOW),
            Refreshing::Refuse(TokenRefusal::GrantOver(_))
        ));
        assert_eq!(judged(&grant, 0, NOW + Seconds::days(90)), Refreshing::Refuse(TokenRefusal::RefreshExpired));
        assert!(matches!(judged(&grant, 0, NOW + Seconds::days(365)), Refreshing::Refuse(TokenRefusal::GrantOver(_))));
    }

    #[test]
    fn rt_08_rt_24_a_scope_is_never_wider_than_the_grant_or_the_key() {
        let grant = sample(NOW);
        assert_eq!(scope(&grant, &client(1), None).unwrap().to_string(), "openid email");
        assert_eq!(scope(&grant, &client(1), Some("email")).unwrap().to_string(), "email");
        assert_eq!(scope(&grant, &client(1), Some("email phone")), Err(TokenRefusal::ScopeBeyondGrant));
        assert_eq!(scope(&grant, &client(1), Some("sparkly")), Err(TokenRefusal::ScopeBeyondGrant));
        assert_eq!(scope(&grant, &client(1), Some(" ")), Err(TokenRefusal::ScopeBeyondGrant));
        let cut = Client { policy: Policy { scopes: Some("openid".into()), ..Policy::default() }, ..client(1) };
        assert_eq!(scope(&grant, &cut, None).unwrap().to_string(), "openid");
    }

    #[test]
    fn a_key_without_rotation_keeps_its_token() {
        let fapi = Client { policy: Policy { rotates: false, ..Policy::default() }, ..client(1) };
        assert_eq!(refresh(&sample(NOW), &fapi, &asks(0), true, [None, None], NOW), Refreshing::Repeat);
    }
}
