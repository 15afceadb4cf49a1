//! A running node's site, to a directory or a bucket: one update at a time, on the thread of its target.

use super::{Done, Obstacle, Wanted, Work};
use crate::{
    publish::Node,
    snapshot::{
        STAGING, SnapshotError, post, sealed_log,
        source::{Scope, Source, Writer},
        target::{Bucket, Directory, Target},
        update::{Report, Update, UpdateError},
        write::left_by_earlier_version,
    },
};
use app::site::Site;
use domain::stamp::Stamp;
use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// Where a site goes.
#[derive(Debug)]
pub enum Place {
    Directory(PathBuf),
    /// With a directory of this machine for files that wait.
    Bucket(Bucket, PathBuf),
}

/// What brings a node's site to a place.
pub struct SiteWork {
    node: Arc<Node>,
    place: Place,
    base_path: String,
    with_events: bool,
    /// What of the log stands there.
    written: Option<sealed_log::Written>,
    runtime: tokio::runtime::Runtime,
}

impl SiteWork {
    /// `base_path`: below which it is served there; empty at the root. `with_events`: the sealed log goes along.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn new(node: Arc<Node>, place: Place, base_path: String, with_events: bool) -> io::Result<SiteWork> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(SiteWork { node, place, base_path, with_events, written: None, runtime })
    }

    fn bring(&mut self, wanted: &Wanted) -> Result<Done, SnapshotError> {
        // Held for the time of an update alone, so that `holdfast snapshot write` may have its turn.
        let directory;
        let (target, staging, left): (&dyn Target, PathBuf, _) = match &self.place {
            Place::Directory(root) => {
                let left = left_by_earlier_version(root)?;
                directory = Directory::writer(root)?;
                (&directory, root.join(STAGING), left)
            }
            Place::Bucket(bucket, staging) => (bucket, staging.clone(), Vec::new()),
        };
        let node = &self.node;
        let found = self.runtime.block_on(post::take_in(node, target))?;
        let (board, mut stamp, now) = (node.board(), node.stamp(), node.clock().now());
        // What stands had all news as of then, and nothing of it is missing here: after a start that has heard nobody yet,
        // or a refill, a copy is not made to look older than it was.
        if let Some(confirmed_at) = found.confirmed_at.filter(|at| (stamp.confirmed_at..=now).contains(at)) {
            stamp = Arc::new(Stamp { confirmed_at, ..Stamp::clone(&stamp) }.told_at(now));
        }
        let sealed = Mutex::new(None);
        let source = Source {
            site: Site { base_path: self.base_path.clone(), ..Source::site_of(node) },
            board: &board,
            stamp: &stamp,
            timelines: &|| node.timelines(&board),
            page: &|address| node.page(address, &board),
            extra: &|scope| {
                if !self.with_events {
                    return Ok(Vec::new());
                }
                let (files, written) = sealed_log::files(node, scope, self.written.as_ref())?;
                *sealed.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
                Ok(files)
            },
        };
        let touched = wanted.touched.clone().filter(|_| !found.has_news);
        let update = Update {
            target,
            staging: &staging,
            source: &source,
            writer: Writer { takes_over: wanted.takes_over || found.is_formerly_own, ..Writer::of(node) },
            scope: touched.map_or(Scope::Everything, Scope::Changes),
            now,
            threads: 1,
            left,
        };
        let Report { files, bytes, sequence, .. } = self.runtime.block_on(update.run())?;
        self.written = sealed.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Done { board_version: board.version.total(), sequence, files: files as u64, bytes })
    }
}

impl Work for SiteWork {
    fn update(&mut self, wanted: &Wanted) -> Result<Done, Obstacle> {
        self.bring(wanted).map_err(|error| match error {
            SnapshotError::Update(UpdateError::WrittenByAnother { writer, .. }) => Obstacle::WrittenBy(writer),
            other => Obstacle::Failed(other.to_string()),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Directory(root) => root.display().fmt(formatter),
            Place::Bucket(bucket, _) => formatter.write_str(&bucket.name()),
        }
    }
}
