//! `/v1/listings`: invented listings, by which one learns what each role opens.

use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::Map;
use utoipa::ToSchema;

use crate::flows::platform::sandbox;
use crate::platform::listing::{self, Listing, resource};
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Query, paired};
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::envelope::{Pagination, Reply};

const DETAIL: &str = "Sample data: every listing is invented, in two invented MLSs. Which listings there are, and which fields, depends on \
                      the role of the key: confidential fields are for private alone, and the display flags count for idx, public and vow.";

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/listings",
        Service::Listings,
        &[address::get("Sample listings", || web::to(page)).detail(DETAIL).page::<ListingRecord>()],
    ),
    Address::of(
        "/v1/listings/{listing}",
        Service::Listings,
        &[address::get("One sample listing", || web::to(get)).detail(DETAIL).one::<ListingRecord>()],
    ),
];

/// A listing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Listing)]
pub struct ListingRecord {
    /// The platform's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub id: String,
    /// Where its record is.
    pub resource_uri: String,
    /// Its fields, named as RESO's Data Dictionary names them.
    #[schema(value_type = Object)]
    pub standard_fields: Listing,
}

impl ListingRecord {
    fn of(found: Listing, query: &Query) -> Self {
        let id = listing::key(&found).to_owned();
        let resource_uri = format!("/v1/listings/{id}");
        let wanted = |name: &str| query.select.as_ref().is_none_or(|names| names.contains(&name) || names.contains(&listing::WHOLE));
        Self { id, resource_uri, standard_fields: found.into_iter().filter(|(name, _)| wanted(name)).collect::<Map<_, _>>() }
    }
}

/// `GET /v1/listings`
async fn page(door: Door) -> HttpResponse {
    let pairs = paired(&door.query);
    door.read(Service::Listings, move |_, _, guest| {
        let resource = resource(sandbox::role(&guest.bearer), guest.bearer.copies_in_bulk());
        let query = match Query::of_list(resource, &pairs) {
            Ok(query) => query,
            Err(problem) => return Ok(Err(problem)),
        };
        let page = query.page_of(sandbox::seen(&guest.bearer), listing::cell);
        let stands = Pagination::of(&query, &page);
        let records: Vec<_> = page.records.into_iter().map(|found| ListingRecord::of(found, &query)).collect();
        Ok(Ok(Reply::page_of(&records, stands)))
    })
    .await
}

/// `GET /v1/listings/<Id>`
async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let pairs = paired(&door.query);
    let id = request.match_info().get("listing").unwrap_or_default().to_owned();
    door.read(Service::Listings, move |_, _, guest| {
        let query = match Query::of_record(resource(sandbox::role(&guest.bearer), false), &pairs) {
            Ok(query) => query,
            Err(problem) => return Ok(Err(problem)),
        };
        let found = sandbox::seen(&guest.bearer).into_iter().find(|listing| listing::key(listing) == id);
        Ok(found.map(|found| Reply::record(&ListingRecord::of(found, &query))).ok_or(ApiProblem::not_found()))
    })
    .await
}
