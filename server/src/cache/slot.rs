//! The place of a page that is not hot.

use super::Cached;
use arc_swap::ArcSwapOption;
use domain::stamp::Stamp;
use std::sync::{Arc, atomic::AtomicU64};

/// What a slot weighs beside its page's bytes.
const SLOT_BYTES: usize = 1024;

/// What came of the newest attempt to render a page.
#[derive(Debug)]
pub struct Attempt {
    /// `None`: it failed, and there was no earlier page.
    pub page: Option<Arc<Cached>>,
    /// The stamp and the generation that it was made for. A failed attempt is repeated for the next of either.
    pub stamp: Arc<Stamp>,
    pub generation: AtomicU64,
}

/// One address in one language.
#[derive(Debug, Default)]
pub struct Slot {
    pub attempt: ArcSwapOption<Attempt>,
    /// Held by the one render; the other readers wait for it here, without holding a thread.
    pub rendering: Arc<tokio::sync::Mutex<()>>,
}

impl Slot {
    pub fn weight_bytes(&self) -> usize {
        let page = self.attempt.load();
        SLOT_BYTES + page.as_ref().and_then(|attempt| attempt.page.as_ref()).map_or(0, |page| page.bodies.bytes())
    }
}
