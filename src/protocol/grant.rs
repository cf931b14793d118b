//! A grant: one permission given by one person to one key. Everything issued hangs on it, and it is one row for its whole life.

use crate::base::id::{AccountId, ConsumerId, ConsumerSessionId, ContactId, GrantId, KeyId, SessionId};
use crate::base::{Seconds, Timestamp};

use super::client::{Client, words};
use super::handle::{Handle, Kind, MacRing, Owner};
use super::pkce::Challenge;
use super::scope::Scopes;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// For this long after a rotation the token before it is answered with the same successor again:
/// a lost answer or two racing tabs never cost a session.
pub const REFRESH_GRACE: Seconds = Seconds(30);

words! {
    /// Where a grant is in its life; it never goes back.
    GrantState {
        /// The person approved; the code is out.
        Offered = "offered",
        /// The code was redeemed.
        Active = "active",
        /// Revoked, replayed or expired.
        Ended = "ended",
    }
}

words! {
    /// In which role a consumer's tokens act, whatever the key's own role is.
    ConsumerRole {
        /// At a third party's site.
        Vow = "vow",
        /// In the platform's own family of applications.
        Portal = "portal",
    }
}

/// A consumer who gave a permission: it speaks for him, with one agent and by one contact of that agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The consumer.
    pub consumer_id: ConsumerId,
    /// The agent's contact that the consumer is.
    pub contact_id: ContactId,
    /// In which role.
    pub role: ConsumerRole,
    /// The browser session it was given in.
    pub session_id: ConsumerSessionId,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: GrantId,
    /// To whom it was given.
    pub key_id: KeyId,
    /// By whom; where a consumer gave it, the agent with whom it acts.
    pub account_id: AccountId,
    /// The consumer who gave it, if it was one.
    pub consumer: Option<Acting>,
    /// Where it is in its life.
    pub state: GrantState,
    /// What was approved.
    pub scope: Scopes,
    /// To be echoed in the ID token.
    pub nonce: Option<String>,
    /// What the code is bound to.
    pub challenge: Option<Challenge>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The request's `claims` parameter, as it came.
    pub claims: Option<String>,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// The account's browser session it was given in.
    pub session_id: Option<SessionId>,
    /// When the person approved.
    pub offered_at: Timestamp,
    /// When the code stops to be good.
    pub offer_ends: Timestamp,
    /// When all of it ends, however often it is refreshed.
    pub ends_at: Timestamp,
    /// How often it was refreshed.
    pub generation: u32,
    /// When it was last refreshed (or redeemed).
    pub rotated_at: Timestamp,
    /// An access token went out with the code (hybrid), so tokens are good before the code is redeemed.
    pub front_channel: bool,
    /// At least one single access token of it was revoked.
    pub some_revoked: bool,
}

/// Why nothing that hangs on a grant is good any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// Revoked, replayed or expired.
    Ended,
    /// Its code was never redeemed.
    NotRedeemed,
    /// Its absolute time is over.
    Expired,
    /// The person or the key had all tokens of before a certain moment declared dead.
    Superseded,
}

impl Grant {
    /// Whom the tokens are about: the `sub` of everything issued.
    pub fn subject(&self) -> &str {
        self.consumer.as_ref().map_or(self.account_id.as_str(), |acting| acting.consumer_id.as_str())
    }

    /// The browser session it was given in, as ID tokens name it.
    pub fn sid(&self) -> Option<String> {
        let consumers = self.consumer.as_ref().map(|acting| acting.session_id.to_string());
        consumers.or_else(|| self.session_id.map(|id| id.to_string()))
    }

    /// Whether tokens that hang on this grant are good, as far as the grant itself can tell.
    ///
    /// Refuses: see [`Lapse`]. `floors` are the moments before which the person's and the key's tokens are dead.
    pub fn serves(&self, floors: [Option<Timestamp>; 2], now: Timestamp) -> Result<(), Lapse> {
        match self.state {
            GrantState::Ended => return Err(Lapse::Ended),
            GrantState::Offered if !self.front_channel => return Err(Lapse::NotRedeemed),
            GrantState::Offered | GrantState::Active => {}
        }
        self.not_over(floors, now)
    }

