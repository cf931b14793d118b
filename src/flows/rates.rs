//! Rate limits: this node's purses, and taking a share for one of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Timestamp};
use crate::config::Rates as Settings;
use crate::platform::rate::{Allowance, Excess, Purse, Rule, Spending};
use crate::platform::role::Role;
use crate::store::Conn;
use crate::store::keys::Registered;
use crate::store::rates;

/// How many purses a node keeps before it throws stale ones away.
const MANY: usize = 10_000;

/// Whose requests are counted together: one key in one role.
type Payer = (KeyId, Option<Role>);

/// This node's purses.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<Payer, Purse>>);

/// A share to be taken before a request can be judged.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    payer: Payer,
    rule: Rule,
    /// What all nodes had taken when this one last knew.
    taken: i64,
}

/// What becomes of a request.
pub enum Judged {
    /// It is within its limits; `None` where there are none.
    Within(Option<Allowance>),
    /// It is one too many.
    Over(Excess),
    /// Take this share, then judge again.
    Share(Share),
}

/// The limits of a key in a role. A key that copies in bulk has one of its own, and an administrator may give any key its own.
fn rule_of(settings: &Settings, registered: &Registered, role: Option<Role>) -> Rule {
    let of_role = match role {
        _ if registered.key.has(Role::Replication) => settings.replication,
        Some(Role::Idx) => settings.idx,
        Some(Role::Vow) => settings.vow,
        Some(Role::Portal) => settings.portal,
        Some(Role::Private) => settings.private,
        _ => settings.public,
    };
    Rule {
        quota: registered.client.policy.requests.unwrap_or(of_role).into(),
        window: settings.window,
        per_second: settings.per_second.into(),
    }
}

/// Spends one request of that key in that role.
pub fn judge(app: &App, registered: &Registered, role: Option<Role>, now: Timestamp) -> Judged {
    let limits = rule_of(&app.settings.rates, registered, role);
    if limits.quota == 0 && limits.per_second == 0 {
        return Judged::Within(None);
    }
    let payer = (registered.key.id, role);
    let mut purses = app.rates.0.lock().unwrap_or_else(PoisonError::into_inner);
    if purses.len() >= MANY && !purses.contains_key(&payer) {
        purses.retain(|_, purse| !purse.is_stale(limits, now));
    }
    let purse = purses.entry(payer).or_default();
    match purse.spend(limits, now) {
        Spending::Within(allowance) => Judged::Within((limits.quota > 0).then_some(allowance)),
        Spending::Over(excess) => Judged::Over(excess),
        Spending::TakeShare => Judged::Share(Share { payer, rule: limits, taken: purse.taken(limits, now) }),
    }
}

/// Takes a share, inside a write; this node may spend it when the write is durable.
pub fn take(app: &App, conn: &mut Conn, share: Share) -> Result<(), Fault> {
    let Share { payer: (key, role), rule, .. } = share;
    let began = rule.began(app.now());
    let bucket = format!("{key}:{}", role.map_or("none", Role::name));
    let ends = began + rule.window + rule.window;
    let (mine, taken) = rates::take(conn, &bucket, (began, ends), |taken| rule.share(taken))?;
    put(app, share, began, mine, taken);
    Ok(())
}

/// Goes on with a share that nobody wrote down: a database that cannot write must not stop what only reads. Nodes then no longer know
/// of one another, so each keeps the limit by itself.
pub fn take_unwritten(app: &App, share: Share) {
    let mine = share.rule.share(share.taken);
    put(app, share, share.rule.began(app.now()), mine, share.taken + mine);
}

fn put(app: &App, share: Share, began: Timestamp, mine: i64, taken: i64) {
    let mut purses = app.rates.0.lock().unwrap_or_else(PoisonError::into_inner);
    purses.entry(share.payer).or_default().put(began, mine, taken);
}
