//! `/v1/my/account`: the record of whoever the token speaks for.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::consumer::accounts::{self, OwnAsked};
use crate::flows::platform::my_account::{self, ACCOUNT};
use crate::identity::record::Record;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[Address::of(
    "/v1/my/account",
    Service::MyAccount,
    &[
        address::get("The account the token speaks for", || web::to(get)).one::<Record>(),
        address::put("Change the account of the consumer the token speaks for", || web::to(change))
            .takes::<OwnAsked>()
            .one::<Record>()
            .detail("A new Password needs the old one in PasswordValidation (1060 where it is not, 1061 where both are the same) and ends everything issued. Accounts of an MLS are changed at the MLS."),
    ],
)];

/// `GET /v1/my/account`
async fn get(door: Door) -> HttpResponse {
    list::record(door, Service::MyAccount, &ACCOUNT, |_, conn, guest, _| my_account::record(conn, &guest.bearer)).await
}

/// `PUT /v1/my/account`
async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_passwords(
        Service::MyAccount,
        &request,
        payload,
        |app, conn, guest, body| accounts::prepare_own(app, conn, &guest.bearer, body),
        |app, conn, guest, body, made| {
            Ok(accounts::change_own(app, conn, &guest.bearer, &guest.caller, (body, made))?.map(|record| Reply::record(&record)))
        },
    )
    .await
}
