//! The answer of the older clients' door, signed; and the check of such a signature for those who ask us.

use crate::app::App;
use crate::base::{Digest, Fault, Seconds, Timestamp};
use crate::identity::subject::Subject;
use crate::protocol::authorize::Answer;
use crate::protocol::grant::Grant;
use crate::protocol::openid2::{self, Asked, Check, Circumstances, Person};
use crate::protocol::params::Params;
use crate::store::{Conn, throttles};

use super::authorize::Ready;
use super::issue::code_of;

/// For how long a signature is vouched for.
const VOUCHED: Seconds = Seconds::minutes(10);
/// Names the key; clients that verify nothing do not look at it, the others send it back.
const HANDLE: &str = "{HMAC-SHA256}{latchkey}";

/// Who somebody is, and the code where one was asked for.
pub fn answer(app: &App, ready: Ready, asked: &Asked, grant: Option<&Grant>) -> Result<Answer, Fault> {
    let Some(Subject::Account(account)) = &ready.subject else {
        return Err(Fault::broken("nobody is there of whom an assertion could tell"));
    };
    let profile = &account.profile;
    let person = Person {
        id: account.id.to_string(),
        login: account.login_name.clone(),
        name: profile.name.clone(),
        first_name: profile.first_name.clone(),
        middle_name: profile.middle_name.clone(),
        last_name: profile.last_name.clone(),
        email: profile.primary_email().map(str::to_owned),
    };
    let session = Digest::of(app.random.token().as_bytes()).hex();
    let told = Circumstances {
        issuer: &app.settings.issuer,
        return_to: ready.reply.destination.as_str(),
        session: session.get(..32).unwrap_or_default(),
        nonce: &format!("{}{}", app.now().iso(), app.random.token()),
        handle: HANDLE,
        scope: ready.approved.scope(),
        code: grant.map(|grant| code_of(app, grant)).transpose()?,
    };
    let members = openid2::assertion(asked, &person, &told, |text| app.seal.vouch(text));
    Ok(ready.reply.answer_in_openid2(members))
}

/// Whether an assertion is ours, of the last minutes, and asked about for the first time. One write.
///
/// Spec: OpenID Authentication 2.0 §11.4.2
pub fn check(app: &App, conn: &mut Conn, params: &Params) -> Result<bool, Fault> {
    let now = app.now();
    let ours = |check: &Check<'_>| {
        let endpoint = format!("{}/openid?", app.settings.issuer);
        let fresh = made_at(check.nonce).is_some_and(|at| at <= now + Seconds(1) && now < at + VOUCHED);
        check.handle == HANDLE
            && check.endpoint.starts_with(&endpoint)
            && fresh
            && Digest::of(app.seal.vouch(&check.signed).as_bytes()).matches(&Digest::of(check.signature.as_bytes()))
    };
    match Check::read(params).filter(ours) {
        Some(check) => throttles::first(conn, &format!("openid2:{}", Digest::of(check.nonce.as_bytes()).hex()), now),
        None => Ok(false),
    }
}

/// The moment at the beginning of a nonce.
fn made_at(nonce: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc3339(nonce.get(..20)?).ok().map(|at| Timestamp(at.timestamp_millis()))
}
