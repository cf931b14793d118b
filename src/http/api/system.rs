//! `/v1/system`: on whose behalf a token acts, and where people sign in for it.

use actix_web::HttpResponse;
use actix_web::web;

use crate::flows::platform::system::{self, SYSTEM, SystemRecord};
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::list;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[Address::of(
    "/v1/system",
    Service::System,
    &[address::get("Whom the token acts for, and where people sign in", || web::to(get))
        .one::<SystemRecord>()
        .detail("Of a home buyer's session it tells the agent's. What only the MLS's own system knows is empty or null.")],
)];

/// `GET /v1/system`
async fn get(door: Door) -> HttpResponse {
    list::record(door, Service::System, &SYSTEM, |app, conn, guest, _| system::get(app, conn, &guest.bearer)).await
}
