//! The authorization endpoint: the request, what comes next, the answer, the refusal.

pub mod answer;
pub mod consent;
pub mod next;
pub mod refusal;
pub mod request;

pub use answer::{Answer, Dialect, Reply, ResponseMode};
pub use consent::Consent;
pub use next::{Approved, Login, Next, SignInReason};
pub use refusal::AuthorizeRefusal;
pub use request::{AuthorizationRequest, Surface};
