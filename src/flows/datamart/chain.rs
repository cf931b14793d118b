//! Who must approve: accounts as the rules of approvals see them, and the chain for one enrolment.

use crate::base::Fault;
use crate::base::id::AccountId;
use crate::identity::account::{Account, UserType};
use crate::platform::approval::{self, Colleague, Missing, Part, Place};
use crate::platform::wish::Enrolment;
use crate::store::{Conn, accounts, enrolments};

/// The most colleagues and staff that are looked at.
const MOST: i64 = 200;

/// The places of a chain, in their order, and who is asked in each.
pub type Asked = Vec<(Place, Vec<AccountId>)>;

/// An account as approvals see it.
pub fn colleague(account: &Account) -> Colleague {
    let broker = account.profile.member_type.to_lowercase().contains("broker");
    Colleague {
        id: account.id.clone(),
        mls_id: account.mls_id.clone(),
        office_id: account.profile.office_id.clone(),
        company_id: account.profile.company_id.clone(),
        active: account.active,
        part: match account.user_type {
            UserType::Member if broker => Part::Broker,
            UserType::Member => Part::Agent,
            UserType::Office => Part::Office,
            UserType::Company => Part::Company,
            UserType::Mls => Part::Staff,
        },
    }
}

/// The places of the chain and who is asked in each; without a subject (a generic agent) the association alone.
///
/// Refuses: a chain that nobody could complete.
pub fn of(conn: &mut Conn, mls: &AccountId, subject: Option<&Account>) -> Result<Result<Asked, Missing>, Fault> {
    let staff: Vec<AccountId> = accounts::staff_of(conn, mls, MOST)?.into_iter().map(|account| account.id).collect();
    let others: Vec<Colleague> = match subject {
        Some(subject) => {
            let profile = &subject.profile;
            accounts::colleagues(conn, mls, &profile.office_id, &profile.company_id, MOST)?.iter().map(colleague).collect()
        }
        None => Vec::new(),
    };
    Ok(approval::chain(subject.map(colleague).as_ref(), &others, &staff))
}

/// Whether an account has, at this moment, the right to answer there.
pub fn may_stand(conn: &mut Conn, enrolment: &Enrolment, place: Place, account: &AccountId) -> Result<bool, Fault> {
    let Some(person) = accounts::get(conn, account)? else { return Ok(false) };
    let subject = match &enrolment.account_id {
        Some(id) => accounts::get(conn, id)?,
        None => None,
    };
    let delegated = place == Place::Broker && enrolments::was_delegated(conn, enrolment.id, place)?;
    Ok(approval::may_stand(place, &colleague(&person), subject.as_ref().map(colleague).as_ref(), &enrolment.mls_id, delegated))
}

/// The names of accounts, for pages and letters.
pub fn names(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    for id in ids {
        names.push(accounts::get(conn, id)?.map_or_else(|| "someone who left".to_owned(), |account| account.profile.name));
    }
    Ok(names)
}
