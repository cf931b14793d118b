//! `GET /v1/openapi.json`: the OpenAPI 3.1 document, made from the table of addresses and the types of their records.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, Route};
use utoipa::openapi::path::{Operation as Described, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ServerBuilder};

use crate::http::respond;
use crate::platform::role::Role;
use crate::platform::service::{Right, Service};

use super::address::{Address, Gives, Operation, Shape, Verb, get as get_operation};
use super::addresses;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[Address::open("/v1/openapi.json", &[get_operation("This document", mounted).document().ours()])];

fn mounted() -> Route {
    web::to(get)
}

/// `GET /v1/openapi.json`
async fn get() -> HttpResponse {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(serde_json::to_vec(&document()).unwrap_or_default()));
    respond::bytes_json(StatusCode::OK, TEXT.clone())
}

const ABOUT: &str = "\
Developers, their API keys and what a key may do. Requests and answers are JSON in an envelope: {\"D\": {…}}. \
A token goes into the header Authorization, after the word OAuth or Bearer. Where something is refused, the envelope has a numeric Code \
and a Message; programs should branch on Code.";

/// The document.
pub fn document() -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut shapes: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    for address in addresses::all() {
        let mut item = PathItem::builder();
        for operation in address.operations {
            item = item.operation(operation.verb.documented(), described(address, operation));
            shapes.extend(operation.takes.into_iter().chain(given(operation.gives)).flat_map(named));
        }
        paths = paths.path(address.path, item.build());
    }
    shapes.insert("Problem".to_owned(), problem());
    shapes.insert("Pagination".to_owned(), pagination());
    let mut components = ComponentsBuilder::new().security_scheme("token", token());
    for (name, schema) in shapes {
        components = components.schema(name, schema);
    }
    for (status, said) in PROBLEMS {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        components = components
            .response(problem_name(*status), ResponseBuilder::new().description(*said).content("application/json", content).build());
    }
    let tags = Service::ALL.iter().map(|service| TagBuilder::new().name(service.name()).description(Some(rights(*service))).build());
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("Latchkey: the Keys API").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT)).build())
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .paths(paths.build())
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

/// What each data role may do with a service, in one sentence.
pub fn rights(service: Service) -> String {
    let may = |role: Role| match service.right(role) {
        Right::None => None,
        right => Some(format!("{role} may {}", right.words().replace(", ", " and "))),
    };
    let roles = Role::ALL.into_iter().filter_map(may);
    let staff = if service.is_for_staff() { "; only staff of an MLS, and keys with the privilege of the Keys API" } else { "" };
    format!("{}{staff}.", roles.collect::<Vec<_>>().join(", "))
}

/// Statuses of refusals, and when they come.
pub const PROBLEMS: &[(u16, &str)] = &[
    (400, "The request cannot be understood (1035, 1040), or an attribute is missing (1050) or unfit (1053); Errors names it"),
    (401, "No token, an unknown one (1000), one of a disabled key (1010), or one that is over (1020)"),
    (403, "The role does not open this (1500), or key, address or person may not use it at the moment (1013, 1015, 1019, 1021, 1030)"),
    (404, "No such thing, or someone else's"),
    (405, "Not this method here (405), or not by this role (1017, 1018)"),
    (409, "It conflicts with what is there (1055); Errors names the attribute"),
    (413, "The body is too long"),
    (415, "The body is compressed"),
    (429, "Too many requests (1550); Retry-After says when to come back"),
    (500, "Something is broken"),
    (503, "Too busy or not reachable; Retry-After says when to come back"),
];

fn problem_name(status: u16) -> String {
    format!("Problem{status}")
}

