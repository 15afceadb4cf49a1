//! Events of other nodes: verified, without duplicates, in bounded batches.
//!
//! Whether a signer is trusted is not asked here: everything that verifies is kept, so that the sets of two nodes can be
//! equal, and what is not admitted is held by the fold.

use super::{
    Store,
    envelope::{Header, Record},
    fault::InsertError,
    keep::{Kept, Log},
};
use domain::{
    Instant,
    id::{EventId, Hlc, Subject},
};
use std::collections::BTreeSet;

/// Most events of one batch.
pub const INSERT_MAX: usize = 512;
/// How far another node's clock may drag ours beyond our own time, in milliseconds.
const DRAG_MS_MAX: u64 = 5 * 60 * 1000;

/// The highest clock value that another node's event may bring ours to; a later one is of a clock that runs ahead.
pub fn drag_end(now: Instant) -> Hlc {
    let now_ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Hlc(now_ms.saturating_add(DRAG_MS_MAX).saturating_mul(1 << Hlc::COUNTER_BITS))
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    pub new: Vec<EventId>,
    /// Held before without their bodies, which came along now.
    pub completed: Vec<EventId>,
    /// How many were held before.
    pub known: usize,
    /// The subjects to fold again.
    pub subjects: BTreeSet<Subject>,
    /// Other keys are trusted than before: everything is to be folded again.
    pub trust_changed: bool,
}

impl Store {
    /// The id and header of the event at `number` of a batch, if it is one that this log keeps.
    ///
    /// # Errors
    /// When it is not what its writer signed, or belongs to another cluster.
    pub fn check(&self, number: usize, record: &Record) -> Result<(EventId, Header), InsertError> {
        let id = record.id();
        let header = record.verify().map_err(|error| InsertError::Envelope { number, id, error })?;
        if header.cluster != self.identity().cluster {
            let (found, ours) = (header.cluster, self.identity().cluster);
            return Err(InsertError::OtherCluster { number, id, found, ours });
        }
        Ok((id, header))
    }

    /// Takes in a batch of events, all or none; durable when this returns. An event from the future is kept as it is
    /// and drags this node's clock at most five minutes past `now`.
    ///
    /// # Errors
    /// The first event that is not what its writer signed, or that belongs to another cluster.
    pub fn insert(&self, records: &[Record], now: Instant) -> Result<Inserted, InsertError> {
        if records.len() > INSERT_MAX {
            return Err(InsertError::TooMany(records.len()));
        }
        let mut headers = Vec::with_capacity(records.len());
        for (number, record) in records.iter().enumerate() {
            headers.push(self.check(number, record)?);
        }
        let drag_end = drag_end(now);
        let _turn = self.turn();
        let digest = std::cell::Cell::new(self.digest());
        let written = self.0.file.write(|transaction| {
            let mut log = Log::new(transaction, self.trust())?;
            let mut inserted = Inserted::default();
            let mut clock = log.clock()?;
            for ((id, header), record) in headers.iter().zip(records) {
                match log.keep(*id, header, record)? {
                    Kept::New => inserted.new.push(*id),
                    Kept::Completed => inserted.completed.push(*id),
                    Kept::Known => {
                        inserted.known += 1;
                        continue;
                    }
                }
                inserted.subjects.insert(header.subject);
                clock = clock.max(header.hlc.min(drag_end));
            }
            log.set_clock(clock)?;
            digest.set(log.digest()?);
            if !inserted.completed.is_empty() {
                // A body that arrives after its header moves no count, so the index could not tell. It is told first: a
                // crash between the two costs a fold, the other way round it would cost the truth.
                self.0.index.doubt(&inserted.subjects)?;
            }
            let closed = self.close(log)?;
            inserted.trust_changed = closed.trust.is_some();
            Ok((inserted, closed))
        });
        let (inserted, closed) = written.map_err(|failed| match failed.at_commit {
            true => InsertError::Unknown(failed.fault),
            false => InsertError::Fault(failed.fault),
        })?;
        self.closed(closed);
        self.0.digests.note(digest.get());
        Ok(inserted)
    }
}
