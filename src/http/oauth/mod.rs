//! The protocol's addresses.

pub mod authorize;
pub mod callback;
pub mod consent;
pub mod hybrid;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod origin;
pub mod revoke;
pub mod sign_in;
pub mod token;
pub mod userinfo;