fn described(address: &Address, operation: &Operation) -> Described {
    let mut said = OperationBuilder::new()
        .operation_id(Some(operation_id(address, operation)))
        .summary(Some(operation.summary))
        .tag(address.service.map_or("about", Service::name));
    let ours = if operation.ours { " An addition of ours to the platform's documentation." } else { "" };
    let detail = format!("{}{ours}", operation.detail);
    if !detail.is_empty() {
        said = said.description(Some(detail.trim()));
    }
    for part in address.parts() {
        said = said.parameter(in_path(part));
    }
    if let Gives::Page(_) = operation.gives {
        for parameter in of_lists() {
            said = said.parameter(parameter);
        }
    }
    if let Some(shape) = operation.takes {
        let content = ContentBuilder::new().schema(Some(enveloped(reference(shape)))).build();
        said =
            said.request_body(Some(RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()));
    }
    let (status, schema) = answered(operation.gives);
    let good = ResponseBuilder::new()
        .description(if status == "201" { "What was made" } else { "Done" })
        .content("application/json", ContentBuilder::new().schema(Some(schema)).build());
    said = said.response(status, good.build());
    if address.service.is_none() {
        return said.securities(Some(Vec::<SecurityRequirement>::new())).build();
    }
    for (status, _) in PROBLEMS {
        let reads = operation.verb == Verb::Get;
        let fits = match status {
            400 => operation.takes.is_some() || matches!(operation.gives, Gives::Page(_)),
            405 | 409 => !reads,
            413 | 415 => operation.takes.is_some(),
            // 404 too: what is somebody's own is not there for who has none.
            _ => true,
        };
        if fits {
            said = said.response(status.to_string(), RefOr::Ref(Ref::from_response_name(problem_name(*status))));
        }
    }
    said.security(SecurityRequirement::new("token", Vec::<String>::new())).build()
}

/// A name for programs that are made from the document, such as `getDevelopersRoles`.
pub fn operation_id(address: &Address, operation: &Operation) -> String {
    let mut id = operation.verb.name().to_ascii_lowercase();
    let words = address.path.trim_start_matches("/v1").split(['/', '.', '_']).filter(|word| !word.is_empty());
    for word in words {
        let (by, word) = if word.starts_with('{') { ("By", word.trim_matches(['{', '}'])) } else { ("", word) };
        let mut letters = word.chars();
        id.push_str(by);
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}

fn given(gives: Gives) -> Option<Shape> {
    match gives {
        Gives::One(shape) | Gives::All(shape) | Gives::Page(shape) | Gives::Created(shape) => Some(shape),
        Gives::Nothing | Gives::Document => None,
    }
}

fn named(shape: Shape) -> Vec<(String, RefOr<Schema>)> {
    let mut all = vec![((shape.name)().into_owned(), (shape.schema)())];
    (shape.parts)(&mut all);
    all
}

fn reference(shape: Shape) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name((shape.name)()))
}

fn enveloped(inner: impl Into<RefOr<Schema>>) -> Schema {
    ObjectBuilder::new().property("D", inner).required("D").into()
}

/// The status of an answer that went well, and its body.
fn answered(gives: Gives) -> (&'static str, Schema) {
    let list = |records: RefOr<Schema>, at_least: usize, at_most: Option<usize>| {
        let records = ArrayBuilder::new().items(records).min_items(Some(at_least)).max_items(at_most);
        ObjectBuilder::new()
            .property("Success", ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])))
            .required("Success")
            .property("Results", records)
            .required("Results")
    };
    let anything = || RefOr::T(ObjectBuilder::new().into());
    match gives {
        Gives::Nothing => ("200", enveloped(Schema::from(list(anything(), 0, Some(0))))),
        Gives::One(shape) => ("200", enveloped(Schema::from(list(reference(shape), 1, Some(1))))),
        Gives::Created(shape) => ("201", enveloped(Schema::from(list(reference(shape), 1, Some(1))))),
        Gives::All(shape) => ("200", enveloped(Schema::from(list(reference(shape), 0, None)))),
        Gives::Page(shape) => {
            let page = list(reference(shape), 0, None).property("Pagination", Ref::from_schema_name("Pagination"));
            ("200", enveloped(Schema::from(page)))
        }
        Gives::Document => ("200", ObjectBuilder::new().into()),
    }
}

