//! Keys and developers as consoles list them: by key and not by number, so that the ten-thousandth page costs what the first does.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::base::id::{IdentityId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::lines::{DeveloperLine, KeyLine, KeyState};
use crate::platform::plan::Content;
use crate::platform::reach::Reach;

use super::conn::Conn;
use super::schema::{enrolments, identities, key_suspensions, keys, mlses, plan_versions, plans};
use super::scope::{developers, within};
use super::search::{holding, lower, lower_or_nothing};

/// What is looked for, and where the page begins.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// What stands in it.
    pub part: String,
    /// How it stands.
    pub state: Option<KeyState>,
    /// Of which developer.
    pub identity: Option<IdentityId>,
    /// Only those before this row.
    pub before: Option<i64>,
    /// How many.
    pub limit: i64,
}

#[derive(Queryable)]
struct KeyRow {
    id: i64,
    name: String,
    key: String,
    roles: String,
    enabled: bool,
    last_active: Option<String>,
    company: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    suspended: Option<i64>,
    appeal: Option<String>,
    mls: Option<String>,
}

impl KeyRow {
    fn read(self) -> KeyLine {
        let person = self.first_name.zip(self.last_name).map(|(first, last)| format!("{first} {last}"));
        KeyLine {
            id: KeyId(self.id),
            name: self.name,
            client_id: self.key,
            roles: self.roles,
            state: match (self.enabled, self.suspended.is_some(), self.appeal.is_some()) {
                (true, ..) => KeyState::Working,
                (false, true, true) => KeyState::Appealed,
                (false, true, false) => KeyState::Suspended,
                (false, false, _) => KeyState::Off,
            },
            developer: self.company.filter(|company| !company.is_empty()).or(person),
            mls: self.mls,
            last_active: self.last_active,
        }
    }
}

/// A page of the keys within reach, newest first.
pub fn keys_page(conn: &mut Conn, reach: &Reach, wanted: &Wanted) -> Result<Vec<KeyLine>, Fault> {
    const ANY: &[bool] = &[true, false];
    let pattern = holding(&wanted.part);
    // Each state as the three facts it is made of.
    let (on, suspended, appealed) = match wanted.state {
        None => (ANY, ANY, ANY),
        Some(KeyState::Working) => (&[true] as &[bool], ANY, ANY),
        Some(KeyState::Suspended) => (&[false] as &[bool], &[true] as &[bool], ANY),
        Some(KeyState::Appealed) => (&[false] as &[bool], &[true] as &[bool], &[true] as &[bool]),
        Some(KeyState::Off) => (&[false] as &[bool], &[false] as &[bool], ANY),
    };
    let (owner, anybody) = (wanted.identity.map(|id| id.0), wanted.identity.is_none());
    let rows: Vec<KeyRow> = conn.all(
        keys::table
            .left_join(identities::table)
            .left_join(mlses::table)
            .left_join(key_suspensions::table.on(key_suspensions::key_id.eq(keys::id).and(key_suspensions::resumed_at.is_null())))
            .filter(within("keys", reach))
            .filter(keys::deleted_at.is_null())
            .filter(keys::id.lt(wanted.before.unwrap_or(i64::MAX)))
            .filter(keys::identity_id.eq(owner).or(anybody.into_sql::<Bool>()))
            .filter(keys::enabled.eq_any(on.to_vec()))
            .filter(key_suspensions::id.nullable().is_not_null().eq_any(suspended.to_vec()))
            .filter(key_suspensions::appeal.nullable().is_not_null().eq_any(appealed.to_vec()))
            .filter(
                lower(keys::name)
                    .like(pattern.clone())
                    .escape('\\')
                    .or(keys::key.eq(wanted.part.clone()))
                    .or(lower_or_nothing(identities::company.nullable()).like(pattern.clone()).escape('\\'))
                    .or(lower_or_nothing(identities::email.nullable()).like(pattern).escape('\\')),
            )
            .order(keys::id.desc())
            .limit(wanted.limit)
            .select((
                keys::id,
                keys::name,
                keys::key,
                keys::roles,
                keys::enabled,
                keys::last_active,
                identities::company.nullable(),
                identities::first_name.nullable(),
                identities::last_name.nullable(),
                key_suspensions::id.nullable(),
                key_suspensions::appeal.nullable(),
                mlses::name.nullable(),
            )),
    )?;
    Ok(rows.into_iter().map(KeyRow::read).collect())
}

