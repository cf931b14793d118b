//! Developers: one row a registration, and of those whose address is verified one an address.

use diesel::prelude::*;

use crate::base::id::{DeveloperId, IdentityId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::platform::developer::Developer;
use crate::platform::form::email_key;
use crate::platform::registration::{Registration, State};

use super::conn::Conn;
use super::schema::developers;
use super::search::{holding, lower};

/// How long a registration that came to nothing is remembered.
const REMEMBERED: Seconds = Seconds::days(90);

#[derive(Queryable)]
struct Row {
    id: i64,
    email: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    email_key: String,
    password_hash: String,
    first_name: String,
    last_name: String,
    company: String,
    website: String,
    phone: String,
    building: String,
    #[expect(dead_code, reason = "read with the row; what was accepted is for the record")]
    terms_version: String,
    state: String,
    enabled: bool,
    submitted_at: i64,
    verified_at: Option<i64>,
    decided_at: Option<i64>,
    #[expect(dead_code, reason = "read with the row; the audit tells it")]
    decided_by: Option<String>,
    reason: Option<String>,
    identity_id: Option<i64>,
    sessions_valid_after: Option<i64>,
    #[expect(dead_code, reason = "read with the row, shown nowhere")]
    modified_at: i64,
    #[expect(dead_code, reason = "read with the row, used only to sweep")]
    sweep_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<(Developer, String), Fault> {
        let state = State::parse(&self.state).ok_or_else(|| Fault::broken(format!("developer {}: unreadable state", self.id)))?;
        let developer = Developer {
            id: DeveloperId(self.id),
            facts: Registration {
                first_name: self.first_name,
                last_name: self.last_name,
                company: self.company,
                email: self.email,
                website: self.website,
                phone: self.phone,
                building: self.building,
            },
            state,
            enabled: self.enabled,
            submitted_at: Timestamp(self.submitted_at),
            verified_at: self.verified_at.map(Timestamp),
            decided_at: self.decided_at.map(Timestamp),
            reason: self.reason,
            identity_id: self.identity_id.map(IdentityId),
            sessions_valid_after: self.sessions_valid_after.map(Timestamp),
        };
        Ok((developer, self.password_hash))
    }
}

/// Writes a registration down. Without an address that is verified it takes nobody's place, and goes in time.
pub fn add(conn: &mut Conn, id: DeveloperId, facts: &Registration, hash: &str, terms: &str, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(developers::table).values((
        developers::id.eq(id.0),
        developers::email.eq(&facts.email),
        developers::email_key.eq(email_key(&facts.email)),
        developers::password_hash.eq(hash),
        (
            developers::first_name.eq(&facts.first_name),
            developers::last_name.eq(&facts.last_name),
            developers::company.eq(&facts.company),
            developers::website.eq(&facts.website),
            developers::phone.eq(&facts.phone),
            developers::building.eq(&facts.building),
        ),
        developers::terms_version.eq(terms),
        developers::state.eq(State::Submitted.name()),
        developers::enabled.eq(true),
        developers::submitted_at.eq(now.0),
        developers::modified_at.eq(now.0),
        developers::sweep_at.eq((now + REMEMBERED).0),
    )))?;
    Ok(())
}

/// The developer of that row and the password's hash.
pub fn get(conn: &mut Conn, id: DeveloperId) -> Result<Option<(Developer, String)>, Fault> {
    conn.one::<Row>(developers::table.find(id.0))?.map(Row::read).transpose()
}

/// The developer of that row, whom nobody else changes, switches off or deletes meanwhile.
pub fn held(conn: &mut Conn, id: DeveloperId) -> Result<Option<Developer>, Fault> {
    conn.execute(diesel::update(developers::table.find(id.0)).set(developers::id.eq(developers::id)))?;
    Ok(get(conn, id)?.map(|(developer, _)| developer))
}

/// The developer to whom that address belongs, and the password's hash.
pub fn by_email(conn: &mut Conn, email: &str) -> Result<Option<(Developer, String)>, Fault> {
    let living = [State::Verified.name(), State::Activated.name()];
    let row =
        conn.one::<Row>(developers::table.filter(developers::email_key.eq(email_key(email))).filter(developers::state.eq_any(living)))?;
    row.map(Row::read).transpose()
}

/// The newest registration with that address that nobody has verified yet.
pub fn submitted(conn: &mut Conn, email: &str) -> Result<Option<Developer>, Fault> {
    let waiting = developers::table
        .filter(developers::email_key.eq(email_key(email)))
        .filter(developers::state.eq(State::Submitted.name()))
        .order(developers::id.desc())
        .limit(1);
    Ok(conn.one::<Row>(waiting)?.map(Row::read).transpose()?.map(|(developer, _)| developer))
}

/// The address is the developer's; every other registration with it is over. `false` where it was decided meanwhile, or the address is another's.
pub fn verify(conn: &mut Conn, developer: &Developer, now: Timestamp) -> Result<bool, Fault> {
    if by_email(conn, &developer.facts.email)?.is_some() {
        return Ok(false);
    }
    let waiting = || developers::table.filter(developers::state.eq(State::Submitted.name()));
    let set = (
        developers::state.eq(State::Verified.name()),
        developers::verified_at.eq(now.0),
        developers::modified_at.eq(now.0),
        developers::sweep_at.eq(None::<i64>),
    );
    let verified = conn.execute(diesel::update(waiting().filter(developers::id.eq(developer.id.0))).set(set))? == 1;
    let others = waiting().filter(developers::email_key.eq(email_key(&developer.facts.email)));
    conn.execute(diesel::update(others).set((developers::state.eq(State::Expired.name()), developers::modified_at.eq(now.0))))?;
    Ok(verified)
}

