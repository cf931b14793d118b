//! A consumer: a home buyer who signs in at agents' portals. Another class of people than accounts; none ever passes for the other.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::id::{AccountId, ConsumerId, ConsumerSessionId};
use crate::base::{Seconds, Timestamp};

use super::account::login_key;
use super::password::Password;

/// Where somebody lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Home {
    /// House and street.
    pub street: String,
    /// The town.
    pub locality: String,
    /// The state.
    pub region: String,
    /// The ZIP code.
    pub postal_code: String,
}

impl Home {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As it stands on an envelope, in one line.
    pub fn line(&self) -> String {
        let place = [self.region.as_str(), self.postal_code.as_str()].map(str::trim).into_iter().filter(|part| !part.is_empty());
        let place = place.collect::<Vec<_>>().join(" ");
        let parts = [self.street.as_str(), self.locality.as_str(), place.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// A consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The platform's 26 digits; the `sub` of every token about this person.
    pub id: ConsumerId,
    /// The address, which nobody else has once it is verified.
    pub email: String,
    /// What it signs in with besides the address.
    pub login_name: String,
    /// The full name.
    pub name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// Where to ring.
    pub phone: String,
    /// Where they live.
    pub home: Home,
    /// Wants letters about new listings.
    pub email_updates: bool,
    /// When it was proved that the address is theirs.
    pub email_verified_at: Option<Timestamp>,
    /// Anything issued before this moment is dead.
    pub tokens_valid_after: Option<Timestamp>,
    /// The agent chosen as the current one.
    pub current_agent: Option<AccountId>,
    /// When it last signed in.
    pub last_login_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When any of it last changed.
    pub modified_at: Timestamp,
}

impl Consumer {
    /// Whether it may sign in: only who proved the address.
    pub fn may_sign_in(&self) -> bool {
        self.email_verified_at.is_some()
    }

    /// One claim of the platform's discovery document, where this person has a value for it.
    ///
    /// Spec: OpenID Connect Core §5.1
    pub fn claim(&self, name: &str) -> Option<Value> {
        let text = |value: &str| (!value.is_empty()).then(|| Value::from(value));
        match name {
            "name" => text(&self.name),
            "given_name" => text(&self.given_name),
            "family_name" => text(&self.family_name),
            "preferred_username" => text(&self.login_name),
            "email" => text(&self.email),
            "email_verified" => Some(Value::from(self.email_verified_at.is_some())),
            "phone_number" => text(&self.phone),
            "phone_number_verified" => text(&self.phone).map(|_| Value::from(false)),
            "address" if !self.home.is_empty() => Some(json!({
                "formatted": self.home.line(), "street_address": self.home.street, "locality": self.home.locality,
                "region": self.home.region, "postal_code": self.home.postal_code,
            })),
            _ => None,
        }
    }
}

/// Takes a login name for the consumer with that address.
///
/// Refuses: one that reads like somebody else's address, so that no login name is ever another person's address.
pub fn login_name(text: &str, email: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let key = login_key(text);
    if key.is_empty() || key == login_key(email) {
        return Ok(email.to_owned());
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    match text.chars().count() {
        3..=64 if text.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("must be the e-mail address, or 3 to 64 letters, digits, dots, hyphens and underscores"),
    }
}

/// Takes a new password for the consumer with that address.
///
/// Refuses: one that is short, longer than is hashed, or the first anybody would guess.
pub fn password(text: &str, email: &str, name: &str) -> Result<Password, &'static str> {
    let local = email.split('@').next().unwrap_or_default();
    if !text.is_empty() && login_key(text) == login_key(local) {
        return Err("must not be your name or address");
    }
    Password::chosen(text, email, name)
        .map_err(|why| if why == "must not be the login name or the name of the MLS" { "must not be your name or address" } else { why })
}

/// A browser session of a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerSession {
    /// Its row.
    pub id: ConsumerSessionId,
    /// Whose it is.
    pub consumer_id: ConsumerId,
    /// When the password was given.
    pub auth_time: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it is over however much it is used.
    pub ends_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Where it was opened.
    pub peer: Option<String>,
    /// In which browser.
    pub user_agent: String,
}

impl ConsumerSession {
    /// Whether it is still good.
    pub fn alive(&self, idle: Seconds, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at && now.0 - self.seen_at.0 < idle.0 * 1000
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn carla() -> Consumer {
        Consumer {
            id: "20261124000000000000000007".parse().unwrap(),
            email: "carla@example.com".into(),
            login_name: "carla@example.com".into(),
            name: "Carla Consumer".into(),
            given_name: "Carla".into(),
            family_name: "Consumer".into(),
            phone: String::new(),
            home: Home::default(),
            email_updates: false,
            email_verified_at: Some(Timestamp(1)),
            tokens_valid_after: None,
            current_agent: None,
            last_login_at: None,
            created_at: Timestamp(0),
            modified_at: Timestamp(0),
        }
    }

    #[test]
    fn a_consumer_has_the_claims_of_a_person_and_none_of_an_agent() {
        assert_eq!(carla().claim("address"), None);
        let carla = Consumer {
            home: Home { street: "1 Elm St".into(), locality: "Wenatchee".into(), region: "WA".into(), ..Home::default() },
            ..carla()
        };
        assert_eq!(carla.claim("email"), Some("carla@example.com".into()));
        assert_eq!(carla.claim("email_verified"), Some(true.into()));
        assert_eq!(carla.claim("address").unwrap()["formatted"], "1 Elm St, Wenatchee, WA");
        for silent in ["phone_number", "UserType", "MemberMlsId", "Office", "user_is_active", "mls_system_access", "sub", "nonsense"] {
            assert_eq!(carla.claim(silent), None, "{silent}");
        }
    }

    #[test]
    fn lg_11_a_login_name_never_reads_like_another_persons_address() {
        assert_eq!(login_name(" ", "carla@example.com").as_deref(), Ok("carla@example.com"));
        assert_eq!(login_name("CARLA@example.com", "carla@example.com").as_deref(), Ok("carla@example.com"));
        assert_eq!(login_name("carla.c", "carla@example.com").as_deref(), Ok("carla.c"));
        for bad in ["ben@example.com", "c", "carla c", "carla\u{ff20}evil", "a\u{202e}b"] {
            assert!(login_name(bad, "carla@example.com").is_err(), "{bad}");
        }
    }

    #[test]
    fn lg_19_a_password_is_not_the_first_guess() {
        let chosen = |text: &str| password(text, "carla.consumer@example.com", "Carla Consumer").map(|_| ());
        for guess in ["carla.consumer", "Carla.Consumer@Example.com", "carla consumer", "short"] {
            assert!(chosen(guess).is_err(), "{guess}");
        }
        assert_eq!(chosen("a few words in a row"), Ok(()));
    }

    #[test]
    fn cs_10_a_session_of_a_consumer_ends_by_idleness_by_age_and_by_order() {
        let now = Timestamp::from_seconds(1_792_800_000);
        let session = ConsumerSession {
            id: ConsumerSessionId(1),
            consumer_id: carla().id,
            auth_time: now,
            seen_at: now,
            ends_at: now + Seconds::hours(12),
            ended_at: None,
            peer: None,
            user_agent: String::new(),
        };
        let idle = Seconds::minutes(60);
        assert!(session.alive(idle, now + Seconds(3599)) && !session.alive(idle, now + Seconds(3600)));
        let used = ConsumerSession { seen_at: now + Seconds::hours(12), ..session.clone() };
        assert!(!used.alive(idle, now + Seconds::hours(12)));
        assert!(!ConsumerSession { ended_at: Some(now), ..session }.alive(idle, now));
    }
}
