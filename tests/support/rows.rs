//! What stands in the database, compared before and after; and what the audit tells of one single answer.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use latchkey::base::Digest;
use latchkey::base::id::{GrantId, KeySecretId};
use latchkey::store::audit::{self, Entry};
use latchkey::store::schema::{grants, keys as keys_table};
use latchkey::store::{Conn, grants as store, keys, sweep};

use super::tables::NOTED_BESIDE;
use super::world::{Answer, Application, World};

/// Refusals and counted requests write here, and nowhere else.
const MAY_GROW: [&str; 5] = ["audit", "throttles", "usage_hours", "usage_details", "rate_windows"];

/// Every row of every table, as text, but for audit and throttles.
pub struct Rows(BTreeMap<&'static str, String>);

impl Rows {
    /// Whether `text` stands anywhere.
    pub fn mention(&self, text: &str) -> bool {
        self.0.values().any(|rows| rows.contains(text))
    }
}

fn table(conn: &mut Conn, table: &str) -> Result<String, latchkey::base::Fault> {
    let one = |conn: &mut Conn, scalar: String| Ok(conn.one::<String>(diesel::select(sql::<Text>(&scalar)))?.unwrap_or_default());
    if conn.is_postgres() {
        let row = NOTED_BESIDE.iter().fold("to_jsonb(t)".to_owned(), |row, column| format!("({row} - '{column}')"));
        return one(conn, format!("(SELECT coalesce(string_agg({row}::text, chr(10) ORDER BY t::text), '') FROM {table} t)"));
    }
    let columns = one(
        conn,
        format!(
            "(SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('{table}') WHERE name NOT IN ('{}'))",
            NOTED_BESIDE.join("', '")
        ),
    )?;
    one(
        conn,
        format!("(SELECT coalesce(group_concat(line, char(10)), '') FROM (SELECT json_array({columns}) AS line FROM {table} ORDER BY 1))"),
    )
}

impl World {
    /// Every row there is now.
    pub fn rows(&self) -> Rows {
        let tables = || sweep::RULES.iter().map(|(name, _)| *name).filter(|name| !MAY_GROW.contains(name));
        let all = self.app.db.read(move |conn| tables().map(|name| Ok((name, table(conn, name)?))).collect());
        Rows(all.unwrap())
    }

    /// Asserts that no row changed since, but for audit and throttles (DB=).
    pub fn changed_nothing_since(&self, before: &Rows, said: &str) {
        for (name, rows) in &self.rows().0 {
            assert_eq!(before.0.get(name), Some(rows), "{said}: the table {name} changed");
        }
    }

    /// The audit's line of `event` about the very request that was answered so.
    pub fn told(&self, answer: &Answer, event: &str) -> Entry {
        let request = answer.header("x-request-id").unwrap().to_owned();
        // Each refusal is told in full: none is only counted because there were many before it.
        drop(self.app.tally.drain());
        let mut newest = Vec::new();
        for _ in 0..1000 {
            newest = self.app.db.read(|conn| audit::newest(conn, None, 200)).unwrap();
            newest.retain(|entry| entry.request_id.as_deref() == Some(request.as_str()));
            if let Some(entry) = newest.iter().find(|entry| entry.event == event) {
                return entry.clone();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no {event} is told of {answer:?}, only {newest:?}");
    }

    /// Asserts that the request was refused for this very reason.
    pub fn told_because(&self, answer: &Answer, event: &str, reason: &str, said: &str) {
        let entry = self.told(answer, event);
        assert_eq!((entry.reason.as_deref(), entry.outcome.as_str()), (Some(reason), "refused"), "{said}: {answer:?}");
    }

    /// Asserts an `invalid_grant` for this very reason; a person the key does not serve is told so (CN-16).
    pub fn refused_grant(&self, answer: &Answer, event: &str, reason: &str, said: &str) {
        let word = if reason == "person_outside" { "access_denied" } else { "invalid_grant" };
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(word)), "{said}: {answer:?}");
        answer.is_token_error(400, word);
        self.told_because(answer, event, reason, said);
    }

    /// Asserts a 401 to a client that did not prove itself.
    pub fn refused_client(&self, answer: &Answer, reason: &str, said: &str) {
        assert_eq!(answer.status, 401, "{said}: {answer:?}");
        answer.is_token_error(401, "invalid_client");
        self.told_because(answer, "client.auth_failed", reason, said);
    }

    /// Asserts that an access token opens nothing, wherever it is shown.
    pub fn is_dead(&self, access_token: &str, said: &str) {
        let answer = self.userinfo(access_token);
        assert_eq!(answer.status, 401, "{said}: {answer:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{said}");
        assert_eq!(self.introspect(access_token), serde_json::json!({"active": false}), "{said}");
        assert_eq!(self.my_account(access_token).status, 401, "{said}");
    }

    /// The states of all grants, oldest first.
    pub fn grant_states(&self) -> Vec<String> {
        self.app.db.read(|conn| conn.all(grants::table.order(grants::id).select(grants::state))).unwrap()
    }

    /// The ids of all grants, oldest first.
    pub fn grant_ids(&self) -> Vec<GrantId> {
        let ids: Vec<i64> = self.app.db.read(|conn| conn.all(grants::table.order(grants::id).select(grants::id))).unwrap();
        ids.into_iter().map(GrantId).collect()
    }

    /// What a person's own page does when he takes his permission back.
    pub fn takes_back_consent(&self, application: &Application, account: &str) {
        let (id, account) = (application.id, account.parse().unwrap());
        let now = self.app.now();
        assert!(self.change(move |conn| store::end_all(conn, &account, id, now)) > 0);
    }

    /// Puts redirect URIs into a key's row as an older version or another system may have left them there.
    pub fn migrates_uris(&self, application: &Application, uris: &[&str]) {
        let (id, text) = (application.id.0, serde_json::to_string(uris).unwrap());
        let set = self.change(move |conn| conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::redirect_uris.eq(text))));
        assert_eq!(set, 1);
    }

    /// Lets only people of this MLS use a key; `None` lets everybody.
    pub fn narrows_to_mls(&self, application: &Application, mls: Option<&str>) {
        let (id, text) = (application.id.0, serde_json::to_string(mls.as_slice()).unwrap());
        self.change(move |conn| conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::mls_ids.eq(text))));
    }

    /// Switches a key on or off.
    pub fn switches(&self, application: &Application, on: bool) {
        let (id, now) = (application.id, self.app.now());
        assert!(self.change(move |conn| keys::set_enabled(conn, id, on, now)));
    }

    /// Marks a key as deleted, or takes the mark away.
    pub fn deletes(&self, application: &Application, deleted: bool) {
        let (id, at) = (application.id.0, deleted.then(|| self.app.now().0));
        self.change(move |conn| conn.execute(diesel::update(keys_table::table.find(id)).set(keys_table::deleted_at.eq(at))));
    }

    /// Gives a key one more secret.
    pub fn adds_secret(&self, application: &Application, row: i64, secret: &str, ends: Option<latchkey::base::Timestamp>) {
        let (id, digest, now) = (application.id, Digest::of(secret.as_bytes()), self.app.now());
        self.change(move |conn| keys::add_secret(conn, KeySecretId(row), id, "another", &digest, ends, now));
    }
}

/// What an ID token says; its signature is checked by other tests.
pub fn claims(token: &str) -> serde_json::Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap()
}

/// A text that differs from `text` in the character at `place`.
pub fn altered(text: &str, place: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
    String::from_utf8(bytes).unwrap()
}

/// The member of an answer that must be text.
pub fn text<'a>(answer: &'a serde_json::Value, member: &str) -> &'a str {
    answer[member].as_str().unwrap_or_else(|| panic!("no {member} in {answer}"))
}
