//! The envelope `{"D":{"Success":…}}` of everything under `/v1/`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::http::body::{self, BodyProblem};
use crate::http::respond;
use crate::platform::access::AccessRefusal;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Place, Query};
use crate::platform::rate::Allowance;

/// Where in a list the results stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// How many there are in all.
    pub total_rows: i64,
    /// How many a page has.
    pub page_size: i64,
    /// Where the page begins.
    pub place: Place,
}

impl Pagination {
    /// Where `page` stands among all that `query` finds; nothing where that was not asked.
    pub fn of<T>(query: &Query, page: &Page<T>) -> Option<Self> {
        query.counts().then_some(Self { total_rows: page.total, page_size: query.limit, place: query.place })
    }

    fn told(self) -> Value {
        let size = self.page_size.max(1);
        let pages = (self.total_rows + size - 1) / size;
        let (name, place) = match self.place {
            Place::Page(page) => ("CurrentPage", page),
            Place::After(skipped) => ("CurrentOffset", skipped),
        };
        json!({ "TotalRows": self.total_rows, "PageSize": self.page_size, "TotalPages": pages, name: place })
    }
}

/// What the API answers when it does what it was asked.
pub struct Reply {
    status: StatusCode,
    results: Vec<Value>,
    pagination: Option<Pagination>,
    /// What is said instead, without an envelope: its content type and text.
    bare: Option<(&'static str, Vec<u8>)>,
}

impl Reply {
    /// 200 with results.
    pub fn results(results: Vec<Value>) -> Self {
        Self { status: StatusCode::OK, results, pagination: None, bare: None }
    }

    /// 200 with records of one type.
    pub fn records<T: Serialize>(records: &[T]) -> Self {
        Self::results(records.iter().map(value).collect())
    }

    /// 200 with one record.
    pub fn record(record: &impl Serialize) -> Self {
        Self::results(vec![value(record)])
    }

    /// 201 with the record of what was made.
    pub fn made(record: &impl Serialize) -> Self {
        Self::created(value(record))
    }

    /// 200 with one page of a list.
    pub fn page(results: Vec<Value>, pagination: Option<Pagination>) -> Self {
        Self { pagination, ..Self::results(results) }
    }

    /// 200 with one page of a list of one type.
    pub fn page_of<T: Serialize>(records: &[T], pagination: Option<Pagination>) -> Self {
        Self::page(records.iter().map(value).collect(), pagination)
    }

    /// 200 with JSON that stands in no envelope.
    pub fn bare(document: &Value) -> Self {
        Self { bare: Some(("application/json", document.to_string().into_bytes())), ..Self::done() }
    }

    /// 200 with XML.
    pub fn xml(document: String) -> Self {
        Self { bare: Some(("application/xml", document.into_bytes())), ..Self::done() }
    }

    /// 201 with what was made.
    pub fn created(result: Value) -> Self {
        Self { status: StatusCode::CREATED, ..Self::results(vec![result]) }
    }

    /// 200 without results.
    pub fn done() -> Self {
        Self::results(Vec::new())
    }

