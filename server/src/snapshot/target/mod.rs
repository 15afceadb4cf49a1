//! Where a snapshot is written to: a directory or an object store, by the same few operations, each of which a reader
//! sees either not at all or whole.
//!
//! | module | what is there |
//! |---|---|
//! | [`bucket`] | an object store: a bucket of S3, Google or Azure |
//! | [`directory`] | a directory of this machine: files beside, then renamed |

pub mod bucket;
pub mod directory;

use super::manifest::Hash;
use std::{fmt, future::Future, path::Path, pin::Pin};

pub use bucket::Bucket;
pub use directory::Directory;

/// What an operation of a target comes to, later. Boxed, so that a list of mirrors of different kinds is one list.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, TargetError>> + Send + 'a>>;

/// What a file is to become.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// A file of the staging directory. The target may move it away: it is not read again.
    Staged(&'a Path),
}

/// What a file's headers are, where the target can hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    pub content_type: &'static str,
    /// Of a page that there is in several languages.
    pub content_language: Option<&'static str>,
    pub cache_control: &'static str,
}

/// A place for the files of one snapshot. Paths are relative, with `/` between their parts.
///
/// An update is driven from a thread of its own, since it renders: operations may block it.
pub trait Target: Send + Sync {
    /// For messages: a directory's path or a bucket's URL, never a credential.
    fn name(&self) -> String;

    /// The bytes of a file; `None` when there is none. Longer than `bytes_max` is an error.
    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>>;

    /// Creates or replaces a file as a whole.
    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, attributes: Attributes) -> Answer<'a, ()>;

    /// Creates a file; `false` when there is one already. Where the storage knows no such condition, another writer may
    /// slip in between: an update looks once more before it counts.
    fn create<'a>(&'a self, path: &'a str, bytes: &'a [u8], attributes: Attributes) -> Answer<'a, bool> {
        Box::pin(async move {
            if self.get(path, u64::MAX).await?.is_some() {
                return Ok(false);
            }
            self.put(path, Content::Bytes(bytes), attributes).await.map(|()| true)
        })
    }

    /// Removes a file. One that is not there is no error.
    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()>;

    /// The names of files below a folder, which ends in a slash, `count_max` of them at most; `None` where nobody may ask,
    /// or the storage knows no such question. Only for tidying up: nothing else may depend on it.
    fn names<'a>(&'a self, _folder: &'a str, _count_max: usize) -> Answer<'a, Option<Vec<String>>> {
        Box::pin(async { Ok(None) })
    }

    /// What was put until now outlives a loss of power. Object stores promise that with each put.
    fn settle(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Whether a file that the manifest lists is there as listed, as far as that is known without asking anybody; asked
    /// when everything is written anew, so that what was damaged is mended.
    fn holds(&self, _path: &str, _hash: Hash) -> bool {
        true
    }

    /// Whether nobody else can write there meanwhile.
    fn is_held(&self) -> bool {
        false
    }

    /// Whether what waits for it may wait in memory: then a full disk of this machine stops no small update.
    fn is_elsewhere(&self) -> bool {
        false
    }
}

/// Why an operation of a target failed: what, on which file, and the cause.
#[derive(Debug, thiserror::Error)]
#[error("{operation} `{path}` in {target}: {cause}")]
pub struct TargetError {
    pub operation: &'static str,
    pub path: String,
    pub target: String,
    pub cause: Box<dyn std::error::Error + Send + Sync>,
    pub trouble: Trouble,
}

/// Of what kind a failure is, as far as the target's answer shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    /// What opens it is wrong, or may not do this.
    Refused,
    /// There is no such bucket or container.
    NoBucket,
    /// No answer, or none that makes sense.
    Unreached,
    #[default]
    Other,
}

impl TargetError {
    pub fn new(
        operation: &'static str,
        path: &str,
        target: &dyn Target,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> TargetError {
        TargetError {
            operation,
            path: path.to_owned(),
            target: target.name(),
            cause: cause.into(),
            trouble: Trouble::Other,
        }
    }

    /// A file that is longer than what reads it allows.
    pub fn too_long(path: &str, target: &dyn Target, bytes_max: u64) -> TargetError {
        TargetError::new("reading", path, target, too_long(bytes_max))
    }
}

/// Why a file is not read, and what would be right.
pub fn too_long(bytes_max: u64) -> String {
    format!(
        "is longer than {bytes_max} bytes, which no file of its kind is; write the snapshot anew, or take another copy"
    )
}

impl fmt::Debug for dyn Target + '_ {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}
