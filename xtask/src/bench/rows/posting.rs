//! From a post to the page that shows it.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::super::{
    Bench, FEW, MANY,
    figures::{Figure, Reach},
    posts::Operator,
    statistics::Samples,
};

const POSTS: usize = 200;
/// Longer means that the page was not replaced at all.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
const ROW: &str = "posts";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for incidents in [FEW, MANY] {
        figures.extend(at(bench, incidents)?);
    }
    Ok(figures)
}

fn at(bench: &mut Bench, incidents: usize) -> anyhow::Result<Vec<Figure>> {
    let node = bench.histories.copy(incidents, ROW)?.0.serve()?;
    let mut operator = Operator::of(&node, ROW)?;
    let mut reader = node.connect()?;
    let (mut accepted, mut shown, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    let (mut late, mut first_bytes, mut last_bytes) = (0, 0, 0);
    for number in 0..POSTS {
        operator.open()?;
        let begun = Instant::now();
        let posted = operator.post()?;
        let answered = begun.elapsed();
        let mut reads = 0;
        loop {
            let page = reader.get("/en/", &[])?.expect(200)?;
            reads += 1;
            if holds(&page.body, &posted.marker) {
                let version = page.header("holdfast-board").and_then(|board| board.split('-').next()?.parse().ok());
                ensure!(version.is_some_and(|version: u64| version >= posted.board_version), "an old board's header");
                last_bytes = page.body.len();
                break;
            }
            let waited = begun.elapsed();
            ensure!(waited < SHOWN_WITHIN, "the home page does not show {:?} after {waited:?}", posted.marker);
        }
        if number == 0 {
            first_bytes = last_bytes;
        }
        late += usize::from(reads > 1);
        whole.push(begun.elapsed().as_secs_f64() * 1e3);
        accepted.push(answered.as_secs_f64() * 1e3);
        shown.push((begun.elapsed() - answered).as_secs_f64() * 1e3);
        operator.turn()?;
    }
    node.stop()?;
    let (accepted, shown, whole) = (Samples::of(accepted)?, Samples::of(shown)?, Samples::of(whole)?);
    let figure = Figure::new(
        ROW,
        format!("from a post sent to a page read that shows it, p99 in ms, at {incidents} incidents"),
        whole.percentile(99),
        format!(
            "p50 {:.2} ms, worst {:.2} ms; of it until accepted p50 {:.2} ms, p99 {:.2} ms, and from accepted to a page \
             read p50 {:.2} ms, p99 {:.2} ms; {} posts, {late} of them not on the first page read; page of {first_bytes} \
             to {last_bytes} bytes",
            whole.percentile(50),
            whole.worst(),
            accepted.percentile(50),
            accepted.percentile(99),
            shown.percentile(50),
            shown.percentile(99),
            whole.count(),
        ),
    );
    Ok(vec![figure.reaching(Reach::AtMost(10.0))])
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}