/// How many keys within reach work, and how many are suspended.
pub fn counts(conn: &mut Conn, reach: &Reach) -> Result<(i64, i64), Fault> {
    let living = || keys::table.filter(within("keys", reach)).filter(keys::deleted_at.is_null());
    let working: Option<i64> = conn.one(living().filter(keys::enabled.eq(true)).count())?;
    let running = key_suspensions::table.filter(key_suspensions::key_id.eq(keys::id)).filter(key_suspensions::resumed_at.is_null());
    let suspended: Option<i64> = conn.one(living().filter(diesel::dsl::exists(running)).count())?;
    Ok((working.unwrap_or_default(), suspended.unwrap_or_default()))
}

/// The plan a key came from, with its name, and whether it was ended.
pub fn plan_of(conn: &mut Conn, key: KeyId) -> Result<Option<(i64, bool)>, Fault> {
    let found: Option<(i64, Option<i64>)> = conn.one(
        enrolments::table
            .inner_join(plans::table.on(plans::id.eq(enrolments::plan_id)))
            .filter(enrolments::key_id.eq(key.0))
            .select((enrolments::id, plans::ended_at))
            .limit(1),
    )?;
    Ok(found.map(|(enrolment, ended)| (enrolment, ended.is_some())))
}

/// Who built an application, and the name of the plan under which its key was issued.
pub fn origin(conn: &mut Conn, key: KeyId) -> Result<(Option<String>, Option<String>), Fault> {
    let vendor: Option<String> =
        conn.one(keys::table.inner_join(identities::table).filter(keys::id.eq(key.0)).select(identities::company))?;
    let content: Option<String> = conn.one(
        enrolments::table
            .inner_join(
                plan_versions::table.on(plan_versions::plan_id.eq(enrolments::plan_id).and(plan_versions::version.eq(enrolments::version))),
            )
            .filter(enrolments::key_id.eq(key.0))
            .select(plan_versions::content)
            .limit(1),
    )?;
    let plan = content.map(|text| serde_json::from_str::<Content>(&text)).transpose().map_err(Fault::broken)?;
    Ok((vendor.filter(|company| !company.is_empty()), plan.map(|plan| plan.name)))
}

type DeveloperRow = (i64, String, String, String, String, Option<String>, Option<String>, i64);

/// A page of the developers within reach, newest first.
pub fn developers_page(conn: &mut Conn, reach: &Reach, wanted: &Wanted) -> Result<Vec<DeveloperLine>, Fault> {
    let pattern = holding(&wanted.part);
    let rows: Vec<DeveloperRow> = conn.all(
        identities::table
            .left_join(mlses::table.on(identities::mls_id.eq(mlses::id.nullable())))
            .filter(developers(reach))
            .filter(identities::deleted_at.is_null())
            .filter(identities::id.lt(wanted.before.unwrap_or(i64::MAX)))
            .filter(
                lower(identities::company)
                    .like(pattern.clone())
                    .escape('\\')
                    .or(lower(identities::email).like(pattern.clone()).escape('\\'))
                    .or(lower(identities::last_name).like(pattern.clone()).escape('\\'))
                    .or(lower(identities::first_name).like(pattern).escape('\\')),
            )
            .order(identities::id.desc())
            .limit(wanted.limit)
            .select((
                identities::id,
                identities::first_name,
                identities::last_name,
                identities::company,
                identities::email,
                mlses::name.nullable(),
                identities::last_active,
                identities::created_at,
            )),
    )?;
    let read = |(id, first, last, company, email, mls, last_active, created): DeveloperRow| DeveloperLine {
        id: IdentityId(id),
        name: format!("{first} {last}").trim().to_owned(),
        company,
        email,
        mls,
        last_active,
        created_at: Timestamp(created),
    };
    Ok(rows.into_iter().map(read).collect())
}
