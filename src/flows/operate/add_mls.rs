//! Adding an MLS, the first time its roster comes.

use crate::base::Fault;
use crate::base::text::readable;
use crate::store::mlses::{self, Mls};

use super::{Declined, Desk};

/// What is known of an MLS when its roster comes.
#[derive(Debug, Clone, Default)]
pub struct MlsFacts {
    /// Its name, by which it is recognised.
    pub name: String,
    /// Its IANA time zone; needed where it is new.
    pub time_zone: Option<String>,
    /// File under `static/`.
    pub logo: Option<String>,
    /// One of the stylesheet's accents.
    pub accent: Option<String>,
    /// Where its people find help.
    pub support: Option<String>,
}

/// The MLS of that name; it is added where it is new. One write.
///
/// Refuses: a name or time zone that cannot be one, a new MLS without a time zone.
pub fn add_mls(desk: &Desk, facts: &MlsFacts) -> Result<Result<Mls, Declined>, Fault> {
    let name = readable(&facts.name, 128);
    if name.is_empty() {
        return Ok(Err(Declined::because("the MLS needs a name")));
    }
    let wanted = name.clone();
    if let Some(known) = desk.db.read(move |conn| mlses::named(conn, &wanted))? {
        return Ok(Ok(known));
    }
    let Some(time_zone) = facts.time_zone.clone() else {
        return Ok(Err(Declined::because(format!("{name} is new here: give its time zone, such as --time-zone America/Los_Angeles"))));
    };
    if !is_time_zone(&time_zone) {
        return Ok(Err(Declined::because("the time zone must be a name such as America/Los_Angeles")));
    }
    let now = desk.clock.now();
    let mls = Mls {
        id: desk.random.account_id(now),
        name,
        time_zone,
        logo: facts.logo.clone(),
        accent: facts.accent.clone(),
        support: facts.support.clone(),
    };
    let entry = crate::store::audit::Entry { reason: Some("mls_added".to_owned()), ..desk.entry("admin.action", mls.id.as_str(), now) };
    desk.db.write(move |conn| {
        if mlses::add(conn, &mls, now)? {
            crate::flows::record::record(conn, &entry)?;
            return Ok(Ok(mls));
        }
        // Somebody else added it since we looked.
        let known = mlses::named(conn, &mls.name)?;
        Ok(known.ok_or_else(|| Declined::because("this MLS cannot be added")))
    })
}

/// Names of the IANA database, by their shape.
fn is_time_zone(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_/+-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::is_time_zone;

    #[test]
    fn a_time_zone_has_the_shape_of_one() {
        for good in ["UTC", "America/Los_Angeles", "Etc/GMT+8", "America/Argentina/Buenos_Aires"] {
            assert!(is_time_zone(good), "{good}");
        }
        for bad in ["", "pacific", "America/Los Angeles", "../etc", "America/Los_Angeles\n"] {
            assert!(!is_time_zone(bad), "{bad}");
        }
    }
}
