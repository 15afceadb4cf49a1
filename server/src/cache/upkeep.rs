//! The background work of the cache: a new stamp every ten seconds and whenever a page passes a bound of freshness, and
//! better compression of what a writer compressed swiftly.

use super::Pages;
use crate::publish::Renewed;
use chrono::TimeDelta;
use domain::{
    Instant,
    stamp::{STAMP_SECONDS, Stamp},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// Seconds that a renewal waits for the store. After them pages age by the clock alone: a store that hangs must not
/// keep them looking fresh.
pub const RENEWAL_SECONDS_MAX: u64 = 5;

/// Milliseconds between two renewals at least, where a bound is near.
pub const RENEWAL_EVERY_MS_MIN: u64 = 200;

/// Seconds from a write to its better compression: writes in quick succession are refined once, or each would cost as
/// much again as its render.
pub const REFINE_AFTER_SECONDS: u64 = 2;

/// Seconds between two renders of the feeds: the first change is taken in at once, those in quick succession together.
pub const FEEDS_EVERY_SECONDS: u64 = 1;

/// Renews stamps. One question to the store at a time: while one hangs, no other is asked.
#[derive(Debug)]
pub struct Renewal {
    pages: Arc<Pages>,
    asked: Option<JoinHandle<Renewed>>,
}

impl Renewal {
    pub fn new(pages: Arc<Pages>) -> Self {
        Renewal { pages, asked: None }
    }

    /// Takes the newest stamp that the source can confirm within `patience`, and shows it.
    pub async fn renew(&mut self, patience: Duration) {
        let source = Arc::clone(self.pages.source());
        let mut asked = self.asked.take().unwrap_or_else(|| {
            let source = Arc::clone(&source);
            tokio::task::spawn_blocking(move || source.renew_stamp())
        });
        let unchecked = || Renewed { stamp: aged(&*source), is_checked: false };
        let Renewed { stamp, is_checked } = match tokio::time::timeout(patience, &mut asked).await {
            Ok(Ok(renewed)) => renewed,
            Ok(Err(error)) => {
                tracing::error!(%error, "the stamp could not be renewed; pages tell their age");
                unchecked()
            }
            Err(_) => {
                tracing::error!(seconds = patience.as_secs(), "the store does not answer; pages tell their age");
                self.asked = Some(asked);
                unchecked()
            }
        };
        if !is_checked {
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

/// How long a page with this stamp may stand: no longer than until it reads worse, because it cannot say so by itself.
/// `second` is what passes on its clock in a second.
fn until_renewal(stamp: &Stamp, now: Instant, second: TimeDelta) -> Duration {
    let longest = Duration::from_secs(STAMP_SECONDS);
    let Some(worsens_at) = stamp.worsens_at() else { return longest };
    let left_ms = (worsens_at - now).num_milliseconds().saturating_mul(1000) / second.num_milliseconds().max(1);
    // Rounded up: just before the bound it would read as before.
    let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0) + 1);
    left.clamp(Duration::from_millis(RENEWAL_EVERY_MS_MIN), longest)
}

/// Runs until it is dropped.
pub async fn run(pages: Arc<Pages>) {
    let mut renewal = Renewal::new(Arc::clone(&pages));
    let renewing = async {
        let source = pages.source();
        let due = source.renewal_due();
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = due.notified() => {}
            }
            renewal.renew(Duration::from_secs(RENEWAL_SECONDS_MAX)).await;
            wait = until_renewal(&pages.hot().stamp, source.now(), source.second());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stands_until_its_next_bound_and_ten_seconds_at_most() {
        let confirmed_at = Instant::UNIX_EPOCH;
        for (age_seconds, speed, wait_ms) in [
            (0, 1, 10_000),
            (49, 1, 10_000),
            (55, 1, 5_001),
            (59, 1, 1_001),
            (60, 1, 10_000),
            (297, 1, 3_001),
            (300, 1, 10_000),
            (0, 60, 1_001),
            (60, 60, 4_001),
        ] {
            let now = confirmed_at + TimeDelta::seconds(age_seconds);
            let stamp = Stamp::new(confirmed_at, now, "Guangzhou");
            let wait = until_renewal(&stamp, now, TimeDelta::seconds(speed));
            assert_eq!(wait.as_millis(), wait_ms, "{age_seconds} s at speed {speed}");
        }
        // Its bound passed while it was rendered.
        let fresh = Stamp::new(confirmed_at, confirmed_at, "Guangzhou");
        let late = until_renewal(&fresh, confirmed_at + TimeDelta::seconds(70), TimeDelta::seconds(1));
        assert_eq!(late.as_millis(), u128::from(RENEWAL_EVERY_MS_MIN));
    }
}
