//! One round of reconciliation (negentropy: Meyer 2023, range-based set reconciliation), as either side sees it.
//!
//! The node that has opened the link asks; the other one answers. So there is one round at a time between two nodes. What
//! each lacks of the other's is found by fingerprints of ranges, so that a few differences among many events cost a few
//! kilobytes; the events themselves then travel as pushes.

use super::sealed::SealedSet;
use bytes::Bytes;
use domain::id::EventId;
use negentropy::{Id, Negentropy};
use std::collections::{BTreeSet, VecDeque};
use tokio::time::Instant;

/// Longest message of negentropy, in bytes (at least 4096).
pub const TEXT_BYTES_MAX: u64 = 64 * 1024;

/// Why a round cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("a round of reconciliation failed: {0}")]
pub struct RoundError(String);

impl From<negentropy::Error> for RoundError {
    fn from(error: negentropy::Error) -> Self {
        RoundError(error.to_string())
    }
}

/// Events that one round finds at most, give or take one message; what is beyond is left to the next round.
pub const FOUND_MAX: usize = 256 * 1024;

type Sealed = Negentropy<'static, SealedSet>;

/// The asking side.
pub struct Asking {
    pub number: u64,
    /// Before this node looked at its own set: when the round is done, everything that the peer had then is here.
    pub begun: Instant,
    /// How many events this node held then: when the round is done, the peer holds all of them.
    pub held: u64,
    sealed: Sealed,
    is_talking: bool,
    /// Events that the peer lacks, to be pushed.
    pub lacking: VecDeque<EventId>,
    /// Events that this node lacks, to be asked for.
    pub missing: VecDeque<EventId>,
    /// Asked for and not here yet.
    pub awaited: BTreeSet<EventId>,
    /// Not all was compared.
    cut: bool,
    /// Something of the peer's was not stored here.
    pub failed: bool,
    /// Something of ours was not stored there: the peer is not known to hold what this node held.
    pub refused: bool,
}

/// What a round came to, as the asking side tells it: each side concludes what it can, also where the other one's disk
/// is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The asking side holds everything that the answering side held.
    pub took_in: bool,
    /// The asking side has handed over everything that it held. Whether that was stored the answering side knows itself.
    pub handed_over: bool,
}

impl Asking {
    /// A round over the set of a moment after `begun`, and its first message.
    ///
    /// # Errors
    /// When the set cannot be reconciled at all.
    pub fn begin(number: u64, begun: Instant, set: SealedSet) -> Result<(Self, Bytes), RoundError> {
        let held = set.count();
        let mut sealed = Negentropy::owned(set, TEXT_BYTES_MAX)?;
        let text = Bytes::from(sealed.initiate()?);
        let asking = Asking {
            number,
            begun,
            held,
            sealed,
            is_talking: true,
            lacking: VecDeque::new(),
            missing: VecDeque::new(),
            awaited: BTreeSet::new(),
            cut: false,
            failed: false,
            refused: false,
        };
        Ok((asking, text))
    }

    /// Takes in an answer; the next message, if the sets are not yet compared whole.
    ///
    /// # Errors
    /// When the answer makes no sense.
    pub fn answered(&mut self, text: &[u8]) -> Result<Option<Bytes>, RoundError> {
        let (mut lacking, mut missing) = (Vec::new(), Vec::new());
        let next = self.sealed.reconcile_with_ids(text, &mut lacking, &mut missing)?;
        // The library finds ids in no order; in theirs, equal rounds have equal conversations.
        lacking.sort_unstable();
        missing.sort_unstable();
        let event = |id: Id| EventId(id.to_bytes());
        self.lacking.extend(lacking.into_iter().map(event));
        self.missing.extend(missing.into_iter().map(event));
        let is_too_much = self.lacking.len() + self.missing.len() > FOUND_MAX;
        self.cut |= is_too_much;
        let next = next.filter(|_| !is_too_much);
        self.is_talking = next.is_some();
        Ok(next.map(Bytes::from))
    }

    /// The next events to ask for, at most `count`.
    pub fn want(&mut self, count: usize) -> Vec<EventId> {
        let ids: Vec<EventId> = self.missing.drain(..self.missing.len().min(count)).collect();
        self.awaited.extend(&ids);
        ids
    }

    /// Whether everything is compared, fetched and handed over; pushes under way are the link's to know.
    pub fn is_complete(&self) -> bool {
        !self.is_talking && self.lacking.is_empty() && self.missing.is_empty() && self.awaited.is_empty()
    }

    /// What a round that is complete has come to.
    pub fn outcome(&self) -> Outcome {
        Outcome { took_in: !self.cut && !self.failed, handed_over: !self.cut }
    }
}

