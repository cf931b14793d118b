//! Grants: one row per permission for its whole life, and the few single tokens revoked before their time.

use diesel::prelude::*;

use crate::base::id::{AccountId, ConsumerId, ConsumerSessionId, ContactId, GrantId, KeyId, SessionId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::protocol::grant::{Acting, Grant, GrantState};
use crate::protocol::pkce::Challenge;
use crate::protocol::scope::Scopes;

use super::conn::Conn;
use super::schema::accounts;
use super::schema::{consents, grants, revoked_tokens};
use crate::identity::account::UserType;

/// How long an ended or abandoned grant is remembered.
const REMEMBERED: Seconds = Seconds::days(1);

#[derive(Queryable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    key_id: i64,
    account_id: String,
    state: String,
    scope: String,
    nonce: Option<String>,
    challenge: Option<String>,
    redirect_uri: String,
    claims: Option<String>,
    auth_time: i64,
    session_id: Option<i64>,
    offered_at: i64,
    offer_ends: i64,
    ends_at: i64,
    generation: i64,
    rotated_at: i64,
    front_channel: bool,
    some_revoked: bool,
    sweep_at: i64,
    consumer_id: Option<String>,
    contact_id: Option<String>,
    consumer_role: Option<String>,
}

impl Row {
    fn read(self) -> Result<Grant, Fault> {
        let broken = |what: &str| Fault::broken(format!("grant {}: unreadable {what}", self.id));
        let consumer = match (self.consumer_id, self.contact_id, self.consumer_role, self.session_id) {
            (None, None, None, _) => None,
            (Some(consumer), Some(contact), Some(role), Some(session)) => Some(Acting {
                consumer_id: consumer.parse().map_err(Fault::broken)?,
                contact_id: contact.parse().map_err(Fault::broken)?,
                role: role.parse().map_err(|_| broken("role"))?,
                session_id: ConsumerSessionId(session),
            }),
            _ => return Err(broken("consumer")),
        };
        // A consumer's session never passes for an account's.
        let session_id = self.session_id.filter(|_| consumer.is_none()).map(SessionId);
        Ok(Grant {
            id: GrantId(self.id),
            key_id: KeyId(self.key_id),
            account_id: self.account_id.parse().map_err(Fault::broken)?,
            consumer,
            state: self.state.parse().map_err(|_| broken("state"))?,
            scope: Scopes::exactly(&self.scope).ok_or_else(|| broken("scope"))?,
            nonce: self.nonce,
            challenge: self
                .challenge
                .map(|text| Challenge::parse(&text).ok_or_else(|| Fault::broken("unreadable challenge")))
                .transpose()?,
            redirect_uri: self.redirect_uri,
            claims: self.claims,
            auth_time: Timestamp(self.auth_time),
            session_id,
            offered_at: Timestamp(self.offered_at),
            offer_ends: Timestamp(self.offer_ends),
            ends_at: Timestamp(self.ends_at),
            generation: u32::try_from(self.generation).map_err(Fault::broken)?,
            rotated_at: Timestamp(self.rotated_at),
            front_channel: self.front_channel,
            some_revoked: self.some_revoked,
        })
    }
}

/// What a look at a grant must know of its person.
#[derive(Debug, Clone)]
pub struct Person {
    /// May use the platform.
    pub active: bool,
    /// Anything issued before this moment is dead.
    pub tokens_valid_after: Option<Timestamp>,
    /// What he signs in with.
    pub login_name: String,
    /// The MLS he belongs to.
    pub mls_id: AccountId,
    /// What the account stands for.
    pub user_type: UserType,
}

/// A person as a joined row has him.
pub(super) type PersonRow = (bool, Option<i64>, String, String, String);

/// The columns of a [`PersonRow`].
macro_rules! person_columns {
    () => {
        (accounts::active, accounts::tokens_valid_after, accounts::login_name, accounts::mls_id, accounts::user_type)
    };
}
pub(super) use person_columns;

