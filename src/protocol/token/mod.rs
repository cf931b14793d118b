//! The token endpoint: what is asked, what each grant type decides, what is answered.

pub mod answer;
pub mod code;
pub mod refresh;
pub mod refusal;
pub mod request;

pub use answer::TokenAnswer;
pub use refusal::TokenRefusal;
pub use request::TokenRequest;
