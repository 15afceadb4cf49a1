//! The open data file, and how it comes back after a failure.
//!
//! After a failed write redb refuses everything, even reads, until the file is closed and opened again. So every
//! operation runs inside [`File::read`] or [`File::write`], which do that: readers share the file, and only a reopening
//! waits for them. It never retries a write whose fate is unknown.

use super::fault::Fault;
use redb::{Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, WriteTransaction};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// How often one operation reopens the file before it gives up.
const REOPENS_MAX: usize = 2;

/// Opens the file anew.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

pub(super) struct File {
    open: Opener,
    state: RwLock<State>,
    /// Nothing was written since [`File::settle`].
    settled: AtomicBool,
}

struct State {
    /// Or why it is closed.
    database: Result<Database, Fault>,
    /// Counts reopenings, so that of many operations that meet one failure only the first reopens.
    opened: u64,
}

/// A write that failed, and whether it had come as far as the commit.
#[derive(Debug)]
pub(super) struct WriteFault {
    pub fault: Fault,
    pub at_commit: bool,
}

impl From<WriteFault> for Fault {
    fn from(failed: WriteFault) -> Self {
        failed.fault
    }
}

impl File {
    pub fn new(open: Opener) -> Result<Self, DatabaseError> {
        let database = guarded(&open)?;
        Ok(File {
            open,
            state: RwLock::new(State { database: Ok(database), opened: 0 }),
            settled: AtomicBool::new(false),
        })
    }

    /// Reads from one moment of the file.
    pub fn read<T>(&self, work: impl Fn(&ReadTransaction) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut reopens = 0;
        loop {
            let (opened, fault) = match self.read_once(&work) {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            if reopens == REOPENS_MAX || matches!(fault, Fault::Damaged(_)) {
                return Err(fault);
            }
            reopens += 1;
            self.reopen(opened)?;
        }
    }

    fn read_once<T>(&self, work: impl Fn(&ReadTransaction) -> Result<T, Fault>) -> Result<T, (u64, Fault)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let attempt = || work(&state.database.as_ref().map_err(Fault::clone)?.begin_read()?);
        attempt().map_err(|fault| (state.opened, fault))
    }

    /// Changes the file in one transaction, which is durable when this returns.
    pub fn write<T>(&self, work: impl Fn(&WriteTransaction) -> Result<T, Fault>) -> Result<T, WriteFault> {
        self.settled.store(false, Ordering::Release);
        self.write_with(false, work)
    }

    /// Saves what an opening after a crash needs (redb's quick repair), when something was written since the last time.
    ///
    /// Measured with 100,000 events (140 MB) on two busy cores: with quick repair in every commit a post takes 8 to 11 ms
    /// instead of 3.4 to 4.0, and an opening after `kill -9` 3 to 9 ms instead of 330 to 400. A post is waited for and
    /// the quiet after it is not, so posts are committed without, and one such commit follows when it is quiet.
    pub fn settle(&self) -> Result<(), WriteFault> {
        if self.settled.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let settled = self.write_with(true, |_| Ok(()));
        if settled.is_err() {
            self.settled.store(false, Ordering::Release);
        }
        settled
    }

    fn write_with<T>(
        &self,
        quick_repair: bool,
        work: impl Fn(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, WriteFault> {
        let mut reopens = 0;
        loop {
            let (opened, begun, failed) = match self.write_once(quick_repair, &work) {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            // Opened again at once, so that reads go on. That this may fail too is the next operation's news.
            let reopened = self.reopen(opened);
            // Nothing was attempted when an earlier failure had left the file closed.
            if begun || reopens == REOPENS_MAX || reopened.is_err() {
                return Err(failed);
            }
            reopens += 1;
        }
    }

    fn write_once<T>(
        &self,
        quick_repair: bool,
        work: impl Fn(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, (u64, bool, WriteFault)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failed = |begun, at_commit, fault: Fault| (state.opened, begun, WriteFault { fault, at_commit });
        let begin = || Ok(state.database.as_ref().map_err(Fault::clone)?.begin_write()?);
        let mut transaction = begin().map_err(|fault| failed(false, false, fault))?;
        prepare(&mut transaction, quick_repair).map_err(|fault| failed(true, false, fault))?;
        let value = work(&transaction).map_err(|fault| failed(true, false, fault))?;
        transaction.commit().map_err(|error| failed(true, true, error.into()))?;
        Ok(value)
    }

    /// Closes the file and opens it again, unless another operation has done so since `seen`.
    fn reopen(&self, seen: u64) -> Result<(), Fault> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.opened != seen {
            return state.database.as_ref().map(|_| ()).map_err(Fault::clone);
        }
        state.opened += 1;
        // The old one lets go of its lock first.
        state.database = Err(Fault::Closed("it is being opened".to_owned()));
        state.database = guarded(&self.open).map_err(|error| Fault::Closed(Fault::from(error).to_string()));
        state.database.as_ref().map(|_| ()).map_err(Fault::clone)
    }
}

fn prepare(transaction: &mut WriteTransaction, quick_repair: bool) -> Result<(), Fault> {
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_quick_repair(quick_repair);
    Ok(())
}

/// redb may panic on a damaged file instead of refusing it.
fn guarded(open: &Opener) -> Result<Database, DatabaseError> {
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        let what = format!("its structure makes no sense ({})", said.unwrap_or_default());
        Err(DatabaseError::Storage(redb::StorageError::Corrupted(what)))
    })
}
