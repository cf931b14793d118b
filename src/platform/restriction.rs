//! Where a key may be used from: the addresses and the User-Agents on its lists.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::peer::canonical_net;

/// The most entries a list may have.
pub const MOST_ENTRIES: usize = 256;

/// A key's lists; an empty list restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restrictions {
    addresses: Vec<IpNet>,
    agents: Vec<String>,
    unreadable: bool,
}

impl Restrictions {
    /// The lists as their rows have them; what cannot be read permits nobody.
    pub fn stored(addresses: &str, agents: &str) -> Self {
        let nets = serde_json::from_str::<Vec<String>>(addresses).ok().and_then(|entries| {
            entries
                .iter()
                .map(|entry| entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from)).map(canonical_net))
                .collect::<Option<Vec<_>>>()
        });
        let agents = serde_json::from_str::<Vec<String>>(agents).ok();
        match (nets, agents) {
            (Some(addresses), Some(agents)) => Self { addresses, agents, unreadable: false },
            _ => Self { unreadable: true, ..Self::default() },
        }
    }

    /// Whether a request from `peer` by `agent` is on the lists. No address, or not exactly one User-Agent, is on none.
    pub fn permit(&self, peer: Option<IpAddr>, agent: Option<&str>) -> bool {
        let address =
            self.addresses.is_empty() || peer.is_some_and(|peer| self.addresses.iter().any(|net| net.contains(&peer.to_canonical())));
        let agent = self.agents.is_empty() || agent.is_some_and(|agent| self.agents.iter().any(|known| known == agent));
        !self.unreadable && address && agent
    }

    /// The addresses and networks, in their one spelling.
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.iter().map(|net| spelled(*net)).collect()
    }

    /// The User-Agents.
    pub fn agents(&self) -> &[String] {
        &self.agents
    }

    /// Whether anything is restricted at all.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes a list of addresses and networks, each in its one spelling and once.
///
/// Refuses: host names, zones, second spellings of numbers, the network of everybody, and more than [`MOST_ENTRIES`].
pub fn addresses(entries: &[&str]) -> Result<Vec<String>, String> {
    const WRONG: &str = "must be a list of addresses such as 203.0.113.7 or 2001:db8::1, or networks such as 203.0.113.0/24";
    if entries.len() > MOST_ENTRIES {
        return Err(format!("must have at most {MOST_ENTRIES} entries"));
    }
    let mut nets: Vec<String> = Vec::new();
    for entry in entries {
        let net = entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from)).ok_or(WRONG)?;
        let net = canonical_net(net).trunc();
        // A list with everybody on it would look like a restriction and be none.
        if net.prefix_len() == 0 {
            return Err("must not have the network of everyone; an empty list restricts nothing".to_owned());
        }
        let text = spelled(net);
        if !nets.contains(&text) {
            nets.push(text);
        }
    }
    Ok(nets)
}

/// Takes a list of User-Agents, each once; they are compared whole.
///
/// Refuses: what no header can have, and more than [`MOST_ENTRIES`].
pub fn agents(entries: &[&str]) -> Result<Vec<String>, String> {
    if entries.len() > MOST_ENTRIES {
        return Err(format!("must have at most {MOST_ENTRIES} entries"));
    }
    let mut agents: Vec<String> = Vec::new();
    for entry in entries {
        let good = (1..=512).contains(&entry.len()) && entry.bytes().all(|b| (0x20..=0x7e).contains(&b)) && entry.trim() == *entry;
        if !good {
            return Err("must be a list of User-Agents as their programs send them, at most 512 characters each".to_owned());
        }
        if agents.iter().all(|known| known != entry) {
            agents.push((*entry).to_owned());
        }
    }
    Ok(agents)
}

/// Whether the list of addresses `after` lets in nobody whom `before` kept out.
pub fn narrows_addresses(before: &[String], after: &[String]) -> bool {
    let net = |entry: &String| entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from));
    narrows(before, after, |old, new| matches!((net(old), net(new)), (Some(old), Some(new)) if old.contains(&new)))
}

/// Whether the list of User-Agents `after` lets in nobody whom `before` kept out.
pub fn narrows_agents(before: &[String], after: &[String]) -> bool {
    narrows(before, after, |old, new| old == new)
}

fn narrows(before: &[String], after: &[String], within: impl Fn(&String, &String) -> bool) -> bool {
    // An empty list keeps nobody out.
    before.is_empty() || (!after.is_empty() && after.iter().all(|new| before.iter().any(|old| within(old, new))))
}

