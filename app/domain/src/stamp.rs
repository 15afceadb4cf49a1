//! How fresh a page is: what a page that states the present carries beside the board.

use crate::Instant;
use serde::{Deserialize, Serialize};

/// Past this age in seconds a page turns amber (default; a setting).
pub const AMBER_SECONDS: i64 = 60;
/// Past this age in seconds no claim of "operating" is left (default; a setting).
pub const GREY_SECONDS: i64 = 300;
/// The highest bound that may be set, in seconds: a page that claims to be true for longer than a day helps nobody.
pub const GREY_SECONDS_MAX: i64 = 86_400;
/// A stamp is renewed this often, in seconds.
pub const STAMP_SECONDS: u64 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    Fresh,
    Amber,
    Grey,
}

/// The present, as far as a node can confirm it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The newest moment as of which this node is known to have all news.
    pub confirmed_at: Instant,
    /// When the stamp was made; equal to `confirmed_at` while all is well.
    pub now: Instant,
    pub freshness: Freshness,
    /// The serving region or node, by name.
    pub origin: String,
    /// Bounds in force, in seconds.
    pub amber_seconds: i64,
    pub grey_seconds: i64,
}

impl Stamp {
    /// A stamp made at `now` from the newest confirmation, with the default bounds.
    pub fn new(confirmed_at: Instant, now: Instant, origin: impl Into<String>) -> Self {
        Stamp::with_bounds(confirmed_at, now, origin.into(), AMBER_SECONDS, GREY_SECONDS)
    }

    /// A stamp with bounds of its own, in seconds.
    pub fn with_bounds(
        confirmed_at: Instant,
        now: Instant,
        origin: String,
        amber_seconds: i64,
        grey_seconds: i64,
    ) -> Self {
        let freshness = match (now - confirmed_at).num_seconds() {
            age if age >= grey_seconds => Freshness::Grey,
            age if age >= amber_seconds => Freshness::Amber,
            _ => Freshness::Fresh,
        };
        Stamp { confirmed_at, now, freshness, origin, amber_seconds, grey_seconds }
    }

    /// After this moment a reader without script should treat the page as out of date.
    pub fn trust_until(&self) -> Instant {
        self.confirmed_at + chrono::TimeDelta::seconds(self.grey_seconds)
    }
}
