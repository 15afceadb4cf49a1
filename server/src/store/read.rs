//! Reading the log: the events of a subject, an incident, pages of records.

use super::{
    Store, body,
    envelope::{Header, Record},
    fault::{Fault, ReadError},
    keep::subject_bounds,
    tables::*,
};
use domain::{
    change::Event,
    fold::{self, Folded, Problem, UPDATE_THIS_NODE},
    id::{EventId, IncidentId, Subject},
    incident::Incident,
};
use redb::{ReadOnlyTable, ReadTransaction};
use std::collections::{BTreeMap, BTreeSet};

/// Most records of one page.
pub const RECORDS_MAX: usize = 256;

impl Store {
    /// The events of a subject that this version can decode, and why others cannot be.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn subject(&self, subject: Subject) -> Result<(Vec<Event>, Vec<Problem>), ReadError> {
        Ok(self.0.file.read(|transaction| Reader::new(transaction)?.subject(subject))?)
    }

    /// An incident or maintenance, folded from its events; `None` when there is none of that id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn incident(&self, id: IncidentId) -> Result<Option<Incident>, ReadError> {
        let (events, _) = self.subject(Subject::Incident(id))?;
        match fold::subject(Subject::Incident(id), &events) {
            (Folded::Incident(_, incident), _) => Ok(incident.map(|incident| *incident)),
            _ => Ok(None),
        }
    }

    /// Up to [`RECORDS_MAX`] events from number `from` on, each with its number, in the order of their arrival here.
    /// The next page begins after the last number of this one; an empty page is the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn records(&self, from: u64) -> Result<Vec<(u64, Record)>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let reader = Reader::new(transaction)?;
            let mut records = Vec::new();
            for row in transaction.open_table(SEQUENCE)?.range(from..)?.take(RECORDS_MAX) {
                let (number, id) = row?;
                records.push((number.value(), reader.record(EventId(*id.value()))?));
            }
            Ok(records)
        })?)
    }
}

/// The tables of one reading transaction.
pub(super) struct Reader {
    events: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    bodies: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    subjects: ReadOnlyTable<&'static [u8; SUBJECT_KEY_BYTES], ()>,
}

impl Reader {
    pub fn new(transaction: &ReadTransaction) -> Result<Self, Fault> {
        Ok(Reader {
            events: transaction.open_table(EVENTS)?,
            bodies: transaction.open_table(BODIES)?,
            subjects: transaction.open_table(SUBJECTS)?,
        })
    }

    pub fn record(&self, id: EventId) -> Result<Record, Fault> {
        let missing = || Fault::Damaged(format!("event {id} is named but not there"));
        Ok(Record {
            signed: self.events.get(&id.0)?.ok_or_else(missing)?.value().to_owned(),
            body: self.bodies.get(&id.0)?.map(|body| body.value().to_owned()),
        })
    }

    pub fn header(&self, id: EventId) -> Result<Header, Fault> {
        super::keep::header_of(&self.events, id)
    }

    pub fn subject(&self, subject: Subject) -> Result<(Vec<Event>, Vec<Problem>), Fault> {
        let (first, last) = subject_bounds(subject);
        let mut ids = Vec::new();
        for row in self.subjects.range::<&[u8; SUBJECT_KEY_BYTES]>(&first..=&last)? {
            ids.push(EventId(split_subject_key(row?.0.value()).1));
        }
        self.decoded(&ids)
    }

    /// Decodes the events of one subject. Where an event that cannot be decoded stands between two that can, the later
    /// one takes over its parents, or the fold would believe the two to be concurrent.
    pub fn decoded(&self, ids: &[EventId]) -> Result<(Vec<Event>, Vec<Problem>), Fault> {
        let (mut events, mut problems) = (Vec::with_capacity(ids.len()), Vec::new());
        let mut passed_over: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
        for id in ids {
            let header = self.header(*id)?;
            let body = self.bodies.get(&id.0)?;
            match decode(*id, &header, body.as_ref().map(|body| body.value())) {
                Ok(event) => events.push(event),
                Err(reason) => {
                    passed_over.insert(*id, header.parents);
                    problems.extend(reason.map(|reason| Problem { event: *id, reason }));
                }
            }
        }
        if !passed_over.is_empty() {
            for event in &mut events {
                event.parents = effective_parents(&event.parents, &passed_over);
            }
        }
        Ok((events, problems))
    }
}

/// The event, or why there is none; a kind of a newer version that may be passed over has no reason.
fn decode(id: EventId, header: &Header, body: Option<&[u8]>) -> Result<Event, Option<String>> {
    let unknown = |what: String| Err(header.must_understand().then(|| format!("{what} {UPDATE_THIS_NODE}")));
    if header.version != super::envelope::VERSION {
        return unknown(format!("an event of version {}", header.version));
    }
    if body::kind_name(header.kind).is_none() {
        return unknown(format!("an event of kind {}", header.kind));
    }
    let body = body.ok_or_else(|| Some("its body was erased".to_owned()))?;
    match body::decode(header.kind, body) {
        Ok(Some((author, change))) => Ok(Event {
            id,
            node: header.node,
            hlc: header.hlc,
            subject: header.subject,
            parents: header.parents.clone(),
            author,
            change,
        }),
        Ok(None) => unknown(format!("an event of kind {}", header.kind)),
        Err(error) => Err(Some(error.to_string())),
    }
}

fn effective_parents(parents: &[EventId], passed_over: &BTreeMap<EventId, Vec<EventId>>) -> Vec<EventId> {
    let (mut effective, mut visited) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting = parents.to_vec();
    while let Some(parent) = waiting.pop() {
        match passed_over.get(&parent) {
            Some(grandparents) if visited.insert(parent) => waiting.extend(grandparents),
            Some(_) => {}
            None => drop(effective.insert(parent)),
        }
    }
    effective.into_iter().collect()
}
