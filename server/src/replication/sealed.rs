//! The ids of all events, sorted for rounds: read once for each state of the log, and shared by all links.
//!
//! To read and to sort them takes a moment that grows with the log, so both belong off the tasks of the network, and a
//! peer that asks over and over must not have it done over and over.

use super::round::RoundError;
use crate::store::SetDigest;
use domain::id::EventId;
use negentropy::{Bound, Id, Item, NegentropyStorageBase, NegentropyStorageVector};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// The highest clock that the library can tell from the end of everything: an event behind that end would belong to no
/// range, and no round would ever find it. Such events are reconciled as of this one.
const CLOCK_MAX: u64 = u64::MAX - 1;
/// A set that no round has used for so long is let go: it takes 40 bytes of memory for each event.
const UNUSED_MS_MAX: u64 = 10_000;

/// All events of one moment. A clone is the same set.
#[derive(Clone, Debug)]
pub struct SealedSet {
    digest: SetDigest,
    ids: Arc<NegentropyStorageVector>,
}

impl SealedSet {
    /// # Errors
    /// When the set cannot be reconciled at all.
    pub fn of(ids: &[(u64, EventId)]) -> Result<Self, RoundError> {
        let mut storage = NegentropyStorageVector::with_capacity(ids.len());
        let mut digest = SetDigest::default();
        for (clock, id) in ids {
            digest.add(id);
            storage.insert((*clock).min(CLOCK_MAX), Id::from_byte_array(id.0))?;
        }
        storage.seal()?;
        Ok(SealedSet { digest, ids: Arc::new(storage) })
    }

    /// How many events it has.
    pub fn count(&self) -> u64 {
        self.digest.count
    }
}

impl NegentropyStorageBase for SealedSet {
    fn size(&self) -> Result<usize, negentropy::Error> {
        self.ids.size()
    }

    fn get_item(&self, at: usize) -> Result<Option<Item>, negentropy::Error> {
        self.ids.get_item(at)
    }

    fn iterate(
        &self,
        begin: usize,
        end: usize,
        each: &mut dyn FnMut(Item, usize) -> Result<bool, negentropy::Error>,
    ) -> Result<(), negentropy::Error> {
        self.ids.iterate(begin, end, each)
    }

    fn find_lower_bound(&self, first: usize, last: usize, value: &Bound) -> usize {
        self.ids.find_lower_bound(first, last, value)
    }
}

/// The newest set that a round was begun with, for as long as it is of use.
#[derive(Debug, Default)]
pub(super) struct NewestSet(Option<(SealedSet, Instant)>);

impl NewestSet {
    /// The set of this digest, if it is the one that is kept.
    pub fn of(&mut self, digest: &SetDigest, now: Instant) -> Option<SealedSet> {
        let (set, used_at) = self.0.as_mut().filter(|(set, _)| set.digest == *digest)?;
        *used_at = now;
        Some(set.clone())
    }

    pub fn keep(&mut self, set: SealedSet, now: Instant) {
        self.0 = Some((set, now));
    }

    #[cfg(test)]
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Lets go what is not used any more.
    pub fn tidy(&mut self, now: Instant) {
        self.0.take_if(|(_, used_at)| now.saturating_duration_since(*used_at) > Duration::from_millis(UNUSED_MS_MAX));
    }
}
