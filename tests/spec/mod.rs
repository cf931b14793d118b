//! One file for each family of rules, one test for each rule, named by its case.

mod client_auth;
mod code;
mod consent;
mod consumer_tokens;
mod crypto;
mod discovery;
mod gate;
mod http_level;
mod introspection;
mod leaks;
mod login;
mod mix_up;
mod openidconnect_crate;
mod overload;
mod personal_tokens;
mod pkce;
mod privileges;
mod query_language;
mod questions_of_keys;
mod rates;
mod redirect_uri;
mod refresh;
mod restrictions;
mod second_look;
mod sessions;
mod tokens;
