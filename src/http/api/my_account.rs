//! `GET /v1/my/account`: the record of whoever the token speaks for.

use actix_web::HttpResponse;

use crate::flows::platform::my_account;
use crate::platform::service::Service;

use super::door::Door;
use super::envelope::Reply;

/// `GET /v1/my/account`
pub async fn get(door: Door) -> HttpResponse {
    door.read(Service::MyAccount, |_, conn, guest| Ok(my_account::record(conn, &guest.bearer)?.map(|record| Reply::results(vec![record]))))
        .await
}
