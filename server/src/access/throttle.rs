//! How often somebody may guess a password. Failures are counted by address and by account, each within a window.
//!
//! A stranger must not be able to lock an operator out by failing in their name. So failures from browsers that have
//! never signed in to the account are counted apart from those of each browser that has (it holds a device cookie): the
//! stranger uses up the strangers' share, and the operator's own browser is not asked to wait. An operator on a new
//! browser while somebody guesses waits for the window, or uses another region, which counts for itself.
//!
//! A code of a second factor is short: a window after the other, somebody who knows the password would find one in the
//! end. So strangers' second steps are counted by the day as well, where nothing else can push the count out.

use domain::{Instant, command::operators::OPERATORS_MAX, id::OperatorId};
use moka::{Entry, ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use std::{net::IpAddr, time::Duration};

/// Failures are forgotten after this many seconds.
pub const WINDOW_SECONDS: i64 = 600;
/// Failures of one address within the window, whatever the account.
pub const ADDRESS_FAILURES_MAX: u32 = 30;
/// Failures for one account from all browsers that do not know it.
pub const STRANGERS_FAILURES_MAX: u32 = 20;
/// Failures for one account from one browser that does.
pub const DEVICE_FAILURES_MAX: u32 = 10;
/// Failed second steps of one account within [`DAY_SECONDS`], from all browsers that do not know it.
pub const SECOND_STEPS_MAX: u32 = 50;
pub const DAY_SECONDS: i64 = 86_400;
/// Counts that are held at most; the oldest go first.
const COUNTS_MAX: u64 = 100_000;

/// Whose failures are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    /// The address, of IPv6 its first 64 bits: a household has that many.
    Address(u64, u64),
    /// An account as its derived id, whether or not it exists, and the device that knows it.
    Account(OperatorId, Option<[u8; 16]>),
}

#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    since: Instant,
}

/// The counts of this process.
#[derive(Debug)]
pub struct Throttle {
    counts: Cache<Who, Count>,
    /// Only of operators: no second step begins without a right password.
    second_steps: Cache<OperatorId, Count>,
}

impl Default for Throttle {
    fn default() -> Self {
        let kept = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        let counts = Cache::builder().max_capacity(COUNTS_MAX).time_to_live(kept(WINDOW_SECONDS));
        let second_steps = Cache::builder().max_capacity(OPERATORS_MAX as u64);
        Throttle {
            counts: counts.eviction_policy(EvictionPolicy::lru()).build(),
            second_steps: second_steps.eviction_policy(EvictionPolicy::lru()).build(),
        }
    }
}

impl Count {
    /// How many seconds of the window are left, when it is not over and `most` failures were in it.
    fn wait(&self, most: u32, window: i64, now: Instant) -> Option<i64> {
        let age = (now - self.since).num_seconds();
        (self.failures >= most && (0..window).contains(&age)).then(|| window - age)
    }

    fn more(held: Option<Count>, window: i64, now: Instant) -> Count {
        match held {
            Some(held) if (0..window).contains(&(now - held.since).num_seconds()) => {
                Count { failures: held.failures.saturating_add(1), ..held }
            }
            _ => Count { failures: 1, since: now },
        }
    }
}

/// One who tries.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub address: Option<IpAddr>,
    pub account: OperatorId,
    /// The device that has signed in to this account before.
    pub device: Option<[u8; 16]>,
}

impl Throttle {
    /// How many seconds to wait before the next attempt; `None`: it may be made.
    pub fn wait(&self, attempt: &Attempt, now: Instant) -> Option<i64> {
        attempt.limits().into_iter().filter_map(|(who, most)| self.of(who, most, now)).max()
    }

    fn of(&self, who: Who, most: u32, now: Instant) -> Option<i64> {
        self.counts.get(&who)?.wait(most, WINDOW_SECONDS, now)
    }

    /// The same for one who tries codes that no guessing finds: only the address counts, since a count for all would let a
    /// stranger lock the glass that is to be broken.
    pub fn wait_of_address(&self, address: Option<IpAddr>, now: Instant) -> Option<i64> {
        self.of(by_address(address?), ADDRESS_FAILURES_MAX, now)
    }

    /// Notes a failure.
    pub fn failed(&self, attempt: &Attempt, now: Instant) {
        for (who, _) in attempt.limits() {
            self.note(who, now);
        }
    }

    /// Notes a failure of one who tries codes.
    pub fn address_failed(&self, address: Option<IpAddr>, now: Instant) {
        if let Some(address) = address {
            self.note(by_address(address), now);
        }
    }

    fn note(&self, who: Who, now: Instant) {
        let more = |held: Option<Entry<Who, Count>>| Count::more(held.map(Entry::into_value), WINDOW_SECONDS, now);
        self.counts.entry(who).and_upsert_with(more);
    }

    /// Takes a failure back that was noted before it was known to be none, unless its window is over.
    pub fn take_back(&self, attempt: &Attempt, noted: Instant) {
        for (who, _) in attempt.limits() {
            self.counts.entry(who).and_compute_with(|held| match held.map(Entry::into_value) {
                Some(held) if held.since > noted => Op::Nop,
                Some(held) if held.failures > 1 => Op::Put(Count { failures: held.failures - 1, ..held }),
                Some(_) => Op::Remove,
                None => Op::Nop,
            });
        }
    }

