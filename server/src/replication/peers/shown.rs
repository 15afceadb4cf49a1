//! What pages and operators see of the others.

use super::{Peer, Peers};
use crate::replication::view::{LinkState, PeerView};
use domain::id::NodeKey;
use std::{collections::BTreeMap, sync::atomic::Ordering::Relaxed, time::Duration};
use tokio::time::Instant;

/// Why a process that keeps no links has none.
const NO_LINKS: &str = "this process links with nobody: no node runs on this data, or its configuration lacks \
                        `listen` in [replication]";

impl Peers {
    /// How long ago the newest clean round with any peer began; nothing when there was none since the start.
    pub fn confirmed_age(&self, now: Instant) -> Option<Duration> {
        let state = self.state();
        let newest = state.peers.keys().filter_map(|key| state.ages.as_of(key)).max()?;
        Some(now.saturating_duration_since(newest))
    }

    /// The region that was heard from last, and how long ago.
    pub fn last_heard(&self, now: Instant) -> Option<(String, Duration)> {
        let state = self.state();
        let newest = state.peers.iter().filter_map(|(key, peer)| Some((state.ages.as_of(key)?, &peer.member.region)));
        let (as_of, region) = newest.max_by_key(|(as_of, _)| *as_of)?;
        Some((region.clone(), now.saturating_duration_since(as_of)))
    }

    /// The other regions by name, each with how old the newest moment is as of which this node has all its news; nothing
    /// where there was none since the start.
    pub fn news(&self, now: Instant) -> Vec<(String, Option<Duration>)> {
        let state = self.state();
        let mut regions: BTreeMap<&str, Option<Instant>> = BTreeMap::new();
        for (key, peer) in state.peers.iter().filter(|(_, peer)| self.is_elsewhere(peer)) {
            let held = regions.entry(&peer.member.region).or_default();
            *held = (*held).max(state.ages.as_of(key));
        }
        let age = |as_of: Instant| now.saturating_duration_since(as_of);
        regions.into_iter().map(|(region, as_of)| (region.to_owned(), as_of.map(age))).collect()
    }

    /// Every peer, for operators.
    pub fn view(&self, now: Instant) -> Vec<PeerView> {
        let state = self.state();
        let without_links = || (!self.links.load(Relaxed)).then(|| NO_LINKS.to_owned());
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let view = |(key, peer): (&NodeKey, &Peer)| PeerView {
            key: *key,
            name: peer.member.name.clone(),
            region: peer.member.region.clone(),
            address: peer.member.address.clone(),
            link: match &peer.link {
                Some(_) if peer.diverged => LinkState::Diverged,
                Some(link) if link.dialer == self.own.key => LinkState::Opened,
                Some(_) => LinkState::Accepted,
                None => LinkState::Down,
            },
            age_ms: state.ages.as_of(key).map(|as_of| ms(now.saturating_duration_since(as_of))),
            events: peer.count,
            clock_offset_ms: peer.clock_offset_ms,
            round_trip_ms: peer.round_trip_ms,
            version: peer.hello.as_ref().map(|hello| hello.version.clone()),
            values: peer.values.clone(),
            trouble: peer.trouble.clone().or_else(|| peer.not_taken.clone()).or_else(without_links),
        };
        state.peers.iter().map(view).collect()
    }
}
