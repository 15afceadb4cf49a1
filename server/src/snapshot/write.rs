//! Every address through the one renderer, into the directory.

use super::{SnapshotError, directory::Directory, files};
use crate::{assets, publish::Node, render};
use app::{address::Address, site::Site};
use domain::{board::Board, stamp::Stamp};
use std::{
    collections::BTreeSet,
    num::NonZero,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Threads that render and write at once, at most.
const WRITERS_MAX: usize = 8;

/// What a snapshot came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Files of the snapshot.
    pub files: usize,
    /// Of these, new or changed.
    pub written: usize,
    pub unchanged: usize,
    /// Stale files of an earlier snapshot.
    pub removed: usize,
    /// Of all files.
    pub bytes: u64,
    pub took: Duration,
}

impl Report {
    fn add(&mut self, other: Report) {
        self.files += other.files;
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.bytes += other.bytes;
    }
}

/// Writes the whole site as it is now; blocking. Old incidents are read one by one as their pages come up.
///
/// # Errors
/// When the directory is not ours, or a file or the store fails; files written by then stay, whole, and the next run
/// goes on.
pub fn write(node: &Node, root: &Path) -> Result<Report, SnapshotError> {
    let begun = Instant::now();
    let directory = Directory::open(root)?;
    let (board, stamp) = (node.board(), node.stamp());
    let addresses = Address::all(&board, node.timelines(&board)?);
    let pages = addresses.iter().flat_map(|address| files::files(*address, &board.catalog));
    let mut all: BTreeSet<String> = pages.flat_map(|(_, files)| files).collect();
    all.extend(assets::all().map(|(path, _)| path.to_owned()));
    directory.announce(&all)?;

    let next = AtomicUsize::new(0);
    // No server answers on a mirror: its pages poll.
    let site = Site { stream: None, ..node.site().clone() };
    let job = Job {
        node,
        site: &site,
        board: &board,
        stamp: &stamp,
        directory: &directory,
        addresses: &addresses,
        next: &next,
    };
    let mut report = job.assets()?;
    let writers = thread::available_parallelism().map_or(1, NonZero::get).min(WRITERS_MAX);
    let results: Vec<Result<Report, SnapshotError>> = thread::scope(|scope| {
        let job = &job;
        let running: Vec<_> = (0..writers).map(|writer| scope.spawn(move || job.pages(writer))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    for result in results {
        report.add(result?);
    }
    report.removed = directory.finish(&all)?;
    report.took = begun.elapsed();
    Ok(report)
}

/// What the writing threads share.
struct Job<'a> {
    node: &'a Node,
    site: &'a Site,
    board: &'a Board,
    stamp: &'a Stamp,
    directory: &'a Directory,
    addresses: &'a [Address],
    /// The first address that nobody has taken yet.
    next: &'a AtomicUsize,
}

impl Job<'_> {
    /// The files that pages name come before the pages.
    fn assets(&self) -> Result<Report, SnapshotError> {
        let mut report = Report::default();
        for (path, asset) in assets::all() {
            self.put(path, &asset.identity, 0, &mut report)?;
        }
        Ok(report)
    }

    /// Takes addresses until none is left or one fails.
    fn pages(&self, writer: usize) -> Result<Report, SnapshotError> {
        let mut report = Report::default();
        while let Some(address) = self.addresses.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let page = self.node.page(*address, self.board)?;
            for (locale, files) in files::files(*address, &self.board.catalog) {
                let rendered = render::render(self.site, self.board, &page, locale, self.stamp);
                for file in &files {
                    self.put(file, &rendered.body, writer, &mut report)?;
                }
            }
        }
        Ok(report)
    }

    fn put(&self, file: &str, body: &[u8], writer: usize, report: &mut Report) -> Result<(), SnapshotError> {
        let written = self.directory.put(file, body, writer)?;
        report.files += 1;
        report.bytes += body.len() as u64;
        *(if written { &mut report.written } else { &mut report.unchanged }) += 1;
        Ok(())
    }
}
