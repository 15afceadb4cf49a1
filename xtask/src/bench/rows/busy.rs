//! The home page while updates are posted and many readers follow the live stream, against the same server idle.

use std::time::Duration;

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    posts::{Operator, Posting},
    process,
    statistics::Samples,
    streams::Streams,
    wrk::Wrk,
};

const ROUNDS: usize = 3;
const POSTS_PER_SECOND: u32 = 10;
pub const STREAMS: usize = 1_000;
const ROW: &str = "busy";
/// Between a busy round and the next idle one, so that what the last posts left to do is done.
const SETTLE: Duration = Duration::from_millis(500);

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let wrk = Wrk::ready(&bench.folder)?;
    let (directory, _) = bench.histories.copy(MANY, ROW)?;
    let node = directory.serve()?;
    let headers = ["Accept-Encoding: br"];
    wrk.load(&node.home(), &headers, 1)?;
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    let (mut idle_processor, mut busy_processor) = (Vec::new(), Vec::new());
    let (mut posts, mut events) = (0, 0);
    for round in 0..ROUNDS {
        let measure = || -> anyhow::Result<(f64, f64)> {
            let before = process::processor_ticks(node.process())?;
            let counted = wrk.load(&node.home(), &headers, bench.seconds)?;
            let ticks = process::processor_ticks(node.process())? - before;
            Ok((counted.requests_per_second(), ticks as f64 / bench.ticks_per_second * 1e6 / counted.requests))
        };
        let (rate, processor) = measure()?;
        idle.push(rate);
        idle_processor.push(processor);

        let streams = Streams::open(node.address, STREAMS)?;
        let posting = Posting::begin(Operator::of(&node, &format!("{ROW} {round}"))?, POSTS_PER_SECOND)?;
        let (rate, processor) = measure()?;
        busy.push(rate);
        busy_processor.push(processor);
        posts += posting.end()?;
        std::thread::sleep(SETTLE);
        events += streams.board_events()?;
        drop(streams);
        std::thread::sleep(SETTLE);
    }
    node.stop()?;
    anyhow::ensure!(
        events as usize >= STREAMS * ROUNDS,
        "{STREAMS} live streams were sent {events} board events in all"
    );
    let median = |values| Samples::of(values).map(|samples| samples.median());
    let (idle, busy) = (median(idle)?, median(busy)?);
    let (idle_processor, busy_processor) = (median(idle_processor)?, median(busy_processor)?);
    let seconds = bench.seconds;
    let figure = Figure::new(
        ROW,
        format!(
            "home page (brotli), requests/s with {POSTS_PER_SECOND} posts/s and {STREAMS} live streams, against idle"
        ),
        busy / idle,
        format!(
            "{busy:.0} against {idle:.0} ({busy_processor:.2} us against {idle_processor:.2} us of processor time per \
             request, renders and streams included); {ROUNDS} rounds of {seconds} s each; {posts} updates posted, \
             {events} events streamed"
        ),
    );
    Ok(vec![figure.reaching(Reach::AtLeast(0.9))])
}
