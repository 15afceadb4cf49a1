//! The log of failed handshakes. A key that is not known is worth an operator's eye (a peer that the config forgot, a
//! removed node that still runs) and is told at most every few seconds; all else is for debugging.

use super::reason::Reason;
use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Seconds between two lines about unknown keys; those between are counted in the next line.
const UNKNOWN_LOGGED_EVERY_SECONDS: u64 = 10;

#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    untold: u64,
}

impl Refusals {
    pub fn tell(&self, address: SocketAddr, reason: &Reason) {
        match reason {
            Reason::Refused(_) => match self.due(Instant::now()) {
                Some(untold) => tracing::info!(%address, %reason, untold, "peer refused"),
                None => tracing::debug!(%address, %reason, "peer refused"),
            },
            _ => tracing::debug!(%address, %reason, "no handshake with a peer"),
        }
    }

    /// Whether a line is due; if so, how many went untold before it.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = Duration::from_secs(UNKNOWN_LOGGED_EVERY_SECONDS);
        if told.last.is_some_and(|last| now.duration_since(last) < pause) {
            told.untold += 1;
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_and_a_count() {
        let (refusals, start) = (Refusals::default(), Instant::now());
        let after = |seconds| refusals.due(start + Duration::from_secs(seconds));
        assert_eq!(after(0), Some(0));
        assert_eq!(after(1), None);
        assert_eq!(after(UNKNOWN_LOGGED_EVERY_SECONDS - 1), None);
        assert_eq!(after(UNKNOWN_LOGGED_EVERY_SECONDS), Some(2));
        assert_eq!(after(2 * UNKNOWN_LOGGED_EVERY_SECONDS), Some(0));
    }
}
