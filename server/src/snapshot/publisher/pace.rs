//! When a target is written next: a pure function of what happened there.

use std::time::{Duration, Instant};

/// From the first change to the update, so that changes that come together are one.
pub const GATHER: Duration = Duration::from_millis(200);
/// Between two updates at least; or as long as the last one took, so that a slow target costs half of a thread at most.
pub const REST_MIN: Duration = Duration::from_secs(1);
/// After a failure, at first and at most: it doubles each time.
pub const RETRY: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

/// What is known of a target's updates.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub heartbeat: Duration,
    /// When the last update ended, and how long it took; none before the first.
    pub last: Option<(Instant, Duration)>,
    /// Failures since the last success.
    pub failures: u32,
    /// The first change since the last update began.
    pub changed_at: Option<Instant>,
    /// Another node writes it: only a look, once a heartbeat.
    pub stands_by: bool,
    /// From 0 to 255: nodes that failed together do not stay in step.
    pub jitter: u8,
}

impl Pace {
    /// When the next update begins; `None` at once.
    pub fn next_at(&self) -> Option<Instant> {
        let (ended_at, took) = self.last?;
        if self.failures > 0 {
            return Some(ended_at + self.backoff());
        }
        let heartbeat_at = ended_at + self.heartbeat;
        match self.changed_at {
            Some(changed_at) if !self.stands_by => {
                Some((changed_at + GATHER).max(ended_at + took.max(REST_MIN)).min(heartbeat_at.max(changed_at)))
            }
            _ => Some(heartbeat_at),
        }
    }

    /// After a failure: doubled each time, and up to a quarter less.
    fn backoff(&self) -> Duration {
        const DOUBLINGS_MAX: u32 = 16;
        let doubled = RETRY.start().saturating_mul(1 << (self.failures - 1).min(DOUBLINGS_MAX));
        let whole = doubled.min(*RETRY.end());
        whole - whole / 4 * u32::from(self.jitter) / u32::from(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn pace(ended_at: Instant) -> Pace {
        Pace {
            heartbeat: seconds(60),
            last: Some((ended_at, seconds(0))),
            failures: 0,
            changed_at: None,
            stands_by: false,
            jitter: 0,
        }
    }

    #[test]
    fn the_first_is_at_once_and_a_quiet_one_waits_for_the_heartbeat() {
        let now = Instant::now();
        assert_eq!(Pace { last: None, ..pace(now) }.next_at(), None);
        assert_eq!(pace(now).next_at(), Some(now + seconds(60)));
    }

    #[test]
    fn changes_are_gathered_and_a_slow_target_rests() {
        let now = Instant::now();
        let changed = |after: Duration| Pace { changed_at: Some(now + after), ..pace(now) };
        assert_eq!(changed(seconds(10)).next_at(), Some(now + seconds(10) + GATHER));
        assert_eq!(changed(seconds(0)).next_at(), Some(now + REST_MIN));
        let slow = Pace { last: Some((now, seconds(20))), ..changed(seconds(0)) };
        assert_eq!(slow.next_at(), Some(now + seconds(20)));
        // Never later than without the change.
        let slower = Pace { last: Some((now, seconds(600))), ..changed(seconds(0)) };
        assert_eq!(slower.next_at(), Some(now + seconds(60)));
        assert_eq!(Pace { stands_by: true, ..changed(seconds(0)) }.next_at(), Some(now + seconds(60)));
    }

    #[test]
    fn failures_wait_longer_each_time_within_a_bound() {
        let now = Instant::now();
        let after = |failures, jitter| {
            let failed = Pace { failures, jitter, changed_at: Some(now), ..pace(now) };
            failed.next_at().map(|at| at - now)
        };
        let waits: Vec<_> = [1, 2, 3, 7, 40].into_iter().map(|failures| after(failures, 0)).collect();
        assert_eq!(waits, [1, 2, 4, 60, 60].map(|wait| Some(seconds(wait))));
        assert_eq!(after(3, u8::MAX), Some(seconds(3)));
    }
}
