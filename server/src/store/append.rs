//! Own events: numbered by the clock, tied to what this node has seen, signed, durable before they are acknowledged.

use super::{
    Store, body,
    envelope::{Header, MUST_UNDERSTAND, Record, VERSION},
    fault::{AppendError, Fault, ReadError},
    keep::Log,
    requests::{RequestKey, Requests},
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
    /// [`AppendError::Fault`]: nothing was saved. [`AppendError::Unsure`] and [`AppendError::Unknown`]: see there.
    pub fn append(
        &self,
        planned: &[(Subject, Change)],
        author: &Author,
        now: Instant,
    ) -> Result<Vec<Event>, AppendError> {
        self.append_once(planned, author, None, now)
    }

    /// The same for a request that is done once: its key is remembered in the transaction of its events.
    ///
    /// # Errors
    /// As for [`Store::append`], and [`AppendError::Repeated`].
    pub fn append_once(
        &self,
        planned: &[(Subject, Change)],
        author: &Author,
        request: Option<&RequestKey>,
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
        let _turn = self.turn();
        let digest = std::cell::Cell::new(self.digest());
        let written = self.0.file.write(|transaction| {
            let mut requests = match request {
                Some(request) => Some((request, Requests::new(transaction)?)),
                None => None,
            };
            if let Some((request, requests)) = &requests
                && requests.held(&request.key, now)?.is_some()
            {
                return Ok(None);
            }
            let mut log = Log::new(transaction, self.trust())?;
            let mut clock = log.clock()?;
            let mut events = Vec::with_capacity(planned.len());
            for ((subject, change), (kind, body)) in planned.iter().zip(&bodies) {
                clock = clock.next(now_ms);
                let header = Header {
                    version: VERSION,
                    flags: if change.must_be_understood() { MUST_UNDERSTAND } else { 0 },
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
            let ids: Vec<_> = events.iter().map(|event| event.id).collect();
            if let Some((request, requests)) = &mut requests {
                requests.keep(request, None, ids.clone(), now)?;
            }
            *signed.borrow_mut() = ids;
            let closed = self.close(log)?;
            Ok(Some((events, closed)))
        });
        let written = written.map(|written| {
            written.map(|(events, closed)| {
                self.closed(closed);
                events
            })
        });
        if written.is_ok() {
            self.0.digests.note(digest.get());
        }
        let written = written.map_err(|failed| match failed.at_commit.then(|| self.holds_any(&signed.borrow())) {
            None | Some(Ok(false)) => AppendError::Fault(failed.fault),
            Some(Ok(true)) => AppendError::Unsure { events: signed.take(), fault: failed.fault },
            Some(Err(_)) => AppendError::Unknown(failed.fault),
        })?;
        written.ok_or(AppendError::Repeated)
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

    /// Whether the file holds one of these.
    fn holds_any(&self, events: &[domain::id::EventId]) -> Result<bool, Fault> {
        self.0.file.read(|transaction| {
            let table = transaction.open_table(super::tables::EVENTS)?;
            for id in events {
                if table.get(&id.0)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}
