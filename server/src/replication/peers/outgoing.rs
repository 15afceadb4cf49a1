//! What a link is given to do, bounded in count and in bytes.

use crate::store::Record;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tokio::sync::mpsc;

/// Pushes that wait for a slow link at most; what does not fit is left to the next round.
pub const OUTGOING_MAX: usize = 64;
/// And the bytes of their records.
pub const OUTGOING_BYTES_MAX: usize = 8 << 20;

/// What a link is given to do.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// New events of this node.
    Push(Arc<[Record]>),
    /// Events of another node came in: the peer may lack them.
    Nudge,
}

impl Outgoing {
    fn bytes(&self) -> usize {
        match self {
            Outgoing::Push(records) => records.iter().map(Record::bytes).sum(),
            Outgoing::Nudge => 0,
        }
    }
}

/// Where a link takes from what it is given.
#[derive(Debug)]
pub(super) struct Queue {
    sender: mpsc::Sender<Outgoing>,
    /// Bytes that wait in it.
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    /// Never waits. A link that is this far behind catches up by its next round.
    pub fn give(&self, outgoing: Outgoing) {
        let bytes = outgoing.bytes();
        let fits = |waiting: usize| Some(waiting + bytes).filter(|sum| *sum <= OUTGOING_BYTES_MAX);
        let outgoing = match self.waiting.try_update(Relaxed, Relaxed, fits) {
            Ok(_) => outgoing,
            Err(_) => Outgoing::Nudge,
        };
        if let Err(error) = self.sender.try_send(outgoing) {
            self.waiting.fetch_sub(error.into_inner().bytes(), Relaxed);
        }
    }
}

/// A link's place among the peers.
#[derive(Debug)]
pub struct Place {
    pub number: u64,
    outgoing: mpsc::Receiver<Outgoing>,
    waiting: Arc<AtomicUsize>,
}

impl Place {
    /// A new link's place, and where it is given what to do.
    pub(super) fn new(number: u64) -> (Self, Queue) {
        let (sender, outgoing) = mpsc::channel(OUTGOING_MAX);
        let waiting = Arc::default();
        (Place { number, outgoing, waiting: Arc::clone(&waiting) }, Queue { sender, waiting })
    }

    /// What to do next; nothing when another link has taken this place, or the peer is no member any more.
    pub async fn next(&mut self) -> Option<Outgoing> {
        let outgoing = self.outgoing.recv().await?;
        self.waiting.fetch_sub(outgoing.bytes(), Relaxed);
        Some(outgoing)
    }
}
