//! Which regions hold an own event: told one by one for the newest, by counts for all.

use super::{Peer, Peers, State};
use domain::id::EventId;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// Own events whose copies are counted one by one; older ones are told by the rounds alone.
pub const COUNTED_MAX: usize = 4096;
/// How long a write waits for peers that were up a moment ago, before it answers with what is known by then.
pub const SPREAD_MS_MAX: u64 = 2000;

/// Where copies of own events are looked for, up to [`COUNTED_MAX`].
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Events held here right after the commit of each: who holds all of these holds it.
    counts: BTreeMap<EventId, u64>,
    /// In the order of their coming.
    events: VecDeque<EventId>,
}

impl Counted {
    pub fn add(&mut self, event: EventId, count: u64) {
        if self.counts.insert(event, count).is_none() {
            self.events.push_back(event);
        }
        if self.events.len() > COUNTED_MAX
            && let Some(oldest) = self.events.pop_front()
        {
            self.counts.remove(&oldest);
        }
    }
}

impl Peers {
    /// Regions that are known to hold an event of this log, this one included: never more than do. `count` is how many
    /// events the log holds now.
    pub fn saved_in(&self, event: &EventId, count: u64) -> u32 {
        let state = self.state();
        self.regions_of(state.peers.values().filter(|peer| state.holds(peer, event, count)))
    }

    /// Waits until every linked peer holds `events`, but no longer than [`SPREAD_MS_MAX`]; then the regions that are
    /// known to hold all of them. `count` is how many events the log held right after their commit.
    pub async fn spread(&self, events: &[EventId], count: u64) -> u32 {
        let all_hold = async {
            loop {
                let changed = self.changed();
                if self.all_linked_hold(events, count) {
                    return;
                }
                changed.await;
            }
        };
        // Late peers are counted when somebody asks again.
        let _late = tokio::time::timeout(Duration::from_millis(SPREAD_MS_MAX), all_hold).await;
        events.iter().map(|event| self.saved_in(event, count)).min().unwrap_or(1)
    }

    fn all_linked_hold(&self, events: &[EventId], count: u64) -> bool {
        let state = self.state();
        // A peer whose disk is full answers at once, and no wait makes it store.
        let mut linked = state.peers.values().filter(|peer| peer.link.is_some() && !peer.refuses);
        linked.all(|peer| events.iter().all(|event| state.holds(peer, event, count)))
    }
}

impl Peer {
    /// Notes events that it holds, up to a bound; those that fall out are told by the next beat that agrees.
    pub(super) fn acknowledge(&mut self, events: impl Iterator<Item = EventId>) {
        self.acknowledged.extend(events);
        while self.acknowledged.len() > COUNTED_MAX {
            self.acknowledged.pop_first();
        }
    }
}

impl State {
    /// Whether `peer` is known to hold `event`; one that is not counted is somewhere among the log's `count` events.
    fn holds(&self, peer: &Peer, event: &EventId, count: u64) -> bool {
        let count = *self.counted.counts.get(event).unwrap_or(&count);
        peer.acknowledged.contains(event) || peer.holds >= count
    }
}