fn in_path(name: &str) -> Parameter {
    let id = ObjectBuilder::new();
    let schema = match name {
        "template" | "account" | "user" | "listing" => id.schema_type(Type::String).pattern(Some("^[0-9]{26}$")),
        _ => id.schema_type(Type::Integer).minimum(Some(0)).maximum(Some(9_007_199_254_740_991_isize)),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("The Id of the {name}")))
        .schema(Some(schema))
        .build()
}

/// What every list can be asked.
fn of_lists() -> Vec<Parameter> {
    let whole = |least: isize, most: isize| ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most));
    let text = || ObjectBuilder::new().schema_type(Type::String);
    [
        ("_limit", "How many records a page has; 10 unless told", whole(0, 25)),
        ("_page", "Which page, from 1", whole(1, 100_000)),
        ("_skip", "How many records to leave out at the beginning, instead of _page", whole(0, 2_500_000)),
        (
            "_pagination",
            "1 adds where the page stands in the whole, count answers nothing but that",
            text().enum_values(Some(["0", "1", "count"])),
        ),
        ("_filter", "Which records, in SparkQL, such as: Name Eq 'Open House'", text()),
        ("_orderby", "In which order: attributes with + or - before them", text()),
        ("_select", "Which attributes of each record", text()),
        ("_expand", "Which further attributes of each record", text()),
    ]
    .map(|(name, said, schema)| {
        let built = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
        built.description(Some(said)).schema(Some(schema)).build()
    })
    .to_vec()
}

fn problem() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let errors = ObjectBuilder::new()
        .property("Type", text())
        .property("Attribute", text().description(Some("The attribute that is wrong")))
        .property("Message", text().description(Some("What is wrong with it")))
        .property("Status", text());
    let inner = ObjectBuilder::new()
        .property("Success", ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([false])))
        .required("Success")
        .property("Code", ObjectBuilder::new().schema_type(Type::Integer).description(Some("What went wrong; programs branch on it")))
        .required("Code")
        .property("Message", text().description(Some("The same for people")))
        .required("Message")
        .property("Errors", ArrayBuilder::new().items(errors))
        .property("Details", text().description(Some("The first of Errors in one sentence")))
        .property(
            "SparkQLErrors",
            ArrayBuilder::new().items(ObjectBuilder::new()).description(Some("Where the _filter cannot be understood")),
        );
    enveloped(Schema::from(inner.description(Some("Why the request was not done")))).into()
}

fn pagination() -> RefOr<Schema> {
    let whole = |said| ObjectBuilder::new().schema_type(Type::Integer).description(Some(said));
    Schema::from(
        ObjectBuilder::new()
            .property("TotalRows", whole("How many records there are in all"))
            .property("PageSize", whole("How many a page has"))
            .property("TotalPages", whole("How many pages that makes"))
            .property("CurrentPage", whole("Which one this is, from 1"))
            .property("CurrentOffset", whole("How many stand before it, where _skip was asked"))
            .description(Some("Where a page stands in the whole")),
    )
    .into()
}

fn token() -> SecurityScheme {
    let said =
        "An access token of the authorization or token endpoint, or a personal token. The platform's own word OAuth before it is read too.";
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(said)).build())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_document_is_openapi_3_1_and_every_reference_in_it_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        let text = document.to_string();
        for place in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(document.pointer(place).is_some(), "{place}");
        }
        assert_eq!(
            document["components"]["securitySchemes"]["token"],
            json!({ "type": "http", "scheme": "bearer", "description": document["components"]["securitySchemes"]["token"]["description"] })
        );
    }

    #[test]
    fn every_address_stands_in_the_document_once_and_every_operation_has_a_name_of_its_own() {
        let document = serde_json::to_value(document()).unwrap();
        let paths: Vec<&str> = addresses::all().map(|address| address.path).collect();
        let documented: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(paths.len(), documented.len());
        assert!(paths.iter().all(|path| documented.contains(path)));
        let ids: Vec<String> =
            addresses::all().flat_map(|address| address.operations.iter().map(|operation| operation_id(address, operation))).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        assert!(ids.contains(&"getMyAccount".to_owned()), "{ids:?}");
    }
}
