//! On whose word keys were issued by hand.

use diesel::prelude::*;

use crate::base::id::{AccountId, KeyApprovalId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::hand_issue::Approval;
use crate::platform::personal_token::OwnData;

use super::conn::Conn;
use super::schema::key_approvals;

type Row = (i64, i64, String, String, String, String, i64, Option<String>, Option<String>);

/// Writes an approval down.
pub fn add(conn: &mut Conn, id: KeyApprovalId, key: KeyId, approval: &Approval) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(key_approvals::table).values((
        key_approvals::id.eq(id.0),
        key_approvals::key_id.eq(key.0),
        key_approvals::approved_by.eq(&approval.approved_by),
        key_approvals::approved_on.eq(&approval.approved_on),
        key_approvals::document.eq(&approval.document),
        key_approvals::recorded_by.eq(&approval.recorded_by),
        key_approvals::recorded_at.eq(approval.recorded_at.0),
        key_approvals::account_id.eq(approval.account_id.as_ref().map(AccountId::as_str)),
        key_approvals::own_data.eq(approval.own_data.map(OwnData::name)),
    )))?;
    Ok(())
}

/// The approval on whose word a key was issued by hand.
pub fn of_key(conn: &mut Conn, key: KeyId) -> Result<Option<Approval>, Fault> {
    let newest = key_approvals::table.filter(key_approvals::key_id.eq(key.0)).order(key_approvals::id.desc()).limit(1);
    let Some((_, _, approved_by, approved_on, document, recorded_by, recorded_at, account_id, own_data)) = conn.one::<Row>(newest)? else {
        return Ok(None);
    };
    Ok(Some(Approval {
        approved_by,
        approved_on,
        document,
        recorded_by,
        recorded_at: Timestamp(recorded_at),
        account_id: account_id.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
        own_data: own_data.map(|text| text.parse()).transpose().map_err(Fault::broken)?,
    }))
}
