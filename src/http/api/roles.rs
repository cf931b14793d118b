//! `/v1/developers/roles`: the catalogue of roles.

use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::platform::roles::{self, RoleRecord};
use crate::platform::role::ROLES;
use crate::platform::service::Service;

use super::address::{self, Address};
use super::door::Door;
use super::list;
use super::path::number;

/// This resource's addresses.
pub const ADDRESSES: &[Address] = &[
    Address::of(
        "/v1/developers/roles",
        Service::Roles,
        &[address::get("The roles a key may have", || web::to(page))
            .page::<RoleRecord>()
            .detail("The expansion Services, an addition of ours, says what each role may do.")],
    ),
    Address::of("/v1/developers/roles/{role}", Service::Roles, &[address::get("One role", || web::to(get)).one::<RoleRecord>()]),
];

/// `GET …/roles`
pub async fn page(door: Door) -> HttpResponse {
    list::list(door, Service::Roles, &ROLES, |_, _, _, query| Ok(Ok(roles::list(query)))).await
}

/// `GET …/roles/<R>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let id = number(&request, "role");
    list::record(door, Service::Roles, &ROLES, move |_, _, _, _| Ok(roles::get(id))).await
}
