//! Claims: which are said where, and the tokens that carry them.

pub mod access_token;
pub mod id_token;
pub mod request;
pub mod table;

pub use request::ClaimsRequest;