    /// How many seconds to wait before the next second step of a browser that does not know the account.
    pub fn wait_of_second_step(&self, attempt: &Attempt, now: Instant) -> Option<i64> {
        let count = self.second_steps.get(&attempt.account).filter(|_| attempt.device.is_none())?;
        count.wait(SECOND_STEPS_MAX, DAY_SECONDS, now)
    }

    /// Notes a second step that failed.
    pub fn second_step_failed(&self, attempt: &Attempt, now: Instant) {
        if attempt.device.is_none() {
            let more =
                |held: Option<Entry<OperatorId, Count>>| Count::more(held.map(Entry::into_value), DAY_SECONDS, now);
            self.second_steps.entry(attempt.account).and_upsert_with(more);
        }
    }

    /// Whose second steps have to wait until their day is over.
    pub fn guessed_at(&self, now: Instant) -> Vec<OperatorId> {
        let is_over = |count: &Count| count.wait(SECOND_STEPS_MAX, DAY_SECONDS, now).is_some();
        self.second_steps.iter().filter(|(_, count)| is_over(count)).map(|(account, _)| *account).collect()
    }

    /// A browser that signed in has nothing left to answer for.
    pub fn succeeded(&self, attempt: &Attempt) {
        if attempt.device.is_some() {
            self.counts.invalidate(&Who::Account(attempt.account, attempt.device));
        }
    }
}

impl Attempt {
    fn limits(&self) -> Vec<(Who, u32)> {
        let account = match self.device {
            Some(_) => DEVICE_FAILURES_MAX,
            None => STRANGERS_FAILURES_MAX,
        };
        let mut limits = vec![(Who::Account(self.account, self.device), account)];
        // Behind one address may be a whole office: a browser that knows the account does not pay for the others.
        if self.device.is_none() {
            limits.extend(self.address.map(|address| (by_address(address), ADDRESS_FAILURES_MAX)));
        }
        limits
    }
}

fn by_address(address: IpAddr) -> Who {
    match address.to_canonical() {
        IpAddr::V4(address) => Who::Address(0, u64::from(address.to_bits())),
        IpAddr::V6(address) => Who::Address(1, (address.to_bits() >> 64) as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(1_700_000_000 + second, 0).expect("a time")
    }

    fn stranger(last: u8) -> Attempt {
        Attempt { address: Some([192, 0, 2, last].into()), account: OperatorId::of_login("wei"), device: None }
    }

    #[test]
    fn a_stranger_who_guesses_waits_and_the_operators_own_browser_does_not() {
        let throttle = Throttle::default();
        for guess in 0..STRANGERS_FAILURES_MAX {
            assert_eq!(throttle.wait(&stranger(guess as u8), at(0)), None, "{guess}");
            throttle.failed(&stranger(guess as u8), at(0));
        }
        assert_eq!(throttle.wait(&stranger(99), at(1)), Some(WINDOW_SECONDS - 1), "from any address");
        let own = Attempt { device: Some([1; 16]), ..stranger(1) };
        assert_eq!(throttle.wait(&own, at(1)), None);
        assert_eq!(throttle.wait(&stranger(99), at(WINDOW_SECONDS)), None, "the window is over");
    }

    #[test]
    fn an_address_waits_whatever_the_account() {
        let throttle = Throttle::default();
        for guess in 0..ADDRESS_FAILURES_MAX {
            let account = OperatorId::of_login(&format!("account {guess}"));
            throttle.failed(&Attempt { account, ..stranger(7) }, at(0));
        }
        assert!(throttle.wait(&stranger(7), at(0)).is_some());
        assert_eq!(throttle.wait(&stranger(8), at(0)), None);
        let neighbour = |text: &str| Attempt { address: Some(text.parse().expect("an address")), ..stranger(0) };
        for _ in 0..ADDRESS_FAILURES_MAX {
            let account = OperatorId::of_login("another");
            throttle.failed(&Attempt { account, ..neighbour("2001:db8::1") }, at(0));
        }
        assert!(throttle.wait(&neighbour("2001:db8::ffff"), at(0)).is_some(), "of one household");
        assert_eq!(throttle.wait(&neighbour("2001:db8:0:1::1"), at(0)), None);
    }

    #[test]
    fn a_browser_that_knows_the_account_has_its_own_count() {
        let throttle = Throttle::default();
        let own = Attempt { device: Some([1; 16]), ..stranger(1) };
        for _ in 0..DEVICE_FAILURES_MAX {
            throttle.failed(&own, at(0));
        }
        assert!(throttle.wait(&own, at(0)).is_some());
        assert_eq!(throttle.wait(&Attempt { device: Some([2; 16]), ..own }, at(0)), None);
        throttle.succeeded(&own);
        assert_eq!(throttle.wait(&own, at(0)), None);
    }

    #[test]
    fn what_is_taken_back_never_counted() {
        let throttle = Throttle::default();
        for _ in 0..2 * STRANGERS_FAILURES_MAX {
            throttle.failed(&stranger(1), at(0));
            throttle.take_back(&stranger(1), at(0));
        }
        assert_eq!(throttle.wait(&stranger(1), at(0)), None);
        for _ in 0..STRANGERS_FAILURES_MAX {
            throttle.failed(&stranger(1), at(1));
        }
        throttle.take_back(&stranger(1), at(0));
        assert!(throttle.wait(&stranger(1), at(1)).is_some(), "the failures of a later window stay");
    }
}
