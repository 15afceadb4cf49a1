//! Which events the log holds, in a few bytes: what two nodes compare before they look any closer.
//!
//! [`SetDigest`] is kept with every commit and costs nothing to read. It is a sum, so that the order of arrival does not
//! matter (AdHash: Bellare and Micciancio 1997); peers are authenticated, so nobody is there to search for two sets with
//! one sum. [`Store::full_digest`] hashes every id: a check on the sum and on the reconciliation, apart from both.

use super::{
    Store,
    envelope::Record,
    fault::{Fault, ReadError},
    read::Reader,
    tables::*,
};
use domain::id::EventId;
use redb::{ReadableTable, ReadableTableMetadata};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// Former digests that are remembered: a peer that shows one of them has nothing that is not here.
pub const DIGESTS_MAX: usize = 256;
/// Where the clock stands in a header (see [`super::envelope`]).
const HLC_AT: std::ops::Range<usize> = 56..64;

/// A set of events: how many, and the sum of their ids modulo 2^256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SetDigest {
    pub count: u64,
    /// Little-endian.
    pub sum: [u8; 32],
}

impl SetDigest {
    /// The digest with one more event.
    pub fn add(&mut self, id: &EventId) {
        self.count += 1;
        let mut carry = 0;
        for (ours, added) in self.sum.iter_mut().zip(id.0) {
            let byte = u16::from(*ours) + u16::from(added) + carry;
            *ours = (byte & 0xff) as u8;
            carry = byte >> 8;
        }
    }

    fn of<'a>(ids: impl Iterator<Item = &'a EventId>) -> Self {
        let mut digest = SetDigest::default();
        ids.for_each(|id| digest.add(id));
        digest
    }

    pub(super) fn to_row(self) -> [u8; 40] {
        let mut row = [0; 40];
        row[..8].copy_from_slice(&self.count.to_be_bytes());
        row[8..].copy_from_slice(&self.sum);
        row
    }

    pub(super) fn from_row(row: &[u8]) -> Option<Self> {
        let (count, sum) = row.split_first_chunk::<8>()?;
        Some(SetDigest { count: u64::from_be_bytes(*count), sum: sum.try_into().ok()? })
    }
}

/// The newest digests of one log, oldest first.
#[derive(Debug, Default)]
pub(super) struct Digests(Mutex<VecDeque<SetDigest>>);

impl Digests {
    pub fn note(&self, digest: SetDigest) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.back() == Some(&digest) {
            return;
        }
        if held.len() == DIGESTS_MAX {
            held.pop_front();
        }
        held.push_back(digest);
    }

    fn newest(&self) -> SetDigest {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).back().copied().unwrap_or_default()
    }

    fn holds(&self, digest: &SetDigest) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(digest)
    }
}

impl Store {
    /// The digest of what is held now.
    pub fn digest(&self) -> SetDigest {
        self.0.digests.newest()
    }

    /// Whether the log was, a short while ago or now, exactly the set of this digest: whoever shows it has nothing that
    /// is not here. The empty set is a part of everything.
    pub fn was(&self, digest: &SetDigest) -> bool {
        digest.count == 0 || self.0.digests.holds(digest)
    }

