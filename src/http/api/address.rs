//! An address of the API: what mounts it is what describes it, so that none can be there undeclared.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{HttpMethod, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::platform::service::Service;

/// An address with all its methods; every other method is answered with 405.
pub struct Address {
    /// The path, with the names of its changing parts in braces.
    pub path: &'static str,
    /// The service it belongs to, which decides who may use it; none is open to everybody.
    pub service: Option<Service>,
    /// What can be done there.
    pub operations: &'static [Operation],
}

/// One method of an address.
pub struct Operation {
    /// The method.
    pub verb: Verb,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What there is to know besides; Markdown is not read here.
    pub detail: &'static str,
    /// Its handler.
    pub mount: fn() -> Route,
    /// What stands in the envelope of the request.
    pub takes: Option<Shape>,
    /// What stands in the results of the answer.
    pub gives: Gives,
    /// Not in the platform's documentation: an addition of ours.
    pub ours: bool,
}

/// The methods the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

impl Verb {
    /// As it is written in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// The same for the router.
    pub const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }

    /// The same for the document.
    pub const fn documented(self) -> HttpMethod {
        match self {
            Self::Get => HttpMethod::Get,
            Self::Post => HttpMethod::Post,
            Self::Put => HttpMethod::Put,
            Self::Delete => HttpMethod::Delete,
        }
    }
}

/// A type of the API's JSON, as the document names and describes it.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Its name.
    pub name: fn() -> std::borrow::Cow<'static, str>,
    /// Its description.
    pub schema: fn() -> RefOr<Schema>,
    /// Those it is made of.
    pub parts: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    const fn of<T: ToSchema>() -> Self {
        Self { name: T::name, schema: <T as PartialSchema>::schema, parts: <T as ToSchema>::schemas }
    }
}

/// What the results of an answer are.
#[derive(Clone, Copy)]
pub enum Gives {
    /// 200 and an empty list.
    Nothing,
    /// 200 and one record.
    One(Shape),
    /// 200 and all records there are.
    All(Shape),
    /// 200 and one page of a list that can be searched and sorted.
    Page(Shape),
    /// 201 and what was made.
    Created(Shape),
    /// 200 and a JSON document without an envelope.
    Document,
}

const fn operation(verb: Verb, summary: &'static str, mount: fn() -> Route) -> Operation {
    Operation { verb, summary, detail: "", mount, takes: None, gives: Gives::Nothing, ours: false }
}

/// GET
pub const fn get(summary: &'static str, mount: fn() -> Route) -> Operation {
    operation(Verb::Get, summary, mount)
}

/// POST
pub const fn post(summary: &'static str, mount: fn() -> Route) -> Operation {
    operation(Verb::Post, summary, mount)
}

/// PUT
pub const fn put(summary: &'static str, mount: fn() -> Route) -> Operation {
    operation(Verb::Put, summary, mount)
}

/// DELETE
pub const fn delete(summary: &'static str, mount: fn() -> Route) -> Operation {
    operation(Verb::Delete, summary, mount)
}

impl Operation {
    /// What there is to know besides the summary.
    #[must_use]
    pub const fn detail(mut self, detail: &'static str) -> Self {
        self.detail = detail;
        self
    }

    /// An addition of ours to the platform's documentation.
    #[must_use]
    pub const fn ours(mut self) -> Self {
        self.ours = true;
        self
    }

    /// The request carries a `T` in its envelope.
    #[must_use]
    pub const fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(Shape::of::<T>());
        self
    }

    /// The answer is one `T`.
    #[must_use]
    pub const fn one<T: ToSchema>(mut self) -> Self {
        self.gives = Gives::One(Shape::of::<T>());
        self
    }

    /// The answer is every `T` there is.
    #[must_use]
    pub const fn all<T: ToSchema>(mut self) -> Self {
        self.gives = Gives::All(Shape::of::<T>());
        self
    }

    /// The answer is a page of a list of `T`.
    #[must_use]
    pub const fn page<T: ToSchema>(mut self) -> Self {
        self.gives = Gives::Page(Shape::of::<T>());
        self
    }

    /// The answer is the `T` that was made.
    #[must_use]
    pub const fn created<T: ToSchema>(mut self) -> Self {
        self.gives = Gives::Created(Shape::of::<T>());
        self
    }

    /// The answer is a JSON document without an envelope.
    #[must_use]
    pub const fn document(mut self) -> Self {
        self.gives = Gives::Document;
        self
    }
}

impl Address {
    /// An address of a service.
    pub const fn of(path: &'static str, service: Service, operations: &'static [Operation]) -> Self {
        Self { path, service: Some(service), operations }
    }

    /// An address for everybody.
    pub const fn open(path: &'static str, operations: &'static [Operation]) -> Self {
        Self { path, service: None, operations }
    }

    /// The value of the header `Allow`.
    pub fn allow(&self) -> String {
        self.operations.iter().map(|operation| operation.verb.name()).collect::<Vec<_>>().join(", ")
    }

    /// The names of the changing parts of the path.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Mounts it.
    pub fn mount(&self, config: &mut ServiceConfig) {
        let allow = self.allow();
        let other = move |visit: Visit| {
            let allow = allow.clone();
            async move { Style::Api.wrong_method(&visit, &allow) }
        };
        let bare: Resource = web::resource(self.path).default_service(web::to(other));
        let routed = |resource: Resource, operation: &Operation| resource.route((operation.mount)().method(operation.verb.method()));
        config.service(self.operations.iter().fold(bare, routed));
    }
}
