//! `/v1/developers/identities/<I>/keys/<K>/secrets`: the secrets of a key (ours).

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::KeySecretId;
use crate::flows::platform::secrets::{self, Asked, MadeSecret, SecretRecord};
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::keys::place;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/secrets",
        Service::Developers,
        &[
            address::get("The secrets of a key, without their values", || web::to(list)).all::<SecretRecord>().ours(),
            address::post("Give a key another secret", || web::to(create))
                .takes::<Asked>()
                .created::<MadeSecret>()
                .detail("With OverlapHours the secrets before it end after so many hours: 0 is at once, 168 a week. Without it they stay.")
                .ours(),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/secrets/{secret}",
        Service::Developers,
        &[
            address::get("One secret, without its value", || web::to(get)).one::<SecretRecord>().ours(),
            address::put("Say when a secret ends, or what it is called", || web::to(update)).takes::<Asked>().one::<SecretRecord>().ours(),
            address::delete("Remove a secret, which is not accepted anymore", || web::to(remove)).ours(),
        ],
    ),
];

fn id(request: &HttpRequest) -> KeySecretId {
    KeySecretId(number(request, "secret"))
}

/// `GET …/secrets`
pub async fn list(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    door.read(Service::Developers, move |app, conn, guest| {
        Ok(secrets::list(app, conn, &guest.staff(), place)?.map(|records| Reply::records(&records)))
    })
    .await
}

/// `POST …/secrets`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let place = place(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(secrets::create(app, conn, &guest.staff(), place, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/secrets/<S>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), id(&request));
    door.read(Service::Developers, move |app, conn, guest| {
        Ok(secrets::get(app, conn, &guest.staff(), place, id)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `PUT …/secrets/<S>`
pub async fn update(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let at = (place(&request), id(&request));
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(secrets::update(app, conn, &guest.staff(), at, body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE …/secrets/<S>`
pub async fn remove(door: Door, request: HttpRequest) -> HttpResponse {
    let at = (place(&request), id(&request));
    door.write(Service::Developers, move |app, conn, guest| Ok(secrets::remove(app, conn, &guest.staff(), at)?.map(|()| Reply::done())))
        .await
}
