//! Whole walks of a person or a program, against the server as it is shipped.

mod clients;