/// A network of one address is written as that address.
fn spelled(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ip_09_second_spellings_names_and_zones_are_refused() {
        for bad in [
            "0203.0.113.7",
            "203.0.113.007",
            "3405803783",
            "0xcb007107",
            "203.0.113",
            "203.0.113.7:80",
            "[2001:db8::1]",
            "fe80::1%eth0",
            "office.example",
            "localhost",
            "",
            " 203.0.113.7",
            "203.0.113.7 ",
            "203.0.113.7,203.0.113.8",
            "*",
        ] {
            assert!(addresses(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn ip_10_networks_have_one_spelling_and_nobody_lists_everybody() {
        let listed = addresses(&["203.0.113.9/24", "203.0.113.0/24", "203.0.113.9/32", "::ffff:198.51.100.1", "::ffff:198.51.100.0/120"]);
        assert_eq!(listed.unwrap(), ["203.0.113.0/24", "203.0.113.9", "198.51.100.1", "198.51.100.0/24"]);
        for bad in ["203.0.113.0/33", "0.0.0.0/0", "203.0.113.7/0", "::/0", "::ffff:0:0/96", "2001:db8::/129", "203.0.113.0/-1"] {
            assert!(addresses(&[bad]).is_err(), "{bad}");
        }
        assert!(addresses(&["203.0.113.7"; 256]).is_ok() && addresses(&["203.0.113.7"; 257]).is_err());
        assert_eq!(addresses(&[]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn ip_12_a_list_is_narrowed_by_less_of_it_and_never_by_an_empty_one() {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
        let before = list(&["203.0.113.0/24", "2001:db8::1"]);
        for narrower in [&["203.0.113.7"] as &[_], &["203.0.113.0/24"], &["203.0.113.128/25", "2001:db8::1"]] {
            assert!(narrows_addresses(&before, &list(narrower)), "{narrower:?}");
        }
        for wider in [&[] as &[_], &["203.0.112.0/23"], &["203.0.113.7", "198.51.100.1"], &["2001:db8::/64"]] {
            assert!(!narrows_addresses(&before, &list(wider)), "{wider:?}");
        }
        assert!(narrows_addresses(&[], &before) && narrows_addresses(&[], &[]));
        let agents = list(&["Feed/1.0", "Feed/2.0"]);
        assert!(narrows_agents(&agents, &list(&["Feed/2.0"])) && narrows_agents(&[], &agents));
        assert!(!narrows_agents(&agents, &[]) && !narrows_agents(&agents, &list(&["Feed/1.0", "Other"])));
    }

    #[test]
    fn ip_11_one_ipv6_address_has_one_spelling() {
        assert_eq!(addresses(&["2001:DB8:0:0:0:0:0:1", "2001:db8::1"]).unwrap(), ["2001:db8::1"]);
        assert!(from("[\"2001:db8::1\"]", "2001:DB8:0::0:1"));
    }

    #[test]
    fn what_no_user_agent_header_can_have_is_refused() {
        assert_eq!(agents(&["Feed/1.0 (Linux)", "Feed/1.0 (Linux)"]).unwrap(), ["Feed/1.0 (Linux)"]);
        for bad in ["", " ", "Feed/1.0 ", "Feed\r\nX: y", "F\u{fc}d/1", &"x".repeat(513)] {
            assert!(agents(&[bad]).is_err(), "{bad}");
        }
    }

    fn from(list: &str, peer: &str) -> bool {
        Restrictions::stored(list, "[]").permit(peer.parse().ok(), None)
    }

    #[test]
    fn ip_07_an_ipv4_address_spelled_as_ipv6_is_the_same_in_both_directions() {
        assert!(from("[\"203.0.113.7\"]", "::ffff:203.0.113.7"));
        assert!(from("[\"::ffff:203.0.113.7\"]", "203.0.113.7"));
        assert!(!from("[\"203.0.113.7\"]", "203.0.113.8"));
        assert!(from("[\"203.0.113.0/24\"]", "203.0.113.8"));
    }

    #[test]
    fn ip_12_an_empty_list_restricts_nothing_and_an_unreadable_one_everything() {
        assert!(Restrictions::stored("[]", "[]").permit(None, None));
        assert!(!Restrictions::stored("nonsense", "[]").permit("203.0.113.7".parse().ok(), Some("x")));
        assert!(!Restrictions::stored("[\"nonsense\"]", "[]").permit("203.0.113.7".parse().ok(), Some("x")));
        assert!(!from("[\"203.0.113.7\"]", "no address"));
    }

    #[test]
    fn ip_15_a_user_agent_is_on_the_list_or_not() {
        let list = Restrictions::stored("[]", "[\"Feed/1.0\"]");
        assert!(list.permit(None, Some("Feed/1.0")));
        for bad in [None, Some("feed/1.0"), Some("Feed/1.0 "), Some("Feed/1"), Some("")] {
            assert!(!list.permit(None, bad), "{bad:?}");
        }
    }
}
