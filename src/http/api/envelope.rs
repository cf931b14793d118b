//! The envelope `{"D":{"Success":…}}` of everything under `/v1/`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::http::respond;

/// A successful answer.
pub fn results(results: &[Value]) -> HttpResponse {
    respond::json(StatusCode::OK, &json!({ "D": { "Success": true, "Results": results } }))
}
