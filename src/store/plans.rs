//! Plans of the Datamart, and what they said in each version.

use diesel::prelude::*;

use crate::base::id::{AccountId, PlanId};
use crate::base::{Fault, Timestamp};
use crate::platform::plan::{Content, Plan};

use super::conn::Conn;
use super::schema::{mlses, plan_versions, plans};
use super::search::{holding, lower};

type Row = (i64, String, String, i64, Option<i64>, String, i64);

fn read((id, mls_id, mls_name, version, ended_at, content, published_at): Row) -> Result<Plan, Fault> {
    Ok(Plan {
        id: PlanId(id),
        mls_id: mls_id.parse().map_err(Fault::broken)?,
        mls_name,
        version,
        published_at: Timestamp(published_at),
        content: serde_json::from_str(&content).map_err(|why| Fault::broken(format!("plan {id}: {why}")))?,
        ended_at: ended_at.map(Timestamp),
    })
}

macro_rules! current {
    () => {
        plans::table.inner_join(mlses::table).inner_join(plan_versions::table).filter(plan_versions::version.eq(plans::version)).select((
            plans::id,
            plans::mls_id,
            mlses::name,
            plans::version,
            plans::ended_at,
            plan_versions::content,
            plan_versions::published_at,
        ))
    };
}

/// Adds a plan with its first version.
pub fn add(conn: &mut Conn, id: PlanId, mls: &AccountId, content: &Content, by: &str, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(plans::table).values((
        plans::id.eq(id.0),
        plans::mls_id.eq(mls.as_str()),
        plans::version.eq(1),
        plans::created_at.eq(now.0),
    )))?;
    put_version(conn, id, 1, content, by, now)
}

fn put_version(conn: &mut Conn, id: PlanId, version: i64, content: &Content, by: &str, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(plan_versions::table).values((
        plan_versions::plan_id.eq(id.0),
        plan_versions::version.eq(version),
        plan_versions::content.eq(serde_json::to_string(content).map_err(Fault::broken)?),
        plan_versions::digest.eq(content.digest()),
        plan_versions::published_at.eq(now.0),
        plan_versions::published_by.eq(by),
    )))?;
    Ok(())
}

/// Publishes the version after `plan`'s; `false` where another was published meanwhile.
pub fn publish(conn: &mut Conn, plan: &Plan, content: &Content, by: &str, now: Timestamp) -> Result<bool, Fault> {
    let unchanged = plans::table.find(plan.id.0).filter(plans::version.eq(plan.version)).filter(plans::ended_at.is_null());
    if conn.execute(diesel::update(unchanged).set(plans::version.eq(plan.version + 1)))? != 1 {
        return Ok(false);
    }
    put_version(conn, plan.id, plan.version + 1, content, by, now)?;
    Ok(true)
}

/// Makes every other write that begins like this for the same plan wait until this one is over.
pub fn hold(conn: &mut Conn, id: PlanId) -> Result<(), Fault> {
    conn.execute(diesel::update(plans::table.find(id.0)).set(plans::id.eq(plans::id))).map(drop)
}

/// Ends a plan; `false` where it was ended before.
pub fn end(conn: &mut Conn, id: PlanId, now: Timestamp) -> Result<bool, Fault> {
    let living = plans::table.find(id.0).filter(plans::ended_at.is_null());
    Ok(conn.execute(diesel::update(living).set(plans::ended_at.eq(now.0)))? == 1)
}

/// The plan of that row as it is now.
pub fn get(conn: &mut Conn, id: PlanId) -> Result<Option<Plan>, Fault> {
    conn.one::<Row>(current!().filter(plans::id.eq(id.0)))?.map(read).transpose()
}

/// What a plan said in one of its versions.
pub fn version(conn: &mut Conn, id: PlanId, version: i64) -> Result<Option<Content>, Fault> {
    let text: Option<String> = conn.one(plan_versions::table.find((id.0, version)).select(plan_versions::content))?;
    text.map(|text| serde_json::from_str(&text).map_err(Fault::broken)).transpose()
}

/// Up to `limit` plans of an MLS behind the row `after`, ended ones only where `ended`.
pub fn of_mls(conn: &mut Conn, mls: &AccountId, ended: bool, after: PlanId, limit: i64) -> Result<Vec<Plan>, Fault> {
    let query = current!().filter(plans::mls_id.eq(mls.as_str())).filter(plans::id.gt(after.0)).order(plans::id).limit(limit);
    let rows: Vec<Row> = if ended { conn.all(query)? } else { conn.all(query.filter(plans::ended_at.is_null()))? };
    rows.into_iter().map(read).collect()
}

/// Up to `limit` plans of an MLS behind the row `after` that say `part`, ended ones too.
pub fn holding_part(conn: &mut Conn, mls: &AccountId, part: &str, after: PlanId, limit: i64) -> Result<Vec<Plan>, Fault> {
    let query = current!()
        .filter(plans::mls_id.eq(mls.as_str()))
        .filter(plans::id.gt(after.0))
        .filter(lower(plan_versions::content).like(holding(part)).escape('\\'))
        .order(plans::id)
        .limit(limit);
    conn.all::<Row>(query)?.into_iter().map(read).collect()
}

/// Up to `limit` MLSs with a plan on offer whose name holds `part`, by name, with how many plans they offer.
pub fn offering(conn: &mut Conn, part: &str, limit: i64) -> Result<Vec<(AccountId, String, i64)>, Fault> {
    let pattern = holding(part);
    let names: Vec<(String, String)> = conn.all(
        mlses::table
            .filter(lower(mlses::name).like(pattern).escape('\\'))
            .filter(diesel::dsl::exists(plans::table.filter(plans::mls_id.eq(mlses::id)).filter(plans::ended_at.is_null())))
            .order(mlses::name)
            .select((mlses::id, mlses::name))
            .limit(limit),
    )?;
    let mut found = Vec::new();
    for (id, name) in names {
        let offered: Option<i64> = conn.one(plans::table.filter(plans::mls_id.eq(&id)).filter(plans::ended_at.is_null()).count())?;
        found.push((id.parse().map_err(Fault::broken)?, name, offered.unwrap_or_default()));
    }
    Ok(found)
}