    /// Whether all events of this digest are held, as far as it shows: the log is that set or was it, a short while ago or
    /// ever since it holds them in this order. Reads as many ids at most.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn covers(&self, digest: &SetDigest) -> Result<bool, ReadError> {
        if self.was(digest) || digest.count > self.digest().count {
            return Ok(self.was(digest));
        }
        Ok(self.0.file.read(|transaction| {
            let mut first = SetDigest::default();
            for row in transaction.open_table(SEQUENCE)?.range(..=digest.count)? {
                first.add(&EventId(*row?.1.value()));
            }
            Ok(first == *digest)
        })?)
    }

    /// Whether every one of these events is held.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn holds_all(&self, ids: &[EventId]) -> Result<bool, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let events = transaction.open_table(EVENTS)?;
            for id in ids {
                if events.get(&id.0)?.is_none() {
                    return Ok(false);
                }
            }
            Ok(true)
        })?)
    }

    /// The clock and id of every event, in no order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ids(&self) -> Result<Vec<(u64, EventId)>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let events = transaction.open_table(EVENTS)?;
            let mut ids = Vec::with_capacity(usize::try_from(events.len()?).unwrap_or(0));
            for row in events.iter()? {
                let (id, signed) = row?;
                let id = EventId(*id.value());
                let hlc = signed.value().get(HLC_AT).and_then(|hlc| hlc.try_into().ok());
                let hlc = hlc.ok_or_else(|| Fault::Damaged(format!("event {id} has no whole header")))?;
                ids.push((u64::from_be_bytes(hlc), id));
            }
            Ok(ids)
        })?)
    }

    /// The BLAKE3 of every id, in their order, and the digest of the same moment. Reads the whole set.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn full_digest(&self) -> Result<(SetDigest, [u8; 32]), ReadError> {
        Ok(self.0.file.read(|transaction| {
            let (mut hasher, mut digest) = (blake3::Hasher::new(), SetDigest::default());
            for row in transaction.open_table(EVENTS)?.iter()? {
                let id = EventId(*row?.0.value());
                hasher.update(&id.0);
                digest.add(&id);
            }
            Ok((digest, *hasher.finalize().as_bytes()))
        })?)
    }

    /// Those of `ids` that are held, in that order, until their bytes reach `bytes_max`, but at least one; and how many
    /// of `ids` were looked at for that.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn records_of(&self, ids: &[EventId], bytes_max: usize) -> Result<(Vec<Record>, usize), ReadError> {
        Ok(self.0.file.read(|transaction| {
            let (reader, events) = (Reader::new(transaction, self.trust())?, transaction.open_table(EVENTS)?);
            let (mut records, mut bytes) = (Vec::new(), 0);
            for (looked_at, id) in ids.iter().enumerate() {
                if events.get(&id.0)?.is_none() {
                    continue;
                }
                let record = reader.record(*id)?;
                bytes += record.bytes();
                if bytes > bytes_max && !records.is_empty() {
                    return Ok((records, looked_at));
                }
                records.push(record);
            }
            Ok((records, ids.len()))
        })?)
    }

    /// Reads the digest anew, after a commit whose fate is not known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reread_digest(&self) -> Result<(), ReadError> {
        Ok(self.prepare_digest()?)
    }

    /// Reads the digest that the file holds; a file of before there were digests gets one.
    pub(super) fn prepare_digest(&self) -> Result<(), Fault> {
        let held = self.0.file.read(|transaction| {
            let meta = transaction.open_table(META)?;
            Ok(meta.get(DIGEST_KEY)?.and_then(|row| SetDigest::from_row(row.value())))
        })?;
        let digest = match held {
            Some(digest) => digest,
            None => self.0.file.write(|transaction| {
                let mut ids = Vec::new();
                for row in transaction.open_table(EVENTS)?.iter()? {
                    ids.push(EventId(*row?.0.value()));
                }
                let digest = SetDigest::of(ids.iter());
                transaction.open_table(META)?.insert(DIGEST_KEY, digest.to_row().as_slice())?;
                Ok(digest)
            })?,
        };
        self.0.digests.note(digest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_carries_over_bytes_and_does_not_mind_the_order() {
        let ids = [EventId([0xff; 32]), EventId([0x01; 32]), EventId([0x80; 32])];
        let forward = SetDigest::of(ids.iter());
        let backward = SetDigest::of(ids.iter().rev());
        assert_eq!(forward, backward);
        assert_eq!(forward.count, 3);
        // 0xff + 0x01 + 0x80 is 0x80 and a carry of one in every byte but the first.
        assert_eq!(forward.sum[0], 0x80);
        assert!(forward.sum[1..].iter().all(|byte| *byte == 0x81));
        assert_eq!(SetDigest::from_row(&forward.to_row()), Some(forward));
    }
}
