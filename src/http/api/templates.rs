//! `/v1/developers/templates`: RESO templates of the caller's MLS.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use crate::base::id::AccountId;
use crate::flows::platform::history::ChangeRecord;
use crate::flows::platform::templates::{self, Asked, Part, PartShape, TemplateRecord};
use crate::platform::change::CHANGES;
use crate::platform::problem::ApiProblem;
use crate::platform::service::Service;
use crate::platform::template::TEMPLATES;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::Reply;
use super::list;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/templates",
        Service::Templates,
        &[
            address::get("The RESO templates of the MLS", || web::to(page)).page::<TemplateRecord>(),
            address::post("Add a RESO template", || web::to(create)).takes::<Asked>().created::<TemplateRecord>(),
        ],
    ),
    Address::of(
        "/v1/developers/templates/{template}",
        Service::Templates,
        &[
            address::get("One RESO template", || web::to(get)).one::<TemplateRecord>(),
            address::put("Change a RESO template; what is not said stays", || web::to(update)).takes::<Asked>().one::<TemplateRecord>(),
            address::delete("Remove a RESO template that no key is bound to", || web::to(delete)),
        ],
    ),
    Address::of(
        "/v1/developers/templates/{template}/fieldoverrides",
        Service::Templates,
        &[
            address::get("Which fields a template shows", || web::to(get_overrides)).one::<PartShape>(),
            address::put("Say anew which fields a template shows", || web::to(put_overrides)).takes::<PartShape>().one::<PartShape>(),
        ],
    ),
    Address::of(
        "/v1/developers/templates/{template}/restrictivefilters",
        Service::Templates,
        &[
            address::get("Which records a template shows", || web::to(get_filters)).one::<PartShape>(),
            address::put("Say anew which records a template shows", || web::to(put_filters)).takes::<PartShape>().one::<PartShape>(),
        ],
    ),
    Address::of(
        "/v1/developers/templates/{template}/history",
        Service::Templates,
        &[address::get("The changes of a RESO template, the newest first", || web::to(history)).page::<ChangeRecord>()],
    ),
];

/// The template an address names; what is no id is one that nobody has.
fn id(request: &HttpRequest) -> Result<AccountId, ApiProblem> {
    request.match_info().get("template").and_then(|text| text.parse().ok()).ok_or(ApiProblem::not_found())
}

/// `GET …/templates`
pub async fn page(door: Door) -> HttpResponse {
    list::list(door, Service::Templates, &TEMPLATES, |_, conn, guest, query| templates::list(conn, &guest.staff(), query).map(Ok)).await
}

/// `POST …/templates`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    door.write_body(Service::Templates, &request, payload, |app, conn, guest, body| {
        Ok(templates::create(app, conn, &guest.staff(), body)?.map(|made| Reply::made(&made)))
    })
    .await
}

/// `GET …/templates/<T>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    list::record(door, Service::Templates, &TEMPLATES, move |_, conn, guest, _| match id {
        Ok(id) => templates::get(conn, &guest.staff(), &id),
        Err(problem) => Ok(Err(problem)),
    })
    .await
}

/// `PUT …/templates/<T>`
pub async fn update(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let id = id(&request);
    door.write_body(Service::Templates, &request, payload, move |app, conn, guest, body| match id {
        Ok(id) => Ok(templates::update(app, conn, &guest.staff(), &id, body)?.map(|record| Reply::record(&record))),
        Err(problem) => Ok(Err(problem)),
    })
    .await
}

/// `DELETE …/templates/<T>`
pub async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    door.write(Service::Templates, move |app, conn, guest| match id {
        Ok(id) => Ok(templates::delete(app, conn, &guest.staff(), &id)?.map(|()| Reply::done())),
        Err(problem) => Ok(Err(problem)),
    })
    .await
}

/// `GET …/templates/<T>/fieldoverrides`
pub async fn get_overrides(door: Door, request: HttpRequest) -> HttpResponse {
    get_part(door, &request, Part::FieldOverrides).await
}

/// `PUT …/templates/<T>/fieldoverrides`
pub async fn put_overrides(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    put_part(door, &request, payload, Part::FieldOverrides).await
}

/// `GET …/templates/<T>/restrictivefilters`
pub async fn get_filters(door: Door, request: HttpRequest) -> HttpResponse {
    get_part(door, &request, Part::RestrictiveFilters).await
}

/// `PUT …/templates/<T>/restrictivefilters`
pub async fn put_filters(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    put_part(door, &request, payload, Part::RestrictiveFilters).await
}

async fn get_part(door: Door, request: &HttpRequest, part: Part) -> HttpResponse {
    let id = id(request);
    door.read(Service::Templates, move |_, conn, guest| match id {
        Ok(id) => Ok(templates::part(conn, &guest.staff(), &id, part)?.map(|said| Reply::record(&said))),
        Err(problem) => Ok(Err(problem)),
    })
    .await
}

async fn put_part(door: Door, request: &HttpRequest, payload: Payload, part: Part) -> HttpResponse {
    let id = id(request);
    door.write_body(Service::Templates, request, payload, move |app, conn, guest, body| {
        let id = match id {
            Ok(id) => id,
            Err(problem) => return Ok(Err(problem)),
        };
        let whole = Map::from_iter([(part.attribute().to_owned(), Value::Object(body.clone()))]);
        let staff = guest.staff();
        if let Err(problem) = templates::update(app, conn, &staff, &id, &whole)? {
            return Ok(Err(problem));
        }
        Ok(templates::part(conn, &staff, &id, part)?.map(|said| Reply::record(&said)))
    })
    .await
}

/// `GET …/templates/<T>/history`
pub async fn history(door: Door, request: HttpRequest) -> HttpResponse {
    let id = id(&request);
    list::list(door, Service::Templates, &CHANGES, move |_, conn, guest, query| match &id {
        Ok(id) => templates::changes(conn, &guest.staff(), id, query),
        Err(problem) => Ok(Err(problem.clone())),
    })
    .await
}
