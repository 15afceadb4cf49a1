//! A running node's site, to a directory or a bucket: one update at a time, on the thread of its target.

use super::{Done, Obstacle, Wanted, Work};
use crate::{
    publish::Node,
    snapshot::{
        STAGING, SnapshotError,
        bring::{Bring, Brought},
        target::{Bucket, Directory, Target},
        update::{Report, UpdateError},
        write::{forget_earlier_version, left_by_earlier_version},
    },
};
use std::{fmt, io, path::PathBuf, sync::Arc};

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
    /// What it brought there last.
    last: Option<Brought>,
    runtime: tokio::runtime::Runtime,
}

impl SiteWork {
    /// `base_path`: below which it is served there; empty at the root. `with_events`: the sealed log goes along.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn new(node: Arc<Node>, place: Place, base_path: String, with_events: bool) -> io::Result<SiteWork> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(SiteWork { node, place, base_path, with_events, last: None, runtime })
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
        let bring = Bring {
            node: &self.node,
            target,
            staging: &staging,
            base_path: self.base_path.clone(),
            with_events: self.with_events,
            touched: wanted.touched.clone(),
            takes_over: wanted.takes_over,
            last: self.last.as_ref(),
            threads: 1,
            left,
        };
        let (report, brought) = self.runtime.block_on(bring.run())?;
        self.last = Some(brought);
        if let Place::Directory(root) = &self.place {
            forget_earlier_version(root)?;
        }
        let Report { files, bytes, sequence, board, took, .. } = report;
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Ok(Done { board_version: board, sequence, files: files as u64, bytes, took_ms })
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
