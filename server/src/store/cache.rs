//! The fold cache: the board as it was after some event, in the file `board.cache` beside the log.
//!
//! It stands apart from the data file, so that it can neither fill it nor stop it, and it is disposable: what cannot be
//! read, has another format or does not agree with the log is passed over.
//!
//! The file is [`MAGIC`], the BLAKE3 of all that follows, 32 bytes that say by which rules the log was folded (the kinds
//! that are known, the keys that are trusted), and the board as CBOR. The board's version says up to which
//! event it is true: its sum is that event's number, because events are numbered from 1 without gaps.

use super::{Store, fault::Fault};
use domain::board::Board;
use std::{
    fs,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::Path,
};

/// The cache's file in the data directory.
pub const CACHE_FILE: &str = "board.cache";
/// Begins the file; its number changes whenever the board's encoding does.
const MAGIC: &[u8] = b"holdfast board 2\n";
/// Of reads and writes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Why the cache was not written. Nothing is lost but time at the next start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fold cache `{CACHE_FILE}` cannot be written: {0}")]
pub struct CacheError(Fault);

impl Store {
    /// Writes the fold cache, whole or not at all. It need not be durable.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn save_board(&self, board: &Board) -> Result<(), CacheError> {
        match &self.0.directory {
            Some(directory) => write(directory, &self.rules(), board).map_err(|error| CacheError(error.into())),
            None => Ok(()),
        }
    }

    /// The cached board; `None` when there is none that can be read.
    pub(super) fn cached_board(&self) -> Option<Board> {
        read(&self.0.directory.as_ref()?.join(CACHE_FILE), &self.rules()).ok()
    }

    /// By which rules this node folds. A board that was folded by others, such as before an update of this program or
    /// before a key was trusted, is not the board of this log.
    fn rules(&self) -> [u8; blake3::OUT_LEN] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[super::version::ENVELOPE]).update(&self.trust().digest());
        for (number, _) in super::body::KINDS {
            hasher.update(&number.to_be_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// Removes the cache, when what it was made of has changed.
    pub(super) fn drop_cached_board(&self) -> io::Result<()> {
        match self.0.directory.as_ref().map(|directory| fs::remove_file(directory.join(CACHE_FILE))) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

struct Hashing<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        Ok(read)
    }
}

fn write(directory: &Path, rules: &[u8; blake3::OUT_LEN], board: &Board) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(MAGIC)?;
    file.write_all(&[0; blake3::OUT_LEN])?;
    let hashing = Hashing { inner: file.as_file(), hasher: blake3::Hasher::new() };
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, hashing);
    writer.write_all(rules)?;
    ciborium::into_writer(board, &mut writer).map_err(|error| match error {
        ciborium::ser::Error::Io(error) => error,
        error => io::Error::other(error.to_string()),
    })?;
    let hash = writer.into_inner().map_err(|error| error.into_error())?.hasher.finalize();
    file.seek(io::SeekFrom::Start(MAGIC.len() as u64))?;
    file.write_all(hash.as_bytes())?;
    file.persist(directory.join(CACHE_FILE)).map_err(|error| error.error)?;
    Ok(())
}

fn read(path: &Path, rules: &[u8; blake3::OUT_LEN]) -> io::Result<Board> {
    let damaged = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut file = fs::File::open(path)?;
    let mut magic = [0; MAGIC.len()];
    let mut hash = [0; blake3::OUT_LEN];
    file.read_exact(&mut magic)?;
    file.read_exact(&mut hash)?;
    if magic != MAGIC {
        return Err(damaged("another format".to_owned()));
    }
    let hashing = Hashing { inner: file, hasher: blake3::Hasher::new() };
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, hashing);
    let mut folded_by = [0; blake3::OUT_LEN];
    reader.read_exact(&mut folded_by)?;
    if folded_by != *rules {
        return Err(damaged("it was folded by other rules".to_owned()));
    }
    let board = ciborium::from_reader(&mut reader).map_err(|error| damaged(error.to_string()))?;
    let end = reader.read(&mut [0])?;
    if end != 0 || reader.into_inner().hasher.finalize().as_bytes() != &hash {
        return Err(damaged("its hash differs".to_owned()));
    }
    Ok(board)
}
