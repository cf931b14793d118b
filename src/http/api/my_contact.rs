//! `/v1/my/contact`: the contact that a consumer is to the agent of the session.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::consumer::contacts::{Asked, ContactRecord};
use crate::flows::consumer::oneself;
use crate::platform::contact::CONTACTS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[Address::of(
    "/v1/my/contact",
    Service::MyContact,
    &[
        address::get("The contact that the consumer is to the agent of the session", || web::to(get)).one::<ContactRecord>(),
        address::put("Change it", || web::to(change))
            .takes::<Asked>()
            .one::<ContactRecord>()
            .detail("PrimaryEmail, Tags, VowEnabled and Notify are the agent's business and cannot be written here."),
    ],
)];

/// `GET /v1/my/contact`
async fn get(door: Door) -> HttpResponse {
    list::record(door, Service::MyContact, &CONTACTS, |_, conn, guest, _| oneself::contact(conn, &guest.bearer)).await
}

/// `PUT /v1/my/contact`
async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::MyContact, &request, payload, |app, conn, guest, body| {
        Ok(oneself::change_contact(app, conn, &guest.bearer, &guest.caller, body)?.map(|record| Reply::record(&record)))
    })
    .await
}
