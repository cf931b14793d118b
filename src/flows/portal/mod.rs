//! What developers do with their own keys at the portal: the verbs of the Keys API, within their own reach.

pub mod applications;
pub mod decode;
pub mod reports;
pub mod test_person;
