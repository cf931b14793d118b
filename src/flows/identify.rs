//! Identifying the client: credentials in, a proof out.

use std::sync::Arc;

use crate::app::App;
use crate::base::Fault;
use crate::protocol::client::{Client, ClientKind};
use crate::protocol::client_auth::{AuthenticatedClient, Credentials, authenticate};
use crate::protocol::token::TokenRefusal;
use crate::store::Conn;
use crate::store::keys::{self, Registered};
use url::Url;

/// A client that proved itself, with its key.
#[derive(Clone)]
pub struct Identified {
    /// The platform's record.
    pub registered: Arc<Registered>,
    /// The proof.
    pub proof: AuthenticatedClient,
}

/// Judges credentials by a key read within the last second; `None` where the database must be asked.
pub fn from_memory(app: &App, credentials: &Credentials) -> Option<Result<Identified, TokenRefusal>> {
    let registered = app.keys.fresh(&credentials.client_id)?;
    Some(judge(app, credentials, Some(registered)))
}

/// Judges credentials.
pub fn identify(app: &App, conn: &mut Conn, credentials: &Credentials) -> Result<Result<Identified, TokenRefusal>, Fault> {
    let registered = app.keys.named(conn, &credentials.client_id)?;
    Ok(judge(app, credentials, registered))
}

fn judge(app: &App, credentials: &Credentials, registered: Option<Arc<Registered>>) -> Result<Identified, TokenRefusal> {
    let known = registered.as_ref().map(|registered| Arc::clone(&registered.client));
    let proof = authenticate(known, credentials, app.now())?;
    let registered = registered.ok_or(TokenRefusal::ClientUnknown)?;
    note_use(app, &registered, &proof);
    Ok(Identified { registered, proof })
}

/// Notes the day of a key's last use: once a day, without making anybody wait.
fn note_use(app: &App, registered: &Registered, proof: &AuthenticatedClient) {
    let today = app.now().day();
    if registered.key.last_active.as_deref() >= Some(today.as_str()) {
        return;
    }
    let (id, secret) = (registered.key.id, proof.secret_used());
    app.db.write_beside("a key that was used", move |conn| keys::seen(conn, id, secret, &today));
}

/// Whether `origin` is where a public client's own pages live: the origin of one of its https redirect URIs.
pub fn has_origin(client: &Client, origin: &str) -> bool {
    client.kind == ClientKind::Public
        && client
            .redirect_uris
            .iter()
            .filter_map(|uri| Url::parse(uri.as_str()).ok())
            .any(|url| url.scheme() == "https" && url.origin().ascii_serialization() == origin)
}

/// Whether any enabled public key has its pages at `origin`.
pub fn is_public_origin(_: &App, conn: &mut Conn, origin: &str) -> Result<bool, Fault> {
    if !origin.starts_with("https://") || origin.len() > 300 {
        return Ok(false);
    }
    Ok(keys::public_with_uri_at(conn, origin)?.iter().any(|registered| registered.client.enabled && has_origin(&registered.client, origin)))
}
