//! Consumers: one row a sign-up, and of those whose address is proved one an address.

use diesel::prelude::*;

use crate::base::id::{AccountId, ConsumerId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::identity::account::login_key;
use crate::identity::consumer::Consumer;
use crate::platform::form::email_key;

use super::conn::Conn;
use super::schema::consumers;

/// How long a sign-up that came to nothing is remembered.
const REMEMBERED: Seconds = Seconds::days(90);

#[derive(Queryable)]
struct Row {
    id: String,
    email: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    email_key: String,
    login_name: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    login_key: String,
    name: String,
    given_name: String,
    family_name: String,
    phone: String,
    address: String,
    #[expect(dead_code, reason = "read with the row; pages are in one language yet")]
    language: String,
    email_updates: bool,
    password_hash: String,
    email_verified_at: Option<i64>,
    tokens_valid_after: Option<i64>,
    current_agent: Option<String>,
    signup: Option<String>,
    last_login_at: Option<i64>,
    created_at: i64,
    modified_at: i64,
    #[expect(dead_code, reason = "read with the row, used only to sweep")]
    sweep_at: Option<i64>,
}

/// A consumer as its row has it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The person.
    pub consumer: Consumer,
    /// The password's hash.
    pub hash: String,
    /// What is to be done once the address is proved, as JSON of who wrote it.
    pub signup: Option<String>,
}

impl Row {
    fn read(self) -> Result<Kept, Fault> {
        let consumer = Consumer {
            id: self.id.parse().map_err(Fault::broken)?,
            email: self.email,
            login_name: self.login_name,
            name: self.name,
            given_name: self.given_name,
            family_name: self.family_name,
            phone: self.phone,
            home: serde_json::from_str(&self.address).map_err(Fault::broken)?,
            email_updates: self.email_updates,
            email_verified_at: self.email_verified_at.map(Timestamp),
            tokens_valid_after: self.tokens_valid_after.map(Timestamp),
            current_agent: self.current_agent.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
            last_login_at: self.last_login_at.map(Timestamp),
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
        };
        Ok(Kept { consumer, hash: self.password_hash, signup: self.signup })
    }
}

/// Writes a sign-up down. Without an address that is proved it takes nobody's place, and goes in time.
pub fn add(conn: &mut Conn, new: &Consumer, hash: &str, signup: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    let proved = new.email_verified_at.map(|at| at.0);
    conn.execute(diesel::insert_into(consumers::table).values((
        consumers::id.eq(new.id.as_str()),
        (consumers::email.eq(&new.email), consumers::email_key.eq(email_key(&new.email))),
        (consumers::login_name.eq(&new.login_name), consumers::login_key.eq(login_key(&new.login_name))),
        (consumers::name.eq(&new.name), consumers::given_name.eq(&new.given_name), consumers::family_name.eq(&new.family_name)),
        consumers::phone.eq(&new.phone),
        consumers::address.eq(serde_json::to_string(&new.home).map_err(Fault::broken)?),
        consumers::language.eq("en"),
        consumers::email_updates.eq(new.email_updates),
        consumers::password_hash.eq(hash),
        consumers::email_verified_at.eq(proved),
        consumers::signup.eq(signup),
        consumers::created_at.eq(now.0),
        consumers::modified_at.eq(now.0),
        consumers::sweep_at.eq(proved.is_none().then_some((now + REMEMBERED).0)),
    )))?;
    Ok(())
}

/// The consumer of that row, whether its address is proved or not.
pub fn get(conn: &mut Conn, id: &ConsumerId) -> Result<Option<Kept>, Fault> {
    conn.one::<Row>(consumers::table.find(id.as_str()))?.map(Row::read).transpose()
}

/// The consumer to whom that address belongs.
pub fn by_email(conn: &mut Conn, email: &str) -> Result<Option<Kept>, Fault> {
    let proved = consumers::table.filter(consumers::email_key.eq(email_key(email))).filter(consumers::email_verified_at.is_not_null());
    conn.one::<Row>(proved)?.map(Row::read).transpose()
}

