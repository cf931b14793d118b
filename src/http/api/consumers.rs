//! `/v1/consumers`: home buyers and the agents they are linked with.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{AccountId, ConsumerId};
use crate::flows::consumer::accounts::{self, Asked as NewAsked};
use crate::flows::consumer::contacts::ContactRecord;
use crate::flows::consumer::oneself::{self, AgentRecord, Asked, Chosen, ConsumerRecord};
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::path::digits;

/// This resource's addresses: those with a fixed word before those where anything may stand.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/consumers",
        Service::Consumers,
        &[address::post("Make a consumer", || web::to(create))
            .takes::<NewAsked>()
            .created::<ConsumerRecord>()
            .detail("Only for keys with the privilege. A letter asks the person to prove the address; until then it signs nobody in.")],
    ),
    Address::of(
        "/v1/consumers/me",
        Service::Consumers,
        &[
            address::get("The consumer the token speaks for", || web::to(me)).one::<ConsumerRecord>(),
            address::put("Change the name of the consumer the token speaks for", || web::to(change_me))
                .takes::<Asked>()
                .one::<ConsumerRecord>(),
        ],
    ),
    Address::of(
        "/v1/consumers/me/agents",
        Service::Consumers,
        &[address::get("The agents the consumer is linked with", || web::to(my_agents)).all::<AgentRecord>()],
    ),
    Address::of(
        "/v1/consumers/me/agents/current",
        Service::Consumers,
        &[
            address::get("The current agent", || web::to(current)).one::<AgentRecord>(),
            address::put("Make one of the linked agents the current one", || web::to(set_current)).takes::<Chosen>().one::<AgentRecord>(),
        ],
    ),
    Address::of(
        "/v1/consumers/me/agents/{agent}",
        Service::Consumers,
        &[address::get("One of the agents the consumer is linked with", || web::to(my_agent)).one::<AgentRecord>()],
    ),
    Address::of(
        "/v1/consumers/me/agents/{agent}/contacts",
        Service::Consumers,
        &[address::get("What the consumer is to the agent of the session; nothing of another agent's", || web::to(contacts))
            .all::<ContactRecord>()],
    ),
    Address::of(
        "/v1/consumers/{consumer}",
        Service::Consumers,
        &[address::put("Change the name of a consumer", || web::to(change))
            .takes::<Asked>()
            .one::<ConsumerRecord>()
            .detail("Only for keys with the privilege, of consumers who are contacts of an agent of their MLS.")],
    ),
    Address::of(
        "/v1/consumers/{consumer}/agents",
        Service::Consumers,
        &[address::get("The agents a consumer is linked with, as far as the caller may see them", || web::to(agents)).all::<AgentRecord>()],
    ),
];

/// `POST /v1/consumers`
async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_passwords(
        Service::Consumers,
        &request,
        payload,
        |_, conn, guest, body| accounts::prepare(conn, &guest.bearer, body),
        |app, conn, guest, body, made| {
            Ok(accounts::create(app, conn, &guest.bearer, &guest.caller, (body, made))?.map(|record| Reply::made(&record)))
        },
    )
    .await
}

/// `GET /v1/consumers/me`
async fn me(door: Door) -> HttpResponse {
    door.read(Service::Consumers, |_, conn, guest| Ok(oneself::me(conn, &guest.bearer)?.map(|record| Reply::record(&record)))).await
}

/// `PUT /v1/consumers/me`
async fn change_me(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Consumers, &request, payload, |app, conn, guest, body| {
        Ok(oneself::change_me(app, conn, &guest.bearer, &guest.caller, body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `GET /v1/consumers/me/agents`
async fn my_agents(door: Door) -> HttpResponse {
    door.read(Service::Consumers, |_, conn, guest| Ok(oneself::agents(conn, &guest.bearer)?.map(|records| Reply::records(&records)))).await
}

/// `GET /v1/consumers/me/agents/current`
async fn current(door: Door) -> HttpResponse {
    door.read(Service::Consumers, |_, conn, guest| Ok(oneself::current(conn, &guest.bearer)?.map(|record| Reply::record(&record)))).await
}

/// `PUT /v1/consumers/me/agents/current`
async fn set_current(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Consumers, &request, payload, |app, conn, guest, body| {
        Ok(oneself::set_current(app, conn, &guest.bearer, &guest.caller, body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `GET /v1/consumers/me/agents/<Id>`
async fn my_agent(door: Door, request: HttpRequest) -> HttpResponse {
    let id: Option<AccountId> = digits(&request, "agent");
    door.read(Service::Consumers, move |_, conn, guest| {
        Ok(oneself::agent(conn, &guest.bearer, id.as_ref())?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `GET /v1/consumers/me/agents/<Id>/contacts`
async fn contacts(door: Door, request: HttpRequest) -> HttpResponse {
    let id: Option<AccountId> = digits(&request, "agent");
    door.read(Service::Consumers, move |_, conn, guest| {
        Ok(oneself::contacts_with(conn, &guest.bearer, id.as_ref())?.map(|records| Reply::records(&records)))
    })
    .await
}

/// `PUT /v1/consumers/<Id>`
async fn change(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let id: Option<ConsumerId> = digits(&request, "consumer");
    door.write_body(Service::Consumers, &request, payload, move |app, conn, guest, body| {
        Ok(accounts::change(app, conn, &guest.bearer, &guest.caller, id.as_ref(), body)?.map(|record| Reply::record(&record)))
    })
    .await
}

/// `GET /v1/consumers/<Id>/agents`
async fn agents(door: Door, request: HttpRequest) -> HttpResponse {
    let id: Option<ConsumerId> = digits(&request, "consumer");
    door.read(Service::Consumers, move |_, conn, guest| {
        Ok(accounts::agents(conn, &guest.bearer, id.as_ref())?.map(|records| Reply::records(&records)))
    })
    .await
}
