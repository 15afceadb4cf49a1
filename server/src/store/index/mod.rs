//! The index: what the fold makes of every incident, in a file of its own, so that memory need not hold it.
//!
//! | module | what is there |
//! |---|---|
//! | [`rows`] | its tables, and their keys |
//! | [`reading`] | summaries and lists, and what a board is told of the past |
//! | [`writing`] | what an incident has become |
//!
//! It is a cache. It stands apart from the data file, so that it can neither fill it nor stop it, and everything in it
//! can be made anew from the log; it may be deleted at any time. Its checksums are verified when it is opened, and it is
//! used only when it was once true of this very log. Where the disk does not take it, it lives in memory.
//!
//! Its commits are not durable one by one, because a post does not wait for what can be made anew; one durable commit
//! follows when it is quiet ([`Index::settle`]). A crash before that costs the folding of what came after it.

pub mod reading;
pub mod rows;
pub mod writing;

use super::fault::{Fault, ReadError};
use arc_swap::ArcSwapOption;
use domain::id::Subject;
use reading::Reading;
use redb::{
    Builder, Database, Durability, ReadableDatabase, WriteTransaction,
    backends::{FileBackend, InMemoryBackend},
};
use std::{
    collections::BTreeSet,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use writing::Writing;

/// The index's file in the data directory.
pub const INDEX_FILE: &str = "index.redb";
/// Memory that redb may keep pages of it in: it is asked when a page is not in the cache of pages.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// Why the index was not used. It is made anew from the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index of the log, `{INDEX_FILE}`, cannot be used: {}", self.what())]
pub struct IndexFault(pub Fault);

impl IndexFault {
    /// What is wrong, without the advice that a fault of the log itself comes with: no backup is needed for an index.
    fn what(&self) -> String {
        match &self.0 {
            Fault::Damaged(what) => what.clone(),
            other => other.to_string(),
        }
    }
}

pub(super) struct Index {
    cluster: [u8; 16],
    /// Where its file is; `None` when it lives in memory.
    directory: Option<PathBuf>,
    /// `None` while it is not open, and from its first failure on.
    database: ArcSwapOption<Database>,
    in_memory: AtomicBool,
    /// Nothing was written since [`Index::settle`].
    settled: AtomicBool,
}

impl Index {
    pub fn new(cluster: [u8; 16], directory: Option<PathBuf>) -> Self {
        Index {
            cluster,
            directory,
            database: ArcSwapOption::empty(),
            in_memory: AtomicBool::new(false),
            settled: AtomicBool::new(true),
        }
    }

    pub fn is_open(&self) -> bool {
        self.database.load().is_some()
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(INDEX_FILE))
    }

    /// Opens the file, unless it is open; `false` when there is none.
    pub fn open(&self) -> Result<bool, IndexFault> {
        let Some(path) = self.path().filter(|path| !self.is_open() && path.exists()) else { return Ok(self.is_open()) };
        let opened = guarded(|| {
            let mut database = builder().open(&path)?;
            if !database.check_integrity()? {
                return Err(Fault::Damaged("it had to be repaired".to_owned()));
            }
            let (format, cluster) = Reading::new(&database.begin_read()?)?.made_for()?;
            if (format, cluster) != (Some(rows::FORMAT), Some(self.cluster)) {
                return Err(Fault::Damaged("it has another layout, or is of another cluster".to_owned()));
            }
            Ok(database)
        })?;
        self.hold(opened, false);
        Ok(true)
    }

    /// An empty one in place of what is there; built under another name, so that it is whole whenever it is there.
    pub fn make(&self) -> Result<bool, IndexFault> {
        self.database.store(None);
        let Some((directory, path)) = self.directory.as_ref().zip(self.path()) else { return Ok(false) };
        let made = guarded(|| {
            let (file, new_path) = tempfile::NamedTempFile::new_in(directory)?.into_parts();
            let database = builder().create_with_backend(FileBackend::new(file)?)?;
            self.prepare(&database)?;
            new_path.persist(&path).map_err(|error| error.error)?;
            Ok(database)
        })?;
        self.hold(made, false);
        Ok(true)
    }

    /// An empty one that lives in memory, where the disk takes none.
    pub fn make_in_memory(&self) -> Result<bool, IndexFault> {
        let made = guarded(|| {
            let database = builder().create_with_backend(InMemoryBackend::new())?;
            self.prepare(&database)?;
            Ok(database)
        })?;
        self.hold(made, true);
        Ok(true)
    }

    fn hold(&self, database: Database, in_memory: bool) {
        self.in_memory.store(in_memory, Ordering::Release);
        self.settled.store(true, Ordering::Release);
        self.database.store(Some(Arc::new(database)));
    }

    fn prepare(&self, database: &Database) -> Result<(), Fault> {
        let transaction = database.begin_write()?;
        Writing::new(&transaction)?.begin(self.cluster)?;
        Ok(transaction.commit()?)
    }

    fn opened(&self) -> Result<Arc<Database>, IndexFault> {
        self.database.load_full().ok_or_else(|| IndexFault(Fault::Closed("it is not open".to_owned())))
    }

    /// Reads from one moment of it. After a failure it is closed, to be made anew.
    pub fn read<T>(&self, work: impl FnOnce(&Reading) -> Result<T, Fault>) -> Result<T, IndexFault> {
        let database = self.opened()?;
        let read = guarded(|| work(&Reading::new(&database.begin_read()?)?));
        if read.is_err() {
            self.database.store(None);
        }
        read
    }

    /// Changes it in one transaction, which others see when this returns. After a failure of it, it is closed.
    pub fn write<T>(&self, work: impl FnOnce(&mut Writing) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let database = self.opened()?;
        self.settled.store(false, Ordering::Release);
        let begun = guarded(|| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(Durability::None)?;
            Ok(transaction)
        });
        let written = begun.map_err(ReadError::from).and_then(|transaction| {
            let value = work(&mut Writing::new(&transaction).map_err(IndexFault)?)?;
            guarded(|| Ok(transaction.commit()?))?;
            Ok(value)
        });
        if matches!(written, Err(ReadError::Index(_))) {
            self.database.store(None);
        }
        written
    }

    /// Makes durable what was written, and quick to open after a crash. A call without anything new costs nothing.
    pub fn settle(&self) -> Result<(), IndexFault> {
        if self.settled.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.durably(|_| Ok(()))
    }

    /// Notes durably that what it says of these subjects may be wrong from now on, until they are folded anew.
    pub fn doubt(&self, subjects: &BTreeSet<Subject>) -> io::Result<()> {
        let doubt = |transaction: &WriteTransaction| {
            let mut writing = Writing::new(transaction)?;
            subjects.iter().try_for_each(|subject| writing.doubt(*subject))
        };
        let is_noted = self.durably(doubt).is_ok() && !self.in_memory.load(Ordering::Acquire);
        // A file that does not have it noted must not be there at the next start.
        self.path().filter(|_| !is_noted).map_or(Ok(()), |path| removed(&path))
    }

    /// Takes it away with all that it says, when that must no longer be on the disk. It is made anew with the next board.
    pub fn discard(&self) -> io::Result<()> {
        self.database.store(None);
        self.path().map_or(Ok(()), |path| removed(&path))
    }

    fn durably(&self, work: impl FnOnce(&WriteTransaction) -> Result<(), Fault>) -> Result<(), IndexFault> {
        let database = self.opened()?;
        let done = guarded(|| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(Durability::Immediate)?;
            transaction.set_quick_repair(true);
            work(&transaction)?;
            Ok(transaction.commit()?)
        });
        if done.is_err() {
            self.database.store(None);
        }
        done
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// redb may panic on a damaged file instead of refusing it.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, IndexFault> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(Fault::Damaged("its structure makes no sense".to_owned()))).map_err(IndexFault)
}