pub(super) fn read_person((active, floor, login_name, mls_id, user_type): PersonRow) -> Result<Person, Fault> {
    Ok(Person {
        active,
        tokens_valid_after: floor.map(Timestamp),
        login_name,
        mls_id: mls_id.parse().map_err(Fault::broken)?,
        user_type: user_type.parse().map_err(Fault::broken)?,
    })
}

/// Writes down a permission.
pub fn insert(conn: &mut Conn, grant: &Grant) -> Result<(), Fault> {
    let sweep_at = if grant.state == GrantState::Offered && !grant.front_channel { grant.offer_ends + REMEMBERED } else { grant.ends_at };
    let acting = grant.consumer.as_ref();
    let row = Row {
        id: grant.id.0,
        key_id: grant.key_id.0,
        account_id: grant.account_id.to_string(),
        state: grant.state.name().to_owned(),
        scope: grant.scope.to_string(),
        nonce: grant.nonce.clone(),
        challenge: grant.challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
        redirect_uri: grant.redirect_uri.clone(),
        claims: grant.claims.clone(),
        auth_time: grant.auth_time.0,
        session_id: acting.map(|acting| acting.session_id.0).or(grant.session_id.map(|id| id.0)),
        offered_at: grant.offered_at.0,
        offer_ends: grant.offer_ends.0,
        ends_at: grant.ends_at.0,
        generation: i64::from(grant.generation),
        rotated_at: grant.rotated_at.0,
        front_channel: grant.front_channel,
        some_revoked: grant.some_revoked,
        sweep_at: sweep_at.0,
        consumer_id: acting.map(|acting| acting.consumer_id.to_string()),
        contact_id: acting.map(|acting| acting.contact_id.to_string()),
        consumer_role: acting.map(|acting| acting.role.name().to_owned()),
    };
    conn.execute(diesel::insert_into(grants::table).values(row))?;
    Ok(())
}

/// The grant and what must be known of its person: one statement, the hottest read there is.
pub fn with_person(conn: &mut Conn, id: GrantId) -> Result<Option<(Grant, Person)>, Fault> {
    let query = grants::table.inner_join(accounts::table).filter(grants::id.eq(id.0)).select((grants::all_columns, person_columns!()));
    let found: Option<(Row, PersonRow)> = conn.one(query)?;
    found.map(|(row, person)| Ok((row.read()?, read_person(person)?))).transpose()
}

/// `offered` becomes `active`; `false` where another request was first.
pub fn activate(conn: &mut Conn, id: GrantId, ends_at: Timestamp, now: Timestamp) -> Result<bool, Fault> {
    let set = (grants::state.eq(GrantState::Active.name()), grants::rotated_at.eq(now.0), grants::sweep_at.eq(ends_at.0));
    let offered = diesel::update(grants::table.find(id.0)).filter(grants::state.eq(GrantState::Offered.name()));
    conn.changed(offered.set(set).returning(grants::id))
}

/// The generation goes up by one; `false` where another request was first.
pub fn rotate(conn: &mut Conn, id: GrantId, generation: u32, now: Timestamp) -> Result<bool, Fault> {
    let set = (grants::generation.eq(i64::from(generation) + 1), grants::rotated_at.eq(now.0));
    let here = diesel::update(grants::table.find(id.0))
        .filter(grants::generation.eq(i64::from(generation)))
        .filter(grants::state.ne(GrantState::Ended.name()));
    conn.changed(here.set(set).returning(grants::id))
}

/// The grant is over; `false` where it already was.
pub fn end(conn: &mut Conn, id: GrantId, now: Timestamp) -> Result<bool, Fault> {
    let set = (grants::state.eq(GrantState::Ended.name()), grants::sweep_at.eq((now + REMEMBERED).0));
    let living = diesel::update(grants::table.find(id.0)).filter(grants::state.ne(GrantState::Ended.name()));
    conn.changed(living.set(set).returning(grants::id))
}

/// An offered code is used up; `false` where another request redeemed or ended it first.
pub fn use_up(conn: &mut Conn, id: GrantId, now: Timestamp) -> Result<bool, Fault> {
    let set = (grants::state.eq(GrantState::Ended.name()), grants::sweep_at.eq((now + REMEMBERED).0));
    let offered = diesel::update(grants::table.find(id.0)).filter(grants::state.eq(GrantState::Offered.name()));
    conn.changed(offered.set(set).returning(grants::id))
}

