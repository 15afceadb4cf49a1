//! A whole snapshot into a directory of this machine.

use super::{
    LIST, STAGING,
    manifest::{CURRENT, Hash, NEXT, OURS, is_path},
    post, sealed_log,
    source::{Scope, Source, Writer},
    target::{Directory, TargetError},
    update::{Report, Update, UpdateError},
};
use crate::publish::Node;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Threads that render at once, at most, when somebody waits for the snapshot.
pub const THREADS_MAX: usize = 8;
/// Largest list of an earlier version that is read, in bytes: a million files.
const LIST_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why a snapshot was not written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(
        "`{path}` holds `{1}`, which no snapshot wrote; give an empty directory, or one that holds a snapshot", path = .0.display()
    )]
    Foreign(PathBuf, String),
    #[error("the list `{path}` names `{1}`, which is no file of a snapshot; mend that line", path = .0.display())]
    List(PathBuf, String),
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, io::Error),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    TakeIn(#[from] post::TakeInError),
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error("the snapshot was broken off: {0}")]
    BrokenOff(String),
}

/// Writes the whole site as it is now. Old incidents are read one by one as their pages come up.
///
/// # Errors
/// When the directory is not ours, or a file or the store fails; what stands then verifies, and the next run goes on.
pub async fn write(node: Arc<Node>, root: PathBuf, with_events: bool) -> Result<Report, SnapshotError> {
    let runtime = tokio::runtime::Handle::current();
    let written = tokio::task::spawn_blocking(move || runtime.block_on(write_here(&node, &root, with_events))).await;
    written.unwrap_or_else(|error| Err(SnapshotError::BrokenOff(error.to_string())))
}

async fn write_here(node: &Node, root: &Path, with_events: bool) -> Result<Report, SnapshotError> {
    let left = left_by_earlier_version(root)?;
    let directory = Directory::writer(root)?;
    let (board, stamp) = (node.board(), node.stamp());
    let update = Update {
        target: &directory,
        staging: &root.join(STAGING),
        source: &Source {
            site: Source::site_of(node),
            board: &board,
            stamp: &stamp,
            timelines: &|| node.timelines(&board),
            page: &|address| node.page(address, &board),
            extra: &|scope| match with_events {
                true => sealed_log::files(node, scope, None).map(|(files, _)| files),
                false => Ok(Vec::new()),
            },
        },
        writer: Writer::of(node),
        scope: Scope::Everything,
        now: node.clock().now(),
        threads: THREADS_MAX,
        left,
    };
    let report = update.run().await?;
    let failed = |path: &Path, error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(SnapshotError::Io(path.to_owned(), error)),
    };
    let (list, staging) = (root.join(LIST), root.join(STAGING));
    fs::remove_file(&list).or_else(|error| failed(&list, error))?;
    fs::remove_dir_all(&staging).or_else(|error| failed(&staging, error))?;
    Ok(report)
}

/// What a version before the manifest wrote here, as it stands.
///
/// # Errors
/// When the directory holds files, and neither a manifest nor the list of that version: then it is not ours.
pub fn left_by_earlier_version(root: &Path) -> Result<Vec<(String, Hash)>, SnapshotError> {
    let list = root.join(LIST);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| SnapshotError::Io(path, error)
    };
    match fs::metadata(&list) {
        Ok(found) if found.len() > LIST_BYTES_MAX => {
            let error = io::Error::other(format!("is larger than {LIST_BYTES_MAX} bytes"));
            return Err(SnapshotError::Io(list, error));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_ours = [CURRENT, NEXT].iter().any(|manifest| root.join(manifest).exists());
            return if is_ours { Ok(Vec::new()) } else { is_empty(root).map(|()| Vec::new()) };
        }
        Err(error) => return Err(SnapshotError::Io(list, error)),
    }
    let mut left = Vec::new();
    for path in fs::read_to_string(&list).map_err(at(&list))?.lines().filter(|line| !line.is_empty()) {
        if !is_path(path) {
            const SHOWN_LENGTH_MAX: usize = 80;
            return Err(SnapshotError::List(list, path.chars().take(SHOWN_LENGTH_MAX).collect()));
        }
        let place = root.join(path);
        match fs::read(&place) {
            Ok(bytes) => left.push((path.to_owned(), Hash::of(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SnapshotError::Io(place, error)),
        }
    }
    Ok(left)
}

/// Nothing but what a snapshot makes before its first manifest.
fn is_empty(root: &Path) -> Result<(), SnapshotError> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| SnapshotError::Io(root.to_owned(), error))?,
    };
    for entry in entries {
        let name = entry.map_err(|error| SnapshotError::Io(root.to_owned(), error))?.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(OURS) && name != "manifests" {
            return Err(SnapshotError::Foreign(root.to_owned(), name.into_owned()));
        }
    }
    Ok(())
}
