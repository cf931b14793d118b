//! Where somebody goes on who stands before a closed door: the beginning of the part of the server they are in.

/// Beginnings by what addresses begin with, the words of the link first.
const BEGINNINGS: [(&str, &str, &str); 10] = [
    ("/mls", "Back to the MLS console", "/mls"),
    ("/admin", "Back to the platform console", "/admin"),
    ("/developers", "Back to Developers", "/developers"),
    ("/appstore", "Back to Developers", "/developers"),
    ("/register", "Developers: sign in or register", "/developers"),
    ("/approvals", "See what is waiting for you", "/account/approvals"),
    ("/account", "Back to your account", "/account"),
    ("/my", "Back to your own page", "/my/sessions"),
    ("/r/reset", "Sign in to your own page", "/my/sign-in"),
    ("/r/invitation", "Sign in to your own page", "/my/sign-in"),
];

/// The way out from an address: words, and a path of ours.
pub fn from(path: &str) -> Option<(&'static str, &'static str)> {
    let below = |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    BEGINNINGS.iter().find(|(start, ..)| below(start)).map(|(_, words, href)| (*words, *href))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_lost_in_a_console_is_led_to_its_beginning() {
        assert_eq!(from("/mls/keys/999"), Some(("Back to the MLS console", "/mls")));
        assert_eq!(from("/appstore/datamart/x"), Some(("Back to Developers", "/developers")));
        assert_eq!(from("/mlsx"), None);
        assert_eq!(from("/openid/authorize"), None);
    }
}
