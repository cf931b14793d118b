//! `/v1/developers/audit` and `…/identities/<I>/billing`: what keys were used for.

use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{AccountId, IdentityId};
use crate::flows::platform::usage::{self, BillRecord, DetailRecord, SummaryRecord};
use crate::platform::problem::ApiProblem;
use crate::platform::query::paired;
use crate::platform::service::Service;
use crate::platform::usage::{BILLS, DETAILS, SUMMARIES};

use super::address::{self, Address};
use super::door::Door;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/audit",
        Service::Usage,
        &[address::get("Single requests of the last seven days, the newest first", || web::to(details))
            .page::<DetailRecord>()
            .detail("So many of each key and hour as are kept. The expansions ErrorCode, Reason and RequestId are additions of ours.")],
    ),
    Address::of(
        "/v1/developers/audit/summary",
        Service::Usage,
        &[address::get("What keys were used for in the last thirty days", || web::to(summaries))
            .page::<SummaryRecord>()
            .detail("At most 500 records a page.")],
    ),
    Address::of(
        "/v1/developers/audit/summary/users/{user}",
        Service::Usage,
        &[address::get("The same, of requests that were made for one person", || web::to(summaries)).page::<SummaryRecord>()],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/billing",
        Service::Developers,
        &[address::get("The requests of each key of a developer, month by month, the latest first", || web::to(bills))
            .page::<BillRecord>()
            .detail(
                "The running month and the three before it; StartDate and EndDate, both days included, choose others within the past year.",
            )],
    ),
];

/// `GET …/audit`
pub async fn details(door: Door) -> HttpResponse {
    list::list(door, Service::Usage, &DETAILS, |app, conn, guest, query| usage::details(app, conn, &guest.staff(), query).map(Ok)).await
}

/// `GET …/audit/summary`, and `…/users/<U>` below it
pub async fn summaries(door: Door, request: HttpRequest) -> HttpResponse {
    let user = request.match_info().get("user").map(str::parse::<AccountId>);
    list::list(door, Service::Usage, &SUMMARIES, move |app, conn, guest, query| match user {
        Some(Err(_)) => Ok(Err(ApiProblem::not_found())),
        Some(Ok(user)) => usage::summaries(app, conn, &guest.staff(), Some(&user), query),
        None => usage::summaries(app, conn, &guest.staff(), None, query),
    })
    .await
}

/// `GET …/identities/<I>/billing`
pub async fn bills(door: Door, request: HttpRequest) -> HttpResponse {
    let id = IdentityId(number(&request, "identity"));
    let pairs = paired(&door.query);
    list::list(door, Service::Developers, &BILLS, move |app, conn, guest, query| {
        let said = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        usage::bills(app, conn, &guest.staff(), id, (said("StartDate"), said("EndDate")), query)
    })
    .await
}
