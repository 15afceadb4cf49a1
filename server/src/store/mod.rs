//! The event log in redb. Every call blocks; `publish` takes it off the async threads.
//!
//! | module | what is there |
//! |---|---|
//! | [`envelope`] | header, signature and id of an event, byte by byte |
//! | [`body`] | kinds and their payloads |
//! | [`identity`] | the node's key and the cluster key |
//! | [`tables`] | the tables of the data file |
//! | `file` | the open data file, and how it comes back after a failure |
//! | [`fault`] | what can go wrong, in words for operators |
//! | `append` | own events: signed, numbered, durable |
//! | `insert` | events of other nodes: verified, without duplicates |
//! | `keep` | the rows that every event has, whoever wrote it |
//! | `read` | events of a subject, incidents, pages of records |
//! | [`digest`] | which events are held, in a few bytes |
//! | `load` | the board from the log and its index |
//! | `index` | the disposable index of all incidents, and `history` what is asked of it |
//! | `check` | proof that the log answers |
//! | `nodes` | whose events count here |
//! | [`redact`] | bodies erased, and kept from coming back |
//! | [`missing`] | bodies that are not here and should be |
//! | `rewrite` | the data file made anew, without what was erased |
//! | `undone` | what a removed node had ended, and what is good again |
//! | `room` | how much the disk still has |
//! | [`rotate`] | a new key for this node |
//! | `confirmed` | as of when all news were here, beside the log |
//! | [`requests`] | idempotency keys, kept with what was written under them |
//! | [`stream`] | events as one file, to export and import |
//! | [`version`] | which versions of the encoding are written and read |
//! | `secret` | secrets sealed with the cluster key |
//!
//! This part never changes an event's bytes, and never drops one because it does not understand it.

mod append;
pub mod body;
mod check;
mod confirmed;
pub mod digest;
pub mod envelope;
pub mod fault;
mod file;
mod history;
pub mod identity;
mod index;
mod insert;
mod keep;
mod load;
pub mod missing;
mod nodes;
pub mod open;
mod read;
pub mod redact;
pub mod requests;
mod rewrite;
mod room;
pub mod rotate;
mod secret;
pub mod stream;
pub mod tables;
mod undone;
pub mod version;

pub use digest::SetDigest;
pub use envelope::{ClusterId, Header, Record};
pub use fault::{AppendError, InsertError, OpenError, ReadError};
pub use identity::{Identity, IdentityError};
pub use index::{INDEX_FILE, IndexFault};
pub use insert::{INSERT_MAX, Inserted, drag_end};
pub use load::Loaded;
pub use missing::BodyCounts;
pub use read::RECORDS_MAX;

use std::{fmt, path::PathBuf, sync::Arc};

/// The event log of one node. A clone is the same log.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    identity: Identity,
    file: file::File,
    index: index::Index,
    nodes: nodes::Nodes,
    /// `None` for a log that is not in a directory.
    directory: Option<PathBuf>,
    digests: digest::Digests,
    bodies: missing::Counts,
}

impl Store {
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Store").field("identity", &self.0.identity).field("directory", &self.0.directory).finish()
    }
}
