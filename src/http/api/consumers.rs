//! `/v1/consumers`: home buyers and the agents they are linked with.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{AccountId, ConsumerId};
use crate::flows::consumer::accounts::{self, Asked as NewAsked};
use crate::flows::consumer::contacts::ContactRecord;
use crate::flows::consumer::oneself::{self, AGENTS, AgentRecord, Asked, CONSUMER, Chosen, ConsumerRecord};
use crate::platform::contact::CONTACTS;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;
use super::path::digits;

const VISIBLE: &str = "An agent reaches contacts of the own, a key with the privilege contacts of any agent of its MLS. Nobody reaches \
                       what someone else signs in with.";

/// This resource's addresses: those with a fixed word before those where anything may stand.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/consumers",
        Service::Consumers,
        &[address::post("Make a consumer", || web::to(create))
            .takes::<NewAsked>()
            .created::<ConsumerRecord>()
            .detail("Only for keys with the privilege. An e-mail asks the person to prove the address; until then it signs nobody in.")],
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
        &[address::get("The agents the consumer is linked with", || web::to(my_agents)).page::<AgentRecord>()],
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
            .one::<ContactRecord>()],
    ),
    Address::of(
        "/v1/consumers/{consumer}",
        Service::Consumers,
        &[
            address::get("A consumer", || web::to(get)).one::<ConsumerRecord>().detail(VISIBLE).ours(),
            address::put("Change the name of a consumer", || web::to(change)).takes::<Asked>().one::<ConsumerRecord>().detail(VISIBLE),
        ],
    ),
    Address::of(
        "/v1/consumers/{consumer}/agents",
        Service::Consumers,
        &[address::get("The agents a consumer is linked with, as far as the caller may see them", || web::to(agents))
            .page::<AgentRecord>()],
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
    list::record(door, Service::Consumers, &CONSUMER, |_, conn, guest, _| oneself::me(conn, &guest.bearer)).await
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
    list::few(door, Service::Consumers, &AGENTS, |_, conn, guest| oneself::agents(conn, &guest.bearer)).await
}

/// `GET /v1/consumers/me/agents/current`
async fn current(door: Door) -> HttpResponse {
    list::record(door, Service::Consumers, &AGENTS, |_, conn, guest, _| oneself::current(conn, &guest.bearer)).await
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
    list::record(door, Service::Consumers, &AGENTS, move |_, conn, guest, _| oneself::agent(conn, &guest.bearer, id.as_ref())).await
}

/// `GET /v1/consumers/me/agents/<Id>/contacts`
async fn contacts(door: Door, request: HttpRequest) -> HttpResponse {
    let id: Option<AccountId> = digits(&request, "agent");
    list::record(door, Service::Consumers, &CONTACTS, move |_, conn, guest, _| oneself::contact_with(conn, &guest.bearer, id.as_ref()))
        .await
}

/// `GET /v1/consumers/<Id>`
async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let id: Option<ConsumerId> = digits(&request, "consumer");
    list::record(door, Service::Consumers, &CONSUMER, move |_, conn, guest, _| accounts::get(conn, &guest.bearer, id.as_ref())).await
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
    list::few(door, Service::Consumers, &AGENTS, move |_, conn, guest| accounts::agents(conn, &guest.bearer, id.as_ref())).await
}
