//! Resident memory, with a long history and with many idle readers.

use std::time::Duration;

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    process,
    streams::Streams,
    wrk::Wrk,
};
use super::busy::STREAMS;

/// Old pages that are asked for, so that what reading keeps in memory is counted.
const OLD_PAGES: usize = 1_000;
/// After the streams are open, until their memory is read.
const SETTLE: Duration = Duration::from_millis(500);
const ROW: &str = "memory";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let wrk = Wrk::ready(&bench.folder)?;
    let (directory, prepared) = bench.histories.copy(MANY, ROW)?;
    // The first start after an import may have to fold; what is measured is the start that operators see.
    directory.serve()?.stop()?;
    let node = directory.serve()?;
    let started = process::resident_kib(node.process())? / 1024.0;

    wrk.load(&node.home(), &["Accept-Encoding: br"], bench.seconds)?;
    let mut connection = node.connect()?;
    for id in prepared.ids.iter().rev().take(OLD_PAGES) {
        connection.get(&format!("/incidents/{id}"), &[])?.expect(200)?;
    }
    let loaded = process::resident_kib(node.process())? / 1024.0;

    let before = process::resident_kib(node.process())?;
    let streams = Streams::open(node.address, STREAMS)?;
    std::thread::sleep(SETTLE);
    let after = process::resident_kib(node.process())?;
    streams.board_events()?;
    drop(streams);
    node.stop()?;
    let each = (after - before) / STREAMS as f64;
    Ok(vec![
        Figure::new(
            ROW,
            format!("MiB resident after the start, {MANY} incidents"),
            started,
            format!("{} updates", prepared.updates),
        )
        .reaching(Reach::AtMost(64.0)),
        Figure::new(
            ROW,
            format!("MiB resident after load, {MANY} incidents"),
            loaded,
            format!("{} s of load on the home page and {OLD_PAGES} old pages read once", bench.seconds),
        )
        .reaching(Reach::AtMost(64.0)),
        Figure::new(
            ROW,
            "KiB resident for each idle live stream",
            each,
            format!("{STREAMS} streams, {:.1} MiB in all", (after - before) / 1024.0),
        )
        .reaching(Reach::AtMost(8.0)),
    ])
}
