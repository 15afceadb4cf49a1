//! The clock that is passed in. The demonstration's clock stands in 2024 and may run faster.

use domain::Instant;
use std::{fmt, sync::Arc};

/// What time it is. Never read from the system elsewhere.
pub trait Clock: Send + Sync + fmt::Debug {
    fn now(&self) -> Instant;
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
        let elapsed = self.begun.elapsed() * self.speed;
        self.start + chrono::TimeDelta::from_std(elapsed).unwrap_or(chrono::TimeDelta::MAX)
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
