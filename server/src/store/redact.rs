//! Erasing: a redaction by a trusted node drops a body here and keeps it from coming back, in whatever order the two
//! arrive. The header stays: it still verifies, and it is still handed on.

use super::{
    Store, body,
    envelope::Header,
    fault::{Fault, ReadError},
    keep::{Log, header_of, held_header},
    missing::redacted_ids,
    read::Reader,
    tables::*,
    version,
};
use domain::{
    change::{Author, Bytes, Change, Redacted},
    id::EventId,
    trust::Trust,
};
use redb::ReadableTable;

/// An event as whoever would redact it sees it.
#[derive(Clone, Debug)]
pub struct Target {
    pub header: Header,
    /// `None` when its body is not here or not understood.
    pub change: Option<(Author, Change)>,
    /// A redaction of it counts already.
    pub is_redacted: bool,
}

/// Whether events of this kind are ever erased; also of kinds that only a newer version knows.
pub fn is_erasable(header: &Header) -> bool {
    !body::NEVER_ERASED.contains(&header.kind)
}

/// Whether a record is a redaction that this version understands.
pub(super) fn is_redaction(header: &Header) -> bool {
    header.is_read() && header.kind == body::REDACTED
}

/// What a redaction's body says.
pub(super) fn redaction(header: &Header, bytes: &[u8]) -> Option<Redacted> {
    match body::decode(header.kind, bytes) {
        Ok(Some((_, Change::Redacted(redacted)))) if is_redaction(header) => Some(redacted),
        _ => None,
    }
}

/// The redactions of an event that count, each with its header: trusted, and of the same subject.
pub(super) fn redactions_of(
    redactions: &impl ReadableTable<&'static [u8; REDACTION_KEY_BYTES], ()>,
    events: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    trust: &Trust,
    id: EventId,
    header: &Header,
) -> Result<Vec<(EventId, Header)>, Fault> {
    let mut counting = Vec::new();
    if !is_erasable(header) {
        return Ok(counting);
    }
    let (first, last) = (redaction_key(id.0, [0; 32]), redaction_key(id.0, [u8::MAX; 32]));
    for row in redactions.range::<&[u8; REDACTION_KEY_BYTES]>(&first..=&last)? {
        let by = EventId(split_redaction_key(row?.0.value()).1);
        let redaction = header_of(events, by)?;
        if redaction.subject == header.subject && trust.admits(&redaction.node, redaction.hlc) {
            counting.push((by, redaction));
        }
    }
    // Every node takes the same one's residue, whatever arrived first.
    counting.sort_by_key(|(by, redaction)| (redaction.hlc, *by));
    Ok(counting)
}

impl Log<'_> {
    /// Whether a redaction of this event counts.
    pub fn is_redacted(&self, id: EventId, header: &Header) -> Result<bool, Fault> {
        Ok(!redactions_of(&self.redactions, &self.events, &self.trust, id, header)?.is_empty())
    }

    /// Takes note of a redaction that is about to be kept, and erases when it counts.
    pub fn note_redaction(&mut self, id: EventId, header: &Header, body: &[u8]) -> Result<(), Fault> {
        let Some(redacted) = redaction(header, body) else { return Ok(()) };
        self.redactions.insert(&redaction_key(redacted.event.0, id.0), ())?;
        let Some(target) = held_header(&self.events, redacted.event)? else { return Ok(()) };
        let counts =
            is_erasable(&target) && target.subject == header.subject && self.trust.admits(&header.node, header.hlc);
        if counts {
            self.erase(redacted.event)?;
        }
        Ok(())
    }

    /// Erases everything whose redaction counts by the present trust.
    pub fn erase_all(&mut self) -> Result<(), Fault> {
        for id in redacted_ids(&self.redactions)? {
            if let Some(header) = held_header(&self.events, id)?
                && self.is_redacted(id, &header)?
            {
                self.erase(id)?;
            }
        }
        Ok(())
    }

    fn erase(&mut self, id: EventId) -> Result<(), Fault> {
        if self.bodies.remove(&id.0)?.is_some() {
            self.meta.insert(REWRITE_KEY, [1].as_slice())?;
            self.erased = true;
        }
        self.note_not_missing(id)
    }

    /// Names every redaction that was kept by a version which could not read it.
    pub fn note_all_redactions(&mut self) -> Result<(), Fault> {
        let mut found = Vec::new();
        for row in self.events.iter()? {
            let (id, signed) = row?;
            let id = EventId(*id.value());
            let header =
                Header::decode(signed.value()).map_err(|error| Fault::Damaged(format!("event {id}: {error}")))?;
            if is_redaction(&header)
                && let Some(body) = self.bodies.get(&id.0)?
                && let Some(redacted) = redaction(&header, body.value())
            {
                found.push((redacted.event, id));
            }
        }
        for (redacted, id) in found {
            self.redactions.insert(&redaction_key(redacted.0, id.0), ())?;
        }
        self.meta.insert(REDACTIONS_KEY, version::REDACTIONS_NOTED)?;
        Ok(())
    }
}

impl Store {
    /// An event, for whoever would redact it; `None` when it is not here.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn redactable(&self, id: EventId) -> Result<Option<Target>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            if !reader.holds(id)? {
                return Ok(None);
            }
            let (header, record) = (reader.header(id)?, reader.record(id)?);
            let read = record.body.filter(|_| header.is_read()).map(|bytes| body::decode(header.kind, &bytes));
            let is_redacted = reader.is_redacted(id, &header)?;
            Ok(Some(Target { header, change: read.and_then(Result::ok).flatten(), is_redacted }))
        })?)
    }

    /// Whether erased bytes may still lie in free pages of the data file; they go at the next start.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn wants_rewriting(&self) -> Result<bool, ReadError> {
        Ok(self.0.file.read(|transaction| Ok(transaction.open_table(META)?.get(REWRITE_KEY)?.is_some()))?)
    }
}

/// What stands in place of a body, for a redaction that this node writes; `None` when it fits no event.
pub fn residue(author: &Author, change: &Change) -> Option<Bytes> {
    let residue = domain::redaction::residue(change)?;
    let (_, bytes) = body::encode(&domain::redaction::author(author), &residue).ok()?;
    Some(Bytes(bytes)).filter(|bytes| bytes.0.len() <= RESIDUE_BYTES_MAX)
}

/// Longest residue: it must fit into the body of its redaction.
const RESIDUE_BYTES_MAX: usize = super::envelope::BODY_BYTES_MAX - 2 * 1024;
