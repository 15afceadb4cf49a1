//! The background work of the cache: a new stamp every ten seconds, and better compression of what a writer
//! compressed swiftly.

use super::Pages;
use domain::stamp::{STAMP_SECONDS, Stamp};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// Seconds that a renewal waits for the store. After them pages age by the clock alone: a store that hangs must not
/// keep them looking fresh.
pub const RENEWAL_SECONDS_MAX: u64 = 5;

/// Seconds from a write to its better compression: writes in quick succession are refined once, or each would cost as
/// much again as its render.
pub const REFINE_AFTER_SECONDS: u64 = 2;

/// Seconds between two renders of the feeds: the first change is taken in at once, those in quick succession together.
pub const FEEDS_EVERY_SECONDS: u64 = 1;

/// Renews stamps. One question to the store at a time: while one hangs, no other is asked.
#[derive(Debug)]
pub struct Renewal {
    pages: Arc<Pages>,
    asked: Option<JoinHandle<Arc<Stamp>>>,
}

impl Renewal {
    pub fn new(pages: Arc<Pages>) -> Self {
        Renewal { pages, asked: None }
    }

    /// Takes the newest stamp that the source can confirm within `patience`, and shows it.
    pub async fn renew(&mut self, patience: Duration) {
        let source = Arc::clone(self.pages.source());
        let begun = source.now();
        let mut asked = self.asked.take().unwrap_or_else(|| {
            let source = Arc::clone(&source);
            tokio::task::spawn_blocking(move || source.renew_stamp())
        });
        let stamp = match tokio::time::timeout(patience, &mut asked).await {
            Ok(Ok(stamp)) => stamp,
            Ok(Err(error)) => {
                tracing::error!(%error, "the stamp could not be renewed; pages tell their age");
                aged(&*source)
            }
            Err(_) => {
                tracing::error!(seconds = patience.as_secs(), "the store does not answer; pages tell their age");
                self.asked = Some(asked);
                aged(&*source)
            }
        };
        if stamp.confirmed_at < begun {
            self.pages.measures.store_faults.inc();
        }
        let pages = Arc::clone(&self.pages);
        let shown = tokio::task::spawn_blocking(move || pages.stamp_renewed(&stamp)).await;
        if let Err(error) = shown {
            tracing::error!(%error, "pages could not be renewed");
        }
    }
}

/// The last confirmation, as old as it is now.
fn aged(source: &dyn super::Source) -> Arc<Stamp> {
    Arc::new(source.stamp().told_at(source.now()))
}

/// Runs until it is dropped.
pub async fn run(pages: Arc<Pages>) {
    let mut renewal = Renewal::new(Arc::clone(&pages));
    let renewing = async {
        let mut ticks = tokio::time::interval(Duration::from_secs(STAMP_SECONDS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let due = pages.source().renewal_due();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = due.notified() => {}
            }
            renewal.renew(Duration::from_secs(RENEWAL_SECONDS_MAX)).await;
        }
    };
    let refining = async {
        loop {
            pages.coarse().await;
            tokio::time::sleep(Duration::from_secs(REFINE_AFTER_SECONDS)).await;
            let pages = Arc::clone(&pages);
            if let Err(error) = tokio::task::spawn_blocking(move || pages.refine()).await {
                tracing::error!(%error, "pages could not be compressed better");
            }
        }
    };
    let following = async {
        loop {
            pages.late().await;
            let following = Arc::clone(&pages);
            if let Err(error) = tokio::task::spawn_blocking(move || following.catch_up()).await {
                tracing::error!(%error, "the feeds could not be rendered");
            }
            tokio::time::sleep(Duration::from_secs(FEEDS_EVERY_SECONDS)).await;
        }
    };
    tokio::join!(renewing, refining, following);
}
