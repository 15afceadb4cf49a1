//! Bodies that are missing: their events are held without them, and no redaction that counts says why. They are asked
//! of the other regions, which may have them.
//!
//! An event comes without its body from a node that has erased it, by a trust that need not be this node's; or its body
//! was erased here by a redaction that counts no longer. A digest speaks of ids alone, so that no comparison of two sets
//! finds such an event: the table [`MISSING`] names them, and changes in the transaction that changes the body, the
//! redactions or the trust.

use super::{
    Store,
    envelope::Header,
    fault::{Fault, ReadError},
    keep::{Log, held_header},
    read::Reader,
    tables::*,
};
use domain::id::EventId;
use redb::{ReadableTable, ReadableTableMetadata};
use std::{
    ops::Bound,
    sync::atomic::{AtomicU64, Ordering},
};

/// What has become of bodies since this node started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyCounts {
    /// How many are missing now.
    pub missing: u64,
    /// Grows whenever a further one is missing.
    pub lost: u64,
    /// Grows whenever one came in that had been missing.
    pub came: u64,
}

/// The same, shared by all that use the log.
#[derive(Debug, Default)]
pub(super) struct Counts {
    missing: AtomicU64,
    lost: AtomicU64,
    came: AtomicU64,
}

/// How one transaction leaves the bodies.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bodies {
    pub missing: u64,
    pub lost: u64,
    pub came: u64,
}

impl Counts {
    /// After the commit.
    pub fn note(&self, bodies: Bodies) {
        self.missing.store(bodies.missing, Ordering::Release);
        self.lost.fetch_add(bodies.lost, Ordering::AcqRel);
        self.came.fetch_add(bodies.came, Ordering::AcqRel);
    }
}

impl Log<'_> {
    /// An event is held without its body and no redaction of it counts.
    pub fn note_missing(&mut self, id: EventId) -> Result<(), Fault> {
        if self.missing.insert(&id.0, ())?.is_none() {
            self.changed.lost += 1;
        }
        Ok(())
    }

    /// The body is here, or it is gone for good.
    pub fn note_not_missing(&mut self, id: EventId) -> Result<(), Fault> {
        self.missing.remove(&id.0)?;
        Ok(())
    }

    /// Those whose redaction no longer counts by the present trust are missing from now on.
    pub fn note_regretted(&mut self) -> Result<(), Fault> {
        for id in redacted_ids(&self.redactions)? {
            if let Some(header) = held_header(&self.events, id)?
                && self.bodies.get(&id.0)?.is_none()
                && !self.is_redacted(id, &header)?
            {
                self.note_missing(id)?;
            }
        }
        Ok(())
    }

    /// Names every event without a body, of a log that was kept by a version which did not.
    pub fn note_all_missing(&mut self) -> Result<(), Fault> {
        let mut found = Vec::new();
        for row in self.events.iter()? {
            let (id, signed) = row?;
            let id = EventId(*id.value());
            let header =
                Header::decode(signed.value()).map_err(|error| Fault::Damaged(format!("event {id}: {error}")))?;
            if self.bodies.get(&id.0)?.is_none() && !self.is_redacted(id, &header)? {
                found.push(id);
            }
        }
        for id in found {
            self.note_missing(id)?;
        }
        self.meta.insert(MISSING_KEY, [1].as_slice())?;
        Ok(())
    }

    /// What this transaction has come to for the bodies.
    pub fn bodies(&self) -> Result<Bodies, Fault> {
        Ok(Bodies { missing: self.missing.len()?, ..self.changed })
    }
}

/// Every event that some redaction names, whether it is here or not.
pub(super) fn redacted_ids(
    redactions: &impl ReadableTable<&'static [u8; REDACTION_KEY_BYTES], ()>,
) -> Result<Vec<EventId>, Fault> {
    let mut redacted = Vec::new();
    for row in redactions.iter()? {
        redacted.push(EventId(split_redaction_key(row?.0.value()).0));
    }
    redacted.dedup();
    Ok(redacted)
}

impl Store {
    /// How many bodies are missing, and how that has changed. Reads nothing.
    pub fn body_counts(&self) -> BodyCounts {
        let counts = &self.0.bodies;
        BodyCounts {
            missing: counts.missing.load(Ordering::Acquire),
            lost: counts.lost.load(Ordering::Acquire),
            came: counts.came.load(Ordering::Acquire),
        }
    }

    /// How many events are here with their bodies.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn held_bodies(&self) -> Result<u64, ReadError> {
        Ok(self.0.file.read(|transaction| Ok(transaction.open_table(BODIES)?.len()?))?)
    }

    /// Up to `count` events whose bodies are missing, in the order of their ids, from behind `after` on.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn missing_bodies(&self, after: Option<EventId>, count: usize) -> Result<Vec<EventId>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let missing = transaction.open_table(MISSING)?;
            let first = after.as_ref().map_or(Bound::Unbounded, |after| Bound::Excluded(&after.0));
            let rows = missing.range::<&[u8; 32]>((first, Bound::Unbounded))?;
            rows.take(count).map(|row| Ok(EventId(*row?.0.value()))).collect()
        })?)
    }

    /// Whether the present trust asks for another state of the bodies than the file's.
    pub(super) fn has_bodies_to_settle(&self) -> Result<bool, Fault> {
        self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            let missing = transaction.open_table(MISSING)?;
            for id in redacted_ids(&transaction.open_table(REDACTIONS)?)? {
                if !reader.holds(id)? {
                    continue;
                }
                let is_redacted = reader.is_redacted(id, &reader.header(id)?)?;
                let has_body = reader.record(id)?.body.is_some();
                let is_settled = match is_redacted {
                    true => !has_body && missing.get(&id.0)?.is_none(),
                    false => has_body || missing.get(&id.0)?.is_some(),
                };
                if !is_settled {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Counts anew. Whoever was told of bodies before is told that there may be more.
    pub(super) fn recount_bodies(&self) -> Result<(), Fault> {
        let missing = self.0.file.read(|transaction| Ok(transaction.open_table(MISSING)?.len()?))?;
        self.0.bodies.note(Bodies { missing, lost: 1, came: 1 });
        Ok(())
    }
}
