//! Writing the whole site as files.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    node::Directory,
    posts::Operator,
};

const ROW: &str = "snapshot";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let (directory, _) = bench.histories.copy(MANY, ROW)?;
    let folder = bench.folder.join("snapshot-files");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let full = written(&directory, &folder)?;
    let (files, bytes) = counted(&folder)?;
    let node = directory.serve()?;
    Operator::of(&node, ROW)?.post()?;
    node.stop()?;
    let again = written(&directory, &folder)?;
    fs::remove_dir_all(&folder)?;
    let detail = format!("{files} files, {:.0} MB, the command from start to end, one run", bytes as f64 / 1e6);
    Ok(vec![
        Figure::new(ROW, format!("s for a full snapshot of {MANY} incidents"), full, detail)
            .reaching(Reach::AtMost(5.0)),
        Figure::new(ROW, "ms for the snapshot after one update", again * 1e3, "the same command again, one run")
            .reaching(Reach::AtMost(100.0)),
    ])
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