/// The staff said yes: the record the Keys API shows is `identity`. `false` where it was decided before.
pub fn activate(conn: &mut Conn, id: DeveloperId, identity: IdentityId, by: &str, now: Timestamp) -> Result<bool, Fault> {
    let set = (
        developers::state.eq(State::Activated.name()),
        developers::identity_id.eq(identity.0),
        developers::decided_at.eq(now.0),
        developers::decided_by.eq(by),
        developers::modified_at.eq(now.0),
    );
    let waiting = developers::table.find(id.0).filter(developers::state.eq(State::Verified.name()));
    Ok(conn.execute(diesel::update(waiting).set(set))? == 1)
}

/// The staff said no. `false` where it was decided before.
pub fn refuse(conn: &mut Conn, id: DeveloperId, by: &str, reason: &str, now: Timestamp) -> Result<bool, Fault> {
    let set = (
        developers::state.eq(State::Refused.name()),
        developers::reason.eq(reason),
        developers::decided_at.eq(now.0),
        developers::decided_by.eq(by),
        developers::modified_at.eq(now.0),
        developers::sessions_valid_after.eq(now.0),
        developers::sweep_at.eq((now + Seconds::days(365)).0),
    );
    let waiting = developers::table.find(id.0).filter(developers::state.eq(State::Verified.name()));
    Ok(conn.execute(diesel::update(waiting).set(set))? == 1)
}

/// Registrations that nobody verified in time are over; answers how many.
pub fn expire(conn: &mut Conn, sent_before: Timestamp, now: Timestamp) -> Result<usize, Fault> {
    let old = developers::table.filter(developers::state.eq(State::Submitted.name())).filter(developers::submitted_at.le(sent_before.0));
    conn.execute(diesel::update(old).set((developers::state.eq(State::Expired.name()), developers::modified_at.eq(now.0))))
}

/// Gives a developer a new password: every session from before is over.
pub fn set_password(conn: &mut Conn, id: DeveloperId, hash: &str, now: Timestamp) -> Result<bool, Fault> {
    let set = (developers::password_hash.eq(hash), developers::sessions_valid_after.eq(now.0), developers::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(developers::table.find(id.0)).set(set))? == 1)
}

/// Replaces a hash by one of the same password with today's parameters, or holds on to it; `false` where it is no longer the developer's.
pub fn rehash(conn: &mut Conn, id: DeveloperId, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
    let same = diesel::update(developers::table.find(id.0)).filter(developers::password_hash.eq(hash)).filter(developers::enabled.eq(true));
    Ok(conn.execute(same.set(developers::password_hash.eq(rehashed.unwrap_or(hash))))? == 1)
}

/// Switches a developer on or off; sessions end when he is switched off.
pub fn set_enabled(conn: &mut Conn, id: DeveloperId, enabled: bool, now: Timestamp) -> Result<bool, Fault> {
    let row = developers::table.find(id.0);
    let set = (developers::enabled.eq(enabled), developers::modified_at.eq(now.0));
    if enabled {
        return Ok(conn.execute(diesel::update(row).set(set))? == 1);
    }
    Ok(conn.execute(diesel::update(row).set((set, developers::sessions_valid_after.eq(now.0))))? == 1)
}

/// The developer whom the Keys API shows as that identity.
pub fn of_identity(conn: &mut Conn, identity: IdentityId) -> Result<Option<Developer>, Fault> {
    let row = conn.one::<Row>(developers::table.filter(developers::identity_id.eq(identity.0)))?;
    Ok(row.map(Row::read).transpose()?.map(|(developer, _)| developer))
}

/// Up to `limit` developers in `state` behind the row `after` in whose registration `part` stands, oldest first.
pub fn page(conn: &mut Conn, state: State, part: &str, after: DeveloperId, limit: i64) -> Result<Vec<Developer>, Fault> {
    let pattern = holding(part);
    let rows: Vec<Row> = conn.all(
        developers::table
            .filter(developers::state.eq(state.name()))
            .filter(developers::id.gt(after.0))
            .filter(
                developers::email_key
                    .like(pattern.clone())
                    .escape('\\')
                    .or(lower(developers::company).like(pattern.clone()).escape('\\'))
                    .or(lower(developers::last_name).like(pattern.clone()).escape('\\'))
                    .or(lower(developers::first_name).like(pattern).escape('\\')),
            )
            .order(developers::id)
            .limit(limit),
    )?;
    rows.into_iter().map(|row| row.read().map(|(developer, _)| developer)).collect()
}

/// How many registrations are in a state.
pub fn count(conn: &mut Conn, state: State) -> Result<i64, Fault> {
    Ok(conn.one(developers::table.filter(developers::state.eq(state.name())).count())?.unwrap_or_default())
}
