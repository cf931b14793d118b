//! `/v1/portal`: the portal of the agent.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::consumer::portal::{self, Asked, Named, PORTALS, PortalRecord};
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::digits;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/portal",
        Service::Portals,
        &[
            address::get("The agent's portal, if there is one", || web::to(all)).page::<PortalRecord>(),
            address::post("Make the agent's portal", || web::to(create))
                .takes::<Asked>()
                .created::<PortalRecord>()
                .detail("Its Name is made from DisplayName and is nobody else's; people sign in at /auth/vow/<Name>."),
            address::put("Change the agent's portal", || web::to(change))
                .takes::<Asked>()
                .one::<PortalRecord>()
                .detail("Under another DisplayName it gets another Name, and the old one leads nowhere. Switched off, it ends nothing for good: sessions sleep until it is switched on."),
        ],
    ),
    Address::of(
        "/v1/portal/{portal}",
        Service::Portals,
        &[
            address::get("The agent's portal", || web::to(get)).one::<PortalRecord>(),
            address::put("Change the agent's portal", || web::to(change)).takes::<Asked>().one::<PortalRecord>(),
        ],
    ),
];

/// The portal that is named in the address, if one is.
fn named(request: &HttpRequest) -> Named {
    match (request.match_info().get("portal"), digits(request, "portal")) {
        (None, _) => Named::Own,
        (Some(_), Some(id)) => Named::By(id),
        (Some(_), None) => Named::Nonsense,
    }
}

/// `GET /v1/portal`
async fn all(door: Door) -> HttpResponse {
    list::few(door, Service::Portals, &PORTALS, |_, conn, guest| portal::all(conn, &guest.bearer)).await
}

/// `GET /v1/portal/<Id>`
async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let named = named(&request);
    list::record(door, Service::Portals, &PORTALS, move |_, conn, guest, _| portal::get(conn, &guest.bearer, &named)).await
}

/// `POST /v1/portal`
async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Portals, &request, payload, |app, conn, guest, body| {
        Ok(portal::create(app, conn, &guest.bearer, &guest.caller, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `PUT /v1/portal[/<Id>]`
async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let named = named(&request);
    door.write_body(Service::Portals, &request, payload, move |app, conn, guest, body| {
        Ok(portal::change(app, conn, &guest.bearer, &guest.caller, &named, body)?.map(|record| Reply::record(&record)))
    })
    .await
}
