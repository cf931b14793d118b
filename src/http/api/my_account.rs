//! `GET /v1/my/account`: the record of whoever the token speaks for.

use actix_web::{HttpRequest, HttpResponse};

use crate::flows::check::BearerRefusal;
use crate::flows::{record, userinfo};
use crate::http::oauth::userinfo::bearer;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};
use crate::platform::access::{AccessRefusal, Facts, decide};

use super::envelope;

/// `GET /v1/my/account`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let token = bearer(request.headers());
    let found = match token {
        None => Err(BearerRefusal::Unknown),
        Some(token) => match reading(&app, move |app, conn| userinfo::account(app, conn, &token)).await {
            Ok(found) => found,
            Err(fault) => return Style::Api.fault(&visit, &fault),
        },
    };
    let refusal = match (decide(facts(&visit, found.as_ref().err().copied())), found) {
        (Ok(()), Ok(Some(account))) => return envelope::results(&[account.record()]),
        (Ok(()), _) => AccessRefusal::NotAtThisLevel,
        (Err(refusal), _) => refusal,
    };
    visit.ended(refusal.sentence());
    record::refused(&app, visit.caller(), "access.denied", refusal.sentence(), None);
    respond::api_refusal(refusal)
}

/// What the platform's order of checks asks.
fn facts(visit: &Visit, refused: Option<BearerRefusal>) -> Facts {
    Facts {
        secure: visit.is_secure(),
        known: refused != Some(BearerRefusal::Unknown),
        key_enabled: refused != Some(BearerRefusal::KeyDisabled),
        in_time: refused != Some(BearerRefusal::Over),
        person_active: refused != Some(BearerRefusal::PersonInactive),
    }
}
