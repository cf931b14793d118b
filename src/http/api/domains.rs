//! `/v1/developers/domains`: web domains of the key that asks; and those of any key of the MLS, for its staff.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{DomainId, IdentityId, KeyId};
use crate::flows::platform::domains::{self, Asked, DomainRecord, Of};
use crate::flows::platform::staff::Place;
use crate::platform::domain::DOMAINS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/domains",
        Service::Domains,
        &[
            address::get("The web domains of the key that asks", || web::to(page)).page::<DomainRecord>(),
            address::post("Add a web domain to the key that asks", || web::to(create)).takes::<Asked>().created::<DomainRecord>(),
        ],
    ),
    Address::of(
        "/v1/developers/domains/{domain}",
        Service::Domains,
        &[
            address::get("One web domain of the key that asks", || web::to(get)).one::<DomainRecord>(),
            address::put("Change a web domain of the key that asks", || web::to(change)).takes::<Asked>().one::<DomainRecord>(),
            address::delete("Remove a web domain of the key that asks", || web::to(remove)),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/domains",
        Service::Developers,
        &[
            address::get("The web domains of a key", || web::to(page)).page::<DomainRecord>(),
            address::post("Add a web domain to a key", || web::to(create)).takes::<Asked>().created::<DomainRecord>(),
        ],
    ),
    Address::of(
        "/v1/developers/identities/{identity}/keys/{key}/domains/{domain}",
        Service::Developers,
        &[
            address::get("One web domain of a key", || web::to(get)).one::<DomainRecord>(),
            address::put("Change a web domain of a key", || web::to(change)).takes::<Asked>().one::<DomainRecord>(),
            address::delete("Remove a web domain of a key", || web::to(remove)),
        ],
    ),
];

/// Of which key an address speaks, and to which service it belongs.
fn of(request: &HttpRequest) -> (Service, Of) {
    if request.match_info().get("key").is_none() {
        return (Service::Domains, Of::Own);
    }
    (Service::Developers, Of::At(Place { identity: IdentityId(number(request, "identity")), key: KeyId(number(request, "key")) }))
}

/// `GET …/domains`
pub async fn page(door: Door, request: HttpRequest) -> HttpResponse {
    let (service, of) = of(&request);
    list::list(door, service, &DOMAINS, move |_, conn, guest, query| domains::list(conn, &guest.staff(), of, query)).await
}

/// `POST …/domains`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let (service, of) = of(&request);
    door.write_body(service, &request, payload, move |app, conn, guest, body| {
        Ok(domains::create(app, conn, &guest.staff(), of, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/domains/<D>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let ((service, of), id) = (of(&request), DomainId(number(&request, "domain")));
    list::record(door, service, &DOMAINS, move |_, conn, guest, _| domains::get(conn, &guest.staff(), of, id)).await
}

/// `PUT …/domains/<D>`
pub async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let ((service, of), id) = (of(&request), DomainId(number(&request, "domain")));
    door.write_body(service, &request, payload, move |app, conn, guest, body| {
        Ok(domains::change(app, conn, &guest.staff(), (of, id), body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE …/domains/<D>`
pub async fn remove(door: Door, request: HttpRequest) -> HttpResponse {
    let ((service, of), id) = (of(&request), DomainId(number(&request, "domain")));
    door.write(service, move |app, conn, guest| Ok(domains::remove(app, conn, &guest.staff(), (of, id))?.map(|()| Reply::done()))).await
}