    /// The answer.
    pub fn into_response(self) -> HttpResponse {
        if let Some((kind, bytes)) = self.bare {
            let mut answer = respond::bytes_json(self.status, bytes);
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            return answer;
        }
        let mut inner = Map::from_iter([("Success".to_owned(), Value::from(true)), ("Results".to_owned(), Value::from(self.results))]);
        if let Some(page) = self.pagination {
            inner.insert("Pagination".to_owned(), page.told());
        }
        respond::json(self.status, &json!({ "D": inner }))
    }
}

/// Records are structs with text for names, which always have a JSON.
pub(super) fn value(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

/// The answer to somebody whose request is not done.
pub fn refused(problem: &ApiProblem) -> HttpResponse {
    let (code, status) = problem.code_and_status();
    let mut inner = Map::from_iter([
        ("Success".to_owned(), Value::from(false)),
        ("Code".to_owned(), Value::from(code)),
        ("Message".to_owned(), Value::from(problem.message())),
    ]);
    let fields = problem.fields();
    if let Some(first) = fields.first() {
        let errors: Vec<Value> = fields
            .iter()
            .map(|field| json!({ "Type": "InvalidAttribute", "Attribute": field.attribute, "Message": field.message, "Status": "Fatal" }))
            .collect();
        inner.insert("Errors".to_owned(), Value::from(errors));
        inner.insert("Details".to_owned(), Value::from(format!("{} {}", first.attribute, first.message)));
    }
    match problem {
        ApiProblem::Query { message, position } => {
            inner.insert("SparkQLErrors".to_owned(), json!([{ "Message": message, "Position": position, "Status": "Fatal" }]));
        }
        ApiProblem::QueryTooComplex(message) => {
            inner.insert("SparkQLErrors".to_owned(), json!([{ "Message": message, "Status": "Fatal" }]));
        }
        ApiProblem::TooMany(excess) => {
            inner.insert("Reason".to_owned(), Value::from(excess.limit.reason()));
        }
        _ => {}
    }
    dressed(respond::json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &json!({ "D": inner })), problem)
}

/// The same in OData's shape, whose code is the status. A token that is over is told in the envelope besides: programs of the platform
/// look there for the code at which they refresh, at these addresses too.
pub fn refused_in_odata(problem: &ApiProblem) -> HttpResponse {
    let (code, status) = problem.code_and_status();
    let message = match problem.fields().first() {
        Some(first) => format!("{} {}", first.attribute, first.message),
        None => problem.message(),
    };
    let said = match problem {
        ApiProblem::Access(AccessRefusal::Over) => {
            json!({ "error": respond::in_odata(status, &message), "D": { "Success": false, "Code": code, "Message": message } })
        }
        _ => json!({ "error": respond::in_odata(status, &message) }),
    };
    dressed(respond::json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &said), problem)
}

/// The headers that go with a refusal.
fn dressed(mut answer: HttpResponse, problem: &ApiProblem) -> HttpResponse {
    let challenge = match problem {
        ApiProblem::Access(AccessRefusal::Over) => Some("OAuth realm='latchkey', error='expired_token'"),
        ApiProblem::Access(AccessRefusal::Unknown | AccessRefusal::KeyDisabled) => Some("OAuth realm='latchkey', error='invalid_token'"),
        _ => None,
    };
    if let Some(challenge) = challenge {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let ApiProblem::TooMany(excess) = problem {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(excess.retry_after.0.unsigned_abs()));
        tell_allowance(&mut answer, excess.allowance);
    }
    answer
}

/// Says what is left of a window. Spec: draft-ietf-httpapi-ratelimit-headers-10 §3, §4
pub fn tell_allowance(answer: &mut HttpResponse, allowance: Allowance) {
    let Allowance { rule, remaining, resets } = allowance;
    for (name, text) in [
        ("ratelimit-policy", format!("\"key\";q={};w={}", rule.quota, rule.window.0)),
        ("ratelimit", format!("\"key\";r={remaining};t={}", resets.0)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}

/// The object in the envelope of a request's body.
///
/// Refuses: a body that is no JSON, has a name twice, or is not `{"D":{…}}`.
pub async fn body(request: &HttpRequest, payload: Payload) -> Result<Result<Map<String, Value>, ApiProblem>, BodyProblem> {
    let value = match body::json(request, payload).await {
        Ok(value) => value,
        Err(BodyProblem::Format | BodyProblem::Params(_)) => return Ok(Err(ApiProblem::NotJson)),
        Err(other) => return Err(other),
    };
    Ok(match value {
        Value::Object(mut outer) if outer.len() == 1 => match outer.remove("D") {
            Some(Value::Object(inner)) => Ok(inner),
            _ => Err(ApiProblem::NotJson),
        },
        _ => Err(ApiProblem::NotJson),
    })
}
