//! `GET /v1/my/account`: the record of whoever the token speaks for.

use actix_web::HttpResponse;
use actix_web::web;

use crate::flows::platform::my_account;
use crate::identity::record::Record;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[Address::of(
    "/v1/my/account",
    Service::MyAccount,
    &[address::get("The account the token speaks for", || web::to(get)).one::<Record>()],
)];

/// `GET /v1/my/account`
async fn get(door: Door) -> HttpResponse {
    door.read(Service::MyAccount, |_, conn, guest| Ok(my_account::record(conn, &guest.bearer)?.map(|record| Reply::record(&record)))).await
}
