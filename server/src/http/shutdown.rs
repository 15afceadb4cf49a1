//! The end, announced to all.

use std::sync::Arc;
use tokio::sync::watch;

/// Cheap to clone; whoever holds one may announce the end or wait for it.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Default for Shutdown {
    fn default() -> Self {
        Shutdown(Arc::new(watch::Sender::new(false)))
    }
}

impl Shutdown {
    /// Announces the end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the end is announced.
    pub async fn begun(&self) {
        let mut begun = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ended = begun.wait_for(|begun| *begun).await;
    }
}
