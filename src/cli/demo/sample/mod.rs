//! The sample application: a relying party as a developer would write it, with a library that knows nothing of this server.
//!
//! | file | what it holds |
//! |---|---|
//! | `party` | the walk: discovery, code with PKCE, state and nonce, ID token, userinfo, refresh, revocation |
//! | `visitors` | who is at the sample in which browser |
//! | `pages` | its addresses and pages |

mod pages;
mod party;
mod visitors;

pub use pages::server;
pub use party::Party;
