//! The rows that every event has, whoever wrote it.

use super::{
    digest::SetDigest,
    envelope::{Header, PARENTS_MAX, Record},
    fault::Fault,
    missing::Bodies,
    tables::*,
};
use domain::{
    id::{EventId, Hlc, Subject},
    trust::Trust,
};
use redb::{ReadableTable, Table, WriteTransaction};
use std::{collections::BTreeSet, sync::Arc};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    New,
    /// It was held without its body, and now has it.
    Completed,
    Known,
}

/// The tables of one writing transaction.
pub(super) struct Log<'t> {
    pub(super) events: Table<'t, &'static [u8; 32], &'static [u8]>,
    pub(super) bodies: Table<'t, &'static [u8; 32], &'static [u8]>,
    sequence: Table<'t, u64, &'static [u8; 32]>,
    pub(super) subjects: Table<'t, &'static [u8; SUBJECT_KEY_BYTES], ()>,
    counts: Table<'t, &'static [u8; 32], u64>,
    pub(super) meta: Table<'t, &'static str, &'static [u8]>,
    pub(super) redactions: Table<'t, &'static [u8; REDACTION_KEY_BYTES], ()>,
    pub(super) missing: Table<'t, &'static [u8; 32], ()>,
    pub(super) trust: Arc<Trust>,
    /// An event about a node was kept.
    pub(super) nodes_changed: bool,
    /// A body was erased.
    pub(super) erased: bool,
    /// How many bodies are missing more than before, and how many came.
    pub(super) changed: Bodies,
}

impl<'t> Log<'t> {
    pub fn new(transaction: &'t WriteTransaction, trust: Arc<Trust>) -> Result<Self, Fault> {
        Ok(Log {
            events: transaction.open_table(EVENTS)?,
            bodies: transaction.open_table(BODIES)?,
            sequence: transaction.open_table(SEQUENCE)?,
            subjects: transaction.open_table(SUBJECTS)?,
            counts: transaction.open_table(COUNTS)?,
            meta: transaction.open_table(META)?,
            redactions: transaction.open_table(REDACTIONS)?,
            missing: transaction.open_table(MISSING)?,
            trust,
            nodes_changed: false,
            erased: false,
            changed: Bodies::default(),
        })
    }

    /// Keeps a record that was verified; without its body when that was redacted.
    pub fn keep(&mut self, id: EventId, header: &Header, record: &Record) -> Result<Kept, Fault> {
        let known = self.events.get(&id.0)?.is_some();
        let had_body = known && self.bodies.get(&id.0)?.is_some();
        let mut has_body = had_body;
        if let Some(body) = record.body.as_ref().filter(|_| !had_body)
            && !self.is_redacted(id, header)?
        {
            self.bodies.insert(&id.0, body.as_slice())?;
            has_body = true;
            self.nodes_changed |= matches!(header.subject, Subject::Node(_));
            self.note_redaction(id, header, body)?;
        }
        if known && has_body && !had_body {
            self.note_not_missing(id)?;
            self.changed.came += 1;
            return Ok(Kept::Completed);
        }
        if known {
            return Ok(Kept::Known);
        }
        if !has_body && !self.is_redacted(id, header)? {
            self.note_missing(id)?;
        }
        self.events.insert(&id.0, record.signed.as_slice())?;
        let number = self.sequence.last()?.map_or(0, |(number, _)| number.value()) + 1;
        self.sequence.insert(number, &id.0)?;
        self.subjects.insert(&subject_key(header.subject.to_bytes(), header.hlc.0, id.0), ())?;
        let count = self.counts.get(&header.node.0)?.map_or(0, |count| count.value());
        self.counts.insert(&header.node.0, count + 1)?;
        let mut digest = self.digest()?;
        digest.add(&id);
        self.meta.insert(DIGEST_KEY, digest.to_row().as_slice())?;
        Ok(Kept::New)
    }

    /// The events of a subject that no other one names as its parent. Beyond [`PARENTS_MAX`] the newest by clock: the
    /// rest stay heads until a later event names them.
    pub fn heads(&self, subject: Subject) -> Result<Vec<EventId>, Fault> {
        let (mut ids, mut seen) = (Vec::new(), BTreeSet::new());
        let (first, last) = subject_bounds(subject);
        for row in self.subjects.range::<&[u8; SUBJECT_KEY_BYTES]>(&first..=&last)? {
            let (_, id) = split_subject_key(row?.0.value());
            ids.push(EventId(id));
            seen.extend(header_of(&self.events, EventId(id))?.parents);
        }
        ids.retain(|id| !seen.contains(id));
        let excess = ids.len().saturating_sub(PARENTS_MAX);
        Ok(ids.split_off(excess))
    }

    /// The digest of all that is held, these included.
    pub fn digest(&self) -> Result<SetDigest, Fault> {
        let row = self.meta.get(DIGEST_KEY)?;
        Ok(row.and_then(|row| SetDigest::from_row(row.value())).unwrap_or_default())
    }

    /// The highest clock value to go past.
    pub fn clock(&self) -> Result<Hlc, Fault> {
        let value = self.meta.get(CLOCK_KEY)?.and_then(|value| value.value().try_into().ok());
        Ok(Hlc(value.map_or(0, u64::from_be_bytes)))
    }

    pub fn set_clock(&mut self, clock: Hlc) -> Result<(), Fault> {
        self.meta.insert(CLOCK_KEY, clock.0.to_be_bytes().as_slice())?;
        Ok(())
    }
}

/// The first and the last key that a subject can have in [`SUBJECTS`].
pub(super) fn subject_bounds(subject: Subject) -> ([u8; SUBJECT_KEY_BYTES], [u8; SUBJECT_KEY_BYTES]) {
    let subject = subject.to_bytes();
    (subject_key(subject, 0, [0; 32]), subject_key(subject, u64::MAX, [u8::MAX; 32]))
}

/// The header of an event, when it is held.
pub(super) fn held_header(
    events: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    id: EventId,
) -> Result<Option<Header>, Fault> {
    match events.get(&id.0)?.is_some() {
        true => header_of(events, id).map(Some),
        false => Ok(None),
    }
}

/// The header of an event that another table names.
pub(super) fn header_of(
    events: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    id: EventId,
) -> Result<Header, Fault> {
    let signed = events.get(&id.0)?.ok_or_else(|| Fault::Damaged(format!("event {id} is named but not there")))?;
    Header::decode(signed.value()).map_err(|error| Fault::Damaged(format!("event {id}: {error}")))
}
