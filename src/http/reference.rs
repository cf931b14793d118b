//! `/reference`: the API's document as a page for people, from the binary alone.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::Value;

use crate::platform::service::Service;

use super::api::address::{Address, Gives, Operation, Shape};
use super::api::{addresses, openapi};
use super::pages::{Attribute, Brand, ReferenceOperation, ReferencePage, ReferenceService, Shell};
use super::respond;

/// `GET /reference`
pub async fn get() -> HttpResponse {
    static PAGE: LazyLock<ReferencePage> = LazyLock::new(page);
    respond::page(StatusCode::OK, &*PAGE)
}

/// The page.
pub fn page() -> ReferencePage {
    let document = serde_json::to_value(openapi::document()).unwrap_or_default();
    let of = |service: Option<Service>| addresses::all().filter(move |address| address.service == service);
    let services = Service::ALL.iter().copied().map(Some).chain([None]).filter(|service| of(*service).next().is_some());
    ReferencePage {
        shell: Shell {
            brand: Brand::house(),
            area: "Reference".to_owned(),
            home: "/".to_owned(),
            elsewhere: vec![("OpenAPI document".to_owned(), "/v1/openapi.json".to_owned())],
            ..Shell::default()
        },
        services: services.zip(1..).map(|(service, number)| told(&document, service, number, of(service))).collect(),
        problems: openapi::PROBLEMS.to_vec(),
    }
}

fn told<'a>(document: &Value, service: Option<Service>, number: usize, all: impl Iterator<Item = &'a Address>) -> ReferenceService {
    let operations = all.flat_map(|address| address.operations.iter().map(|operation| operated(document, address, operation)));
    ReferenceService {
        id: format!("service-{number}"),
        name: service.map_or("about this API", Service::name).to_owned(),
        rights: service.map(openapi::rights).unwrap_or_default(),
        operations: operations.collect(),
    }
}

fn operated(document: &Value, address: &Address, operation: &Operation) -> ReferenceOperation {
    let (gives, many) = match operation.gives {
        Gives::Nothing | Gives::Document => (None, false),
        Gives::One(shape) | Gives::Created(shape) => (Some(shape), false),
        Gives::All(shape) | Gives::Page(shape) => (Some(shape), true),
    };
    let attributes = |shape: Option<Shape>| shape.map(|shape| attributes(document, &named(document, shape))).unwrap_or_default();
    ReferenceOperation {
        id: openapi::operation_id(address, operation),
        method: operation.verb.name(),
        path: address.path,
        summary: operation.summary,
        detail: operation.detail,
        ours: operation.ours,
        takes: attributes(operation.takes),
        gives: attributes(gives),
        many,
        searchable: matches!(operation.gives, Gives::Page(_)),
    }
}

fn named(document: &Value, shape: Shape) -> Value {
    document.pointer("/components/schemas").and_then(|all| all.get((shape.name)().as_ref())).cloned().unwrap_or_default()
}

/// The members of an object, those of the parts it is made of first.
fn attributes(document: &Value, schema: &Value) -> Vec<Attribute> {
    let schema = resolved(document, schema);
    let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| attributes(document, part));
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, member)| Attribute {
        name: name.clone(),
        kind: kind(member),
        needed: needed.contains(&name.as_str()),
        about: member["description"].as_str().unwrap_or_default().to_owned(),
    });
    parts.chain(own).collect()
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let place = schema["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#')));
    place.unwrap_or(schema)
}

/// What a member is, in a word or two.
fn kind(member: &Value) -> String {
    let either = ["oneOf", "anyOf"].into_iter().find_map(|name| member[name].as_array());
    if let Some(part) = either.and_then(|parts| parts.iter().find(|part| part["type"] != "null")) {
        return kind(part);
    }
    if let Some(place) = member["$ref"].as_str() {
        return place.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let types: Vec<&str> = match &member["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    };
    match types.first() {
        Some(&"array") => format!("list of {}", kind(&member["items"])),
        Some(name) => (*name).to_owned(),
        None => "anything".to_owned(),
    }
}
