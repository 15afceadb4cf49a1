//! What a read costs when the history is long.

use std::time::Instant;

use super::super::{
    Bench, FEW, MANY,
    figures::{Figure, Reach},
    process,
    statistics::Samples,
    wrk::Wrk,
};

const ROUNDS: usize = 3;
/// A page is cold once for each start of the server.
const STARTS: usize = 5;
const LANGUAGES: [&str; 2] = ["en", "zh"];
const ROW: &str = "reads";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    Ok(vec![home(bench)?, cold(bench)?])
}

fn home(bench: &mut Bench) -> anyhow::Result<Figure> {
    let wrk = Wrk::ready(&bench.folder)?;
    let headers = ["Accept-Encoding: br"];
    let mut nodes = Vec::new();
    for incidents in [FEW, MANY] {
        let node = bench.histories.copy(incidents, ROW)?.0.serve()?;
        wrk.load(&node.home(), &headers, 1)?;
        nodes.push((node, Vec::new()));
    }
    for _ in 0..ROUNDS {
        for (node, costs) in &mut nodes {
            let before = process::processor_ticks(node.process())?;
            let counted = wrk.load(&node.home(), &headers, bench.seconds)?;
            let ticks = process::processor_ticks(node.process())? - before;
            costs.push(ticks as f64 / bench.ticks_per_second * 1e6 / counted.requests);
        }
    }
    let mut medians = Vec::new();
    let mut sizes = Vec::new();
    for (node, costs) in nodes {
        medians.push(Samples::of(costs)?.median());
        sizes.push(node.get("/", &[])?.body.len());
        node.stop()?;
    }
    let (few, many) = (medians[0], medians[1]);
    let figure = Figure::new(
        ROW,
        format!("home page, server's processor time per request at {MANY} incidents against {FEW}"),
        many / few,
        format!("{many:.2} us ({} bytes) against {few:.2} us ({} bytes); {ROUNDS} rounds each", sizes[1], sizes[0]),
    );
    Ok(figure.reaching(Reach::AtMost(1.1)))
}

/// The oldest incidents, each asked for once in each language after a fresh start: rendered, compressed and, where the
/// history is long, read from the store.
fn cold(bench: &mut Bench) -> anyhow::Result<Figure> {
    let mut medians = Vec::new();
    let mut worst = Vec::new();
    for incidents in [FEW, MANY] {
        let (directory, prepared) = bench.histories.copy(incidents, ROW)?;
        let mut times = Vec::new();
        for _ in 0..STARTS {
            let node = directory.serve()?;
            let mut connection = node.connect()?;
            for id in prepared.ids.iter().rev().take(FEW) {
                for language in LANGUAGES {
                    let path = format!("/{language}/incidents/{id}");
                    let begun = Instant::now();
                    let answer = connection.get(&path, &[("Accept-Encoding", "br")])?;
                    times.push(begun.elapsed().as_secs_f64() * 1e3);
                    answer.expect(200)?;
                }
            }
            node.stop()?;
        }
        let samples = Samples::of(times)?;
        medians.push(samples.median());
        worst.push(samples.percentile(99));
    }
    let (few, many) = (medians[0], medians[1]);
    let figure = Figure::new(
        ROW,
        format!("oldest incidents' pages, cold, time to the answer at {MANY} incidents against {FEW}"),
        many / few,
        format!(
            "medians {many:.2} ms (from the store) against {few:.2} ms (from memory); p99 {:.2} ms against {:.2} ms; \
             {} pages each",
            worst[1],
            worst[0],
            STARTS * FEW * LANGUAGES.len()
        ),
    );
    Ok(figure.reaching(Reach::AtMost(1.1)))
}
