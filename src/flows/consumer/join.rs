//! Connecting with an agent at whose portal one is not known yet, with what the portal asks for.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::record::record;
use crate::identity::consumer::{Consumer, Home};
use crate::platform::form::{self, Problems};
use crate::platform::portal::Required;
use crate::store::{Conn, consumers};

use super::enter::ConsumerGuest;
use super::sign_up;

/// What a portal asks for besides name and address, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Where to ring.
    pub phone: String,
    /// Where they live.
    pub home: Home,
}

impl Details {
    /// Takes what was typed, in its one spelling; what the portal does not ask for may be missing.
    ///
    /// Refuses: all that is wrong at once, field by field.
    #[must_use]
    pub fn check(&self, required: Required, problems: &mut Problems) -> Self {
        let optional = |asked: bool, text: &str| !asked && text.trim().is_empty();
        let mut line = |name: &'static str, asked: bool, text: &str, longest: usize, please: &'static str| {
            if optional(asked, text) { String::new() } else { problems.take(name, form::given(text, longest, please)) }
        };
        let (home, asked) = (&self.home, required.address || !self.home.is_empty());
        let home = Home {
            street: line("street", asked, &home.street, 128, "Please give your house number and street."),
            locality: line("locality", asked, &home.locality, 128, "Please give your city."),
            region: line("region", asked, &home.region, 64, "Please give your state."),
            postal_code: line("postal_code", asked, &home.postal_code, 16, "Please give your ZIP code."),
        };
        let phone = if optional(required.phone, &self.phone) { String::new() } else { problems.take("phone", form::phone(&self.phone)) };
        Self { phone, home }
    }

    /// What a consumer's record lacks of what a portal asks for.
    pub fn lacking(consumer: &Consumer, required: Required) -> Required {
        Required { address: required.address && consumer.home.is_empty(), phone: required.phone && consumer.phone.is_empty() }
    }
}

/// Connects a consumer with an agent. One write.
pub fn join(
    app: &App,
    conn: &mut Conn,
    guest: &ConsumerGuest,
    agent: &AccountId,
    details: &Details,
    unconnected: bool,
) -> Result<(), Fault> {
    let mut consumer = guest.consumer.clone();
    if !details.phone.is_empty() {
        consumer.phone.clone_from(&details.phone);
    }
    if !details.home.is_empty() {
        consumer.home.clone_from(&details.home);
    }
    if consumer != guest.consumer {
        consumers::change(conn, &consumer, app.now())?;
        record(conn, &guest.entry(app, "consumer.updated"))?;
    }
    sign_up::link(app, conn, &guest.caller, &consumer, agent, None, unconnected)?;
    Ok(())
}
