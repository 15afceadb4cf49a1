//! From a post on one node to the page of another, behind a slow link.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    http_client::Connection,
    pair::Pair,
    posts::{Operator, Posted},
    statistics::Samples,
};

const POSTS: usize = 100;
/// Each way; every row about two nodes has it.
pub const DELAY: Duration = Duration::from_millis(50);
/// Between two reads of the other node's page: the resolution of what is measured.
const READ_EVERY: Duration = Duration::from_millis(1);
/// Longer means that the other node never showed it.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);
const ROW: &str = "peers";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let near = bench.histories.copy(MANY, "peers-near")?.0;
    let far = bench.histories.copy(MANY, "peers-far")?.0;
    let pair = Pair::start(&near, &far, DELAY)?;
    let events = pair.until_settled()?;
    let mut operator = Operator::of(&pair.near, ROW)?;
    let mut reader = pair.far.connect()?;
    let (mut shown, mut answered, mut everywhere) = (Vec::new(), Vec::new(), 0);
    for _ in 0..POSTS {
        operator.open()?;
        let (posted, answered_in, shown_in) = post(&mut operator, &mut reader)?;
        everywhere += usize::from((posted.saved_in, posted.regions) == (2, 2));
        answered.push(answered_in.as_secs_f64() * 1e3);
        shown.push(shown_in.as_secs_f64() * 1e3);
        operator.turn()?;
    }
    pair.stop()?;
    let (shown, answered) = (Samples::of(shown)?, Samples::of(answered)?);
    let spread = |samples: &Samples| format!("p50 {:.1} ms, worst {:.1} ms", samples.percentile(50), samples.worst());
    let delay_ms = DELAY.as_millis();
    Ok(vec![
        Figure::new(
            ROW,
            format!("from a post sent to a page of another node that shows it, p99 in ms, {delay_ms} ms away"),
            shown.percentile(99),
            format!(
                "{}; {} posts, {events} events at first, the page read every {} ms",
                spread(&shown),
                shown.count(),
                READ_EVERY.as_millis()
            ),
        )
        .reaching(Reach::AtMost(150.0)),
        Figure::new(
            ROW,
            format!("from a post sent to its answer, p99 in ms, the other region {delay_ms} ms away"),
            answered.percentile(99),
            format!("{}; {everywhere} of {} answers say saved in 2 of 2 regions", spread(&answered), answered.count()),
        ),
    ])
}

/// Posts on one node while the page of the other is read. How long the answer took, and until the page showed it.
fn post(
    operator: &mut Operator,
    reader: &mut Connection<std::net::TcpStream>,
) -> anyhow::Result<(Posted, Duration, Duration)> {
    let marker = operator.next_marker();
    // Only a page of another board is looked through: looking takes its time.
    let before = board(reader)?.0;
    thread::scope(|scope| {
        let begun = Instant::now();
        let posting = scope.spawn(move || operator.post().map(|posted| (posted, begun.elapsed())));
        let shown_in = loop {
            let (board, page) = board(reader)?;
            let read_in = begun.elapsed();
            if board != before && page.windows(marker.len()).any(|window| window == marker.as_bytes()) {
                break read_in;
            }
            ensure!(read_in < SHOWN_WITHIN, "the other node does not show {marker:?} after {read_in:?}");
            thread::sleep(READ_EVERY);
        };
        let (posted, answered_in) = posting.join().map_err(|_| anyhow::anyhow!("the posting thread panicked"))??;
        Ok((posted, answered_in, shown_in))
    })
}

/// The home page, and the board that it shows.
fn board(reader: &mut Connection<std::net::TcpStream>) -> anyhow::Result<(String, Vec<u8>)> {
    let page = reader.get("/en/", &[])?.expect(200)?;
    let board = page.header("holdfast-board").context("a page without a board version")?.to_owned();
    Ok((board, page.body))
}
