//! Invoice accounts of developers.

use diesel::prelude::*;

use crate::base::id::DeveloperId;
use crate::base::{Fault, Timestamp};
use crate::platform::developer::PaymentAccount;

use super::conn::Conn;
use super::schema::payment_accounts;

/// The invoice account of a developer.
pub fn get(conn: &mut Conn, developer: DeveloperId) -> Result<Option<PaymentAccount>, Fault> {
    let columns = (payment_accounts::legal_name, payment_accounts::billing_address, payment_accounts::email, payment_accounts::tax_id);
    let row: Option<(String, String, String, String)> = conn.one(payment_accounts::table.find(developer.0).select(columns))?;
    Ok(row.map(|(legal_name, billing_address, email, tax_id)| PaymentAccount { legal_name, billing_address, email, tax_id }))
}

/// Writes the invoice account of a developer down, or anew.
pub fn put(conn: &mut Conn, developer: DeveloperId, account: &PaymentAccount, now: Timestamp) -> Result<(), Fault> {
    let values = (
        payment_accounts::legal_name.eq(&account.legal_name),
        payment_accounts::billing_address.eq(&account.billing_address),
        payment_accounts::email.eq(&account.email),
        payment_accounts::tax_id.eq(&account.tax_id),
        payment_accounts::modified_at.eq(now.0),
    );
    if conn.execute(diesel::update(payment_accounts::table.find(developer.0)).set(values))? == 1 {
        return Ok(());
    }
    let new = (payment_accounts::developer_id.eq(developer.0), payment_accounts::created_at.eq(now.0), values);
    conn.execute(diesel::insert_into(payment_accounts::table).values(new))?;
    Ok(())
}
