//! Deciding on registrations: the platform's staff activates a developer, or refuses one with a reason.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{DeveloperId, IdentityId};
use crate::flows::console::enter::Guest;
use crate::flows::record::record;
use crate::flows::tell;
use crate::mail::Notice;
use crate::platform::developer::Developer;
use crate::platform::registration::{self, Event, Refusal, State};
use crate::platform::role::Role;
use crate::store::audit::Entry;
use crate::store::{Conn, developer_keys, developers};

use super::credentials::{self, Of};
use super::demo_key::{self, Made, Wish};
use super::enter::actor;

/// Up to `limit` registrations in a state behind the row `after`, oldest first, in which `part` stands.
pub fn queue(conn: &mut Conn, state: State, part: &str, after: DeveloperId, limit: i64) -> Result<Vec<Developer>, Fault> {
    developers::page(conn, state, part, after, limit)
}

/// One registration, whatever became of it.
pub fn one(conn: &mut Conn, id: DeveloperId) -> Result<Option<Developer>, Fault> {
    Ok(developers::get(conn, id)?.map(|(developer, _)| developer))
}

/// Activates a developer: an identity, a demo key for the sample data, and a letter with a link to its credentials. One write.
///
/// Refuses: a registration nobody verified, or that was decided before; `None` where there is none.
pub fn activate(app: &App, conn: &mut Conn, guest: &Guest, id: DeveloperId) -> Result<Option<Result<(), Refusal>>, Fault> {
    let now = app.now();
    let Some(developer) = one(conn, id)? else { return Ok(None) };
    if let Err(why) = registration::next(developer.state, Event::Activate, developer.submitted_at, now) {
        return Ok(Some(Err(why)));
    }
    let by = guest.account.id.to_string();
    let identity = IdentityId(app.random.small_id(now));
    developer_keys::add_identity(conn, identity, &developer.facts, now)?;
    if !developers::activate(conn, id, identity, &by, now)? {
        return Err(Fault::unavailable("someone else decided at the same moment"));
    }
    let name = format!("Demo key of {}", developer.facts.company);
    let wish = Wish { identity, name: &name, website: &developer.facts.website, role: Role::Private, comments: "made by activation" };
    let Made { id: key, client_id, .. } = demo_key::make(&app.random, conn, &wish, now)?;
    let address = credentials::link(app, conn, Of::Key(key), &developer)?;
    let notice = Notice {
        subject: "You are activated: start building".to_owned(),
        name: developer.facts.name(),
        paragraphs: vec![
            "your registration as a developer is activated.".to_owned(),
            "With your demo key you read sample data: invented listings by which you can build and test everything before an MLS gives you \
             real ones. Its token is shown once, on the page behind this link; you have to sign in for it."
                .to_owned(),
        ],
        facts: vec![
            ("Demo key", client_id.clone()),
            ("Listings", format!("{}/v1/listings", app.settings.issuer)),
            ("RESO Web API", format!("{}/Reso/OData/Property", app.settings.issuer)),
            ("Next", format!("find your MLS in the Datamart at {}/appstore/datamart", app.settings.issuer)),
        ],
        action: Some(("Show my demo credentials", address)),
        closing: "The link works once, for seven days. You can have a new one sent at any time, in the developer portal.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)?;
    record(conn, &line(app, guest, &developer, "developer.activated", Some(client_id), None))?;
    Ok(Some(Ok(())))
}

/// Refuses a registration, and tells why. One write.
///
/// Refuses: a registration nobody verified, or that was decided before; `None` where there is none.
pub fn refuse(app: &App, conn: &mut Conn, guest: &Guest, id: DeveloperId, reason: &str) -> Result<Option<Result<(), Refusal>>, Fault> {
    let now = app.now();
    let Some(developer) = one(conn, id)? else { return Ok(None) };
    if let Err(why) = registration::next(developer.state, Event::Refuse, developer.submitted_at, now) {
        return Ok(Some(Err(why)));
    }
    if !developers::refuse(conn, id, guest.account.id.as_str(), reason, now)? {
        return Ok(Some(Err(Refusal::AlreadyDecided)));
    }
    let notice = Notice {
        subject: "Your registration".to_owned(),
        name: developer.facts.name(),
        paragraphs: vec!["the platform's staff reviewed your registration as a developer and cannot activate it.".to_owned()],
        facts: vec![("Reason", reason.replace('\n', " "))],
        closing: "If you can fix that, register again with what was missing.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)?;
    record(conn, &line(app, guest, &developer, "developer.refused", None, Some("by_the_staff")))?;
    Ok(Some(Ok(())))
}

fn line(app: &App, guest: &Guest, developer: &Developer, event: &str, client: Option<String>, reason: Option<&str>) -> Entry {
    Entry {
        actor: Some(guest.account.id.to_string()),
        subject: Some(actor(developer)),
        session: Some(guest.session.id.to_string()),
        client,
        reason: reason.map(str::to_owned),
        ..guest.caller.entry(app, event, false, app.now())
    }
}
