//! Own events: numbered by the clock, tied to what this node has seen, signed, durable before they are acknowledged.

use super::{
    Store, body,
    envelope::{Header, Record, VERSION},
    fault::{AppendError, Fault, ReadError},
    keep::Log,
};
use domain::{
    Instant,
    change::{Author, Change, Event},
    id::Subject,
};

impl Store {
    /// Writes the events of one command, all or none. They are durable when this returns. Each names the heads of its
    /// subject as parents, so that later ones of the same subject in `planned` follow the earlier ones.
    ///
    /// # Errors
    /// [`AppendError::Fault`]: nothing was saved. [`AppendError::Unsure`]: see there.
    pub fn append(
        &self,
        planned: &[(Subject, Change)],
        author: &Author,
        now: Instant,
    ) -> Result<Vec<Event>, AppendError> {
        let mut bodies = Vec::with_capacity(planned.len());
        for (_, change) in planned {
            bodies.push(body::encode(author, change)?);
        }
        if planned.is_empty() {
            return Ok(Vec::new());
        }
        let now_ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        // What was signed last, to find out after a failed commit whether it is there.
        let signed = std::cell::RefCell::new(Vec::new());
        let digest = std::cell::Cell::new(self.digest());
        let written = self.0.file.write(|transaction| {
            let mut log = Log::new(transaction)?;
            let mut clock = log.clock()?;
            let mut events = Vec::with_capacity(planned.len());
            for ((subject, change), (kind, body)) in planned.iter().zip(&bodies) {
                clock = clock.next(now_ms);
                let header = Header {
                    version: VERSION,
                    flags: 0,
                    kind: *kind,
                    cluster: self.identity().cluster,
                    node: self.identity().node_key(),
                    hlc: clock,
                    subject: *subject,
                    body_bytes: u32::try_from(body.len()).unwrap_or(u32::MAX),
                    body_hash: *blake3::hash(body).as_bytes(),
                    parents: log.heads(*subject)?,
                };
                let record = Record { signed: header.sign(&self.identity().node), body: Some(body.clone()) };
                let id = record.id();
                log.keep(id, &header, &record)?;
                events.push(Event {
                    id,
                    node: header.node,
                    hlc: header.hlc,
                    subject: *subject,
                    parents: header.parents,
                    author: author.clone(),
                    change: change.clone(),
                });
            }
            log.set_clock(clock)?;
            digest.set(log.digest()?);
            *signed.borrow_mut() = events.iter().map(|event| event.id).collect();
            Ok(events)
        });
        if written.is_ok() {
            self.0.digests.note(digest.get());
        }
        written.map_err(|failed| match failed.at_commit && self.holds_any(&signed.borrow()) {
            true => {
                self.0.digests.note(digest.get());
                AppendError::Unsure { events: signed.take(), fault: failed.fault }
            }
            false => AppendError::Fault(failed.fault),
        })
    }

    /// Makes the files quick to open after a crash. To be called when it is quiet after posts; a call without any costs
    /// nothing. What was acknowledged is durable without it.
    ///
    /// # Errors
    /// A failure of the data file, which is then as it was, or of the index.
    pub fn settle(&self) -> Result<(), ReadError> {
        self.0.file.settle().map_err(Fault::from)?;
        Ok(self.0.index.settle()?)
    }

    /// Whether the file holds one of these; no when it cannot be read.
    fn holds_any(&self, events: &[domain::id::EventId]) -> bool {
        let held = self.0.file.read(|transaction| -> Result<bool, Fault> {
            let table = transaction.open_table(super::tables::EVENTS)?;
            for id in events {
                if table.get(&id.0)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        held.unwrap_or(false)
    }
}
