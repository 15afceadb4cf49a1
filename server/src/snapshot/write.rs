//! A whole snapshot into a directory of this machine.

use super::{
    LIST, STAGING,
    bring::Bring,
    manifest::{CURRENT, Hash, NEXT, OURS, is_path},
    take_in,
    target::{Directory, TargetError},
    update::{Report, UpdateError},
};
use crate::{publish::Node, store::ReadError};
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
    TakeIn(#[from] take_in::TakeInError),
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(transparent)]
    Read(#[from] ReadError),
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
    let staging = root.join(STAGING);
    let bring = Bring {
        node,
        target: &directory,
        staging: &staging,
        base_path: node.site().base_path.clone(),
        with_events,
        touched: None,
        takes_over: false,
        last: None,
        threads: THREADS_MAX,
        left,
    };
    let (report, _) = bring.run().await?;
    forget_earlier_version(root)?;
    gone(&staging, fs::remove_dir_all(&staging))?;
    Ok(report)
}

/// The list of a version before the manifest, once there is a manifest.
pub fn forget_earlier_version(root: &Path) -> Result<(), SnapshotError> {
    let list = root.join(LIST);
    gone(&list, fs::remove_file(&list))
}

/// A removal of what need not be there.
fn gone(path: &Path, removed: io::Result<()>) -> Result<(), SnapshotError> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(SnapshotError::Io(path.to_owned(), error)),
        _ => Ok(()),
    }
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
