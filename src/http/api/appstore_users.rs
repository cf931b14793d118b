//! `/v1/appstore/users`: who uses the application that asks.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::platform::appstore_users::{self, Asked, UserRecord};
use crate::platform::problem::ApiProblem;
use crate::platform::purchase::PURCHASES;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/appstore/users",
        Service::AppstoreUsers,
        &[address::get(
            "Who uses the application that asks; everyone but staff and the application itself sees the own entry only",
            || web::to(page),
        )
        .page::<UserRecord>()],
    ),
    Address::of(
        "/v1/appstore/users/{account}",
        Service::AppstoreUsers,
        &[address::put("Note whether someone uses the application that asks", || web::to(set)).takes::<Asked>().one::<UserRecord>()],
    ),
];

/// `GET …/users`
pub async fn page(door: Door) -> HttpResponse {
    list::list(door, Service::AppstoreUsers, &PURCHASES, |_, conn, guest, query| appstore_users::list(conn, &guest.bearer, query).map(Ok))
        .await
}

/// `PUT …/users/<A>`
pub async fn set(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let id = request.match_info().get("account").and_then(|text| text.parse().ok());
    door.write_body(Service::AppstoreUsers, &request, payload, move |app, conn, guest, body| {
        let Some(id) = id else { return Ok(Err(ApiProblem::not_found())) };
        Ok(appstore_users::set(app, conn, &guest.bearer, &guest.caller, &id, body)?.map(|record| Reply::record(&record)))
    })
    .await
}
