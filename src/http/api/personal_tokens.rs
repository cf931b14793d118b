//! `/v1/developers/identities/<I>/keys/<K>/tokens`: personal tokens (ours).

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::{IdentityId, KeyId, PersonalTokenId};
use crate::flows::platform::personal_tokens::{self, Place};
use crate::platform::service::Service;

use super::door::Door;
use super::envelope::Reply;
use super::path::number;

fn place(request: &HttpRequest) -> Place {
    Place { identity: IdentityId(number(request, "identity")), key: KeyId(number(request, "key")) }
}

/// `GET …/tokens`
pub async fn list(door: Door, request: HttpRequest) -> HttpResponse {
    let place = place(&request);
    door.read(Service::Developers, move |_, conn, guest| Ok(personal_tokens::list(conn, &guest.bearer, place)?.map(Reply::results))).await
}

/// `POST …/tokens`
pub async fn create(door: Door, request: HttpRequest, payload: Payload) -> HttpResponse {
    let place = place(&request);
    door.write_body(Service::Developers, &request, payload, move |app, conn, guest, body| {
        Ok(personal_tokens::create(app, conn, &guest.bearer, &guest.caller, place, body)?.map(Reply::created))
    })
    .await
}

/// `GET …/tokens/<T>`
pub async fn get(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), PersonalTokenId(number(&request, "token")));
    door.read(Service::Developers, move |_, conn, guest| {
        Ok(personal_tokens::get(conn, &guest.bearer, place, id)?.map(|record| Reply::results(vec![record])))
    })
    .await
}

/// `DELETE …/tokens/<T>`
pub async fn delete(door: Door, request: HttpRequest) -> HttpResponse {
    let (place, id) = (place(&request), PersonalTokenId(number(&request, "token")));
    door.write(Service::Developers, move |app, conn, guest| {
        Ok(personal_tokens::revoke(app, conn, &guest.bearer, &guest.caller, place, id)?.map(|()| Reply::done()))
    })
    .await
}
