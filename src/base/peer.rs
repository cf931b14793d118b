//! Whose address a request comes from, when proxies stand between: the one rule that every listener and every check uses.
//!
//! Only the configured header of a trusted proxy counts, and it is read from the right, because everything left of the
//! first hop we do not trust was written by strangers. Whatever cannot be read there is "no address", and no address
//! means "not permitted".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// A chain longer than this is no honest chain.
const MOST_HOPS: usize = 20;

/// Which header the proxies in front write; the other one is never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239)
    Forwarded,
}

impl ForwardedHeader {
    /// The header's name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The client's address: the peer itself unless it is a trusted proxy, else the rightmost hop that is not.
///
/// `header_values` are the values of the configured header, one per line, in the order received; without any, the peer
/// is the client. If every hop is trusted, the first one is. IPv4 addresses spelled as IPv6 (`::ffff:a.b.c.d`) are IPv4.
///
/// Refuses (`None`): more than 20 hops, or a hop in our way that is no address (`unknown`, `_hidden`, a name, nothing).
///
/// Spec: RFC 7239 §4, §6
pub fn client_address(peer: IpAddr, header_values: &[&str], kind: ForwardedHeader, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| canonical_net(*net).contains(&address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return Some(client);
    }
    let mut hops = Vec::new();
    for line in header_values {
        match kind {
            ForwardedHeader::XForwardedFor => hops.extend(line.split(',').take(MOST_HOPS + 1).map(address)),
            ForwardedHeader::Forwarded => forwarded(line, &mut hops),
        }
        if hops.len() > MOST_HOPS {
            return None;
        }
    }
    for hop in hops.into_iter().rev() {
        client = hop?;
        if !is_trusted(client) {
            break;
        }
    }
    Some(client)
}

/// Whom an address stands for when guesses are counted: itself, or of IPv6 the /64 that one subscriber holds, because
/// within it addresses cost nothing.
pub fn line_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The same network with an IPv4 one spelled as IPv4.
pub fn canonical_net(net: IpNet) -> IpNet {
    if let IpNet::V6(v6) = net
        && let (Some(v4), Some(prefix)) = (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96))
        && let Ok(net) = Ipv4Net::new(v4, prefix)
    {
        return IpNet::V4(net);
    }
    net
}

/// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`, with blanks around; no zone, no name, no second spelling of IPv4.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        if !port.is_empty() {
            is_port(port.strip_prefix(':')?)?;
        }
        IpAddr::V6(inside.parse::<Ipv6Addr>().ok()?)
    } else if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else {
        let (inside, port) = text.split_once(':')?;
        is_port(port)?;
        IpAddr::V4(inside.parse::<Ipv4Addr>().ok()?)
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> Option<()> {
    (!text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())).then_some(())
}

/// Adds the hops of one `Forwarded` line; a line whose quotes do not close is one unreadable hop.
fn forwarded(line: &str, hops: &mut Vec<Option<IpAddr>>) {
    let Some(elements) = outside_quotes(line, ',') else {
        hops.push(None);
        return;
    };
    hops.extend(elements.into_iter().take(MOST_HOPS + 1).map(|element| {
        let mut found = None;
        for pair in outside_quotes(element, ';')? {
            let (name, value) = pair.split_once('=')?;
            if name.trim_matches([' ', '\t']).eq_ignore_ascii_case("for") && found.replace(value).is_some() {
                return None;
            }
        }
        let value = found?.trim_matches([' ', '\t']);
        match value.strip_prefix('"') {
            Some(quoted) => address(quoted.strip_suffix('"')?),
            None => address(value),
        }
    }));
}

