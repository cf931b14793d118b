//! `/v1/contacts`: whom an agent knows, and the portal accounts they have.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::ContactId;
use crate::flows::consumer::contacts::{self, Asked, ContactRecord, List};
use crate::flows::consumer::portal_accounts::{self, AccountRecord, Asked as AccountAsked};
use crate::platform::contact::CONTACTS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::digits;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/contacts",
        Service::Contacts,
        &[
            address::get("The agent's contacts", || web::to(page)).page::<ContactRecord>(),
            address::post("Add a contact", || web::to(create))
                .takes::<Asked>()
                .created::<ContactRecord>()
                .detail("One with a PrimaryEmail gets a portal account with it. Notify invites them by an e-mail with a one-time link; it needs a portal that is enabled. Older programs may wrap the contact in a list, Contacts."),
        ],
    ),
    Address::of(
        "/v1/contacts/unconnected",
        Service::Contacts,
        &[address::get("Contacts who signed up at the agent's portal without connecting with the agent", || web::to(unconnected)).page::<ContactRecord>()],
    ),
    Address::of(
        "/v1/contacts/{contact}",
        Service::Contacts,
        &[
            address::get("One contact", || web::to(get)).one::<ContactRecord>(),
            address::put("Change a contact", || web::to(change))
                .takes::<Asked>()
                .one::<ContactRecord>()
                .detail("VowEnabled off turns the contact's sessions away at once (1015); they go on when it is on again."),
            address::delete("Delete a contact, which ends what was issued to them with this agent", || web::to(delete)),
        ],
    ),
    Address::of(
        "/v1/contacts/{contact}/portal",
        Service::PortalAccounts,
        &[
            address::get("The portal account of a contact", || web::to(account)).one::<AccountRecord>(),
            address::post("Make the portal account of a contact", || web::to(create_account))
                .takes::<AccountAsked>()
                .created::<AccountRecord>()
                .detail("With a Password, an e-mail asks the person to prove the address; until then it signs nobody in."),
            address::put("Change the portal account of a contact", || web::to(change_account)).takes::<AccountAsked>().one::<AccountRecord>(),
        ],
    ),
];

fn id(request: &HttpRequest) -> Option<ContactId> {
    digits(request, "contact")
}

/// `GET /v1/contacts`
async fn page(door: Door) -> HttpResponse {
    list::list(door, Service::Contacts, &CONTACTS, |_, conn, guest, query| contacts::list(conn, &guest.bearer, List::All, query)).await
}

/// `GET /v1/contacts/unconnected`
async fn unconnected(door: Door) -> HttpResponse {
    list::list(door, Service::Contacts, &CONTACTS, |_, conn, guest, query| contacts::list(conn, &guest.bearer, List::Unconnected, query))
        .await
}

/// `POST /v1/contacts`
async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Contacts, &request, payload, |app, conn, guest, body| {
        Ok(contacts::create(app, conn, &guest.bearer, &guest.caller, body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET /v1/contacts/<Id>`
async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    list::record(door, Service::Contacts, &CONTACTS, move |_, conn, guest, _| contacts::get(conn, &guest.bearer, id.as_ref())).await
}

/// `PUT /v1/contacts/<Id>`
async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let id = id(&request);
    door.write_body(Service::Contacts, &request, payload, move |app, conn, guest, body| {
        Ok(contacts::change(app, conn, &guest.bearer, &guest.caller, id.as_ref(), body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `DELETE /v1/contacts/<Id>`
async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    door.write(Service::Contacts, move |app, conn, guest| {
        Ok(contacts::delete(app, conn, &guest.bearer, &guest.caller, id.as_ref())?.map(|()| Reply::done()))
    })
    .await
}

/// `GET /v1/contacts/<Id>/portal`
async fn account(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    door.read(Service::PortalAccounts, move |_, conn, guest| {
        Ok(portal_accounts::get(conn, &guest.bearer, id.as_ref())?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `POST /v1/contacts/<Id>/portal`
async fn create_account(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    write_account(door, request, payload, true).await
}

/// `PUT /v1/contacts/<Id>/portal`
async fn change_account(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    write_account(door, request, payload, false).await
}

async fn write_account(door: Door, request: HttpRequest, payload: Payload, new: bool) -> HttpResponse {
    let (id, same) = (id(&request), id(&request));
    door.write_passwords(
        Service::PortalAccounts,
        &request,
        payload,
        move |_, conn, guest, body| portal_accounts::prepare(conn, &guest.bearer, same.as_ref(), body, new),
        move |app, conn, guest, body, made| {
            let put = portal_accounts::put(app, conn, &guest.bearer, &guest.caller, id.as_ref(), (body, new, made))?;
            Ok(put.map(|record| if new { Reply::made(&record) } else { Reply::record(&record) }))
        },
    )
    .await
}
