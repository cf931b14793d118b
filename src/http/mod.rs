//! Doors: how the world speaks to us over HTTP. Async lives only here.

pub mod api;
pub mod assets;
pub mod body;
pub mod console;
pub mod consumers;
pub mod cookies;
pub mod developers;
pub mod door;
pub mod form;
pub mod frame;
pub mod gate;
pub mod health;
pub mod home;
pub mod key_state;
mod limit;
pub mod mailbox;
pub mod new_password;
pub mod oauth;
pub mod odata;
pub mod pages;
pub mod pages_demo;
pub mod pages_porch;
pub mod reference;
pub mod respond;
pub mod routes;
pub mod server;
pub mod unread;
pub mod visit;
mod way_out;
pub mod work;

pub use server::run;
