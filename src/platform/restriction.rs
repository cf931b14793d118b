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

    /// Whether anything is restricted at all.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
