//! Whole walks of a person or a program, against the server as it is shipped.

mod api_document;
mod browser;
mod clients;
mod datamart;
mod gateway;
mod home_buyers;
mod kill;
mod portal;