/// The consumer who signs in with that address or login name. The two never read alike for different people.
pub fn by_login(conn: &mut Conn, login: &str) -> Result<Option<Kept>, Fault> {
    if let Some(found) = by_email(conn, login)? {
        return Ok(Some(found));
    }
    let named = consumers::table.filter(consumers::login_key.eq(login_key(login))).filter(consumers::email_verified_at.is_not_null());
    conn.one::<Row>(named)?.map(Row::read).transpose()
}

/// The address is theirs; every other sign-up with it comes to nothing. `false` where it, or the login name, is another's by now.
pub fn verify(conn: &mut Conn, consumer: &Consumer, now: Timestamp) -> Result<bool, Fault> {
    let name = login_key(&consumer.login_name);
    let taken = consumers::table.filter(consumers::login_key.eq(name)).filter(consumers::email_verified_at.is_not_null()).count();
    if by_email(conn, &consumer.email)?.is_some() || conn.one::<i64>(taken)?.unwrap_or_default() > 0 {
        return Ok(false);
    }
    let waiting = || consumers::table.filter(consumers::email_verified_at.is_null());
    let set = (
        consumers::email_verified_at.eq(now.0),
        consumers::modified_at.eq(now.0),
        consumers::signup.eq(None::<String>),
        consumers::sweep_at.eq(None::<i64>),
    );
    let verified = conn.execute(diesel::update(waiting().filter(consumers::id.eq(consumer.id.as_str()))).set(set))? == 1;
    let others = waiting().filter(consumers::email_key.eq(email_key(&consumer.email)));
    conn.execute(diesel::update(others).set((consumers::signup.eq(None::<String>), consumers::password_hash.eq(""))))?;
    Ok(verified)
}

/// Gives a consumer a new password: everything issued on the old one is dead.
pub fn set_password(conn: &mut Conn, id: &ConsumerId, hash: &str, now: Timestamp) -> Result<bool, Fault> {
    let set = (consumers::password_hash.eq(hash), consumers::tokens_valid_after.eq(now.0), consumers::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(consumers::table.find(id.as_str())).set(set))? == 1)
}

/// Everything issued for a consumer until now is dead.
pub fn end_everything_issued(conn: &mut Conn, id: &ConsumerId, now: Timestamp) -> Result<bool, Fault> {
    Ok(conn.execute(diesel::update(consumers::table.find(id.as_str())).set(consumers::tokens_valid_after.eq(now.0)))? == 1)
}

/// Replaces a hash by one of the same password with today's parameters, or holds on to it; `false` where it is no longer the consumer's.
pub fn rehash(conn: &mut Conn, id: &ConsumerId, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
    let same = diesel::update(consumers::table.find(id.as_str())).filter(consumers::password_hash.eq(hash));
    Ok(conn.execute(same.set(consumers::password_hash.eq(rehashed.unwrap_or(hash))))? == 1)
}

/// Notes that a consumer signed in.
pub fn signed_in(conn: &mut Conn, id: &ConsumerId, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::update(consumers::table.find(id.as_str())).set(consumers::last_login_at.eq(now.0)))?;
    Ok(())
}

/// Writes down what a consumer says of themselves: names, telephone, home and wishes.
pub fn change(conn: &mut Conn, consumer: &Consumer, now: Timestamp) -> Result<bool, Fault> {
    let set = (
        consumers::name.eq(&consumer.name),
        consumers::given_name.eq(&consumer.given_name),
        consumers::family_name.eq(&consumer.family_name),
        consumers::phone.eq(&consumer.phone),
        consumers::address.eq(serde_json::to_string(&consumer.home).map_err(Fault::broken)?),
        consumers::email_updates.eq(consumer.email_updates),
        consumers::modified_at.eq(now.0),
    );
    Ok(conn.execute(diesel::update(consumers::table.find(consumer.id.as_str())).set(set))? == 1)
}

/// Makes an agent the current one.
pub fn set_current_agent(conn: &mut Conn, id: &ConsumerId, agent: &AccountId, now: Timestamp) -> Result<bool, Fault> {
    let set = (consumers::current_agent.eq(agent.as_str()), consumers::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(consumers::table.find(id.as_str())).set(set))? == 1)
}
