//! Where async ends: a flow's reads run here and now where the engine allows it, its write takes one hop.

use std::time::Duration;

use crate::app::App;
use crate::base::Fault;
use crate::store::{Conn, Pending};

/// The process's hands, as handlers get them.
pub type Hands = actix_web::web::Data<App>;

/// How long a request waits for the database before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs the reading part of a flow.
pub async fn reading<T: Send + 'static>(
    app: &Hands,
    flow: impl FnOnce(&App, &mut Conn) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let hands = Hands::clone(app);
    if app.db.reads_inline() {
        return app.db.read(move |conn| flow(&hands, conn));
    }
    answered(app.db.submit_read(move |conn| flow(&hands, conn))?).await
}

/// Runs the writing part of a flow; the answer comes when it is durable.
pub async fn writing<T: Send + 'static>(
    app: &Hands,
    flow: impl FnOnce(&App, &mut Conn) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let hands = Hands::clone(app);
    answered(app.db.submit_write(move |conn| flow(&hands, conn))?).await
}

/// Waits for a password to be compared.
pub async fn hashed<T>(verdict: flume::Receiver<Result<T, Fault>>) -> Result<T, Fault> {
    within(verdict, "the password could not be compared in time").await
}

async fn answered<T>(pending: Pending<T>) -> Result<T, Fault> {
    within(pending.into_receiver(), "the database did not answer in time").await
}

async fn within<T>(answer: flume::Receiver<Result<T, Fault>>, late: &str) -> Result<T, Fault> {
    match actix_web::rt::time::timeout(PATIENCE, answer.recv_async()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) | Err(_) => Err(Fault::unavailable(late)),
    }
}