    /// Whether the grant's time has not run out, whatever its state.
    pub fn not_over(&self, floors: [Option<Timestamp>; 2], now: Timestamp) -> Result<(), Lapse> {
        if now >= self.ends_at {
            return Err(Lapse::Expired);
        }
        let [person, key] = floors;
        // The person's counts from the sign-in: a permission written down a moment after it still hangs on the old password.
        if person.is_some_and(|floor| self.auth_time < floor) || key.is_some_and(|floor| self.offered_at < floor) {
            return Err(Lapse::Superseded);
        }
        Ok(())
    }

    /// The code of this grant. There is exactly one, and it can be made again from the row.
    pub fn code(&self, macs: &MacRing) -> Option<String> {
        macs.write(&Handle {
            kind: Kind::Code,
            owner: Owner::Grant(self.id),
            generation: 0,
            issued: self.offered_at,
            expires: self.offer_ends,
            nonce: 0,
            scope: None,
        })
    }

    /// The refresh token of the grant's present generation. It can be made again from the row, which is what makes a retry harmless.
    pub fn refresh_token(&self, client: &Client, macs: &MacRing) -> Option<String> {
        macs.write(&Handle {
            kind: Kind::Refresh,
            owner: Owner::Grant(self.id),
            generation: self.generation,
            issued: self.rotated_at,
            expires: (self.rotated_at + client.lifetimes.refresh_sliding).min(self.ends_at),
            nonce: 0,
            scope: None,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample(now: Timestamp) -> Grant {
        Grant {
            id: GrantId(9),
            key_id: KeyId(1),
            account_id: "20261123014000123456789012".parse().unwrap(),
            consumer: None,
            state: GrantState::Active,
            scope: Scopes::known("openid email"),
            nonce: None,
            challenge: None,
            redirect_uri: "https://app.example/cb".into(),
            claims: None,
            auth_time: now,
            session_id: None,
            offered_at: now,
            offer_ends: now + Seconds(60),
            ends_at: now + Seconds::days(365),
            generation: 0,
            rotated_at: now,
            front_channel: false,
            some_revoked: false,
        }
    }

    #[test]
    fn a_grant_serves_only_while_active_and_in_time() {
        let now = Timestamp::from_seconds(1_792_800_000);
        let grant = sample(now);
        assert_eq!(grant.serves([None, None], now), Ok(()));
        assert_eq!(grant.serves([None, None], now + Seconds::days(365)), Err(Lapse::Expired));
        assert_eq!(grant.serves([Some(now + Seconds(1)), None], now + Seconds(2)), Err(Lapse::Superseded));
        assert_eq!(grant.serves([None, Some(now)], now), Ok(()));
        let older = Grant { auth_time: now - Seconds(9), ..sample(now) };
        assert_eq!(older.serves([Some(now - Seconds(5)), None], now), Err(Lapse::Superseded));
        assert_eq!(older.serves([None, Some(now - Seconds(5))], now), Ok(()));
        let offered = Grant { state: GrantState::Offered, ..sample(now) };
        assert_eq!(offered.serves([None, None], now), Err(Lapse::NotRedeemed));
        assert_eq!(Grant { front_channel: true, ..offered }.serves([None, None], now), Ok(()));
        assert_eq!(Grant { state: GrantState::Ended, front_channel: true, ..sample(now) }.serves([None, None], now), Err(Lapse::Ended));
    }

    #[test]
    fn the_code_and_the_refresh_token_of_a_row_are_always_the_same() {
        let now = Timestamp::from_seconds(1_792_800_000);
        let macs = MacRing::new([(1, [3; 32])]);
        assert_eq!(sample(now).code(&macs), sample(now).code(&macs));
        assert_ne!(sample(now).code(&macs), Grant { id: GrantId(10), ..sample(now) }.code(&macs));
    }
}