/// The answering side.
pub struct Answering {
    pub number: u64,
    /// The asking side had seen our token of this moment before it looked at its own set.
    pub seen: Option<Instant>,
    /// How many events this node held: when the round is done, the asking side holds all of them.
    pub held: u64,
    sealed: Sealed,
    /// Something of the asking side's was not stored here.
    pub failed: bool,
}

impl Answering {
    /// # Errors
    /// When the set cannot be reconciled at all.
    pub fn begin(number: u64, seen: Option<Instant>, set: SealedSet) -> Result<Self, RoundError> {
        Ok(Answering {
            number,
            seen,
            held: set.count(),
            sealed: Negentropy::owned(set, TEXT_BYTES_MAX)?,
            failed: false,
        })
    }

    /// The answer to a message.
    ///
    /// # Errors
    /// When the message makes no sense.
    pub fn answer(&mut self, text: &[u8]) -> Result<Bytes, RoundError> {
        Ok(Bytes::from(self.sealed.reconcile(text)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(number: u32) -> (u64, EventId) {
        let id = EventId(*blake3::hash(&number.to_be_bytes()).as_bytes());
        // Several events share a clock value.
        (u64::from(number / 3), id)
    }

    /// What both sides find, and the bytes that travelled.
    fn reconciled(ours: &[(u64, EventId)], theirs: &[(u64, EventId)]) -> (Asking, usize) {
        let set = |ids| SealedSet::of(ids).expect("a set");
        let (mut asking, first) = Asking::begin(1, Instant::now(), set(ours)).expect("a round");
        let mut answering = Answering::begin(1, None, set(theirs)).expect("a round");
        let (mut next, mut bytes) = (Some(first), 0);
        while let Some(text) = next {
            let answer = answering.answer(&text).expect("an answer");
            bytes += text.len() + answer.len();
            next = asking.answered(&answer).expect("a next message");
        }
        (asking, bytes)
    }

    #[test]
    fn thirty_differences_among_a_hundred_thousand_events_cost_kilobytes() {
        let all: Vec<_> = (0..100_000).map(event).collect();
        let ours: Vec<_> = all.iter().enumerate().filter(|(at, _)| at % 6667 != 5).map(|(_, event)| *event).collect();
        let theirs: Vec<_> = all.iter().enumerate().filter(|(at, _)| at % 6667 != 9).map(|(_, event)| *event).collect();
        let (asking, bytes) = reconciled(&ours, &theirs);
        assert_eq!((asking.lacking.len(), asking.missing.len()), (15, 15));
        assert!(bytes < 64 * 1024, "{bytes} bytes for 30 differences");
    }

    #[test]
    fn an_event_of_the_last_clock_value_is_found_like_any_other() {
        let last = |number: u32| (u64::MAX, event(number).1);
        let shared: Vec<_> = (0..100).map(event).collect();
        let ours = [shared.as_slice(), &[last(1000)]].concat();
        let theirs = [shared.as_slice(), &[last(2000), (u64::MAX - 1, event(3000).1)]].concat();
        let (asking, _) = reconciled(&ours, &theirs);
        assert_eq!((asking.lacking.len(), asking.missing.len()), (1, 2));
    }

    #[test]
    fn a_peer_that_names_events_without_end_is_not_listened_to_without_end() {
        let endless: Vec<_> = (0..(FOUND_MAX as u32 + 100_000)).map(event).collect();
        let (asking, _) = reconciled(&[], &endless);
        // A frame of the peer holds so many ids at most.
        let one_message = crate::replication::frame::FRAME_BYTES_MAX / 32;
        assert!(asking.missing.len() <= FOUND_MAX + one_message, "{} events", asking.missing.len());
        let nothing = Outcome { took_in: false, handed_over: false };
        assert_eq!(asking.outcome(), nothing, "what was not compared whole confirms nothing");
    }

    proptest! {
        #[test]
        fn a_round_finds_exactly_what_each_side_lacks(
            ours in proptest::collection::btree_set(0_u32..3000, 0..600),
            theirs in proptest::collection::btree_set(0_u32..3000, 0..600),
        ) {
            let events = |numbers: &BTreeSet<u32>| numbers.iter().map(|number| event(*number)).collect::<Vec<_>>();
            let (asking, _) = reconciled(&events(&ours), &events(&theirs));
            let ids = |numbers: BTreeSet<u32>| numbers.into_iter().map(|number| event(number).1).collect::<BTreeSet<_>>();
            prop_assert_eq!(asking.lacking.iter().copied().collect::<BTreeSet<_>>(), ids(&ours - &theirs));
            prop_assert_eq!(asking.missing.iter().copied().collect::<BTreeSet<_>>(), ids(&theirs - &ours));
        }
    }
}