/// `text` parted at `separator` where it stands outside quotes; `None` if a quote is left open or stands where none may.
fn outside_quotes(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped, mut before) = (0, false, false, separator);
    for (at, c) in text.char_indices() {
        if quoted {
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
        } else if c == '"' {
            // A quote opens a value and nothing else: otherwise a stranger's quote could swallow what our proxy added.
            if before != '=' {
                return None;
            }
            quoted = true;
        } else if c == separator {
            parts.push(text.get(start..at)?);
            start = at + c.len_utf8();
        }
        before = c;
    }
    parts.push(text.get(start..)?);
    (!quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";
    const REAL: &str = "198.51.100.9";
    const PERMITTED: &str = "203.0.113.7";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen_as(peer: &str, lines: &[&str], kind: ForwardedHeader, trusted: &[&str]) -> Option<IpAddr> {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client_address(ip(peer), lines, kind, &trusted)
    }

    fn x(lines: &[&str]) -> Option<IpAddr> {
        seen_as(PROXY, lines, ForwardedHeader::XForwardedFor, &["10.0.0.0/8"])
    }

    fn f(lines: &[&str]) -> Option<IpAddr> {
        seen_as(PROXY, lines, ForwardedHeader::Forwarded, &["10.0.0.0/8", "fd00::/8"])
    }

    #[test]
    fn ip_01_a_direct_peer_is_the_client() {
        assert_eq!(seen_as(REAL, &[], ForwardedHeader::XForwardedFor, &[]), Some(ip(REAL)));
        assert_eq!(x(&[]), Some(ip(PROXY)));
    }

    #[test]
    fn ip_02_the_header_of_an_untrusted_peer_is_ignored() {
        for line in [PERMITTED, "_hidden", "10.0.0.1, 203.0.113.7"] {
            assert_eq!(seen_as(REAL, &[line], ForwardedHeader::XForwardedFor, &["10.0.0.0/8"]), Some(ip(REAL)), "{line}");
        }
    }

    #[test]
    fn ip_03_the_rightmost_hop_we_do_not_trust_decides() {
        assert_eq!(x(&["203.0.113.7, 198.51.100.9"]), Some(ip(REAL)));
        assert_eq!(x(&["203.0.113.7, 198.51.100.9, 10.1.2.3, 10.0.0.2"]), Some(ip(REAL)));
        assert_eq!(x(&["10.9.9.9, 10.0.0.2"]), Some(ip("10.9.9.9")));
        assert_eq!(x(&["what a stranger wrote, 198.51.100.9"]), Some(ip(REAL)));
    }

    #[test]
    fn ip_04_lines_blanks_ports_and_brackets_have_one_reading() {
        assert_eq!(x(&["203.0.113.7", "198.51.100.9, 10.0.0.2"]), Some(ip(REAL)));
        assert_eq!(x(&["203.0.113.7, 198.51.100.9", "10.0.0.2"]), Some(ip(REAL)));
        assert_eq!(x(&[" \t198.51.100.9 \t"]), Some(ip(REAL)));
        assert_eq!(x(&["198.51.100.9:51324"]), Some(ip(REAL)));
        assert_eq!(x(&["2001:db8::7"]), Some(ip("2001:db8::7")));
        assert_eq!(x(&["[2001:db8::7]"]), Some(ip("2001:db8::7")));
        assert_eq!(x(&["[2001:db8::7]:443"]), Some(ip("2001:db8::7")));
        assert_eq!(x(&["198.51.100.9, "]), None);
        assert_eq!(x(&[""]), None);
        assert_eq!(x(&["203.0.113.7,,198.51.100.9"]), Some(ip(REAL)));
    }

    #[test]
    fn ip_04_more_than_twenty_hops_are_no_address() {
        assert_eq!(x(&[&vec![REAL; 20].join(",")]), Some(ip(REAL)));
        assert_eq!(x(&[&vec![REAL; 21].join(",")]), None);
        assert_eq!(x(&[REAL; 21]), None);
        assert_eq!(x(&[&vec![REAL; 100].join(", ")]), None);
        assert_eq!(f(&[&vec!["for=198.51.100.9"; 21].join(",")]), None);
    }

    #[test]
    fn ip_05_only_the_configured_headers_grammar_is_read() {
        assert_eq!(x(&["for=198.51.100.9"]), None);
        assert_eq!(f(&[REAL]), None);
        assert_eq!(ForwardedHeader::Forwarded.name(), "forwarded");
    }

    #[test]
    fn ip_06_what_is_no_address_is_no_address() {
        let long = "a".repeat(10_240);
        for bad in [
            "a",
            "unknown",
            "_hidden",
            "example.com",
            &long,
            "localhost",
            "1.2.3",
            "0203.0.113.7",
            "3405803783",
            "0xCB007107",
            "fe80::1%eth0",
            "[fe80::1%eth0]",
            "[198.51.100.9]",
            "198.51.100.9:",
            "198.51.100.9:x",
            "198.51.100.9:123456",
            "[2001:db8::7",
            "2001:db8::7]",
            "[2001:db8::7]443",
            "[2001:db8::7]:",
            "198.51.100.9 203.0.113.7",
            "\u{a0}198.51.100.9",
        ] {
            assert_eq!(x(&[bad]), None, "{bad}");
            assert_eq!(x(&[&format!("{PERMITTED}, {bad}")]), None, "{bad}");
            assert_eq!(f(&[&format!("for={PERMITTED}, for=\"{bad}\"")]), None, "{bad}");
        }
    }

    #[test]
    fn ip_07_ipv4_spelled_as_ipv6_is_ipv4_in_both_directions() {
        let header = ForwardedHeader::XForwardedFor;
        assert_eq!(x(&["::ffff:203.0.113.7"]), Some(ip(PERMITTED)));
        assert_eq!(x(&["[::ffff:cb00:7107]:80"]), Some(ip(PERMITTED)));
        assert_eq!(seen_as("::ffff:10.0.0.1", &[REAL], header, &["10.0.0.0/8"]), Some(ip(REAL)));
        assert_eq!(seen_as("10.0.0.1", &[REAL], header, &["::ffff:10.0.0.0/104"]), Some(ip(REAL)));
        assert_eq!(seen_as("::ffff:198.51.100.9", &[], header, &[]), Some(ip(REAL)));
    }

    #[test]
    fn ip_08_tunnelled_forms_of_an_ipv4_address_are_not_it() {
        for tunnel in ["2002:cb00:7107::1", "64:ff9b::cb00:7107", "2001:0:4136:e378:8000:63bf:34ff:8ef8", "::203.0.113.7"] {
            assert_ne!(x(&[tunnel]), Some(ip(PERMITTED)), "{tunnel}");
        }
    }

    #[test]
    fn rfc7239_4_for_is_found_among_its_neighbours() {
        assert_eq!(f(&["for=198.51.100.9;proto=http;by=203.0.113.43"]), Some(ip(REAL)));
        assert_eq!(f(&["proto=https; For=\"198.51.100.9:47011\""]), Some(ip(REAL)));
        assert_eq!(f(&["for=203.0.113.7, for=198.51.100.9", "for=\"[fd00::2]:443\""]), Some(ip(REAL)));
        assert_eq!(f(&["for=\"[2001:db8:cafe::17]:4711\""]), Some(ip("2001:db8:cafe::17")));
        assert_eq!(f(&["for=198.51.100.9;host=\"a,b;c\""]), Some(ip(REAL)));
    }

    #[test]
    fn rfc7239_4_a_strangers_quote_cannot_swallow_what_our_proxy_added() {
        for bad in [
            "for=\"203.0.113.7, for=198.51.100.9",
            "\"for=203.0.113.7, for=198.51.100.9;host=\"x\"",
            "for=198.51.100.9;for=203.0.113.7",
            "proto=http",
            "for",
            "for=\"198.51.100.9\"x",
            "for=198.51.100.9;",
            "",
        ] {
            assert_eq!(f(&[bad]), None, "{bad}");
        }
        assert_eq!(f(&["for=\"203.0.113.7", "for=198.51.100.9"]), Some(ip(REAL)));
    }
}
