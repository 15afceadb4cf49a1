//! Replication in simulated time: regions, partitions, crashes and full disks from a seed (DESIGN section 6).
//!
//! | module | what is there |
//! |---|---|
//! | `plan` | what happens in a run, drawn from its seed |
//! | `disk` | a disk that outlives its node, and may be full |
//! | `network` | the transport over simulated TCP |
//! | `region` | one region's node: its clock, its posts |
//! | `world` | a whole run, and what must hold at its end |
//!
//! `HOLDFAST_SEEDS=5000` runs more seeds, `HOLDFAST_SEED=17` one alone, with its story. A seed that fails is printed and
//! replays identically.

mod disk;
mod network;
mod plan;
mod region;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of one run of the tests, unless the environment says otherwise.
const SEEDS: u64 = 200;
/// Threads that simulate beside each other.
const THREADS: usize = 2;
/// A run's threads recurse into redb and the fold under a debug build.
const STACK_BYTES: usize = 16 << 20;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`; a whole number was expected")))
}

/// Runs a seed on a thread of its own; why it failed, if it did.
fn run(seed: u64) -> Result<world::Outcome, String> {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || world::run(seed));
    match thread.expect("a thread").join() {
        Ok(outcome) => Ok(outcome),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            Err(said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned())).unwrap_or_default())
        }
    }
}

#[test]
fn every_region_comes_to_hold_the_same_events() {
    let seeds = match number("HOLDFAST_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HOLDFAST_SEEDS").unwrap_or(SEEDS),
    };
    let next = AtomicU64::new(seeds.start);
    let (mut failed, mut total) = (Vec::new(), world::Outcome::default());
    std::thread::scope(|scope| {
        let work = || {
            let (mut failed, mut total) = (Vec::new(), world::Outcome::default());
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return (failed, total);
                }
                match run(seed) {
                    Ok(outcome) => total.add(&outcome),
                    Err(why) => failed.push((seed, why)),
                }
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let (thread_failed, outcome) = thread.join().expect("a thread that simulates");
            failed.extend(thread_failed);
            total.add(&outcome);
        }
    });
    println!("{} seeds: {total:?}", seeds.end - seeds.start);
    failed.sort();
    for (seed, why) in &failed {
        println!(
            "seed {seed}: {why}\n  replay: HOLDFAST_SEED={seed} cargo test -p server --test simulation -- --nocapture"
        );
    }
    assert!(failed.is_empty(), "{} of {} seeds failed", failed.len(), seeds.end - seeds.start);
    assert!(total.acknowledged > 0 && total.confirmations > 0, "nothing happened: {total:?}");
}

#[test]
fn a_seed_replays_identically() {
    for seed in [3, 8, 13] {
        let (one, other) = (run(seed).expect("a run"), run(seed).expect("a run"));
        assert_eq!(one.story, other.story, "seed {seed} went two ways");
    }
}
