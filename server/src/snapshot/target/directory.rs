//! A directory as a target. A reader sees each file either as it was or as it is now, never half: a changed file is
//! written beside and renamed, since web servers cache open files and their lengths.

use super::{Answer, Attributes, Content, Target, TargetError};
use crate::snapshot::{LOCK, UNFINISHED, manifest::Hash};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A directory that one writer holds, or that anyone reads.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    /// Numbers the unfinished files, so that two operations at once do not share one.
    unfinished: AtomicU64,
    lock: Option<fs::File>,
}

impl Directory {
    /// To read from.
    pub fn reader(root: &Path) -> Directory {
        Directory { root: root.to_owned(), unfinished: AtomicU64::new(0), lock: None }
    }

    /// To write to, making it if need be.
    ///
    /// # Errors
    /// When it cannot be made, or another writer has it.
    pub fn writer(root: &Path) -> Result<Directory, TargetError> {
        let mut directory = Directory::reader(root);
        let failed = |error: io::Error| TargetError::new("taking", LOCK, &Directory::reader(root), error);
        fs::create_dir_all(root).map_err(failed)?;
        let lock = fs::File::create(root.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => directory.lock = Some(lock),
            Err(fs::TryLockError::WouldBlock) => {
                return Err(failed(io::Error::other("another snapshot is being written; try again when it is done")));
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(directory)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn read(&self, path: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let failed = |error: io::Error| TargetError::new("reading", path, self, error);
        let file = match fs::File::open(self.root.join(path)) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > bytes_max {
            return Err(TargetError::too_long(path, self, bytes_max));
        }
        Ok(Some(bytes))
    }

    fn write(&self, path: &str, content: Content<'_>) -> io::Result<()> {
        let place = self.root.join(path);
        match content {
            Content::Staged(staged) => rename(staged, &place),
            Content::Bytes(bytes) => {
                let number = self.unfinished.fetch_add(1, Ordering::Relaxed);
                let unfinished = self.root.join(format!("{UNFINISHED}{number}"));
                fs::write(&unfinished, bytes)?;
                rename(&unfinished, &place)
            }
        }
    }

    /// A directory that the removal leaves empty goes too. One that holds something else stays, and that is no error.
    fn remove(&self, path: &str) -> io::Result<()> {
        let place = self.root.join(path);
        match fs::remove_file(&place) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        for parent in place.ancestors().skip(1).take_while(|parent| *parent != self.root) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl Drop for Directory {
    /// By hand: a process that this one has just forked holds the lock too until it has become another program.
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            // Closing it gives it back as well.
            let _given_back = lock.unlock();
        }
    }
}

impl Target for Directory {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.read(path, bytes_max) })
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, _: Attributes) -> Answer<'a, ()> {
        Box::pin(
            async move { self.write(path, content).map_err(|error| TargetError::new("writing", path, self, error)) },
        )
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        Box::pin(async move { self.remove(path).map_err(|error| TargetError::new("removing", path, self, error)) })
    }

    fn names<'a>(&'a self, folder: &'a str, count_max: usize) -> Answer<'a, Option<Vec<String>>> {
        let names = move || match fs::read_dir(self.root.join(folder)) {
            Err(error) if is_absent(&error) => Ok(Vec::new()),
            entries => entries?
                .take(count_max)
                .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<Vec<String>>>(),
        };
        Box::pin(async move { names().map(Some).map_err(|error| TargetError::new("listing", folder, self, error)) })
    }

    fn settle(&self) -> Answer<'_, ()> {
        let failed = |error: io::Error| TargetError::new("keeping", ".", self, error);
        // One call for all files, however many: the whole file system, which is that of the log or a disk for copies.
        let settled = fs::File::open(&self.root).and_then(|root| Ok(rustix::fs::syncfs(root)?)).map_err(failed);
        Box::pin(async { settled })
    }

    fn holds(&self, path: &str, hash: Hash) -> bool {
        fs::read(self.root.join(path)).is_ok_and(|found| Hash::of(&found) == hash)
    }

    fn is_held(&self) -> bool {
        self.lock.is_some()
    }
}

/// Neither the file nor one of its directories.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Directories are made only where they are missing: most files replace one.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(from, to)
        }
        done => done,
    }
}
