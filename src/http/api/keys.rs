//! `/v1/developers/identities/<I>/keys`: the keys of a developer.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{IdentityId, KeyId};
use crate::flows::platform::key_record::{Asked, KeyRecord, MadeKey};
use crate::flows::platform::keys;
use crate::flows::platform::staff::Place;
use crate::platform::key::KEYS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/identities/{identity}/keys",
        Service::Developers,
        &[
            address::get("The keys of a developer", || web::to(page)).page::<KeyRecord>().detail("Deleted ones are left out."),
            address::post("Make a key", || web::to(create))
                .takes::<Asked>()
                .created::<MadeKey>()
                .detail("This answer, and no other, has the Secret; what is kept of it is a digest."),
        ],
    ),
    // Before the numbers, or it would be taken for one.
    Address::of(
        "/v1/developers/identities/{identity}/keys/deleted",
        Service::Developers,
        &[address::get("The deleted keys of a developer", || web::to(deleted)).page::<KeyRecord>()],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}",
        Service::Developers,
        &[
            address::get("One key, deleted or not", || web::to(get)).one::<KeyRecord>(),
            address::put("Change a key", || web::to(update))
                .takes::<Asked>()
                .one::<KeyRecord>()
                .detail("What is not said stays as it is. A key that is switched off opens nothing from the next second on."),
            address::delete("Delete a key", || web::to(delete))
                .detail("Whatever was issued for it is over. The record stays readable by its Id, for reports and billing."),
        ],
    ),
];

/// The key an address speaks of.
pub fn place(request: &HttpRequest) -> Place {
    Place { identity: IdentityId(number(request, "identity")), key: KeyId(number(request, "key")) }
}

/// `GET …/keys`
pub async fn page(door: Door, request: HttpRequest) -> HttpResponse {
    let identity = IdentityId(number(&request, "identity"));
    list::list(door, Service::Developers, &KEYS, move |_, conn, guest, query| keys::list(conn, &guest.staff(), identity, false, query))
        .await
}

/// `GET …/keys/deleted`
pub async fn deleted(door: Door, request: HttpRequest) -> HttpResponse {
    let identity = IdentityId(number(&request, "identity"));
    list::list(door, Service::Developers, &KEYS, move |_, conn, guest, query| keys::list(conn, &guest.staff(), identity, true, query)).await
}

/// `POST …/keys`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let identity = IdentityId(number(&request, "identity"));
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(keys::create(app, conn, &guest.staff(), identity, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/keys/<K>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    list::record(door, Service::Developers, &KEYS, move |_, conn, guest, query| keys::get(conn, &guest.staff(), place, query)).await
}

/// `PUT …/keys/<K>`
pub async fn update(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let place = place(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(keys::update(app, conn, &guest.staff(), place, body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE …/keys/<K>`
pub async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    door.write(Service::Developers, move |app, conn, guest| Ok(keys::delete(app, conn, &guest.staff(), place)?.map(|()| Reply::done())))
        .await
}