/// Every permission this person gave this key is over, and so is the consent.
pub fn end_all(conn: &mut Conn, account: &AccountId, key: KeyId, now: Timestamp) -> Result<usize, Fault> {
    let set = (grants::state.eq(GrantState::Ended.name()), grants::sweep_at.eq((now + REMEMBERED).0));
    let ended = conn.execute(
        diesel::update(
            grants::table
                .filter(grants::account_id.eq(account.as_str()))
                .filter(grants::key_id.eq(key.0))
                .filter(grants::consumer_id.is_null())
                .filter(grants::state.ne(GrantState::Ended.name())),
        )
        .set(set),
    )?;
    conn.execute(diesel::delete(consents::table.find((account.as_str(), key.0))))?;
    Ok(ended)
}

/// Remembers one access token as revoked until it would have died anyway, and marks its grant so that others are spared the look-up.
pub fn revoke_token(conn: &mut Conn, nonce: i64, until: Timestamp, grant: Option<GrantId>) -> Result<(), Fault> {
    conn.execute(
        diesel::insert_into(revoked_tokens::table)
            .values((revoked_tokens::nonce.eq(nonce), revoked_tokens::sweep_at.eq(until.0)))
            .on_conflict_do_nothing(),
    )?;
    if let Some(id) = grant {
        let first = diesel::update(grants::table.find(id.0)).filter(grants::some_revoked.eq(false));
        conn.changed(first.set(grants::some_revoked.eq(true)).returning(grants::id))?;
    }
    Ok(())
}

/// Whether that access token was revoked.
pub fn is_revoked(conn: &mut Conn, nonce: i64) -> Result<bool, Fault> {
    Ok(conn.one::<i64>(revoked_tokens::table.find(nonce).select(revoked_tokens::nonce))?.is_some())
}

/// How many grants live.
pub fn count(conn: &mut Conn) -> Result<i64, Fault> {
    Ok(conn.one(grants::table.count())?.unwrap_or_default())
}

/// Which permissions of a consumer are meant.
#[derive(Debug, Clone, Copy)]
pub enum OfConsumer<'a> {
    /// Every one.
    All,
    /// Those to one key.
    ToKey(KeyId),
    /// Those with one agent's contact.
    By(&'a ContactId),
    /// Those given in one browser session.
    In(ConsumerSessionId),
    /// Those given in any other browser session.
    NotIn(ConsumerSessionId),
}

/// Those permissions of a consumer are over; answers how many were alive.
pub fn end_of_consumer(conn: &mut Conn, consumer: &ConsumerId, which: OfConsumer<'_>, now: Timestamp) -> Result<usize, Fault> {
    let set = (grants::state.eq(GrantState::Ended.name()), grants::sweep_at.eq((now + REMEMBERED).0));
    let living = grants::table.filter(grants::consumer_id.eq(consumer.as_str())).filter(grants::state.ne(GrantState::Ended.name()));
    match which {
        OfConsumer::All => conn.execute(diesel::update(living).set(set)),
        OfConsumer::ToKey(key) => conn.execute(diesel::update(living.filter(grants::key_id.eq(key.0))).set(set)),
        OfConsumer::By(contact) => conn.execute(diesel::update(living.filter(grants::contact_id.eq(contact.as_str()))).set(set)),
        OfConsumer::In(session) => conn.execute(diesel::update(living.filter(grants::session_id.eq(session.0))).set(set)),
        OfConsumer::NotIn(session) => conn.execute(diesel::update(living.filter(grants::session_id.ne(session.0))).set(set)),
    }
}

/// To whom a grant was given, and about whom it is.
pub fn owner(conn: &mut Conn, id: GrantId) -> Result<Option<(KeyId, String)>, Fault> {
    type Found = (i64, String, Option<String>);
    let found: Option<Found> = conn.one(grants::table.find(id.0).select((grants::key_id, grants::account_id, grants::consumer_id)))?;
    Ok(found.map(|(key, account, consumer)| (KeyId(key), consumer.unwrap_or(account))))
}
