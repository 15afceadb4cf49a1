//! What a snapshot says of itself: which files it is made of, of which board, as of when, and who signed that. Texts
//! that common tools can check; the format byte by byte stands in `docs/snapshot.md`.
//!
//! | module | what is there |
//! |---|---|
//! | [`root`] | the root manifest: one signed text |
//! | [`shard`] | the lists of files that it names, in the format of `sha256sum -c` |
//! | [`hash`] | SHA-256, as 64 hexadecimal digits |
//!
//! This part is pure: it reads no file and no clock.

mod hash;
mod root;
mod shard;

pub use hash::Hash;
pub use root::{ROOT_BYTES_MAX, Root, Signed};
pub use shard::{SHARD_BYTES_MAX, Shard, is_path, shard_of};

/// The root manifest of what stands.
pub const CURRENT: &str = "manifest";
/// That of an update under way.
pub const NEXT: &str = "manifest.next";
/// The one before [`CURRENT`].
pub const PREVIOUS: &str = "manifest.previous";
/// Where the shards stand, each under its own hash.
pub const SHARDS: &str = "manifests/";
/// Begin of the names that are no part of a snapshot.
pub const OURS: &str = ".holdfast";

/// Why a text is no manifest: the line, and what would be right there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("it is longer than {0} bytes")]
    Length(usize),
    #[error("it is not UTF-8 from byte {0} on")]
    Text(usize),
    #[error("it ends in the middle of a line")]
    Unfinished,
    #[error("line {line} is `{found}`; expected {expected}")]
    Line { line: usize, found: String, expected: &'static str },
    #[error("it ends where {0} is expected")]
    Missing(&'static str),
    #[error("its signature is not that of {0}")]
    Signature(domain::id::NodeKey),
}

/// Longest excerpt of a line that a message shows, in characters.
const EXCERPT_LENGTH_MAX: usize = 60;

fn unexpected(line: usize, found: &str, expected: &'static str) -> ManifestError {
    ManifestError::Line { line, found: found.chars().take(EXCERPT_LENGTH_MAX).collect(), expected }
}

/// A text of whole lines, within a bound.
fn text(bytes: &[u8], bytes_max: usize) -> Result<&str, ManifestError> {
    if bytes.len() > bytes_max {
        return Err(ManifestError::Length(bytes_max));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ManifestError::Text(error.valid_up_to()))?;
    match text.is_empty() || text.ends_with('\n') {
        true => Ok(text),
        false => Err(ManifestError::Unfinished),
    }
}
