//! Redirect URIs: the one validator for every door they are registered through, and the one maker of a place to redirect to.

mod destination;
mod uri;

pub use destination::{Destination, DestinationRefusal, RESERVED};
pub use uri::{RedirectUri, UriProblem};
