//! RP-initiated logout: where the browser may go afterwards.

use super::client::Client;

/// Where to go after logout, if the client registered exactly that place; the Keys API has no field for it, so its redirect and application URIs count.
///
/// Spec: OpenID Connect RP-Initiated Logout 1.0 §2, §3
pub fn landing(client: &Client, application_uri: &str, asked: &str, state: Option<&str>) -> Option<String> {
    let registered = asked == application_uri || client.redirect_uris.iter().any(|uri| uri.as_str() == asked);
    if !registered || super::redirect::RedirectUri::stored(asked).is_none() {
        return None;
    }
    Some(match state {
        None => asked.to_owned(),
        Some(state) => {
            let glue = if asked.contains('?') { '&' } else { '?' };
            format!("{asked}{glue}{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish())
        }
    })
}
