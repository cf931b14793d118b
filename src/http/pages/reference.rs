//! The reference of the API.

use askama::Template;

use super::Shell;

/// Every address, service by service.
#[derive(Debug, Clone, Template)]
#[template(path = "reference.html")]
pub struct ReferencePage {
    /// What frames it.
    pub shell: Shell,
    /// The services, in the order of their table.
    pub services: Vec<ReferenceService>,
    /// Statuses of refusals, and when they come.
    pub problems: Vec<(u16, &'static str)>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct ReferenceService {
    /// The element's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What each role may do with it.
    pub rights: String,
    /// What can be done.
    pub operations: Vec<ReferenceOperation>,
}

/// One method of one address.
#[derive(Debug, Clone)]
pub struct ReferenceOperation {
    /// The element's id: the name of the operation in the OpenAPI document.
    pub id: String,
    /// The method.
    pub method: &'static str,
    /// The address.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// What there is to know besides.
    pub detail: &'static str,
    /// An addition of ours.
    pub ours: bool,
    /// What the request carries.
    pub takes: Vec<Attribute>,
    /// What the answer has.
    pub gives: Vec<Attribute>,
    /// Whether it has many of them.
    pub many: bool,
    /// Whether they can be searched, sorted and paged.
    pub searchable: bool,
}

/// A member of a request or an answer.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Whether it is always there.
    pub needed: bool,
    /// What it means.
    pub about: String,
}
