//! What people do with their own account: see and end what acts for them, see and end sessions, change the password, lock it all.

pub mod change_password;
pub mod connections;
pub mod history;
pub mod lock;
pub mod sessions;
