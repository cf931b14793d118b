//! `/v1/developers/identities/<I>/keys/<K>/tokens`: personal tokens (ours).

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{IdentityId, KeyId, PersonalTokenId};
use crate::flows::platform::personal_tokens::{self, Asked, MadeToken, TokenRecord};
use crate::flows::platform::staff::Place;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/tokens",
        Service::Developers,
        &[
            address::get("The personal tokens of a key, newest first, without their values", || web::to(list)).all::<TokenRecord>().ours(),
            address::post("Make a personal token", || web::to(create))
                .takes::<Asked>()
                .created::<MadeToken>()
                .detail("It does not expire. The key must have the role single_session. The token of the same account before it is revoked; while another account has one, nobody else gets one.")
                .ours(),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/tokens/{token}",
        Service::Developers,
        &[
            address::get("One personal token, without its value", || web::to(get)).one::<TokenRecord>().ours(),
            address::delete("Revoke a personal token at once", || web::to(delete)).ours(),
        ],
    ),
];

fn place(request: &HttpRequest) -> Place {
    Place { identity: IdentityId(number(request, "identity")), key: KeyId(number(request, "key")) }
}

/// `GET …/tokens`
pub async fn list(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    door.read(Service::Developers, move |_, conn, guest| {
        Ok(personal_tokens::list(conn, &guest.staff(), place)?.map(|records| Reply::records(&records)))
    })
    .await
}

/// `POST …/tokens`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let place = place(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(personal_tokens::create(app, conn, &guest.staff(), place, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/tokens/<T>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), PersonalTokenId(number(&request, "token")));
    door.read(Service::Developers, move |_, conn, guest| {
        Ok(personal_tokens::get(conn, &guest.staff(), place, id)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE …/tokens/<T>`
pub async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), PersonalTokenId(number(&request, "token")));
    door.write(Service::Developers, move |app, conn, guest| {
        Ok(personal_tokens::revoke(app, conn, &guest.staff(), place, id)?.map(|()| Reply::done()))
    })
    .await
}
