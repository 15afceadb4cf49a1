//! Which moment of 8 April 2024 the demonstration starts at, and how fast its clock runs.

use crate::clock::ShiftedClock;
use chrono::{DateTime, FixedOffset, TimeZone};
use domain::Instant;
use std::{fmt, str::FromStr};

/// The offset of the demonstration's day from UTC, in seconds: UTC+8.
const OFFSET_SECONDS: i32 = 8 * 3600;
/// Where the demonstration starts by default: every region but Shanghai is back.
pub const DEFAULT_TIME: (u32, u32) = (16, 6);
/// Where playing starts: a minute before the first alarm.
pub const PLAY_TIME: (u32, u32) = (15, 22);
/// Speed of `--play` without a number: a minute passes in each second.
pub const PLAY_SPEED: u32 = 60;
/// Highest speed: a day passes in about a second and a half.
pub const PLAY_SPEED_MAX: u32 = 60_000;

/// Why a text is not a moment of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of the demonstration's day; give hours and minutes in UTC+8 such as `16:06`")]
pub struct MomentError(pub String);

/// A time of day on 8 April 2024, in UTC+8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Instant);

impl Moment {
    pub fn instant(self) -> Instant {
        self.0
    }

    fn of(hour: u32, minute: u32) -> Option<Self> {
        let zone = FixedOffset::east_opt(OFFSET_SECONDS)?;
        let local: DateTime<FixedOffset> = zone.with_ymd_and_hms(2024, 4, 8, hour, minute, 0).single()?;
        Some(Moment(local.to_utc()))
    }
}

/// As it is given.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = FixedOffset::east_opt(OFFSET_SECONDS).ok_or(fmt::Error)?;
        write!(f, "{}", self.0.with_timezone(&zone).format("%H:%M"))
    }
}

impl FromStr for Moment {
    type Err = MomentError;
    fn from_str(text: &str) -> Result<Self, MomentError> {
        const SHOWN_LENGTH_MAX: usize = 40;
        let error = || MomentError(text.chars().take(SHOWN_LENGTH_MAX).collect());
        let (hour, minute) = text.split_once(':').ok_or_else(error)?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return Err(error());
        }
        let (hour, minute) = (hour.parse().map_err(|_| error())?, minute.parse().map_err(|_| error())?);
        Moment::of(hour, minute).ok_or_else(error)
    }
}

/// Where the demonstration's clock starts and how many of its seconds pass in each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    pub at: Instant,
    pub speed: u32,
}

impl Start {
    /// From `--at` and `--play`: without either 16:06 at normal speed; playing starts at 15:22 unless `--at` says
    /// otherwise. The speed is kept between 1 and [`PLAY_SPEED_MAX`].
    pub fn new(at: Option<Moment>, play: Option<u32>) -> Self {
        let (hour, minute) = if play.is_some() { PLAY_TIME } else { DEFAULT_TIME };
        let default = Moment::of(hour, minute).map(Moment::instant).unwrap_or_default();
        Start { at: at.map_or(default, Moment::instant), speed: play.unwrap_or(1).clamp(1, PLAY_SPEED_MAX) }
    }

    pub fn clock(self) -> ShiftedClock {
        ShiftedClock::new(self.at, self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_hours_and_minutes_in_utc_plus_8() {
        let at: Moment = "15:58".parse().unwrap();
        assert_eq!(at.instant().to_rfc3339(), "2024-04-08T07:58:00+00:00");
        for wrong in ["", "16", "16:6", "24:00", "16:60", "+1:00", "16:06:00", "1６:06", "now"] {
            let error = wrong.parse::<Moment>().unwrap_err().to_string();
            assert!(error.contains("such as `16:06`"), "{wrong}: {error}");
        }
    }

    #[test]
    fn playing_starts_before_the_alarm_and_at_chooses_another_moment() {
        let start = |at: Option<&str>, play| {
            let start = Start::new(at.map(|at| at.parse().unwrap()), play);
            (start.at.format("%H:%M").to_string(), start.speed)
        };
        assert_eq!(start(None, None), ("08:06".to_owned(), 1));
        assert_eq!(start(None, Some(PLAY_SPEED)), ("07:22".to_owned(), 60));
        assert_eq!(start(Some("16:40"), Some(5)), ("08:40".to_owned(), 5));
        assert_eq!(start(Some("15:58"), Some(0)), ("07:58".to_owned(), 1));
    }
}
