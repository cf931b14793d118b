//! The RESO Web API at `/Reso/OData`: the same invented listings, through the same door, in OData's shapes.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::flows::platform::sandbox;
use crate::platform::listing::{self, Listing};
use crate::platform::odata::{self, Asked};
use crate::platform::problem::ApiProblem;
use crate::platform::query::paired;
use crate::platform::service::Service;

use super::api::door::Door;
use super::api::envelope::Reply;
use super::respond::Style;
use super::visit::Visit;

/// Where it stands, on every host: newer names of the same.
pub const ROOTS: [&str; 3] = ["/Reso/OData", "/Version/2/Reso/OData", "/Version/3/Reso/OData"];

/// Mounts every address.
pub fn mount(config: &mut ServiceConfig) {
    for root in ROOTS {
        let at = |path: &str| {
            let other = |visit: Visit| async move { Style::OData.wrong_method(&visit, "GET") };
            web::resource(format!("{root}{path}")).default_service(web::to(other))
        };
        config
            .service(at("").route(web::get().to(move |door| service(door, root))))
            .service(at("/$metadata").route(web::get().to(metadata)))
            .service(at("/Property").route(web::get().to(move |door| collection(door, root))))
            .service(at("/Property({key})").route(web::get().to(move |door, request| entity(door, request, root))));
    }
}

/// A path as it is judged: some programs write the signs of OData coded, and one reading of those is the only one there is.
pub fn plain(path: &str) -> String {
    if !ROOTS.iter().any(|root| path.starts_with(root)) {
        return path.to_owned();
    }
    path.replace("%27", "'").replace("%28", "(").replace("%29", ")").replace("%24", "$")
}

fn address(app: &App, root: &str, rest: &str) -> String {
    format!("{}{root}/{rest}", app.settings.issuer)
}

/// What there is.
async fn service(door: Door, root: &'static str) -> HttpResponse {
    door.read(Service::ResoWebApi, move |app, _, _| {
        let sets = json!([{ "name": "Property", "kind": "EntitySet", "url": "Property" }]);
        Ok(Ok(Reply::bare(&json!({ "@odata.context": address(app, root, "$metadata"), "value": sets }))))
    })
    .await
}

/// What it is made of.
async fn metadata(door: Door) -> HttpResponse {
    door.read(Service::ResoWebApi, |_, _, guest| Ok(Ok(Reply::xml(odata::metadata(sandbox::role(&guest.bearer)))))).await
}

fn shown(app: &App, root: &str, found: Listing, select: Option<&[&'static str]>) -> Map<String, Value> {
    let mut entity = Map::new();
    let key = listing::key(&found).to_owned();
    entity.insert("@odata.id".to_owned(), Value::from(address(app, root, &format!("Property('{key}')"))));
    entity.extend(found.into_iter().filter(|(name, _)| select.is_none_or(|names| names.contains(&name.as_str()))));
    entity
}

fn context(app: &App, root: &str, select: Option<&[&'static str]>) -> Value {
    let selected = select.map(|names| format!("({})", names.join(","))).unwrap_or_default();
    Value::from(address(app, root, &format!("$metadata#Property{selected}")))
}

/// Listings, page by page.
async fn collection(door: Door, root: &'static str) -> HttpResponse {
    let pairs = paired(&door.query);
    door.read(Service::ResoWebApi, move |app, _, guest| {
        let asked = match Asked::of_collection(sandbox::role(&guest.bearer), guest.bearer.copies_in_bulk(), &pairs) {
            Ok(asked) => asked,
            Err(problem) => return Ok(Err(problem)),
        };
        let all = sandbox::seen(&guest.bearer);
        let total = all.len();
        let select = asked.select.as_deref();
        let page: Vec<Value> =
            all.into_iter().skip(asked.skip).take(asked.page).map(|found| Value::Object(shown(app, root, found, select))).collect();
        let mut answer = Map::new();
        answer.insert("@odata.context".to_owned(), context(app, root, select));
        if asked.count {
            answer.insert("@odata.count".to_owned(), Value::from(total));
        }
        answer.insert("value".to_owned(), Value::from(page));
        if let Some(rest) = asked.rest(total) {
            answer.insert("@odata.nextLink".to_owned(), Value::from(address(app, root, &format!("Property?{rest}"))));
        }
        Ok(Ok(Reply::bare(&Value::Object(answer))))
    })
    .await
}

/// One listing.
async fn entity(door: Door, request: HttpRequest, root: &'static str) -> HttpResponse {
    let pairs = paired(&door.query);
    let key = odata::key(request.match_info().get("key").unwrap_or_default());
    door.read(Service::ResoWebApi, move |app, _, guest| {
        let select = match Asked::of_entity(sandbox::role(&guest.bearer), &pairs) {
            Ok(select) => select,
            Err(problem) => return Ok(Err(problem)),
        };
        let found = sandbox::seen(&guest.bearer).into_iter().find(|listing| Some(listing::key(listing)) == key.as_deref());
        let Some(found) = found else { return Ok(Err(ApiProblem::not_found())) };
        let mut answer = Map::new();
        answer.insert(
            "@odata.context".to_owned(),
            Value::from(format!("{}/$entity", context(app, root, select.as_deref()).as_str().unwrap_or_default())),
        );
        answer.extend(shown(app, root, found, select.as_deref()));
        Ok(Ok(Reply::bare(&Value::Object(answer))))
    })
    .await
}
