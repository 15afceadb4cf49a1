//! What can be wrong with the data file, in words for operators, and the errors of each operation on the log.

use super::{
    body::BodyError,
    envelope::{ClusterId, EnvelopeError},
    identity::Identity,
    index::IndexFault,
};
use domain::id::EventId;
use std::{io, path::PathBuf};

/// Why the data file did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the disk is full: free space where the data directory is; no restart is needed")]
    DiskFull,
    #[error("the disk failed: {0}")]
    Io(String),
    #[error("the data file is damaged: {0}; restore it from a backup or import the events from another node")]
    Damaged(String),
    #[error("the data file was closed after a failure and cannot be opened again: {0}")]
    Closed(String),
}

impl From<redb::Error> for Fault {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Fault::from(error),
            redb::Error::Corrupted(what) => Fault::Damaged(what),
            redb::Error::TableDoesNotExist(table) => Fault::Damaged(format!("the table `{table}` is missing")),
            error => Fault::Io(error.to_string()),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::DiskFull,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Fault::Damaged(error.to_string()),
            _ => Fault::Io(error.to_string()),
        }
    }
}

macro_rules! through_redb_error {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )*};
}

through_redb_error!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError,
    redb::SetDurabilityError
);

/// Why the log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory `{directory}` is in use by another process; stop that one, or talk to it instead", directory = directory.display())]
    InUse { directory: PathBuf },
    #[error("the data file `{path}` is damaged: {what}; move it away and restore it from a backup, or start without it and import the events from another node", path = path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("the data file `{path}` has layout {found}; this version of holdfast reads layout {known}: use the version that wrote it, or a newer one", path = path.display())]
    Format { path: PathBuf, found: u64, known: u64 },
    #[error("the data file `{path}` holds the events of cluster {found}, and the file `cluster.key` beside it belongs to cluster {ours}: restore the key that belongs to the data", path = path.display())]
    OtherCluster { path: PathBuf, found: ClusterId, ours: ClusterId },
    #[error("cannot open the data file `{path}`: {fault}", path = path.display())]
    Fault { path: PathBuf, fault: Fault },
}

/// Why events were not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Nothing was written.
    #[error("nothing was saved: {0}")]
    Fault(Fault),
    /// Nothing was written now.
    #[error("the request of this idempotency key was done before")]
    Repeated,
    /// The commit failed, yet the events are in the file. Whether they would outlast a loss of power is not known,
    /// and so they are not acknowledged; the board is to be loaded again.
    #[error(
        "the disk failed while saving ({fault}); the events are in the data file, but a loss of power could still take them: look before you repeat"
    )]
    Unsure { events: Vec<EventId>, fault: Fault },
    /// The commit failed, and the file cannot be asked what came of it.
    #[error(
        "the disk failed while saving ({0}), and whether the events were saved is not known: look before you repeat"
    )]
    Unknown(Fault),
}

/// Why foreign events were not taken in. None of the batch was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    #[error("event {number} of the batch ({id}): {error}")]
    Envelope { number: usize, id: EventId, error: EnvelopeError },
    #[error("event {number} of the batch ({id}) belongs to cluster {found}; this node's is {ours}")]
    OtherCluster { number: usize, id: EventId, found: ClusterId, ours: ClusterId },
    #[error("a batch of {0} events; at most {max} are taken at once", max = super::INSERT_MAX)]
    TooMany(usize),
    #[error("nothing was saved: {0}")]
    Fault(Fault),
    /// The commit failed, and may have landed all the same; the board is to be loaded again.
    #[error(
        "the disk failed while saving ({0}), and whether the events were saved is not known: they may be sent again"
    )]
    Unknown(Fault),
}

/// Why the log could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the event log cannot be read: {0}")]
    Fault(#[from] Fault),
    #[error(transparent)]
    Index(#[from] IndexFault),
    #[error("the board has {held} of the {there} events of the log")]
    Behind { held: u64, there: u64 },
    #[error("event {id} in the data file is not what was signed: {error}; restore the file from a backup")]
    Envelope { id: EventId, error: EnvelopeError },
}

impl OpenError {
    pub(super) fn of(path: &std::path::Path, error: redb::DatabaseError) -> Self {
        let path = path.to_owned();
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => {
                OpenError::InUse { directory: path.parent().unwrap_or(&path).to_owned() }
            }
            error => OpenError::of_fault(path, error.into()),
        }
    }

    pub(super) fn of_fault(path: PathBuf, fault: Fault) -> Self {
        match fault {
            Fault::Damaged(what) => OpenError::Damaged { path, what },
            fault => OpenError::Fault { path, fault },
        }
    }

    pub(super) fn other_cluster(path: PathBuf, found: ClusterId, identity: &Identity) -> Self {
        OpenError::OtherCluster { path, found, ours: identity.cluster }
    }
}
