//! The addresses at which readers find the page: of this node, of its peers, of its mirrors. Readers' browsers turn to
//! them when one does not answer, and the policy of every page names them, so each is checked letter by letter.

use super::{Config, Page, Peer};
use app::site::{COPIES_MAX, CopyKind, SiteCopy};
use domain::command::Refusal;
use std::collections::BTreeSet;

impl Config {
    /// Regions, then mirrors, by name; each address once. The address of a page that was never told one is not listed.
    pub fn copies(&self) -> Vec<SiteCopy> {
        let own = (self.page.url != Page::default().url).then_some((self.origin(), &self.page.url));
        let peers = self.peers.iter().filter_map(of_peer);
        let mirrors = self.mirrors.iter().filter_map(|mirror| Some((mirror.name.as_str(), mirror.url.as_ref()?)));
        let regions = own.into_iter().chain(peers).map(|found| (CopyKind::Region, found));
        let all = regions.chain(mirrors.map(|found| (CopyKind::Mirror, found)));
        let mut copies: Vec<SiteCopy> =
            all.map(|(kind, (name, url))| SiteCopy { kind, name: name.to_owned(), url: url.clone() }).collect();
        copies.sort();
        let mut known = BTreeSet::new();
        copies.retain(|copy| known.insert(copy.url.clone()));
        copies
    }
}

/// A peer's region and address.
fn of_peer(peer: &Peer) -> Option<(&str, &String)> {
    Some((peer.region.as_ref().unwrap_or(&peer.name), peer.url.as_ref()?))
}

/// Addresses that cannot be meant so.
pub fn check(config: &Config) -> Vec<Refusal> {
    let own = (config.page.url != Page::default().url).then(|| ("page.url".to_owned(), &config.page.url));
    let of_peers = config.peers.iter().enumerate();
    let peers = of_peers.filter_map(|(index, peer)| Some((format!("peer[{index}].url"), peer.url.as_ref()?)));
    let of_mirrors = config.mirrors.iter().enumerate();
    let mirrors = of_mirrors.filter_map(|(index, mirror)| Some((format!("mirror[{index}].url"), mirror.url.as_ref()?)));
    let wrong = own.into_iter().chain(peers).chain(mirrors).filter(|(_, url)| !SiteCopy::is_address(url));
    let mut refusals: Vec<Refusal> = wrong
        .map(|(field, url)| {
            let right = "an address such as `https://status.example.com` or `https://bucket.example.com/status`, in \
                         ASCII, without a slash at its end";
            Refusal::new(field, format!("`{}` does not fit", url.escape_default()), right)
        })
        .collect();
    let count = config.copies().len();
    if count > COPIES_MAX {
        let what = format!("{count} addresses of this page, its peers and its mirrors");
        refusals.push(Refusal::new("mirror", what, format!("at most {COPIES_MAX} with a `url`")));
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn regions_come_before_mirrors_and_each_address_once() {
        let key = |digit: &str| digit.repeat(64);
        let text = format!(
            "[page]\nurl = \"https://gz.example.com\"\n[node]\nname = \"Guangzhou\"\n\
             [replication]\nlisten = \"127.0.0.1:0\"\n\
             [[peer]]\nname = \"Frankfurt\"\nkey = \"{}\"\nurl = \"https://eu.example.com\"\n\
             [[peer]]\nname = \"Silent\"\nkey = \"{}\"\n\
             [[mirror]]\nname = \"bucket\"\nurl = \"https://bucket.example.com/status\"\n\
             [[mirror]]\nname = \"again\"\nurl = \"https://eu.example.com\"\n",
            key("1"),
            key("2")
        );
        let copies = parse(&text).expect("a configuration").copies();
        let found: Vec<_> = copies.iter().map(|copy| (copy.kind, copy.name.as_str(), copy.url.as_str())).collect();
        assert_eq!(
            found,
            [
                (CopyKind::Region, "Frankfurt", "https://eu.example.com"),
                (CopyKind::Region, "Guangzhou", "https://gz.example.com"),
                (CopyKind::Mirror, "bucket", "https://bucket.example.com/status"),
            ]
        );
        assert_eq!(Config::default().copies(), [], "nobody is sent to an address that was never set");
    }

    #[test]
    fn an_address_that_cannot_be_meant_so_and_too_many_are_refused() {
        let refusals = parse("[[mirror]]\nname = \"m\"\nurl = \"https://a.example/\"\n").expect_err("a slash");
        assert_eq!(refusals[0].field, "mirror[0].url");
        let many: String = (0..=COPIES_MAX)
            .map(|n| format!("[[mirror]]\nname = \"m{n}\"\nurl = \"https://m{n}.example\"\n"))
            .collect();
        assert!(parse(&many).expect_err("too many")[0].what.starts_with("17 addresses"));
    }
}
