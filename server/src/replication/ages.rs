//! As of when this node has all the news of each other node. Pure: every moment is passed in.
//!
//! Ages travel, not timestamps: a peer says "I have all of Nanjing's news as of 3 s ago", and because it said so after a
//! moment of our own clock that it proves to have seen, that is a bound in our own time. Skewed clocks cannot lie that
//! way, and what is shown is never newer than the truth (DESIGN section 6).

use domain::id::NodeKey;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

/// Statements of each peer that are remembered: one a beat, and a round takes no longer than a few.
const STATEMENTS_MAX: usize = 8;

/// The newest moments, in this process's monotonic time.
#[derive(Clone, Debug, Default)]
pub struct Ages {
    as_of: BTreeMap<NodeKey, Instant>,
    told: BTreeMap<NodeKey, VecDeque<Statement>>,
}

/// What a peer has said of others, as bounds in our own time.
#[derive(Clone, Debug)]
struct Statement {
    received_at: Instant,
    as_of: BTreeMap<NodeKey, Instant>,
}

impl Ages {
    /// `peer` said, not before `not_before`, how old its news of others are; it arrived at `now`.
    pub fn tell(&mut self, peer: NodeKey, not_before: Instant, now: Instant, ages_ms: &BTreeMap<NodeKey, u64>) {
        let bound = |age_ms: &u64| not_before.checked_sub(Duration::from_millis(*age_ms));
        let as_of = ages_ms.iter().filter_map(|(node, age_ms)| Some((*node, bound(age_ms)?))).collect();
        let told = self.told.entry(peer).or_default();
        if told.len() == STATEMENTS_MAX {
            told.pop_front();
        }
        told.push_back(Statement { received_at: now, as_of });
    }

    /// This node has everything that `peer` had at `as_of`, and everything that it had when it said what arrived here
    /// until `said_until`.
    pub fn confirm(&mut self, peer: NodeKey, as_of: Instant, said_until: Instant) {
        newest(&mut self.as_of, peer, as_of);
        let said = self.told.get(&peer).into_iter().flatten().filter(|said| said.received_at <= said_until);
        for (node, as_of) in said.flat_map(|said| &said.as_of) {
            newest(&mut self.as_of, *node, *as_of);
        }
    }

    /// As of when this node has all the news of `node`.
    pub fn as_of(&self, node: &NodeKey) -> Option<Instant> {
        self.as_of.get(node).copied()
    }

    /// How old the news of each node are, in milliseconds, rounded up.
    pub fn in_ms(&self, now: Instant) -> BTreeMap<NodeKey, u64> {
        let age = |as_of: &Instant| now.saturating_duration_since(*as_of).as_micros().div_ceil(1000);
        self.as_of.iter().map(|(node, as_of)| (*node, u64::try_from(age(as_of)).unwrap_or(u64::MAX))).collect()
    }

    /// Forgets nodes that are no members any more.
    pub fn retain(&mut self, is_member: impl Fn(&NodeKey) -> bool) {
        self.as_of.retain(|node, _| is_member(node));
        self.told.retain(|node, _| is_member(node));
    }
}

fn newest(held: &mut BTreeMap<NodeKey, Instant>, node: NodeKey, as_of: Instant) {
    let entry = held.entry(node).or_insert(as_of);
    *entry = (*entry).max(as_of);
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeKey = NodeKey([1; 32]);
    const B: NodeKey = NodeKey([2; 32]);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn what_a_peer_has_heard_reaches_us_through_it_and_never_looks_newer_than_it_is() {
        let start = Instant::now() + seconds(100);
        let mut ages = Ages::default();
        // Between our sending the token (start) and now, A had B's news as of 3 s before.
        ages.tell(A, start, start + seconds(1), &BTreeMap::from([(B, 3000)]));
        assert_eq!(ages.as_of(&B), None, "hearsay alone confirms nothing");
        ages.confirm(A, start, start + seconds(1));
        assert_eq!(ages.as_of(&A), Some(start));
        assert_eq!(ages.as_of(&B), Some(start - seconds(3)));
        assert_eq!(ages.in_ms(start + seconds(2)), BTreeMap::from([(A, 2000), (B, 5000)]));
        // A round that began before a word arrived does not prove that we have what the word speaks of.
        ages.tell(A, start + seconds(10), start + seconds(11), &BTreeMap::from([(B, 0)]));
        ages.confirm(A, start + seconds(9), start + seconds(9));
        assert_eq!((ages.as_of(&A), ages.as_of(&B)), (Some(start + seconds(9)), Some(start - seconds(3))));
        // Nothing goes back.
        ages.confirm(A, start, start + seconds(11));
        assert_eq!((ages.as_of(&A), ages.as_of(&B)), (Some(start + seconds(9)), Some(start + seconds(10))));
        ages.retain(|node| *node == B);
        assert_eq!(ages.as_of(&A), None);
    }
}
