//! Writing the whole site as files.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    node::Directory,
    posts::Operator,
    statistics::Samples,
};

const ROW: &str = "snapshot";
/// Posts after which the copy is brought up to date.
const UPDATES: usize = 10;
/// Until the copy has a post.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let (directory, _) = bench.histories.copy(MANY, ROW)?;
    let reach = |most| Some(Reach::AtMost(most));
    let mut figures = measured(bench, &directory, &format!("{MANY} incidents"), [reach(5.0), reach(100.0)])?;
    let real = bench.histories.real(&bench.real_history)?;
    figures.extend(measured(bench, &real, "819 real incidents of 4.5 years", [None, None])?);
    Ok(figures)
}

fn measured(
    bench: &Bench,
    directory: &Directory,
    of: &str,
    [whole, update]: [Option<Reach>; 2],
) -> anyhow::Result<Vec<Figure>> {
    let folder = bench.folder.join("snapshot-files");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let full = written(directory, &folder)?;
    let (files, bytes) = counted(&folder)?;
    let again = written(directory, &folder)?;
    let after_updates = kept(directory, &folder)?;
    fs::remove_dir_all(&folder)?;
    let detail = format!("{files} files, {:.0} MB, the command from start to end, one run", bytes as f64 / 1e6);
    let reaching = |figure: Figure, reach: Option<Reach>| match reach {
        Some(reach) => figure.reaching(reach),
        None => figure,
    };
    let after = format!(
        "as a running node keeps it, from the begin of the update to its end; the largest of {UPDATES} was {:.0} ms",
        after_updates.worst()
    );
    Ok(vec![
        reaching(Figure::new(ROW, format!("s for a full snapshot of {of}"), full, detail), whole),
        Figure::new(
            ROW,
            format!("s for the same command where everything stands, {of}"),
            again,
            "every page rendered and compared",
        ),
        reaching(
            Figure::new(ROW, format!("ms for the snapshot after one update, {of}"), after_updates.median(), after),
            update,
        ),
    ])
}

/// Milliseconds of each update of the directory that a running node keeps, after a post.
fn kept(directory: &Directory, folder: &Path) -> anyhow::Result<Samples> {
    let node = directory.serve_with(&format!("[snapshot]\ndirectory = {folder:?}\n"))?;
    let mut api = node.operate()?;
    let mut state = || -> anyhow::Result<(u64, u64, u64)> {
        let answer = api.get("/api/v1/mirrors", &[])?.expect(200)?;
        let whole: Value = serde_json::from_slice(&answer.body)?;
        let copy = &whole["mirrors"][0];
        let number = |value: &Value| value.as_u64().context("a mirror without figures");
        let is_current = copy["board_version"] == whole["board_version"];
        Ok((
            if is_current { number(&copy["updates"])? } else { 0 },
            number(&copy["took_ms"])?,
            number(&copy["failures"])?,
        ))
    };
    // The first update after a start compares everything.
    let mut until_current = |updates: u64| -> anyhow::Result<u64> {
        let begun = Instant::now();
        loop {
            let (count, took_ms, failures) = state()?;
            anyhow::ensure!(failures == 0, "the copy cannot be written");
            if count >= updates {
                return Ok(took_ms);
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "the copy is not brought up to date");
            std::thread::sleep(LOOK_EVERY);
        }
    };
    until_current(1)?;
    let mut operator = Operator::of(&node, ROW)?;
    let mut times = Vec::new();
    for _ in 0..UPDATES {
        operator.post()?;
        times.push(until_current(2)? as f64);
    }
    node.stop()?;
    Samples::of(times)
}

/// Seconds that the command takes.
fn written(directory: &Directory, folder: &Path) -> anyhow::Result<f64> {
    let begun = Instant::now();
    directory.run(&["snapshot", "write", &folder.to_string_lossy()])?;
    Ok(begun.elapsed().as_secs_f64())
}

fn counted(folder: &Path) -> anyhow::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (more_files, more_bytes) =
            if entry.file_type()?.is_dir() { counted(&entry.path())? } else { (1, entry.metadata()?.len()) };
        files += more_files;
        bytes += more_bytes;
    }
    Ok((files, bytes))
}
