//! Answers of list services, and of single records, in the shape that was asked for.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::base::Fault;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Cell, Page, Query, Resource, paired};
use crate::platform::service::Service;
use crate::store::Conn;

use super::door::{Door, Guest};
use super::envelope::{self, Pagination, Reply};

/// Answers a list: what is asked is read after it is known who asks, and before anything is looked up.
pub async fn list<T: Serialize>(
    door: Door,
    service: Service,
    resource: &'static Resource,
    work: impl FnOnce(&App, &mut Conn, &Guest, &Query) -> Result<Result<Page<T>, ApiProblem>, Fault> + Send + 'static,
) -> HttpResponse {
    let pairs = paired(&door.query);
    door.read(service, move |app, conn, guest| {
        let asked = if guest.bearer.copies_in_bulk() { resource.in_bulk() } else { *resource };
        let query = match Query::of_list(&asked, &pairs) {
            Ok(query) => query,
            Err(problem) => return Ok(Err(problem)),
        };
        Ok(work(app, conn, guest, &query)?.map(|page| paged(resource, &query, &page)))
    })
    .await
}

/// Answers a list that is found whole, because it is never long; its resource names as columns the attributes themselves.
pub async fn few<T: Serialize>(
    door: Door,
    service: Service,
    resource: &'static Resource,
    work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Result<Vec<T>, ApiProblem>, Fault> + Send + 'static,
) -> HttpResponse {
    list(door, service, resource, move |app, conn, guest, query| {
        let found = work(app, conn, guest)?;
        Ok(found.map(|records| query.page_of(records.iter().map(envelope::value).collect(), |record, name| Cell::of(record.get(name)))))
    })
    .await
}

/// Answers one record.
pub async fn record<T: Serialize>(
    door: Door,
    service: Service,
    resource: &'static Resource,
    work: impl FnOnce(&App, &mut Conn, &Guest, &Query) -> Result<Result<T, ApiProblem>, Fault> + Send + 'static,
) -> HttpResponse {
    let pairs = paired(&door.query);
    door.read(service, move |app, conn, guest| {
        let query = match Query::of_record(resource, &pairs) {
            Ok(query) => query,
            Err(problem) => return Ok(Err(problem)),
        };
        Ok(work(app, conn, guest, &query)?.map(|record| Reply::results(vec![cut(resource, &query, envelope::value(&record))])))
    })
    .await
}

fn paged<T: Serialize>(resource: &Resource, query: &Query, page: &Page<T>) -> Reply {
    let results = page.records.iter().map(|record| cut(resource, query, envelope::value(record))).collect();
    Reply::page(results, Pagination::of(query, page))
}

/// Leaves of a record what was selected, and of its expansions what was asked for.
fn cut(resource: &Resource, query: &Query, record: Value) -> Value {
    let Value::Object(members) = record else { return record };
    let wanted = |name: &str| {
        let selected = query.select.as_ref().is_none_or(|names| names.contains(&name));
        if resource.expansions.contains(&name) { query.expands(name) } else { selected }
    };
    Value::Object(members.into_iter().filter(|(name, _)| wanted(name)).collect::<Map<_, _>>())
}
