//! This node among its peers: what replication needs of it, and what its pages say of the others.

use super::{Node, Receipt, Writes, writer};
use crate::{
    replication::{Peers, Replica},
    store::{Record, Store},
};
use chrono::TimeDelta;
use domain::{
    Instant,
    id::{EventId, NodeKey},
    stamp::{Freshness, Heard, Silent, Stamp},
    trust::Member,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Between two looks at what the peers confirm, in milliseconds.
const LOOK_EVERY_MS: u64 = 500;

impl Node {
    /// From now on this node keeps links: it is one of several, also while it trusts no other. To be called before there
    /// are pages.
    pub fn replicate(&self) {
        self.peers.begin();
        // Until now it may have passed for a lone one.
        self.confirmed_before.store(Arc::new(self.begun_as_of));
        self.confirm(self.clock().now());
    }

    /// Links with those who are trusted now, and with nobody else. A new key of this very node is not another one.
    pub(super) fn follow_trust(&self) {
        let place = |member: &Member| (member.name.clone(), member.region.clone(), member.address.clone());
        let own = place(self.peers.own());
        let trust = self.trust();
        self.peers.set_members(trust.members().filter(|member| place(member) != own).cloned().collect());
    }

    /// The other nodes that are trusted, whether this one links with them or not.
    pub fn peers(&self) -> &Arc<Peers> {
        &self.peers
    }

    /// Regions that are known to hold an event of this log, of all.
    pub fn saved_in(&self, event: &EventId) -> (u32, u32) {
        (self.peers.saved_in(event, self.store.digest().count), self.peers.regions())
    }

    /// Whether no other region is known to hold an event, of several that there are.
    pub fn is_held_here_only(&self, event: &EventId) -> bool {
        let (saved_in, regions) = self.saved_in(event);
        regions > 1 && saved_in < 2
    }

    /// Whether a peer has shown, of a moment since then, that everything which it has is here; so it is where there is no
    /// peer. Told by this process's own time: no clock that somebody sets makes it so, or puts it off.
    pub fn has_all_news_since(&self, since: tokio::time::Instant) -> bool {
        let now = tokio::time::Instant::now();
        let is_newer = |age: Duration| age <= now.saturating_duration_since(since);
        self.peers.are_none() || self.peers.confirmed_age(now).is_some_and(is_newer)
    }

    /// The receipt with the regions that hold its events by now: waits for those that were up a moment ago, and not for
    /// long.
    pub(super) async fn spread(&self, receipt: Receipt) -> Receipt {
        if receipt.events.is_empty() {
            return receipt;
        }
        let saved_in = self.peers.spread(&receipt.events, self.store.digest().count).await;
        Receipt { saved_in, regions: self.peers.regions(), ..receipt }
    }

    /// The stamp of a node whose store has answered as of `checked_at`. Alone that is all the news there are; a node that
    /// trusts others and cannot hear them is not alone, whether it links with them or not.
    pub(super) fn among(&self, checked_at: Instant, now: Instant) -> Stamp {
        let peers = &self.peers;
        if peers.are_none() {
            self.confirmed_before.store(Arc::new(checked_at));
            return self.options.stamp(checked_at, now);
        }
        let monotonic = tokio::time::Instant::now();
        let of_age = |age: Duration| now.checked_sub_signed(self.clock().span(age)).unwrap_or(Instant::MIN_UTC);
        let heard_at = peers.confirmed_age(monotonic).map_or(**self.confirmed_before.load(), of_age);
        let amber = TimeDelta::seconds(self.options.amber_seconds);
        let is_silent = |age: Option<Duration>| age.is_none_or(|age| self.clock().span(age) > amber);
        let silent = peers.news(monotonic).into_iter().filter(|(_, age)| is_silent(*age));
        let silent = silent.map(|(region, age)| Silent { region, as_of: age.map(of_age) }).collect();
        let heard = peers.last_heard(monotonic).map(|(region, age)| Heard { region, at: of_age(age) });
        let others = peers.regions().saturating_sub(1);
        self.options.stamp(checked_at.min(heard_at), now).with_peers(others, silent, heard)
    }

    /// Remembers as of when all news were here, for the next start. A lone node does not: it may be one whose configuration
    /// has lost the others.
    pub(super) fn note_confirmed(&self, stamp: &Stamp) {
        if self.peers.are_none() {
            return;
        }
        if let Err(error) = self.store.note_confirmed_at(stamp.confirmed_at) {
            tracing::warn!(%error, "as of when all news were here was not noted; after a restart pages begin older");
        }
    }

    /// Told when pages should get a new stamp before their time.
    pub fn renewal_due(&self) -> Arc<Notify> {
        Arc::clone(&self.renewal_due)
    }

    /// Follows the peers: asks for a new stamp as soon as what pages say of freshness is no longer so. Runs until it is
    /// dropped.
    pub async fn follow_peers(self: Arc<Self>) {
        loop {
            self.peers.changed().await;
            let shown = self.stamp();
            let now = self.clock().now();
            let newer = self.among(now, now);
            let regions = |stamp: &Stamp| stamp.silent.iter().map(|silent| silent.region.clone()).collect::<Vec<_>>();
            let recovered = shown.freshness != Freshness::Fresh && newer.confirmed_at > shown.confirmed_at;
            if recovered || regions(&shown) != regions(&newer) {
                self.renewal_due.notify_one();
            }
            tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
        }
    }
}

impl Replica for Node {
    fn store(&self) -> &Store {
        &self.store
    }

    async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Store) -> T + Send + 'static) -> T {
        if let Writes::Caller(_) = self.writes {
            return work(&self.store);
        }
        let store = self.store.clone();
        let asked = tokio::task::spawn_blocking(move || work(&store)).await;
        asked.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    async fn insert(&self, records: Vec<Record>, from: NodeKey) -> Result<(), String> {
        let written = self.write(writer::Task::Records { records, from: Some(from) }).await;
        let written = written.map(|_| ()).map_err(|error| error.to_string());
        self.peers.took_in(from, written.as_ref().err());
        written
    }

    fn now(&self) -> Instant {
        self.clock().now()
    }

    fn live_values(&self) -> Vec<(String, String)> {
        let stamp = self.stamp();
        let health = match stamp.freshness {
            Freshness::Fresh => "fresh",
            Freshness::Amber => "amber",
            Freshness::Grey => "grey",
        };
        vec![("freshness".to_owned(), health.to_owned())]
    }
}
