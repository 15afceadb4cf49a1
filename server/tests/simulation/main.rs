//! Replication in simulated time: regions, partitions, crashes and full disks from a seed (DESIGN section 6).
//!
//! | module | what is there |
//! |---|---|
//! | `plan` | what happens in a run, drawn from its seed |
//! | `disk` | a disk that outlives its node, and may be full |
//! | `network` | the transport over simulated TCP |
//! | `region` | one region's node: its clock, its posts |
//! | `world` | a whole run, and what must hold at every moment and at its end |
//!
//! Every seed runs in a process of its own, because only that replays exactly. `HOLDFAST_SEEDS=5000` runs more of them,
//! `HOLDFAST_SEED=17` one alone, with its story:
//!
//!     HOLDFAST_SEED=17 cargo test -p server --test simulation

mod disk;
mod network;
mod plan;
mod region;
mod world;

use std::{
    process::{Command, ExitCode, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};
use world::Outcome;

/// Seeds of one run of the tests, unless the environment says otherwise.
const SEEDS: u64 = 200;
/// Of those, so many are run twice, to show that they replay.
const REPLAYED: u64 = 10;
/// Processes that simulate beside each other.
const PROCESSES: usize = 2;

/// Makes a process run one seed and print its outcome as JSON, on the last line.
const ONE: &str = "HOLDFAST_SEED";
const MANY: &str = "HOLDFAST_SEEDS";
/// Makes it tell no story.
const QUIET: &str = "HOLDFAST_QUIET";

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`; a whole number was expected")))
}

fn main() -> ExitCode {
    match number(ONE) {
        Some(seed) => {
            let speaks = std::env::var(QUIET).is_err();
            if speaks {
                tracing_subscriber::fmt().without_time().with_ansi(false).init();
            }
            let outcome = world::run(seed, speaks);
            println!("{}", serde_json::to_string(&outcome).expect("an outcome"));
            ExitCode::SUCCESS
        }
        None => all(number(MANY).unwrap_or(SEEDS)),
    }
}

/// Runs a seed in a process of its own.
fn apart(seed: u64) -> Result<Outcome, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new(program).env(ONE, seed.to_string()).env(QUIET, "1").stdin(Stdio::null()).output();
    let output = child.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.lines().last().and_then(|line| serde_json::from_str(line).ok()).filter(|_| output.status.success()) {
        Some(outcome) => Ok(outcome),
        None => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// The same, twice where it is one of those that show that a seed replays.
fn checked(seed: u64) -> Result<Outcome, String> {
    let outcome = apart(seed)?;
    if seed < REPLAYED && apart(seed)?.story != outcome.story {
        return Err("it went another way the second time".to_owned());
    }
    Ok(outcome)
}

fn all(seeds: u64) -> ExitCode {
    println!("simulating {seeds} seeds");
    let next = AtomicU64::new(0);
    let work = || {
        let (mut failed, mut total) = (Vec::new(), Outcome::default());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return (failed, total);
            }
            match checked(seed) {
                Ok(outcome) => total.add(&outcome),
                Err(why) => {
                    println!("seed {seed} failed; HOLDFAST_SEED={seed} replays it:\n{why}");
                    failed.push(seed);
                }
            }
        }
    };
    let (mut failed, mut total) = (Vec::new(), Outcome::default());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let (thread_failed, outcome) = thread.join().expect("a thread that waits for its processes");
            failed.extend(thread_failed);
            total.add(&outcome);
        }
    });
    println!("{total}");
    let nothing_happened = total.in_one_region == total.acknowledged
        || [total.confirmations, total.refused, total.erased, total.keys, total.completed].contains(&0);
    if nothing_happened {
        println!("too little happened to show anything");
    }
    if failed.is_empty() && !nothing_happened {
        println!("{seeds} seeds: all regions agree in each");
        return ExitCode::SUCCESS;
    }
    failed.sort_unstable();
    println!("{} of {seeds} seeds failed: {failed:?}", failed.len());
    ExitCode::FAILURE
}
