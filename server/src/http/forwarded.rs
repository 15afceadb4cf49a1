//! Whose forwarded headers are believed, and what they then say.

use crate::client::Client;
use axum::http::HeaderMap;
use std::{fmt, net::IpAddr, str::FromStr};

/// Hops of an `X-Forwarded-For` chain that are looked at.
const HOPS_MAX: usize = 16;

/// An address range: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an IP address or network such as `10.0.0.0/8` or `::1`")]
pub struct NetworkError(pub String);

impl FromStr for Network {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.chars().take(64).collect());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| error())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| error()))?;
        if prefix_bits > most { Err(error()) } else { Ok(Network { address, prefix_bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        let (own, other, width) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits()), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        let host_bits = width - u32::from(self.prefix_bits);
        own.checked_shr(host_bits) == other.checked_shr(host_bits)
    }
}

/// The proxies that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<Network>);

impl Networks {
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The socket that a request came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: Option<IpAddr>,
    pub tls: bool,
    /// A trusted proxy, whose forwarded headers are believed.
    pub trusted: bool,
}

impl Peer {
    pub fn new(address: Option<IpAddr>, tls: bool, proxies: &Networks) -> Self {
        let trusted = address.is_some_and(|address| proxies.contain(address));
        Peer { address: address.map(|address| address.to_canonical()), tls, trusted }
    }

    /// Whether the reader's own connection is HTTPS.
    pub fn is_secure(&self, headers: &HeaderMap) -> bool {
        if !self.trusted {
            return self.tls;
        }
        // The rightmost value is the one that the trusted proxy wrote itself.
        let written = headers.get_all("x-forwarded-proto").iter().next_back();
        let nearest = written.and_then(|value| value.as_bytes().rsplit(|byte| *byte == b',').next());
        nearest.map_or(self.tls, |scheme| scheme.trim_ascii().eq_ignore_ascii_case(b"https"))
    }

    /// The client of a request: from the right of `X-Forwarded-For`, the first address that is no trusted proxy.
    pub fn client(&self, headers: &HeaderMap, proxies: &Networks) -> Client {
        let mut address = self.address;
        if self.trusted {
            let lines: Vec<&str> =
                headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
            let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).take(HOPS_MAX);
            for hop in hops {
                // Left of what cannot be read, nothing is believed.
                let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
                address = Some(hop.to_canonical());
                if !proxies.contain(hop) {
                    break;
                }
            }
        }
        Client { address, secure: self.is_secure(headers) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn networks(texts: &[&str]) -> Networks {
        Networks(texts.iter().map(|text| text.parse().expect(text)).collect())
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect(text))
    }

    #[test]
    fn a_network_contains_its_own_addresses() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ];
        for (network, asked, expected) in cases {
            let network: Network = network.parse().expect(network);
            assert_eq!(network.contains(asked.parse().expect(asked)), expected, "{network} {asked}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/x", "host.example", "::/129", "10.0.0.0/8/9"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_trusted_peer_speaks_for_others() {
        let proxies = networks(&["127.0.0.1", "10.0.0.0/8"]);
        let cases = [
            // peer, X-Forwarded-For, expected
            ("127.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", vec!["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", vec!["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1", vec!["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", vec!["203.0.113.9, nonsense"], "127.0.0.1"),
            ("127.0.0.1", vec![], "127.0.0.1"),
            ("192.0.2.1", vec!["203.0.113.9"], "192.0.2.1"),
        ];
        for (peer, lines, expected) in cases {
            let peer = Peer::new(address(peer), false, &proxies);
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            assert_eq!(peer.client(&headers, &proxies).address, address(expected), "{peer:?} {lines:?}");
        }
    }

    #[test]
    fn https_is_believed_from_a_trusted_peer_only_and_from_its_own_word() {
        let proxies = networks(&["127.0.0.1"]);
        let cases = [
            ("127.0.0.1", false, Some("https"), true),
            ("127.0.0.1", false, Some("https, http"), false),
            ("127.0.0.1", true, None, true),
            ("192.0.2.1", false, Some("https"), false),
            ("192.0.2.1", true, Some("http"), true),
        ];
        for (peer, tls, scheme, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(scheme) = scheme {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
            }
            let peer = Peer::new(address(peer), tls, &proxies);
            assert_eq!(peer.is_secure(&headers), expected, "{peer:?} {scheme:?}");
        }
    }
}
