//! The catalogue of roles: what each is, and what it opens.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Query};
use crate::platform::role::{CATALOGUED, Role};
use crate::platform::service::{Right, Service};

/// The roles that are asked for.
pub fn list(query: &Query) -> Page<RoleRecord> {
    query.page_of(Role::ALL.to_vec(), |role, column| role.cell(column)).map(RoleRecord::of)
}

/// One role.
///
/// Refuses: a number that no role has.
pub fn get(id: i64) -> Result<RoleRecord, ApiProblem> {
    Role::of_id(id).map(RoleRecord::of).ok_or(ApiProblem::not_found())
}

/// A role of keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Role)]
pub struct RoleRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// Its name, in lower case.
    #[schema(example = "idx")]
    pub name: &'static str,
    /// Whether it opens data; the others only modify.
    pub data_role: bool,
    /// When it was laid down.
    pub created_timestamp: String,
    /// When it last changed.
    pub modification_timestamp: String,
    /// What it may do, service by service; only where it is asked for.
    #[schema(required = false)]
    pub services: BTreeMap<&'static str, &'static str>,
}

impl RoleRecord {
    fn of(role: Role) -> Self {
        let rights = Service::ALL.iter().filter(|service| service.right(role) != Right::None);
        Self {
            id: role.id(),
            resource_uri: format!("/v1/developers/roles/{}", role.id()),
            name: role.name(),
            data_role: role.is_data_role(),
            created_timestamp: CATALOGUED.iso(),
            modification_timestamp: CATALOGUED.iso(),
            services: rights.map(|service| (service.name(), service.right(role).words())).collect(),
        }
    }
}
