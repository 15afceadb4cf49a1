//! Whose events count here: the seeds and what the log says of nodes (`domain::trust`).

use super::{
    Store, body,
    envelope::Header,
    fault::{Fault, ReadError},
    keep::Log,
    missing::{Bodies, redacted_ids},
    read::Reader,
    tables::*,
};
use arc_swap::ArcSwap;
use domain::{
    change::Event,
    id::{EventId, Hlc, NodeKey},
    trust::{Member, Trust},
};
use redb::ReadableTable;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The letter of subjects that are nodes.
const LETTER: u8 = b'n';

/// Trust as it is now.
pub(super) struct Nodes {
    seeds: ArcSwap<Vec<Member>>,
    trust: ArcSwap<Trust>,
    /// One write at a time, from its first look at the trust until the trust that it made is known: the transaction
    /// alone would let the next one begin with the old.
    turn: Mutex<()>,
}

/// What a write came to beside its events.
pub(super) struct Closed {
    /// When it differs from the one before.
    pub trust: Option<Trust>,
    pub bodies: Bodies,
}

impl Nodes {
    pub fn new(own: NodeKey) -> Self {
        let own = Member { key: own, name: String::new(), region: String::new(), address: String::new() };
        let trust = Trust::of(std::slice::from_ref(&own), &[]);
        Nodes { seeds: ArcSwap::from_pointee(vec![own]), trust: ArcSwap::from_pointee(trust), turn: Mutex::default() }
    }
}

impl Store {
    /// Which keys are trusted. Before [`Store::seed`] this node's own is the only seed.
    pub fn trust(&self) -> Arc<Trust> {
        self.0.nodes.trust.load_full()
    }

    /// Names the nodes that the configuration trusts, and carries out the redactions that count by that; the bodies of
    /// others are missing. To be called before the board is loaded. This node's own key is always among them.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn seed(&self, seeds: Vec<Member>) -> Result<(), Fault> {
        let _turn = self.turn();
        self.trust_by(seeds)?;
        if self.has_bodies_to_settle()? {
            self.settle_bodies(true)?;
        }
        self.recount_bodies()
    }

    /// What [`Store::seed`] does for this node's own key alone, at each opening. Others may be trusted in a moment, so
    /// that no body counts as missing yet; but what can be erased is, because the file is written anew right after.
    pub(super) fn seed_own(&self) -> Result<(), Fault> {
        let _turn = self.turn();
        self.trust_by(Vec::new())?;
        if self.has_something_to_erase()? {
            self.settle_bodies(false)?;
        }
        Ok(())
    }

    fn settle_bodies(&self, all_seeds_are_known: bool) -> Result<(), Fault> {
        let written = self.0.file.write(|transaction| {
            let mut log = Log::new(transaction, self.trust())?;
            log.erase_all()?;
            if all_seeds_are_known {
                log.note_regretted()?;
            }
            if log.erased {
                self.0.index.discard()?;
            }
            Ok(())
        });
        Ok(written?)
    }

    fn trust_by(&self, mut seeds: Vec<Member>) -> Result<(), Fault> {
        let own = self.identity().node_key();
        if !seeds.iter().any(|member| member.key == own) {
            seeds.push(Member { key: own, name: String::new(), region: String::new(), address: String::new() });
        }
        let trust = self.0.file.read(|transaction| {
            let (subjects, events) = (transaction.open_table(SUBJECTS)?, transaction.open_table(EVENTS)?);
            Ok(Trust::of(&seeds, &events_about_nodes(&subjects, &events, &transaction.open_table(BODIES)?)?))
        })?;
        self.0.nodes.seeds.store(Arc::new(seeds));
        self.0.nodes.trust.store(Arc::new(trust));
        Ok(())
    }

    /// Finds out anew who is trusted, after a write of which it is not known whether it landed.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn reread_trust(&self) -> Result<(), ReadError> {
        Ok(self.seed(self.0.nodes.seeds.load().to_vec())?)
    }

    /// The newest clock of what a node signed, of the events that are held.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_clock(&self, node: NodeKey) -> Result<Option<Hlc>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let mut last = None;
            for row in transaction.open_table(EVENTS)?.iter()? {
                let header = Header::decode(row?.1.value()).map_err(|error| Fault::Damaged(error.to_string()))?;
                if header.node == node {
                    last = last.max(Some(header.hlc));
                }
            }
            Ok(last)
        })?)
    }

    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.nodes.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a write: when it kept an event about a node, finds out who is trusted now, erases what that redacts, and
    /// misses what it no longer redacts.
    pub(super) fn close(&self, mut log: Log) -> Result<Closed, Fault> {
        let mut closed = Closed { trust: None, bodies: Bodies::default() };
        if log.nodes_changed {
            let events = events_about_nodes(&log.subjects, &log.events, &log.bodies)?;
            let trust = Trust::of(&self.0.nodes.seeds.load(), &events);
            if trust != *log.trust {
                log.trust = Arc::new(trust.clone());
                closed.trust = Some(trust);
                log.erase_all()?;
                log.note_regretted()?;
            }
        }
        closed.bodies = log.bodies()?;
        if log.erased {
            // The index would still hold the text. It goes before the commit: a crash in between costs a fold.
            self.0.index.discard()?;
        }
        Ok(closed)
    }

    /// After the commit.
    pub(super) fn closed(&self, closed: Closed) {
        if let Some(trust) = closed.trust {
            self.0.nodes.trust.store(Arc::new(trust));
        }
        self.0.bodies.note(closed.bodies);
    }

    /// Whether the body of an event is here whose redaction counts: the configuration trusts others than before, or an
    /// earlier version kept a redaction that it did not know.
    fn has_something_to_erase(&self) -> Result<bool, Fault> {
        self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            for id in redacted_ids(&transaction.open_table(REDACTIONS)?)? {
                if reader.holds(id)?
                    && reader.record(id)?.body.is_some()
                    && reader.is_redacted(id, &reader.header(id)?)?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}

/// Every event about a node that can be read, whoever signed it.
fn events_about_nodes(
    subjects: &impl ReadableTable<&'static [u8; SUBJECT_KEY_BYTES], ()>,
    events: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    bodies: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
) -> Result<Vec<Event>, Fault> {
    let (mut first, mut last) = ([0; SUBJECT_KEY_BYTES], [u8::MAX; SUBJECT_KEY_BYTES]);
    (first[0], last[0]) = (LETTER, LETTER);
    let mut found = Vec::new();
    for row in subjects.range::<&[u8; SUBJECT_KEY_BYTES]>(&first..=&last)? {
        let id = EventId(split_subject_key(row?.0.value()).1);
        let header = super::keep::header_of(events, id)?;
        let Some(body) = bodies.get(&id.0)?.filter(|_| header.is_read()) else { continue };
        if let Ok(Some((author, change))) = body::decode(header.kind, body.value()) {
            let (node, hlc, subject, parents) = (header.node, header.hlc, header.subject, header.parents);
            found.push(Event { id, node, hlc, subject, parents, author, change });
        }
    }
    Ok(found)
}
