//! The server: workers, time limits, TLS, and an orderly end.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App as Site, HttpServer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::app::App;
use crate::base::Fault;
use crate::config::TlsFiles;

use super::api::tunnel::tunnel;
use super::frame::frame;
use super::limit::Failures;
use super::mailbox;
use super::routes::mount;

/// Serves until the process is told to stop (SIGTERM or SIGINT), then lets the requests under way finish.
pub async fn run(app: Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    build(app, listener)?.await
}

/// The server, listening but not yet driven.
///
/// # Errors
/// TLS files that cannot be used, or a listener that cannot be taken over.
pub fn build(app: Arc<App>, listener: TcpListener) -> std::io::Result<Server> {
    let tls = app.settings.tls.as_ref().map(server_config).transpose().map_err(|fault| std::io::Error::other(fault.to_string()))?;
    let workers = app.settings.workers;
    let failures = Data::new(Failures::allowing(app.settings.client_failures));
    let hands = Data::from(app);
    let server = HttpServer::new(move || {
        let demonstrates = hands.mailbox.is_some();
        let demo = move |config: &mut ServiceConfig| {
            if demonstrates {
                mailbox::mount(config);
            }
        };
        Site::new()
            .app_data(hands.clone())
            .app_data(failures.clone())
            .wrap(from_fn(tunnel))
            .wrap(from_fn(frame))
            .configure(demo)
            .configure(mount)
    })
    .workers(workers)
    .keep_alive(Duration::from_secs(75))
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(2))
    .shutdown_timeout(25);
    Ok(match tls {
        Some(config) => server.listen_rustls_0_23(listener, config)?.run(),
        None => server.listen(listener)?.run(),
    })
}

/// TLS 1.2 with ECDHE and AEAD, and 1.3: all that rustls offers.
///
/// # Errors
/// A file that cannot be read, or a key that does not fit the certificate.
pub fn server_config(files: &TlsFiles) -> Result<ServerConfig, Fault> {
    let say = |file: &std::path::Path, why: &dyn std::fmt::Display| Fault::broken(format!("{}: {why}", file.display()));
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| say(&files.certificate, &why))?;
    if chain.is_empty() {
        return Err(say(&files.certificate, &"there is no certificate in this file"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| say(&files.key, &why))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Fault::broken)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|why| say(&files.certificate, &why))
}
