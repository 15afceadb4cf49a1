//! The directory that a snapshot is written to. A reader sees each file either as it was or as it is now, never half:
//! a changed file is written beside and renamed. Files that did not change are not touched.
//!
//! `.holdfast-files` lists what snapshots wrote here, one path a line. Only what it names is ever removed, and a
//! directory with files but without the list is not ours.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// The list of files that snapshots wrote.
pub const LIST: &str = ".holdfast-files";
/// Held while a snapshot is written, so that two writers do not mix.
const LOCK: &str = ".holdfast-lock";
/// Begin of the names under which files are written before they are renamed.
const UNFINISHED: &str = ".holdfast-new-";
/// Largest list that is read, in bytes: a million files.
const LIST_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Why a snapshot was not written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(
        "`{path}` holds `{1}`, which no snapshot wrote; give an empty directory, or one that holds a snapshot", path = .0.display()
    )]
    Foreign(PathBuf, String),
    #[error("another snapshot is being written to `{}`; try again when it is done", .0.display())]
    Busy(PathBuf),
    #[error("the list `{path}` names `{1}`, which is no file of a snapshot; mend that line", path = .0.display())]
    List(PathBuf, String),
    #[error("{path}: {1}", path = .0.display())]
    Io(PathBuf, io::Error),
    #[error(transparent)]
    Read(#[from] crate::store::ReadError),
}

/// A directory that one writer holds.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    before: BTreeSet<String>,
    _lock: fs::File,
}

impl Directory {
    /// Takes a directory, making it if need be.
    ///
    /// # Errors
    /// When it holds what no snapshot wrote, or another writer has it.
    pub fn open(root: &Path) -> Result<Directory, SnapshotError> {
        fs::create_dir_all(root).map_err(io_at(root))?;
        let list = root.join(LIST);
        let before = match fs::metadata(&list) {
            Ok(metadata) if metadata.len() > LIST_BYTES_MAX => {
                let error = io::Error::other(format!("is larger than {LIST_BYTES_MAX} bytes"));
                return Err(SnapshotError::Io(list, error));
            }
            Ok(_) => listed(&list, &fs::read_to_string(&list).map_err(io_at(&list))?)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                for entry in fs::read_dir(root).map_err(io_at(root))? {
                    let name = entry.map_err(io_at(root))?.file_name().to_string_lossy().into_owned();
                    if name != LOCK && !name.starts_with(UNFINISHED) {
                        return Err(SnapshotError::Foreign(root.to_owned(), name));
                    }
                }
                BTreeSet::new()
            }
            Err(error) => return Err(SnapshotError::Io(list, error)),
        };
        let lock_path = root.join(LOCK);
        let lock = fs::File::create(&lock_path).map_err(io_at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Directory { root: root.to_owned(), before, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(SnapshotError::Busy(root.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(SnapshotError::Io(lock_path, error)),
        }
    }

    /// Announces what will be written, so that a writer that dies half way leaves nothing that is not listed.
    pub fn announce(&self, files: &BTreeSet<String>) -> Result<(), SnapshotError> {
        self.write_list(&self.before.union(files).cloned().collect())
    }

    /// Brings one file to `body`; tells whether it had to be written. `writer` tells apart those who write at once.
    ///
    /// # Errors
    /// With the file that could not be written.
    pub fn put(&self, file: &str, body: &[u8], writer: usize) -> Result<bool, SnapshotError> {
        let path = self.root.join(file);
        let same_length = fs::metadata(&path).is_ok_and(|metadata| metadata.len() == body.len() as u64);
        if same_length && fs::read(&path).is_ok_and(|held| held == body) {
            return Ok(false);
        }
        self.replace(&path, body, writer)?;
        Ok(true)
    }

    fn replace(&self, path: &Path, body: &[u8], writer: usize) -> Result<(), SnapshotError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_at(parent))?;
        }
        let unfinished = self.root.join(format!("{UNFINISHED}{writer}"));
        fs::write(&unfinished, body).map_err(io_at(&unfinished))?;
        fs::rename(&unfinished, path).map_err(io_at(path))
    }

    /// Removes what an earlier snapshot wrote and this one did not, and settles the list; tells how many.
    ///
    /// # Errors
    /// With the file that could not be removed.
    pub fn finish(self, files: &BTreeSet<String>) -> Result<usize, SnapshotError> {
        let mut removed = 0;
        for stale in self.before.difference(files) {
            let path = self.root.join(stale);
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(SnapshotError::Io(path, error)),
            }
            self.remove_empty_parents(&path);
        }
        self.write_list(files)?;
        Ok(removed)
    }

    /// Directories that the removal left empty. One that holds something else stays, and that is no error.
    fn remove_empty_parents(&self, path: &Path) {
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != self.root) {
            if fs::remove_dir(parent).is_err() {
                return;
            }
        }
    }

    fn write_list(&self, files: &BTreeSet<String>) -> Result<(), SnapshotError> {
        let mut text: String = files.iter().map(|file| format!("{file}\n")).collect();
        if text.is_empty() {
            text.push('\n');
        }
        self.put(LIST, text.as_bytes(), 0).map(|_| ())
    }
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> SnapshotError {
    let path = path.to_owned();
    move |error| SnapshotError::Io(path.clone(), error)
}

/// The paths of a list; one that leads out of the directory, or to our own files, is refused.
fn listed(list: &Path, text: &str) -> Result<BTreeSet<String>, SnapshotError> {
    let mut files = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':']);
        if !line.split('/').all(is_part) || line.starts_with(".holdfast") {
            const SHOWN_LENGTH_MAX: usize = 80;
            return Err(SnapshotError::List(list.to_owned(), line.chars().take(SHOWN_LENGTH_MAX).collect()));
        }
        files.insert(line.to_owned());
    }
    Ok(files)
}
