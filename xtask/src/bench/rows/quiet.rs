//! What two linked nodes cost when nothing happens.

use std::thread;
use std::time::{Duration, Instant};

use super::super::{Bench, MANY, figures::Figure, pair::Pair, process};
use super::peers::DELAY;

/// Several beats and renewals of the stamp.
const WATCHED: Duration = Duration::from_secs(40);
/// From equal sets until the first full digests are made and compared: part of the start, not of the quiet.
const SETTLE: Duration = Duration::from_secs(15);
const ROW: &str = "quiet";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let near = bench.histories.copy(MANY, "quiet-near")?.0;
    let far = bench.histories.copy(MANY, "quiet-far")?.0;
    let pair = Pair::start(&near, &far, DELAY)?;
    let events = pair.until_settled()?;
    thread::sleep(SETTLE);
    let nodes = [pair.near.process(), pair.far.process()];
    let ticks = || anyhow::Ok(process::processor_ticks(nodes[0])? + process::processor_ticks(nodes[1])?);
    let (begun, ticks_before, bytes_before) = (Instant::now(), ticks()?, pair.network.bytes());
    thread::sleep(WATCHED);
    let seconds = begun.elapsed().as_secs_f64();
    let (ticks, bytes) = (ticks()? - ticks_before, pair.network.bytes().since(bytes_before));
    pair.stop()?;
    let how = format!("{events} events, watched for {seconds:.0} s");
    let processor_ms = ticks as f64 / bench.ticks_per_second * 1e3;
    Ok(vec![
        Figure::new(
            ROW,
            "bytes/s between two quiet nodes, both ways together",
            bytes.all() as f64 / seconds,
            how.clone(),
        ),
        Figure::new(
            ROW,
            "ms of processor time per minute of a quiet node",
            processor_ms / 2.0 * 60.0 / seconds,
            format!("half of what two used, the renewal of pages included; {how}"),
        ),
    ])
}
