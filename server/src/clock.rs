//! The clock that is passed in. The demonstration's clock stands in 2024 and may run faster.

use chrono::TimeDelta;
use domain::Instant;
use std::{fmt, sync::Arc, time::Duration};

/// What time it is. Never read from the system elsewhere.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Instant;

    /// How much time passes on this clock while `real` passes outside.
    fn span(&self, real: Duration) -> TimeDelta {
        TimeDelta::from_std(real).unwrap_or(TimeDelta::MAX)
    }
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        std::time::SystemTime::now().into()
    }
}

/// Starts at a given instant and goes on from there, at a given speed.
#[derive(Debug)]
pub struct ShiftedClock {
    start: Instant,
    begun: std::time::Instant,
    speed: u32,
}

impl ShiftedClock {
    /// `speed`: seconds that pass here in each second.
    pub fn new(start: Instant, speed: u32) -> Self {
        ShiftedClock { start, begun: std::time::Instant::now(), speed }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Instant {
        self.start + self.span(self.begun.elapsed())
    }

    fn span(&self, real: Duration) -> TimeDelta {
        TimeDelta::from_std(real.saturating_mul(self.speed)).unwrap_or(TimeDelta::MAX)
    }
}

/// Stands still until it is set: for tests.
#[derive(Debug)]
pub struct ManualClock(std::sync::Mutex<Instant>);

impl ManualClock {
    pub fn new(now: Instant) -> Self {
        ManualClock(std::sync::Mutex::new(now))
    }

    pub fn set(&self, now: Instant) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_runs_faster_makes_ages_longer() {
        let five = Duration::from_secs(5);
        assert_eq!(SystemClock.span(five), TimeDelta::seconds(5));
        assert_eq!(ShiftedClock::new(Instant::UNIX_EPOCH, 60).span(five), TimeDelta::minutes(5));
        assert_eq!(ShiftedClock::new(Instant::UNIX_EPOCH, 60).span(Duration::MAX), TimeDelta::MAX);
    }
}
