//! Rules of OAuth 2 and OpenID Connect: pure, without I/O, clock or chance of their own.

pub mod authorize;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod grant;
pub mod handle;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod openid2;
pub mod params;
pub mod pkce;
pub mod redirect;
pub mod scope;
pub mod token;
