//! The open data file, and how it comes back after a failure.
//!
//! After a failed write redb refuses everything, even reads, until the file is closed and opened again. So every
//! operation runs inside [`File::read`] or [`File::write`], which do that: readers share the file, and only a reopening
//! waits for them. It never retries a write whose fate is unknown.

use super::fault::Fault;
use redb::{Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, WriteTransaction};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{PoisonError, RwLock},
};

/// How often one operation reopens the file before it gives up.
const REOPENS_MAX: usize = 2;

/// Opens the file anew.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

pub(super) struct File {
    open: Opener,
    state: RwLock<State>,
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
        Ok(File { open, state: RwLock::new(State { database: Ok(database), opened: 0 }) })
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
        let mut reopens = 0;
        loop {
            let (opened, begun, failed) = match self.write_once(&work) {
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
        work: impl Fn(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, (u64, bool, WriteFault)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failed = |begun, at_commit, fault: Fault| (state.opened, begun, WriteFault { fault, at_commit });
        let begin = || Ok(state.database.as_ref().map_err(Fault::clone)?.begin_write()?);
        let mut transaction = begin().map_err(|fault| failed(false, false, fault))?;
        let prepare = |transaction: &mut WriteTransaction| -> Result<(), Fault> {
            Ok(transaction.set_durability(Durability::Immediate)?)
        };
        prepare(&mut transaction).map_err(|fault| failed(true, false, fault))?;
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

/// redb may panic on a damaged file instead of refusing it.
fn guarded(open: &Opener) -> Result<Database, DatabaseError> {
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        let what = format!("its structure makes no sense ({})", said.unwrap_or_default());
        Err(DatabaseError::Storage(redb::StorageError::Corrupted(what)))
    })
}
