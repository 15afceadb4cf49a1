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

/// A region of which this node does not have all news within the amber bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Silent {
    /// By name, as the configuration tells it.
    pub region: String,
    /// The newest moment as of which this node has all its news; `None`: not since this node started.
    pub as_of: Option<Instant>,
}

/// The last clean round with another region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// By name, as the configuration tells it.
    pub region: String,
    /// On this node's clock; made from an age, so that no other clock can lie in it.
    pub at: Instant,
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
    /// Sorted by region.
    pub silent: Vec<Silent>,
    /// The region that a node with peers last had a clean round with.
    pub heard: Option<Heard>,
    /// How many other regions there should be; 0 for a lone node.
    pub peers: u32,
}

impl Stamp {
    /// A stamp made at `now` from the newest confirmation, with the default bounds.
    pub fn new(confirmed_at: Instant, now: Instant, origin: impl Into<String>) -> Self {
        Stamp::with_bounds(confirmed_at, now, origin.into(), AMBER_SECONDS, GREY_SECONDS)
    }

    /// A stamp of a lone node, with bounds of its own, in seconds.
    pub fn with_bounds(
        confirmed_at: Instant,
        now: Instant,
        origin: String,
        amber_seconds: i64,
        grey_seconds: i64,
    ) -> Self {
        let freshness = freshness(confirmed_at, now, amber_seconds, grey_seconds);
        let (silent, heard, peers) = (Vec::new(), None, 0);
        Stamp { confirmed_at, now, freshness, origin, amber_seconds, grey_seconds, silent, heard, peers }
    }

    /// The same stamp of a node with peers.
    #[must_use]
    pub fn with_peers(self, peers: u32, mut silent: Vec<Silent>, heard: Option<Heard>) -> Self {
        silent.sort();
        Stamp { silent, heard, peers, ..self }
    }

    /// The same confirmation, told at a later moment.
    #[must_use]
    pub fn told_at(&self, now: Instant) -> Self {
        let freshness = freshness(self.confirmed_at, now, self.amber_seconds, self.grey_seconds);
        Stamp { now, freshness, ..self.clone() }
    }

    /// After this moment a reader without script should treat the page as out of date.
    pub fn trust_until(&self) -> Instant {
        self.confirmed_at + chrono::TimeDelta::seconds(self.grey_seconds)
    }

    /// The moment from which it reads worse, if it does ever.
    pub fn worsens_at(&self) -> Option<Instant> {
        let bound = match self.freshness {
            Freshness::Fresh => self.amber_seconds,
            Freshness::Amber => self.grey_seconds,
            Freshness::Grey => return None,
        };
        Some(self.confirmed_at + chrono::TimeDelta::seconds(bound))
    }

    /// As of when this node has all news of every region, whichever confirmed it; `None`: not since it started. Of regions
    /// that are not silent it is known to the amber bound alone.
    pub fn whole_at(&self) -> Option<Instant> {
        if self.peers == 0 {
            return Some(self.confirmed_at);
        }
        let of_all = Some(self.confirmed_at - chrono::TimeDelta::seconds(self.amber_seconds));
        self.silent.iter().map(|silent| silent.as_of).fold(of_all, Option::min)
    }

    /// There are other regions, and none of them was heard from within the amber bound.
    pub fn is_cut_off(&self) -> bool {
        let is_recent = |heard: &Heard| (self.now - heard.at).num_seconds() < self.amber_seconds;
        self.peers > 0 && !self.heard.as_ref().is_some_and(is_recent)
    }

    /// Pages of one board with either stamp differ in times alone.
    pub fn reads_like(&self, other: &Stamp) -> bool {
        self.freshness == other.freshness && self.regions_digest() == other.regions_digest()
    }

    /// Which regions a page of this stamp tells of, in eight hexadecimal digits: two pages of one board that differ in
    /// it read differently. Times are left out: they are made from ages, so that they tremble from stamp to stamp.
    pub fn regions_digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut note = |region: &str, is_dated: bool| {
            hasher.update(&(region.len() as u64).to_be_bytes()).update(region.as_bytes()).update(&[u8::from(is_dated)]);
        };
        for silent in &self.silent {
            note(&silent.region, silent.as_of.is_some());
        }
        if self.is_cut_off() {
            note("", false);
            if let Some(heard) = &self.heard {
                note(&heard.region, true);
            }
        }
        hasher.finalize().to_hex()[..8].to_owned()
    }
}

/// At a bound is past it.
fn freshness(confirmed_at: Instant, now: Instant, amber_seconds: i64, grey_seconds: i64) -> Freshness {
    match (now - confirmed_at).num_seconds() {
        age if age >= grey_seconds => Freshness::Grey,
        age if age >= amber_seconds => Freshness::Amber,
        _ => Freshness::Fresh,
    }
}
