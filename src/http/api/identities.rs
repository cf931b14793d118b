//! `/v1/developers/identities`: the developers of an MLS, for its staff; and what changed of each.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::IdentityId;
use crate::flows::platform::history::ChangeRecord;
use crate::flows::platform::identities::{self, Asked, IdentityRecord};
use crate::platform::change::CHANGES;
use crate::platform::identity::IDENTITIES;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/identities",
        Service::Developers,
        &[
            address::get("The developers of the MLS", || web::to(page)).page::<IdentityRecord>().detail(
                "Developers who registered with the platform itself stand here too once they have a key of the MLS; Editable says whether the caller may change one. Deleted ones are left out.",
            ),
            address::post("Add a developer", || web::to(create)).takes::<Asked>().created::<IdentityRecord>(),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}",
        Service::Developers,
        &[
            address::get("One developer, deleted or not", || web::to(get)).one::<IdentityRecord>(),
            address::put("Change a developer", || web::to(update))
                .takes::<Asked>()
                .one::<IdentityRecord>()
                .detail("What is not said stays as it is."),
            address::delete("Delete a developer", || web::to(delete)).detail("All keys are disabled. The record stays readable by its Id."),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/history",
        Service::Developers,
        &[address::get("What changed of a developer, the keys and their authorizations, newest first", || web::to(history))
            .page::<ChangeRecord>()],
    ),
];

fn id(request: &HttpRequest) -> IdentityId {
    IdentityId(number(request, "identity"))
}

/// `GET /v1/developers/identities`
pub async fn page(door: Door) -> HttpResponse {
    list::list(door, Service::Developers, &IDENTITIES, |_, conn, guest, query| Ok(Ok(identities::list(conn, &guest.staff(), query)?))).await
}

/// `POST /v1/developers/identities`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Developers, &request, payload, |app, conn, guest, body| {
        Ok(identities::create(app, conn, &guest.staff(), body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET /v1/developers/identities/<I>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    list::record(door, Service::Developers, &IDENTITIES, move |_, conn, guest, _| identities::get(conn, &guest.staff(), id)).await
}

/// `PUT /v1/developers/identities/<I>`
pub async fn update(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let id = id(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(identities::update(app, conn, &guest.staff(), id, body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE /v1/developers/identities/<I>`
pub async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    door.write(Service::Developers, move |app, conn, guest| Ok(identities::delete(app, conn, &guest.staff(), id)?.map(|()| Reply::done())))
        .await
}

/// `GET /v1/developers/identities/<I>/history`
pub async fn history(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    list::list(door, Service::Developers, &CHANGES, move |_, conn, guest, query| identities::changes(conn, &guest.staff(), id, query)).await
}
