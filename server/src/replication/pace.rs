//! How often things happen, in one place: the bounds are constants, and the randomness comes from a seed, so that a
//! simulation replays.

use std::time::Duration;

/// Between two beats: a clean one confirms the page, so this is well below the amber bound.
pub const BEAT_MS: u64 = 5000;
/// From an unexpected difference to the beat that looks again: pushes under way arrive meanwhile.
pub const RECHECK_MS: u64 = 300;
/// A link without a frame for so long is dead: a beat and more is missing. What a cut has killed is dialled anew then.
pub const SILENCE_MS_MAX: u64 = 10_000;
/// Until the other side has said who it is.
pub const HELLO_MS_MAX: u64 = 10_000;
/// A round in which nothing moves for so long is given up.
pub const STANDSTILL_MS_MAX: u64 = 30_000;
/// Between two rounds with a peer whose set has our sum and is another one.
pub const DIVERGED_ROUND_MS: u64 = 60_000;
/// From a round that failed to the next one, at first and at most: whoever stores nothing is handed everything anew each
/// time. At most, so that two of them lie within the amber bound: beside a full disk only rounds tell the news.
pub const ROUND_AGAIN_MS: std::ops::RangeInclusive<u64> = 5000..=15_000;
/// Between two attempts to reach a peer, at first and at most.
pub const REDIAL_MS: std::ops::RangeInclusive<u64> = 200..=2000;

/// A stream of numbers from a seed (SplitMix64: Steele et al. 2014), for jitter only.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Jitter(seed)
    }

    /// Another stream, for another task.
    pub fn split(&mut self) -> Self {
        Jitter(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `ms` milliseconds, give or take a fifth: nodes that started together do not stay in step.
    pub fn around(&mut self, ms: u64) -> Duration {
        let spread = ms * 2 / 5;
        Duration::from_millis(ms - spread / 2 + self.next() % (spread + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_a_fifth_and_replays() {
        let (mut one, mut other) = (Jitter::new(7), Jitter::new(7));
        for _ in 0..1000 {
            let around = one.around(1000);
            assert!((800..=1200).contains(&around.as_millis()), "{around:?}");
            assert_eq!(around, other.around(1000));
        }
    }
}
