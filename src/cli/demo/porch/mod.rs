//! "Front Porch Listings", a web site of an agent's with an IDX key, on which home buyers sign up and in: plain OAuth, as the platform's
//! sites for home buyers speak it.
//!
//! | file | what it holds |
//! |---|---|
//! | `site` | what it asks the server: the code, the tokens, the API; and the gateway of its own small data service |
//! | `guests` | who is at the site in which browser, and their favourites |
//! | `pages` | its addresses and pages |

mod guests;
mod pages;
mod site;

pub use pages::server;
pub use site::Site;
