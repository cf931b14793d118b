//! `/v1/developers/identities/<I>/keys/<K>/authorizations`: which people a key may act for.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::ConsentId;
use crate::flows::platform::authorizations::{self, Asked, AuthorizationRecord};
use crate::platform::authorization::AUTHORIZATIONS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::keys::place;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/authorizations",
        Service::Developers,
        &[
            address::get("Which people a key may act for", || web::to(page)).page::<AuthorizationRecord>(),
            address::post("Authorize a key for someone", || web::to(create))
                .takes::<Asked>()
                .created::<AuthorizationRecord>()
                .detail("The person is not asked anymore. Of a key with RequiresAuthorization nobody else's word opens it."),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/authorizations/{authorization}",
        Service::Developers,
        &[
            address::get("One authorization", || web::to(get)).one::<AuthorizationRecord>(),
            address::delete("Revoke an authorization", || web::to(revoke))
                .detail("Everything the person gave this key is over: tokens, consent and personal tokens."),
        ],
    ),
];

fn id(request: &HttpRequest) -> ConsentId {
    ConsentId(number(request, "authorization"))
}

/// `GET …/authorizations`
pub async fn page(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    list::list(door, Service::Developers, &AUTHORIZATIONS, move |_, conn, guest, query| {
        authorizations::list(conn, &guest.staff(), place, query)
    })
    .await
}

/// `POST …/authorizations`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let place = place(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(authorizations::create(app, conn, &guest.staff(), place, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/authorizations/<A>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), id(&request));
    list::record(door, Service::Developers, &AUTHORIZATIONS, move |_, conn, guest, _| authorizations::get(conn, &guest.staff(), place, id))
        .await
}

/// `DELETE …/authorizations/<A>`
pub async fn revoke(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), id(&request));
    door.write(Service::Developers, move |app, conn, guest| {
        Ok(authorizations::revoke(app, conn, &guest.staff(), place, id)?.map(|()| Reply::done()))
    })
    .await
}
