//! Names of hosts.

use std::net::IpAddr;

/// Whether `host` (a name, an address, or an IPv6 address in brackets) is this machine itself: the only place where
/// plain text may travel.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "localhost.example.com", "example.localhost", "127.0.0.1.example.com", "127.1", "0.0.0.0", "::", "10.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
