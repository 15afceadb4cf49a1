//! Reading the log: the events of a subject, an incident, pages of records.

use super::{
    Store, body,
    envelope::{Header, Record},
    fault::{Fault, ReadError},
    keep::subject_bounds,
    redact,
    tables::*,
};
use domain::{
    change::Event,
    fold::{self, Folded, Problem, ProblemKind, UPDATE_THIS_NODE},
    id::{EventId, IncidentId, NodeKey, Subject},
    incident::Incident,
    trust::{Held, Trust},
};
use redb::{ReadOnlyTable, ReadTransaction};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Most records of one page.
pub const RECORDS_MAX: usize = 256;

impl Store {
    /// The events of a subject that this version can decode, and why others cannot be.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn subject(&self, subject: Subject) -> Result<(Vec<Event>, Vec<Problem>), ReadError> {
        Ok(self.0.file.read(|transaction| Reader::new(transaction, self.trust())?.subject(subject))?)
    }

    /// Those of these events that this version can decode.
    ///
    /// # Errors
    /// When the file cannot be read, or one is not held.
    pub fn events(&self, ids: &[EventId]) -> Result<Vec<Event>, ReadError> {
        Ok(self.0.file.read(|transaction| Ok(Reader::new(transaction, self.trust())?.decoded(ids)?.0))?)
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
            let reader = Reader::new(transaction, self.trust())?;
            let mut records = Vec::new();
            for row in transaction.open_table(SEQUENCE)?.range(from..)?.take(RECORDS_MAX) {
                let (number, id) = row?;
                records.push((number.value(), reader.record(EventId(*id.value()))?));
            }
            Ok(records)
        })?)
    }

    /// Up to [`RECORDS_MAX`] events before number `before`, or the newest, each with its number, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn records_before(&self, before: Option<u64>) -> Result<Vec<(u64, Record)>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            let mut records = Vec::new();
            for row in transaction.open_table(SEQUENCE)?.range(..before.unwrap_or(u64::MAX))?.rev().take(RECORDS_MAX) {
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
    redactions: ReadOnlyTable<&'static [u8; REDACTION_KEY_BYTES], ()>,
    pub(super) trust: Arc<Trust>,
}

impl Reader {
    pub fn new(transaction: &ReadTransaction, trust: Arc<Trust>) -> Result<Self, Fault> {
        Ok(Reader {
            events: transaction.open_table(EVENTS)?,
            bodies: transaction.open_table(BODIES)?,
            subjects: transaction.open_table(SUBJECTS)?,
            redactions: transaction.open_table(REDACTIONS)?,
            trust,
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

    pub fn body(&self, id: EventId) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.bodies.get(&id.0)?.map(|body| body.value().to_owned()))
    }

    pub fn subject(&self, subject: Subject) -> Result<(Vec<Event>, Vec<Problem>), Fault> {
        let (first, last) = subject_bounds(subject);
        let mut ids = Vec::new();
        for row in self.subjects.range::<&[u8; SUBJECT_KEY_BYTES]>(&first..=&last)? {
            ids.push(EventId(split_subject_key(row?.0.value()).1));
        }
        self.decoded(&ids)
    }

    pub fn holds(&self, id: EventId) -> Result<bool, Fault> {
        Ok(self.events.get(&id.0)?.is_some())
    }

    pub fn is_redacted(&self, id: EventId, header: &Header) -> Result<bool, Fault> {
        Ok(!redact::redactions_of(&self.redactions, &self.events, &self.trust, id, header)?.is_empty())
    }

    /// Decodes the events of one subject. Where an event that cannot be decoded, or that does not count, stands between
    /// two that can, the later one takes over its parents, or the fold would believe the two to be concurrent.
    pub fn decoded(&self, ids: &[EventId]) -> Result<(Vec<Event>, Vec<Problem>), Fault> {
        let (mut events, mut problems) = (Vec::with_capacity(ids.len()), Vec::new());
        let mut passed_over: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
        for id in ids {
            let header = self.header(*id)?;
            match self.event(*id, &header)? {
                Ok(event) => events.push(event),
                Err(reason) => {
                    passed_over.insert(*id, header.parents);
                    problems.extend(reason.map(|(kind, reason)| Problem { event: *id, reason, kind }));
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

    /// An event as the fold takes it, or why it does not.
    fn event(&self, id: EventId, header: &Header) -> Result<Result<Event, Passed>, Fault> {
        if let Some(held) = self.trust.held(&header.node, header.hlc) {
            return Ok(Err(Some((ProblemKind::Held, held_reason(held, &header.node)))));
        }
        let body = self.bodies.get(&id.0)?;
        if redact::is_redaction(header)
            && let Some(body) = &body
            && let Some(redacted) = redact::redaction(header, body.value())
        {
            return Ok(Err(self.misplaced(header, redacted.event)?));
        }
        let redactions = redact::redactions_of(&self.redactions, &self.events, &self.trust, id, header)?;
        if redactions.is_empty() {
            return Ok(decode(id, header, body.as_ref().map(|body| body.value())));
        }
        for (by, redaction) in redactions {
            let body = self.bodies.get(&by.0)?;
            let redacted = body.and_then(|body| redact::redaction(&redaction, body.value()));
            if let Some(residue) = redacted.and_then(|redacted| redacted.residue)
                && let Ok(event) = decode(id, header, Some(&residue.0))
            {
                return Ok(Ok(event));
            }
        }
        Ok(Err(Some((ProblemKind::Erased, "it was redacted, and nothing stands in its place".to_owned()))))
    }

    /// What is wrong with a redaction of `target`; nothing when it is right or the target is not here yet.
    fn misplaced(&self, redaction: &Header, target: EventId) -> Result<Passed, Fault> {
        if !self.holds(target)? {
            return Ok(None);
        }
        let target = self.header(target)?;
        let wrong = match () {
            () if !redact::is_erasable(&target) => {
                let kind = body::kind_name(target.kind).unwrap_or_default();
                format!("it redacts a {kind}, and those are never erased")
            }
            () if target.subject != redaction.subject => "it redacts an event of another subject".to_owned(),
            () => return Ok(None),
        };
        Ok(Some((ProblemKind::Unfit, wrong)))
    }
}

/// Why an event is not folded; without a reason where operators need not know.
type Passed = Option<(ProblemKind, String)>;

fn held_reason(held: Held, node: &NodeKey) -> String {
    match held {
        Held::Untrusted => {
            format!(
                "signed by node {node}, which is not trusted here: `holdfast node trust {node} --name NAME` admits it"
            )
        }
        Held::Removed => format!(
            "signed by node {node} after what it may still have signed when it was removed: post anew what is right in it"
        ),
    }
}

/// The event, or why there is none; a kind of a newer version that may be passed over has no reason.
fn decode(id: EventId, header: &Header, body: Option<&[u8]>) -> Result<Event, Passed> {
    let unknown = |what: String| {
        let reason = || (ProblemKind::Newer, format!("{what} {UPDATE_THIS_NODE}"));
        Err(header.must_understand().then(reason))
    };
    if !header.is_read() {
        return unknown(format!("an event of version {}", header.version));
    }
    if body::kind_name(header.kind).is_none() {
        return unknown(format!("an event of kind {}", header.kind));
    }
    let body = body.ok_or_else(|| {
        Some((ProblemKind::Erased, "its body is not here; it is asked of the other regions".to_owned()))
    })?;
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
        Err(error) => Err(Some((ProblemKind::Unfit, error.to_string()))),
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
