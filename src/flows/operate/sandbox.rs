//! What a demonstration has from the start for whoever builds: a developer who is activated, tokens for the sample data, plans.

use crate::base::id::{DeveloperId, IdentityId, PlanId};
use crate::base::{Digest, Fault, Random};
use crate::flows::datamart::demo_key::{self, Wish};
use crate::flows::platform::generic_agent;
use crate::flows::platform::issue_token::{TokenWish, issue};
use crate::platform::plan::Content;
use crate::platform::registration::{Registration, TERMS_VERSION};
use crate::platform::role::Role;
use crate::store::{accounts, audit, developer_keys, developers, keys, mlses, personal_tokens, plans};

use super::{Declined, Desk};

/// How many plans of an MLS are looked at for one of the same name.
const MOST: i64 = 500;

/// Sees to it that a developer with that address is activated; answers the identity. One write.
///
/// Refuses: an address that belongs to somebody whom the staff has not activated.
pub fn invite(desk: &Desk, facts: &Registration, hash: &str) -> Result<Result<IdentityId, Declined>, Fault> {
    let now = desk.clock.now();
    let (facts, hash) = (facts.clone(), hash.to_owned());
    let (id, identity) = (DeveloperId(desk.random.small_id(now)), IdentityId(desk.random.small_id(now)));
    let line = desk.entry("developer.activated", &format!("developer:{id}"), now);
    desk.db.write(move |conn| {
        if let Some((known, _)) = developers::by_email(conn, &facts.email)? {
            return Ok(known.identity_id.ok_or_else(|| Declined::because("this address belongs to a registration that is not activated")));
        }
        developers::add(conn, id, &facts, &hash, TERMS_VERSION, now)?;
        let Some((developer, _)) = developers::get(conn, id)? else { return Err(Fault::broken("a developer was added and is not there")) };
        developer_keys::add_identity(conn, identity, &facts, now)?;
        if !developers::verify(conn, &developer, now)? || !developers::activate(conn, id, identity, "operator", now)? {
            return Err(Fault::broken("a developer was added and cannot be activated"));
        }
        audit::write(conn, &line)?;
        Ok(Ok(identity))
    })
}

/// Whether a token is one that still opens something.
pub fn is_good(desk: &Desk, token: &str) -> Result<bool, Fault> {
    let digest = Digest::of(token.as_bytes());
    Ok(desk.db.read(move |conn| personal_tokens::with_person(conn, &digest))?.is_some_and(|(token, _)| token.revoked_at.is_none()))
}

/// Makes a demo key of that role for a developer, and its token. One write.
pub fn open(desk: &Desk, identity: IdentityId, role: Role) -> Result<String, Fault> {
    let now = desk.clock.now();
    let line = desk.entry("key.created", "", now);
    // The write runs on a thread of its own, which borrows nothing.
    let random = Random::default();
    desk.db.write(move |conn| {
        let name = format!("Sandbox ({role})");
        let wish = Wish { identity, name: &name, website: "https://example.com/", role, comments: "made by latchkey demo" };
        let made = demo_key::make(&random, conn, &wish, now)?;
        let holder = generic_agent::of(&random, conn, &made.mls, now)?;
        let (Some(registered), Some(account)) = (keys::get(conn, made.id)?, accounts::get(conn, &holder)?) else {
            return Err(Fault::broken("a demo key was made and is not there"));
        };
        let wish = TokenWish { registered: &registered, account: &account, own_data: None, created_by: "operator".to_owned() };
        let issued = issue(&random, conn, wish, now)?.map_err(|why| Fault::broken(why.sentence()))?;
        audit::write(conn, &audit::Entry { subject: Some(made.id.to_string()), client: Some(made.client_id), ..line })?;
        Ok(issued.value.expose().to_owned())
    })
}

/// Sees to it that an MLS offers a plan of that name. One write.
///
/// Refuses: an MLS nobody knows, a plan that is not good.
pub fn offer(desk: &Desk, mls: &str, content: &Content) -> Result<Result<(), Declined>, Fault> {
    let now = desk.clock.now();
    let content = match content.clone().check() {
        Ok(content) => content,
        Err(problems) => return Ok(Err(Declined(problems.0.into_iter().map(|(field, why)| format!("{field}: {why}")).collect()))),
    };
    let (mls, id) = (mls.to_owned(), PlanId(desk.random.small_id(now)));
    let line = desk.entry("plan.published", &format!("plan:{id}"), now);
    desk.db.write(move |conn| {
        let Some(mls) = mlses::named(conn, &mls)? else { return Ok(Err(Declined::because("there is no MLS of that name"))) };
        if plans::of_mls(conn, &mls.id, true, PlanId(0), MOST)?.iter().any(|plan| plan.content.name == content.name) {
            return Ok(Ok(()));
        }
        plans::add(conn, id, &mls.id, &content, "operator", now)?;
        audit::write(conn, &line)?;
        Ok(Ok(()))
    })
}
