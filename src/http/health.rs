//! Health: is the process alive, can it answer.

use actix_web::HttpResponse;

use super::visit::Visit;
use super::work::{Hands, reading};
use crate::flows::check;

/// The process is alive.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live\n")
}

/// The database answers and there is a key to sign with.
pub async fn ready(app: Hands, visit: Visit) -> HttpResponse {
    match reading(&app, check::ready).await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(fault) => {
            visit.fault(fault.to_string());
            HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("not ready\n")
        }
    }
}
